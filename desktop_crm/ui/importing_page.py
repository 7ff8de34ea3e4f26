"""What every page of an import does, whatever it imports: read beside the user's work, try out, import, and take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.import_choose import ChooseStep, dropped_file
from desktop_crm.ui.taking_back import TakingBack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from desktop_crm.services.session import Changes
    from desktop_crm.ui.import_result import DoneStep
    from desktop_crm.ui.kit.widgets import Banner, Button, Label
    from desktop_crm.ui.operations import Job
    from desktop_crm.ui.progress import JobProgress



class ImportingPage(Page):
    """Three steps on a stack: the file, what it will do, what it did. A subclass lays them out under these names."""

    topic = "import"

    stack: QStackedWidget
    choose: ChooseStep
    problem: Banner
    state: Label
    go: Button
    footer: QWidget
    running: QWidget
    progress: JobProgress
    done: DoneStep

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.taking_back = TakingBack(self, desk)
        self.setAcceptDrops(True)
        self.imported: int | None = None
        """The change set of the import that was made."""
        self._reading: Job | None = None
        self._trying: Job | None = None
        self._importing: Job | None = None

    def show_choose(self) -> None:
        """Go back to the choice of a file."""
        raise NotImplementedError

    def try_out(self) -> None:
        """Find out what the import would do; nothing is kept."""
        raise NotImplementedError

    def start(self) -> None:
        """Import."""
        raise NotImplementedError

    def settings(self) -> Sequence[QWidget]:
        """Return what can't be changed while an import runs."""
        raise NotImplementedError

    # ---- reading and trying out: the newest question counts

    def read(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[BaseException], None]) -> None:
        """Read a file, or look at it again."""
        if self._reading is not None:
            self._reading.cancel()

        def answered(found: Any) -> None:
            if job is self._reading:
                done(found)

        def lost(problem: BaseException) -> None:
            if job is self._reading:
                failed(problem)

        job = self._reading = self.desk.operations.look(self, lambda _step: work(), answered, failed=lost)

    def attempt(self, work: Callable[[Callable[[int, int], None]], Changes[Any]], done: Callable[[Any], None]) -> None:
        """Run an import that keeps nothing, and show its result."""

        def answered(changes: Changes[Any]) -> None:
            if job is self._trying:
                self._trying = None
                done(changes.result)

        def lost(problem: BaseException) -> None:
            if job is self._trying:
                self._trying = None
                self.state.setText("")
                if not isinstance(problem, Cancelled):
                    self.tell_failure(problem)

        job = self._trying = self.desk.operations.look(self, work, answered, title=_("Checking…"), failed=lost)

    def stop_trying(self) -> None:
        """Give up what is being tried out."""
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None

    def tell_problem(self, message: str, tone: str = "danger") -> None:
        """Say something above the settings."""
        self.problem.show_text(message, tone)
        self.problem.show()

    def tell_failure(self, problem: BaseException) -> None:
        """Say what is in the way, or give what was not foreseen to the window."""
        if isinstance(problem, UserError):
            self.tell_problem(problem.message)
        else:
            self.desk.fail(problem)

    # ---- the import

    def run_it(self, work: Callable[[Callable[[int, int], None]], Changes[Any]], done: Callable[[Any], None], title: str) -> None:
        """Import beside the user's work; `done` is given the result."""

        def answered(changes: Changes[Any]) -> None:
            self._show_running(running=False)
            self.imported = changes.change_set
            done(changes.result)
            self.desk.tell(changes, say=False)

        self._importing = self.desk.operations.file(self, work, answered, title=title, failed=self._import_failed, changes=True)
        self.progress.follow(self._importing, title)
        self._show_running(running=True)

    def _show_running(self, *, running: bool) -> None:
        self.running.setVisible(running)
        self.footer.setVisible(not running)
        for part in self.settings():
            part.setEnabled(not running)
        if not running:
            self.progress.end()
            self._importing = None

    def _import_failed(self, problem: BaseException) -> None:
        self._show_running(running=False)
        if isinstance(problem, Cancelled):
            self.tell_problem(_("The import was stopped; nothing of it was kept"), "info")
        else:
            self.tell_failure(problem)

    def undo(self) -> None:
        """Take the import back."""
        if self.imported is None:
            return
        self.done.undo.set_busy(_("Undoing…"))
        self.taking_back.undo(self.imported, done=lambda _changes: self._undone(None), failed=self._undone, say=False)

    def _undone(self, problem: BaseException | None) -> None:
        self.done.undo.set_busy(None)
        if problem is None:
            self.done.show_undone()
        elif isinstance(problem, UserError):
            self.done.problem.show_text(problem.message, "danger")
            self.done.problem.show()
        elif not isinstance(problem, Cancelled):
            self.desk.fail(problem)

    # ---- the page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file anywhere on the page, unless an import runs."""
        if self.built and dropped_file(event) is not None and self._importing is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.show_choose()
            self.choose.open(path)

    def may_leave(self) -> bool:
        """Let the import go on behind another page; a trial is given up."""
        self.stop_trying()
        return True

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+Enter imports, F5 tries out anew."""
        return {"submit": self._submit, "refresh": self.try_out} if self.built else {}

    def _submit(self) -> None:
        if self.stack.currentIndex() == 1 and self.go.isEnabled():
            self.start()
