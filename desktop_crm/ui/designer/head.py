"""The designer's header: what is designed and how it stands, design or live preview with which document, trial print, publish and the rarer acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records
from desktop_crm.ui.designer.documents import entity_of
from desktop_crm.ui.designer.papers import paper_size
from desktop_crm.ui.designer.toolbar import menu_of
from desktop_crm.ui.kit.fields import Choice, LinkEditor
from desktop_crm.ui.kit.widgets import Button, ElidedLabel, Label, Pill, Segment, TabItem, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.ui.designer.page import DesignerPage

DOT: Final = "●"


class Head(QWidget):
    """The header of `page`."""

    def __init__(self, page: DesignerPage) -> None:
        super().__init__()
        self.setObjectName("designer.head")
        self.page = page
        self.title = ElidedLabel("", "page", bold=True)
        self.pill = Pill("", "neutral")
        self.state = Label("", "small", "warn")
        self.modes = Segment([TabItem("design", _("Design"), icon="square-pen"), TabItem("live", _("Live preview"), icon="eye")], name="designer.mode", label=_("View"))
        self.modes.chosen.connect(page.show_mode)
        self.sample = LinkEditor(self._suggest, name="designer.sample", label=_("Sample"), placeholder=_("Sample document"))
        self.sample.setFixedWidth(168)
        self.sample.changed.connect(lambda: page.choose_document(self._key()))
        self.test = Button(_("Trial print"), icon="printer", name="action.trial_print", tip=_("Print the chosen document as it is designed now (Ctrl+P)"), on_click=self.test_print)
        self.publish = Button(_("Publish"), "primary", icon="check", name="action.publish", tip=_("Print with this from now on (Ctrl+Enter)"), on_click=page.publish)
        self.more = Button("", icon="ellipsis", name="designer.more", tip=_("More"), on_click=self._more)
        self.setLayout(row((self.title, 1), self.pill, self.state, 8, self.modes, self.sample, self.test, self.publish, self.more, gap=8, margins=(20, 10, 16, 10)))

    # ---- what is shown

    def refresh(self) -> None:
        """Show how the template stands."""
        page = self.page
        held = page.keeping.held
        if held is None:
            return
        doc = page.design.shown
        width, height = paper_size(doc)
        self.title.setText(f"{page.label()} · {width:g}×{height:g}")
        if held.number:
            self.pill.set(_("Published v{number}").format(number=held.number), "success")
        else:
            self.pill.set(_("Shipped") if held.shipped else _("Not published"), "neutral")
        self.state.setText(f"{DOT} {_('Unsaved changes')}" if page.keeping.dirty else f"{DOT} {_('Changes not published')}" if held.draft else "")
        self.state.setVisible(bool(self.state.text()))
        self.sample.setVisible(bool(entity_of(page.desk.session, str(doc.get("prints", "")))))

    def mode(self) -> str:
        """Return ``design`` or ``live``."""
        return self.modes.current()

    def set_mode(self, mode: str) -> None:
        """Show the other mode."""
        self.modes.set_current(mode)

    def show_document(self, found: tuple[int, str] | None) -> None:
        """Choose the document that is shown at first."""
        self.sample.set_value(Choice(found[0], found[1]) if found is not None else None)
        self.page.choose_document(found[0] if found is not None else None)
        self.refresh()

    def _key(self) -> int | None:
        value = self.sample.value()
        return int(str(value)) if value is not None else None

    def _suggest(self, text: str, reply: Callable[[list[Choice]], None]) -> None:
        session = self.page.desk.session
        entity = entity_of(session, str(self.page.design.doc.get("prints", "")))
        if not entity:
            reply([])
            return
        self.page.desk.operations.read(
            self, lambda: [Choice(int(one), one.title) for one in records.suggest(session, entity, text, condition=EVERYTHING)], reply, key="sample", failed=self.page.desk.fail)

    # ---- acting

    def test_print(self) -> None:
        """Print the chosen document as it is designed now, whatever is published."""
        from desktop_crm.ui.designer.trial import print_trial

        print_trial(self.page)

    def _more(self) -> None:
        from desktop_crm.ui.designer.overflow import OverflowDialog
        from desktop_crm.ui.designer.versions import VersionsDialog

        page = self.page
        held = page.keeping.held
        if held is None:
            return
        entries: list[tuple[str, str, Callable[[], object]] | None] = [
            (_("Save the draft") + "\tCtrl+S", "save", page.save), None,
            (_("Check all recent documents…"), "scan-text", lambda: OverflowDialog(page).show()),
            (_("Versions…"), "history", lambda: VersionsDialog(page).show()), None,
            (_("Export to a file…"), "file-up", page.export), (_("Make a copy"), "files", page.duplicate),
            (_("Printer adjustment"), "move", page.toggle_calibration),
        ]  # fmt: skip
        if held.draft or page.keeping.dirty:
            entries += [None, (_("Drop the changes"), "rotate-ccw", page.discard)]
        menu_of(self, entries).popup(self.more.mapToGlobal(QPoint(0, self.more.height())))
