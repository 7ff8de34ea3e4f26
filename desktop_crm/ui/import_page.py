"""Importing a list: choose a file, match its columns, see what will happen, import, and undo in one step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import custom_fields, importing
from desktop_crm.services.imports.new_field import proposed
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.import_layout import ImportLayout
from desktop_crm.ui.import_saving import save_workbook
from desktop_crm.ui.import_work import Opened, opened, opened_again, planned
from desktop_crm.ui.settings_fields import FieldDialog
from desktop_crm.ui.workbook_offer import save_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.importing import ImportResult, Options, Shape, Source, Unknown
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk

WAIT_MS: Final = 250
CHOOSE, MATCH, CHECK, DONE = range(4)


class ImportPage(ImportLayout):
    """The import of one entity. Nothing is written before the Import button; every change of the settings is tried out at once."""

    def __init__(self, desk: Desk, entity: str) -> None:
        super().__init__(desk, entity)
        self.source: Source | None = None
        self.trial: ImportResult | None = None
        self.result: ImportResult | None = None
        self._path: Path | None = None
        self._password = ""
        self.values: dict[str, dict[str, str]] = {}
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.try_out)

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
        self.mapping.field_wanted.connect(self._ask_field)
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
        self.stop_trying()
        self.choose.tell("")
        self._show_step(0, CHOOSE)

    def _show_step(self, page: int, step: int) -> None:
        self.stack.setCurrentIndex(page)
        self.steps.set_current(step)
        self.keep.setVisible(page == 1)
        self.leave.set_text(_("Close") if step == DONE else _("Cancel"))

    def open(self, path: Path, password: str = "", encoding: str = "") -> None:
        """Read a file and show its columns, as they were chosen the last time."""
        self.finish_making()
        self._path, self._password = path, password
        self.file.begin()
        self.choose.set_busy(_("Reading…"))
        self.choose.tell("")
        self._read({"encoding": encoding or None}, self._not_opened)

    def _reopen(self) -> None:
        self.problem.hide()
        self.stop_trying()
        self._read(self.file.chosen(), self._not_reopened)

    def _read(self, how: dict[str, Any], failed: Callable[[BaseException], None]) -> None:
        session, entity, path, password = self.desk.session, self.spec.name, self._path, self._password or None
        if path is not None:
            self.read(lambda: opened(session, entity, path, password, how), lambda found: self._opened(found, how.get("encoding") or ""), failed)

    def _not_opened(self, problem: BaseException) -> None:
        self.choose.set_busy(None)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self.choose.tell(problem.message, password=isinstance(problem, PasswordNeeded))

    def _not_reopened(self, problem: BaseException) -> None:
        self.tell_failure(problem)
        if isinstance(problem, UserError):
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
        self.make(self._columns_shown(found, kept))

    def _columns_shown(self, found: Opened, kept: dict[int, str] | None) -> Iterator[None]:
        self.source = found.source
        self.unknown.hide()
        if found.options is not None:
            self.values = {name: dict(pairs) for name, pairs in found.options.values.items()}
            self.mapping.fixed.show_texts(found.options.fixed, found.titles)
        yield from self.mapping.show_columns(found.source, found.guesses, kept)
        self.options.show_mapping(self.mapping.mapping())
        if found.options is not None:
            self.options.show_options(found.options)
        self.try_out()
        yield

    def _reshape(self, shapes: tuple[Shape, ...]) -> None:
        """Take a column apart or join it, or leave it as it was; what was chosen for the others stays."""
        source, session, before = self.source, self.desk.session, self.mapping.mapping()
        if source is None:
            return
        self.stop_trying()

        def done(found: Opened) -> None:
            new = found.source.columns().keys() - source.columns().keys()
            gone = {column for shape in shapes if shape not in source.shapes for column in shape.columns}
            kept = {column: field for column, field in before.items() if column in found.source.columns() and column not in gone}
            taken = set(kept.values())
            kept |= {guess.column: guess.field for guess in found.guesses if guess.column in new and guess.field and guess.field not in taken}
            self._show_columns(found, kept)

        self.read(lambda: opened_again(session, source, shapes), done, self._not_reopened)

    def _ask_field(self, column: int) -> None:
        """Ask for a custom field that takes a column nothing takes yet; then the column goes to it."""
        source, session = self.source, self.desk.session
        if source is None:
            return
        name = source.spec.name
        values = session.everything[custom_fields.ENTITY].defaults | proposed(source, column)

        def added(changes: Changes[str]) -> None:
            kept = self.mapping.mapping() | {column: changes.result}
            self.stop_trying()
            self.read(lambda: opened_again(session, source, source.shapes), lambda found: self._show_columns(found, kept), self._not_reopened)

        FieldDialog(self, self.desk, name, values, act=lambda typed: custom_fields.add(session, name, typed), done=added).show()

    def _use_plan(self, key: int) -> None:
        source, session = self.source, self.desk.session
        if source is not None:
            self.stop_trying()
            self.read(lambda: planned(session, source, key), self._show_columns, self._not_reopened)

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

        self.desk.operations.look(self, lambda step: importing.unknown_values(session, source, trial, field, step), done)

    def _settled(self, field: str, chosen: dict[str, str]) -> None:
        self.values = {**self.values, field: {**self.values.get(field, {}), **chosen}}
        self._changed()

    # ---- the trial

    def _changed(self) -> None:
        self.options.show_mapping(self.mapping.mapping())
        self.stop_trying()
        self._show_trial(None)
        self._wait.start()

    def stop_trying(self) -> None:
        """Give up what is being tried out, or was about to be."""
        self._wait.stop()
        super().stop_trying()

    def try_out(self) -> None:
        """Find out what the import would do; nothing is kept."""
        self.stop_trying()
        source = self.source
        if source is None:
            return
        options, session = self._options(dry_run=True), self.desk.session
        self._show_trial(None)
        self.state.setText(_("Checking…"))
        self.mapping.judge(None)
        self.attempt(lambda step: importing.run_import(session, source, options, progress=step), self._show_trial)

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

        self.run_it(work, self._imported, title)

    def settings(self) -> tuple[QWidget, ...]:
        """Return what can't be changed while an import runs."""
        return self.file, self.mapping, self.unknown, self.options, self.duplicates, self.keep

    def _imported(self, result: ImportResult) -> None:
        self.result = result
        self.done.show_result(result)
        self._show_step(2, DONE)

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

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the list."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (_("Import"), None)]
