"""The type table: one family list for each system, six sizes, two weights, tabular digits."""

from __future__ import annotations

import sys
from functools import cache, lru_cache
from typing import Final

from PySide6.QtGui import QFont, QFontMetrics

from desktop_crm.base.i18n import current_language
from desktop_crm.ui.kit.tokens import theme

# style: pixels, line height, bold by itself
TYPE: Final[dict[str, tuple[int, int, bool]]] = {
    "caption": (11, 16, False),
    "small": (12, 18, False),
    "body": (13, 20, False),
    "strong": (14, 20, True),
    "title": (16, 24, True),
    "page": (20, 28, True),
    "kpi": (24, 32, True),
}


def families() -> list[str]:
    """Return the system's own families for the language of the window, best first: Chinese ones draw a Latin text's quotation marks as wide as a character, and each region writes some characters its own way."""
    latin, traditional = current_language() == "en", current_language() == "zh_TW"
    if sys.platform == "win32":
        chinese = "Microsoft JhengHei UI" if traditional else "Microsoft YaHei UI"
        return ["Segoe UI", chinese] if latin else [chinese, "Segoe UI"]
    if sys.platform == "darwin":
        return [".AppleSystemUIFont", "PingFang TC" if traditional else "PingFang SC"]
    simplified = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"]
    return [*(["Inter", "Noto Sans"] if latin else ["Noto Sans CJK TC", "Noto Sans TC"] if traditional else []), *simplified]


def pixels(style: str) -> int:
    """Return the size of `style` in logical pixels at the chosen text size."""
    return round(TYPE[style][0] * theme().text_scale / 100)


def line_height(style: str) -> int:
    """Return the height of one line of `style` in logical pixels."""
    return round(TYPE[style][1] * theme().text_scale / 100)


@cache
def font(style: str = "body", bold: bool = False) -> QFont:  # noqa: FBT001, FBT002 - read as font("small", True) in painting code
    """Return the font of `style`; tokens that are bold by themselves stay so."""
    made = QFont(families())
    made.setPixelSize(pixels(style))
    made.setWeight(QFont.Weight.DemiBold if bold or TYPE[style][2] else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def metrics(style: str = "body", bold: bool = False) -> QFontMetrics:  # noqa: FBT001, FBT002 - as font() above
    """Return the metrics of `font(style, bold)`."""
    return QFontMetrics(font(style, bold))


@lru_cache(maxsize=20_000)
def text_width(text: str, style: str = "body", bold: bool = False) -> int:  # noqa: FBT001, FBT002 - as font() above
    """Return the width of `text` in logical pixels; remembered, since tables ask for the same texts again and again."""
    return metrics(style, bold).horizontalAdvance(text)


@lru_cache(maxsize=4_000)
def elided(text: str, width: int, style: str = "body", bold: bool = False) -> str:  # noqa: FBT001, FBT002 - as font() above
    """Return `text` cut to `width` logical pixels with an ellipsis."""
    from PySide6.QtCore import Qt

    return metrics(style, bold).elidedText(text, Qt.TextElideMode.ElideRight, width)


def forget_fonts() -> None:
    """Drop what was measured with the former text size."""
    for remembered in (font, metrics, text_width, elided):
        remembered.cache_clear()
