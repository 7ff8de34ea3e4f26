"""Banners, empty states, key figures, bars and skeletons: what a page says besides its data."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import line_height, text_width
from desktop_crm.ui.kit.grounds import Panel
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.labels import IconLabel, Label, LinkLabel
from desktop_crm.ui.kit.layouts import clear, column, row
from desktop_crm.ui.kit.paint import fill, put_bar, smooth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.ui.kit.buttons import Button

LINKS_WIDTH = 600
"""Pixels up to which links stand in one line with the words before them."""
ICONS = {"danger": "circle-alert", "warn": "triangle-alert", "info": "info", "success": "circle-check"}


class Banner(Panel):
    """A strip that says something about the page: `tone` is ``danger warn info success``.

    `links` are (text, callback) pairs numbered as they come; `actions` are buttons at its end; `hint` stands quietly on the right.
    """

    def __init__(self, text: str = "", tone: str = "info", *, detail: str = "", links: Sequence[tuple[str, Callable[[], object]]] = (),
                 actions: Sequence[Button] = (), hint: str = "", name: str = "", icon: str = "") -> None:
        super().__init__(tone)
        self.setObjectName(name)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self.show_text(text, tone, detail=detail, links=links, actions=actions, hint=hint, icon=icon)

    def show_text(self, text: str, tone: str = "info", *, detail: str = "", links: Sequence[tuple[str, Callable[[], object]]] = (),
                  actions: Sequence[Button] = (), hint: str = "", icon: str = "") -> None:
        """Say something else."""
        clear(self._outer)
        self.set_look(tone)
        self.setAccessibleName(text)
        self.setAccessibleDescription(detail)
        self.text = Label(text, "body", tone, bold=True, wrap=bool(detail) or not links)
        words = column(self.text, gap=1)
        if detail:
            self.detail = Label(detail, "small", "text2", wrap=True)
            words.addWidget(self.detail)
        many = len(links) > 1
        # What is too long to stand beside the others gets lines of its own: its end says what to do.
        below = sum(text_width(title, "body") for title, _follow in links) > LINKS_WIDTH
        line = row(IconLabel(icon or ICONS[tone], tone), (words, 0 if links and not below else 1), gap=10, margins=(12, 7, 12, 7))
        for number, (title, follow) in enumerate(links, 1):
            link = LinkLabel(f"{number}. {title}" if many else title, name=f"{self.objectName()}.link_{number}" if self.objectName() else "", wrap=below)
            link.clicked.connect(lambda follow=follow: follow())
            (words if below else line).addWidget(link)
        if links and not below:
            line.addStretch(1)
        if hint:
            line.addWidget(Label(hint, "small", "text2"))
        for action in actions:
            line.addWidget(action)
        self._outer.addLayout(line)


class EmptyState(QWidget):
    """Shown instead of data: why there is none, and what to do next."""

    def __init__(self, icon: str, title: str, hint: str = "", buttons: Sequence[Button] = (), *, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(f"{title} {hint}".strip())
        centre = Qt.AlignmentFlag.AlignCenter
        words = Label(title, "strong")
        words.setAlignment(centre)
        layout = column(None, row(None, IconLabel(icon, "text3", 22, ground="neutralbg", field=48), None), words, margins=(16, 16, 16, 16))
        if hint:
            line = Label(hint, "small", "text3", wrap=True)
            line.setAlignment(centre)
            layout.addWidget(line)
        if buttons:
            layout.addSpacing(4)
            layout.addLayout(row(None, *buttons, None))
        layout.addStretch(1)
        self.setLayout(layout)


class KeyFigure(QWidget):
    """A number with what it is above it and where it comes from below it."""

    def __init__(self, label: str, value: str = "—", sub: str = "", *, role: str = "text", large: bool = False, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.label = Label(label, "small", "text2")
        self.value = Label(value, "kpi" if large else "title", role, selectable=True)
        self.sub = Label(sub, "small", "text3")
        self.setLayout(column(self.label, self.value, self.sub, gap=2))
        self.set(value, sub, role)

    def set(self, value: str, sub: str = "", role: str = "text") -> None:
        """Show another number."""
        self.value.setText(value)
        self.value.set_role(role)
        self.sub.setText(sub)
        self.sub.setVisible(bool(sub))
        self.setAccessibleName(f"{self.label.text()} {value} {sub}".strip())


class ProgressBar(QWidget):
    """A thin bar, 0 to 1; a negative share means that nobody knows."""

    def __init__(self, share: float = 0, role: str = "infofill", *, thickness: int = 6, track: str = "neutralbg") -> None:
        super().__init__()
        self._share, self._role, self._track = share, role, track
        self.setFixedHeight(thickness)
        self.setMinimumWidth(40)
        self.set(share)

    def set(self, share: float, role: str = "") -> None:
        """Show another share."""
        self._share, self._role = share, role or self._role
        self.setAccessibleName(_("{percent} % done").format(percent=round(max(0.0, share) * 100)))
        self.update()

    def share(self) -> float:
        """Return what is shown."""
        return self._share

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        del event
        painter = QPainter(self)
        smooth(painter)
        known = self._share >= 0
        put_bar(painter, QRectF(self.rect()), [(min(1.0, self._share) if known else 0.35, self._role)], track=self._track)


class StackBar(QWidget):
    """A bar of several parts. Parts are (share of 1, role, label, text); the legend below carries the same as text."""

    def __init__(self, parts: Sequence[tuple[float, str, str, str]] = (), *, thickness: int = 10, legend: bool = True,
                 marks: Sequence[float] = ()) -> None:
        super().__init__()
        self._thickness, self._marks = thickness, marks
        self._bar = _Parts(thickness)
        self._legend = row(gap=16)
        layout = column(self._bar, gap=6)
        if legend:
            layout.addLayout(self._legend)
        self.setLayout(layout)
        self._with_legend = legend
        self.set(parts, marks=marks)

    def set(self, parts: Sequence[tuple[float, str, str, str]], *, marks: Sequence[float] = ()) -> None:
        """Show other parts; `marks` are thresholds as shares of 1."""
        self._bar.parts, self._bar.marks = [(share, role) for share, role, _label, _text in parts], list(marks)
        spoken = ", ".join(f"{label} {text}".strip() for _share, _role, label, text in parts)
        self._bar.setAccessibleName(spoken)
        self._bar.update()
        if self._with_legend:
            clear(self._legend)
            for _share, role, label, text in parts:
                self._legend.addLayout(row(_Dot(role), Label(label, "small", "text2"), Label(text, "small"), gap=6))
            self._legend.addStretch(1)


class _Parts(QWidget):
    def __init__(self, thickness: int) -> None:
        super().__init__()
        self.parts: list[tuple[float, str]] = []
        self.marks: list[float] = []
        self.setFixedHeight(thickness)
        self.setMinimumWidth(40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts."""
        del event
        painter = QPainter(self)
        smooth(painter)
        put_bar(painter, QRectF(self.rect()), self.parts, marks=self.marks)


class _Dot(QWidget):
    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(8, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the legend's mark."""
        del event
        painter = QPainter(self)
        smooth(painter)
        fill(painter, QRectF(self.rect()), self._role, 2)


class Skeleton(QWidget):
    """Grey lines where text is going to be."""

    WIDTHS = (0.9, 0.6, 0.75, 0.4, 0.85)

    def __init__(self, lines: int = 3) -> None:
        super().__init__()
        self._lines = lines
        self.setAccessibleName(_("Loading"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Take as much room as the lines will."""
        return QSize(160, self._lines * (line_height("body") + 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        del event
        painter = QPainter(self)
        smooth(painter)
        step = line_height("body") + 8
        for index in range(self._lines):
            share = self.WIDTHS[index % len(self.WIDTHS)]
            fill(painter, QRectF(0, index * step + 6, self.width() * share, 10), "neutralbg", 5)


class Status(QWidget):
    """A quiet icon and a text, as in a status line."""

    def __init__(self, text: str = "", icon: str = "circle-check", role: str = "success") -> None:
        super().__init__()
        self._icon, self._role = icon, role
        self.label = Label(text, "small", "text3")
        self.setLayout(row(self.label, gap=0, margins=(20, 0, 0, 0)))

    def set(self, text: str, icon: str, role: str) -> None:
        """Show another state."""
        self._icon, self._role = icon, role
        self.label.setText(text)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon before the text."""
        del event
        QPainter(self).drawPixmap(0, round(self.height() / 2 - 7), pixmap(self._icon, self._role, 14))
