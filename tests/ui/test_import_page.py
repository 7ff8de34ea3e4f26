"""The import page over real workbooks: good ones, broken ones, and everything a user may change on the way."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msoffcrypto.format.ooxml
import openpyxl
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import records
from desktop_crm.ui.import_choose import separator_choices
from desktop_crm.ui.import_mapping import MappingRow, matches
from desktop_crm.ui.import_page import CHECK, CHOOSE, DONE, MATCH, ImportPage
from desktop_crm.ui.kit.widgets import LinkLabel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles

HEADINGS = ["客户名称", "手机", "下次跟进", "内部序号"]
ROWS: list[list[Any]] = [[f"测试客户{number}有限公司", f"1381024{number:04}", "2026-11-05", number] for number in range(20)]


def workbook(path: Path, rows: list[list[Any]], *, title: str = "客户") -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    made.save(path)
    return path


@pytest.fixture
def page(bench: Bench) -> ImportPage:
    made = ImportPage(bench.desk, "customer")
    bench.show(made)
    return made


def opened(bench: Bench, page: ImportPage, path: Path) -> None:
    page.choose.open(path)
    bench.settle()


def column(page: ImportPage, heading: str) -> MappingRow:
    return next(row for row in page.mapping.rows if row.guess.heading == heading)


def choose(row: MappingRow, initials: str) -> None:
    """Choose a field as a user does: by typing the initials of its name."""
    row.combo.line.setFocus()
    row.combo.line.selectAll()
    QTest.keyClicks(row.combo.line, initials)
    QTest.keyClick(row.combo.line, Qt.Key.Key_Return)


def customers(session: Session) -> int:
    return records.count(session, "customer")


def link(page: ImportPage, name: str) -> LinkLabel:
    found = page.findChild(LinkLabel, name)
    assert isinstance(found, LinkLabel), name
    return found


def counted(page: ImportPage) -> tuple[int, int, int, int]:
    assert page.trial is not None
    return page.trial.added, page.trial.updated, page.trial.skipped, page.trial.refused


def test_a_file_is_tried_out_imported_and_undone(bench: Bench, session: Session, page: ImportPage, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    path = workbook(tmp_path / "客户.xlsx", [["我公司客户表"], HEADINGS, *ROWS, ["合计", 20]])
    answer_files(path)
    page.choose.choose.click()
    bench.settle()
    assert counted(page) == (20, 0, 0, 0)
    assert page.steps.current() == MATCH
    assert customers(session) == 0
    assert page.file.header.value() == 2
    assert "23" in page.file.excluded.text()
    assert column(page, "内部序号").field == ""
    assert page.go.text() == _("Import {count} rows").format(count=20)
    page.go.click()
    bench.settle()
    assert page.steps.current() == DONE
    assert customers(session) == 20
    page.done.undo.click()
    bench.settle()
    assert customers(session) == 0
    assert page.done.undo.isHidden()
    page.done.open.click()
    assert bench.opened[-1][:2] == ("list", "customer")


def test_refused_rows_are_shown_counted_and_saved(bench: Bench, session: Session, page: ImportPage, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    rows = [list(row) for row in ROWS]
    rows[3][2] = "下周吧"
    rows[5][0] = None
    opened(bench, page, workbook(tmp_path / "坏行.xlsx", [HEADINGS, *rows]))
    assert counted(page) == (0, 0, 18, 2)
    assert not page.go.isEnabled()
    link(page, "import.match_problem.link_1").clicked.emit()
    bench.settle()
    assert counted(page) == (18, 0, 0, 2)
    assert page.problem.isHidden()
    assert page.steps.current() == CHECK
    assert page.problems.isVisible()
    assert {(one.row, one.field) for one in page.problems.model._things} == {(5, "next_contact"), (7, "name")}
    assert column(page, "下次跟进").check.text().startswith(_("{count} rows: {message}").format(count=1, message=""))
    page.mapping.only.set_current("problems")
    assert column(page, "手机").combo.isHidden()
    assert not column(page, "下次跟进").combo.isHidden()
    page.options.keep_good.click()
    bench.settle()
    assert counted(page) == (0, 0, 18, 2)
    assert not page.go.isEnabled()
    assert page.problem.isVisible()
    page.options.keep_good.click()
    bench.settle()
    page.go.click()
    bench.settle()
    assert customers(session) == 18
    target = tmp_path / "拒绝.xlsx"
    answer_files(target)
    page.done.refused.click()
    bench.settle()
    saved = list(openpyxl.load_workbook(target).active.values)
    assert [row[0] for row in saved[1:]] == ["测试客户3有限公司", None]
    assert saved[1][2] == "下周吧"


def test_choosing_a_field_moves_it_and_tries_again(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS]))
    choose(column(page, "内部序号"), "khmc")
    bench.settle()
    assert column(page, "客户名称").field == ""
    assert column(page, "内部序号").field == "name"
    assert counted(page) == (20, 0, 0, 0)
    column(page, "内部序号").combo.set_value(None)
    column(page, "内部序号").combo.changed.emit()
    bench.settle()
    assert page.mapping.missing.isVisible()
    assert not page.go.isEnabled()


def test_a_field_is_found_by_its_pinyin() -> None:
    assert matches("khmc", "客户名称")
    assert matches("名称", "客户名称")
    assert not matches("dianhua", "客户名称")


@pytest.mark.parametrize(("action", "expected", "phone"), [("skip", (19, 0, 1, 0), "13900000000"), ("update", (19, 1, 0, 0), "13810240002"), ("fill", (19, 1, 0, 0), "13900000000"), ("add", (20, 0, 0, 0), "13900000000")])
def test_duplicates_are_shown_and_treated_as_chosen(bench: Bench, session: Session, page: ImportPage, tmp_path: Path, action: str, expected: tuple[int, ...], phone: str) -> None:
    there = records.save(session, "customer", records.new(session, "customer", name="测试客户2有限公司", mobile="13900000000")).result.id
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS]))
    assert page.duplicates.isVisible()
    assert page.duplicates.model.thing(0).existing_id == there
    page.duplicates.table.link_clicked.emit(0, 3)
    assert bench.opened[-1][:3] == ("record", "customer", there)
    page.options.action.set_value(action)
    page.options.action.changed.emit()
    bench.settle()
    assert counted(page) == expected
    page.go.click()
    bench.settle()
    assert records.get(session, "customer", there)["mobile"] == phone


def test_no_field_to_tell_duplicates_by_means_none_are_looked_for(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    records.save(session, "customer", records.new(session, "customer", name="测试客户2有限公司"))
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS]))
    for chip in list(page.options._chips.values()):
        chip.click()
    bench.settle()
    assert counted(page) == (20, 0, 0, 0)


def test_missing_linked_records_are_added_on_request(bench: Bench, session: Session, tmp_path: Path) -> None:
    page = ImportPage(bench.desk, "receivable")
    bench.show(page)
    rows: list[list[Any]] = [["客户名称", "单据日期", "应收金额"], ["新客户甲", "2026-01-05", "1,200.50"], ["新客户乙", "2026-01-06", 300]]
    opened(bench, page, workbook(tmp_path / "应收.xlsx", rows, title="应收"))
    assert counted(page) == (0, 0, 0, 2)
    page.options.create_links.click()
    bench.settle()
    assert counted(page) == (2, 0, 0, 0)
    page.go.click()
    bench.settle()
    assert customers(session) == 2
    assert records.totals(session, "receivable")["amount"] == Decimal("1500.50")


def test_sheet_and_heading_row_can_be_changed(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook(tmp_path / "两张.xlsx", [HEADINGS, *ROWS]))
    other = book.create_sheet("老客户")
    for row in (["名单"], ["客户名称", "备注"], ["客户名称2", "备注2"], ["甲公司", "好"], ["乙公司", "也好"]):
        other.append(row)
    book.save(tmp_path / "两张.xlsx")
    opened(bench, page, tmp_path / "两张.xlsx")
    page.file.sheet.set_value("老客户")
    page.file.sheet.changed.emit()
    bench.settle()
    assert counted(page) == (3, 0, 0, 0)
    page.file.header.line.setText("3")
    page.file.header.line.returnPressed.emit()
    bench.settle()
    assert [row.guess.heading for row in page.mapping.rows] == ["客户名称2", "备注2"]
    page.file.header.line.setText("99")
    page.file.header.line.returnPressed.emit()
    bench.settle()
    assert page.problem.isVisible()
    assert page.file.header.value() == 3


def test_a_text_file_shows_its_encoding_and_takes_another(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes("客户名称,手机\n恒信商贸,13810240001\n".encode("gb18030"))
    opened(bench, page, path)
    assert "GB18030" in page.file.encoding.line.text()
    assert page.file.table.isVisible()
    assert column(page, "客户名称").guess.samples == ("恒信商贸",)
    page.file.encoding.set_value("big5")
    page.file.encoding.changed.emit()
    bench.settle()
    assert page.problem.isVisible() or column(page, page.mapping.rows[0].guess.heading).guess.heading != "客户名称"


def test_a_protected_workbook_asks_for_its_password(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    plain, locked = workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS]), tmp_path / "加密.xlsx"
    sealed = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain.read_bytes())).encrypt("geheim", sealed)
    locked.write_bytes(sealed.getvalue())
    opened(bench, page, locked)
    assert page.choose.password_row.isVisible()
    QTest.keyClicks(page.choose.password.line, "falsch")
    QTest.keyClick(page.choose.password.line, Qt.Key.Key_Return)
    bench.settle()
    assert page.stack.currentIndex() == 0
    page.choose.password.line.setText("geheim")
    page.choose.open_button.click()
    bench.settle()
    assert counted(page) == (20, 0, 0, 0)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(64), b"", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused_in_words(bench: Bench, page: ImportPage, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "客户.xlsx"
    path.write_bytes(content)
    opened(bench, page, path)
    assert page.steps.current() == CHOOSE
    assert page.choose.problem.isVisible()
    assert page.choose.choose.isEnabled()


def test_a_workbook_without_a_table_is_refused(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "空.xlsx", []))
    assert page.choose.problem.isVisible()
    opened(bench, page, workbook(tmp_path / "只有表头.xlsx", [HEADINGS]))
    assert page.choose.problem.isVisible()
    assert page.stack.currentIndex() == 0


def test_an_import_can_be_stopped_in_the_middle(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    rows = [[f"客户{number:05}", f"138{number:08}", None, number] for number in range(4000)]
    page.choose.open(workbook(tmp_path / "多.xlsx", [HEADINGS, *rows]))
    bench.qtbot.waitUntil(lambda: page.trial is not None)
    page.go.click()
    bench.qtbot.waitUntil(lambda: page._importing is not None and page._importing.progress[0] > 0)
    assert page.progress.isVisible()
    page.progress.cancel.click()
    bench.qtbot.waitUntil(bench.operations.idle)
    assert page.problem.isVisible()
    assert page.footer.isVisible()
    assert customers(session) == 0
    assert not session.records.ids(Query("customer", Where("name", "contains", "客户")))


def test_a_file_is_dropped_on_the_page(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS])))])
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    bench.settle()
    assert counted(page) == (20, 0, 0, 0)


def test_a_text_file_takes_another_separator(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.txt"
    path.write_text("客户名称;手机\n恒信商贸;13810240001\n", encoding="utf-8")
    opened(bench, page, path)
    assert page.file.separator_part.isVisible()
    assert page.file.separator.line.text().startswith(dict(separator_choices())[";"])
    assert counted(page) == (1, 0, 0, 0)
    page.file.separator.set_value("\t")
    page.file.separator.changed.emit()
    bench.settle()
    assert [row.guess.heading for row in page.mapping.rows] == ["客户名称;手机"]
    page.file.separator.set_value(";")
    page.file.separator.changed.emit()
    bench.settle()
    assert counted(page) == (1, 0, 0, 0)


def test_one_of_several_tables_is_chosen(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["供应商"], ["单位", "备注", "数目"], ["丙公司", "x", 1], ["丁公司", "y", 2], [], ["老客户"], HEADINGS, *ROWS[:3]]
    opened(bench, page, workbook(tmp_path / "两个表.xlsx", rows))
    assert page.file.table_part.isVisible()
    assert page.file.which.value() == 2
    assert counted(page) == (3, 0, 0, 0)
    page.file.which.set_value(1)
    page.file.which.changed.emit()
    bench.settle()
    assert [row.guess.heading for row in page.mapping.rows] == ["单位", "备注", "数目"]
    assert page.file.which.value() == 1
    opened(bench, page, workbook(tmp_path / "一个表.xlsx", [HEADINGS, *ROWS[:3]]))
    assert not page.file.table_part.isVisible()
    assert counted(page) == (3, 0, 0, 0)
