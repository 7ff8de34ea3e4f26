"""Every text of the program is there in every language, with its placeholders."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import catalogs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

INSIDE = re.compile(r"[a-z] \{entity\}")
LABELS = {"singular", "plural", "title"}


def test_the_catalogues_match_the_source() -> None:
    assert catalogs.problems() == [], "run: python3 dev.py translations"


def test_the_name_of_a_list_is_small_inside_a_sentence() -> None:
    """English writes “This invoice request”, not “This Invoice request”."""
    wrong = []
    for path in sorted(catalogs.SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "format":
                continue
            texts = [part.value for part in ast.walk(node.func.value) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            names = [word.value for word in node.keywords if word.arg == "entity"]
            if any(INSIDE.search(text) for text in texts) and any(isinstance(name, ast.Attribute) and name.attr in LABELS for name in names):
                wrong.append(f"{path.name}:{node.lineno}: in_sentence is missing")
    assert wrong == []


def test_a_text_is_carried_from_a_file_through_both_languages_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "screen.py").write_text('_("Save {count} files")\nngettext("{n} row", "{n} rows", n)\n_("Lost")\n', encoding="utf-8")
    monkeypatch.setattr(catalogs, "SOURCE", source)
    monkeypatch.setattr(catalogs, "LOCALE", tmp_path / "locale")
    given = tmp_path / "given.po"
    given.write_text(
        'msgid "Save {count} files"\nmsgstr "保存{n}个文件"\n\nmsgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} 行"\n', encoding="utf-8"
    )
    catalogs.update([given])
    assert catalogs.problems() == [
        "zh_CN: not translated: 'Lost'",
        "zh_CN: placeholders differ in '保存{n}个文件': 'Save {count} files'",
        "zh_TW: not translated: 'Lost'",
        "zh_TW: placeholders differ in '儲存{n}個檔案': 'Save {count} files'",
    ]
    traditional = catalogs.po_path("zh_TW")
    by_hand = traditional.read_text(encoding="utf-8").replace("{n} 行", "{n} 列")
    traditional.write_text(by_hand, encoding="utf-8")
    given.write_text('msgid "Save {count} files"\nmsgstr "保存 {count} 个文件"\n\nmsgid "Lost"\nmsgstr "丢失"\n', encoding="utf-8")
    catalogs.update([given])
    assert catalogs.problems() == []
    text = traditional.read_text(encoding="utf-8")
    assert "{n} 列" in text, "a translation made by hand stays"
    assert "儲存 {count} 個檔案" in text, "a derived one follows its source"
    assert catalogs.compile_catalogs()
    assert catalogs.compile_catalogs() == []
