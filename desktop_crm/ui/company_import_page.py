"""Importing a whole workbook: its sheets are told, tried out together, imported as one action, and undone in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.imports.company import company_book, importable, open_company
from desktop_crm.services.imports.company_run import CompanyOptions, run_company, write_company_refused
from desktop_crm.services.imports.duplicate_list import ACTIONS
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.company_import_sheets import SheetProblemsCard, SheetsCard
from desktop_crm.ui.import_choose import ChooseStep
from desktop_crm.ui.import_result import CountsBar, DoneStep
from desktop_crm.ui.import_saving import save_workbook
from desktop_crm.ui.import_steps import Steps
from desktop_crm.ui.importing_page import ImportingPage
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.widgets import (
    Banner,
    Button,
    Card,
    CheckBox,
    ElidedLabel,
    IconLabel,
    Label,
    LinkLabel,
    box,
    column,
    hline,
    holder,
    row,
    scroll,
)
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.workbook_offer import save_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.imports.company import CompanyBook
    from desktop_crm.services.imports.company_run import CompanyResult
    from desktop_crm.services.imports.types import OnDuplicate
    from desktop_crm.ui.desk import Desk

CHOOSE, SHEETS, DONE = range(3)
CHOICES: Final[tuple[OnDuplicate, ...]] = ("skip", "update", "fill", "add")


class CompanyImportPage(ImportingPage):
    """Nothing is written before the Import button; every change of the settings is tried out at once. `path` is opened at the start."""

    def __init__(self, desk: Desk, place: str = "", path: Path | None = None, password: str = "") -> None:
        super().__init__(desk)
        self.place = place
        self.setObjectName("page.import_company")
        self.setWindowTitle(_("Import a whole workbook"))
        self.book: CompanyBook | None = None
        self.trial: CompanyResult | None = None
        self.result: CompanyResult | None = None
        self._build()
        self._connect()
        if path is not None:
            self.choose.open(path)
            if password:
                self.open(path, password)

    # ---- how it is built

    def _build(self) -> None:
        self.steps = Steps([_("Choose file"), _("Sheets"), _("Done")], name="company.steps")
        self.leave = Button(_("Cancel"), "ghost", name="action.cancel", on_click=self.desk.go_back)
        head = row(Label(self.windowTitle(), "page"), 24, self.steps, None, self.leave, margins=(20, 12, 20, 10))
        self.choose, self.sheets, self.problems, self.done = ChooseStep(_("related lists")), SheetsCard(), SheetProblemsCard(), DoneStep()
        self.name, self.facts = ElidedLabel("", bold=True), Label("", "small", "text3")
        self.other = LinkLabel(_("Another file"), name="company.other_file")
        self.action = ComboEditor([(code, _(ACTIONS[code])) for code in CHOICES], name="company.on_duplicate", label=_("Where a record is there already"))
        self.action.set_value("skip")
        self.action.setFixedWidth(200)
        self.keep_good = CheckBox(_("Import the good rows where others have problems"), name="company.keep_good")
        self.create_links = CheckBox(_("Add linked records that are missing"), name="company.create_links")
        file = Card("", "", row(IconLabel("file-spreadsheet", "success", 20), (column(self.name, self.facts, gap=0), 1), self.other, gap=12))
        options = Card(_("Duplicates and errors"), "", row(Label(_("Where a record is there already"), "body", "text2"), self.action, None), column(self.keep_good, self.create_links, gap=6))
        self.problem = Banner(name="company.problem")
        for one in (self.problem, self.problems):
            one.hide()
        body = holder(column(file, self.problem, self.sheets, options, self.problems, None, gap=12, margins=(20, 12, 20, 16)))
        self.counts, self.state = CountsBar(name="company.counts"), Label("", "small", "text2")
        self.save_refused = Button(_("Save refused rows…"), "ghost", icon="file-down", size="small", name="company.trial_refused", on_click=lambda: self._save_refused(self.trial))
        self.back = Button(_("Back"), name="company.back", on_click=self.show_choose)
        self.go = Button("", "primary", icon="check", name="action.import", on_click=self.start)
        self.progress = JobProgress(name="company.progress")
        undo_note = ElidedLabel(_("Can be undone in one step"), "small", "text3")
        self.footer = holder(row((self.counts, 0), column(self.state, self.save_refused, gap=0), None, undo_note, self.back, self.go, gap=12, margins=(20, 10, 20, 10)))
        self.running = holder(column(self.progress, margins=(20, 10, 20, 10)))
        self.running.hide()
        match = holder(column((scroll(body, name="company.area"), 1), hline(), box(column(self.footer, self.running, gap=0)), gap=0))
        self.stack = QStackedWidget()
        for page in (scroll(self.choose), match, scroll(self.done)):
            self.stack.addWidget(page)
        self.setLayout(column(box(head), hline(), (box(column((self.stack, 1), gap=0), "app"), 1), gap=0))

    def _connect(self) -> None:
        self.choose.template_wanted.connect(lambda: save_template(self, self.desk, None))
        self.choose.chosen.connect(lambda path, password, _encoding: self.open(path, password))
        self.other.clicked.connect(self.show_choose)
        self.sheets.changed.connect(self._sheets_chosen)
        self.action.changed.connect(self.try_out)
        self.keep_good.toggled.connect(lambda _on: self.try_out())
        self.create_links.toggled.connect(lambda _on: self.try_out())
        self.done.list_wanted.connect(self._open_list)
        self.done.undo_wanted.connect(self.undo)
        self.done.refused_wanted.connect(lambda: self._save_refused(self.result))
        self.done.again_wanted.connect(self.show_choose)

    # ---- the file

    def show_choose(self) -> None:
        """Go back to the choice of a file."""
        self.stop_trying()
        self.choose.tell("")
        self.stack.setCurrentIndex(0)
        self.leave.set_text(_("Cancel"))
        self.steps.set_current(CHOOSE)

    def open(self, path: Path, password: str = "") -> None:
        """Read a workbook and show its sheets."""
        self.choose.set_busy(_("Reading…"))
        self.choose.tell("")
        session = self.desk.session
        self.read(lambda: open_company(session, path, password=password or None), self._opened, self._not_opened)

    def _sheets_chosen(self) -> None:
        book, session, chosen = self.book, self.desk.session, self.sheets.chosen()
        if book is None:
            return
        self.stop_trying()
        self._show_trial(None)
        self.read(lambda: company_book(session, book.workbook, chosen=chosen), self._opened, self._not_chosen)

    def _not_opened(self, problem: BaseException) -> None:
        self.choose.set_busy(None)
        if isinstance(problem, UserError):
            self.choose.tell(problem.message, password=isinstance(problem, PasswordNeeded))
        else:
            self.desk.fail(problem)

    def _not_chosen(self, problem: BaseException) -> None:
        if not isinstance(problem, Cancelled):
            self.tell_failure(problem)

    def _opened(self, book: CompanyBook) -> None:
        self.choose.set_busy(None)
        self.book = book
        self.problem.hide()
        self.name.setText(book.workbook.path.name)
        rows = sum(len(part.source.table.rows) for part in book.parts)
        self.facts.setText(" · ".join([_("{count} sheets").format(count=len(book.parts)), _("{count} rows").format(count=f"{rows:,}"), *book.workbook.notes]))
        self.sheets.show_book(book, importable(self.desk.session))
        self.stack.setCurrentIndex(1)
        self.steps.set_current(SHEETS)
        self.try_out()

    # ---- the trial

    def options(self, *, dry_run: bool) -> CompanyOptions:
        """Return the options as they are chosen now."""
        action: OnDuplicate = next((one for one in CHOICES if one == self.action.value()), CHOICES[0])
        return CompanyOptions(action, self.keep_good.isChecked(), self.create_links.isChecked(), dry_run)

    def try_out(self) -> None:
        """Find out what the import would do; nothing is kept."""
        self.stop_trying()
        book, session, options = self.book, self.desk.session, self.options(dry_run=True)
        if book is None:
            return
        self._show_trial(None)
        self.state.setText(_("Checking…"))

        self.attempt(lambda step: run_company(session, book, options, progress=step), self._show_trial)

    def _show_trial(self, trial: CompanyResult | None) -> None:
        self.trial = trial
        wanted = trial.count("added") + trial.count("updated") if trial is not None else 0
        self.go.setEnabled(wanted > 0)
        self.go.set_text(_("Import {count} rows").format(count=f"{wanted:,}") if trial is not None else _("Import"))
        self.counts.show_result(trial.whole() if trial is not None else None)
        self.sheets.show_result(trial)
        refused = trial.count("refused") if trial is not None else 0
        self.save_refused.setVisible(bool(refused))
        if trial is None:
            self.state.setText("")
            return
        self.problem.hide()
        self.problems.show_result(trial)
        self.state.setText(_("{count} rows in the file").format(count=f"{trial.count('rows'):,}"))
        if refused and not self.keep_good.isChecked():
            self.tell_problem(_("Nothing is imported while rows have problems. Put them right, or import the good rows alone"), "warn")

    # ---- the import

    def start(self) -> None:
        """Import."""
        book, session, options = self.book, self.desk.session, self.options(dry_run=False)
        if book is None or self.trial is None or self._importing is not None:
            return
        title = _("Importing {file}").format(file=book.workbook.path.name)
        self.run_it(lambda step: run_company(session, book, options, progress=step), self._imported, title)

    def settings(self) -> tuple[QWidget, ...]:
        """Return what can't be changed while an import runs."""
        return self.sheets, self.action, self.keep_good, self.create_links, self.other

    def _imported(self, result: CompanyResult) -> None:
        self.result = result
        self.done.show_result(result.whole())
        self.stack.setCurrentIndex(2)
        self.leave.set_text(_("Close"))
        self.steps.set_current(DONE)

    def _open_list(self) -> None:
        shown = [one.entity for one in self.result.sheets if one.result.added + one.result.updated and self.desk.session.spec(one.entity).group] if self.result else []
        self.desk.show_list(shown[0] if shown else self.place)

    def _save_refused(self, result: CompanyResult | None) -> None:
        book = self.book
        if result is not None and book is not None:
            name = _("{file} refused rows").format(file=book.workbook.path.stem)
            save_workbook(self, self.desk, _("Save refused rows…"), name, lambda path: write_company_refused(book, result, path), _("Refused rows saved"))

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the list the page was opened from."""
        spec: Any = self.desk.session.catalog.get(self.place)
        back: list[tuple[str, Callable[[], object] | None]] = [(spec.plural, lambda: self.desk.show_list(spec.name))] if spec is not None else []
        return [*back, (self.windowTitle(), None)]
