"""What the layout hands to whoever draws: pages of placed marks.

All measures are millimetres from the top left corner of the paper, y downwards; font sizes are points. A printer, a preview and the
PDF draw the same marks and so show the same page.

Each mark has a `source`, the path of what it comes from in the template's JSON (``bands/page_header/elements/3``), and may be
`screen_only`: shown where a document is looked at, never printed, as what a preprinted form already has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

POINT: Final = 25.4 / 72


@dataclass(frozen=True, slots=True)
class TextMark:
    """A run of characters of one font; `x` is its left end and `y` its baseline. `angle` turns it counter-clockwise around them, in degrees."""

    x: float
    y: float
    text: str
    font: str
    size: float
    width: float
    color: str = "#000000"
    angle: float = 0.0
    source: str = ""
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class LineMark:
    """A straight line of `thickness` mm; `dash` is the length of a dash and a gap in mm, 0 for a solid line."""

    x: float
    y: float
    x2: float
    y2: float
    thickness: float
    color: str = "#000000"
    dash: float = 0.0
    source: str = ""
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class RectMark:
    """A rectangle: outline of `thickness` mm (0 for none) and `fill` (empty for none)."""

    x: float
    y: float
    width: float
    height: float
    thickness: float
    color: str = "#000000"
    fill: str = ""
    source: str = ""
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class ImageMark:
    """A PNG or JPEG stretched to its rectangle."""

    x: float
    y: float
    width: float
    height: float
    data: bytes
    source: str = ""
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class BarsMark:
    """A bar code or QR code: black rectangles (x, y, width, height) relative to (`x`, `y`); `value` is what it says."""

    x: float
    y: float
    bars: tuple[tuple[float, float, float, float], ...]
    value: str
    source: str = ""
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class FrameMark:
    """Where a band, an element or a column of the template stands: never drawn, made only where a layout is asked for `frames`. A band's width is 0."""

    x: float
    y: float
    width: float
    height: float
    source: str
    screen_only: bool = True


Mark = TextMark | LineMark | RectMark | ImageMark | BarsMark | FrameMark


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its size in mm and the marks in drawing order."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    def texts(self) -> list[str]:
        """Return the texts on the page in drawing order."""
        return [mark.text for mark in self.marks if isinstance(mark, TextMark)]


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """Return `mark` shifted by `dx` and `dy` mm."""
    # Most marks are these two, and `replace` takes four times as long.
    if isinstance(mark, TextMark):
        return TextMark(mark.x + dx, mark.y + dy, mark.text, mark.font, mark.size, mark.width, mark.color, mark.angle, mark.source, mark.screen_only)
    if isinstance(mark, LineMark):
        return LineMark(mark.x + dx, mark.y + dy, mark.x2 + dx, mark.y2 + dy, mark.thickness, mark.color, mark.dash, mark.source, mark.screen_only)
    return replace(mark, x=mark.x + dx, y=mark.y + dy)


def on_screen(marks: list[Mark]) -> list[Mark]:
    """Return `marks` as shown on the screen only."""
    return [replace(mark, screen_only=True) for mark in marks]


def extent(mark: Mark) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom of what a mark covers on the paper (a turned text by its baseline)."""
    if isinstance(mark, LineMark):
        return min(mark.x, mark.x2), min(mark.y, mark.y2), max(mark.x, mark.x2), max(mark.y, mark.y2)
    if isinstance(mark, TextMark):
        rise = mark.size * POINT
        return {
            0.0: (mark.x, mark.y - 0.88 * rise, mark.x + mark.width, mark.y + 0.12 * rise),
            90.0: (mark.x - 0.88 * rise, mark.y - mark.width, mark.x + 0.12 * rise, mark.y),
            180.0: (mark.x - mark.width, mark.y - 0.12 * rise, mark.x, mark.y + 0.88 * rise),
            270.0: (mark.x - 0.12 * rise, mark.y, mark.x + 0.88 * rise, mark.y + mark.width),
        }.get(mark.angle % 360, (mark.x, mark.y, mark.x, mark.y))
    if isinstance(mark, BarsMark):
        right = max((x + width for x, _y, width, _height in mark.bars), default=0.0)
        bottom = max((y + height for _x, y, _width, height in mark.bars), default=0.0)
        return mark.x, mark.y, mark.x + right, mark.y + bottom
    return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height


def calibrated(page: Page, *, dx: float = 0.0, dy: float = 0.0) -> Page:
    """Return `page` with everything shifted, the correction a printer needs to hit a preprinted form."""
    return replace(page, marks=tuple(moved(mark, dx, dy) for mark in page.marks)) if dx or dy else page
