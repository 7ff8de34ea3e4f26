"""The bundle's modules in one file: what is written is found and runs as from its own files."""

from __future__ import annotations

import marshal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import bundle_modules

if TYPE_CHECKING:
    from pathlib import Path


def test_modules_come_from_the_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, part = tmp_path / "__init__.py", tmp_path / "part.py"
    package.write_text('"""A package."""\nfrom bundled_for_a_test.part import double\n', encoding="utf-8")
    part.write_text('"""A part."""\n\n\ndef double(value: int) -> int:\n    """Return twice."""\n    return 2 * value\n', encoding="utf-8")
    bundle_modules.write(tmp_path / bundle_modules.NAME, [("bundled_for_a_test", str(package)), ("bundled_for_a_test.part", str(part))], [("beside", "beside.so")], marshal.dumps({("a.py", "1"): 2}))
    finder = bundle_modules.Modules(str(tmp_path), "/")
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    try:
        made = import_module("bundled_for_a_test")
        assert made.double(21) == 42
        assert made.double.__doc__ is None, "texts that only explain are left out"
        assert made.__path__ == [f"{tmp_path}/bundled_for_a_test"]
        assert made.__file__ == f"{tmp_path}/bundled_for_a_test/__init__.py"
        assert made.double.__code__.co_filename == "bundled_for_a_test/part.py", "no path of the computer it was built on"
        assert finder.is_package("bundled_for_a_test")
        assert not finder.is_package("beside")
        extension = finder.find_spec("beside")
        assert extension is not None
        assert extension.origin == f"{tmp_path}/beside.so"
        assert finder.find_spec("elsewhere") is None
        assert finder.texts() == {("a.py", "1"): 2}
        with pytest.raises(KeyError):
            finder.get_code("beside")
    finally:
        finder.file.close()
        for name in ("bundled_for_a_test", "bundled_for_a_test.part"):
            sys.modules.pop(name, None)


def test_what_asks_pyinstaller_for_its_files_stays_there() -> None:
    assert bundle_modules.wanted("desktop_crm.ui.list_page")
    assert bundle_modules.wanted("json.decoder")
    assert not bundle_modules.wanted("reportlab.pdfgen")
