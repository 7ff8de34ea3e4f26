from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.labels import imposed
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import BarsMark, Page, TextMark, extent
from desktop_crm.printing.parse import parse_template
from desktop_crm.printing.problems import TemplateError
from tests.printing.sample_documents import template, template_data, text_element

COLUMNS = [
    {"title": "No", "text": "{{ line.no }}", "width": 20},
    {"title": "Name", "text": "{{ line.name }}"},
    {"title": "Amount", "text": "{{ line.amount|money }}", "width": 40, "align": "right"},
]


def _find(page: Page, text: str) -> TextMark:
    return next(mark for mark in page.marks if isinstance(mark, TextMark) and mark.text == text)


def _grouped(count: int, **lines: Any) -> list[Page]:
    columns = [{"text": "{{ line.name }}"}, {"text": "{{ line.amount|money }}", "width": 40}]
    table = {"columns": columns, "row_height": 10, "header_height": 0}
    group = {"by": "line.kind", "header": {"height": 10, "cells": [{"span": 2, "text": "G{{ group.number }} {{ line.kind }}"}]},
             "total": {"height": 10, "cells": [{"text": "S{{ group.count }}"}, {"text": "{{ group.amount|money }}"}]}}  # fmt: skip
    bands = {"lines": {"list": "lines", "table": table, "sums": {"amount": "line.amount"}, "groups": [group | lines.pop("group", {})], "keep": 0} | lines}
    data = template_data(paper={"width": 100, "height": 80, "margins": dict.fromkeys(("top", "bottom", "left", "right"), 10)}, bands=bands | {"document_header": {"height": 0}})
    values = {"lines": [{"name": f"N{number}", "kind": "ABC"[number * 3 // count], "amount": Decimal(number)} for number in range(count)]}
    return lay_out(parse_template(json.dumps(data)), values, fonts=FontBook(system=False))


def test_groups_have_their_row_above_and_their_sum_below_and_are_not_torn_from_them() -> None:
    for count in range(3, 30):
        pages = _grouped(count)
        texts = [text for page in pages for text in page.texts()]
        assert [text for text in texts if text.startswith("N")] == [f"N{number}" for number in range(count)]
        assert [text for text in texts if text.startswith("G")] == ["G1 A", "G2 B", "G3 C"]
        sums = [Decimal(texts[at + 1]) for at, text in enumerate(texts) if text.startswith("S")]
        assert len(sums) == 3
        assert sum(sums) == sum(range(count))
        for page in pages:
            # A page never ends with the row above a group, nor begins with the sum below one.
            assert not page.texts()[-1].startswith("G")
            assert not page.texts()[0].startswith("S")
    assert [page.texts()[0] for page in _grouped(6, group={"new_page": True})] == ["G1 A", "G2 B", "G3 C"]


def test_groups_within_groups_end_with_the_outer_one(fonts: FontBook) -> None:
    columns = [{"text": "{{ line.n }}"}]
    groups = [{"by": "line.a", "total": {"cells": [{"text": "A {{ group.n }}"}]}}, {"by": "line.b", "total": {"cells": [{"text": "B {{ group.n }}"}]}}]
    made = template(bands={"lines": {"list": "lines", "table": {"columns": columns, "header_height": 0}, "sums": {"n": "line.n"}, "groups": groups}})
    lines = [{"n": 1, "a": 1, "b": 1}, {"n": 2, "a": 1, "b": 2}, {"n": 4, "a": 2, "b": 2}, {"n": 8, "a": 2, "b": 2}]
    assert lay_out(made, {"lines": lines}, fonts=fonts)[0].texts() == ["1", "B 1", "2", "B 2", "A 3", "4", "8", "B 12", "A 12"]


def _contract(clauses: int, footer: float = 60, long: str = "") -> list[Page]:
    closing = [{"height": 12, "list": "clauses", "elements": [text_element("{{ line.text }}", width=180)]}]
    bands = {"lines": {"list": "lines", "table": {"columns": COLUMNS}}, "document_header": {"height": 20}, "closing": closing,
             "document_footer": {"height": footer, "elements": [text_element("SIGNED {{ page.number }}/{{ page.count }}")]},
             "page_footer": {"height": 6, "elements": [text_element("{{ page.number }}/{{ page.count }}")]}}  # fmt: skip
    values = {"lines": [{"no": 1, "name": "a", "amount": Decimal(1)}], "clauses": [{"text": long or f"C{number}"} for number in range(clauses)]}
    return lay_out(parse_template(json.dumps(template_data(bands=bands))), values, fonts=FontBook(system=False))


def test_clauses_flow_over_pages_and_signatures_never_stand_alone() -> None:
    for clauses in range(60):
        pages = _contract(clauses)
        texts = [text for page in pages for text in page.texts()]
        assert [text for text in texts if text.startswith("C")] == [f"C{number}" for number in range(clauses)]
        assert f"SIGNED {len(pages)}/{len(pages)}" in pages[-1].texts()
        if len(pages) > 1:
            assert any(text.startswith("C") for text in pages[-1].texts())
        for number, page in enumerate(pages, 1):
            assert f"{number}/{len(pages)}" in page.texts()
            assert page.texts().count("Name") == (number == 1)
            assert all(mark.y <= 287 for mark in page.marks if isinstance(mark, TextMark))


def test_a_clause_longer_than_a_page_is_parted_between_its_lines() -> None:
    pages = _contract(2, long="甲乙双方应当按照约定履行义务。" * 300)
    assert len(pages) >= 3
    joined = "".join(text for page in pages for text in page.texts() if "/" not in text)
    assert joined.count("甲乙双方应当按照约定履行义务。") == 600
    assert all(mark.y <= 287 for page in pages for mark in page.marks if isinstance(mark, TextMark))


def test_texts_turned_stay_in_their_place(fonts: FontBook) -> None:
    for angle, turned in ((0, 0.0), (90, 270.0), (180, 180.0), (270, 90.0)):
        upright = angle in {90, 270}
        place = {"width": 6, "height": 60} if upright else {"width": 60, "height": 6}
        size = {"width": 15, "height": 60} if upright else {"width": 60, "height": 15}
        bars = {"type": "barcode", "x": 100, "y": 0, **size, "value": "HT-1", "rotate": angle}
        page = lay_out(template(text_element("第一联 存根", x=20, y=0, rotate=angle, overflow="shrink", **place), bars), {}, fonts=fonts)[0]
        mark = _find(page, "第一联 存根")
        assert mark.angle == turned
        left, top, right, bottom = extent(mark)
        assert (left >= 29.9, top >= 9.9, right <= 30.1 + place["width"], bottom <= 10.1 + place["height"]) == (True,) * 4
        for one in page.marks:
            if isinstance(one, BarsMark) or (isinstance(one, TextMark) and one.text == "HT-1"):
                left, top, right, bottom = extent(one)
                assert left >= 109.9
                assert top >= 9.9
                assert right <= 110.1 + size["width"]
                assert bottom <= 10.1 + size["height"]


def test_what_is_preprinted_is_for_the_screen_and_what_is_hidden_for_nobody(fonts: FontBook) -> None:
    page = lay_out(template(text_element("form", preprinted=True), text_element("data", name="Data", locked=True), text_element("gone", hidden=True)), {}, fonts=fonts)[0]
    assert [(mark.text, mark.screen_only) for mark in page.marks if isinstance(mark, TextMark)] == [("form", True), ("data", False)]


def test_a_receipt_is_as_long_as_what_is_on_it(fonts: FontBook) -> None:
    table = {"columns": [{"text": "{{ line.no }}"}], "header_height": 0, "row_height": 5}
    made = template(paper={"size": "receipt-80"}, bands={"document_header": {"height": 10}, "lines": {"list": "lines", "table": table}, "page_footer": {"height": 6}})
    heights = [lay_out(made, {"lines": [{"no": number} for number in range(count)]}, fonts=fonts)[0].height for count in (0, 20, 300)]
    assert heights == [60, 120, 1520]


def test_copies_may_be_priceless(fonts: FontBook) -> None:
    made = template(text_element("{{ total|money }}", when="not copy.priceless"), copies=["客户", {"mark": "仓库", "priceless": True}])
    assert [page.texts() for page in lay_out(made, {"total": 5}, fonts=fonts)] == [["5.00"], []]


def test_labels_fill_the_sheet_from_the_place_where_it_begins(fonts: FontBook) -> None:
    made = template(text_element("{{ name }}"), paper={"width": 60, "height": 40}, labels={"sheet": {"size": "A4"}, "across": 3, "down": 6, "gap_x": 2, "start": 17})
    pages = [lay_out(made, {"name": f"K{number}"}, fonts=fonts)[0] for number in range(4)]
    sheets = list(imposed(pages, made))
    assert [sheet.texts() for sheet in sheets] == [["K0", "K1"], ["K2", "K3"]]
    assert (_find(sheets[0], "K0").x, _find(sheets[1], "K2").x) == (10 + 62 + 2, 10 + 2)
    assert [len(sheet.texts()) for sheet in imposed(pages, made, start=1)] == [4]


def test_an_endless_list_is_refused_at_its_place(fonts: FontBook) -> None:
    made = template(bands={"lines": {"list": "lines", "table": {"columns": COLUMNS}}})
    with pytest.raises(TemplateError, match="more than 50000 lines") as caught:
        lay_out(made, {"lines": [{}] * 50_001}, fonts=fonts)
    assert caught.value.problem.path == "bands/lines/list"


def test_titles_and_headers_that_ask_for_their_page_are_filled_on_each() -> None:
    columns = [{"title": "No ({{ page.number }})", "text": "{{ line.name }}"}]
    bands = {"page_header": {"height": 10, "elements": [text_element("{{ 'first' if page.number == 1 else 'later' }}")]}, "document_header": {"height": 0},
             "lines": {"list": "lines", "table": {"columns": columns, "row_height": 10, "header_height": 10}}}  # fmt: skip
    data = template_data(paper={"width": 100, "height": 80, "margins": dict.fromkeys(("top", "bottom", "left", "right"), 10)}, bands=bands)
    pages = lay_out(parse_template(json.dumps(data)), {"lines": [{"name": f"N{number}"} for number in range(10)]}, fonts=FontBook(system=False))
    assert [page.texts()[:2] for page in pages] == [["first" if not number else "later", f"No ({number + 1})"] for number in range(3)]
