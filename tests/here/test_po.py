"""tools/po.py finds texts that are untranslated, gone, or translated with other placeholders."""

import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

import po  # noqa: E402

HEADER = r'''msgid ""
msgstr ""
"Project-Id-Version: sampan\n"
"Report-Msgid-Bugs-To: \n"
"PO-Revision-Date: 2026-01-01 00:00+0000\n"
"Last-Translator: The sampan authors\n"
"Language-Team: Chinese\n"
"Language: zh_CN\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"
'''

SOURCE = '''const char* waiting = N_("waiting for {}");
auto s = _("100 % done, as {{}} says");
auto n = ngettext("one file", "{} files", count);
'''

DONE = HEADER + '''
#: src/cli/a.cc
msgid "waiting for {}"
msgstr "等待 {}"

#: src/cli/a.cc
msgid "100 % done, as {{}} says"
msgstr "完成"

#: src/cli/a.cc
msgid "one file"
msgid_plural "{} files"
msgstr[0] "{} 个文件"
'''


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr(po, "ROOT", tmp_path)
    (tmp_path / "src/cli").mkdir(parents=True)
    (tmp_path / "src/cli/a.cc").write_text(SOURCE, "utf-8")
    (tmp_path / "po").mkdir()
    (tmp_path / "po/zh_CN.po").write_text(DONE, "utf-8")
    return tmp_path


def run(monkeypatch, word):
    monkeypatch.setattr(sys, "argv", ["po.py", word])
    return po.main()


def test_catalogue_in_step_passes_and_update_leaves_it_alone(repository, monkeypatch, capsys):
    assert run(monkeypatch, "check") == 0, capsys.readouterr().out
    assert run(monkeypatch, "update") == 0
    assert (repository / "po/zh_CN.po").read_text("utf-8") == DONE


@pytest.mark.parametrize(
    "name, old, new, complaint",
    [
        ("src/cli/a.cc", "waiting for {}", "still waiting for {}", "not in step"),
        ("src/cli/a.cc", 'auto s = _("100 % done, as {{}} says");\n', "", "not in step"),
        ("po/zh_CN.po", '"等待 {}"', '""', 'untranslated: "waiting for {}"'),
        ("po/zh_CN.po", "等待 {}", "等待", "other placeholders"),
        ("po/zh_CN.po", "{} 个文件", "{} 个文件 {}", "other placeholders"),
        ("po/zh_CN.po", '\nmsgid "waiting', '\n#, fuzzy\nmsgid "waiting', "fuzzy"),
    ],
)
def test_complaint(repository, monkeypatch, capsys, name, old, new, complaint):
    path = repository / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    assert run(monkeypatch, "check") == 1
    assert complaint in capsys.readouterr().out


def test_update_brings_new_texts_untranslated(repository, monkeypatch, capsys):
    with open(repository / "src/cli/a.cc", "a", encoding="utf-8") as source:
        source.write('auto t = _("new");\n')
    assert run(monkeypatch, "update") == 0
    assert 'msgid "new"\nmsgstr ""\n' in (repository / "po/zh_CN.po").read_text("utf-8")
    assert run(monkeypatch, "check") == 1
    assert 'untranslated: "new"' in capsys.readouterr().out
