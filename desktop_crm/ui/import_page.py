"""Importing a list: choose a file, match its columns, see what will happen, import, and undo in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.services import importing
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.import_choose import ChooseStep, dropped_file
from desktop_crm.ui.import_file import FileCard
from desktop_crm.ui.import_mapping import MappingCard
from desktop_crm.ui.import_options import OptionsCard
from desktop_crm.ui.import_result import CountsBar, DoneStep, DuplicatesCard, ProblemsCard
from desktop_crm.ui.import_steps import Steps
from desktop_crm.ui.kit.widgets import Banner, Button, ElidedLabel, Label, box, column, hline, holder, row, scroll
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.taking_back import TakingBack
from desktop_crm.ui.tell import tell_file
from desktop_crm.ui.workbook_offer import WorkbookOffer, save_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from desktop_crm.services.importing import ColumnGuess, ImportResult, Source
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.operations import Job

WAIT_MS: Final = 250
CHOOSE, MATCH, CHECK, DONE = range(4)


class ImportPage(Page):
    """The import of one entity. Nothing is written before the Import button; every change of the settings is tried out at once."""

    def __init__(self, desk: Desk, entity: str) -> None:
        super().__init__(desk)
        self.taking_back = TakingBack(self, desk)
        self.spec = desk.session.spec(entity)
        self.place = entity
        self.setObjectName("page.import")
        self.setWindowTitle(_("Import {entities}").format(entities=in_sentence(self.spec.plural)))
        self.setAcceptDrops(True)
        self.source: Source | None = None
        self.trial: ImportResult | None = None
        self.result: ImportResult | None = None
        self._path: Path | None = None
        self._password = ""
        self._reading: Job | None = None
        self._trying: Job | None = None
        self._importing: Job | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.try_out)
        self._build()
        self._connect()

    # ---- how it is built

    def _build(self) -> None:
        self.steps = Steps([_("Choose file"), _("Match columns"), _("Duplicates and errors"), _("Done")], name="import.steps")
        cancel = Button(_("Cancel"), "ghost", name="action.cancel", on_click=self.desk.go_back)
        head = row(Label(self.windowTitle(), "page"), 24, self.steps, None, cancel, margins=(20, 12, 20, 10))
        self.choose, self.file, self.mapping = ChooseStep(self.spec.plural), FileCard(), MappingCard()
        self.options, self.problems, self.duplicates = OptionsCard(self.spec), ProblemsCard(), DuplicatesCard(self.spec)
        self.done = DoneStep()
        self.problem = Banner(name="import.match_problem")
        self.offer = WorkbookOffer(self.desk, self.spec.name)
        for one in (self.problem, self.problems, self.duplicates):
            one.hide()
        body = holder(column(self.file, self.offer, self.problem, self.mapping, self.options, self.problems, self.duplicates, None, gap=12, margins=(20, 12, 20, 16)))
        self.counts = CountsBar(name="import.counts")
        self.state = Label("", "small", "text2")
        self.save_refused = Button(_("Save refused rows…"), "ghost", icon="file-down", size="small", name="import.trial_refused", on_click=lambda: self._save_refused(self.trial))
        self.back = Button(_("Back"), name="import.back", on_click=self.show_choose)
        self.go = Button("", "primary", icon="check", name="action.import", on_click=self.start)
        undo_note = ElidedLabel(_("Can be undone in one step"), "small", "text3")
        self.progress = JobProgress(name="import.progress")
        self.footer = holder(row((self.counts, 0), column(self.state, self.save_refused, gap=0), None, undo_note, self.back, self.go, gap=12, margins=(20, 10, 20, 10)))
        self.running = holder(column(self.progress, margins=(20, 10, 20, 10)))
        self.running.hide()
        match = holder(column((scroll(body, name="import.area"), 1), hline(), box(column(self.footer, self.running, gap=0)), gap=0))
        self.stack = QStackedWidget()
        for page in (scroll(self.choose), match, scroll(self.done)):
            self.stack.addWidget(page)
        self.setLayout(column(box(head), hline(), (box(column((self.stack, 1), gap=0), "app"), 1), gap=0))

    def _connect(self) -> None:
        self.choose.chosen.connect(self.open)
        self.choose.template_wanted.connect(lambda: save_template(self, self.desk, self.spec))
        self.file.changed.connect(self._reopen)
        self.file.other_wanted.connect(self.show_choose)
        self.mapping.changed.connect(self._changed)
        self.options.changed.connect(self._changed)
        self.duplicates.opened.connect(lambda key: self.desk.open_record(self.spec.name, key))
        self.done.list_wanted.connect(lambda: self.desk.show_list(self.spec.name))
        self.done.undo_wanted.connect(self.undo)
        self.done.refused_wanted.connect(lambda: self._save_refused(self.result))
        self.done.again_wanted.connect(self.show_choose)

    # ---- the file

    def show_choose(self) -> None:
        """Go back to the choice of a file."""
        self._stop_trying()
        self.choose.tell("")
        self.stack.setCurrentIndex(0)
        self.steps.set_current(CHOOSE)

    def open(self, path: Path, password: str = "", encoding: str = "") -> None:
        """Read a file and show its columns."""
        self._path, self._password = path, password
        self.file.begin()
        self.choose.set_busy(_("Reading…"))
        self.choose.tell("")
        self._read({"encoding": encoding or None}, self._not_opened)

    def _reopen(self) -> None:
        self.problem.hide()
        self._stop_trying()
        self._read(self.file.chosen(), self._not_reopened)

    def _read(self, how: dict[str, Any], failed: Callable[[BaseException], None]) -> None:
        if self._reading is not None:
            self._reading.cancel()
        session, entity, path, password = self.desk.session, self.spec.name, self._path, self._password or None
        if path is None:
            return

        def work(_step: Callable[[int, int], None]) -> tuple[Source, Sequence[ColumnGuess]]:
            source = importing.open_source(session, entity, path, password=password, **how)
            return source, importing.guess_mapping(session, source)

        def done(found: tuple[Source, Sequence[ColumnGuess]]) -> None:
            if job is self._reading:
                self._opened(*found, how.get("encoding") or "")

        def lost(problem: BaseException) -> None:
            if job is self._reading:
                failed(problem)

        job = self._reading = self.desk.operations.file(self, work, done, title="", failed=lost)

    def _not_opened(self, problem: BaseException) -> None:
        self.choose.set_busy(None)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self.choose.tell(problem.message, password=isinstance(problem, PasswordNeeded))

    def _not_reopened(self, problem: BaseException) -> None:
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self._tell(problem.message)
        if self.source is not None:
            self.file.show_source(self.source, self.source.workbook.encoding if self.file.encoding.value() else "")
        self._show_trial(None)

    def _opened(self, source: Source, guesses: Sequence[ColumnGuess], encoding: str) -> None:
        self.choose.set_busy(None)
        self.source = source
        self.problem.hide()
        self.offer.look(source, self._password)
        self.file.show_source(source, encoding)
        self.mapping.show_columns(source, guesses)
        self.options.show_mapping(self.mapping.mapping())
        self.stack.setCurrentIndex(1)
        self.steps.set_current(MATCH)
        self.try_out()

    # ---- the trial

    def _changed(self) -> None:
        self.options.show_mapping(self.mapping.mapping())
        self._stop_trying()
        self._show_trial(None)
        self._wait.start()

    def _stop_trying(self) -> None:
        self._wait.stop()
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None

    def try_out(self) -> None:
        """Find out what the import would do; nothing is kept."""
        self._stop_trying()
        source = self.source
        if source is None:
            return
        options, session = self.options.options(self.mapping.mapping(), dry_run=True), self.desk.session
        self._show_trial(None)
        self.state.setText(_("Checking…"))
        self.mapping.judge(None)

        def done(changes: Changes[ImportResult]) -> None:
            if job is self._trying:
                self._trying = None
                self._show_trial(changes.result)

        def failed(problem: BaseException) -> None:
            if job is self._trying:
                self._trying = None
                self._trial_failed(problem)

        job = self._trying = self.desk.operations.file(
            self, lambda step: importing.run_import(session, source, options, progress=step), done, title="", failed=failed,
        )

    def _trial_failed(self, problem: BaseException) -> None:
        self.state.setText("")
        if isinstance(problem, Cancelled):
            return
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self._tell(problem.message)

    def _tell(self, message: str, tone: str = "danger") -> None:
        self.problem.show_text(message, tone)
        self.problem.show()

    def _show_trial(self, trial: ImportResult | None) -> None:
        self.trial = trial
        wanted = trial.added + trial.updated if trial is not None else 0
        self.go.setEnabled(wanted > 0)
        self.go.set_text(_("Import {count} rows").format(count=f"{wanted:,}") if trial is not None else _("Import"))
        self.counts.show_result(trial)
        self.save_refused.setVisible(trial is not None and bool(trial.refused))
        if trial is None:
            self.state.setText("")
            return
        self.problem.hide()
        self.mapping.judge(trial)
        self.problems.show_result(trial)
        self.duplicates.show_result(trial)
        self.state.setText(_("{count} rows in the file").format(count=f"{trial.rows:,}"))
        self.steps.set_current(CHECK if trial.problems or trial.duplicates else MATCH)
        if trial.refused and not self.options.keep_good.isChecked():
            self._tell(_("Nothing is imported while rows have problems. Put them right, or import the good rows alone"), "warn")

    # ---- the import

    def start(self) -> None:
        """Import."""
        source = self.source
        if source is None or self.trial is None or self._importing is not None:
            return
        options, session = self.options.options(self.mapping.mapping(), dry_run=False), self.desk.session
        title = _("Importing {file}").format(file=source.workbook.path.name)
        self._importing = self.desk.operations.file(
            self, lambda step: importing.run_import(session, source, options, progress=step), self._imported, title=title, failed=self._import_failed,
        )
        self.progress.follow(self._importing, title)
        self._show_running(running=True)

    def _show_running(self, *, running: bool) -> None:
        self.running.setVisible(running)
        self.footer.setVisible(not running)
        for card in (self.file, self.mapping, self.options):
            card.setEnabled(not running)
        if not running:
            self.progress.end()
            self._importing = None

    def _imported(self, changes: Changes[ImportResult]) -> None:
        self._show_running(running=False)
        self.result = changes.result
        self.done.show_result(changes.result)
        self.stack.setCurrentIndex(2)
        self.steps.set_current(DONE)
        self.desk.tell(changes, say=False)

    def _import_failed(self, problem: BaseException) -> None:
        self._show_running(running=False)
        if isinstance(problem, Cancelled):
            self._tell(_("The import was stopped; nothing of it was kept"), "info")
        elif isinstance(problem, UserError):
            self._tell(problem.message)
        else:
            self.desk.fail(problem)

    def undo(self) -> None:
        """Take the import back."""
        if self.result is None or self.result.change_set is None:
            return
        self.done.undo.set_busy(_("Undoing…"))
        self.taking_back.undo(self.result.change_set, done=lambda _changes: self._undone(), failed=self._not_undone, say=False)

    def _undone(self) -> None:
        self.done.undo.set_busy(None)
        self.done.show_undone()

    def _not_undone(self, problem: BaseException) -> None:
        self.done.undo.set_busy(None)
        if isinstance(problem, Cancelled):
            return
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self.done.problem.show_text(problem.message, "danger")
        self.done.problem.show()

    def _save_refused(self, result: ImportResult | None) -> None:
        source = self.source
        if result is None or source is None:
            return
        name = _("{file} refused rows").format(file=source.workbook.path.stem) + ".xlsx"
        path = ask_save(self, _("Save refused rows…"), name, f"{_('Excel workbook')} (*.xlsx)")
        if path is None:
            return
        target = path if path.suffix.lower() == ".xlsx" else path.with_name(path.name + ".xlsx")
        self.desk.operations.file(
            self, lambda _step: importing.write_refused(source, result, target), lambda _none: tell_file(self, _("Refused rows saved"), target), title=_("Save refused rows…"),
        )

    # ---- the page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file anywhere on the page, unless an import runs."""
        if dropped_file(event) is not None and self._importing is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.show_choose()
            self.choose.open(path)

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the list."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (_("Import"), None)]

    def may_leave(self) -> bool:
        """Let the import go on behind another page; a trial is given up."""
        self._stop_trying()
        return True

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+Enter imports, F5 tries out anew."""
        return {"submit": self._submit, "refresh": self.try_out}

    def _submit(self) -> None:
        if self.stack.currentIndex() == 1 and self.go.isEnabled():
            self.start()
