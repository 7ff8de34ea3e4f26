"""A popover: one choice, one cell's problem, a picker, beside what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.ui.kit.labels import IconLabel, Label
from desktop_crm.ui.kit.layouts import clear, row
from desktop_crm.ui.kit.popup import Floating

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.ui.kit.buttons import Button


class Popover(Floating):
    """A card beside `anchor` that takes any content; the focus goes back to its opener. Fill `content`, then `open()`."""

    def __init__(self, anchor: QWidget, *, name: str = "", border: str = "border") -> None:
        super().__init__(anchor, name=name, border=border)
        self._opener: QWidget | None = None
        self.closed.connect(self._give_back)

    def open(self, focus: QWidget | None = None) -> None:
        """Show the card below its anchor and put the focus into it."""
        self._opener = QApplication.focusWidget()
        self.open_below()
        target = focus or self._first()
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _first(self) -> QWidget | None:
        return next((one for one in self.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled()), None)

    def _give_back(self) -> None:
        now = QApplication.focusWidget()
        if self._opener is not None and shiboken6.isValid(self._opener) and (now is None or self.isAncestorOf(now)):
            self._opener.setFocus(Qt.FocusReason.OtherFocusReason)
        self._opener = None


class Callout(Floating):
    """What is wrong with one cell or one field, with buttons that put it right. It takes no focus away from typing."""

    def __init__(self, anchor: QWidget, *, name: str = "callout") -> None:
        super().__init__(anchor, border="dangerfill", name=name)

    def tell(self, where: QRect, text: str, detail: str = "", fixes: Sequence[Button] = ()) -> None:
        """Show the problem below a rectangle of the anchor."""
        # What is put into a card that is seen is shown, and counts for its size, only after this: it would shrink to nothing.
        self.close_up()
        clear(self.content)
        message = Label(text, "small", "danger", bold=True)
        self.content.addLayout(row(IconLabel("circle-alert", "danger", 14), message, None, gap=6))
        if detail:
            self.content.addWidget(Label(detail, "small", "text2"))
        if fixes:
            for fix in fixes:
                fix.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                fix.clicked.connect(self.close_up)
            self.content.addLayout(row(*fixes, None))
        self.setAccessibleName(f"{text} {detail}".strip())
        self.open_at(where.x(), where.y(), where.bottom())
