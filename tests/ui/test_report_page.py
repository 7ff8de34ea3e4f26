"""The report pages over real records: figures, chart, totals, the ways on from a figure, and files."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from desktop_crm.base.errors import UserError
from desktop_crm.domain.catalog import Ref
from desktop_crm.services import records
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.report_looks import look_of
from desktop_crm.ui.report_page import ReportPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def debts(session: Session) -> dict[str, int]:
    """甲 owes 100 not due, 200 for 20 days, 400 for 100 days; 乙 owes 800 for 50 days and has prepaid 50."""
    made: dict[str, int] = {}
    for name in ("甲公司", "乙公司"):
        made[name] = records.save(session, "customer", records.new(session, "customer", name=name)).result.id
    for name, amount, days in (("甲公司", "100", -10), ("甲公司", "200", 20), ("甲公司", "400", 100), ("乙公司", "800.50", 50)):
        due = session.today - timedelta(days=days)
        values = records.new(session, "receivable", customer=made[name], amount=Decimal(amount), document_on=due - timedelta(days=30), due_on=due)
        made[f"{name} {amount}"] = records.save(session, "receivable", values).result.id
    records.save(session, "receipt", records.new(session, "receipt", customer=made["乙公司"], amount=Decimal(50), received_on=session.today))
    return made


def shown(bench: Bench, name: str, **parameters: Any) -> ReportPage:
    page = ReportPage(bench.desk, name, **parameters)
    bench.show(page)
    return page


def column(page: ReportPage, key: str) -> int:
    return [one.key for one in page.model.columns].index(key)


def texts(page: ReportPage, key: str) -> list[str]:
    place = column(page, key)
    return [str(page.model.data(page.model.index(row, place), Qt.ItemDataRole.DisplayRole)) for row in range(page.model.rowCount())]


def double_click(page: ReportPage, row: int, key: str) -> None:
    where = page.table.visualRect(page.model.index(row, column(page, key))).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_aging_adds_up_and_leads_to_the_receivables_behind(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    page = shown(bench, "aging")
    assert texts(page, "balance") == ["700.00", "800.50"]
    assert texts(page, "overdue_4") == ["400.00", ""]
    assert page.chart.accessibleDescription().count(";") == 4
    assert "1,500.50" in page.sums.accessibleName()
    double_click(page, 0, "overdue_1")
    kind, entity, condition, title = bench.opened[-1]
    assert (kind, entity) == ("list", "receivable")
    assert "甲公司" in title
    assert records.count(session, "receivable", condition) == 1
    double_click(page, 1, "customer")
    assert bench.opened[-1][:3] == ("record", "customer", debts["乙公司"])
    left = next(left for number, left, _width in page.table.places() if number == column(page, "balance"))
    QTest.mouseDClick(page.sums, Qt.MouseButton.LeftButton, pos=QPointF(left + 10, 10).toPoint())
    assert records.count(session, "receivable", bench.opened[-1][2]) == 4


def test_a_column_of_the_chart_narrows_the_table(bench: Bench, debts: dict[str, int]) -> None:
    del debts
    page = shown(bench, "aging")
    QTest.mouseClick(page.chart, Qt.MouseButton.LeftButton, pos=page.chart.area(2).center().toPoint())
    assert texts(page, "customer") == ["乙公司"]
    assert "800.50" in page.sums.accessibleName()
    assert "1,500.50" not in page.sums.accessibleName()
    assert page.filter_row.isVisible()
    page.filter_off.clicked.emit()
    assert len(texts(page, "customer")) == 2


def test_limits_of_the_buckets_can_be_changed_and_wrong_ones_are_told(bench: Bench, debts: dict[str, int]) -> None:
    del debts
    page = shown(bench, "aging")
    editor = page.bar.editors["buckets"][1]
    assert isinstance(editor, LineEditor)
    for text, wrong in (("90/30", True), ("新", True), ("15，45", False)):
        editor.line.setText(text)
        editor.left.emit()
        bench.settle()
        assert bool(page.problem.text()) == wrong, text
    assert texts(page, "overdue_2") == ["200.00", ""]
    assert texts(page, "overdue_3") == ["400.00", "800.50"]


def test_overdue_sorts_and_opens_the_receivable(bench: Bench, debts: dict[str, int]) -> None:
    page = shown(bench, "overdue")
    assert texts(page, "remaining") == ["400.00", "800.50", "200.00"]
    page.table.sort_requested.emit(column(page, "remaining"), True)
    assert texts(page, "remaining") == ["800.50", "400.00", "200.00"]
    double_click(page, 0, "remaining")
    assert bench.opened[-1][:3] == ("record", "receivable", debts["乙公司 800.50"])


def test_amounts_above_a_table_say_their_currency(bench: Bench, debts: dict[str, int]) -> None:
    del debts
    for name in ("dunning", "statements", "receipts"):
        page = shown(bench, name)
        assert page.report is not None
        money = {one.title for one in page.report.columns if one.kind.name == "money"}
        figures = {one.label: one.value for one in look_of(page.report).figures}
        assert money & figures.keys()
        assert all(value.lstrip("-").startswith("¥") == (label in money) for label, value in figures.items()), figures


def test_overdue_as_of_an_earlier_day(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    del debts
    page = shown(bench, "overdue", as_of=session.today - timedelta(days=60))
    assert texts(page, "remaining") == ["400.00"]
    page = shown(bench, "overdue", as_of=session.today - timedelta(days=400))
    assert page.stack.currentIndex() == 3


def test_a_statement_waits_for_a_customer_then_prints(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    page = shown(bench, "statement")
    assert page.stack.currentIndex() == 1
    assert not page.print_button.isEnabled()
    first = session.today - timedelta(days=365)
    page = shown(bench, "statement", customer=Ref(debts["乙公司"], "乙公司"), date_from=first)
    assert texts(page, "balance")[-1] == "750.50"
    double_click(page, 1, "number")
    assert bench.opened[-1][:3] == ("record", "receivable", debts["乙公司 800.50"])
    page.print_button.click()
    kind, key, parameters = bench.opened[-1]
    assert (kind, key) == ("page", "preview")
    assert parameters == {"prints": "statement", "customer": debts["乙公司"], "period": (first, session.today)}


def test_a_report_is_written_to_a_workbook(bench: Bench, debts: dict[str, int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    del debts
    page = shown(bench, "aging")
    target = tmp_path / "账龄.xlsx"
    answer_files(target)
    page.export_button.click()
    bench.settle()
    cells = [cell for row in openpyxl.load_workbook(target).active.values for cell in row]
    assert 1500.5 in cells
    assert "乙公司" in cells


def test_a_change_of_a_receipt_is_seen_at_once(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    page = shown(bench, "overdue")
    lines = {"allocation": [{"receivable": debts["甲公司 400"], "amount": Decimal(150)}]}
    values = records.new(session, "receipt", customer=debts["甲公司"], amount=Decimal(150), received_on=session.today)
    bench.desk.write(page, lambda: records.save(session, "receipt", values, lines=lines), lambda _changes: None)
    bench.settle()
    assert texts(page, "remaining")[0] == "250.00"


def test_there_is_no_such_report(bench: Bench) -> None:
    with pytest.raises(UserError):
        ReportPage(bench.desk, "nonsense")


def test_a_report_is_kept_with_its_own_limits_and_chosen_again(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    page = shown(bench, "aging", customer=Ref(debts["甲公司"], "甲公司"))
    line = page.bar.editors["buckets"][1]
    assert isinstance(line, LineEditor)
    line.line.setText("15/120")
    line.left.emit()
    bench.settle()
    page.grid.narrow("overdue_2")
    page.saved.ask_name()
    (dialog,) = [one for one in page.window().findChildren(AskDialog) if one.isVisible()]
    name = dialog.editors["name"]
    assert isinstance(name, LineEditor)
    name.line.setText("重点客户")
    dialog.run()
    bench.settle()
    assert page.saved.text() == "重点客户"
    again = shown(bench, "aging")
    assert again.report is not None
    assert again.report.settings["buckets"] == (30, 60, 90)
    (kept,) = again.saved.saved
    again.saved.choose(kept)
    bench.settle()
    assert again.report.settings["buckets"] == (15, 120)
    assert again.report.settings["customer"] == debts["甲公司"]
    assert again.report.settings["as_of"] == session.today
    assert "as_of" not in kept.content["settings"], "a day that was left as today stays today"
    assert again.grid.filter == "overdue_2"
    again.saved.delete(kept)
    bench.settle()
    assert again.saved.saved == []
