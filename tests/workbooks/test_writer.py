"""Lists written and read again: kinds, identifiers, formulas, limits, and a file that is never half there."""

from __future__ import annotations

import errno
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import openpyxl
import openpyxl.utils.escape
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks import writer
from desktop_crm.services.workbooks.reader import read_workbook
from desktop_crm.services.workbooks.writer import ColumnOut, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = [
    ColumnOut("客户名称"),
    ColumnOut("税号"),
    ColumnOut("金额", "money"),
    ColumnOut("数量", "number", scale=4),
    ColumnOut("税率", "percent", scale=0),
    ColumnOut("日期", "date"),
    ColumnOut("备注", width=30),
]
ROW: list[object] = ["北京𬭎图", "001234567890123456", Decimal("1234.10"), Decimal("0.0001"), Decimal("0.13"), date(2025, 6, 30), "=1+1"]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    dangerous: list[object] = [None, "+86 138", Decimal("-0.05"), None, None, None, '@"x"\n-第二行']
    assert write_xlsx(path, COLUMNS, iter([ROW, dangerous])) == 2
    assert read_workbook(path).sheets[0].rows[1:] == [ROW, dangerous]
    sheet: Any = openpyxl.load_workbook(path).active
    assert sheet["G2"].data_type == "s"
    assert sheet["C2"].number_format == "#,##0.00"
    assert sheet["F2"].is_date
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:G3")
    assert sheet.column_dimensions["G"].width == pytest.approx(30, abs=1)
    assert [path.name for path in tmp_path.glob("*.xlsx")] == ["名单.xlsx"]


def test_a_title_and_totals_stand_outside_of_the_filter(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, COLUMNS[:3], [["甲", "1", Decimal(5)]], title="应收明细", totals=["合计", None, Decimal(5)])
    sheet: Any = openpyxl.load_workbook(path).active
    assert (sheet["A1"].value, sheet["A4"].value, sheet["C4"].value) == ("应收明细", "合计", 5)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:C3")


def test_numbers_excel_cannot_hold_are_written_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    exact, too_long = Decimal("9999999999999.99"), Decimal("99999999999999.99")
    write_xlsx(path, [ColumnOut("金额", "money")], [[exact], [too_long], ["—"], [Decimal(2) / 3], [Decimal("NaN")]])
    assert read_workbook(path).sheets[0].rows[1:] == [[exact], ["99999999999999.99"], ["—"], [Decimal("0.67")], ["NaN"]]


def test_instants_are_local_and_old_dates_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    moment = datetime(2025, 6, 30, 9, 5, tzinfo=UTC)
    write_xlsx(path, [ColumnOut("时间", "datetime"), ColumnOut("日期", "date")], [[moment, date(1899, 12, 31)]])
    assert read_workbook(path).sheets[0].rows[1] == [moment.astimezone().replace(tzinfo=None), "1899-12-31"]


def test_too_many_rows_and_too_long_texts_are_refused_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("en")
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"before")
    with pytest.raises(UserError, match="Row 2, “客户名称”"):
        write_xlsx(path, COLUMNS[:1], [["x" * 32_768]])
    monkeypatch.setattr(writer, "MOST_ROWS", 3)
    with pytest.raises(UserError, match="no more than 3 rows"):
        write_xlsx(path, COLUMNS[:1], ([str(number)] for number in range(9)))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.glob(".~*")) == []


def test_cancelling_leaves_what_was_there(tmp_path: Path) -> None:
    told: list[int] = []

    def progress(done: int) -> None:
        told.append(done)
        if done >= 1000:
            raise Cancelled

    for write, name in ((write_xlsx, "a.xlsx"), (write_csv, "a.csv")):
        with pytest.raises(Cancelled):
            write(tmp_path / name, COLUMNS[:1], ([str(number)] for number in range(5000)), progress=progress)
    assert told == [500, 1000, 500, 1000]
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_places_that_cannot_be_written_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("en")
    (tmp_path / "dir.xlsx").mkdir()
    with pytest.raises(UserError, match="isn't there"):
        write_xlsx(tmp_path / "none" / "a.xlsx", COLUMNS, [])
    with pytest.raises(UserError, match="is a folder"):
        write_xlsx(tmp_path / "dir.xlsx", COLUMNS, [])
    path = tmp_path / "open.xlsx"
    path.write_bytes(b"open in Excel")

    def held(_self: object, _target: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr("pathlib.Path.replace", held)
    with pytest.raises(UserError, match=r"“open.xlsx” can't be replaced. Close it in Excel"):
        write_csv(path, COLUMNS, [])
    assert path.read_bytes() == b"open in Excel"


def test_csv_is_for_excel_and_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    rows = [ROW, ["甲", "\t=1", Decimal("-5.00"), None, None, None, "-第二行\n=3"]]
    assert write_csv(path, COLUMNS, rows) == 2
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    text = raw.decode("utf-8-sig")
    assert ",'=1+1" in text
    assert ",'\t=1,-5.00," in text
    read = read_workbook(path).sheets[0].rows
    assert read[1][6] == "=1+1"
    assert read[2] == ["甲", "\t=1", "-5.00", None, None, None, "-第二行\n=3"]


@pytest.mark.parametrize("write", [write_xlsx, write_csv])
def test_an_empty_list_still_has_its_headings(tmp_path: Path, write: Any) -> None:
    path = tmp_path / f"a.{write.__name__.removeprefix('write_')}"
    assert write(path, COLUMNS[:2], []) == 0
    assert read_workbook(path).sheets[0].rows == [["客户名称", "税号"]]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda text: text.strip() != "")


@settings(max_examples=60)
@given(st.lists(TEXTS | st.sampled_from(["=1+1", "+86", "-x", "@a", "_x0041_", "a\tb", " a ", "\x01", "a&b<c>"]), min_size=1, max_size=5))
def test_any_text_is_read_again_as_it_was(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, COLUMNS[:1], [[text] for text in texts])
    sheet: Any = openpyxl.load_workbook(path).active
    for cell, text in zip([row[0] for row in sheet.iter_rows(min_row=2)], texts, strict=True):
        assert cell.data_type == "s"
        kept = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
        assert openpyxl.utils.escape.unescape(cell.value) == kept


@settings(max_examples=60)
@given(st.lists(st.decimals(-(10**13), 10**13, places=2), min_size=1, max_size=9), st.lists(st.dates(date(1900, 1, 1), date(9999, 12, 31)), min_size=1, max_size=9))
def test_any_amount_and_any_day_are_read_again_as_they_were(tmp_path: Path, amounts: list[Decimal], days: list[date]) -> None:
    path = tmp_path / "a.xlsx"
    rows = list(zip_longest(amounts, days))
    write_xlsx(path, [ColumnOut("金额", "money"), ColumnOut("日期", "date")], rows)
    sheet: Any = openpyxl.load_workbook(path).active
    for (amount, day), written in zip(rows, sheet.iter_rows(min_row=2), strict=True):
        assert amount is None or Decimal(str(written[0].value)) == amount or Decimal(written[0].internal_value) == amount
        assert day is None or written[1].value.date() == day


def test_rows_of_many_pieces_stand_where_they_belong(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows: list[list[object]] = [[f"甲{number % 7}", None if number % 2 else "0", Decimal(number)] for number in range(1203)]
    assert write_xlsx(path, COLUMNS[:3], iter(rows), totals=["合计", None, Decimal(723003)]) == 1203
    assert read_workbook(path).sheets[0].rows[1:] == [*rows, ["合计", None, Decimal(723003)]]
    sheet: Any = openpyxl.load_workbook(path).active
    assert sheet.auto_filter.ref == "A1:C1204"
    assert sheet["B1205"].border.top.style == "thin"


def test_a_row_of_totals_is_left_out_where_the_sheet_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    monkeypatch.setattr(writer, "MOST_ROWS", 3)
    assert write_xlsx(path, COLUMNS[:1], [["a"], ["b"]], totals=["合计"]) == 2
    assert read_workbook(path).sheets[0].rows == [["客户名称"], ["a"], ["b"]]
