"""The copy that an upgrade makes first, of everything there is and as it is, proven before anything is changed."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.scratch import scratch_folder
from desktop_crm.base.settings import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.models.database import Store

log = logging.getLogger(__name__)

def keep_copy(store: Store) -> Path:
    """Copy the company before it is changed and return the copy; call it while nobody else upgrades.

    A SQLite file is copied beside itself; a server's company goes to an archive in the data folder of this computer. What a
    killed upgrade left of its copy is cleared away. Raises UserError, with nothing changed, where the copy can't be made or differs.
    """
    path = store.location.path or before_upgrade_folder() / f"{store.location.name}.crmbackup"
    for left in path.parent.glob(f"{_escaped(path.stem)}.before-upgrade-*.part*"):
        left.unlink(missing_ok=True)
    copy = _free_name(path)
    part = copy.with_name(f"{copy.name}.part")
    try:
        with store.errors():
            wrong = _copy_server(store, part) if store.mysql else _copy_file(path, part)
        if wrong:
            raise UserError(
                _("The copy that an upgrade makes first is not sound ({detail}), so nothing was changed. Restore the last backup, or ask for help").format(detail=wrong)
            )
        part.replace(copy)
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=copy, reason=disk_reason(problem))) from problem
    finally:
        part.unlink(missing_ok=True)
    log.info("The company as it was before the upgrade is in %s", copy)
    return copy


def before_upgrade_folder() -> Path:
    """Return the folder on this computer for the copies of servers' companies, creating it."""
    folder = data_folder() / "before-upgrade"
    folder.mkdir(exist_ok=True)
    return folder


def _copy_file(path: Path, part: Path) -> str:
    """Copy a SQLite file and return what is wrong with the copy."""
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise UserError(_("There is no room beside {path} for the copy that an upgrade makes first; nothing was changed").format(path=path))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        return _difference(source, target)


def _copy_server(store: Store, part: Path) -> str:
    """Write a server's company to an archive, fill a scratch file from it, and return what is wrong with that."""
    # Late: the archive stands above the migrations.
    from desktop_crm.models import archive, filling
    from desktop_crm.models.snapshot import snapshot

    with scratch_folder() as folder:
        with snapshot(store, folder) as still, part.open("xb") as file:
            company = str(still.scalar("SELECT name FROM company ORDER BY id LIMIT 1") or "")
            manifest = archive.write(still, file, company=company, now=datetime.now(UTC), took=_nobody_asks)
        with archive.opened(part) as again, closing(type(store)(replace(store.location, kind="sqlite", path=folder / "proof.sqlite3"))) as proof:
            filling.make_room(proof)
            filling.build(proof, manifest.migrations, manifest.tables)
            for table, facts in manifest.tables.items():
                filling.fill(proof, table, facts, again.pages(table), _nobody_asks)
            return ", ".join(filling.differences(proof, manifest.tables, _nobody_asks))


def _nobody_asks(_rows: int) -> None:
    """Report no progress."""


def _free_name(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"{path.stem}.before-upgrade-{stamp}{number}{path.suffix}") for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _escaped(stem: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in stem)


def _difference(source: sqlite3.Connection, target: sqlite3.Connection) -> str:
    """Return what is wrong with the copy: damage, or a table with another number of rows; empty where it is sound."""
    found = [row[0] for row in target.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if found:
        return str(found[0])
    tables = [row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables:
        counts = [connection.execute(f"SELECT COUNT(*) FROM `{table}`").fetchone()[0] for connection in (source, target)]
        if counts[0] != counts[1]:
            return f"{table}: {counts[0]} ≠ {counts[1]}"
    return ""
