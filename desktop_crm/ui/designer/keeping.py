"""Keeping what is designed: on this computer while it is worked at, as the company's draft when it is saved, and published."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.ui.drafts import DamagedDraft, draft_path, drop_draft, keep_draft, read_draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.printing.store import Stored
    from desktop_crm.ui.designer.design import Design
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft

KEEP_MS: Final = 2000
PAGE: Final = "designer"


def place_of(desk: Desk, held: Stored) -> Path:
    """Return where this computer keeps what is not saved of a template."""
    path = draft_path(desk.session.url, desk.session.person.id, store.ENTITY, held.id)
    return path if held.id is not None else path.with_name(f"{path.name.rpartition('.new-')[0]}.new-template-{held.name}.json")


def template_in(draft: Draft) -> tuple[str, Doc] | None:
    """Return name and document of a draft of a template, None where it is another's."""
    design = draft.get("design")
    if not isinstance(design, dict) or not isinstance(design.get("doc"), dict):
        return None
    return str(design.get("name", "")), design["doc"]


class Keeping(QObject):
    """What is saved of a design and what is not.

    Signals: `state_changed`, `saved`, `failed(UserError)` where something must be decided by the user, `overtaken` when somebody else changed the template.
    """

    state_changed = Signal()
    saved = Signal()
    failed = Signal(object)
    overtaken = Signal()

    def __init__(self, desk: Desk, design: Design, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._design = desk, design
        self.held: store.Stored | None = None
        self._saved: Doc | None = None
        self._kept: Doc | None = None
        self._busy = False
        self._asked: list[Callable[[], object]] | None = None  # what comes after the save that was asked for while another was under way
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(KEEP_MS)
        self._wait.timeout.connect(self.keep)
        design.edited.connect(self._edited)

    def begin(self, held: Stored, saved: Doc) -> None:
        """Begin with a template as the company has it."""
        self.held, self._saved, self._kept = held, saved, None
        self.state_changed.emit()

    @property
    def dirty(self) -> bool:
        """Whether something isn't in the company yet."""
        return self._saved is not None and self._design.doc != self._saved

    @property
    def unpublished(self) -> bool:
        """Whether what prints is not what is shown."""
        return self.dirty or bool(self.held and self.held.draft)

    def _edited(self) -> None:
        if self.held is not None:
            self._wait.start()
            self.state_changed.emit()

    def draft(self) -> tuple[Path, Draft] | None:
        """Return what is kept on this computer, and where."""
        if self.held is None:
            return None
        doc = self._design.doc
        content: dict[str, Any] = {
            "entity": store.ENTITY, "key": self.held.id, "title": str(doc.get("label") or self.held.label), "page": PAGE, "given": {}, "fields": {}, "lines": {}, "base": {},
            "whole": {}, "version": self.held.seen or None, "at": self._desk.session.now.isoformat(), "design": {"name": self.held.name, "doc": doc},
        }  # fmt: skip
        return place_of(self._desk, self.held), content

    def keep(self) -> None:
        """Keep it on this computer now."""
        self._wait.stop()
        given = self.draft()
        if given is None or not self.dirty or self._design.doc is self._kept:
            return
        self._kept = self._design.doc
        path, content = given
        self._desk.operations.draft(self, lambda: keep_draft(path, content), lambda _none: None, failed=self._not_kept)

    def _not_kept(self, problem: BaseException) -> None:
        self._kept = None
        self._desk.say(_("The draft could not be kept on this computer: {reason}").format(reason=disk_reason(problem)), "warn")

    def drop(self) -> None:
        """Drop what this computer keeps."""
        self._wait.stop()
        if self.held is not None:
            path = place_of(self._desk, self.held)
            self._desk.operations.draft(self, lambda: drop_draft(path), lambda _none: None, failed=self._desk.fail)

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save the draft in the company, then call `then`; where nothing is unsaved it is called at once.

        Asked for while a save is under way, it is done after that one, with what the design is then; where that one fails, the user decides first.
        """
        if self.held is None:
            return
        if self._busy:
            self._asked = [*(self._asked or ()), *([then] if then is not None else ())]
        elif self.dirty:
            self._save(self.held, [then] if then is not None else [])
        elif then is not None:
            then()

    def _save(self, held: Stored, then: list[Callable[[], object]]) -> None:
        doc, session = self._design.doc, self._desk.session
        old = place_of(self._desk, held)
        self._busy = True

        def done(changes: Any) -> None:
            self._busy = False
            self.held, self._saved = changes.result, doc
            self._wait.stop()
            # Before it was the company's own it was kept under its name.
            self._desk.operations.draft(self, lambda: drop_draft(old), lambda _none: None, failed=self._desk.fail)
            if self.dirty:
                self._wait.start()
            self.state_changed.emit()
            self.saved.emit()
            for act in then:
                act()
            asked, self._asked = self._asked, None
            if asked is not None:
                self.save(lambda: [act() for act in asked])

        def failed(problem: BaseException) -> None:
            self._busy, self._asked = False, None
            self._refused(problem)

        self._desk.write(self, lambda: store.save_draft(session, held.name, doc, seen=held.seen), done, failed=failed, say=False)

    def publish(self, remark: str = "") -> None:
        """Save what isn't saved and make it print."""
        self.save(lambda: self._publish(remark))

    def _publish(self, remark: str) -> None:
        held, session = self.held, self._desk.session
        if held is None:
            return

        def done(_changes: Any) -> None:
            self.read_again()

        self._desk.write(self, lambda: store.publish(session, held.name, remark), done, failed=self._refused)

    def read_again(self) -> None:
        """Read how the template stands."""
        held, session = self.held, self._desk.session
        if held is None:
            return

        def came(found: Stored) -> None:
            self.held = found
            self.state_changed.emit()

        self._desk.operations.read(self, lambda: store.find(session, held.name), came, key="held", failed=self._desk.fail)

    def look_again(self) -> None:
        """Find out whether somebody else changed the template; what is held stays, so that saving over it is refused."""
        held, session = self.held, self._desk.session
        if held is None:
            return

        def came(found: Stored) -> None:
            if self.held is not None and not self._busy and found.seen != self.held.seen:
                self.overtaken.emit()

        self._desk.operations.read(self, lambda: store.find(session, held.name), came, key="others", failed=self._gone)

    def _gone(self, problem: BaseException) -> None:
        """Say nothing of a template that was deleted until it is saved: that tells."""
        if not isinstance(problem, UserError):
            self._desk.fail(problem)

    def _refused(self, problem: BaseException) -> None:
        if isinstance(problem, UserError):
            self.failed.emit(problem)
        else:
            self._desk.fail(problem)

    def look(self, held: Stored) -> Doc | None:
        """Return what this computer kept of a template and was never saved; called in a lane."""
        with suppress(DamagedDraft):
            draft = read_draft(place_of(self._desk, held))
            found = template_in(draft) if draft is not None else None
            return found[1] if found is not None else None
        return None

    def keep_at_end(self) -> None:
        """Keep what isn't saved when the page is left for good: at once, whatever the lanes do. Raises OSError."""
        given = self.draft()
        if given is not None and self.dirty:
            keep_draft(*given)
