"""Many documents at once, from a list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from desktop_crm.domain.conditions import Query
from desktop_crm.services import print_log, records
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.preview import PrintPreviewPage
from desktop_crm.ui.print_batch import EACH, LIST, ONE, BatchDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles
    from tests.ui.printer_support import PaperPrinters

NUMBERS = ("HT-1", "HT-2", "HT-3")


@pytest.fixture
def contracts(session: Session) -> list[int]:
    customer = records.save(session, "customer", records.new(session, "customer", name="苏州新锐精密机械有限公司")).result.id
    made = []
    for month, number in enumerate(NUMBERS, 1):
        lines = [{"product_name": f"产品 {number}", "quantity": Decimal(month), "price": Decimal("9.99")}]
        values = records.new(session, "contract", customer=customer, number=number, signed_on=date(2026, month, 10))
        made.append(records.save(session, "contract", values, lines={"contract_line": lines}).result.id)
    return made


def opened(bench: Bench) -> BatchDialog:
    page = ListPage(bench.desk, "contract")
    bench.show(page)
    page.acts.print_all()
    bench.settle()
    dialog = bench.window.findChild(BatchDialog)
    assert isinstance(dialog, BatchDialog)
    return dialog


def test_all_in_the_list_go_to_the_printer_one_after_the_other(bench: Bench, session: Session, contracts: list[int], tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "p.pdf")
    dialog = opened(bench)
    assert dialog.template.value() == "delivery_note"
    dialog.order.set_value("number")
    dialog.fields.copies.set_value(2)
    dialog.accept_button.click()
    bench.settle()
    texts = [page.extract_text() for page in PdfReader(tmp_path / "p.pdf").pages]
    shown = [next((number for number in NUMBERS if number in text.replace(" ", "")), "") for text in texts]
    assert shown == sorted(shown), "copy by copy, document by document"
    assert [print_log.times(session, "contract", key, "delivery_note") for key in contracts] == [2, 2, 2]
    assert bench.said[-1][0]


def test_a_file_each_is_called_by_the_rule(bench: Bench, session: Session, contracts: list[int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles], print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "p.pdf")
    answer_files(tmp_path)
    dialog = opened(bench)
    dialog.way.set_current(EACH)
    dialog.rule.set_value("{{ number")
    dialog.accept_button.click()
    assert dialog.rule.problem()
    dialog.rule.set_value("{{ customer.name }} {{ print.date }}")
    dialog.accept_button.click()
    bench.settle()
    names = sorted(path.name for path in tmp_path.glob("苏州*.pdf"))
    assert len(names) == 3, "documents that would be called alike are told apart"
    assert print_log.of_record(session, "contract", contracts[0])[0]["way"] == "pdf"
    assert print_log.times(session, "contract", contracts[0], "delivery_note") == 0, "a file is no print"


def test_one_pdf_of_a_period(bench: Bench, contracts: list[int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles], print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "p.pdf")
    answer_files(tmp_path / "all")
    dialog = opened(bench)
    dialog.way.set_current(ONE)
    dialog.period.set_choices([("march", "三月")])
    dialog._period = lambda: (date(2026, 3, 1), date(2026, 3, 31))  # type: ignore[method-assign]
    dialog.accept_button.click()
    bench.settle()
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "all.pdf").pages)
    assert "HT-3" in text
    assert "HT-1" not in text
    assert contracts


def test_the_list_itself_is_printed_as_it_is_shown(bench: Bench, contracts: list[int], tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "p.pdf")
    dialog = opened(bench)
    dialog.template.set_value(LIST)
    dialog.template.changed.emit()
    dialog.accept_button.click()
    bench.settle()
    _kind, key, parameters = bench.opened[-1]
    assert key == "preview"
    page = PrintPreviewPage(bench.desk, **parameters)
    bench.show(page)
    assert page.made is not None
    texts = page.made.pages[0].texts()
    assert set(NUMBERS) <= set(texts)
    assert len(contracts) == 3


def test_customers_get_statements_from_their_list(bench: Bench, contracts: list[int], tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    del contracts
    print_to(tmp_path / "p.pdf")
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    dialog = BatchDialog(page, bench.desk, Query("customer"), 1)
    dialog.open()
    bench.settle()
    assert {"statement", "dunning"} <= set(dialog.found)
    dialog.template.set_value("statement")
    dialog.template.changed.emit()
    dialog.preview_button.click()
    bench.settle()
    assert bench.opened[-1][2]["prints"] == "statement"
    assert bench.opened[-1][2]["period"] is not None


def test_labels_share_sheets_and_begin_where_the_last_sheet_ended(bench: Bench, session: Session, contracts: list[int], tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    del contracts
    for number in range(30):
        records.save(session, "customer", records.new(session, "customer", name=f"客户 {number}"))
    print_to(tmp_path / "p.pdf")
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    dialog = BatchDialog(page, bench.desk, Query("customer"), 31)
    dialog.open()
    bench.settle()
    dialog.template.set_value("customer_label")
    dialog.template.changed.emit()
    assert not dialog.start_frame.isHidden()
    dialog.start.set_value(23)
    dialog.accept_button.click()
    bench.settle()
    pages = PdfReader(tmp_path / "p.pdf").pages
    assert len(pages) == 3, "two on the begun sheet, 24 on the next, the rest on a third"
    assert abs(float(pages[0].mediabox.width) * 25.4 / 72 - 210) < 0.5
