from __future__ import annotations

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.listing import ListColumn, list_document
from desktop_crm.printing.marks import Page, TextMark, extent

HEADS = ("合同编号", "合同名称", "客户", "状态", "签订日期", "合同金额", "负责人")
ROW = ("HT-2026-0001", "二期产线自动化改造备件采购", "苏州新锐精密机械制造有限公司", "执行中", "2026-06-18", "1,300,308.00", "陈立")


def _pages(columns: int, rows: int, *, long: str = "") -> list[Page]:
    chosen = [ListColumn(HEADS[place % len(HEADS)], "金额" in HEADS[place % len(HEADS)]) for place in range(columns)]
    found = [[ROW[place % len(ROW)] + long for place in range(columns)] for _row in range(rows)]
    template, values = list_document(title="合同", about="全部", columns=chosen, rows=found, totals=["合计", *[""] * (columns - 1)] if columns else None)
    layout = compose(template, values, fonts=FontBook(system=False))
    assert not layout.problems
    return layout.pages


@pytest.mark.parametrize(("columns", "width"), [(2, 210), (7, 210), (10, 297), (21, 420), (40, 420)])
def test_the_paper_is_as_large_as_the_columns_need(columns: int, width: float) -> None:
    page = _pages(columns, 3)[0]
    assert page.width == width
    for mark in page.marks:
        left, _top, right, _bottom = extent(mark)
        assert left >= 11.9
        assert right <= width - 11.9


def test_short_texts_stay_on_one_line_and_long_ones_take_the_rest() -> None:
    assert {"苏州新锐精密机械制造有限公司", "执行中", "2026-06-18", "1,300,308.00"} <= set(_pages(7, 5)[0].texts())
    assert all(mark.size >= 6 for mark in _pages(7, 5, long="很长的内容" * 20)[0].marks if isinstance(mark, TextMark) and "执行" in mark.text)


def test_a_list_longer_than_any_paper_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="too many for paper"):
        list_document(title="", about="", columns=[ListColumn("x")], rows=[("1",)] * 50_001, totals=None)


def test_every_page_says_what_it_is() -> None:
    pages = _pages(7, 300)
    assert len(pages) > 4
    for number, page in enumerate(pages, 1):
        assert {"合同", "客户", f"{number} / {len(pages)}"} <= set(page.texts())
    assert "合计" in pages[-1].texts()
    assert _pages(3, 0)[0].texts()
