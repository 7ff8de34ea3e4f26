"""Setting a text into its place: lines, size and baselines."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from desktop_crm.printing.fonts import BOLD, REGULAR
from desktop_crm.printing.linebreak import ELLIPSIS, ROUNDING, break_lines, clean, shorten_to, widest_piece
from desktop_crm.printing.marks import POINT, TextMark

if TYPE_CHECKING:
    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.template import TextStyle

LEADING: Final = 1.3
# The height of a Chinese character above and around the baseline, in parts of the font size.
ASCENT: Final = 0.88
MIDDLE: Final = 0.38
SHRINK_STEP: Final = 0.25
SMALLEST_PART: Final = 0.5
SMALLEST_PART_WRAPPED: Final = 0.75
SMALLEST_SIZE: Final = 4.0
# A line may stick out of its place by a hair: rounding, and leading that nobody sees.
TOLERANCE: Final = 0.3


@dataclass(frozen=True, slots=True)
class SetText:
    """Lines ready to be placed, at their final size; `height` is what they take, `wanted` what the whole text would take where it was cut."""

    lines: tuple[str, ...]
    size: float
    font: str
    height: float
    wanted: float = 0.0


def line_height(size: float, leading: float = LEADING) -> float:
    """Return the height of a line in mm of a font size in points."""
    return size * POINT * leading


def _lines_in(height: float, style: TextStyle) -> int:
    return max(1, math.floor((height + TOLERANCE) / line_height(style.size, style.leading)))


def _set(text: str, style: TextStyle, width: float, fonts: FontBook) -> SetText:
    font = BOLD if style.bold else REGULAR
    lines = break_lines(text, partial(fonts.advances, font=font, size=style.size), width)
    return SetText(tuple(lines), style.size, font, len(lines) * line_height(style.size, style.leading))


def _cut(text: str, style: TextStyle, width: float, height: float, fonts: FontBook) -> SetText:
    whole = _set(text, style, width, fonts)
    room = _lines_in(height, style)
    if len(whole.lines) <= room:
        return whole
    measure = partial(fonts.advances, font=whole.font, size=whole.size)
    # The broken line stands for its remainder: filled up again and ended with an ellipsis.
    rest = whole.lines[room - 1] + whole.lines[room]
    last = shorten_to(rest, measure, width)
    if not last.endswith(ELLIPSIS):
        last = shorten_to(last + ELLIPSIS, measure, width)
    return SetText((*whole.lines[: room - 1], last), whole.size, whole.font, room * line_height(style.size, style.leading), whole.height)


def set_text(text: str, style: TextStyle, width: float, height: float, fonts: FontBook) -> SetText:
    """Return `text` set into `width` × `height` mm. Only with the overflow ``wrap`` may the result be higher than `height`.

    A figure or word wider than its place is set smaller before it is broken (cut texts apart).
    """
    font = BOLD if style.bold else REGULAR
    text = clean(text)
    if "\n" not in text and fonts.width(text, font, style.size) <= width + ROUNDING:
        return SetText((text,), style.size, font, line_height(style.size, style.leading))
    if style.overflow == "cut":
        return _cut(text, style, width, height, fonts)
    # Widths grow with the size, so one measurement tells the size at which no figure and no word has to be broken.
    piece = widest_piece(text, partial(fonts.advances, font=font, size=style.size))
    unbroken = style.size if piece <= width + ROUNDING else math.floor(style.size * width / piece * 100) / 100
    if style.overflow == "wrap":
        return _set(text, replace(style, size=max(unbroken, style.size * SMALLEST_PART_WRAPPED)), width, fonts)
    smallest = min(style.smallest, style.size) or max(min(SMALLEST_SIZE, style.size), style.size * SMALLEST_PART)
    size = max(unbroken, smallest)
    while size > smallest:
        smaller = replace(style, size=size)
        done = _set(text, smaller, width, fonts)
        if len(done.lines) <= _lines_in(height, smaller):
            return done
        size -= SHRINK_STEP
    return _cut(text, replace(style, size=smallest), width, height, fonts)


def text_marks(done: SetText, style: TextStyle, place: tuple[float, float, float, float], fonts: FontBook, source: str = "") -> list[TextMark]:
    """Return the marks of a set text in `place` (x, y, width, height), aligned as `style` says."""
    x, y, width, height = place
    top = y + {"top": 0.0, "middle": (height - done.height) / 2, "bottom": height - done.height}[style.valign]
    if done.height > height:
        top = y if len(done.lines) > 1 else top
    step, em = line_height(done.size, style.leading), done.size * POINT
    marks: list[TextMark] = []
    for index, line in enumerate(done.lines):
        runs = fonts.runs(line, done.font, done.size)
        free = width - sum(run[2] for run in runs)
        left = x + {"left": 0.0, "center": free / 2, "right": free}[style.align]
        baseline = top + index * step + (step - em) / 2 + ASCENT * em
        for font, text, run_width in runs:
            if text.strip(" "):
                marks.append(TextMark(round(left, 3), round(baseline, 3), text, font, done.size, round(run_width, 3), style.color, 0.0, source))
            left += run_width
    return marks


def turned_marks(done: SetText, style: TextStyle, place: tuple[float, float, float, float], fonts: FontBook, angle: int, source: str = "") -> list[TextMark]:
    """Return the marks of a text set into the turned `place`, turned clockwise by 90, 180 or 270 degrees."""
    x, y, width, height = place
    inner = (0.0, 0.0, height, width) if angle in {90, 270} else (0.0, 0.0, width, height)
    marks: list[TextMark] = []
    for mark in text_marks(done, style, inner, fonts, source):
        across, down = {90: (x + width - mark.y, y + mark.x), 180: (x + width - mark.x, y + height - mark.y), 270: (x + mark.y, y + height - mark.x)}[angle]
        marks.append(replace(mark, x=round(across, 3), y=round(down, 3), angle=float(-angle % 360)))
    return marks


def slanted_marks(text: str, style: TextStyle, centre: tuple[float, float], angle: float, fonts: FontBook, source: str = "") -> list[TextMark]:
    """Return one line of text turned by `angle` degrees around its centre."""
    font, em = (BOLD if style.bold else REGULAR), style.size * POINT
    runs = fonts.runs(text.replace("\n", " "), font, style.size)
    along = math.cos(math.radians(angle)), -math.sin(math.radians(angle))
    half = sum(run[2] for run in runs) / 2
    x = centre[0] - along[0] * half - along[1] * MIDDLE * em
    y = centre[1] - along[1] * half + along[0] * MIDDLE * em
    marks: list[TextMark] = []
    for name, run, width in runs:
        marks.append(TextMark(round(x, 3), round(y, 3), run, name, style.size, round(width, 3), style.color, angle, source))
        x, y = x + along[0] * width, y + along[1] * width
    return marks
