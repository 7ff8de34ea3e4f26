"""Painting shared by widgets and tables: text on one baseline, pills, stars, avatars, ticks, bars, shadows."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from desktop_crm.base.lazily import pattern
from desktop_crm.ui.kit.fonts import elided, font, line_height, pixels, text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.tokens import TONES, color, theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rect = QRect | QRectF
LEFT: Final = "left"
RIGHT: Final = "right"
CENTRE: Final = "centre"
STRAIGHT: Final = 4
"""How much of a side of the smallest shadow is straight."""
_NARROW: Final = pattern(r"[\x20-?A-~\u4e00-\u9fff]*")
"""Signs that are no wider than they are high in any font."""


def put(painter: QPainter, rect: Rect, text: str, *, style: str = "body", bold: bool = False, role: str = "text",
        align: str = LEFT, elide: bool = True) -> int:
    """Draw one line of text centred on the rectangle's height; return its width in logical pixels.

    Whatever scripts the text mixes, it stands on one computed baseline: Qt's own centring moves when a fallback font joins in.
    """
    width, room = text_width(text, style, bold), int(rect.width())
    if elide and width > room:
        text = elided(text, room, style, bold)
        width = text_width(text, style, bold)
    left: float = rect.x()
    if align == RIGHT:
        left += rect.width() - width
    elif align == CENTRE:
        left += (rect.width() - width) / 2
    _draw(painter, rect, left, text, style, bold=bold, role=role)
    return width


def write(painter: QPainter, rect: Rect, text: str, *, bold: bool = False, role: str = "text", align: str = LEFT) -> None:
    """Draw one line of text like `put` does, without measuring what has room whatever its signs are."""
    if align == LEFT and len(text) * pixels("body") <= rect.width() and _NARROW.fullmatch(text):
        _draw(painter, rect, rect.x(), text, "body", bold=bold, role=role)
    else:
        put(painter, rect, text, bold=bold, role=role, align=align)


def _draw(painter: QPainter, rect: Rect, left: float, text: str, style: str, *, bold: bool, role: str) -> None:
    painter.setFont(font(style, bold))
    painter.setPen(color(role))
    painter.drawText(QPointF(left, round(rect.y() + rect.height() / 2 + pixels(style) * 0.365)), text)


def smooth(painter: QPainter, *, on: bool = True) -> None:
    """Switch antialiasing; backgrounds are filled before, or seams show at 150 %."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on)


def fill(painter: QPainter, rect: Rect, role: str, radius: float = 0) -> None:
    """Fill a rectangle, with round corners if asked for."""
    if not radius:
        painter.fillRect(rect, color(role))
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(role))
    painter.drawRoundedRect(rect, radius, radius)


def frame(painter: QPainter, rect: Rect, role: str, radius: float = 6, *, width: float = 1, inside: str = "") -> None:
    """Outline a rectangle on its inner edge; `inside` is the role that fills it, if any."""
    half = width / 2
    painter.setPen(QPen(color(role), width))
    painter.setBrush(color(inside) if inside else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius - half, radius - half)


def ring(painter: QPainter, rect: Rect, radius: float = 4) -> None:
    """Draw the 2 px keyboard focus mark on a rectangle's inner edge."""
    frame(painter, rect, "focus", radius, width=2)


def pill_width(text: str, *, dot: bool = True) -> int:
    """Return the width of a pill with `text`, in logical pixels."""
    return text_width(text, "small") + (26 if dot else 16)


def pill_height() -> int:
    """Return the height of a pill, in logical pixels."""
    return line_height("small") + 2


def put_pill(painter: QPainter, rect: QRectF, text: str, tone: str, *, dot: bool = True) -> None:
    """Draw a status: a dot and a word on the tone's ground, never colour alone."""
    fill(painter, rect, tone + "bg", rect.height() / 2)
    start = 8
    if dot:
        painter.setBrush(color(tone + "fill"))
        painter.drawEllipse(QPointF(rect.x() + 11, rect.center().y()), 3, 3)
        start = 18
    put(painter, rect.adjusted(start, 0, -4, 0), text, style="small", role=tone)


@cache
def _star(radius: float) -> QPainterPath:
    path = QPainterPath()
    for step in range(10):
        angle = math.pi / 2 + step * math.pi / 5
        reach = radius if step % 2 == 0 else radius * 0.45
        point = QPointF(reach * math.cos(angle), -reach * math.sin(angle))
        path.lineTo(point) if step else path.moveTo(point)
    path.closeSubpath()
    return path


def put_stars(painter: QPainter, left: float, middle: float, count: int, *, radius: float = 5.4, step: float = 12) -> None:
    """Draw a level as five stars, `count` of them lit."""
    made = _stars(count, radius, step, painter.device().devicePixelRatio(), theme().hex("star"), theme().hex("staroff"))
    painter.drawPixmap(QPointF(left, middle - radius), made)


@lru_cache(maxsize=64)
def _stars(count: int, radius: float, step: float, ratio: float, lit: str, unlit: str) -> QPixmap:
    made = QPixmap(math.ceil((4 * step + 2 * radius) * ratio), math.ceil(2 * radius * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    for index in range(5):
        painter.setBrush(QColor(lit if index < count else unlit))
        painter.drawPath(_star(radius).translated(radius + index * step, radius))
    painter.end()
    return made


def avatar_tone(name: str) -> str:
    """Return the tone a person or a company always gets."""
    order = ("info", "success", "violet", "teal", "warn", "danger")
    return order[sum(map(ord, name)) % len(order)]


def put_avatar(painter: QPainter, rect: QRectF, name: str, *, tone: str = "", square: bool = False) -> None:
    """Draw the first letter of a name on its own ground."""
    tone = tone or avatar_tone(name)
    fill(painter, rect, tone + "bg", 6 if square else rect.width() / 2)
    style = "strong" if rect.width() >= 32 else "small" if rect.width() >= 22 else "caption"  # noqa: PLR2004 - sizes of the type table
    if rect.width() >= 44:  # noqa: PLR2004 - the record page's large avatar
        style = "page"
    put(painter, rect, name[:1].upper(), style=style, bold=True, role=tone, align=CENTRE, elide=False)


def put_tick(painter: QPainter, rect: Rect, state: Qt.CheckState, *, enabled: bool = True, hover: bool = False) -> None:
    """Draw a check box of 14 px in the middle of a rectangle."""
    size = theme().px(14)
    box = QRectF(round(rect.x() + (rect.width() - size) / 2), round(rect.y() + (rect.height() - size) / 2), size, size)
    if state == Qt.CheckState.Unchecked:
        frame(painter, box, "accent" if hover and enabled else "edge" if enabled else "border", 4,
              width=1.2, inside="surface" if enabled else "sunken")
        return
    fill(painter, box, "accent" if enabled else "disabled", 4)
    mark = pixmap("check" if state == Qt.CheckState.Checked else "minus", "onaccent", size - 2)
    painter.drawPixmap(QPointF(box.x() + 1, box.y() + 1), mark)


def put_bar(painter: QPainter, rect: QRectF, parts: Iterable[tuple[float, str]], *, track: str = "neutralbg",
            marks: Sequence[float] = ()) -> None:
    """Draw a stacked bar: shares of 1 and their roles, from the left; `marks` are thresholds as shares."""
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setClipPath(path)
    painter.fillRect(rect, color(track))
    left, shown = rect.x(), [part for part in parts if part[0] > 0]
    for share, role in shown:
        width = min(share * rect.width(), rect.right() - left)
        painter.fillRect(QRectF(left, rect.y(), max(0.0, width - (1.5 if len(shown) > 1 else 0)), rect.height()), color(role))
        left += width
    for mark in marks:
        painter.fillRect(QRectF(rect.x() + mark * rect.width() - 1, rect.y(), 2, rect.height()), color("text"))
    painter.restore()


def put_key(painter: QPainter, right: float, middle: float, text: str) -> float:
    """Draw a key hint that ends at `right`; return its width."""
    width = text_width(text, "caption") + 12
    box = QRectF(right - width, round(middle - 10), width, 20)
    frame(painter, box, "border", 4, inside="surface")
    put(painter, box, text, style="caption", role="text2", align=CENTRE, elide=False)
    return width


def put_shadow(painter: QPainter, rect: Rect, radius: float = 8, reach: int = 20, drop: int = 4) -> None:
    """Draw the soft shadow of something that floats, whose own ground covers the middle.

    Painted, since an effect repaints everything under it; from a small picture whose corners are put in place and whose sides are drawn out, since painting it anew for
    each size takes as long as a whole page.
    """
    ratio, box = painter.device().devicePixelRatio(), QRectF(rect)
    made = _shadow(radius, reach, drop, ratio, theme().hex("shadow"), theme().dark)
    side = reach + radius  # what is no straight piece
    across = _thirds(box.x() - reach, box.width() + 2 * reach, side, side)
    down = _thirds(box.y() - reach, box.height() + 2 * reach + drop, side + drop, side)
    across_there = _thirds(0, made.width() / ratio, side, side)
    down_there = _thirds(0, made.height() / ratio, side + drop, side)
    smooth(painter, on=False)  # pieces beside one another would show their seams
    for line, (top, height) in enumerate(down):
        for place, (left, width) in enumerate(across):
            if line == place == 1:
                continue
            (from_left, from_width), (from_top, from_height) = across_there[place], down_there[line]
            painter.drawPixmap(QRectF(left, top, width, height), made, QRectF(from_left * ratio, from_top * ratio, from_width * ratio, from_height * ratio))
    smooth(painter)


def _thirds(start: float, length: float, first: float, last: float) -> tuple[tuple[float, float], ...]:
    """Return where the beginning, the middle and the end of a side lie, and how long they are."""
    return (start, first), (start + first, length - first - last), (start + length - last, last)


@lru_cache(maxsize=12)
def _shadow(radius: float, reach: int, drop: int, ratio: float, tint: str, dark: bool) -> QPixmap:  # noqa: FBT001 - a key of the cache
    """Return the shadow of a box whose sides are hardly longer than its corners."""
    size = 2 * radius + STRAIGHT
    made = QPixmap(math.ceil((size + 2 * reach) * ratio), math.ceil((size + 2 * reach + drop) * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    weight, box = 0.012 * (2.2 if dark else 1.0), QRectF(reach, reach, size, size)
    for step in range(reach):
        spread, near = reach - step, (step + 1) / reach
        shade = QColor(tint)
        shade.setAlphaF(min(1.0, weight * (0.4 + 1.6 * near)))
        painter.setBrush(shade)
        painter.drawRoundedRect(box.adjusted(-spread, -spread + drop, spread, spread + drop), radius + spread, radius + spread)
    painter.end()
    return made


def ground(tone: str) -> str:
    """Return the background role of a tone; another role stands for itself."""
    return tone + "bg" if tone in TONES else tone
