"""Restoring a backup in the place of the company that is open: first beside it, then the two change places.

At any moment there is the present company or the restored one under the company's name, whatever happens.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_crm.base.errors import Busy, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.base.scratch import part_beside
from desktop_crm.models.database import Store
from desktop_crm.models.integrity import damage
from desktop_crm.models.location import Location
from desktop_crm.models.migrate import is_company
from desktop_crm.models.switch import replace_company
from desktop_crm.services import archives, backups
from desktop_crm.services.session import prepare, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from desktop_crm.base.plans import BackupPlan
    from desktop_crm.models.archive import Manifest
    from desktop_crm.services.backup_record import Made
    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Prepared:
    """A restored company that waits beside the present one: what it holds, and the backup made of the present state before."""

    file: Path
    present: Path
    manifest: Manifest
    backup: Made


def prepare_restore(session: Session, path: Path, plan: BackupPlan, *, password: str = "", step: Step = silent) -> Prepared:
    """Restore the backup `path` to a new file beside the open company file, and back the present state up, both proven.

    Then close every connection to the company and call `switch`; or `discard`. Raises NotAllowed for anybody but an administrator,
    UserError (also for a company on a server, where a backup is restored to a new database with `archives.restore`), WrongPassword, Cancelled.
    """
    archives.require_admin(session)
    prepare()
    present = session.store.location.path
    if present is None:
        raise UserError(_("A company on a server is restored to a new database. Name one, and open it afterwards"))
    file = present.with_name(f"{present.stem}.restored-{session.now.astimezone():%Y%m%d-%H%M%S}{present.suffix}")
    backup = backups.run_backup(session, plan, step=lambda done, total: step(done, total * 2))
    manifest = archives.restore(path, str(file), password=password, step=lambda done, total: step(done + total, total * 2))
    return Prepared(file, present, manifest, backup)


def switch(prepared: Prepared, now: datetime | None = None) -> Path:
    """Give the restored company the name of the present one; return where the present one is kept.

    Every connection of this program to the company must be closed. Raises UserError where another program has it open: nothing is
    changed then, and it may be tried again.
    """
    with archives.disk_told(prepared.present):
        return replace_company(prepared.file, prepared.present, now or utc_now())


def discard(prepared: Prepared) -> None:
    """Throw the restored company away that waits; the present one stays as it is."""
    with archives.disk_told(prepared.file):
        prepared.file.unlink(missing_ok=True)


def is_damaged(path: Path) -> bool:
    """Tell whether a company file is damaged, so that nobody can open it or it shouldn't be worked in."""
    with closing(Store(Location("sqlite", path=path))) as store:
        try:
            return not is_company(store) or bool(damage(store))
        except Busy:
            raise
        except UserError:
            return True


def replace_by_backup(path: Path, present: Path, *, password: str = "", step: Step = silent) -> Path:
    """Put the company in the backup `path` in the place of a company file that can't be opened any more; return where that one is kept.

    For a damaged file, of which no backup can be made before. Raises UserError, WrongPassword, Cancelled; nothing is changed then.
    """
    prepare()
    with part_beside(present) as part, archives.disk_told(present), archives.readable(path, password) as found:
        archives.fill_file(found, part, archives.Rows(step, found.manifest.rows, 2))
        return replace_company(part, present, utc_now())
