"""Backups by the plan of this computer: whether one is due, making it, the second folder, rotation, and how it all stands."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.errors import Cancelled, NotAllowed, UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.base.scratch import part_beside, put_in_place
from desktop_crm.base.secrets import Ask, get_password, set_password
from desktop_crm.base.settings import data_folder
from desktop_crm.domain.rotation import Kept, Rotation, to_delete
from desktop_crm.models import archive
from desktop_crm.models.archive import EXTENSION, Manifest
from desktop_crm.models.location import parse_url
from desktop_crm.services import archives, policy, sign_in
from desktop_crm.services.backup_record import BackupRecord, Failure, Made, load_record, save_record

if TYPE_CHECKING:
    from desktop_crm.base.plans import BackupPlan
    from desktop_crm.services.session import Session

Step = Callable[[int, int], None]
log = logging.getLogger(__name__)

RETRY: Final = timedelta(minutes=15)
"""How long after a failure the next try waits."""
_ONE_AT_A_TIME: Final = threading.Lock()
CLOCK_SLACK: Final = timedelta(minutes=5)
NEARLY_FULL: Final = 3
"""A disk with room for fewer than so many more backups is nearly full."""


@dataclass(frozen=True)
class Health:
    """How backups stand: `level` is ``good``, ``notice`` or ``alarm``; `messages` say why, the gravest first."""

    level: Literal["good", "notice", "alarm"]
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A backup file in one of the plan's folders: `at` is aware UTC; `made` is its entry in the record if this computer made it.

    `second` tells that it lies in the second folder, `protected` that it needs a password.
    """

    path: Path
    at: datetime
    size: int
    protected: bool
    second: bool
    made: Made | None


def changed(session: Session, record: BackupRecord) -> bool:
    """Tell whether anything was changed since the last proven backup. Asks the database."""
    last = archive.last_change(session.store)
    return record.last is None or last is None or last.id != record.last.change_set


def due(plan: BackupPlan, record: BackupRecord, now: datetime, changed: bool) -> bool:  # noqa: FBT001 - a fact like the others
    """Tell whether the schedule asks for a backup at `now` (aware). A clock that was set back makes one due, it never stops them."""
    if plan.schedule == "off" or not changed:
        return False
    if record.failure is not None and timedelta(0) <= now - record.failure.at < RETRY:
        return False
    if record.last is None or record.last.at > now + CLOCK_SLACK:
        return True
    if plan.schedule == "hours":
        return now - record.last.at >= timedelta(hours=plan.hours)
    local = now.astimezone()
    planned = datetime.combine(local.date(), plan.daily_at).astimezone()
    if planned > local:
        planned = datetime.combine(local.date() - timedelta(days=1), plan.daily_at).astimezone()
    return record.last.at < planned


def due_at_exit(plan: BackupPlan, record: BackupRecord, changed: bool) -> bool:  # noqa: FBT001 - as above
    """Tell whether one is to be made when the program is closed: it is wanted, something changed, and the last one was quick enough."""
    return plan.at_exit and changed and (record.last is None or record.last.seconds <= plan.exit_seconds)


def until(seconds: float, step: Step = silent) -> Step:
    """Return `step` so that it raises Cancelled after so many seconds, for a backup that mustn't keep somebody from going home."""
    end = time.monotonic() + seconds

    def limited(done: int, total: int) -> None:
        if time.monotonic() > end:
            raise Cancelled
        step(done, total)

    return limited


def backup_folder(plan: BackupPlan, url: str) -> Path:
    """Return the folder backups go to; the usual one is made by the first backup."""
    if plan.folder:
        return Path(plan.folder).expanduser()
    path = parse_url(url).path
    return (path.parent if path is not None else data_folder()) / "backups"


def backup_password(url: str, *, ask: Ask | None = None) -> str | None:
    """Return the password that seals this company's backups, from the password store; None where there is none."""
    return get_password(f"{url}#backup", ask=ask)


def keep_backup_password(url: str, password: str, *, ask: Ask | None = None) -> bool:
    """Keep the password that seals this company's backups; False where there is no safe place for it."""
    return set_password(f"{url}#backup", password, ask=ask)


def run_backup(session: Session, plan: BackupPlan, *, password: str | None = None, step: Step = silent) -> Made:
    """Make a proven backup by the plan, copy it to the second folder, rotate, and keep the record; return what was made.

    `password` seals it where the plan says protected; without one it is asked of the password store. Raises UserError, which the
    record keeps, NotAllowed, and Cancelled, which leaves no trace. That the second folder isn't there is no error: it is in the
    record and made up for next time.
    """
    if not policy.may_back_up(session):
        raise NotAllowed(_("Only an administrator may copy the whole company"))
    asked = session.now
    with _ONE_AT_A_TIME:
        last = load_record(session.url).last
        if last is not None and last.at >= asked and not changed(session, load_record(session.url)):
            return last  # the one that was being made when this was asked holds everything
        return _run(session, plan, password, step)


def _run(session: Session, plan: BackupPlan, password: str | None, step: Step) -> Made:
    url = session.url
    try:
        made = _make(session, plan, password, step)
    except UserError as problem:
        save_record(url, replace(load_record(url), failure=Failure(session.now, problem.message)))
        raise
    save_record(url, load_record(url).with_made(made))
    copy_to_second(url, plan, session.now)
    rotate(url, plan, session.now)
    return next((entry for entry in load_record(url).made if entry.number == made.number), made)


def _make(session: Session, plan: BackupPlan, password: str | None, step: Step) -> Made:
    folder = backup_folder(plan, session.url)
    seal = ""
    if plan.protected:
        seal = password or backup_password(session.url) or ""
        if not seal:
            raise UserError(_("The password for backups is not in the password store. Type it again under Data safety"))
    began = time.monotonic()
    with archives.disk_told(folder):
        if not plan.folder:
            folder.mkdir(exist_ok=True)
        elif not folder.is_dir():
            raise UserError(_("The folder for backups {path} isn't there. Connect the disk, or choose another folder").format(path=folder))
        record = load_record(session.url)
        _see_room(folder, record)
        now = session.now
        target = _free_name(folder, sign_in.company_name(session.store), now)
        with part_beside(target) as part:
            manifest = archives.write_proven(session, part, password=seal, step=step)
            # Another computer may have taken the name meanwhile.
            target = _free_name(folder, sign_in.company_name(session.store), now)
            put_in_place(part, target)
        size = target.stat().st_size
    number = 1 + max((made.number for made in record.made), default=0)
    change_set = manifest.last_change.id if manifest.last_change else 0
    return Made(number, target.name, str(folder), now.astimezone(UTC), size, round(time.monotonic() - began, 2), change_set)


def _free_name(folder: Path, company: str, now: datetime) -> Path:
    base = re.sub(r'[\x00-\x1f<>:"/\\|?*.]+', " ", company).strip()[:60] or "company"
    stamp = now.astimezone().strftime("%Y%m%d-%H%M%S")
    number = 1
    while (path := folder / f"{base} {stamp}{f'-{number}' if number > 1 else ''}{EXTENSION}").exists():
        number += 1
    return path


def _see_room(folder: Path, record: BackupRecord) -> None:
    needed = record.last.size if record.last else 0
    if shutil.disk_usage(folder).free < needed * 6 // 5:
        raise UserError(_("The disk of {path} has no room for another backup. Make room, or choose another folder").format(path=folder))


def copy_to_second(url: str, plan: BackupPlan, now: datetime) -> None:
    """Copy what the second folder doesn't have yet, proven by reading it back; why it couldn't be is kept in the record."""
    if not plan.second_folder:
        return
    record = load_record(url)
    folder = Path(plan.second_folder).expanduser()
    copied: list[int] = []
    failure = None
    try:
        if not folder.is_dir():
            raise FileNotFoundError(2, "no folder", str(folder))
        for made in record.made:
            if not made.copied and not made.rotated and made.path.is_file():
                _copy(made.path, folder / made.name)
                copied.append(made.number)
    except (OSError, UserError) as problem:
        reason = disk_reason(problem)
        failure = Failure(now, _("The second folder {path} could not be written: {reason}. It gets the backups next time").format(path=folder, reason=reason))
    save_record(url, replace(load_record(url).with_copied(copied), second_failure=failure))


def _copy(source: Path, target: Path) -> None:
    """Copy a file and compare what arrived; raises OSError."""
    wanted = _seal(source)
    if target.exists() and _seal(target) == wanted:
        return
    with part_beside(target) as part:
        shutil.copyfile(source, part)
        if _seal(part) != wanted:
            raise OSError(5, _("what was written differs from what was read"), str(target))
        put_in_place(part, target, replace=True)


def _seal(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rotate(url: str, plan: BackupPlan, now: datetime) -> list[Path]:
    """Delete the backups the plan doesn't keep any longer, in both folders, and return them; only what this computer made itself."""
    record = load_record(url)
    rule = Rotation(plan.all_days, plan.weekly_weeks, plan.monthly_months)
    # A file that is gone can't be the one that stays.
    kept = [Kept(made.name, made.number, made.at.astimezone().date()) for made in record.made if made.path.is_file() and not made.rotated]
    numbers = {backup.number for backup in to_delete(kept, rule, now.astimezone().date())}
    gone: list[Path] = []
    done: set[int] = set()
    for made in record.made:
        if made.number in numbers or made.rotated:
            deleted = [_delete(path, gone) for path in _places(made, plan)]
            if all(deleted):
                done.add(made.number)
            numbers.add(made.number)
    save_record(url, record.without(done).with_rotated(numbers))
    return gone


def _places(made: Made, plan: BackupPlan) -> list[Path]:
    """Return where a backup lies."""
    return [made.path, *([Path(plan.second_folder).expanduser() / made.name] if plan.second_folder and made.copied else [])]


def _delete(path: Path, gone: list[Path]) -> bool:
    """Delete a file; False where that must be tried again, since its folder isn't there now or the disk refuses."""
    if not path.parent.is_dir():
        return False
    try:
        path.unlink()
    except FileNotFoundError:
        return True
    except OSError as problem:
        log.info("The old backup %s can't be deleted now: %s", path, problem)
        return False
    gone.append(path)
    return True


def list_backups(plan: BackupPlan, url: str) -> list[Found]:
    """Return the backups in the plan's folders, the newest first; of a company file's folder also those of other computers."""
    known = {made.name: made for made in load_record(url).made}
    found = []
    for folder, second in ((backup_folder(plan, url), False), (Path(plan.second_folder).expanduser() if plan.second_folder else None, True)):
        if folder is None or not folder.is_dir():
            continue
        for path in folder.glob(f"*{EXTENSION}"):
            with suppress(OSError, UserError):
                facts = path.stat()
                made = known.get(path.name)
                at = made.at if made else datetime.fromtimestamp(facts.st_mtime, UTC)
                found.append(Found(path, at, facts.st_size, archive.kind_of(path) == "sealed", second, made))
    return sorted(found, key=lambda entry: (entry.at, entry.path.name), reverse=True)


def read_manifest(path: Path, password: str = "") -> Manifest:
    """Return what the backup holds; see `archives.read_manifest`."""
    return archives.read_manifest(path, password)


def health(plan: BackupPlan, record: BackupRecord, now: datetime, changed: bool, url: str) -> Health:  # noqa: FBT001 - as above
    """Return how backups stand. Looks at the folder's disk, so not for the window's thread."""
    alarms: list[str] = []
    notices: list[str] = []
    if record.failure is not None:
        alarms.append(_("The last backup failed: {reason}").format(reason=record.failure.message))
    if record.last is None:
        (alarms if changed else notices).append(_("There is no proven backup of this company on this computer yet"))
    elif changed and now - record.last.at > _patience(plan):
        alarms.append(_("The last proven backup is {count} days old").format(count=(now - record.last.at).days))
    if record.last is not None and not record.last.path.is_file():
        alarms.append(_("The last backup {path} isn't there any more, or its disk isn't connected").format(path=record.last.path))
    with suppress(OSError):
        if record.last is not None and shutil.disk_usage(backup_folder(plan, url)).free < record.last.size * NEARLY_FULL:
            alarms.append(_("The disk of {path} is nearly full").format(path=backup_folder(plan, url)))
    if record.second_failure is not None and plan.second_folder:
        notices.append(record.second_failure.message)
    if plan.schedule == "off" and not plan.at_exit:
        notices.append(_("No backups are planned on this computer"))
    return Health("alarm" if alarms else "notice" if notices else "good", tuple(alarms + notices))


def _patience(plan: BackupPlan) -> timedelta:
    """Return how old the last backup of a company that changes may be before that is said loudly."""
    if plan.schedule == "hours":
        return max(timedelta(days=1), timedelta(hours=3 * plan.hours))
    return timedelta(days=3 if plan.schedule == "daily" else 7)
