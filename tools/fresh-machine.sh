#!/usr/bin/env bash
# Proves that a bare Debian 12 and git are enough: makes such a machine with debootstrap, clones the last commit into it,
# serves a folder, gets a file, runs the tests. Needs root, debootstrap and a Debian mirror; takes 10 to 20 minutes.
#
# Usage: tools/fresh-machine.sh [--reuse BASE] [FOLDER]
#   FOLDER        where the machine's root is made; must not exist yet (default: a temporary one). Removed at the end.
#   --reuse BASE  a pristine root to copy from; made there first when it is missing.
set -euo pipefail

REPOSITORY=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
# Bounds, in seconds, for what hangs when a network does. Several times what 2 cores need.
BOOTSTRAP_LIMIT=1200
SESSION_LIMIT=3600

session= # process of the running session

say() { printf 'fresh-machine: %s\n' "$*"; }
die() {
  say "$@" >&2
  exit 1
}

main() {
  local base='' folder=''
  while (($# > 0)); do
    case $1 in
      --reuse) base=${2:?--reuse needs a folder} && shift 2 ;;
      -*) die "unknown option $1" ;;
      *) folder=$1 && shift ;;
    esac
  done
  if ((EUID != 0)); then die "must be root: it makes a root file system and enters it"; fi
  command -v debootstrap >/dev/null || die "needs debootstrap: apt-get install debootstrap"
  if [[ -z $folder ]]; then
    folder=$(mktemp -d)
  elif ! mkdir -- "$folder"; then
    die "give a folder that is not there yet: it is removed at the end"
  fi
  # shellcheck disable=SC2064  # the name now, not at the end
  trap "clean_up '$folder'" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  if [[ -n $base ]]; then
    if [[ ! -e $base/etc/debian_version ]]; then bootstrap "$base"; fi
    cp -a --reflink=auto -- "$base/." "$folder/"
  else
    bootstrap "$folder"
  fi
  connect "$folder"
  # The newcomer's clone has what is committed, nothing else of this folder.
  git -C "$REPOSITORY" bundle create --quiet "$folder/root/sampan.bundle" HEAD
  run_session "$folder"
  say "passed"
}

# The mounts were made in a namespace that ended with the session: nothing of this machine is under the folder.
clean_up() {
  if [[ -n $session ]]; then
    kill "$session" 2>/dev/null || true
    wait "$session" || true
  fi
  rm -rf --one-file-system -- "$1"
}

# A machine as a newcomer has it: minimal Debian 12, and git to fetch the sources with.
bootstrap() {
  say "debootstrap into $1"
  # Made beside and moved when whole: an interrupted one must not be reused.
  rm -rf --one-file-system -- "$1.new"
  timeout "$BOOTSTRAP_LIMIT" debootstrap --variant=minbase --include=git bookworm "$1.new" "$MIRROR" >"$1.log" 2>&1 || {
    tail -5 "$1.log" >&2
    die "debootstrap failed; all of it: $1.log"
  }
  mv -T -- "$1.new" "$1"
  rm -f -- "$1.log"
}

# What a machine gets from the network it is plugged into: names, and the way to the mirror.
connect() {
  local file
  for file in resolv.conf hosts; do
    if [[ -e /etc/$file ]]; then cat "/etc/$file" >"$1/etc/$file"; fi
  done
  apt-config dump | grep -i '^Acquire::https\?::Proxy' >"$1/etc/apt/apt.conf.d/90network" || true
}

# Runs newcomer() inside. The namespaces end with it, and with them its processes and mounts, however it ends.
run_session() {
  say "session in $1"
  {
    declare -f newcomer say
    printf 'set -euo pipefail\nnewcomer\n'
  } >"$1/session.sh"
  # shellcheck disable=SC2016  # expanded inside
  timeout --kill-after=10 "$SESSION_LIMIT" unshare --mount --pid --fork --kill-child bash -c '
    set -euo pipefail
    mount -t proc proc "$1/proc"
    mount -t sysfs -o ro sysfs "$1/sys"
    mount --rbind /dev "$1/dev"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$1/dev/pts"
    exec env -i HOME=/root TERM=linux PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$1" bash /session.sh
  ' session "$1" </dev/null &
  # In the background, so that a signal reaches this script while it waits.
  session=$!
  wait "$session"
  session=
}

# What the README tells a newcomer to type.
newcomer() {
  cd
  git -c advice.detachedHead=false clone --quiet sampan.bundle sampan
  cd sampan
  say "./x serve, ./x get"
  ./x serve -p 0 -b 127.0.0.1 /usr/share/common-licenses >~/addresses 2>~/serve.log &
  local server=$! address='' deadline=$((SECONDS + 1200))
  while [[ -z $address ]]; do
    if ! kill -0 "$server" 2>/dev/null || ((SECONDS > deadline)); then
      cat ~/serve.log
      say "./x serve did not come up"
      return 1
    fi
    sleep 0.2
    address=$(sed -n 's/^listening on //p' ~/addresses)
  done
  say "serving after $SECONDS s"
  ./x get -d ~ "tcp://$address/GPL-3"
  cmp /usr/share/common-licenses/GPL-3 ~/GPL-3
  kill -TERM "$server"
  wait "$server"
  say "got a file, the same to the byte; the server ended with 0"
  say "./x test"
  ./x test
}

main "$@"
