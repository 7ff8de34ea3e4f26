"""Whatever the lines, groups, clauses and limits: each line is printed once and in order, sums agree, and nothing leaves its page."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import TextMark, extent
from desktop_crm.printing.parse import parse_template
from tests.printing.sample_documents import template_data, text_element

FONTS = FontBook(system=False)
MARGIN, HEIGHT = 8, 120


def _cells(*texts: str) -> dict[str, Any]:
    return {"height": 5, "cells": [{"text": text} for text in texts]}


@st.composite
def _templates(draw: st.DrawFn) -> dict[str, Any]:
    table = {"columns": [{"text": "{{ line.name }}", "width": 60}, {"text": "{{ line.amount }}", "width": 24, "overflow": "cut"}], "row_height": draw(st.sampled_from([4, 6, 11])), "header_height": draw(st.sampled_from([0, 6]))}
    lines: dict[str, Any] = {
        "list": "lines", "table": table, "sums": {"s": "line.amount"}, "keep": draw(st.integers(0, 4)), "rows_per_page": draw(st.sampled_from([0, 0, 3, 7])), "pad": draw(st.booleans()),
        "repeat_header": draw(st.booleans()), "total": _cells("TOTAL", "{{ grand.s }}"), "page_total": _cells("PAGE", "{{ page_sum.s }}"),
    }  # fmt: skip
    if draw(st.booleans()):
        lines |= {"carry_in": _cells("IN", "{{ carried.s }}"), "carry_out": _cells("OUT", "{{ running.s }}")}
    if draw(st.booleans()):
        lines["groups"] = [{"by": "line.kind", "header": _cells("GROUP", "{{ line.kind }}"), "total": _cells("SUM", "{{ group.s }}"), "new_page": draw(st.booleans())}]
    bands: dict[str, Any] = {
        "page_header": {"height": draw(st.sampled_from([0, 7])), "when": "page.number > 1"}, "document_header": {"height": draw(st.sampled_from([0, 20]))}, "lines": lines,
        "document_footer": {"height": draw(st.sampled_from([0, 18, 50])), "at_bottom": draw(st.booleans())}, "page_footer": {"height": 5},
    }  # fmt: skip
    if draw(st.booleans()):
        bands["closing"] = [{"height": 9, "list": "clauses", "elements": [text_element("{{ line.text }}", width=80)]}]
    bands["document_footer"]["elements"] = [text_element("SIGNED", height=0.5)] if bands["document_footer"]["height"] else []
    paper = {"width": 100, "height": HEIGHT, "margins": dict.fromkeys(("top", "bottom", "left", "right"), MARGIN)}
    return template_data(paper=paper, bands=bands)


_names = st.integers(1, 60).map(lambda length: "长" * length)
_lines = st.lists(st.tuples(_names, st.integers(-500, 500), st.sampled_from("AB")), max_size=45)


@settings(max_examples=150)
@given(_templates(), _lines, st.integers(0, 14))
def test_every_line_once_and_nothing_outside(data: dict[str, Any], lines: list[tuple[str, int, str]], clauses: int) -> None:
    values = {
        "lines": [{"name": f"#{number} {name}", "amount": Decimal(amount), "kind": kind} for number, (name, amount, kind) in enumerate(lines)],
        "clauses": [{"text": f"§{number} {'约定' * (number * 9)}"} for number in range(clauses)],
    }
    pages = lay_out(parse_template(json.dumps(data)), values, fonts=FONTS)
    texts = [[mark.text for mark in page.marks if isinstance(mark, TextMark)] for page in pages]
    together = [text for page in texts for text in page]
    assert [text.split(" ")[0] for text in together if text.startswith("#")] == [f"#{number}" for number in range(len(lines))]
    assert together.count("TOTAL") == 1
    if "closing" in data["bands"]:
        assert [text.split(" ")[0] for text in together if text.startswith("§")] == [f"§{number}" for number in range(clauses)]
    if data["bands"]["document_footer"]["height"]:
        assert texts[-1].count("SIGNED") == together.count("SIGNED") == 1
    sums = [Decimal(page[page.index("PAGE") + 1]) for page in texts if "PAGE" in page]
    assert sum(sums) == Decimal(together[together.index("TOTAL") + 1]) == sum(amount for _name, amount, _kind in lines)
    for page in pages:
        for mark in page.marks:
            _left, top, _right, bottom = extent(mark)
            assert top >= MARGIN - 0.5
            assert bottom <= HEIGHT - MARGIN + 0.5
