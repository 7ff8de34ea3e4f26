"""Icons: the shipped Lucide drawings, drawn once and tinted by colour role when they are first shown in it."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_crm.base.resources import resources_folder
from desktop_crm.ui.kit.tokens import theme

STROKE = 1.75


@cache
def _drawing(name: str) -> str:
    # Without a Path, which takes longer than the reading.
    with open(f"{resources_folder()}/icons/{name}.svg", encoding="utf-8") as file:  # noqa: PTH123 - as said above
        return file.read().replace('stroke-width="2"', f'stroke-width="{STROKE}"')


def _ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0


@cache
def _shape(name: str, size: int, ratio: float, filled: bool) -> QPixmap:  # noqa: FBT001 - a key of the cache
    text = _drawing(name).replace("currentColor", "black")
    if filled:
        text = text.replace('fill="none"', 'fill="black"')
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


@cache
def _pixmap(name: str, tint: str, size: int, ratio: float, filled: bool) -> QPixmap:  # noqa: FBT001 - a key of the cache
    drawn = QPixmap(_shape(name, size, ratio, filled))
    painter = QPainter(drawn)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(QRectF(0, 0, size, size), QColor(tint))
    painter.end()
    return drawn


def pixmap(name: str, role: str = "text2", size: int = 16, *, ratio: float | None = None, filled: bool = False) -> QPixmap:
    """Return the icon `name` in the colour of `role`, `size` logical pixels wide.

    Raises FileNotFoundError for an icon that is not shipped.
    """
    return _pixmap(name, theme().hex(role), size, ratio or _ratio(), filled)


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
    """Drop what buttons and menus were given; they ask again in the new theme's colours, in which the drawings themselves are only tinted anew."""
    icon.cache_clear()
