"""What this computer knows of the backups it made of a company: the last proven one, what failed, what a second folder is owed."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.files import write_atomically
from desktop_crm.base.plans import company_file

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)
_UNWRITTEN: dict[str, BackupRecord] = {}
"""Records that the disk refused, by company."""


@dataclass(frozen=True)
class Made:
    """A proven backup this computer made: `number` counts them, `at` is aware UTC, `size` in bytes, `seconds` is what it took.

    `change_set` is the company's last one in it; `folder` and `name` are where it is; `copied` tells whether the second folder has it.
    `rotated` means that it was to be deleted and not every file of it could be yet.
    """

    number: int
    name: str
    folder: str
    at: datetime
    size: int
    seconds: float
    change_set: int
    copied: bool = False
    rotated: bool = False

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self.folder) / self.name


@dataclass(frozen=True)
class Failure:
    """What went wrong last, and when (aware UTC)."""

    at: datetime
    message: str


@dataclass(frozen=True)
class BackupRecord:
    """The backups made and not yet rotated out, the oldest first; the `failure` since the last proven one, if any.

    `second_failure` tells why the second folder couldn't be written last time.
    """

    made: tuple[Made, ...] = ()
    failure: Failure | None = None
    second_failure: Failure | None = None

    @property
    def last(self) -> Made | None:
        """The last proven backup."""
        return self.made[-1] if self.made else None

    def with_made(self, made: Made) -> BackupRecord:
        """Return the record with one more backup, which clears the failure."""
        return replace(self, made=(*self.made, made), failure=None)

    def without(self, numbers: Iterable[int]) -> BackupRecord:
        """Return the record without some backups."""
        gone = set(numbers)
        return replace(self, made=tuple(made for made in self.made if made.number not in gone))

    def with_copied(self, numbers: Iterable[int]) -> BackupRecord:
        """Return the record with some backups in the second folder too."""
        there = set(numbers)
        return replace(self, made=tuple(replace(made, copied=made.copied or made.number in there) for made in self.made))

    def with_rotated(self, numbers: Iterable[int]) -> BackupRecord:
        """Return the record with some backups marked as to be deleted."""
        old = set(numbers)
        return replace(self, made=tuple(replace(made, rotated=made.rotated or made.number in old) for made in self.made))


def load_record(url: str) -> BackupRecord:
    """Return what is known of the backups of the company at `url`; one that can't be understood is said in the log and begun anew."""
    if url in _UNWRITTEN:
        return _UNWRITTEN[url]
    path = company_file(url, "backups")
    try:
        saved = json.loads(path.read_bytes())
        made = tuple(sorted((_made(item) for item in saved["made"]), key=lambda item: item.number))
        return BackupRecord(made, _failure(saved["failure"]), _failure(saved["second_failure"]))
    except FileNotFoundError:
        return BackupRecord()
    except (ValueError, TypeError, KeyError) as problem:
        log.warning("The record of backups %s could not be read (%s); it is begun anew", path, problem)
        return BackupRecord()


def save_record(url: str, record: BackupRecord) -> None:
    """Keep the record; while the disk refuses it is kept in memory, so that a full disk is told once and not asked every minute."""
    text = json.dumps({"url": url, **asdict(record)}, ensure_ascii=False, indent=1, default=_instant_text)
    path = company_file(url, "backups")
    try:
        write_atomically(path, text.encode())
    except OSError as problem:
        log.warning("The record of backups %s could not be written (%s); it is kept in memory", path, problem)
        _UNWRITTEN[url] = record
    else:
        _UNWRITTEN.pop(url, None)


def _instant_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(repr(value))


def _made(item: dict[str, Any]) -> Made:
    return Made(
        int(item["number"]), str(item["name"]), str(item["folder"]), _instant(item["at"]), int(item["size"]), float(item["seconds"]),
        int(item["change_set"]), bool(item["copied"]), bool(item["rotated"]),
    )


def _failure(item: dict[str, Any] | None) -> Failure | None:
    return None if item is None else Failure(_instant(item["at"]), str(item["message"]))


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant
