"""The window before any company is open: start empty, look at the demo, open a file, connect to a server, sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_crm.base.errors import Cancelled, CompanyThere, NewerDatabase, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.services import restoring
from desktop_crm.ui.files import ask_open
from desktop_crm.ui.kit.layouts import scroll
from desktop_crm.ui.kit.widgets import Banner, Button, IconLabel, Label, LinkLabel, box, column, holder, row
from desktop_crm.ui.operations import Operations
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.start_cards import RecentCompanies, StartCard
from desktop_crm.ui.start_pages import NewCompanyForm, ServerForm, SignInForm, StartForm, is_company_file, working
from desktop_crm.ui.start_restore import RestoreForm
from desktop_crm.ui.start_restoring import Restoring
from desktop_crm.ui.start_work import (
    SUFFIX,
    SignIn,
    company_title,
    demo_company,
    new_company,
    new_on_server,
    open_company,
    open_server,
    parse_path,
    server_of,
    sign_in,
    test_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent

    from desktop_crm.base.settings import Settings
    from desktop_crm.services.session import Session
    from desktop_crm.ui.operations import Job

WIDEST = 760


class StartWindow(QWidget):
    """A plain window that ends with an open company. Signal: `opened(Session)`; the session's connections are closed, ready for other threads.

    `on_error` is told of failures nobody can put right here.
    """

    opened = Signal(object)

    def __init__(self, settings: Settings, on_error: Callable[[BaseException], None]) -> None:
        super().__init__()
        self.setObjectName("start")
        self.settings = settings
        self.asked_for: str | None = None
        self.setWindowTitle(_("Desktop CRM"))
        self.resize(1000, 720)
        self.setMinimumSize(640, 480)
        self.tell_defect = on_error
        self.operations = Operations(on_error, lambda: None, self)
        self.problem = Banner(name="start.problem")
        self.problem.hide()
        self.progress = JobProgress(name="start.progress")
        self.new_form, self.server_form, self.sign_in_form = NewCompanyForm(), ServerForm(), SignInForm()
        self.restore_form = RestoreForm()
        self.restoring = Restoring(self)
        self.stack = QStackedWidget()
        self.welcome = scroll(self._welcome(settings))
        self.busy = working(self.progress)
        self.forms: tuple[StartForm, ...] = (self.new_form, self.server_form, self.sign_in_form, self.restore_form)
        for page in (self.welcome, *(scroll(form) for form in self.forms), self.busy):
            self.stack.addWidget(page)
        self.setLayout(column(box(column((self.stack, 1), gap=0), "app"), gap=0))
        for form in self.forms:
            form.back.connect(self.show_welcome)
        self.new_form.sent.connect(self._create)
        self.server_form.sent.connect(self._connect)
        self.server_form.test_wanted.connect(self._test)
        self.sign_in_form.sent.connect(self._sign_in)

    def _welcome(self, settings: Settings) -> QWidget:
        """Return the first page."""
        cards = [
            StartCard("file-plus", _("Start empty"), _("A new company in one file on this computer. Nothing to set up."), name="start.empty"),
            StartCard("play", _("Open the demo company"), _("Invented customers, contracts and payments to try everything with."), name="start.demo"),
            StartCard("folder-open", _("Open a company file"), _("One you have already, on this computer or in a shared folder."), name="start.open"),
            StartCard("server", _("Connect to a server"), _("MySQL or MariaDB in the office, for several people at once."), name="start.server"),
        ]
        for card, act in zip(cards, (self.show_new, self.open_demo, self.ask_file, self.show_server), strict=True):
            card.clicked.connect(act)
        self.recent = RecentCompanies(name="start.recent")
        companies = [(url, *company_title(url)) for url in settings.recent_companies]
        self.recent.set_companies(companies)
        self.recent.chosen.connect(self.open_url)
        recent_title = Label(_("Opened before"), "small", "text2")
        recent_title.setVisible(bool(companies))
        head = row(
            IconLabel("chart-line", "onaccent", 24, ground="accent", field=48, square=True),
            column(Label(_("Desktop CRM"), "kpi"), Label(_("Customers, contracts and receivables of your company"), "body", "text2"), gap=0),
            None, gap=14,
        )
        restore = LinkLabel(_("Restore a backup…"), name="start.restore")
        restore.clicked.connect(self.restoring.begin)
        body = holder(column(
            head, 8, self.problem, row((cards[0], 1), (cards[1], 1), gap=12), row((cards[2], 1), (cards[3], 1), gap=12), 8,
            row(restore, None), recent_title, self.recent, gap=12,
        ))
        body.setMaximumWidth(WIDEST)
        return holder(column(None, row(1, (body, 1), 1), None, margins=(32, 24, 32, 24)))

    # ---- ways

    def show_welcome(self) -> None:
        """Go back to the choices."""
        self.problem.hide()
        self.stack.setCurrentWidget(self.welcome)

    def show_form(self, form: StartForm) -> None:
        """Turn to one of the forms."""
        form.tell("")
        self.stack.setCurrentIndex(1 + self.forms.index(form))

    def show_new(self) -> None:
        """Show the form of a new company."""
        self.show_form(self.new_form)

    def show_server(self) -> None:
        """Show the form of a server."""
        self.show_form(self.server_form)

    def ask_file(self) -> None:
        """Ask for a company file and open it."""
        path = ask_open(self, _("Open a company file"), f"{_('Company file')} (*{SUFFIX} *.db *.sqlite);;{_('All files')} (*)")
        if path is None:
            return

        def told(good: bool) -> None:  # noqa: FBT001 - the answer
            if good:
                self.open_url(f"sqlite:///{path}")
            else:
                self._tell(_("{path} is not a company file, or it is damaged. Nothing was changed").format(path=path))

        self.operations.read(self, lambda: is_company_file(path), told)

    def open_url(self, url: str, server_password: str = "", *, user: str | None = None) -> None:
        """Open a company, as `user` where one is named; its sign-in or its server's password is asked for where needed."""
        self.asked_for = user
        self.run(lambda _step: open_company(url, user, server_password), _("Opening {name}…").format(name=company_title(url)[0]), self._found, lambda problem: self._not_opened(url, problem), asks=True)

    def open_demo(self) -> None:
        """Open the demo company, making it at the first time."""
        self.run(demo_company, _("Making the demo company…"), self._found, self.not_done)

    # ---- work

    def run(self, work: Callable[[Callable[[int, int], None]], Any], title: str, done: Callable[[Any], None], failed: Callable[[BaseException], None], *, asks: bool = False) -> None:
        """Run work behind the page that shows how far it is; nothing is lost by leaving work that only `asks`, so that it can be stopped at any time."""
        if asks:
            job = self.operations.read(self, lambda: work(lambda _done, _total: None), done, failed=failed)
        else:
            job = self.operations.file(self, work, done, title=title, failed=failed)
        self.wait_for(job, title)

    def wait_for(self, job: Job, title: str) -> None:
        """Show a job that is under way."""
        self.problem.hide()
        self.progress.follow(job, title)
        self.stack.setCurrentWidget(self.busy)

    def send(self, form: StartForm, busy: str, work: Callable[[Callable[[int, int], None]], Any], done: Callable[[Any], None], *, asks: bool = False,
             failed: Callable[[UserError], None] | None = None) -> None:
        """Run what a form asks for; its problems stand in the form, or where `failed` puts them. What only `asks` is dropped at once where it is stopped, other work takes itself back first."""

        def ended(result: Any) -> None:
            form.set_busy(None)
            done(result)

        def not_done(problem: BaseException) -> None:
            form.set_busy(None)
            if isinstance(problem, UserError):
                (failed or (lambda told: form.tell(told.message)))(problem)
            elif not isinstance(problem, Cancelled):
                self.tell_defect(problem)

        job = self.operations.read(self, lambda: work(silent), ended, failed=not_done) if asks else self.operations.file(self, work, ended, failed=not_done)
        form.set_busy(busy, job.stop)

    def _found(self, found: Session | SignIn) -> None:
        self.progress.end()
        if isinstance(found, SignIn):
            self.sign_in_form.ask(found, company_title(found.url)[0], self.asked_for or self.settings.signed_in.get(found.url, ""))
            self.show_form(self.sign_in_form)
            return
        self.opened.emit(found)

    def not_done(self, problem: BaseException) -> None:
        """Go back to the choices and say why something could not be done."""
        self.progress.end()
        self.show_welcome()
        if isinstance(problem, UserError):
            self._tell(problem.message)
        elif not isinstance(problem, Cancelled):
            self.tell_defect(problem)

    def _not_opened(self, url: str, problem: BaseException) -> None:
        """Where a server refuses, let the password be typed again."""
        self.not_done(problem)
        if isinstance(problem, UserError) and not isinstance(problem, NewerDatabase):
            self._offer_backup(url, problem.message)
        if url.startswith("mysql") and isinstance(problem, UserError):
            self.server_form.show_server(server_of(url))
            self.show_server()
            self.server_form.tell(problem.message)

    def _tell(self, message: str, *actions: Button) -> None:
        self.problem.show_text(message, "danger", actions=actions)
        self.problem.show()

    def _offer_backup(self, url: str, message: str) -> None:
        """Where a company file turns out to be damaged, offer to put a backup in its place."""
        path = parse_path(url)
        if path is None:
            return

        def told(damaged: bool) -> None:  # noqa: FBT001 - the answer
            if damaged:
                button = Button(_("Restore a backup in its place…"), size="small", name="start.restore_instead", on_click=lambda: self.restoring.begin(present=path))
                self._tell(message, button)

        self.operations.file(self, lambda _step: restoring.is_damaged(path), told, title="", failed=lambda _problem: None)

    def _create(self) -> None:
        form = self.new_form
        url, name, password, company = form.url(), str(form.name.value()), form.password.text(), str(form.company.value())
        self.send(form, _("Creating…"), lambda step: new_company(url, name, password, company, step), self._found)

    def _connect(self) -> None:
        server, new = self.server_form.server(), self.server_form.new_company()

        def done(answer: tuple[Session | SignIn, bool]) -> None:
            found, kept = answer
            self._found(found)
            if not kept:
                self.sign_in_form.tell(_("This computer has no safe place for passwords, so the server's is asked for each time"), "info")

        def open_it() -> None:
            self.send(self.server_form, _("Connecting…"), lambda _step: open_server(server), done, asks=True)

        def not_made(problem: UserError) -> None:
            if isinstance(problem, CompanyThere):
                open_it()
            else:
                self.server_form.tell(problem.message)

        if new is None:
            open_it()
        else:
            company, name, password = new
            self.send(self.server_form, _("Connecting…"), lambda step: new_on_server(server, name, password, company, step), done, failed=not_made)

    def _test(self) -> None:
        server = self.server_form.server()
        self.send(self.server_form, _("Connecting…"), lambda _step: test_server(server), lambda text: self.server_form.tell(text, "success"), asks=True)

    def _sign_in(self) -> None:
        form = self.sign_in_form
        asked, name, password = form.asked, form.name.value(), form.password.text()
        if asked is None or not isinstance(name, str):
            return

        def failed(problem: UserError) -> None:
            form.password.set_problem(problem.message)
            form.password.setFocus(Qt.FocusReason.OtherFocusReason)
            form.password.line.selectAll()

        self.send(form, _("Signing in…"), lambda _step: sign_in(asked, name, password or None), self._found, asks=True, failed=failed)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let what has begun come to its end."""
        self.operations.stop(wait=self.operations.busy_writing())
        super().closeEvent(event)
