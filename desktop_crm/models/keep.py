"""The copy that an upgrade makes first, of everything there is and as it is, proven before anything is changed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.models.database import Store


def keep_copy(store: Store) -> Path | None:
    """Copy a SQLite company file beside itself and return the copy; call it while nobody else can write.

    What a killed upgrade left of its copy is cleared away. Raises UserError, with nothing changed, where the copy can't be made or differs.
    """
    path = store.location.path
    if store.mysql or path is None:
        return None
    for left in path.parent.glob(f"{_escaped(path.stem)}.before-upgrade-*.part*"):
        left.unlink(missing_ok=True)
    copy = _free_name(path)
    part = copy.with_name(f"{copy.name}.part")
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise UserError(_("There is no room beside {path} for the copy that an upgrade makes first; nothing was changed").format(path=path))
    try:
        with store.errors(), closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            wrong = _difference(source, target)
        if wrong:
            raise UserError(
                _("The copy that an upgrade makes first is not sound ({detail}), so nothing was changed. Restore the last backup, or ask for help").format(detail=wrong)
            )
        part.replace(copy)
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=copy, reason=problem.strerror)) from problem
    finally:
        part.unlink(missing_ok=True)
    return copy


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
