from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.printing.documents import load_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import BarsMark, ImageMark, LineMark, Page, RectMark, TextMark, calibrated
from desktop_crm.printing.parse import parse_template
from tests.printing.sample_documents import contract, statement, template, template_data, text_element

COLUMNS = [
    {"title": "No", "text": "{{ line.no }}", "width": 20},
    {"title": "Name", "text": "{{ line.name }}"},
    {"title": "Amount", "text": "{{ line.amount|money }}", "width": 40, "align": "right"},
]


def _list(count: int, **lines: Any) -> list[Page]:
    table = {"columns": COLUMNS, "row_height": 10, "header_height": 10} | lines.pop("table", {})
    bands = {"document_header": {"height": 20}, "lines": {"list": "lines", "table": table, "sums": {"amount": "line.amount"}} | lines,
             "document_footer": {"height": 30, "elements": [text_element("FOOT {{ grand.amount|money }}")]}}  # fmt: skip
    data = template_data(paper={"width": 200, "height": 150, "margins": {"top": 10, "bottom": 10, "left": 10, "right": 10}}, bands=bands)
    values = {"lines": [{"no": number, "name": f"N{number}", "amount": Decimal("1.10")} for number in range(1, count + 1)]}
    return lay_out(parse_template(json.dumps(data)), values, fonts=FontBook(system=False))


def _find(page: Page, text: str) -> TextMark:
    return next(mark for mark in page.marks if isinstance(mark, TextMark) and mark.text == text)


def _after(page: Page, text: str, count: int) -> list[str]:
    texts = page.texts()
    at = texts.index(text)
    return texts[at + 1 : at + 1 + count]


def test_a_text_stands_where_the_template_puts_it(fonts: FontBook) -> None:
    page = lay_out(template(text_element("合同 {{ number }}", x=30, y=4)), {"number": "HT-1"}, fonts=fonts)[0]
    assert (page.width, page.height) == (210, 297)
    mark = _find(page, "合同 HT-1")
    assert mark.x == 40
    assert 14 < mark.y < 19
    assert (mark.font, mark.size) == ("regular", 9)


def test_what_grows_pushes_down_and_stretches(fonts: FontBook) -> None:
    elements = (text_element("{{ note }}", width=30), {"type": "box", "x": 0, "y": 0, "width": 30, "height": 5}, text_element("below", y=6))
    band = {
        "document_header": {"height": 12, "elements": list(elements)},
        "document_footer": {"height": 5, "elements": [text_element("end")]},
    }
    low = lay_out(template(bands=band), {"note": "短"}, fonts=fonts)[0]
    high = lay_out(template(bands=band), {"note": "很长的备注" * 10}, fonts=fonts)[0]
    grown = _find(high, "below").y - _find(low, "below").y
    assert grown > 10
    assert _find(high, "end").y - _find(low, "end").y == pytest.approx(grown, abs=0.01)
    box = next(mark for mark in high.marks if isinstance(mark, RectMark))
    assert box.height == pytest.approx(5 + grown, abs=0.01)
    assert all(mark.y < box.y + box.height for mark in high.marks if isinstance(mark, TextMark) and "备注" in mark.text)


def test_titles_repeat_and_totals_never_stand_alone() -> None:
    # 130 mm hold the header (20), the titles (10) and 10 rows; a page more holds 12 rows; the footer takes 3 rows.
    for count in range(60):
        pages = _list(count, total={"height": 10, "cells": [{"span": 2, "text": "TOTAL"}, {"text": "{{ grand.amount|money }}"}]})
        numbers = [[text for text in page.texts() if text.startswith("N") and text not in {"No", "Name"}] for page in pages]
        assert [name for names in numbers for name in names] == [f"N{number}" for number in range(1, count + 1)]
        assert all("Amount" in page.texts() for page in pages)
        assert [("TOTAL" in page.texts()) for page in pages] == [False] * (len(pages) - 1) + [True]
        assert numbers[-1] or count == 0
        for page in pages:
            assert all(mark.y <= 140 for mark in page.marks if isinstance(mark, TextMark | RectMark | LineMark))
        assert _find(pages[-1], f"FOOT {Decimal('1.10') * count}").y <= 140


def test_titles_once_when_they_should_not_repeat() -> None:
    pages = _list(30, repeat_header=False)
    assert ["Amount" in page.texts() for page in pages] == [True] + [False] * (len(pages) - 1)


def test_fixed_lines_a_page_are_padded_with_blank_rows() -> None:
    def horizontals(page: Page) -> int:
        return len([mark for mark in page.marks if isinstance(mark, LineMark) and mark.y == mark.y2])

    pages = _list(6, rows_per_page=4, pad=True)
    assert [sum(text.startswith("N") and text[1:].isdigit() for text in page.texts()) for page in pages] == [4, 2]
    assert [horizontals(page) for page in pages] == [6, 6]
    assert horizontals(_list(6, rows_per_page=4)[1]) == 4
    filled = _list(1, pad=True)[0]
    assert horizontals(filled) == 9


def test_a_row_higher_than_a_page_is_cut_not_lost_in_a_loop(fonts: FontBook) -> None:
    data = template_data(
        bands={"lines": {"list": "lines", "table": {"columns": [{"text": "{{ line.note }}"}]}}, "document_header": {"height": 0}}
    )
    pages = lay_out(parse_template(json.dumps(data)), {"lines": [{"note": "长" * 15_000}, {"note": "下一行"}]}, fonts=fonts)
    assert len(pages) == 2
    assert pages[0].texts()[-1].endswith("…")
    assert pages[1].texts() == ["下一行"]


def test_contents_that_can_never_fit_are_refused(fonts: FontBook) -> None:
    for bands in (
        {"document_footer": {"height": 400}},
        {"page_header": {"height": 300}, "lines": {"list": "lines", "table": {"columns": COLUMNS}}},
    ):
        with pytest.raises(UserError, match="too small"):
            lay_out(template(bands=bands), {"lines": [{"no": 1}]}, fonts=fonts)


def test_a_hidden_column_gives_its_width_away(fonts: FontBook) -> None:
    columns = [
        {"title": "A", "text": "{{ line.a }}", "width": 40},
        {"title": "价", "text": "{{ line.b }}", "width": 50, "when": "copy.mark != '仓库'"},
        {"title": "C", "text": "x"},
    ]
    total = {"cells": [{"text": "T"}, {"text": "9"}, {"text": "end"}]}
    made = template(copies=["客户", "仓库"], bands={"lines": {"list": "lines", "table": {"columns": columns}, "total": total}})
    customer, store = lay_out(made, {"lines": [{"a": "1", "b": "secret"}]}, fonts=fonts)
    assert "secret" in customer.texts()
    assert not {"secret", "价", "9"} & set(store.texts())
    assert _find(customer, "end").x - _find(store, "end").x == pytest.approx(50)


def test_copies_marks_and_watermark(fonts: FontBook) -> None:
    made = template(
        text_element("{{ copy.mark }} {{ copy.number }}/{{ copy.count }}"),
        copies=["存根", "客户", "回单"],
        watermark={"text": "{{ copy.mark }}", "when": "copy.number > 1"},
    )
    pages = lay_out(made, {}, fonts=fonts)
    assert [page.texts() for page in pages] == [["存根 1/3"], ["客户", "客户 2/3"], ["回单", "回单 3/3"]]
    slanted = pages[1].marks[0]
    assert isinstance(slanted, TextMark)
    assert slanted.angle == 45
    assert lay_out(made, {}, fonts=fonts, copies=("重打",))[0].texts() == ["重打 1/1"]
    assert lay_out(made, {}, fonts=fonts, copies=())[0].texts() == [" 1/1"]


def test_codes_are_drawn_in_their_place_and_wrong_ones_named(fonts: FontBook) -> None:
    place = {"x": 10, "y": 0, "width": 60, "height": 15}
    made = template(
        {"type": "barcode", **place, "value": "{{ number }}"},
        {"type": "barcode", **place, "kind": "ean13", "value": "{{ ean }}"},
        {"type": "qrcode", "x": 0, "y": 0, "width": 20, "value": "{{ qr }}"},
    )
    page = lay_out(made, {"number": "HT-1", "ean": "690123456789", "qr": "合同 HT-1"}, fonts=fonts)[0]
    codes = [mark for mark in page.marks if isinstance(mark, BarsMark)]
    assert [code.value for code in codes] == ["HT-1", "6901234567892", "合同 HT-1"]
    for code in codes:
        assert code.x in {10, 20}
        assert min(bar[0] for bar in code.bars) == pytest.approx(0)
    # EAN-13 is 95 modules wide, begins with 101, and every bar is one to four modules.
    modules = [round(bar[2] / 60 * 95, 3) for bar in codes[1].bars]
    assert set(modules) <= {1, 2, 3, 4}
    assert [round(bar[0] / 60 * 95) for bar in codes[1].bars[:2]] == [0, 2]
    assert lay_out(made, {}, fonts=fonts)[0].marks == ()
    for wrong in ({"number": "合同"}, {"ean": "6901234567890"}, {"qr": "长" * 400}):
        with pytest.raises(UserError):
            lay_out(made, wrong, fonts=fonts)


def test_pictures_keep_their_shape(fonts: FontBook) -> None:
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, "PNG")
    made = template({"type": "image", "x": 0, "y": 0, "width": 20, "height": 20, "value": "company.logo"})
    mark = lay_out(made, {"company": {"logo": buffer.getvalue()}}, fonts=fonts)[0].marks[0]
    assert isinstance(mark, ImageMark)
    assert (mark.x, mark.y, mark.width, mark.height) == (10, 15, 20, 10)
    assert lay_out(made, {"company": {}}, fonts=fonts)[0].marks == ()
    for wrong in (b"GIF89a", "/etc/passwd"):
        with pytest.raises(UserError):
            lay_out(made, {"company": {"logo": wrong}}, fonts=fonts)


def test_calibration_moves_everything(fonts: FontBook) -> None:
    page = lay_out(load_template("delivery_note"), contract(2), fonts=fonts)[0]
    shifted = calibrated(page, dx=1.5, dy=-2)
    for before, after in zip(page.marks, shifted.marks, strict=True):
        assert after.x - before.x == pytest.approx(1.5)
        assert after.y - before.y == pytest.approx(-2)


def test_labels_one_after_the_other(fonts: FontBook) -> None:
    made = template(
        paper={"size": "label-60x40"},
        bands={
            "document_header": {"height": 0},
            "lines": {
                "list": "lines",
                "rows_per_page": 1,
                "keep": 0,
                "item": {"height": 30, "elements": [text_element("{{ line.product_name }}")]},
            },
        },
    )
    assert [page.texts() for page in lay_out(made, contract(3), fonts=fonts)] == [["产品 1"], ["产品 2"], ["产品 3"]]


def _money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_a_statement_carries_forward_to_the_cent(fonts: FontBook) -> None:
    values = statement(100)
    pages = lay_out(load_template("statement"), values, fonts=fonts)
    assert len(pages) >= 3
    increase = decrease = Decimal(0)
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页　共 {len(pages)} 页" in page.texts()
        assert {"日期", "摘要", "余额"} <= set(page.texts())
        if number > 1:
            assert [_money(text) for text in _after(page, "承前页", 2)] == [increase, decrease]
            assert _after(page, "承前页", 3)[2] == _after(pages[number - 2], "过次页", 3)[2]
        subtotal = [_money(text) for text in _after(page, "本页小计", 2)]
        increase, decrease = increase + subtotal[0], decrease + subtotal[1]
        if number < len(pages):
            assert [_money(text) for text in _after(page, "过次页", 2)] == [increase, decrease]
            assert "回　签　联" not in page.texts()
    assert (increase, decrease) == (values["increases"], values["decreases"])
    last = pages[-1]
    assert [_money(text) for text in _after(last, "本期合计", 3)] == [increase, decrease, values["closing"]]
    assert values["opening"] + increase - decrease == values["closing"]
    assert "回　签　联" in last.texts()
    assert sum(text in {"收款", "应收款"} for text in last.texts()) >= 2


def test_a_short_statement_is_one_page_without_page_sums(fonts: FontBook) -> None:
    for count in (0, 1, 5):
        pages = lay_out(load_template("statement"), statement(count), fonts=fonts)
        assert len(pages) == 1
        texts = pages[0].texts()
        assert not {"本页小计", "承前页", "过次页"} & set(texts)
        assert {"期初余额", "本期合计", "回　签　联"} <= set(texts)


def test_the_delivery_note_prints_between_the_sprocket_strips(fonts: FontBook) -> None:
    pages = lay_out(load_template("delivery_note"), contract(20), fonts=fonts)
    assert len(pages) == 3
    for page in pages:
        assert "送　货　单" in page.texts()
        for mark in [mark for mark in page.marks if not mark.screen_only]:
            right = mark.x + mark.width if isinstance(mark, TextMark | RectMark) else mark.x
            assert mark.x >= 12.7
            assert right <= 241 - 12.7
            assert 0 < mark.y < 139.7
    assert "合计金额（大写）：人民币贰万叁仟柒佰叁拾元整" in pages[-1].texts()


def test_the_invoice_request_names_the_title_and_adds_up(fonts: FontBook) -> None:
    texts = lay_out(load_template("invoice_request"), contract(10), fonts=fonts)[0].texts()
    assert {"苏州新锐开票抬头", "91320594MA1XYZ8K3P", "建设银行苏州分行", "3220198823605150", "陈立"} <= set(texts)
    assert texts[texts.index("合　计") + 1 :][:3] == ["5,500.00", "715.00", "6,215.00"]
    assert "人民币陆仟贰佰壹拾伍元整" in texts


@pytest.mark.parametrize("name", ["delivery_note", "invoice_request", "statement"])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"customer": None, "lines": [{}], "movements": [{}]},
        {"lines": [{"quantity": None, "price": None, "total": None}], "total": None},
    ],
)
def test_missing_values_leave_blanks(name: str, values: dict[str, Any], fonts: FontBook) -> None:
    pages = lay_out(load_template(name), values, fonts=fonts)
    assert len(pages) == 1
    assert not [text for text in pages[0].texts() if "None" in text or "Undefined" in text]


@pytest.mark.parametrize("name", ["delivery_note", "invoice_request", "statement"])
def test_long_values_stay_on_the_paper(name: str, fonts: FontBook) -> None:
    long = "内蒙古自治区呼和浩特市新城区" * 4
    values: dict[str, Any] = contract(3) | statement(3)
    values |= {key: dict.fromkeys(values[key], long) for key in ("company", "customer", "contact", "owner", "invoice_title")}
    values |= {"note": long, "title": long, "number": long, "delivery_address": long}
    values["lines"] = [
        line | {"product_name": long, "specification": "ABC-" * 40, "note": long, "total": Decimal("123456789012.34")}
        for line in values["lines"]
    ]
    for page in lay_out(load_template(name), values, fonts=fonts):
        for mark in page.marks:
            assert 0 <= mark.y <= page.height
            if isinstance(mark, TextMark):
                assert mark.x >= 10
                assert mark.x + mark.width <= page.width - 10
