"""docs/adding-an-entity.md is true: one file, one migration and one line make an entity that passes the conformance suite."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from desktop_crm.base.settings import HOME_VARIABLE
from tests.support.children import python

if TYPE_CHECKING:
    import subprocess

ROOT: Final = Path(__file__).resolve().parent.parent
GUIDE: Final = ROOT / "docs" / "adding-an-entity.md"
COPIED: Final = ("desktop_crm", "resources", "tests/conformance", "tests/support", "tests/conftest.py", "tests/__init__.py", "catalogs.py", "pyproject.toml")
CHECKS: Final = 8
"""Tests the suite has for one entity on one engine, at least."""


def blocks(language: str) -> list[str]:
    """Return the code blocks of the guide in one language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(arguments, cwd=folder)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of what the program and its conformance suite consist of, without the fonts, which they don't need."""
    folder = tmp_path / "project"
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "fonts"))
        else:
            shutil.copy(source, target)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home of the copy"))
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_one_file_one_migration_and_one_line_are_enough(project: Path) -> None:
    declaration, line = blocks("python")
    (command,) = blocks("sh")
    (translations,) = blocks("po")
    migration = project / command.partition(">")[2].strip()
    assert not list(migration.parent.glob(f"{migration.name[:4]}*")), "the guide's number is taken: give it the next free one"

    (project / "desktop_crm/models/entities/vehicle.py").write_text(declaration, encoding="utf-8")
    register = project / "desktop_crm/models/entities/__init__.py"
    register.write_text(register.read_text(encoding="utf-8").replace("\n)\n", f"\n{line})\n", 1), encoding="utf-8")
    printed = run(project, "-m", "desktop_crm.models.freeze", "vehicle")
    assert printed.returncode == 0, printed.stderr
    migration.write_text(printed.stdout, encoding="utf-8")
    (project / "vehicle.po").write_text(translations, encoding="utf-8")
    updated = run(project, "catalogs.py", "update", "vehicle.po")
    assert not updated.stderr, updated.stderr

    suite = run(project, "-m", "pytest", "tests/conformance", "-k", "vehicle and not mysql", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert suite.returncode == 0, suite.stdout
    passed = re.search(r"(\d+) passed", suite.stdout)
    assert passed, suite.stdout
    assert int(passed[1]) >= CHECKS, suite.stdout
