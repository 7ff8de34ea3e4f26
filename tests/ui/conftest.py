"""A desk over a real company file, with the lanes running, for every test of a page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest.runner import runtestprotocol
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from desktop_crm.base import plans
from desktop_crm.base.settings import Settings
from desktop_crm.services.session import Session, create_company
from desktop_crm.ui import files, guard, printers, reminding, search_upkeep, upkeep
from desktop_crm.ui.crash import CrashNet
from desktop_crm.ui.desk import Desk
from desktop_crm.ui.operations import Operations
from desktop_crm.ui.pages import PLACES, page_module
from tests.support.gui_guard import watching
from tests.support.loop_watch import too_long, watching_loop
from tests.support.prepared import lay
from tests.support.settling import settle
from tests.ui.printer_support import PaperPrinters

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from tests.ui.slow_stage import Stage


PATIENCE_MS: Final = 60_000
"""How long a test waits for what is to come: only one that hangs waits so long, and a machine that does much else is no fault."""
NEVER_MS: Final = 24 * 60 * 60_000


class PatientBot(QtBot):
    """pytest-qt's robot, which gives up after five seconds otherwise."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, raising: bool | None = None, check_params_cb: Callable[..., bool] | None = None) -> Any:
        return super().waitSignal(signal, timeout=timeout, raising=raising, check_params_cb=check_params_cb)

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    del qapp
    return PatientBot(request)


@pytest.fixture(autouse=True)
def nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put off what a window does by itself some seconds after its start or a change: on a slow machine that falls into the middle of a test. Tests of it set their own times."""
    for module, name in ((guard, "FIRST_LOOK_MS"), (reminding, "FIRST_LOOK_MS"), (reminding, "SOON_MS"), (search_upkeep, "FIRST_MS"), (search_upkeep, "SOON_MS"), (upkeep, "FIRST_MS")):
        monkeypatch.setattr(module, name, NEVER_MS)
    # Nor does each window that is closed at the end of a test back its company up.
    monkeypatch.setattr(plans, "default_plan", lambda _url: plans.BackupPlan())


@pytest.fixture(autouse=True)
def gui_guard() -> Iterator[None]:
    """Fail a test in which the window's thread touched a database, a file, a server or another program."""
    with watching() as guard:
        yield
    assert not guard.seen, "in the window's thread: " + "; ".join(dict.fromkeys(guard.seen))


DEFECTS: list[str] = []
"""Reports that a dialog would have shown. It would wait for somebody to close it, between two tests as well, where no test can."""
TELL = CrashNet._tell
CrashNet._tell = lambda _net, text: DEFECTS.append(text)  # type: ignore[assignment, method-assign]


@pytest.fixture(autouse=True)
def no_defect() -> Iterator[None]:
    """Fail a test in which, or right before which, the program told of a defect in itself."""
    yield
    told = DEFECTS[:]
    DEFECTS.clear()
    assert not told, told[0]


@pytest.fixture(autouse=True)
def loop_watch(qapp: QApplication) -> Iterator[None]:
    """Fail a test in which the window's thread worked so long at a time that a key would have had to wait.

    It asks for the application, without which fonts and pictures end the process: whichever test comes first needs it.
    """
    del qapp
    with watching_loop(garbage=0) as watch:
        yield
    if told := too_long(watch.work):
        raise TooLong(told)


class TooLong(AssertionError):
    """The window's thread worked too long at a time, if it wasn't the machine."""


MEASURE_AGAIN: Final = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Take note of a test that failed by nothing but its measurement."""
    if call.excinfo is not None and call.excinfo.errisinstance(TooLong):
        item.stash[MEASURE_AGAIN] = True
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Measure once more where the window's thread worked too long: another program may have taken the processor's caches, or its host the processor. Any other failure stands."""
    if "loop_watch" not in getattr(item, "fixturenames", ()):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if MEASURE_AGAIN in item.stash and [one.when for one in reports if one.failed] == ["teardown"]:
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for one in reports:
        item.ihook.pytest_runtest_logreport(report=one)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(autouse=True, scope="session")
def pages_loaded() -> None:
    """Load every page's module: a test that shows a page need not wait for its lane, whichever tests ran before it."""
    for key in (*PLACES, "report."):
        import_module(page_module(key))


@pytest.fixture(autouse=True, scope="session")
def clipboard_emptied(qapp: QApplication) -> Iterator[None]:
    """Take what Python put on the clipboard away at the end: without a screen Qt frees it when Python is gone already, which ends the process with a crash."""
    yield
    qapp.clipboard().clear()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Make an empty company on SQLite; 王敏 is its administrator."""
    made = create_company(lay(f"sqlite:///{tmp_path / 'company.sqlite3'}"), admin="王敏")
    yield made
    made.close()


class Bench:
    """A window with a desk: `show` puts a page into it, `settle` waits until every lane is idle and every page made; `failures` and `said` are what the user was told."""

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        self.session, self.qtbot = session, qtbot
        self.window = QMainWindow()
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)
        self.failures: list[BaseException] = []
        self.said: list[tuple[str, int | None]] = []
        self.tones: list[tuple[str, str]] = []
        self.opened: list[tuple[Any, ...]] = []
        self.operations = Operations(self.failures.append, session.close, self.window, watch=session.store.watched)
        self.desk = Desk(session, self.operations, Settings(), self.window)
        self.desk.failed.connect(self.failures.append)
        self.desk.said.connect(self._hear)
        self.desk.record_wanted.connect(lambda *given: self.opened.append(("record", *given)))
        self.desk.new_wanted.connect(lambda *given: self.opened.append(("new", *given)))
        self.desk.list_wanted.connect(lambda *given: self.opened.append(("list", *given)))
        self.desk.page_wanted.connect(lambda *given: self.opened.append(("page", *given)))
        self.desk.back_wanted.connect(lambda: self.opened.append(("back",)))

    def _hear(self, text: str, change: int | None, tone: str, detail: str) -> None:
        self.said.append((text, change))
        self.tones.append((tone, detail))

    def show(self, page: QWidget) -> None:
        """Show a page as the window's only content."""
        self.window.setCentralWidget(page)
        self.window.show()
        refresh = getattr(page, "refresh", None)
        if refresh is not None:
            self.desk.changed.connect(refresh)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way and no timer of a page is about to ask something."""
        settle(self.qtbot, self.operations.idle)


@pytest.fixture
def bench(session: Session, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(session, qtbot)
    yield made
    made.window.close()
    made.operations.stop()
    assert made.failures == []


class FakeFiles(files.Files):
    """Answers for the user: `path` for every question; `opened` are the files that were to be shown."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.opened: list[Path] = []

    def ask_open(self, parent: QWidget, title: str, filters: str) -> Path | None:  # noqa: ARG002
        return self.path

    def ask_save(self, parent: QWidget, title: str, name: str, filters: str) -> Path | None:  # noqa: ARG002
        return self.path

    def ask_folder(self, parent: QWidget, title: str) -> Path | None:  # noqa: ARG002
        return self.path

    def open(self, path: Path) -> bool:
        self.opened.append(path)
        return True


@pytest.fixture
def answer_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], FakeFiles]:
    """Call it with the path that every file dialog answers."""

    def answer(path: Path | None) -> FakeFiles:
        made = FakeFiles(path)
        monkeypatch.setattr(files, "FILES", made)
        return made

    return answer


@pytest.fixture
def print_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., PaperPrinters]:
    """Call it with the file that the only printer writes to."""

    def answer(path: Path, **facts: Any) -> PaperPrinters:
        made = PaperPrinters(path, **facts)
        monkeypatch.setattr(printers, "PRINTERS", made)
        return made

    return answer


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Open the whole window over a company whose database can be held or break off."""
    from tests.ui.slow_stage import staged

    with staged(qtbot, tmp_path, monkeypatch) as made:
        yield made
