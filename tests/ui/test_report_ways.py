"""What report pages lead to: documents under a row, statements to all, letters that are noted, reminders over the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QMenu

from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import records
from desktop_crm.ui.kit.fields import CheckEditor
from desktop_crm.ui.preview import PrintPreviewPage
from desktop_crm.ui.reminding import Reminding
from desktop_crm.ui.report_page import ReportPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def debts(session: Session) -> dict[str, int]:
    """甲 owes 200 for 20 days and 400 for 100 days; 乙 owes 800.50 for 50 days."""
    made: dict[str, int] = {}
    for name in ("甲公司", "乙公司"):
        made[name] = records.save(session, "customer", records.new(session, "customer", name=name)).result.id
    for name, amount, days in (("甲公司", "200", 20), ("甲公司", "400", 100), ("乙公司", "800.50", 50)):
        due = session.today - timedelta(days=days)
        records.save(session, "receivable", records.new(session, "receivable", customer=made[name], amount=Decimal(amount), document_on=due - timedelta(days=30), due_on=due))
    return made


def shown(bench: Bench, name: str, **parameters: Any) -> ReportPage:
    page = ReportPage(bench.desk, name, **parameters)
    bench.show(page)
    return page


def first_cells(page: ReportPage) -> list[str]:
    return [str(page.model.data(page.model.index(row, 0))) for row in range(page.model.rowCount())]


def test_a_row_of_the_aging_folds_open_to_its_documents(bench: Bench, debts: dict[str, int]) -> None:
    page = shown(bench, "aging")
    assert len(first_cells(page)) == 2
    page.table.fold_requested.emit(0, True)
    bench.settle()
    cells = first_cells(page)
    assert len(cells) == 4
    assert "100" in cells[1]
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.grid.open_figure(1, 0)
    assert bench.opened[-1][:2] == ("record", "receivable")
    assert "1,400.50" in page.sums.accessibleName()
    page.table.fold_requested.emit(0, False)
    assert len(first_cells(page)) == 2
    assert debts


def test_a_figure_of_another_day_opens_the_rows_it_is_made_of(bench: Bench, session: Session, debts: dict[str, int]) -> None:
    page = shown(bench, "aging", as_of=session.today - timedelta(days=30))
    before = len(first_cells(page))
    balance = next(place for place, column in enumerate(page.model.columns) if column.key == "balance")
    page.grid.open_figure(0, balance)
    bench.settle()
    assert not bench.opened, "a list of today would say other figures"
    assert len(first_cells(page)) > before
    page.grid.open_figure(0, balance)
    bench.settle()
    assert len(first_cells(page)) > before, "what is open stays open"
    page.grid.open_figure(1, balance)
    assert bench.opened[-1][:2] == ("record", "receivable")
    assert debts


def test_settings_of_the_aging_narrow_and_group(bench: Bench, debts: dict[str, int]) -> None:
    page = shown(bench, "aging")
    tick = page.bar.editors["less_prepaid"][1]
    assert isinstance(tick, CheckEditor)
    tick.box.click()
    bench.settle()
    assert page.model.columns[-2].key == "net"
    page.bar.editors["by"][1].set_value("owner")
    page.bar.wait.start()
    bench.settle()
    assert first_cells(page) == ["王敏"]
    page.measure.setCurrentIndex(1)
    assert "1" in page.chart.accessibleDescription()
    assert "1,400.50" not in page.chart.accessibleDescription()
    assert debts


def test_statements_of_all_are_noted_as_sent_and_written_one_each(
    bench: Bench, session: Session, debts: dict[str, int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]
) -> None:
    day = session.today - timedelta(days=365)
    page = shown(bench, "statements", date_from=day)
    buttons = {button.objectName(): button for button in page.buttons}
    buttons["action.note_sent"].click()
    bench.settle()
    assert records.count(session, "confirmation", Where("state", "eq", "out")) == 2
    buttons["action.note_sent"].click()
    bench.settle()
    assert records.count(session, "confirmation", EVERYTHING) == 2
    answer_files(tmp_path)
    buttons["action.print_each"].click()
    bench.settle()
    written = sorted(tmp_path.glob("*.pdf"))
    assert len(written) == 2
    assert any("甲公司" in PdfReader(path).pages[0].extract_text() for path in written)
    buttons["action.print_statements"].click()
    kind, key, parameters = bench.opened[-1]
    assert (kind, key, set(parameters["ids"])) == ("page", "preview", set(debts.values()))


def test_letters_are_noted_once_when_they_are_saved(bench: Bench, session: Session, debts: dict[str, int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    page = shown(bench, "dunning")
    next(button for button in page.buttons if button.objectName() == "action.letters").click()
    _kind, key, parameters = bench.opened[-1]
    assert (key, set(parameters["ids"])) == ("preview", set(debts.values()))
    preview = PrintPreviewPage(bench.desk, **parameters)
    bench.show(preview)
    assert [letter.step for letter in preview.made.letters] == [3, 2] if preview.made else False
    target = tmp_path / "letters.pdf"
    answer_files(target)
    for _again in range(2):
        preview.save()
        bench.settle()
    text = "".join("".join(one.extract_text().split()) for one in PdfReader(target).pages)
    assert "最终催款函" in text
    assert "600.00" in text
    assert records.count(session, "activity", Where("kind", "eq", "dunning")) == 2
    again, opened = shown(bench, "dunning"), len(bench.opened)
    next(button for button in again.buttons if button.objectName() == "action.letters").click()
    assert len(bench.opened) == opened, "nobody gets the same letter twice"
    assert bench.said


def test_a_report_is_previewed_as_its_table(bench: Bench, debts: dict[str, int]) -> None:
    page = shown(bench, "overdue")
    page.print()
    _kind, key, parameters = bench.opened[-1]
    assert key == "preview"
    preview = PrintPreviewPage(bench.desk, **parameters)
    bench.show(preview)
    assert preview.made is not None
    assert len(preview.made.pages) == 1
    assert debts


def test_reminders_show_once_a_day_and_lead_to_what_is_due(bench: Bench, session: Session, debts: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    strips: dict[str, QWidget | None] = {}
    told: list[str] = []
    reminding = Reminding(bench.desk, lambda topic, widget: strips.update({topic: widget}), bench.window)

    def tell(_title: str, text: str) -> bool:
        told.append(text)
        return True

    monkeypatch.setattr(reminding.tray, "tell", tell)
    for _look in range(2):
        reminding.look()
        bench.settle()
    assert len(told) == 1
    assert "1,400.50" in told[0]
    banner = strips["reminders"]
    assert banner is not None
    given = records.new(session, "receivable", customer=debts["甲公司"], amount=Decimal("0.50"), document_on=session.today - timedelta(days=90))
    records.save(session, "receivable", given)
    reminding.look()
    bench.settle()
    assert len(told) == 1
    newer = strips["reminders"]
    assert newer is not None
    assert "1,401.00" in newer.accessibleName(), "what is still to be read is what is so now"
    menu = QMenu()
    reminding.fill(menu)
    menu.actions()[0].trigger()
    assert bench.opened[-1][:2] == ("list", "receivable")
    assert records.count(session, "receivable", bench.opened[-1][2]) == 4
    reminding._show_due()
    reminding.look()
    bench.settle()
    assert (bench.opened[-1][1], strips["reminders"]) == ("report.due", None)
    assert debts
    reminding.close()
    menu.deleteLater()
    banner.deleteLater()
    newer.deleteLater()
