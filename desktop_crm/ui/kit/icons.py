"""Icons: the shipped Lucide drawings, tinted by colour role when they are first shown and kept until the theme changes."""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_crm.base.resources import resource
from desktop_crm.ui.kit.tokens import theme

STROKE = 1.75


@cache
def _drawing(name: str) -> str:
    text = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    return re.sub(r'stroke-width="2"', f'stroke-width="{STROKE}"', text)


def _ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0


@cache
def _pixmap(name: str, role: str, size: int, ratio: float, filled: bool) -> QPixmap:  # noqa: FBT001 - a key of the cache
    tint = theme().hex(role)
    text = _drawing(name).replace("currentColor", tint)
    if filled:
        text = text.replace('fill="none"', f'fill="{tint}"')
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


def pixmap(name: str, role: str = "text2", size: int = 16, *, ratio: float | None = None, filled: bool = False) -> QPixmap:
    """Return the icon `name` in the colour of `role`, `size` logical pixels wide.

    Raises FileNotFoundError for an icon that is not shipped.
    """
    return _pixmap(name, role, size, ratio or _ratio(), filled)


@cache
def icon(name: str, role: str = "text2", size: int = 16) -> QIcon:
    """Return the icon `name` for buttons and menus, greyed when disabled.

    The answer belongs to the present theme: ask again when `theme_notifier().changed` is emitted.
    """
    made = QIcon()
    for ratio in sorted({1.0, 2.0, _ratio()}):
        made.addPixmap(pixmap(name, role, size, ratio=ratio), QIcon.Mode.Normal)
        made.addPixmap(pixmap(name, "disabled", size, ratio=ratio), QIcon.Mode.Disabled)
    return made


def forget_icons() -> None:
    """Drop every tinted icon; the next use draws it in the new theme's colours."""
    _pixmap.cache_clear()
    icon.cache_clear()
