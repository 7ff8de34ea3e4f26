"""The actions that are broken off: what a worker does for ever, and what must hold of it afterwards beside the books.

To add one: a function that does it again and again, saying `begin` before and `done` after each, and an entry in OPERATIONS.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import uuid
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from desktop_crm.base.errors import UserError
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import migrate
from desktop_crm.services import archives, importing, receipts, records, undoing
from desktop_crm.services.check import check
from desktop_crm.services.session import connect, open_session, prepare
from desktop_crm.services.workbooks.cells import Cell, Sheet, Workbook
from desktop_crm.services.workbooks.layout import find_table
from tests.faults.books import Ack, describe, digest
from tests.faults.sites import Site
from tests.upgrades import released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.services.session import Session

IN_FULL: Final = os.environ.get("FAULTS") == "full"
"""Whether the tests go through everything, as ``dev.py faults`` asks, or through a part, as before each merge."""
ROWS: Final = 40
FILLED_AGAIN: Final = 0.25
"""How many of the places where a copy was broken off are filled again."""
BACKUP: Final = "backup.crmbackup"


class Say(Protocol):
    """How a worker tells what it does."""

    def begin(self, place: str = "") -> None:
        """Say that an action begins, and the URL where it makes something."""

    def done(self, ack: Ack) -> None:
        """Say that it is finished: from here on it must not be lost."""


def _nothing_more(_site: Site, _run: Run) -> list[str]:
    return []


@dataclass
class Run:
    """What a worker said before it was killed: the acknowledgements, and where it was making something (empty where it made nothing)."""

    acks: list[Ack] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True)
class Operation:
    """An action: `work` does it until it is killed; `reset` makes the company it starts from.

    `also` returns what is wrong beside the books after a run. The moment of a kill is drawn from `span` times the duration of one action. A `fresh` one starts anew after each kill, and its
    books are proven by `also` alone. `around` is in force as long as the operation is being killed.
    """

    name: str
    work: Callable[[Site, Say], None]
    also: Callable[[Site, Run], list[str]] = _nothing_more
    reset: Callable[[Site], None] = Site.reset
    span: float = 3.0
    fresh: bool = False
    around: Callable[[Site], AbstractContextManager[None]] = lambda _site: nullcontext()


def import_lists(site: Site, say: Say) -> None:
    """Import a list of new customers."""
    with closing(site.open()) as session:
        while True:
            source = _list(session)
            options = importing.Options(importing.mapping_of(importing.guess_mapping(session, source)), on_duplicate="add")
            say.begin()
            done = importing.run_import(session, source, options)
            if done.result.added != ROWS:
                raise AssertionError(done.result.problems)
            say.done(describe(session, done.change_set))


def _list(session: Session) -> importing.Source:
    spec = session.spec("customer")
    tag = uuid.uuid4().hex[:10]
    rows: list[list[Cell]] = [[f"{tag} 公司{number}", f"1380013{number:04}", str(Decimal(number) * 100), "苏州"] for number in range(ROWS)]
    sheet = Sheet("客户", [["客户名称", "手机", "期初应收", "城市"], *rows])
    known = {"客户名称", "手机", "期初应收", "城市"}
    table = find_table(sheet, lambda heading: heading in known)
    if table is None:
        raise AssertionError("no table")
    return importing.Source(Workbook(Path("list.xlsx"), "xlsx", [sheet]), sheet, table, spec)


def post_receipts(site: Site, say: Say) -> None:
    """Enter what two customers owe, then post a receipt that settles it in part; each is one change set."""
    with closing(site.open()) as session:
        customers = session.records.ids_where(session.entity("customer"), EVERYTHING)
        while True:
            customer = random.choice(customers)  # noqa: S311 - which one doesn't matter
            owed = []
            for part in range(2):
                say.begin()
                values = {"customer": customer, "amount": Decimal("100.10") + part, "document_on": date(2026, 1, 5)}
                saved = records.save(session, "receivable", values)
                say.done(describe(session, saved.change_set))
                owed.append(saved.result.id)
            say.begin()
            values = {"customer": customer, "amount": Decimal("180.00"), "received_on": date(2026, 1, 6)}
            posted = receipts.post_receipt(session, values=values, allocations={owed[0]: Decimal("100.10"), owed[1]: Decimal("60.05")})
            say.done(describe(session, posted.change_set))


def undo_imports(site: Site, say: Say) -> None:
    """Import a list, take it back, take that back, and so on."""
    with closing(site.open()) as session:
        while True:
            source = _list(session)
            options = importing.Options(importing.mapping_of(importing.guess_mapping(session, source)), on_duplicate="add")
            say.begin()
            last = importing.run_import(session, source, options).change_set
            say.done(describe(session, last))
            for _turn in range(3):
                say.begin()
                last = undoing.undo(session, last or 0).change_set
                say.done(describe(session, last))


MORE_MIGRATIONS: Final = {
    "0990_colour": 'def up(_migrator, db):\n    schema.add_column(db, "product", schema.Column("colour", "text", size=20))\n',
    "0991_index": 'def up(_migrator, db):\n    schema.create_index(db, "contact", ["name"])\n',
    "0992_shelf": 'def up(_migrator, db):\n    schema.create_table(db, "shelf", schema.Column("name", "text", index=True), schema.Column("product_id", "link", to="product"))\n',
}
"""Steps of an upgrade that is still to come, so that there are always some."""


@contextmanager
def a_later_version(site: Site) -> Iterator[None]:
    """Be a program that has more migrations than this one."""
    here, later = migrate.FOLDER, site.folder / "migrations"
    later.mkdir(parents=True, exist_ok=True)
    for path in here.glob("[0-9]*.py"):
        shutil.copyfile(path, later / path.name)
    for name, source in MORE_MIGRATIONS.items():
        (later / f"{name}.py").write_text(f"from desktop_crm.models import schema\n\n{source}", encoding="utf-8")
    migrate.FOLDER = later  # type: ignore[misc]
    try:
        yield
    finally:
        migrate.FOLDER = here  # type: ignore[misc]


def put_released(site: Site) -> None:
    """Put the company of the oldest released version in place."""
    site.clear()
    released.put(released.FILES[0], site.url)


def upgrade_company(site: Site, say: Say) -> None:
    """Open the company an older version made, which brings it up to this one; then open it again and again."""
    say.begin()
    connect(site.url).close()
    say.done({})
    while True:
        connect(site.url).close()


def is_upgraded(site: Site, _run: Run) -> list[str]:
    """Open it again, which finishes the upgrade, and return what is wrong then: a row that differs, a copy by half, an unclean check."""
    with closing(open_session(site.url, "boss")) as session:
        wrong = [f"check: {problem.message}" for problem in check(session)]
        wrong += [f"lost: {table} differs" for table, sha in digest(session).items() if site.reference.setdefault(table, sha) != sha]
    return wrong + [f"half: {path.name}" for path in site.scratch.glob("*.part*")]


def back_up(site: Site, say: Say) -> None:
    """Write a backup over the last one."""
    with closing(site.open()) as session:
        while True:
            say.begin()
            archives.backup_to(session, site.scratch / BACKUP)
            say.done({})


def is_backed_up(site: Site, run: Run) -> list[str]:
    """Restore the backup that is there, which must be the old or the new one but whole."""
    path = site.scratch / BACKUP
    if not path.exists():
        return ["lost: no backup"] if run.acks else []
    place = str(site.scratch / "proof.sqlite3")
    try:
        archives.restore(path, place)
        return _is_same(site, place)
    except UserError as problem:
        return [f"half: {problem.message}"]
    finally:
        site.remove(place)


def with_backup(site: Site) -> None:
    """Make a fresh company and a backup of it."""
    site.reset()
    with closing(site.open()) as session:
        archives.backup_to(session, site.scratch / BACKUP)


def restore_backups(site: Site, say: Say) -> None:
    """Restore the backup to one new place after the other."""
    prepare()
    while True:
        place = site.new_place()
        say.begin(place)
        archives.restore(site.scratch / BACKUP, place)
        say.done({"place": place})


def move_company(site: Site, say: Say) -> None:
    """Move the company to one new place after the other, by turns on its own engine and to a local file."""
    with closing(site.open()) as session:
        for turn in itertools.count():
            place = site.new_place() if turn % 2 == 0 else str(site.scratch / f"moved-{turn}.sqlite3")
            say.begin(place)
            archives.move(session, place)
            say.done({"place": place})


def is_there_or_absent(site: Site, run: Run) -> list[str]:
    """Look at each place: an acknowledged one is whole; the one under way is whole or no company, and can then be filled."""
    wrong = []
    for ack in run.acks:
        wrong += [f"lost: {line}" for line in _is_same(site, ack["place"])]
        site.remove(ack["place"])
    if run.place:
        wrong += [f"half: {line}" for line in _broken_off(site, run.place)]
        site.remove(run.place)
    return wrong


def _broken_off(site: Site, place: str) -> list[str]:
    """Return what is wrong with a place where the making of a company was broken off."""
    try:
        open_session(place).close()
    except UserError:
        if random.random() > FILLED_AGAIN:  # noqa: S311 - filling it again takes longest of all
            return []
        try:
            with closing(site.open()) as session:
                archives.move(session, place)
        except UserError as problem:
            return [f"the place can't be filled again: {problem.message}"]
    return _is_same(site, place)


def _is_same(site: Site, url: str) -> list[str]:
    """Return what differs between the company and a copy of it."""
    with closing(site.open()) as session:
        here = digest(session)
    with closing(open_session(url)) as session:
        wrong = [f"check: {problem.message}" for problem in check(session)]
        there = digest(session)
    return wrong + [f"{table} differs" for table in here.keys() | there.keys() if here.get(table) != there.get(table)]


OPERATIONS: Final = {
    operation.name: operation
    for operation in (
        Operation("import", import_lists),
        Operation("posting", post_receipts),
        Operation("undo", undo_imports),
        Operation("migration", upgrade_company, is_upgraded, put_released, span=1.0, fresh=True, around=a_later_version),
        Operation("backup", back_up, is_backed_up, span=1.2),
        Operation("restore", restore_backups, is_there_or_absent, with_backup, span=1.2),
        Operation("move", move_company, is_there_or_absent, span=1.2),
    )
}
