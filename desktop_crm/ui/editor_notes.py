"""What stands above an editor's form: what is to be put right before saving, and what else is to be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.ui.kit.widgets import Banner, column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.ui.kit.widgets import Button

LINKED: Final = 3


@dataclass(frozen=True)
class Trouble:
    """One thing that stands in the way of saving: the words, and what brings the user there."""

    text: str
    go: Callable[[], object]


class Notes(QWidget):
    """The banners of an editor; they take no room while there is nothing to say. `found` are the troubles that are listed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.found: list[Trouble] = []
        self._next = 0
        self.banner = Banner(name=f"{name}.problems")
        self.notice = Banner(name=f"{name}.notice")
        self.setLayout(column(self.banner, self.notice, gap=8, margins=(20, 10, 20, 0)))
        for one in (self.banner, self.notice, self):
            one.hide()

    def _fit(self) -> None:
        self.setVisible(not (self.banner.isHidden() and self.notice.isHidden()))

    def show_troubles(self, found: Sequence[Trouble]) -> None:
        """List what stands in the way of saving, with a link to each; none of them takes the list away."""
        self.found, self._next = list(found), 0
        self.banner.setVisible(bool(found))
        if found:
            text = ngettext("{count} thing to put right before saving", "{count} things to put right before saving", len(found)).format(count=len(found))
            self.banner.show_text(text, "danger", links=[(one.text, one.go) for one in found[:LINKED]], hint=_("F8 next"))
        self._fit()

    def next(self) -> None:
        """Go to the first trouble, then to the next one each time."""
        if self.found:
            self._next %= len(self.found)
            self.found[self._next].go()
            self._next += 1

    def tell(self, text: str, tone: str = "info", *, detail: str = "", actions: Sequence[Button] = ()) -> None:
        """Say something else above the form, or nothing."""
        self.notice.setVisible(bool(text))
        if text:
            self.notice.show_text(text, tone, detail=detail, actions=actions)
        self._fit()
