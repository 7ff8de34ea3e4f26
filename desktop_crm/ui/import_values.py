"""Values of a column nobody knows here: what is to be read in the place of each, with what may be meant. Nothing is taken by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.services.importing import choices_of
from desktop_crm.ui.editing import make_editor
from desktop_crm.ui.kit.fields import Choice, ComboEditor, LinkEditor
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, IconLabel, Label, LinkLabel, holder, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.services.importing import Suggestion, Unknown
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.kit.fields import Editor

MOST: Final = 40
"""Values that are shown at once; the next come when these are settled."""
EDITOR_WIDTH: Final = 220


class ValueRow:
    """One unknown value and what is to be read in its place: `instead` is None until that is said, "" for nothing."""

    def __init__(self, one: Unknown, field: FieldSpec, links: LinkSource, number: int) -> None:
        self.one = one
        self.instead: str | None = None
        self.editor = self._make_editor(field, links, f"import.value.{number}")
        self.editor.setFixedWidth(theme().px(EDITOR_WIDTH))
        self.editor.changed.connect(self._chosen)
        self.offers = [LinkLabel(f"{offer.title} {offer.similarity}%", "small", name=f"import.offer.{number}.{place}") for place, offer in enumerate(one.suggestions)]
        for label, offer in zip(self.offers, one.suggestions, strict=True):
            label.clicked.connect(partial(self.take, offer))
        self.empty = LinkLabel(_("Leave empty"), "small", name=f"import.empty.{number}", role="text2")
        self.empty.clicked.connect(self.leave_empty)

    @staticmethod
    def _make_editor(field: FieldSpec, links: LinkSource, name: str) -> Editor:
        if field.link:
            return make_editor(field, links, name=name)
        once: dict[object, str] = {}
        for text, title in choices_of(field):
            once.setdefault(text, title)
        return ComboEditor(list(once.items()), name=name, label=field.title)

    def widgets(self) -> list[QWidget]:
        """Return the row's widgets from the left."""
        offers = holder(row(*self.offers, self.empty, None, gap=12))
        return [ElidedLabel(self.one.text, bold=True), Label(_("{count} rows").format(count=f"{self.one.rows:,}"), "small", "text3"), IconLabel("arrow-right", "text3"), self.editor, offers]

    def _chosen(self) -> None:
        value = self.editor.value()
        self.instead = None if value is None else f"#{value}" if isinstance(self.editor, LinkEditor) else str(value)

    def take(self, offer: Suggestion) -> None:
        """Take what is offered."""
        if isinstance(self.editor, LinkEditor):
            self.editor.set_value(Choice(int(offer.text.removeprefix("#")), offer.title))
        else:
            self.editor.set_value(offer.text)
        self.instead = offer.text

    def leave_empty(self) -> None:
        """Read nothing in the place of the value."""
        self.editor.set_value(None)
        if isinstance(self.editor, (LinkEditor, ComboEditor)):
            self.editor.line.setPlaceholderText(_("Left empty"))
        self.instead = ""


class ValuesCard(Card):
    """The unknown values of one field. Signals: `settled(field, {text: instead})`, `closed`."""

    settled = Signal(str, object)
    closed = Signal()

    def __init__(self, links: LinkSource) -> None:
        self.apply = Button(_("Use these"), "primary", size="small", icon="check", name="import.values_apply", on_click=self._apply)
        close = Button(_("Close"), "ghost", size="small", name="import.values_close", on_click=self._close)
        super().__init__(_("Values nobody knows"), " ", actions=(close, self.apply), padded=False)
        self._links = links
        self.field = ""
        self.rows: list[ValueRow] = []
        self._holder: QWidget | None = None

    def show_values(self, field: FieldSpec, found: Sequence[Unknown]) -> None:
        """Show the unknown values of a field."""
        self.field = field.name
        self.title.setText(_("Values nobody knows: {field}").format(field=field.title))
        more = len(found) - MOST
        text = _("What is chosen here is remembered for the next file with these headings")
        self.hint.setText(text if more <= 0 else _("{count} more follow when these are settled").format(count=more))
        if self._holder is not None:
            self._holder.hide()
            self._holder.deleteLater()
        self.rows = [ValueRow(one, field, self._links, number) for number, one in enumerate(found[:MOST])]
        grid = QGridLayout()
        grid.setContentsMargins(15, 0, 15, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for line, one in enumerate(self.rows):
            grid.setRowMinimumHeight(line, theme().px(32))
            for place, widget in enumerate(one.widgets()):
                grid.addWidget(widget, line, place, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(4, 5)
        self._holder = holder(grid)
        self.body.addWidget(self._holder)
        self.show()
        if self.rows:
            self.rows[0].editor.setFocus()

    def _apply(self) -> None:
        chosen = {one.one.text: one.instead for one in self.rows if one.instead is not None}
        self.hide()
        if chosen:
            self.settled.emit(self.field, chosen)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
