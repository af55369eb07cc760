#!/usr/bin/env bash
# Everything that can be found without running sampan. Called by `./x lint`, which installs the tools and configures
# build/release first. Goes on after a finding, so that one run shows them all.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
PYTHON=/usr/bin/python3

failed=()

# step NAME COMMAND...
step() {
  local name=$1 started=$SECONDS
  shift
  if "$@"; then
    printf 'lint: %-12s ok, %d s\n' "$name" $((SECONDS - started))
  else
    printf 'lint: %-12s FAILED\n' "$name"
    failed+=("$name")
  fi
}

# ours PATTERN: the files of that name outside build/, each ended by NUL.
ours() { find . \( -path ./build -o -path ./.git \) -prune -o -name "$1" -type f -printf '%P\0'; }

# Names the files only: `./x format` knows the rest.
format() {
  local said
  said=$({ ours '*.h' && ours '*.cc'; } | xargs -0r clang-format --dry-run 2>&1)
  if [[ -z $said ]]; then return; fi
  printf 'places that ./x format would change, or why clang-format did not run:\n'
  sed -n -e 's/^\([^: ]*\):[0-9].*clang-formatted.*/\1/p' -e '/^[^ ]*error/p' <<<"$said" | uniq -c
  return 1
}

scripts() { shellcheck x .ci/run tools/*.sh; }

# Compiles to nowhere: the folders stay free of caches.
python_syntax() {
  ours '*.py' | xargs -0r "$PYTHON" -c '
import pathlib, sys
for name in sys.argv[1:]:
    compile(pathlib.Path(name).read_text("utf-8"), name, "exec")'
}

step format format
step walls "$PYTHON" tools/walls.py
step hygiene "$PYTHON" tools/hygiene.py
step scripts scripts
step python python_syntax
step po "$PYTHON" tools/po.py check
step tidy "$PYTHON" tools/tidy.py build/release

if ((${#failed[@]} > 0)); then
  printf 'lint: failed: %s\n' "${failed[*]}"
  exit 1
fi
