"""The layers of the architecture, as declared for import-linter in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from tests.support.children import python

ROOT = Path(__file__).resolve().parents[1]


def test_imports_keep_to_the_layers() -> None:
    # In a process of its own: import-linter sets up logging anew and so silences the loggers of the program.
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = python(["-c", command], cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
