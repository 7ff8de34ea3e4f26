"""Running the command line in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from desktop_crm.cli import main

if TYPE_CHECKING:
    import pytest


class Shell:
    """Runs commands; keeps the exit code, what was answered and what was said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], db: str = "") -> None:
        self.capsys = capsys
        self.db = db
        self.code = 0
        self.out = ""
        self.err = ""

    def run(self, *arguments: str | int) -> str:
        """Run a command on the company `db` and return its standard output."""
        self.capsys.readouterr()
        self.code = main([*(["--db", self.db] if self.db else []), *map(str, arguments)])
        self.out, self.err = self.capsys.readouterr()
        return self.out

    def json(self, *arguments: str | int, code: int = 0) -> dict[str, Any]:
        """Run a command with ``--json``, see that it ends with `code`, and return its answer."""
        self.run(*arguments, "--json")
        assert self.code == code, self.err
        answer: dict[str, Any] = json.loads(self.out)
        assert self.out.count("\n") == 1
        return answer
