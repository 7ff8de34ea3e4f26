from __future__ import annotations

import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.printing.documents import load_template, make_pdf
from desktop_crm.printing.fonts import REGULAR, FontBook
from desktop_crm.printing.marks import BarsMark, Page, RectMark, TextMark
from desktop_crm.printing.parse import parse_template
from desktop_crm.printing.render import render_pdf
from tests.printing.sample_documents import contract, pdf_texts, statement, template, template_data, text_element

if TYPE_CHECKING:
    from pathlib import Path


def _pdf(name: str, *documents: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    make_pdf(load_template(name), documents, buffer, fonts=FontBook(system=False))
    return buffer.getvalue()


def test_the_text_can_be_read_back() -> None:
    data = _pdf("delivery_note", contract(3))
    text = pdf_texts(data)[0]
    for wanted in ("送　货　单", "苏州新锐精密机械制造有限公司", "产品 3", "678.00", "人民币陆佰柒拾捌元整", "2026-06-29"):
        assert wanted in text
    page = PdfReader(BytesIO(data)).pages[0]
    assert [round(float(side) / 72 * 25.4, 1) for side in page.mediabox[2:]] == [241.0, 139.7]


def test_only_embedded_subsets_are_used() -> None:
    for name, document in (("delivery_note", contract(30)), ("invoice_request", contract(30)), ("statement", statement(80))):
        data = _pdf(name, document)
        assert len(data) < 300_000
        for page in PdfReader(BytesIO(data)).pages:
            for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
                font = reference.get_object()
                assert re.match(r"/[A-Z]{6}\+NotoSansSC|/[A-Z]{6}\+DejaVuSans", font["/BaseFont"])
                assert "/FontFile2" in font["/FontDescriptor"]


def test_the_same_pages_give_the_same_bytes() -> None:
    assert _pdf("statement", statement(40)) == _pdf("statement", statement(40))


def test_many_documents_go_into_one_file_from_a_generator(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []

    class Steps:
        def step(self, done: int, total: int) -> None:
            steps.append((done, total))

    out = tmp_path / "送货单.pdf"
    result = make_pdf(
        load_template("delivery_note"), (contract(9, number=f"HT-{number}") for number in range(1, 6)), out, progress=Steps(), total=5
    )
    assert result.pages == 10
    assert steps == [(number, 5) for number in range(1, 6)]
    texts = pdf_texts(out.read_bytes())
    assert ["HT-3" in text for text in texts] == [False] * 4 + [True] * 2 + [False] * 4
    assert PdfReader(out).metadata.title == "Delivery note"  # type: ignore[union-attr]


def test_a_stopped_or_failed_print_leaves_no_file(tmp_path: Path) -> None:
    class Stop:
        def step(self, done: int, total: int) -> None:  # noqa: ARG002 - the protocol's names
            raise Cancelled

    out = tmp_path / "x.pdf"
    with pytest.raises(Cancelled):
        make_pdf(load_template("delivery_note"), [contract(1)], out, progress=Stop())
    with pytest.raises(UserError, match="nothing to print"):
        make_pdf(load_template("delivery_note"), [], out)
    assert not out.exists()
    with pytest.raises(UserError, match="can't be written"):
        make_pdf(load_template("delivery_note"), [contract(1)], tmp_path / "none" / "x.pdf")


def test_a_character_nobody_has_is_reported() -> None:
    buffer = BytesIO()
    name = "陈\U0003134a䶮𬭎"
    result = make_pdf(load_template("delivery_note"), [contract(1, owner={"name": name})], buffer, fonts=FontBook(system=False))
    assert result.missing_glyphs == {"\U0003134a"}
    assert "陈〓䶮𬭎" in pdf_texts(buffer.getvalue())[0].replace(" ", "")


def test_every_kind_of_mark_is_drawn(tmp_path: Path) -> None:
    from PIL import Image

    picture = BytesIO()
    Image.new("RGBA", (8, 8), (0, 128, 0, 128)).save(picture, "PNG")
    place = {"x": 0, "y": 30, "width": 40, "height": 12}
    elements = [
        text_element("正文"), {"type": "line", "x": 0, "y": 8, "x2": 90, "y2": 8, "dash": 1}, {"type": "box", **place, "fill": "#eeeeee", "thickness": 0},
        {"type": "image", **place, "value": "logo"}, {"type": "image", **place, "value": "form", "screen_only": True},
        {"type": "barcode", **place, "value": "HT-1"}, {"type": "qrcode", "x": 60, "y": 30, "width": 20, "value": "HT-1"},
        {"type": "table", "x": 0, "y": 60, "width": 100, "list": "lines", "table": None},
    ]  # fmt: skip
    elements[-1] = {
        "type": "table",
        "x": 0,
        "y": 60,
        "width": 100,
        "list": "lines",
        "columns": [{"title": "名称", "text": "{{ line.product_name }}"}],
    }
    data = template_data(*elements, watermark={"text": "作废"})
    made = parse_template(json.dumps(data))
    out = tmp_path / "marks.pdf"
    make_pdf(made, [contract(2, logo=picture.getvalue(), form=picture.getvalue())], out)
    page = PdfReader(out).pages[0]
    text = page.extract_text()
    for wanted in ("正文", "作废", "HT-1", "名称", "产品 2"):
        assert wanted in text
    assert len(page.images) == 1


def test_text_control_characters_do_no_harm() -> None:
    buffer = BytesIO()
    make_pdf(template(text_element("{{ note }}", width=100)), [{"note": "一\x00二\u200b三\tA\r\n四"}], buffer)
    assert "一二三" in pdf_texts(buffer.getvalue())[0]


def test_each_text_has_its_colour_whatever_was_drawn_before_it() -> None:
    red, blue, black = "#ff0000", "#0000ff", "#000000"

    def text(at: float, said: str, color: str, angle: float = 0.0) -> TextMark:
        return TextMark(10, at, said, REGULAR, 9, 20, color, angle)

    marks = (text(10, "A", red), text(20, "B", red), RectMark(10, 30, 5, 5, 0.1, black, fill=blue), text(40, "C", red), text(50, "D", blue, 90.0), text(60, "E", blue),
             BarsMark(10, 70, ((0, 0, 1, 1),), "x"), text(80, "F", black), text(90, "G", blue))  # fmt: skip
    out = BytesIO()
    render_pdf([Page(100, 100, marks)], out, title="", fonts=FontBook(system=False))
    seen: list[list[float]] = []
    fill: list[float] = []

    def look(operator: bytes, operands: Any, _matrix: Any, _text: Any) -> None:
        nonlocal fill
        fill = [float(one) for one in operands] if operator == b"rg" else fill
        if operator == b"Tj":
            seen.append(fill)

    PdfReader(out).pages[0].extract_text(visitor_operand_before=look)
    assert seen == [[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0], [0, 0, 1]]
