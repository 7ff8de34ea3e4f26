"""Where the table stands in a sheet, and which rows are none of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks.cells import Cell, Merge, Sheet, Workbook
from desktop_crm.services.workbooks.headings import text_of
from desktop_crm.services.workbooks.layout import Table, best_sheet, find_table
from tests.workbooks.support import NONE, known, sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

def _found(sheet: Sheet, header_row: int | None = None) -> Table:
    table = find_table(sheet, known, header_row=header_row)
    assert table is not None
    return table


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("* 客户名称", "客户名称"),
        ("客户名称＊", "客户名称"),
        ("客户名称\n(必填)", "客户名称"),
        ("统一社会\n信用代码", "统一社会信用代码"),
        ("Customer\nname", "Customer name"),
        ("税率（%）", "税率（%）"),
        (" 地址 ", "地址"),
        (Decimal(2024), "2024"),
        (None, ""),
    ],
)
def test_headings_lose_their_marks(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_the_row_with_most_known_headings_wins_over_a_title_that_looks_like_one() -> None:
    table = _found(sheet(["备注", "下表"], ["编制", "张三"], [], ["客户名称", "手机", "别的"], ["甲", "1", "x"]))
    assert table.header_rows == (3,)
    assert table.headings == ["客户名称", "手机", "别的"]
    assert table.rows == [4]


def test_shape_decides_where_nothing_is_known() -> None:
    table = _found(sheet(["库存报表", NONE, NONE], [], ["品名", "规格", "件数"], ["螺丝", "M6", 5], ["垫圈", "M8", 7]))
    assert table.header_rows == (2,)
    assert table.rows == [3, 4]


def test_the_row_asked_for_overrules() -> None:
    made = sheet(["客户名称", "手机"], ["甲", "1"], ["品名", "件数"], ["乙", "2"])
    assert _found(made, 2).headings == ["品名", "件数"]
    assert find_table(made, known, header_row=9) is None


def test_numbers_alone_are_no_table() -> None:
    assert find_table(sheet([1, 2, 3], [4, 5, 6]), known) is None
    assert find_table(sheet(), known) is None


def test_duplicated_headings_are_all_kept() -> None:
    table = _found(sheet(["客户名称", "电话", NONE, "电话"], ["甲", "1", NONE, "2"]))
    assert table.headings == ["客户名称", "电话", "电话"]
    assert table.columns == [0, 1, 3]


@pytest.mark.parametrize("merged", [(Merge(1, 0, 2, 0), Merge(1, 1, 1, 2), Merge(1, 3, 2, 3), Merge(0, 0, 0, 3)), ()])
def test_two_storeys_with_and_without_merged_cells(merged: Sequence[Merge]) -> None:
    made = sheet(
        ["客户资料表", NONE, NONE, NONE],
        ["客户名称", "联系方式", NONE, "备注"],
        [NONE, "联系人", "手机", NONE],
        ["甲", "张三", "1", NONE],
        merged=merged,
    )
    table = _found(made)
    assert table.header_rows == (1, 2)
    assert table.headings == ["客户名称", "联系方式/联系人", "联系方式/手机", "备注"]
    assert table.rows == [3]


def test_a_title_with_a_unit_beside_it_is_no_storey() -> None:
    made = sheet(["应收明细", NONE, "单位：元"], ["客户名称", "手机", "金额"], ["甲", "1", 5], merged=[Merge(0, 0, 0, 1)])
    table = _found(made)
    assert table.header_rows == (1,)
    assert table.headings == ["客户名称", "手机", "金额"]


def test_totals_notes_and_repeated_headings_are_left_out_with_a_reason() -> None:
    use_language("en")
    made = sheet(
        ["客户名称", "手机", "金额"],
        ["甲", "1", 100],
        ["本页小计", NONE, 100],
        [],
        ["客户名称", "手机", "金额"],
        ["合计公司", "2", 200],
        ["Total", "x", 1],
        ["合 计：", NONE, 300],
        ["注：以上均含税", NONE, NONE],
        ["制表人：张三", NONE, "审核：李四"],
    )
    table = _found(made)
    assert table.rows == [1, 5, 6]
    assert table.excluded == [
        (2, "Total row"),
        (4, "Repeated heading"),
        (7, "Total row"),
        (8, "Note below the table"),
        (9, "Note below the table"),
    ]


def test_notes_between_data_rows_stay() -> None:
    made = sheet(["客户名称", "手机"], ["甲", "1"], ["注：老客户", NONE], ["乙", "2"], ["总统酒店", NONE])
    assert _found(made).rows == [1, 2, 3, 4]


def test_an_english_total_counts_only_at_the_end() -> None:
    made = sheet(["客户名称", "金额"], ["Total", 5], ["乙", 7], ["Total", 12])
    assert _found(made).rows == [1, 2]


def test_columns_without_a_heading_are_named_when_used_and_reported_when_not() -> None:
    use_language("en")
    made = sheet(["客户名称", "手机"], ["甲", "1", "x"], ["乙", "2", "y", "stray"], ["丙", "3", "z"], [NONE, NONE, NONE, NONE, "aside"])
    table = _found(made)
    assert table.headings == ["客户名称", "手机", "Column C"]
    assert table.beyond == [(2, 3)]
    assert [row for row, _reason in table.excluded] == [4]


def test_blank_rows_and_hidden_rows() -> None:
    made = sheet(["客户名称", "手机"], ["甲", "1"], ["  ", "\u3000"], ["乙", "2"])
    made.hidden_rows = {2, 3}
    table = _found(made)
    assert table.rows == [1, 3]
    assert table.hidden_rows == 1


def test_the_best_sheet_is_visible_and_knows_most() -> None:
    about = sheet(["客户名称", "手机"], name="填写说明")
    other = sheet(["品名", "件数"], ["a", 1], name="别的")
    wanted = sheet(["客户名称", "手机"], ["甲", "1"], name="客户")
    hidden = sheet(["客户名称", "手机", "地址"], ["甲", "1", "x"], name="旧")
    hidden.hidden = True
    workbook = Workbook(Path("x.xlsx"), "xlsx", [hidden, about, other, wanted])
    assert best_sheet(workbook, known) is wanted
    assert best_sheet(Workbook(Path("x.xlsx"), "xlsx", [Sheet("leer", [])]), known) is None
