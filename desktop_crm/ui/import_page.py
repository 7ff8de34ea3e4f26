"""Importing a list: choose a file, match its columns, see what will happen, import, and undo in one step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import importing
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.import_choose import dropped_file
from desktop_crm.ui.import_layout import ImportLayout
from desktop_crm.ui.import_saving import save_workbook
from desktop_crm.ui.import_work import Opened, opened, opened_again, planned
from desktop_crm.ui.taking_back import TakingBack
from desktop_crm.ui.workbook_offer import save_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from PySide6.QtGui import QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.importing import ImportResult, Options, Shape, Source, Unknown
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.operations import Job

WAIT_MS: Final = 250
CHOOSE, MATCH, CHECK, DONE = range(4)


class ImportPage(ImportLayout):
    """The import of one entity. Nothing is written before the Import button; every change of the settings is tried out at once."""

    def __init__(self, desk: Desk, entity: str) -> None:
        super().__init__(desk, entity)
        self.taking_back = TakingBack(self, desk)
        self.source: Source | None = None
        self.trial: ImportResult | None = None
        self.result: ImportResult | None = None
        self._path: Path | None = None
        self._password = ""
        self.values: dict[str, dict[str, str]] = {}
        self._reading: Job | None = None
        self._trying: Job | None = None
        self._importing: Job | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.try_out)
        self._connect()

    def _connect(self) -> None:
        self.choose.chosen.connect(self.open)
        self.back.clicked.connect(lambda *_checked: self.show_choose())
        self.go.clicked.connect(lambda *_checked: self.start())
        self.save_refused.clicked.connect(lambda *_checked: self._save_refused(self.trial))
        self.choose.template_wanted.connect(lambda: save_template(self, self.desk, self.spec))
        self.file.changed.connect(self._reopen)
        self.file.other_wanted.connect(self.show_choose)
        self.mapping.changed.connect(self._changed)
        self.mapping.look_wanted.connect(self._look)
        self.mapping.values_wanted.connect(self._ask_values)
        self.mapping.shapes_changed.connect(self._reshape)
        self.unknown.settled.connect(self._settled)
        self.options.changed.connect(self._changed)
        self.plans.chosen.connect(self._use_plan)
        self.duplicates.changed.connect(self._changed)
        self.duplicates.export_wanted.connect(self._save_duplicates)
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
        self._show_step(0, CHOOSE)

    def _show_step(self, page: int, step: int) -> None:
        self.stack.setCurrentIndex(page)
        self.steps.set_current(step)
        self.keep.setVisible(page == 1)

    def open(self, path: Path, password: str = "", encoding: str = "") -> None:
        """Read a file and show its columns, as they were chosen the last time."""
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
        session, entity, path, password = self.desk.session, self.spec.name, self._path, self._password or None
        if path is not None:
            self._ask(lambda: opened(session, entity, path, password, how), lambda found: self._opened(found, how.get("encoding") or ""), failed)

    def _ask(self, work: Callable[[], Opened], done: Callable[[Opened], None], failed: Callable[[BaseException], None]) -> None:
        """Find out what the columns of a file are; a newer question overtakes an older one."""
        if self._reading is not None:
            self._reading.cancel()

        def answered(found: Opened) -> None:
            if job is self._reading:
                done(found)

        def lost(problem: BaseException) -> None:
            if job is self._reading:
                failed(problem)

        job = self._reading = self.desk.operations.file(self, lambda _step: work(), answered, title="", failed=lost)

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

    def _opened(self, found: Opened, encoding: str) -> None:
        self.choose.set_busy(None)
        self.problem.hide()
        self.offer.look(found.source, self._password)
        self.file.show_source(found.source, encoding)
        self.duplicates.begin()
        self.values = {}
        self.mapping.fixed.spec = found.source.spec
        self.mapping.fixed.show_texts({})
        self._show_columns(found)
        self._show_step(1, MATCH)

    def _show_columns(self, found: Opened, kept: dict[int, str] | None = None) -> None:
        """Show the columns with what they are taken for, or what was chosen for them before; a plan brings the rest of its choices along."""
        self.source = found.source
        self.unknown.hide()
        if found.options is not None:
            self.values = {name: dict(pairs) for name, pairs in found.options.values.items()}
            self.mapping.fixed.show_texts(found.options.fixed, found.titles)
        self.mapping.show_columns(found.source, found.guesses, kept)
        self.options.show_mapping(self.mapping.mapping())
        if found.options is not None:
            self.options.show_options(found.options)
        self.try_out()

    def _reshape(self, shapes: tuple[Shape, ...]) -> None:
        """Take a column apart or join it, or leave it as it was; what was chosen for the others stays."""
        source, session, before = self.source, self.desk.session, self.mapping.mapping()
        if source is None:
            return
        self._stop_trying()

        def done(found: Opened) -> None:
            new = found.source.columns().keys() - source.columns().keys()
            gone = {column for shape in shapes if shape not in source.shapes for column in shape.columns}
            kept = {column: field for column, field in before.items() if column in found.source.columns() and column not in gone}
            taken = set(kept.values())
            kept |= {guess.column: guess.field for guess in found.guesses if guess.column in new and guess.field and guess.field not in taken}
            self._show_columns(found, kept)

        self._ask(lambda: opened_again(session, source, shapes), done, self._not_reopened)

    def _use_plan(self, key: int) -> None:
        source, session = self.source, self.desk.session
        if source is not None:
            self._stop_trying()
            self._ask(lambda: planned(session, source, key), self._show_columns, self._not_reopened)

    # ---- values, problems, plans

    def _options(self, *, dry_run: bool) -> Options:
        """Return how to import, as it is chosen now."""
        options = self.options.options(self.mapping.mapping(), dry_run=dry_run)
        return replace(options, fixed=self.mapping.fixed.texts(), values=self.values, decisions=self.duplicates.decisions)

    def for_plan(self) -> tuple[Source, Options] | None:
        """Return the file and how it is to be imported, as it is chosen now; None without one."""
        return (self.source, self._options(dry_run=False)) if self.source is not None else None

    def _look(self, field: str) -> None:
        self.problems.show_only(field)
        self._bring(self.problems)

    def _bring(self, card: QWidget) -> None:
        """Bring a card into view once it has its place."""
        QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(card, 0, 60))

    def _ask_values(self, field: str) -> None:
        source, trial, session = self.source, self.trial, self.desk.session
        if source is None or trial is None:
            return

        def done(found: list[Unknown]) -> None:
            self.unknown.show_values(source.spec.fields[field], found)
            self._bring(self.unknown)

        self.desk.operations.file(self, lambda step: importing.unknown_values(session, source, trial, field, step), done, title="")

    def _settled(self, field: str, chosen: dict[str, str]) -> None:
        self.values = {**self.values, field: {**self.values.get(field, {}), **chosen}}
        self._changed()

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
        options, session = self._options(dry_run=True), self.desk.session
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
            text = _("Nothing is imported while {count} rows have problems. Put them right, or import the good rows alone").format(count=f"{trial.refused:,}")
            self.problem.show_text(text, "warn", links=[(_("Import the good rows alone"), self.options.keep_good.click)])
            self.problem.show()

    # ---- the import

    def start(self) -> None:
        """Import."""
        source = self.source
        if source is None or self.trial is None or self._importing is not None:
            return
        options, session = self._options(dry_run=False), self.desk.session
        title = _("Importing {file}").format(file=source.workbook.path.name)

        def work(step: Callable[[int, int], None]) -> Changes[ImportResult]:
            # Before the import, which is what is to be undone first.
            importing.plans.save(session, source, options)
            return importing.run_import(session, source, options, progress=step)

        self._importing = self.desk.operations.file(self, work, self._imported, title=title, failed=self._import_failed)
        self.progress.follow(self._importing, title)
        self._show_running(running=True)

    def _show_running(self, *, running: bool) -> None:
        self.running.setVisible(running)
        self.footer.setVisible(not running)
        for card in (self.file, self.mapping, self.unknown, self.options, self.duplicates, self.keep):
            card.setEnabled(not running)
        if not running:
            self.progress.end()
            self._importing = None

    def _imported(self, changes: Changes[ImportResult]) -> None:
        self._show_running(running=False)
        self.result = changes.result
        self.done.show_result(changes.result)
        self._show_step(2, DONE)
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
        if result is not None and source is not None:
            name = _("{file} refused rows").format(file=source.workbook.path.stem)
            save_workbook(self, self.desk, _("Save refused rows…"), name, lambda path: importing.write_refused(source, result, path), _("Refused rows saved"))

    def _save_duplicates(self) -> None:
        source, trial = self.source, self.trial
        if trial is not None and source is not None:
            name = _("{file} duplicates").format(file=source.workbook.path.stem)
            save_workbook(self, self.desk, _("Save the list…"), name, lambda path: importing.write_duplicates(source, trial, path), _("List of duplicates saved"))

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
