"""The card that asks for the name of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fields import LineEditor
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.widgets import Button, Label, row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class NameCard(Popover):
    """Asks for the name of a view. Signal: `named(str)`."""

    named = Signal(str)

    def __init__(self, anchor: QWidget, name: str = "") -> None:
        super().__init__(anchor, name="view_name")
        self.line = LineEditor(name="view_name.name", label=_("Name of the view"), placeholder=_("Name of the view"))
        self.line.set_value(name)
        self.line.setMinimumWidth(220)
        self.line.line.returnPressed.connect(self._take)
        self.content.addWidget(Label(_("Name of the view"), "small", "text2"))
        self.content.addWidget(self.line)
        self.content.addLayout(row(None, Button(_("Save view"), "primary", size="small", name="view_name.save", on_click=self._take)))

    def _take(self) -> None:
        name = str(self.line.value())
        if name:
            self.close_up()
            self.named.emit(name)
