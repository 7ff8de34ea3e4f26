"""The image of the start: what is in it is loaded from it, and whatever may be wrong with it, the program loads its files as ever."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base import image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "loaded_from_an_image"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a package of one file that Python finds, with its bytecode."""
    folder = tmp_path / NAME
    folder.mkdir()
    path = folder / "__init__.py"
    path.write_text("VALUE = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield path
    sys.modules.pop(NAME, None)


@pytest.fixture
def written(source: Path, tmp_path: Path) -> Path:
    """Return an image with the package in it."""
    part = image.bytecode(importlib.import_module(source.parent.name))
    assert part is not None
    place = tmp_path / "start.image"
    image.write_image(place, {NAME: part}, {"a\0b": b"code"})
    del sys.modules[NAME]
    return place


def test_a_module_comes_from_the_image(source: Path, written: Path) -> None:
    read = image.read_image(written)
    spec = read.find_spec(NAME)
    assert spec is not None
    assert (spec.origin, spec.submodule_search_locations, read.texts) == (str(source), [str(source.parent)], {"a\0b": b"code"})
    module = importlib.util.module_from_spec(spec)
    read.exec_module(module)
    assert (module.VALUE, module.__file__, module.__path__) == (1, str(source), [str(source.parent)])
    read.leave()
    assert read.find_spec(NAME) is None


def test_a_module_that_was_found_is_loaded_though_the_image_was_left_meanwhile(written: Path) -> None:
    read = image.read_image(written)
    spec = read.find_spec(NAME)
    read.leave()
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    read.exec_module(module)
    assert module.VALUE == 1


def test_a_source_that_changed_is_looked_at_itself(source: Path, written: Path) -> None:
    read = image.read_image(written)
    kept = source.stat()
    source.write_text("VALUE = 2\n", encoding="utf-8")
    os.utime(source, ns=(kept.st_atime_ns, kept.st_mtime_ns + 1))
    assert read.find_spec(NAME) is None
    source.unlink()
    assert read.find_spec(NAME) is None


def test_bytecode_of_another_source_is_not_taken(source: Path) -> None:
    module = importlib.import_module(source.parent.name)
    source.write_text("VALUE = 22\n", encoding="utf-8")
    assert image.bytecode(module) is None


@pytest.mark.parametrize("content", [b"", b"nothing", "half", "other"])
def test_a_damaged_image_and_one_of_another_python_are_as_none(written: Path, content: bytes | str, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(content, bytes):
        written.write_bytes(content)
    elif content == "half":
        written.write_bytes(written.read_bytes()[:60])
    else:
        monkeypatch.setattr(sys, "version", "another")
    assert image.read_image(written).parts == {}
    assert image.read_image(written.with_name("none")).parts == {}


def test_where_it_cant_be_written_the_program_does_without(source: Path, tmp_path: Path) -> None:
    part = image.bytecode(importlib.import_module(source.parent.name))
    assert part is not None
    (tmp_path / "file").write_bytes(b"")
    image.write_image(tmp_path / "file" / "start.image", {NAME: part}, {})


PROGRAM = """
import sys
from pathlib import Path
sys.dont_write_bytecode = False
from desktop_crm.base import image
image.PLACE = Path(sys.argv[1])
image.use_image()
from desktop_crm.base.lazily import dataclass
import desktop_crm.domain.conditions

@dataclass
class Pair:
    one: int
    two: int = 2

Pair(1)
print([desktop_crm.domain.conditions.__loader__ is image._image, image._image.grown])
image.leave_image()
from desktop_crm.domain import money
assert money.__loader__ is not image._image
"""


def test_the_second_start_finds_what_the_first_left(tmp_path: Path) -> None:
    def start() -> str:
        done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / "start.image")], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert (start(), start()) == ("[False, True]", "[True, False]")
