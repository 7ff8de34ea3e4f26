"""Archives of a whole company: writing one and proving it, reading what it holds, making a company of it, moving a company.

Every way goes through the same two steps: a snapshot is written to an archive, and an archive is filled into an empty database
and compared. A backup's empty database is a scratch file, a restore's or a move's is the new place.
"""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.base.scratch import part_beside, put_in_place, scratch_folder
from desktop_crm.models import archive, filling, tables
from desktop_crm.models.archive import EXTENSION, Archive, LastChange, Manifest
from desktop_crm.models.database import Store
from desktop_crm.models.driver import server_reachable
from desktop_crm.models.founding import dropped_where_empty
from desktop_crm.models.integrity import damage
from desktop_crm.models.location import Location, parse_url
from desktop_crm.models.migrate import applied_migrations, is_company, refuse_newer
from desktop_crm.models.registry import REGISTER, column_name, full_catalog
from desktop_crm.models.snapshot import snapshot
from desktop_crm.models.tables import TableFacts
from desktop_crm.services import sign_in
from desktop_crm.services.session import prepare, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]

__all__ = ["EXTENSION", "Content", "LastChange", "Manifest", "TableFacts", "backup_to", "contents", "move", "read_manifest", "restore", "write_proven"]

COMPANY_ENDINGS: Final = (".sqlite3", ".sqlite", ".db")
ROOM_MARGIN: Final = 20 << 20


@dataclass(frozen=True)
class Content:
    """What an archive holds of one entity: its label, the records, and the sum of each amount of money by label."""

    entity: str
    label: str
    records: int
    sums: dict[str, Decimal]


def contents(manifest: Manifest) -> list[Content]:
    """Return what an archive holds, by entity in the order of the program; for people to look at before they restore it."""
    prepare()
    catalog = full_catalog()
    made = []
    for name, entry in REGISTER.items():
        facts = manifest.tables.get(entry.table)
        if facts is not None:
            labels = {column_name(field): catalog[name].fields[key].title for key, field in entry.stored().items() if key in catalog[name].fields}
            sums = {labels[column]: Decimal(total).scaleb(-2) for column, total in facts.sums.items() if column in labels}
            made.append(Content(name, catalog[name].plural, facts.rows, sums))
    return made


class Rows:
    """Counts rows that were handled, in several passes over the same `rows`, and reports them to `step`."""

    def __init__(self, step: Step, rows: int, passes: int) -> None:
        self._step = step
        self._total = max(rows * passes, 1)
        self._done = 0

    def __call__(self, rows: int) -> None:
        """Add some rows; raises Cancelled where `step` does."""
        self._done += rows
        self.ask()

    def ask(self) -> None:
        """Report them again; raises Cancelled where `step` does."""
        self._step(min(self._done, self._total), self._total)


def require_admin(session: Session) -> None:
    """Raise NotAllowed for anybody but an administrator."""
    if session.person.role != "admin":
        raise NotAllowed(_("Only an administrator may copy the whole company"))


def backup_to(session: Session, path: Path, *, password: str = "", step: Step = silent) -> Manifest:
    """Write the whole company to the archive `path`, proven, replacing an older one at the very end; return what it holds.

    Raises NotAllowed for anybody but an administrator, UserError where it can't be written or proven (an older file is kept
    then), Cancelled.
    """
    require_admin(session)
    target = path.expanduser().absolute()
    if target.suffix.lower() in COMPANY_ENDINGS:
        raise UserError(_("A backup is no company file. Give it a name that ends in {ending}; to copy the company to a file, move it there").format(ending=EXTENSION))
    _see_folder(target)
    with part_beside(target) as part, disk_told(target):
        manifest = write_proven(session, part, password=password, step=step)
        put_in_place(part, target, replace=True)
    return manifest


def write_proven(session: Session, path: Path, *, password: str = "", step: Step = silent) -> Manifest:
    """Write the company to the new file `path` and prove it by restoring it to a scratch file; return what it holds.

    Others go on writing meanwhile. Raises UserError, OSError, Cancelled; `path` is to be thrown away then.
    """
    with scratch_folder() as folder:
        with snapshot(session.store, folder) as store:
            counted = sum(tables.count_rows(store, table) for table in tables.table_names(store))
            took = Rows(step, counted, 3)
            with path.open("xb") as file:
                manifest = archive.write(store, file, company=sign_in.company_name(store), now=session.now, password=password, took=took)
        with archive.opened(path, password) as again:
            if again.manifest != manifest:
                raise archive.damaged(archive.MANIFEST)
            see_room(folder, again.manifest)
            with closing(Store(Location("sqlite", path=folder / "proof.sqlite3"))) as proof:
                _fill(again, proof, took)
    return manifest


def read_manifest(path: Path, password: str = "") -> Manifest:
    """Return what the backup `path` holds, without restoring it.

    Raises UserError where it is no backup or damaged, WrongPassword, NewerDatabase. An older backup, which is a company file, has no checksums.
    """
    prepare()
    if archive.kind_of(path) != "company":
        with archive.opened(path, password) as found:
            return found.manifest
    with scratch_folder() as folder, closing(_company_file(path, folder)) as store:
        facts = {
            table: TableFacts(tables.kept_columns(store, table), tables.count_rows(store, table), 0, "", 0, tables.money_sums(store, table))
            for table in tables.table_names(store)
        }
        made_at = archive.last_change(store)
        return Manifest(
            version="", company=sign_in.company_name(store), made_at=made_at.at if made_at else utc_now(), engine="sqlite",
            migrations=tuple(sorted(applied_migrations(store))), last_change=made_at, tables=facts,
        )


def restore(path: Path, url: str, *, password: str = "", server_password: str = "", step: Step = silent) -> Manifest:
    """Make the company in the backup `path` anew at `url`, where nothing may be yet; return what was restored.

    An older backup is brought up to this program. All or nothing: where it fails or is ended, `url` holds no company, and what a
    server keeps of it is cleared by the next try. Raises UserError where `path` is no backup, damaged or made by a newer program,
    or where `url` is taken; WrongPassword; Cancelled.
    """
    prepare()
    location = parse_url(url)
    _see_free(location)
    with readable(path, password) as found:
        fill_place(found, location, server_password, Rows(step, found.manifest.rows, 2))
        return found.manifest


def move(session: Session, url: str, *, server_password: str = "", step: Step = silent) -> Manifest:
    """Copy the company to `url`, an empty place on any engine, proven; the old one stays as it is. Return what was copied.

    All or nothing, as `restore`. Raises NotAllowed for anybody but an administrator, UserError, Cancelled.
    """
    require_admin(session)
    location = parse_url(url)
    _see_free(location)
    with scratch_folder() as folder:
        path = folder / f"move{EXTENSION}"
        with disk_told(path), snapshot(session.store, folder) as store:
            counted = sum(tables.count_rows(store, table) for table in tables.table_names(store))
            took = Rows(step, counted, 3)
            with path.open("xb") as file:
                archive.write(store, file, company=sign_in.company_name(store), now=session.now, took=took)
        with archive.opened(path) as found:
            fill_place(found, location, server_password, took)
            return found.manifest


@contextmanager
def readable(path: Path, password: str) -> Iterator[Archive]:
    """Open a backup; one of an earlier version, which is a company file, is turned into an archive first. Raises UserError, WrongPassword."""
    if archive.kind_of(path) != "company":
        with archive.opened(path, password) as found:
            yield found
        return
    with scratch_folder() as folder:
        again = folder / f"again{EXTENSION}"
        with closing(_company_file(path, folder)) as store, again.open("xb") as file:
            archive.write(store, file, company=sign_in.company_name(store), now=utc_now(), took=lambda _rows: None)
        with archive.opened(again) as found:
            yield found


def _company_file(path: Path, folder: Path) -> Store:
    """Open a copy of a company file; raises UserError where it is none or damaged."""
    copy = folder / "company.sqlite3"
    with disk_told(copy):
        shutil.copyfile(path, copy)
        if (log := path.with_name(f"{path.name}-wal")).exists():
            shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
    store = Store(Location("sqlite", path=copy))
    try:
        refuse_newer(store)
        if not is_company(store):
            raise archive.foreign(path)
        found = damage(store)
        if found:
            raise archive.damaged(found[0])
    except BaseException:
        store.close()
        raise
    return store


def fill_place(found: Archive, location: Location, server_password: str, took: Rows) -> None:
    """Make a company of an archive at `location`, which must be free: a file gets its name at the very end."""
    if location.path is None:
        with closing(Store(location, server_password)) as store, dropped_where_empty(location, server_password, made=_reach(store, server_password)), filling.only_one(store):
            try:
                _fill(found, store, took)
            except BaseException:
                filling.clear(store)
                raise
        return
    target = location.path
    with part_beside(target) as part, disk_told(target):
        fill_file(found, part, took)
        try:
            put_in_place(part, target)
        except FileExistsError as problem:
            raise _taken(target) from problem


def _reach(store: Store, server_password: str) -> bool:
    """Connect to a server's database, which is made where it isn't there; tell whether it was."""
    made = server_reachable(store.location, server_password or store.location.password)
    store.connect()
    return made


def fill_file(found: Archive, part: Path, took: Rows) -> None:
    """Make a company file of an archive; raises UserError, OSError, Cancelled, and the file is to be thrown away then."""
    see_room(part.parent, found.manifest)
    with closing(Store(Location("sqlite", path=part))) as store:
        _fill(found, store, took)


def _fill(found: Archive, store: Store, took: Rows) -> None:
    manifest = found.manifest
    with store.watched(took.ask, took.ask):
        filling.make_room(store)
        filling.build(store, manifest.migrations, manifest.tables)
        for table, facts in manifest.tables.items():
            filling.fill(store, table, facts, found.pages(table), took)
        different = filling.differences(store, manifest.tables, took)
        if different:
            raise UserError(_("What was restored differs from the backup ({detail}). Nothing was kept").format(detail=", ".join(different)))
        filling.finish(store, manifest.tables, lambda: sign_in.rebuild_visibility(store))


def see_room(folder: Path, manifest: Manifest) -> None:
    """Raise UserError where the disk of `folder` has no room for the rows of an archive."""
    needed, free = manifest.size + ROOM_MARGIN, shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(_("The disk of {path} has {free} MB free, and {needed} MB are needed. Make room and try again").format(
            path=folder, free=free >> 20, needed=needed >> 20))


def _see_folder(target: Path) -> None:
    if not target.parent.is_dir():
        raise UserError(_("The folder {path} doesn't exist").format(path=target.parent))
    if target.is_dir():
        raise UserError(_("{path} is a folder. Name the file as well").format(path=target))


def _see_free(location: Location) -> None:
    """Raise UserError where a file is to be made that is there already, or whose folder isn't."""
    if location.path is not None:
        _see_folder(location.path)
        if location.path.exists():
            raise _taken(location.path)


def _taken(path: Path) -> UserError:
    return UserError(_("{path} is there already. Restore to another name, or move it away first").format(path=path))


@contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into a UserError about `path`."""
    try:
        yield
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=path, reason=disk_reason(problem))) from problem
