"""The composition root: the one file that may import every layer, and wires them to a window."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import desktop_crm.ui  # noqa: F401 - loads Qt, so it comes before it

# isort: split
from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from desktop_crm import __version__
from desktop_crm.base.errors import Cancelled
from desktop_crm.base.i18n import _, current_language, system_language, use_language
from desktop_crm.base.settings import Settings, load_settings, save_settings
from desktop_crm.services.session import Session, open_session
from desktop_crm.ui.crash import CrashNet
from desktop_crm.ui.kit.focus import FocusRing
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.theme import apply_theme
from desktop_crm.ui.operations import SHOW_WAIT_MS, Lane, Operations
from desktop_crm.ui.swift import keep_what_was_loaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.restoring import Prepared
    from desktop_crm.ui.main_window import MainWindow
    from desktop_crm.ui.start import StartWindow

LOOK_MS: Final = 10
TRY_OUT_MS: Final = 60_000
STAY: Final = {"language"}
"""Reasons for which the window is made anew on the same session's company; the others lead to the start page."""


def application() -> QApplication:
    """Return the application, made and dressed where it isn't yet."""
    made = QApplication.instance()
    if isinstance(made, QApplication):
        return made
    # The style is named here: asking for it later makes PySide6 build all that QStyle knows, which takes as long as the window.
    app = QApplication([*sys.argv[:1], "-style", "fusion"])
    app.setApplicationName("Desktop CRM")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("desktop-crm")
    return app


def system_names() -> list[str]:
    """Return the languages the system's settings ask for, the most wanted first; none where no language was ever set."""
    system = QLocale.system()
    return [] if system.language() == QLocale.Language.C else list(system.uiLanguages())


def dress(app: QApplication, settings: Settings) -> None:
    """Apply language, theme and text size; Qt's own buttons and dialogs follow the language."""
    use_language(settings.language or system_language(system_names()))
    for old in app.findChildren(QTranslator, "qt_translator"):
        app.removeTranslator(old)
        old.deleteLater()
    translator = QTranslator(app)
    translator.setObjectName("qt_translator")
    if translator.load(QLocale(current_language()), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    apply_theme(app, settings.theme, settings.text_scale, settings.density)
    FocusRing.install(app)
    app.setWindowIcon(QIcon(pixmap("chart-line", "accent", 64)))


class Program:
    """The start page and the main window, one after the other, until the last one is closed."""

    def __init__(self, app: QApplication, language: str = "") -> None:
        self.app = app
        self.settings = load_settings()
        self.language = language
        self.window: MainWindow | None = None
        self.start: StartWindow | None = None
        self.net = CrashNet(app)
        self.lanes = Operations(self.net.show, lambda: None, app)

    def dress(self) -> None:
        """Apply the settings; a language that was asked for at the start goes first, until another one is chosen."""
        dress(self.app, replace(self.settings, language=self.language or self.settings.language))

    def keep(self, settings: Settings) -> Callable[[], None]:
        """Apply what shows of the settings at once, and return what saves them, to be run where the window doesn't wait for it."""
        dressed = replace(settings, window="", layouts={}, last_company="", recent_companies=())
        if dressed != replace(self.settings, window="", layouts={}, last_company="", recent_companies=(), language=settings.language):
            apply_theme(self.app, settings.theme, settings.text_scale, settings.density)
        self.settings = settings
        return partial(save_settings, settings)

    def ask(self) -> StartWindow:
        """Show the start page: first run, sign-in, or why a company can't be opened."""
        from desktop_crm.ui.start import StartWindow

        self.start = StartWindow(self.settings, self.net.show)
        self.start.opened.connect(self.opened)
        self.start.show()
        QTimer.singleShot(0, keep_what_was_loaded)
        return self.start

    def open(self, url: str, user: str | None) -> None:
        """Open a company; the start page asks for a name, says what is wrong, or waits for a server.

        A file is opened while the window's parts are loaded. Where it takes long, the start page shows that.
        """
        if url.startswith(("mysql:", "mariadb:")):
            self.ask().open_url(url, user=user)
            return

        def work() -> Session:
            session = open_session(url, user)
            # The window's first question goes on with this connection, which has read all tables and triggers.
            session.store.leave()
            return session

        def failed(problem: BaseException) -> None:
            start = self.start or self.ask()
            if isinstance(problem, Cancelled):
                start.not_done(problem)
            else:
                start.open_url(url, user=user)  # which tries again, and tells

        def show_wait() -> None:
            if job not in self.lanes.waited_for(Lane.READ):
                return
            from desktop_crm.ui.start_work import company_title

            self.ask().wait_for(job, _("Opening {name}…").format(name=company_title(url)[0]))

        job = self.lanes.read(self.app, work, self.opened, failed=failed)
        from desktop_crm.ui import list_page, main_window  # noqa: F401 - needed as soon as the company is open, and loaded while it opens

        # Only now: what is loaded above holds the lane up as well, and a start page that comes for a moment would cost more than the wait.
        QTimer.singleShot(SHOW_WAIT_MS, self.app, show_wait)

    def opened(self, session: Session, *, at_once: bool = False) -> None:
        """Show the main window on a session, with its first rows; `at_once` where it takes the place of one that was closed, or Qt would end with the last window."""
        session.close()  # from here on only the lanes' threads use the database
        settings = load_settings().company_opened(session.url, session.person.login)
        if settings != self.settings:
            self.lanes.draft(self.app, self.keep(settings), lambda _none: None)
        self.window = self.make_window(session)
        self.window.began.connect(keep_what_was_loaded)
        if at_once:
            self.window.show()
        else:
            self.window.appear(self._leave_start)

    def _leave_start(self) -> None:
        if self.start is not None:
            self.start.close()
            self.start = None

    def make_window(self, session: Session) -> MainWindow:
        """Return the main window on a session."""
        from desktop_crm.ui.main_window import MainWindow

        return MainWindow(session, self.settings, net=self.net, save_settings=self.keep, restart=self.restart)

    def restart(self, why: str, what: object = None) -> None:
        """Make the window anew after it closed: for another language, another person or another company, or this one restored or moved."""
        old, self.window = self.window, None
        if old is not None:
            old.deleteLater()
        if why == "language":
            self.language = ""
        self.dress()
        if why in STAY and old is not None:
            self.opened(Session(old.desk.session.store, old.desk.session.person), at_once=True)
        elif why == "sign_out":
            self.ask().open_url(self.settings.last_company)
        elif why == "moved" and isinstance(what, str):
            self.ask().open_url(what)
        elif why == "restored" and what is not None:
            self.ask().restoring.change_over(cast("Prepared", what), self.settings.last_company)
        elif why == "restore" and isinstance(what, Path):
            self.ask().restoring.begin(what)
        else:
            self.ask()


def build(session: Session) -> MainWindow:
    """Return the main window on `session`, dressed by the saved settings; the caller shows it."""
    app = application()
    program = Program(app)
    dress(app, program.settings)
    program.window = program.make_window(session)
    return program.window


def try_out(url: str) -> bool:
    """Open the window on a company, wait until its first page is there and close it; tells whether it came."""
    app = application()
    program = Program(app)
    dress(app, program.settings)

    def there() -> bool:
        page = program.window.page() if program.window is not None else None
        return page is not None and page.is_there()

    looking = QTimer()
    looking.timeout.connect(lambda: app.exit() if there() else None)
    looking.start(LOOK_MS)
    QTimer.singleShot(TRY_OUT_MS, app.exit)
    program.open(url, None)
    app.exec()
    came = there()
    if program.window is not None:
        program.window.close()
    program.lanes.stop()
    return came


def main(url: str | None = None, *, user: str | None = None, demo: bool = False, language: str = "") -> int:
    """Open the window and run until it is closed; return the exit code. `language` goes before that of the settings, this time.

    Without a URL the last company opens; the start page appears where there is none, where somebody must sign in, or where it
    can't be opened.
    """
    app = application()
    program = Program(app, language)
    program.net.install()
    program.dress()
    wanted = url or program.settings.last_company
    if demo:
        program.ask().open_demo()
    elif wanted:
        program.open(wanted, user)
    else:
        program.ask()
    code = app.exec()
    program.lanes.stop()
    return code
