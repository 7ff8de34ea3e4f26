"""Breaking text into lines: between any two Chinese characters, at the spaces of Latin text, and by the rules of 避头尾.

Spaces of the writer stay, U+3000 included; a Latin space at a line's end hangs over it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Measure = Callable[[str], list[float]]

NEVER_FIRST: Final = frozenset("，。、；：？！）》」』】〕〉〗”’…—～·％‰℃,.;:?!)]}>%°々〃ー")
NEVER_LAST: Final = frozenset("（《「『【〔〈〖“‘([{<￥¥$€£№")
ELLIPSIS: Final = "…"
ROUNDING: Final = 0.001
WITHOUT_SHAPE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200d\ufeff]")
# 元 and 整 stay with the figure before them only: 元旦 may well begin a line.
AFTER_FIGURES: Final = frozenset("元角分整")


def _is_word(sign: str) -> bool:
    return (sign.isascii() and not sign.isspace()) or "\u00c0" <= sign <= "\u024f"


def may_break(before: str, after: str) -> bool:
    """Tell whether a line may end between the characters `before` and `after`."""
    if after == " ":
        return False
    if before == " ":
        return True
    if after in AFTER_FIGURES:
        return not (before.isascii() and before.isdigit())
    if after in NEVER_FIRST or before in NEVER_LAST:
        return False
    return not (_is_word(before) and _is_word(after)) or (before in "-/&_@" and after.isalpha())


def _breaks(text: str, widths: list[float], limit: float) -> list[str]:
    lines: list[str] = []
    start = 0
    while start < len(text):
        end, used = start, 0.0
        while end < len(text) and used + widths[end] <= limit + ROUNDING:
            used += widths[end]
            end += 1
        if end < len(text) and text[end] == " ":
            while end < len(text) and text[end] == " ":
                end += 1
        elif end < len(text):
            end = max(end, start + 1)
            cut = end
            while start < cut < len(text) and not may_break(text[cut - 1], text[cut]):
                cut -= 1
            end = cut if cut > start else end
        lines.append(text[start:end].rstrip(" "))
        start = end
    return lines or [""]


def break_lines(text: str, measure: Measure, limit: float) -> list[str]:
    """Return the lines of `text`, none wider than `limit` mm unless a single character is.

    `measure` gives the width of each character. Line feeds in the text end lines; an empty text is one empty line.
    """
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        lines.extend(_breaks(paragraph, measure(paragraph), limit))
    return lines


def widest_piece(text: str, measure: Measure) -> float:
    """Return the width in mm of the widest part that no line may be broken in: a word, a figure."""
    widest = 0.0
    for paragraph in clean(text).split("\n"):
        used = 0.0
        for index, (sign, width) in enumerate(zip(paragraph, measure(paragraph), strict=True)):
            if index and may_break(paragraph[index - 1], sign):
                used = 0.0
            used += 0.0 if sign == " " else width
            widest = max(widest, used)
    return widest


def shorten_to(text: str, measure: Measure, limit: float) -> str:
    """Return `text`, or as much of it as fits `limit` mm together with an ellipsis."""
    widths = measure(text)
    if sum(widths) <= limit + ROUNDING:
        return text
    room = limit - sum(measure(ELLIPSIS))
    used, kept = 0.0, 0
    while kept < len(text) and used + widths[kept] <= room + ROUNDING:
        used += widths[kept]
        kept += 1
    return text[:kept].rstrip(" ") + ELLIPSIS


def clean(text: str) -> str:
    """Return `text` with line ends unified, tabs as spaces, and without characters that have no shape."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").replace("\u00a0", " ")
    return WITHOUT_SHAPE.sub("", text)
