"""Several tables on one sheet, and rows that add up, count pages or say something about the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks.layout import find_table, find_tables
from tests.workbooks.support import NONE, known, sheet

if TYPE_CHECKING:
    from desktop_crm.services.workbooks.cells import Cell

    Row = list[Cell | int]

CUSTOMERS: list[Row] = [["客户名称", "手机", "金额"], ["甲", "1", 100], ["乙", "2", 200], ["丙", "3", 300]]
ORDERS: list[Row] = [["单据编号", "品名", "数目"], ["D1", "螺丝", 5], ["D2", "垫圈", 7], ["D3", "螺母", 9]]


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


def test_tables_below_each_other_are_told_apart_and_one_is_chosen() -> None:
    made = sheet(["一、订单"], *ORDERS, [], ["二、客户"], [], *CUSTOMERS, [], ["合计", NONE, 600])
    first, second = find_tables(made, known)
    assert (first.title, first.header_rows, first.rows) == ("一、订单", (1,), [2, 3, 4])
    assert (second.title, second.header_rows, second.rows) == ("二、客户", (8,), [9, 10, 11])
    assert second.excluded == [(13, "Total row")]
    assert find_table(made, known) == second
    assert find_table(made, known, number=1) == first
    assert [table.title for table in made.tables] == ["一、订单", "二、客户"]
    with pytest.raises(UserError, match="no table 3"):
        find_table(made, known, number=3)


def test_a_heading_row_that_is_asked_for_ends_where_the_next_table_begins() -> None:
    made = sheet(*ORDERS, [], *CUSTOMERS)
    table = find_table(made, known, header_row=0)
    assert table is not None
    assert table.rows == [1, 2, 3]


def test_unknown_headings_over_figures_begin_a_table_where_figures_stood_before() -> None:
    made = sheet(*ORDERS, [], ["仓库", "地点", "面积"], ["A", "苏州", 50], ["B", "无锡", 60])
    assert [table.header_rows for table in find_tables(made, known)] == [(0,), (5,)]


def test_an_empty_row_inside_a_table_does_not_end_it() -> None:
    made = sheet(*CUSTOMERS, [], ["丁", "4", NONE], ["戊", "5", 9], [], *CUSTOMERS[:1], ["己", "6", 1], [], ["张三", "李四", "王五"])
    [table] = find_tables(made, known)
    assert table.rows == [1, 2, 3, 5, 6, 9, 11]
    assert table.excluded == [(8, "Repeated heading")]


def test_signatures_below_a_table_are_no_table() -> None:
    [table] = find_tables(sheet(*CUSTOMERS, [], ["制表：张三", NONE, "审核：李四"], ["日期：今天", "部门：财务", "电话：110"]), known)
    assert table.rows[:3] == [1, 2, 3]


def test_lists_side_by_side_are_two() -> None:
    others: list[Row] = [["客户名称", "手机", "金额"], ["丁", "4", 1], ["戊", "5", 2], [NONE, NONE, NONE]]
    rows: list[Row] = [[*left, NONE, *right] for left, right in zip(CUSTOMERS, others, strict=True)]
    first, second = find_tables(sheet(*rows), known)
    assert (first.columns, first.rows) == ([0, 1, 2], [1, 2, 3])
    assert (second.columns, second.rows) == ([4, 5, 6], [1, 2])


def test_an_empty_column_inside_a_table_does_not_cut_it() -> None:
    [table] = find_tables(sheet(["客户名称", NONE, "手机"], ["甲", NONE, "1"], ["乙", NONE, "2"]), known)
    assert table.columns == [0, 2]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["江苏 汇总", NONE, 300], "Total row"),
        (["华东区小计：", NONE, 300], "Total row"),
        ([NONE, "合计", 300], "Total row"),
        ([3, "总计", 300], "Total row"),
        (["合计（大写）：叁佰元整", NONE, 300], "Total row"),
        (["人民币大写：叁佰元整"], "Total row"),
        (["应收合计：300.00"], "Total row"),
        (["第 1 页 共 3 页"], "Number of the page"),
        (["共2条记录"], "Number of the page"),
        (["Jiangsu Total", NONE, 300], "Total row"),
        (["Jiangsu Total", NONE, 301], ""),
        (["大写文化公司", "3", 5], ""),
        (["统计设计院", "3", 5], ""),
        (["合计公司", "3", 5], ""),
        (["Total Energies", "3", 5], ""),
        (["共享汽车公司", NONE, 5], ""),
    ],
)
def test_rows_that_are_no_data_among_those_that_are(row: Row, reason: str) -> None:
    made = sheet(*CUSTOMERS[:3], row, ["丙", "3", 300], ["丁", "4", 400])
    [table] = find_tables(made, known)
    assert table.excluded == ([(3, reason)] if reason else [])


def test_sums_without_a_word_are_left_out_where_they_add_up() -> None:
    [table] = find_tables(sheet(*CUSTOMERS, [NONE, NONE, 600]), known)
    assert (table.rows, table.excluded) == ([1, 2, 3], [(4, "Total row")])
    [table] = find_tables(sheet(*CUSTOMERS, [NONE, NONE, 601]), known)
    assert table.rows == [1, 2, 3, 4]


def test_lines_of_text_below_a_full_table_are_notes_when_set_off() -> None:
    [table] = find_tables(sheet(*CUSTOMERS, [], ["以上数据截至一月底"], ["有疑问请联系财务"]), known)
    assert (table.rows, table.excluded) == ([1, 2, 3], [(5, "Note below the table"), (6, "Note below the table")])
    [table] = find_tables(sheet(*CUSTOMERS, ["丁"], ["戊"]), known)
    assert table.rows == [1, 2, 3, 4, 5]


def test_hidden_columns_are_named() -> None:
    made = sheet(*CUSTOMERS)
    made.hidden_columns = {1, 7}
    [table] = find_tables(made, known)
    assert table.hidden_columns == ["手机"]
