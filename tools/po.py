#!/usr/bin/python3
"""Keeps po/*.po in step with the texts in src/.

Usage: po.py check    fails on a text that is new, changed, gone, untranslated, or translated with other placeholders
       po.py update   rewrites the catalogues; new texts come untranslated, for a person to fill in
A text to translate is the literal in _("…"), N_("…") (marked here, translated where it is shown) or ngettext("…", "…", n).
"""

import ast
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
KEYWORDS = ["_", "N_", "ngettext:1,2"]
STYLE = ["--add-location=file", "--no-wrap"]  # line numbers would change with every edit


def run(*words):
    return subprocess.run([str(word) for word in words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def template(path):
    """Writes all texts of the sources to `path`."""
    names = sorted(str(name.relative_to(ROOT)) for name in (ROOT / "src").rglob("*") if name.suffix in (".h", ".cc"))
    keywords = ["--keyword", *(f"--keyword={word}" for word in KEYWORDS)]
    # Placeholders are fmt's, `{}`; a percent sign in a text means nothing.
    flags = [f"--flag={word.split(':')[0]}:{n}:no-c-format" for word in KEYWORDS for n in (1, 2)]
    run("xgettext", "--language=C++", "--from-code=UTF-8", "--add-comments=Translators:", *keywords, *flags, *STYLE,
        "--package-name=sampan", "-o", path, *[name for name in names if not name.endswith("_test.cc")])


def merged(catalogue, pot, result):
    """The catalogue as it should be: the template's texts with the translations there are; `result` gets it."""
    run("msgmerge", "--quiet", "--no-fuzzy-matching", *STYLE, "-o", result, catalogue, pot)
    text = run("msgattrib", "--no-obsolete", *STYLE, result)
    # When the template was made would make every check fail; the flag is for the tools above and says nothing to people.
    text = re.sub(r'^"POT-Creation-Date:.*\n|^#, no-c-format\n|(?<=.), no-c-format', "", text, flags=re.MULTILINE)
    result.write_text(text, "utf-8")
    return text


def entries(text):
    """Yields the originals and translations of each entry of a catalogue, as two lists."""
    for block in re.split(r"\n\s*\n", text):
        found = re.findall(r'^(msgid|msgid_plural|msgstr)(?:\[\d+\])? ((?:"(?:\\.|[^"\\])*"\s*)+)', block, re.MULTILINE)
        texts = [(kind, "".join(map(ast.literal_eval, re.findall(r'"(?:\\.|[^"\\])*"', value)))) for kind, value in found]
        originals = [value for kind, value in texts if kind != "msgstr"]
        if originals and originals[0]:  # the header has none
            yield originals, [value for kind, value in texts if kind == "msgstr"]


def placeholders(text):
    return sorted(re.findall(r"\{[^{}]*\}", text.replace("{{", "").replace("}}", "")))


def complaints(text):
    for originals, translations in entries(text):
        if not all(translations):
            yield f'untranslated: "{originals[0]}"'
        # The plural has all placeholders; a singular may spell its number out.
        for translation in filter(None, translations):
            if placeholders(translation) != placeholders(originals[-1]):
                yield f'other placeholders than the original: "{originals[-1]}" → "{translation}"'
    if re.search(r"^#,.*\bfuzzy\b", text, re.MULTILINE):
        yield "an entry is marked fuzzy"


def check(catalogue, pot, scratch):
    current = catalogue.read_text("utf-8")
    subprocess.run(["msgfmt", "--check", "-o", "/dev/null", str(catalogue)], check=True)
    if merged(catalogue, pot, scratch) != current:
        yield "not in step with the sources; run ./x po"
    yield from complaints(current)


def main():
    catalogues = sorted((ROOT / "po").glob("*.po"))
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        pot, scratch = pathlib.Path(folder, "sampan.pot"), pathlib.Path(folder, "merged.po")
        template(pot)
        for catalogue in catalogues if pot.exists() else []:  # no texts, no template
            if sys.argv[1] == "update":
                catalogue.write_text(merged(catalogue, pot, scratch), "utf-8")
                continue
            for complaint in check(catalogue, pot, scratch):
                print(f"{catalogue.relative_to(ROOT)}: {complaint}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["update"]):
        sys.exit(__doc__)
    sys.exit(main())
