"""When and where this computer backs a company up: the choices made for it, kept beside the settings and never in the company."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, fields
from datetime import time
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from desktop_crm.base.digests import digest
from desktop_crm.base.files import write_atomically
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.settings import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

Schedule = Literal["off", "hours", "daily"]
LONGEST: Final = 10_000


@dataclass(frozen=True)
class BackupPlan:
    """The choices for one company on this computer; change them with ``dataclasses.replace`` and `save_plan`.

    - schedule: ``off``, every `hours` hours, or ``daily`` at `at` (HH:MM, local time)
    - at_exit: also when the program is closed, if anything changed since and it takes no longer than `exit_seconds`
    - folder: where backups go; empty for a folder ``backups`` beside the company file, or in the program's own folder for a server
    - second_folder: where each is copied to as well: a stick, a share, a folder that is kept in a cloud; empty for none
    - all_days, weekly_weeks, monthly_months: see `domain.rotation.Rotation`
    - protected: sealed by the password in the password store
    """

    schedule: Schedule = "daily"
    hours: int = 4
    at: str = "12:00"
    at_exit: bool = False
    exit_seconds: int = 20
    folder: str = ""
    second_folder: str = ""
    all_days: int = 7
    weekly_weeks: int = 9
    monthly_months: int = 0
    protected: bool = False

    @property
    def daily_at(self) -> time:
        """The time of `at`."""
        return time.fromisoformat(self.at)


def _number(least: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= LONGEST


_VALID: Final[Mapping[str, Callable[[Any], bool]]] = {
    "schedule": lambda value: value in get_args(Schedule),
    "at": lambda value: isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None,
    "hours": _number(1), "exit_seconds": _number(0), "all_days": _number(1), "weekly_weeks": _number(0), "monthly_months": _number(0),
    "at_exit": lambda value: isinstance(value, bool), "protected": lambda value: isinstance(value, bool),
    "folder": lambda value: isinstance(value, str), "second_folder": lambda value: isinstance(value, str),
}


def default_plan(url: str) -> BackupPlan:
    """Return what holds until something is chosen: daily, and at the end of the day for a file on this computer."""
    return BackupPlan(at_exit=not url.startswith(("mysql:", "mariadb:")) and not url.endswith("?shared=1"))


def load_plan(url: str) -> BackupPlan:
    """Return the plan for the company at `url`; a file that can't be understood is said in the log, and the defaults hold."""
    path = company_file(url, "plan")
    try:
        saved = json.loads(path.read_bytes())
        values = {item.name: saved[item.name] for item in fields(BackupPlan) if item.name in saved}
        for name, value in values.items():
            if not _VALID[name](value):
                raise ValueError(f"{name} = {value!r}")
        return BackupPlan(**values)
    except FileNotFoundError:
        return default_plan(url)
    except (ValueError, TypeError) as problem:
        log.warning("The backup plan %s could not be read (%s); the defaults are used", path, problem)
        return default_plan(url)


def save_plan(url: str, plan: BackupPlan) -> None:
    """Keep the plan for the company at `url`; raises ValueError where a choice makes no sense, OSError when the disk refuses."""
    for name, value in asdict(plan).items():
        if not _VALID[name](value):
            raise ValueError(f"{name} = {value!r}")
    write_atomically(company_file(url, "plan"), json.dumps({"url": url, **asdict(plan)}, ensure_ascii=False, indent=1).encode())


def company_file(url: str, what: str) -> Path:
    """Return the path of a file that this computer keeps about the company at `url` (without a password); it need not exist."""
    folder = data_folder() / "companies"
    folder.mkdir(exist_ok=True)
    return folder / f"{digest(url)[:20]}.{what}.json"
