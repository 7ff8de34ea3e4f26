"""The print preview: what it shows, saves and prints is the same page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QPushButton

from desktop_crm.domain.catalog import Ref
from desktop_crm.printing import store
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.marks import Page as Sheet
from desktop_crm.printing.marks import RectMark, TextMark
from desktop_crm.printing.render import render_pdf
from desktop_crm.services import print_log, records
from desktop_crm.ui.painter import print_pages
from desktop_crm.ui.preview import PrintPreviewPage
from desktop_crm.ui.print_adjust import AdjustCard
from desktop_crm.ui.print_job import PrintSetup
from tests.printing.sample_documents import template_data, text_element

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from desktop_crm.ui.print_setup import PrintSetupDialog
    from tests.ui.conftest import Bench, FakeFiles
    from tests.ui.printer_support import PaperPrinters


@pytest.fixture
def contract(session: Session) -> int:
    customer = records.save(session, "customer", records.new(session, "customer", name="苏州新锐精密机械有限公司")).result.id
    lines = [{"product_name": f"产品 {number}", "quantity": Decimal(number), "price": Decimal("9.99")} for number in range(1, 13)]
    values = records.new(session, "contract", customer=customer, signed_on=date(2026, 6, 18), note="随货附检验报告。")
    return records.save(session, "contract", values, lines={"contract_line": lines}).result.id


def print_now(bench: Bench, page: PrintPreviewPage) -> PrintSetupDialog:
    """Print with what the dialog proposes."""
    page.print_button.click()
    bench.settle()
    page.dialog.accept_button.click()
    bench.settle()
    return page.dialog


def darkness(path: Path, number: int, width: int) -> tuple[QSize, list[list[int]]]:
    """Return a page's size in points and how dark each of a grid of its fields is."""
    document = QPdfDocument()
    document.load(str(path))
    size = document.pagePointSize(number)
    picture = document.render(number, QSize(width, round(width * size.height() / size.width())))
    flat = QImage(picture.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, picture)
    painter.end()
    small = flat.scaled(60, 60, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    document.close()
    return QSize(round(size.width()), round(size.height())), [[255 - small.pixelColor(x, y).lightness() for x in range(60)] for y in range(60)]


def test_what_is_printed_is_what_is_saved(bench: Bench, contract: int, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles], print_to: Callable[..., PaperPrinters]) -> None:
    page = PrintPreviewPage(bench.desk, "contract", [contract])
    bench.show(page)
    assert page.view.pages() == 2
    offered = [one.value for one in page.templates._choices]
    assert offered[0] == "delivery_note"
    assert "invoice_request" in offered
    assert "statement" not in offered, "a contract prints no statement"
    saved, printed = tmp_path / "送货单", tmp_path / "printed.pdf"
    answer_files(saved)
    page.save_button.click()
    bench.settle()
    pdf = tmp_path / "送货单.pdf"
    assert "苏州新锐精密机械有限公司" in PdfReader(pdf).pages[0].extract_text()
    print_to(printed)
    print_now(bench, page)
    assert bench.said[-1][0]
    for number in range(2):
        (size, first), (other_size, second) = darkness(pdf, number, 1200), darkness(printed, number, 1200)
        assert abs(size.width() - other_size.width()) <= 1
        assert abs(size.height() - other_size.height()) <= 1
        # The same fields are dark: a shift by a millimetre would tear most of them apart.
        assert max(abs(a - b) for line, other in zip(first, second, strict=True) for a, b in zip(line, other, strict=True)) < 30


def test_another_template_and_paging(bench: Bench, contract: int) -> None:
    page = PrintPreviewPage(bench.desk, "contract", [contract], template="delivery_note")
    bench.show(page)
    assert not page.back.isEnabled()
    page.forth.click()
    bench.qtbot.waitUntil(lambda: page.view.page() == 2)
    assert not page.forth.isEnabled()
    page.templates.set_value("invoice_request")
    page.templates.changed.emit()
    bench.settle()
    assert page.made is not None
    assert page.made.pages[0].width == pytest.approx(210)


def test_a_template_that_cannot_be_filled_prints_without_it_only_when_told_to(bench: Bench, session: Session, contract: int) -> None:
    whole = template_data(text_element("{{ total + customer.name }}"), text_element("{{ number }}", y=8))
    name = store.create(session, whole, "坏模板").result.name
    store.publish(session, name)
    page = PrintPreviewPage(bench.desk, "contract", [contract], template=name)
    bench.show(page)
    bench.settle()
    assert page.made is None
    assert "第 1 个元素" in page.problem.text()
    button = page.problem.findChild(QPushButton, "preview.anyway")
    assert isinstance(button, QPushButton)
    button.click()
    bench.settle()
    assert page.made is not None
    assert page.made.pages[0].texts() == ["HT-2026-0001"]
    assert "已略去" in page.problem.text()
    page.templates.set_value("delivery_note")
    page.templates.changed.emit()
    bench.settle()
    assert not page.what.anyway


def test_zooming_with_the_wheel(bench: Bench, contract: int) -> None:
    page = PrintPreviewPage(bench.desk, "contract", [contract])
    bench.show(page)
    before = page.view.shown_factor()
    at = QPointF(100, 100)
    event = QWheelEvent(at, page.view.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(page.view.viewport(), event)
    assert page.view.zoomFactor() > before
    assert page.zooms.line.text().endswith("%")
    page.zooms.set_value("page")
    page.zooms.changed.emit()
    assert page.view.shown_factor() < before


def test_a_print_is_shifted_as_kept_for_its_template(bench: Bench, contract: int, tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    bench.desk.settings_changed.connect(lambda settings: setattr(bench.desk, "settings", settings))
    page = PrintPreviewPage(bench.desk, "contract", [contract])
    bench.show(page)
    plain, shifted = tmp_path / "plain.pdf", tmp_path / "shifted.pdf"
    print_to(plain)
    print_now(bench, page)
    page.adjust.click()
    card = bench.window.findChild(AdjustCard)
    assert isinstance(card, AdjustCard)
    card.right.line.setText("99")
    card._take()
    assert card.right.problem()
    card.right.line.setText("-2.5")
    card.down.line.setText("10")
    card._take()
    assert page.shift("delivery_note") == (-2.5, 10.0)
    assert page.shift("invoice_request") == (0.0, 0.0)
    print_to(shifted)
    print_now(bench, page)

    def first_dark(path: Path) -> int:
        return next(number for number, line in enumerate(darkness(path, 0, 1200)[1]) if max(line) > 15)

    # 10 mm of 139.7 are four of sixty fields.
    assert first_dark(shifted) - first_dark(plain) in {4, 5}


def test_characters_no_font_has_are_told(bench: Bench, session: Session, contract: int) -> None:
    values = records.get(session, "contract", contract)
    records.save(session, "contract", {"note": "特殊字 \U0010fffd", "title": "x"}, key=contract, base=values)
    customer = int(values["customer"])
    records.save(session, "customer", {"name": "苏州\U0010fffd公司"}, key=customer)
    page = PrintPreviewPage(bench.desk, "contract", [contract])
    bench.show(page)
    assert "\U0010fffd" in page.problem.text()


def test_a_statement_waits_for_its_customer_and_refuses_a_period_the_wrong_way_round(bench: Bench, session: Session) -> None:
    customer = records.save(session, "customer", records.new(session, "customer", name="北京华信科技有限公司")).result.id
    records.save(session, "receivable", records.new(session, "receivable", customer=customer, amount=Decimal("100.10"), document_on=date(2026, 3, 5)))
    page = PrintPreviewPage(bench.desk, "statement")
    bench.show(page)
    assert page.made is None
    assert not page.print_button.isEnabled()
    page = PrintPreviewPage(bench.desk, "statement", customer=Ref(customer, "北京华信科技有限公司"), period=(date(2026, 3, 1), date(2026, 3, 31)))
    bench.show(page)
    assert page.made is not None
    assert any("100.10" in text for text in page.made.pages[0].texts())
    page.first.line.setText("2026-04-01")
    page.first.changed.emit()
    bench.settle()
    assert page.problem.text()
    assert page.made is None
    page.first.line.setText("2026-02-01")
    page.first.changed.emit()
    bench.settle()
    assert page.problem.text() == ""
    assert page.made is not None


def test_a_record_that_is_gone_is_told(bench: Bench) -> None:
    page = PrintPreviewPage(bench.desk, "contract", [4711])
    bench.show(page)
    assert page.problem.text()
    assert not page.save_button.isEnabled()


def test_copies_and_ranges_are_what_the_dialog_asked_for(tmp_path: Path, qapp: QApplication) -> None:
    del qapp
    sheets = [Sheet(100, 50, (RectMark(1, 1, 10 + number, 5, 0.2),)) for number in range(5)]
    assert list(PrintSetup(first=2, last=3).pages(sheets)) == sheets[1:3]
    assert list(PrintSetup(copies=2, first=4, last=5).pages(sheets)) == [*sheets[3:], *sheets[3:]]
    assert list(PrintSetup(copies=2, collate=False, first=4).pages(sheets)) == [sheets[3], sheets[3], sheets[4], sheets[4]]
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "a.pdf"))
    texts = (TextMark(5, 10, "竖", "regular", 12, 4, angle=90), TextMark(5, 20, "Ä", "bold", 9, 4))
    steps: list[int] = []
    assert print_pages(printer, [replace(sheets[0], marks=texts), sheets[1]], step=lambda done, _total: steps.append(done)) == 2
    assert steps == [0, 1]
    assert [round(float(page.mediabox.width)) for page in PdfReader(tmp_path / "a.pdf").pages] == [283, 283]


def test_the_printer_is_remembered_and_what_it_printed_is_in_the_log(bench: Bench, session: Session, contract: int, tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    bench.desk.settings_changed.connect(lambda settings: setattr(bench.desk, "settings", settings))
    print_to(tmp_path / "p.pdf")
    page = PrintPreviewPage(bench.desk, "contract", [contract])
    bench.show(page)
    page.print_button.click()
    bench.settle()
    fields = page.dialog.fields
    assert fields.printer.value() == "EPSON LQ-630KII"
    fields.tray.set_value(8)
    fields.copies.line.setText("0")
    page.dialog.accept_button.click()
    assert fields.copies.problem(), "no copies are none"
    fields.copies.set_value(2)
    page.dialog.last.set_value(1)
    page.dialog.accept_button.click()
    bench.settle()
    assert bench.desk.settings.printers["delivery_note"] == {"printer": "EPSON LQ-630KII", "tray": 8, "calibrate": True}
    assert len(PdfReader(tmp_path / "p.pdf").pages) == 2
    (logged,) = print_log.of_record(session, "contract", contract)
    assert (logged["way"], logged["target"], logged["copies"]) == ("printer", "EPSON LQ-630KII", 2)
    assert print_log.times(session, "contract", contract, "delivery_note") == 2
    assert page.made is not None
    assert bench.failures == []


def test_a_form_the_printer_lacks_is_explained(bench: Bench, contract: int, tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "p.pdf", forms=((210, 297),), any_size=False)
    page = PrintPreviewPage(bench.desk, "contract", [contract], template="delivery_note")
    bench.show(page)
    page.print_button.click()
    bench.settle()
    assert not page.dialog.fields.missing.isHidden()
    assert "241" in page.dialog.fields.missing.accessibleName()
    page.dialog.reject()
    print_to(tmp_path / "p.pdf", forms=((210, 297), (139.5, 241)), any_size=False)
    page.print_button.click()
    bench.settle()
    assert page.dialog.fields.missing.isHidden(), "a form lying across is the same paper"
    page.dialog.reject()


def test_a_printer_s_text_stands_where_the_pdf_s_does(tmp_path: Path, qapp: QApplication) -> None:
    """Within 0.2 mm, and as text: a raster would have none to read."""
    del qapp
    marks = tuple(TextMark(20 + 30 * number, 25 + 17.3 * number, text, "regular", size, 30) for number, (text, size) in enumerate([("送货单", 14), ("HT-2026-0388", 9), ("¥59,280.00", 10.5)]))
    sheet = Sheet(241, 139.7, marks)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "qt.pdf"))
    print_pages(printer, [sheet], step=lambda _done, _total: None)
    render_pdf([sheet], tmp_path / "own.pdf", title="x", fonts=FontBook(system=False))
    ours, theirs = (text_places(tmp_path / name) for name in ("own.pdf", "qt.pdf"))
    assert ours.keys() == theirs.keys() == {"送货单", "HT-2026-0388", "¥59,280.00"}
    for text, (x, y) in ours.items():
        assert abs(theirs[text][0] - x) < 0.2, text
        assert abs(theirs[text][1] - y) < 0.2, text


def text_places(path: Path) -> dict[str, tuple[float, float]]:
    """Return where each text of the first page begins, in mm from the bottom left corner."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, outer: list[float], inner: list[float], _font: object, _size: float) -> None:
        if text.strip():
            x, y = inner[4] * outer[0] + inner[5] * outer[2] + outer[4], inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
            found.append((text.strip(), x * 25.4 / 72, y * 25.4 / 72))

    PdfReader(path).pages[0].extract_text(visitor_text=visit)
    joined: dict[float, tuple[str, float, float]] = {}
    for text, x, y in found:
        key = round(y, 1)
        old = joined.get(key)
        joined[key] = (text, x, y) if old is None else (old[0] + text, min(old[1], x), y)
    return {text: (x, y) for text, x, y in joined.values()}
