"""What a verb answers, and how it is said: one JSON object on standard output, or lines a person reads."""

from __future__ import annotations

import json
import sys
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass

DONE: Final = 0
REFUSED: Final = 1
WRONG_USAGE: Final = 2
NOT_REACHED: Final = 3
SHOWN_EVERY: Final = 10


class Percent:
    """Says how far long work has come, on standard error, where somebody is looking."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, done: int, total: int) -> None:
        """Say every tenth part done."""
        percent = 100 * done // total if total else 0
        if percent >= self._said + SHOWN_EVERY and sys.stderr.isatty():
            self._said = percent
            tell(f"{percent}%")

    def about(self, part: str) -> None:
        """Say which part of the work begins; it is counted from nothing."""
        self._said = 0
        if sys.stderr.isatty():
            tell(part)


class Usage(Exception):
    """The command line can't be understood; the message says what would be."""


@dataclass
class Answer:
    """What a verb found or did: `data` for programs, `lines` for people; `refused` where not all of it could be done."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    refused: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code this answer ends with."""
        return REFUSED if self.refused else DONE


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: exact decimals and ISO dates as texts."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def give(answer: Answer, *, as_json: bool) -> int:
    """Write an answer to standard output and return the exit code."""
    if as_json:
        sys.stdout.write(json.dumps(answer.data, ensure_ascii=False, default=plain) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in answer.lines)
    return answer.exit_code


def tell(message: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(f"{message}\n")


def table(headings: list[str], rows: list[list[str]]) -> list[str]:
    """Return a table as lines with tabs, which line up in a spreadsheet and are easily cut."""
    return ["\t".join(" ".join(cell.split()) for cell in row) for row in [headings, *rows]]


def first_line(source: str) -> str:
    """Return the first line of a file, or of standard input where `source` is -; raises UserError where it can't be read."""
    try:
        text = sys.stdin.readline() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UserError(_("{path} can't be read: {reason}").format(path=source, reason=disk_reason(problem))) from problem
    return (text.splitlines() or [""])[0]
