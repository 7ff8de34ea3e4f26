"""What happened to a record: follow-ups and changes by day, and the box that writes the next one."""


from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.buttons import Button, Chip
from desktop_crm.ui.kit.editors import TextEditor
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.labels import Label, LinkLabel
from desktop_crm.ui.kit.layouts import clear, column, holder, row, scroll
from desktop_crm.ui.kit.paint import fill, frame, put_avatar, smooth
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from collections.abc import Sequence

DOT = 24


@dataclass(frozen=True)
class Event:
    """One entry: its key, the heading of its day, who, when, what, the icon (none: the person's avatar), its tone and changed fields.

    Changes are (field, old, new) as text.
    """

    key: str
    day: str
    who: str
    when: str
    text: str = ""
    icon: str = ""
    tone: str = "neutral"
    changes: tuple[tuple[str, str, str], ...] = field(default=())


class _Mark(QWidget):
    """The icon or avatar, with the line that leads to the next entry."""

    def __init__(self, event: Event, *, last: bool) -> None:
        super().__init__()
        self._event, self._last = event, last
        self.setFixedWidth(DOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mark and the line."""
        del event
        painter = QPainter(self)
        if not self._last:
            painter.fillRect(QRectF(DOT / 2, DOT + 4, 1, self.height() - DOT - 4), color("line"))
        smooth(painter)
        spot = QRectF(0, 1, DOT, DOT)
        if self._event.icon:
            fill(painter, spot, self._event.tone + "bg", DOT / 2)
            painter.drawPixmap(6, 7, pixmap(self._event.icon, self._event.tone, 12))
        else:
            put_avatar(painter, spot, self._event.who)


class Timeline(QWidget):
    """Entries under their days, newest first. Signals: `more_wanted`, `link_clicked(key)` when an entry is opened."""

    more_wanted = Signal()
    link_clicked = Signal(str)

    def __init__(self, *, name: str = "", label: str = "", bounded: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label or _("Activity"))
        self._list = column(gap=2, margins=(16, 8, 16, 8) if bounded else (0, 0, 0, 0))
        inner = holder(self._list)
        self.setLayout(column(scroll(inner) if bounded else inner, gap=0))

    def set_events(self, events: Sequence[Event], *, more: bool = False) -> None:
        """Show these entries; with `more` a link below asks for older ones."""
        clear(self._list)
        day = ""
        for place, event in enumerate(events):
            if event.day != day and event.day:
                day = event.day
                self._list.addSpacing(4 if place else 0)
                self._list.addWidget(Label(day, "small", "text3"))
            last = place + 1 == len(events) or events[place + 1].day != event.day
            self._list.addLayout(self._entry(event, last=last))
        if not events:
            self._list.addWidget(Label(_("Nothing has happened yet"), "small", "text3"))
        if more:
            link = LinkLabel(_("Show earlier"), "small", name=f"{self.objectName()}.more")
            link.clicked.connect(self.more_wanted)
            self._list.addWidget(link)
        self._list.addStretch(1)

    def _entry(self, event: Event, *, last: bool) -> QLayout:
        who = Label(event.who, "small", "text", bold=True)
        words = column(row(who, None, Label(event.when, "small", "text3"), gap=4), gap=2)
        if event.text:
            words.addWidget(Label(event.text, "small", "text", wrap=True, selectable=True))
        for name, old, new in event.changes:
            # One text, so that it wraps and is read as a sentence.
            words.addWidget(Label(_("{field}: {old} → {new}").format(field=name, old=old or "—", new=new or "—"), "small", "text", wrap=True, selectable=True))
        words.addSpacing(10)
        return row(_Mark(event, last=last), (words, 1), gap=10)


class Composer(QFrame):
    """Writes the next follow-up. Signals: `sent(kind, text)`, also by Ctrl+Enter, and `attach_wanted`. `kinds` are (key, label, icon)."""

    sent = Signal(str, str)
    attach_wanted = Signal()

    def __init__(self, kinds: Sequence[tuple[str, str, str]], *, placeholder: str = "", name: str = "composer", attach: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self.text = TextEditor(name=f"{name}.text", label=_("Follow-up"), placeholder=placeholder or _("Write a follow-up"), lines=2, most=8)
        self.text.box.setProperty("look", "bare")
        self.kinds = {key: Chip(label, icon=icon, name=f"{name}.kind.{key}") for key, label, icon in kinds}
        for key, chip in self.kinds.items():
            chip.clicked.connect(lambda *_checked, key=key: self.set_kind(key))
        self.send = Button(_("Send"), "soft", size="small", name=f"{name}.send", tip=_("Send (Ctrl+Enter)"), on_click=self._send)
        foot = row(*self.kinds.values(), gap=6)
        if attach:
            foot.addWidget(Button("", "ghost", icon="paperclip", size="small", name=f"{name}.attach", tip=_("Attach a file"), on_click=self.attach_wanted.emit))
        foot.addStretch(1)
        foot.addWidget(self.send)
        self.setLayout(column(self.text, foot, gap=4, margins=(8, 6, 8, 8)))
        self.text.changed.connect(self.check)
        self.set_kind(kinds[0][0] if kinds else "")
        self.check()

    def set_kind(self, kind: str) -> None:
        """Choose what kind of follow-up it is."""
        self._kind = kind
        for key, chip in self.kinds.items():
            chip.setChecked(key == kind)

    def kind(self) -> str:
        """Return the kind that is chosen."""
        return self._kind

    def clear(self) -> None:
        """Empty the box once its text was saved."""
        self.text.set_value("")
        self.check()

    def check(self) -> None:
        """Let the follow-up be sent where there is a text."""
        self.send.setEnabled(bool(self.text.value()))

    def _send(self) -> None:
        text = str(self.text.value())
        if text:
            self.sent.emit(self._kind, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send with Ctrl+Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._send()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the chips' icons out where the words need their room."""
        super().resizeEvent(event)
        for chip in self.kinds.values():
            chip.show_icon(True)
        need = sum(chip.sizeHint().width() + 6 for chip in self.kinds.values()) + self.send.sizeHint().width() + 16
        for chip in self.kinds.values():
            chip.show_icon(need <= event.size().width())

    def minimumSizeHint(self) -> QSize:
        """Let the box be as narrow as its words."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, with the focus on its border."""
        del event
        painter = QPainter(self)
        smooth(painter)
        frame(painter, self.rect(), "focus" if self.text.box.hasFocus() else "border", 6, inside="surface")
