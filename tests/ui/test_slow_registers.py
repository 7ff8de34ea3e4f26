"""Everything that stands in a register – commands of the palette, actions on ticked rows, menus of lists, buttons of reports – on a database that doesn't answer and on one that fails.

Nobody has to enter a new one here: whatever is registered is begun, held up and stopped, failed, and done. What asks something first – in a dialog, a card or a menu – fails the
test unless what goes on from there stands in GOES_ON.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Final

import pytest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Where
from desktop_crm.models.registry import full_catalog
from desktop_crm.reports import REPORTS
from desktop_crm.services import records, users
from desktop_crm.services.session import prepare
from desktop_crm.ui import files, printers
from desktop_crm.ui.commands import commands
from desktop_crm.ui.kit.overlays import Dialog, Popover
from desktop_crm.ui.print_batch import EACH, LIST, ONE, PRINTER, BatchDialog
from tests.services.ledger import add, debt
from tests.support.company import make
from tests.ui.conftest import FakeFiles
from tests.ui.slow_stage import DAY, FAILURES, Act, Stage, each, is_stopped_fails_and_is_done, press, stopped_while_held, waited_for
from tests.ui.test_slow_actions import SlowPrinters, seeded
from tests.ui.test_slow_office import NUMBERS

if TYPE_CHECKING:

    from desktop_crm.reports import Row

prepare()

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)  # said of menus that open
COMMANDS: Final = ("list", "page", "new", "import", "duplicates", "import_company", "drafts", "guide")
"""What the keys of the palette's commands begin with."""
OF_ONE_CUSTOMER: Final = frozenset({"statement", "ledger"})
AT_HAND: Final = frozenset({"action.export"})
"""What writes a file of what is there already: it asks the database nothing, and is done whatever that does."""
LISTS: Final = sorted(name for name, spec in full_catalog().items() if spec.group)


def over_the_page() -> list[QWidget]:
    """Return what lies over the page and asks something."""
    kinds: tuple[type[QWidget], ...] = (Dialog, Popover, QMenu)
    return [one for window in QApplication.topLevelWidgets() for kind in kinds for one in window.findChildren(kind) if one.isVisible()]


def close_over(stage: Stage) -> None:
    stage.close_dialogs()
    for one in over_the_page():
        one.close()


def is_begun_in_every_way(stage: Stage, act: Act) -> None:
    """Begin it on a database that doesn't answer: where it asks something, the wait is shown and stopped; then on one that breaks off, and on one that answers."""

    def led() -> tuple[int, set[str]]:
        act.before(stage)
        stage.settle()
        return stage.written(), stage.files()

    def is_as_it_was(before: tuple[int, set[str]]) -> None:
        assert stage.written() == before[0], "something was written"
        assert act.name in AT_HAND or stage.files() == before[1], "a file was written"
        assert not stage.shown(), "a wait is still shown"
        assert not stage.busy(), f"still busy: {stage.busy()}"
        close_over(stage)

    before = led()
    stopped_while_held(stage, partial(act.do, stage), lambda: bool(stage.shown()) or not waited_for(stage))
    is_as_it_was(before)
    assert not stage.failures, stage.failures
    before = led()
    with stage.gate.failing(FAILURES[0]):
        act.do(stage)
        stage.settle()
    is_as_it_was(before)
    stage.failures.clear()
    led()
    act.do(stage)
    stage.settle()
    assert not stage.failures, stage.failures
    assert not stage.busy(), f"busy for good: {stage.busy()}"
    assert not stage.shown(), "a wait is still shown"
    asking = [one.objectName() for one in over_the_page()]
    assert not asking or act.name.rpartition(".")[2] in GOES_ON, f"{asking} asks something: say in GOES_ON what is done there"
    close_over(stage)


# ---- the palette


def test_every_command_is_of_a_kind_that_is_tried(stage: Stage) -> None:
    assert {one.key.partition(".")[0] for one in commands(stage.desk)} == set(COMMANDS)
    assert sorted(spec.name for spec in stage.session.catalog.values() if spec.group) == LISTS


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_of_the_palette_is_stopped_and_fails(stage: Stage, kind: str) -> None:
    seeded(stage)

    def run(key: str, stage: Stage) -> None:
        next(one for one in commands(stage.desk) if one.key == key).act()

    keys = [one.key for one in commands(stage.desk) if one.key.partition(".")[0] == kind and one.key != "list.customer"]
    each(stage, [Act(key, partial(run, key), Stage.close_pages) for key in keys], is_begun_in_every_way)


# ---- lists


def ticked(entity: str, stage: Stage) -> None:
    """Lead to a list with all of its rows ticked."""
    stage.desk.show_list(entity)
    stage.settle()
    stage.page.table.tick_all()
    stage.settle()


def of_bar(key: str, stage: Stage) -> None:
    next(act for name, _label, _icon, act in stage.page.acts.bar() if name == key)()


def menu_of(stage: Stage) -> QMenu:
    """Return what the menu of a list and that of its first row offer."""
    made = QMenu(stage.window)
    stage.page.acts.menu(made)
    stage.page.acts.row_menu(made, stage.page.model.ids_in([0])[0])
    return made


def of_menu(place: int, stage: Stage) -> None:
    menu_of(stage).actions()[place].trigger()


@pytest.mark.parametrize("entity", LISTS)
def test_everything_that_is_done_with_a_lists_rows_is_stopped_and_fails(stage: Stage, entity: str) -> None:
    seeded(stage)
    for _one in range(2 - records.count(stage.session, entity)):
        make(stage.session, entity)
    lead = partial(ticked, entity)
    lead(stage)
    acts = [Act(f"menu {one.text()}.menu", partial(of_menu, place), lead) for place, one in enumerate(menu_of(stage).actions()) if not one.isSeparator()]
    acts += [Act(f"bar.{key}", partial(of_bar, key), lead) for key, *_rest in stage.page.acts.bar()]
    each(stage, sorted(acts, key=lambda act: act.name.endswith(".delete")), is_begun_in_every_way)


# ---- reports


def opened(name: str, stage: Stage) -> None:
    """Lead to a report that has rows."""
    of_one = {"customer": stage.keys["customer"][0], "date_from": dt.date(2026, 1, 1), "date_to": dt.date(2026, 12, 31)}
    stage.desk.show_page(f"report.{name}", **(of_one if name in OF_ONE_CUSTOMER else {}))


def first_with_figures(stage: Stage) -> Row | None:
    return next((row for row in stage.page.report.rows if row.drills), None)


def behind(key: str, stage: Stage) -> None:
    stage.page._open(first_with_figures(stage), key)


def behind_total(key: str, stage: Stage) -> None:
    stage.page._open_total(key)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_everything_a_report_offers_is_stopped_and_fails(stage: Stage, name: str) -> None:
    seeded(stage)
    lead = partial(opened, name)
    lead(stage)
    stage.settle()
    row = first_with_figures(stage)
    assert row is not None or not stage.page.report.rows, "no figure leads on"
    acts = [Act(f"figure {key}.figure", partial(behind, key), lead) for key in (row.drills if row is not None else ())]
    acts += [Act(f"total {key}.total", partial(behind_total, key), lead) for key in stage.page.report.total_drills]
    acts += [Act(button.objectName(), press(button.objectName()), lead) for button in stage.page.buttons]
    each(stage, acts, is_begun_in_every_way)


# ---- what goes on from what asks something


def card_open(key: str, stage: Stage) -> None:
    number = next(NUMBERS)
    stage.keys["person"] = [users.add_user(stage.session, {"name": f"同事{number}", "login": f"tongshi{number}", "role": "sales"}).result.id]
    ticked("customer", stage)
    of_bar(key, stage)


def owner_taken(stage: Stage) -> None:
    stage.page.acts._card.taken.emit("owner", Ref(stage.keys["person"][0], ""))


def source_taken(stage: Stage) -> None:
    stage.page.acts._card.taken.emit("source", "fair")


def asked_for_requests(stage: Stage) -> None:
    """Lead to the menu of what receivables are invoiced by."""
    debts = [debt(stage.session, stage.keys["customer"][0], "12") for _one in range(2)]
    stage.desk.show_list("receivable", Where("id", "in", debts), "新的")
    stage.settle()
    stage.page.table.tick_all()
    of_bar("request_invoices", stage)
    stage.settle()
    stage.kept = next(one for one in over_the_page() if one.objectName() == "menu.request_invoices")
    stage.kept.hide()


def choose(place: int, stage: Stage) -> None:
    stage.kept.actions()[place].trigger()


def deletion_asked(stage: Stage) -> None:
    """Lead to the question whether what hangs on a contract goes along."""
    gone = add(stage.session, "contract", customer=stage.keys["customer"][0], signed_on=DAY, number=f"走的{next(NUMBERS)}", lines={"contract_line": [{"product_name": "泵", "quantity": Decimal(1), "price": Decimal(2)}]})
    stage.desk.show_list("contract", Where("id", "in", [gone]), "走的")
    stage.settle()
    stage.page.table.tick_all()
    of_bar("delete", stage)
    stage.settle()


def printing_asked(way: str, stage: Stage) -> None:
    ticked("contract", stage)
    of_bar("print", stage)
    stage.settle()
    (dialog,) = [one for one in stage.dialogs() if isinstance(one, BatchDialog)]
    if way == LIST:
        dialog.template.set_value(LIST)
    else:
        dialog.way.set_current(way)
        dialog.way.chosen.emit(way)
    if way in {ONE, EACH}:
        folder = stage.folder / "printed"
        folder.mkdir(exist_ok=True)
        files.FILES = FakeFiles(folder if way == EACH else folder / "all.pdf")


def printed(way: str, name: str, *, writes: bool) -> Act:
    return Act(name, press("batch.accept"), partial(printing_asked, way), writes=writes, works=True, closes=True)


GOES_ON: Final[dict[str, list[Act]]] = {
    "owner": [Act("given to somebody", owner_taken, partial(card_open, "owner"), writes=True, closes=True)],
    "change": [Act("field changed", source_taken, partial(card_open, "change"), writes=True, closes=True)],
    "request_invoices": [
        Act("one invoice a customer", partial(choose, 0), asked_for_requests, writes=True, closes=True),
        Act("one invoice each", partial(choose, 1), asked_for_requests, writes=True, closes=True),
        Act("one invoice entered", partial(choose, -1), asked_for_requests),
    ],
    "delete": [Act("deleted with what hangs on it", press("deletion_dialog.delete"), deletion_asked, writes=True, closes=True)],
    "print": [
        Act("documents previewed", press("batch.preview"), partial(printing_asked, PRINTER), closes=True),
        printed(LIST, "list as a table", writes=False),
        printed(ONE, "all in one PDF", writes=True),
        printed(EACH, "a PDF for each of the list", writes=True),
        printed(PRINTER, "all to the printer", writes=True),
    ],
    "menu": [],
}
"""By the key of an action, what is done in what it opens. What a list's menu opens is opened from its bar as well."""


@pytest.mark.parametrize("key", [key for key, acts in GOES_ON.items() if acts])
def test_what_goes_on_from_a_question_is_stopped_and_fails(stage: Stage, key: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printers, "PRINTERS", SlowPrinters(stage, tmp_path_factory.mktemp("paper") / "printed.pdf"))
    seeded(stage)
    failures = cycle(FAILURES)
    each(stage, GOES_ON[key], lambda stage, act: is_stopped_fails_and_is_done(stage, act, next(failures)))
