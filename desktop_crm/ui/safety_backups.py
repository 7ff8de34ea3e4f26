"""The card of the backups: how they stand, making one now, and the list of those there are, each of which can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.plans import BackupPlan, load_plan
from desktop_crm.services import backups
from desktop_crm.services.archives import EXTENSION
from desktop_crm.services.backup_record import BackupRecord, load_record
from desktop_crm.ui.files import ask_open, show_in_folder
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Banner, Button, Card, EmptyState, column
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.safety_words import instant_text, size_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.backup_record import Made
    from desktop_crm.services.backups import Found, Health
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk

MOST_ROWS = 10
TONES = {"good": "success", "notice": "info", "alarm": "danger"}


@dataclass(frozen=True)
class Standing:
    """The plan of this computer, what it made so far, how that stands, and the files there are."""

    plan: BackupPlan
    record: BackupRecord
    health: Health
    found: tuple[Found, ...]


def standing(session: Session) -> Standing:
    """Return how the backups of the company stand; asks the database and the folders."""
    plan, record = load_plan(session.url), load_record(session.url)
    health = backups.health(plan, record, session.now, backups.changed(session, record), session.url)
    return Standing(plan, record, health, tuple(backups.list_backups(plan, session.url)))


class BackupCard(Card):
    """How backups stand, and their list. `restore` is called with the file that is to be restored."""

    def __init__(self, desk: Desk, restore: Callable[[Path], object]) -> None:
        self.now = Button(_("Back up now"), "primary", icon="database-backup", size="small", name="safety.backup_now", on_click=self.back_up)
        self.other = Button(_("Restore another file…"), icon="folder-open", size="small", name="safety.restore_other", on_click=self._ask)
        self.restore_button = Button(_("Restore…"), icon="archive-restore", size="small", name="safety.restore", on_click=self._restore_current)
        self.folder_button = Button(_("Show in folder"), icon="folder-open", size="small", name="safety.backup_folder", on_click=self._show_folder)
        admin = desk.session.person.role == "admin"
        actions = (self.folder_button, *((self.restore_button, self.other) if admin else ()), self.now)
        super().__init__(_("Backups"), "", actions=actions)
        self.setObjectName("safety.backups")
        self.desk, self._restore = desk, restore
        self.state = Banner(name="safety.backup.state")
        self.state.hide()
        self.progress = JobProgress(name="safety.backup.progress")
        self.model = FixedRows([
            Column("at", _("Made"), Kind.TEXT, 150), Column("size", _("Size"), Kind.NUMBER, 90), Column("state", _("State"), Kind.PILL, 150),
            Column("changes", _("As of change"), Kind.NUMBER, 110), Column("place", _("File"), Kind.TEXT, 360),
        ], self)
        self.table = DataTable(name="safety.backup.table", label=_("Backups"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.table.activated.connect(lambda _row: self._restore_current())
        self.table.current_changed.connect(lambda _row: self._show_buttons())
        self.none = EmptyState("database-backup", _("No backup yet"), _("“Back up now” makes the first one; from then on this computer does it by its plan."))
        self.body.addLayout(column(self.state, self.progress, self.table, self.none))
        self.table.hide()
        self.none.hide()

    def load(self, done: Callable[[Standing], None] | None = None) -> None:
        """Read how the backups stand, and tell `done`."""
        session = self.desk.session

        def came(found: Standing) -> None:
            self._came(found)
            if done is not None:
                done(found)

        self.desk.operations.look(self, lambda _step: standing(session), came, failed=self.desk.fail)

    def _came(self, found: Standing) -> None:
        last, today = found.record.last, self.desk.session.today
        words = [_("The last proven backup is of {at} ({size}, {seconds} s)").format(at=instant_text(last.at, today), size=size_text(last.size), seconds=last.seconds)] if last else []
        first, *rest = [*found.health.messages, *words]
        self.state.show_text(first, TONES[found.health.level], detail="\n".join(rest))
        self.state.show()
        self.model.show_rows([(one, self._cells(one)) for one in found.found])
        self.table.setVisible(bool(found.found))
        self.none.setVisible(not found.found)
        self.table.setFixedHeight(34 + 30 * max(1, min(len(found.found), MOST_ROWS)))
        if found.found:
            self.table.set_current_row(0)
        self._show_buttons()

    def _cells(self, one: Found) -> list[Shown]:
        state = Shown(_("Proven"), "success") if one.made is not None else Shown(_("Not made here"), "neutral")
        if one.protected:
            state = Shown(_("{state}, with password").format(state=state.text), state.tone)
        place = _("second folder: {path}").format(path=one.path.name) if one.second else one.path.name
        return [
            Shown(instant_text(one.at, self.desk.session.today), bold=True), Shown(size_text(one.size)), state,
            Shown(f"#{one.made.change_set}" if one.made is not None else "—", "" if one.made is not None else "text3"), Shown(place, "text2", tip=str(one.path)),
        ]

    def _current(self) -> Found | None:
        found: Found | None = self.model.thing(self.table.current_row())
        return found

    def _show_buttons(self) -> None:
        for button in (self.restore_button, self.folder_button):
            button.setEnabled(self._current() is not None)

    def back_up(self) -> None:
        """Make a backup by the plan now."""
        if self.progress.running():
            return
        session = self.desk.session
        self.now.setEnabled(False)

        def work(step: Callable[[int, int], None]) -> Made:
            return backups.run_backup(session, load_plan(session.url), step=step)

        self.progress.follow(self.desk.operations.file(self, work, self._made, title="", failed=self._failed), _("Backing up, then proving it…"))

    def _end(self) -> None:
        self.progress.end()
        self.now.setEnabled(True)
        self.load()

    def _made(self, made: Made) -> None:
        self._end()
        self.desk.say(_("Backed up and proven: {name}").format(name=made.name), "success")

    def _failed(self, problem: BaseException) -> None:
        self._end()
        if isinstance(problem, Cancelled):
            self.desk.say(_("The backup was stopped; nothing of it was kept"))
        elif not isinstance(problem, UserError):  # what the user can put right stands in the banner
            self.desk.fail(problem)

    def _restore_current(self) -> None:
        one = self._current()
        if one is not None and self.desk.session.person.role == "admin":
            self._restore(one.path)

    def _ask(self) -> None:
        path = ask_open(self, _("Restore a backup"), backup_filters())
        if path is not None:
            self._restore(path)

    def _show_folder(self) -> None:
        one = self._current()
        if one is not None and not show_in_folder(one.path):
            self.desk.say(str(one.path.parent))


def backup_filters() -> str:
    """Return the kinds of files a backup may be, as Qt's dialogs take them."""
    return f"{_('Backup')} (*{EXTENSION} *.sqlite3);;{_('All files')} (*)"
