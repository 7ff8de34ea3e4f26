"""Whether the window ever keeps anybody waiting: the longest block of its thread while something is done.

How long a turn of the event loop works is how long a key would have to wait (`tests/support/loop_watch.py`). Fast scrolling is measured by its frames (`frames.py`).
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import frames
from bench.house import Line
from desktop_crm.base.plans import load_plan, save_plan
from desktop_crm.services import exporting
from desktop_crm.services.session import Session
from tests.support.gate import slowed
from tests.support.loop_watch import watching_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.house import Ground
    from desktop_crm.ui.list_page import ListPage
    from desktop_crm.ui.main_window import MainWindow

BLOCK_MS: Final = 50.0
FRAME_MS: Final = 1000 / 60
IMPORTED: Final = 2_000
PASTED: Final = 200
CHANGED: Final = 5_000
OPENED: Final = 10
MOVES: Final = 60
KEY_MS: Final = 40
QUIET: Final = 4
FILLED: Final = ("customer", "contact", "contract", "receivable", "receipt", "activity")
"""Entities of which the company of a bench has records."""
SLOW_MS: Final = (50, 2_000)


def measure(ground: Ground) -> Iterator[Line]:
    """Open the window and do everything in it, on the database as it is and made slow."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with opened_window(ground.session) as window:
        yield from _blocks(window)
        yield from _everything(window)
        yield from _beside(window)
        yield from _working(window)
        yield from _closing(window)
        for wait in SLOW_MS:
            with slowed(wait / 1000):
                for name, act in [*_reading(window), *_changing(window)]:
                    yield _line(f"{name}, {wait} ms a statement", _longest(window, act, to_the_end=wait == SLOW_MS[0]))
                    if wait != SLOW_MS[0]:
                        yield _line(f"and stopped, {wait} ms a statement", _longest(window, partial(_stop, window), to_the_end=False))
                settle(window)
    yield from frames.measure(ground)


@contextmanager
def opened_window(session: Session) -> Iterator[MainWindow]:
    """Yield a window with its first page, at home in a folder of its own."""
    from desktop_crm.app import build
    from desktop_crm.ui.swift import keep_what_was_loaded

    with tempfile.TemporaryDirectory(prefix="crm-window-") as home:
        os.environ["DESKTOP_CRM_HOME"] = home
        window = build(Session(session.store, session.person))
        window.resize(1280, 800)
        window.show()
        settle(window)
        keep_what_was_loaded()  # as the program does once its first page is there
        try:
            yield window
        finally:
            save_plan(session.url, replace(load_plan(session.url), at_exit=False))  # no backup of the whole company now
            window.close()


def _blocks(window: MainWindow) -> Iterator[Line]:
    folder = Path(os.environ["DESKTOP_CRM_HOME"])
    acts: list[tuple[str, Callable[[], object]]] = [*_reading(window), ("theme switched", lambda: _theme("dark")), ("and back", lambda: _theme("light"))]
    book, pdf = folder / "customers.xlsx", folder / "list.xlsx"
    session = window.desk.session
    from desktop_crm.domain.conditions import Query, Where

    some = Query("customer", Where("id", "le", IMPORTED), columns=("name", "phone", "level"))
    exporting.export_list(session, some, book)
    acts += [
        ("import opened", lambda: _import(window)),
        ("import looked through", lambda: _look_through(window, book)),
        ("export", lambda: window.operations.file(window, lambda step: exporting.export_list(session, Query("customer"), pdf, progress=step), lambda _n: None, title="export")),
        ("print preview", lambda: window.desk.show_page("preview", prints="statement", customer=1)),
        ("report", lambda: window.desk.show_page("report.aging")),
    ]
    for name, act in acts:
        yield _line(f"{name}, longest block", _longest(window, act))


def _beside(window: MainWindow) -> Iterator[Line]:
    """Scroll while long work runs beside it, and paste a block of lines."""
    window.desk.show_list("customer")
    settle(window)
    session, page = window.desk.session, window.page()
    from desktop_crm.models.search_index import clear
    from desktop_crm.services import archives, search
    from desktop_crm.ui.list_page import ListPage

    assert isinstance(page, ListPage)
    bar, copy = page.table.verticalScrollBar(), Path(os.environ["DESKTOP_CRM_HOME"]) / "beside.crmbackup"

    def beside(work: Callable[[Callable[[int, int], None]], object]) -> None:
        from PySide6.QtCore import QTimer

        window.operations.file(window, work, lambda _made: wheel.stop(), title="bench")
        wheel = QTimer(window)
        wheel.timeout.connect(lambda: bar.setValue(bar.value() + 3 * bar.singleStep() if bar.value() < bar.maximum() else 0))
        wheel.start(int(FRAME_MS))

    clear(session.store)
    yield _line("scrolled while a backup runs", _longest(window, lambda: beside(lambda step: archives.backup_to(session, copy, step=step))))
    yield _line("scrolled while the search index is made", _longest(window, lambda: beside(lambda step: search.tend_index(session, step=step))))
    window.desk.new_record("contract")
    settle(window)
    yield _line(f"{PASTED} lines pasted into a contract", _longest(window, lambda: _paste(window)))


def _working(window: MainWindow) -> Iterator[Line]:
    """Type into a form while many records are changed and while many are imported; what is done is taken back."""
    from desktop_crm.domain.conditions import Where
    from desktop_crm.services import importing, records
    from desktop_crm.services.undoing import undo

    session, desk = window.desk.session, window.desk
    book = Path(os.environ["DESKTOP_CRM_HOME"]) / "customers.xlsx"
    desk.new_record("customer")
    settle(window)
    made: list[int | None] = []

    def beside(work: Callable[[Callable[[int, int], None]], Any]) -> None:
        from PySide6.QtCore import QTimer

        def typed() -> None:
            QTest.keyClick(window.focusWidget(), Qt.Key.Key_A)

        def done(changes: Any) -> None:
            made.append(changes.change_set)
            keys.stop()

        window.operations.long_write(window, work, done, title="bench")
        keys = QTimer(window)
        keys.timeout.connect(typed)
        keys.start(KEY_MS)

    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    some = Where("id", "le", CHANGED)
    yield _line(f"typed while {CHANGED:,} records change", _longest(window, lambda: beside(lambda step: records.change_many(session, "customer", some, {"source": "bid"}, step=step))))

    def bring_in(step: Callable[[int, int], None]) -> Any:
        source = importing.open_source(session, "customer", book)
        options = importing.Options(importing.mapping_of(importing.guess_mapping(session, source)), on_duplicate="add")
        return importing.run_import(session, source, options, progress=step)

    yield _line(f"typed while {IMPORTED:,} rows are imported", _longest(window, lambda: beside(bring_in)))
    for change_set in reversed([one for one in made if one is not None]):
        undo(session, change_set)
    session.close()


def _closing(window: MainWindow) -> Iterator[Line]:
    """Go back through the pages that are open, and drag in the designer."""
    desk = window.desk
    for key in range(1, OPENED + 1):
        desk.open_record("customer", key)
        settle(window)
    yield _line(f"{OPENED} records closed, one after the other", max(_longest(window, desk.go_back) for _number in range(OPENED)))
    desk.show_page("designer", name="delivery_note")
    settle(window)
    yield _line("an element dragged in the designer", _longest(window, lambda: _drag(window)))
    page: Any = window.page()
    page.design.stack.undo()  # nothing is left that leaving the page would save


def _drag(window: MainWindow) -> None:
    """Press on an element, move the pointer a hundred times as fast as the screen shows it, let go."""
    from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    page: Any = window.page()
    view, left = page.canvas.viewport(), Qt.MouseButton.LeftButton
    start = page.canvas.to_view(page.canvas.boxes("bands/page_header/elements/3")[0]).center()

    def send(kind: QEvent.Type, spot: QPointF) -> None:
        QApplication.sendEvent(view, QMouseEvent(kind, spot, view.mapToGlobal(spot), left, left, Qt.KeyboardModifier.NoModifier))

    moves = iter(range(MOVES))

    def move() -> None:
        number = next(moves, None)
        if number is None:
            hand.stop()
            send(QEvent.Type.MouseButtonRelease, start + QPointF(MOVES, MOVES / 2))
        else:
            send(QEvent.Type.MouseMove, start + QPointF(number, number / 2))

    send(QEvent.Type.MouseButtonPress, start)
    hand = QTimer(window)
    hand.timeout.connect(move)
    hand.start(int(FRAME_MS))


def _everything(window: MainWindow) -> Iterator[Line]:
    """Show every list, record, new form and page for the first time, with the slowest of each named."""
    from desktop_crm.ui.pages import BOTTOM_PAGES, PAGES

    desk = window.desk
    desk.session.close()  # what follows is asked for in the lanes
    entities = [spec.name for spec in desk.session.catalog.values() if spec.group]
    written = [name for name in entities if desk.session.may_write(name)]
    others = ("guide", "drafts", "import_company")
    kinds: list[tuple[str, list[tuple[str, Callable[[], object]]]]] = [
        ("first of every list", [(name, partial(desk.show_list, name)) for name in entities]),
        ("first record of every kind", [(name, partial(desk.open_record, name, 1)) for name in FILLED]),
        ("first new form of every kind", [(name, partial(desk.new_record, name)) for name in written]),
        ("first of every page", [(key, partial(desk.show_page, key)) for key in (*PAGES, *BOTTOM_PAGES, *others)]),
        ("designer", [("opened", partial(desk.show_page, "designer", name="delivery_note"))]),
    ]
    for kind, acts in kinds:
        found = [(_longest(window, act), name) for name, act in acts]
        work, slowest = max(found)
        line = _line(f"{kind}, the slowest of {len(found)}", work)
        yield replace(line, note=f"{slowest}; {sum(one[0] > BLOCK_MS for one in found)} above")
    begun = time.thread_time()
    gc.collect()
    yield Line("garbage of all these looked for, in a pause", (time.thread_time() - begun) * 1000)


def _paste(window: MainWindow) -> None:
    from PySide6.QtGui import QGuiApplication

    editor: Any = window.page()
    table = editor.lines.table
    QGuiApplication.clipboard().setText("\n".join(f"轴承 {number}\t{number}" for number in range(1, PASTED + 1)))
    table.setCurrentIndex(table.model().index(0, 0))
    table.paste()


def _line(name: str, work: float) -> Line:
    """Return the longest turn as processor time, which other programs don't make longer."""
    return Line(name, work, ceiling=BLOCK_MS)


def _reading(window: MainWindow) -> list[tuple[str, Callable[[], object]]]:
    """Return what is done in lists and records."""
    desk = window.desk

    def page() -> ListPage:
        from desktop_crm.ui.list_page import ListPage

        desk.show_list("customer")
        shown = window.page()
        assert isinstance(shown, ListPage)
        return shown

    def bottom() -> None:
        page().table.scrollToBottom()

    def search(text: str) -> None:
        page().bar.search.setText(text)

    return [
        ("list opened", lambda: desk.show_list("receivable")),
        ("list sorted", lambda: page().table.sort_requested.emit(0, True)),
        ("jump to the end", bottom),
        ("search", lambda: search("华信")),
        ("search cleared", lambda: search("")),
        ("record opened", lambda: desk.open_record("customer", 1)),
        ("palette", window.searching.open),
        *((name, partial(desk.show_page, name)) for name in ("tax", "bank", "templates", "settings", "safety", "log", "report.due", "report.statements")),
    ]


def _changing(window: MainWindow) -> list[tuple[str, Callable[[], object]]]:
    """Return what is changed, and what is made of records."""
    from desktop_crm.domain.conditions import Where
    from desktop_crm.services import records

    desk, session = window.desk, window.desk.session
    some = Where("id", "le", 100)

    def save() -> None:
        desk.write(window, lambda: records.save(session, "contact", {"position": "经理"}, key=1), lambda _changes: None)

    def change() -> None:
        desk.write_long(window, lambda step: records.change_many(session, "contact", some, {"position": "采购"}, step=step), lambda _changes: None, title="bench")

    return [
        ("record saved", save),
        ("100 records changed", change),
        ("new contract", lambda: desk.new_record("contract")),
        ("report", lambda: desk.show_page("report.aging")),
        ("print preview", lambda: desk.show_page("preview", prints="statement", customer=2)),
        ("settings", lambda: desk.show_page("settings")),
    ]


def _stop(window: MainWindow) -> None:
    """Stop all that is under way, as the user would."""
    for job in window.operations.under_way():
        if job.waited_for:
            job.stop()


def _import(window: MainWindow) -> None:
    window.searching.palette.close_up()
    window.desk.show_page("import", entity="customer")


def _look_through(window: MainWindow, book: Path) -> None:
    page: Any = window.page()
    page.open(book)


def _theme(name: Any) -> None:
    from PySide6.QtWidgets import QApplication

    from desktop_crm.ui.kit.theme import apply_theme

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, name)


# ---- the watch


def _longest(window: MainWindow, act: Callable[[], object], *, to_the_end: bool = True) -> float:
    """Return the longest turn of the event loop in ms of the processor."""
    from PySide6.QtCore import QEventLoop, QTimer

    with watching_loop(garbage=1) as watch:  # the window looks for older garbage only while nobody does anything

        def begin() -> None:
            watch.forget()
            act()

        loop = QEventLoop()
        QTimer.singleShot(30, begin)
        QTimer.singleShot(600, loop.quit)
        loop.exec()
        if to_the_end:
            settle(window)
    return watch.work


def settle(window: MainWindow) -> None:
    """Let everything that was asked for come."""
    from PySide6.QtCore import QEventLoop, QTimer

    from desktop_crm.ui.steps import steps_rest

    quiet = 0
    while quiet < QUIET:
        loop = QEventLoop()
        QTimer.singleShot(60, loop.quit)
        loop.exec()
        quiet = quiet + 1 if window.operations.idle() and steps_rest() else 0
