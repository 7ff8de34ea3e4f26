"""What each column of a file is: its heading, its first values and its role, to be chosen where it was not found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.widgets import Card, ElidedLabel, Label, hline, holder

if TYPE_CHECKING:
    from desktop_crm.services.column_files import ColumnFile


class ColumnCard(Card):
    """The columns of a file. Signal: `changed` when the role of one was chosen; what has a role already gives it up."""

    changed = Signal()

    def __init__(self, *, name: str) -> None:
        super().__init__(_("What the columns are"), _("Remembered for the next file with these headings"))
        self.setObjectName(name)
        self.file: ColumnFile | None = None
        self.combos: dict[int, ComboEditor] = {}
        self._grid: QWidget | None = None

    def show_file(self, file: ColumnFile) -> None:
        """Show the columns of a file."""
        self.file = file
        if self._grid is not None:
            self._grid.hide()
            self._grid.deleteLater()
        choices: list[tuple[object, str]] = [(role.key, role.title) for role in file.roles.by_key.values()]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, title in enumerate((_("Heading"), _("First values"), _("Column"))):
            grid.addWidget(Label(title, "small", "text2"), 0, place)
        grid.addWidget(hline(), 1, 0, 1, 3)
        self.combos = {}
        for line, (number, heading) in enumerate(file.headings.items(), 2):
            combo = ComboEditor(choices, name=f"{self.objectName()}.{number}", label=heading, empty=_("Not used"))
            combo.set_value(file.columns.get(number))
            combo.changed.connect(partial(self._chosen, number))
            self.combos[number] = combo
            grid.addWidget(ElidedLabel(heading), line, 0)
            grid.addWidget(ElidedLabel(" | ".join(file.samples(number)) or _("(empty)"), role="text2"), line, 1)
            grid.addWidget(combo, line, 2, Qt.AlignmentFlag.AlignVCenter)
        for place, stretch in ((0, 3), (1, 5), (2, 3)):
            grid.setColumnStretch(place, stretch)
        self._grid = holder(grid)
        self.body.addWidget(self._grid)

    def _chosen(self, number: int) -> None:
        if self.file is None:
            return
        for other in self.file.choose(number, str(self.combos[number].value() or "")):
            self.combos[other].set_value(None)
        self.changed.emit()
