"""A printer that misses is put right: what it prints of a corrected page is what was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.printing.calibration import CROSS, Calibration, corrected, distances, measuring_page
from desktop_crm.printing.marks import BarsMark, ImageMark, LineMark, Page, RectMark, TextMark

if TYPE_CHECKING:
    from desktop_crm.printing.fonts import FontBook


def misses(found: Calibration, x: float, y: float, sheet: int) -> tuple[float, float]:
    """Return where a printer that misses so puts what it is told to print at (x, y)."""
    across = CROSS + (x - CROSS) * found.scale_x / 100 + found.dx
    down = CROSS + (y - CROSS) * found.scale_y / 100 + found.dy + found.drift * sheet
    return across, down


measured = st.builds(
    Calibration, dx=st.floats(-50, 50), dy=st.floats(-50, 50), scale_x=st.floats(90, 110), scale_y=st.floats(90, 110), drift=st.floats(-5, 5),
)


@given(measured, st.floats(0, 300), st.floats(0, 300), st.integers(0, 200))
def test_what_is_corrected_lands_where_it_was_wanted(found: Calibration, x: float, y: float, sheet: int) -> None:
    assert misses(found, found.x(x), found.y(y, sheet), sheet) == pytest.approx((x, y), abs=1e-6)


def test_every_kind_of_mark_is_moved_and_drift_adds_up_sheet_by_sheet() -> None:
    marks = (
        TextMark(30, 30, "字", "regular", 10, 5), LineMark(30, 30, 60, 30, 0.2), RectMark(30, 30, 10, 5, 0.2), ImageMark(30, 30, 10, 5, b""),
        BarsMark(30, 30, ((0, 0, 1, 5),), "1"),
    )
    found = Calibration(dx=1.5, dy=-0.8, scale_y=100.2, drift=0.1)
    sheets = list(corrected([Page(241, 139.7, marks)] * 3, found))
    for number, sheet in enumerate(sheets):
        for mark in sheet.marks:
            assert (mark.x, mark.y) == pytest.approx((found.x(30), found.y(30, number)))
    assert sheets[0].marks[0].y - sheets[2].marks[0].y == pytest.approx(0.2, abs=0.001)
    box = sheets[0].marks[2]
    assert isinstance(box, RectMark)
    assert box.height == pytest.approx(5 / 1.002)


def test_not_calibrated_changes_nothing() -> None:
    page = Page(210, 297, (TextMark(1, 2, "x", "regular", 9, 2),))
    assert list(corrected([page], Calibration())) == [page]
    assert Calibration.read({"dx": "1", "dy": 900, "scale_x": True, "at": 5}) == Calibration()
    kept = Calibration(1.5, -0.8, 100, 100.2, 0.1, "2026-06-18")
    assert Calibration.read(kept.kept()) == kept
    assert kept.day is not None


@pytest.mark.parametrize(("width", "height"), [(210, 297), (241, 93.1), (80, 200)])
def test_the_page_to_measure_on_fits_its_paper(fonts: FontBook, width: float, height: float) -> None:
    page = measuring_page(width, height, fonts, sheet=2)
    across, down = distances(width, height)
    corners = {(CROSS, CROSS), (CROSS + across, CROSS), (CROSS, CROSS + down)}
    drawn = {(round((mark.x + mark.x2) / 2, 3), round(mark.y, 3)) for mark in page.marks if isinstance(mark, LineMark) and mark.x2 - mark.x == pytest.approx(12)}
    assert corners <= drawn
    for mark in page.marks:
        right = mark.x + mark.width if isinstance(mark, TextMark) else mark.x2 if isinstance(mark, LineMark) else mark.x
        assert right <= width or isinstance(mark, TextMark)
        assert 0 < mark.y < height
