"""Looks after the company while its window is open: backups by the plan and at the end, saying loudly where there are none, and a check after a crash."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.plans import load_plan
from desktop_crm.services import ends, policy
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.notices import Banner
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.operations import SHOW_WAIT_MS
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.safety_words import instant_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from desktop_crm.services.backup_record import Made
    from desktop_crm.services.backups import Health
    from desktop_crm.services.check import Problem
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.operations import Job

    Strip = Callable[[str, QWidget | None], None]

FIRST_LOOK_MS: Final = 5_000
"""After the first list is there, which must not wait for a backup."""
LOOK_MS: Final = 60_000


class Guard(QObject):
    """One for each main window. `strip(topic, widget)` shows something over every page."""

    def __init__(self, desk: Desk, strip: Strip, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self._strip, self._window = desk, strip, parent
        self.run = ends.Run(None)
        self._hushed: tuple[str, ...] = ()
        self._looking: Job | None = None
        self._ending = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # The system is shutting down and doesn't wait: the next start makes up for it.
            app.commitDataRequest.connect(self._hurry)

    def begin(self) -> None:
        """Start looking, and have the company checked where the last run didn't end."""
        if policy.may_back_up(self.desk.session):
            self._timer.start()
            QTimer.singleShot(FIRST_LOOK_MS, self, self.look)
        self.desk.operations.file(self, self._leave_mark, self._left_mark, failed=self.desk.fail, waited_for=False)

    def _leave_mark(self, _step: object) -> None:
        """Leave the mark of this run, and note what a killed one had printed. The mark is kept here at once: the window may close before the answer comes, and takes it away again."""
        from desktop_crm.services import print_promises  # the first rows needn't wait for it

        self.run = ends.opened(self.desk.session.url)
        print_promises.settle(self.desk.session)

    def _left_mark(self, _none: None) -> None:
        if self.run.unclean is not None and policy.may_check(self.desk.session):
            self._check()

    def _hurry(self) -> None:
        self._ending = True

    # ---- backups by the plan

    def look(self) -> None:
        """Make a backup where the plan asks for one, and say how backups stand."""
        if self._looking is not None:
            return
        session = self.desk.session

        def work(step: Callable[[int, int], None]) -> tuple[Made | None, Health]:
            from desktop_crm.services import backups
            from desktop_crm.services.backup_record import load_record

            plan, record = load_plan(session.url), load_record(session.url)
            changed, made = backups.changed(session, record), None
            if backups.due(plan, record, session.now, changed):
                try:
                    made = backups.run_backup(session, plan, step=step)
                except UserError:  # it stands in the record, and so in how backups stand
                    made = None
                record = load_record(session.url)
                changed = backups.changed(session, record)
            elif record.second_failure is not None:
                backups.copy_to_second(session.url, plan, session.now)
                record = load_record(session.url)
            return made, backups.health(plan, record, session.now, changed, session.url)

        self._looking = self.desk.operations.file(self, work, self._looked, title=_("Backing up, then proving it…"), failed=self._not_looked)

    def _looked(self, answer: tuple[Made | None, Health]) -> None:
        self._looking = None
        made, health = answer
        if made is not None:
            self.desk.say(_("Backed up and proven: {name}").format(name=made.name), "success")
        loud = health.level == "alarm" and health.messages != self._hushed
        self._strip("backup", self._alarm(health) if loud else None)

    def _not_looked(self, problem: BaseException) -> None:
        self._looking = None
        if not isinstance(problem, Cancelled):
            self.desk.fail(problem)

    def _alarm(self, health: Health) -> Banner:
        now = Button(_("Back up now"), size="small", name="strip.backup.now", on_click=lambda: self.desk.show_page("safety"))
        later = Button(_("Not now"), "ghost", size="small", name="strip.backup.later", on_click=lambda: self._hush(health))
        return Banner(health.messages[0], "danger", actions=[now, later], name="strip.backup")

    def _hush(self, health: Health) -> None:
        """Say it no more in this window, unless something else goes wrong."""
        self._hushed = health.messages
        self._strip("backup", None)

    # ---- after a crash

    def _check(self) -> None:
        session = self.desk.session

        began, run = self.run.unclean, self.run

        def work(step: Callable[[int, int], None]) -> list[Problem]:
            from desktop_crm.services.check import check

            found = check(session, quick=True, step=step)
            run.settle()
            return found

        self.desk.operations.file(
            self, work, partial(self._checked, began), title=_("Checking the company after an unexpected end…"), failed=self._not_checked,
        )

    def _checked(self, began: datetime | None, problems: list[Problem]) -> None:
        at = instant_text(began, self.desk.session.today) if began is not None else ""
        if not problems:
            self.desk.say(_("The last run on this computer ({time}) ended unexpectedly. The company was checked and is in order").format(time=at))
            return
        show = Button(_("Check everything"), size="small", name="strip.check.show", on_click=self._show_check)
        later = Button(_("Not now"), "ghost", size="small", name="strip.check.later", on_click=lambda: self._strip("check", None))
        text = _("The last run on this computer ({time}) ended unexpectedly, and the check found {count} problems").format(time=at, count=len(problems))
        self._strip("check", Banner(text, "warn", actions=[show, later], name="strip.check"))

    def _show_check(self) -> None:
        self._strip("check", None)
        self.desk.show_page("safety", checking=True)

    def _not_checked(self, problem: BaseException) -> None:
        if not isinstance(problem, Cancelled):
            self.desk.fail(problem)

    # ---- the end

    def back_up_at_end(self) -> None:
        """Make the backup that the plan wants when the program is closed; returns when it is made, failed, or the user wouldn't wait."""
        session = self.desk.session
        if self._ending or not policy.may_back_up(session):
            return
        self._ending = True
        loop = QEventLoop()

        def work(step: Callable[[int, int], None]) -> None:
            from desktop_crm.services import backups
            from desktop_crm.services.backup_record import load_record

            plan, record = load_plan(session.url), load_record(session.url)
            if backups.due_at_exit(plan, record, backups.changed(session, record)):
                backups.run_backup(session, plan, step=backups.until(plan.exit_seconds, step))

        def failed(problem: BaseException) -> None:
            loop.quit()
            # A failure stands in the record; the next start tells it.
            if not isinstance(problem, Cancelled | UserError):
                self.desk.fail(problem)

        job = self.desk.operations.file(self, work, lambda _none: loop.quit(), title="", failed=failed)
        waiting = EndDialog(self._window, job)
        QTimer.singleShot(SHOW_WAIT_MS, waiting, waiting.show)
        loop.exec()
        waiting.done(0)
        waiting.deleteLater()

    def close(self) -> None:
        """Everything ended properly."""
        self._timer.stop()
        self.run.close()


class EndDialog(Dialog):
    """Says that a backup is made before the program ends, with a way to do without."""

    def __init__(self, parent: QWidget, job: Job) -> None:
        super().__init__(parent, _("One more backup before closing"), width=420, name="end_backup")
        self.progress = JobProgress(name="end_backup.progress")
        self.progress.cancel.set_text(_("Close without"))
        self.progress.follow(job, _("Backing up what was changed…"))
        self.add(self.progress)
        self.close_button.hide()

    def reject(self) -> None:
        """Esc does without the backup."""
        self.progress.stop()
