"""Calibration (套打校准): what a printer does wrong, as measured on a test page, and pages put right by it.

A printer that shifts, stretches or creeps a little misses a preprinted form. On the test page crosses stand at known places; how far off they are
printed is measured with a ruler and taken off everything that printer gets from this computer. Templates stay as they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import REGULAR
from desktop_crm.printing.marks import BarsMark, FrameMark, ImageMark, LineMark, Mark, Page, RectMark, TextMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop_crm.printing.fonts import FontBook

CROSS: Final = 20.0
"""Where the first cross stands, mm from the paper's top left corner both ways; shifts are measured there."""
APART: Final = 100.0
NARROW: Final = 50.0
"""Distances of the crosses in mm: a hundred makes a measured millimetre a percent; narrower papers take half of it."""
EDGE: Final = 10.0
MOST_SHIFT: Final = 50.0
SCALES: Final = (90.0, 110.0)
MOST_DRIFT: Final = 5.0
AS_GOOD_AS_NONE: Final = 0.005


@dataclass(frozen=True)
class Calibration:
    """How a printer misses.

    `dx` and `dy` are mm too far to the right and too far down at the first cross, the scales its size across and down in percent, `drift` mm
    further down with each sheet of one job. `at` is the day it was measured, as ISO text; empty where it never was.
    """

    dx: float = 0.0
    dy: float = 0.0
    scale_x: float = 100.0
    scale_y: float = 100.0
    drift: float = 0.0
    at: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Calibration:
        """Return what settings keep; what is out of bounds or no number counts as not measured."""
        found: dict[str, Any] = {}
        for name, (low, high) in BOUNDS.items():
            value = kept.get(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
                found[name] = float(value)
        at = kept.get("at")
        return cls(**found, at=at if isinstance(at, str) else "")

    def kept(self) -> dict[str, Any]:
        """Return it for the settings."""
        return asdict(self)

    @property
    def day(self) -> date | None:
        """The day it was measured."""
        try:
            return date.fromisoformat(self.at)
        except ValueError:
            return None

    @property
    def neutral(self) -> bool:
        """Whether it changes nothing."""
        return max(abs(self.dx), abs(self.dy), abs(self.scale_x - 100), abs(self.scale_y - 100), abs(self.drift)) < AS_GOOD_AS_NONE

    def x(self, wanted: float) -> float:
        """Return where to print what is wanted at x."""
        return CROSS + (wanted - CROSS - self.dx) * 100 / self.scale_x

    def y(self, wanted: float, sheet: int = 0) -> float:
        """Return where to print what is wanted at y on the sheet of this number in its job, the first being 0."""
        return CROSS + (wanted - CROSS - self.dy - self.drift * sheet) * 100 / self.scale_y


BOUNDS: Final = {"dx": (-MOST_SHIFT, MOST_SHIFT), "dy": (-MOST_SHIFT, MOST_SHIFT), "scale_x": SCALES, "scale_y": SCALES, "drift": (-MOST_DRIFT, MOST_DRIFT)}
"""What can be measured, lowest and highest."""


def corrected(pages: Iterable[Page], by: Calibration) -> Iterator[Page]:
    """Yield the pages of one job put right for a printer."""
    for sheet, page in enumerate(pages):
        yield page if by.neutral else replace(page, marks=tuple(_put(mark, by, sheet) for mark in page.marks))


def _put(mark: Mark, by: Calibration, sheet: int) -> Mark:
    """Return a mark at its corrected place; texts keep their size, which a few thousandths don't change."""
    x, y = by.x(mark.x), by.y(mark.y, sheet)
    across, down = 100 / by.scale_x, 100 / by.scale_y
    match mark:
        case LineMark():
            return replace(mark, x=x, y=y, x2=by.x(mark.x2), y2=by.y(mark.y2, sheet))
        case RectMark() | ImageMark() | FrameMark():
            return replace(mark, x=x, y=y, width=mark.width * across, height=mark.height * down)
        case BarsMark():
            return replace(mark, x=x, y=y, bars=tuple((left * across, top * down, width * across, height * down) for left, top, width, height in mark.bars))
        case TextMark():
            return replace(mark, x=x, y=y)


def distances(width: float, height: float) -> tuple[float, float]:
    """Return how far apart the crosses stand across and down on a paper of this size in mm."""
    return tuple(APART if side >= CROSS + APART + EDGE else NARROW for side in (width, height))  # type: ignore[return-value]


def measuring_page(width: float, height: float, fonts: FontBook, *, about: str = "", sheet: int = 0) -> Page:
    """Return the page to measure on: three crosses at known places with rulers of half millimetres around them."""
    across, down = distances(width, height)
    marks: list[Mark] = []
    for x, y in ((CROSS, CROSS), (CROSS + across, CROSS), (CROSS, CROSS + down)):
        marks += _cross(x, y)
    marks.append(LineMark(CROSS, CROSS, CROSS + across, CROSS, 0.1, dash=1.0))
    marks.append(LineMark(CROSS, CROSS, CROSS, CROSS + down, 0.1, dash=1.0))
    lines = [
        _("Calibration page {sheet} · {width} × {height} mm").format(sheet=sheet + 1, width=f"{width:g}", height=f"{height:g}"), about,
        _("The cross at the top left belongs {x} mm from the left edge and {y} mm from the top edge").format(x=f"{CROSS:g}", y=f"{CROSS:g}"),
        _("The crosses are {across} mm apart across and {down} mm down").format(across=f"{across:g}", down=f"{down:g}"),
    ]
    top = CROSS + 8
    for line in filter(None, lines):
        marks.append(TextMark(CROSS + 8, top, line, REGULAR, 8, fonts.width(line, REGULAR, 8)))
        top += 5
    return Page(width, height, tuple(marks))


def _cross(x: float, y: float) -> Iterator[Mark]:
    """Yield a cross with ticks at each millimetre of its arms."""
    yield LineMark(x - 6, y, x + 6, y, 0.15)
    yield LineMark(x, y - 6, x, y + 6, 0.15)
    for step in range(-10, 11):
        length, at = (1.0 if step % 2 == 0 else 0.5), step / 2
        yield LineMark(x + at, y - length / 2, x + at, y + length / 2, 0.08)
        yield LineMark(x - length / 2, y + at, x + length / 2, y + at, 0.08)
