"""Templates from strangers: nothing they write reaches beyond the values, runs on, or prints without end."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import UserError
from desktop_crm.printing.check import check_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.printing.values import MAX_TEXT, Formula, Text
from tests.printing.sample_documents import template_data, text_element

FONTS = FontBook(system=False)
VALUES: dict[str, Any] = {
    "total": Decimal("16409.02"), "name": "恒泰" * 5000, "day": date(2026, 1, 5), "none": None, "flag": True, "customer": {"name": "新锐", "items": "键", "of": {"x": 1}},
    "lines": [{"a": 1}, {"a": 2}], "picture": b"x",
}  # fmt: skip
PIECES = (
    "{{", "}}", "{%", "%}", "{#", "#}", " ", "total", "name", "day", "customer", ".", "items", "keys", "__class__", "['name']", "[0]", "[", "]", "(", ")", "|", "money", "rmb",
    "shorten", "upper", "default", "digit", "(3)", "('¥')", "+", "-", "*", "**", "/", "//", "%", "~", "<", ">", "==", "!=", "and", "or", "not", "if", "else", "in", "is", "for",
    "range(9)", "lines", "self", "loop", "1", "999999999999", "'a'", "1e999", "true", "none", ",", ":", "=", "set", "macro", "include", "import", "\n", "\\", "\x00", "𬭎",
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
def test_whatever_is_written_is_refused_or_filled_within_bounds(source: str) -> None:
    for made in (source, "{{ " + source + " }}"):
        try:
            shown = Text(made).render(VALUES)
        except UserError:
            continue
        assert len(shown) <= max(MAX_TEXT, len(made))
    try:
        Formula(source).value(VALUES)
    except UserError:
        return


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "~".join(["name"] * 190) + " }}",
        "{{ " + "*".join(["total"] * 160) + " }}",
        "{{ " + "/".join(["total"] * 160) + " }}",
        "{{ name|shorten(1000)|shorten(1000) }}" * 20,
        "{{ total|digit(99999999999999) }}{{ name|sign(99999999999999) }}{{ name|sign(-1) }}",
        "{{ " + "total if ".join([""] * 100) + "total }}",
    ],
)
def test_what_grows_is_cut_and_what_is_too_large_refused(source: str) -> None:
    try:
        shown = Text(source).render(VALUES)
    except UserError:
        return
    assert len(shown) <= MAX_TEXT


@pytest.mark.parametrize(
    "formula", ["customer.__class__", "customer.keys()", "customer.items.__init__", "lines[0].__dict__", "''.join", "day.replace", "total.quantize", "name.encode", "self", "lines|length"]
)
def test_no_attribute_of_any_value_is_reached(formula: str) -> None:
    try:
        found = Formula(formula).value(VALUES)
    except UserError:
        return
    assert found is None


def test_a_value_that_looks_like_a_placeholder_is_a_text() -> None:
    """What customers are called is never read as a template."""
    assert Text("{{ customer.name }}").render({"customer": {"name": "{{ total }}{% for x in y %}"}}) == "{{ total }}{% for x in y %}"


_leaf = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats() | st.sampled_from(["A4", "text", "{{ name }}", "wrap", "#112233", "", "x" * 2000])
_keys = st.sampled_from([
    "format", "bands", "paper", "size", "margins", "left", "width", "height", "x", "y", "type", "text", "field", "when", "elements", "page_header", "document_header", "lines", "table",
    "columns", "list", "sums", "total", "cells", "span", "groups", "by", "closing", "copies", "labels", "sheet", "across", "watermark", "background", "data", "tear_lines", "item", "rotate",
])  # fmt: skip
_json = st.recursive(_leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=6), max_leaves=40)


@settings(max_examples=150)
@given(_json)
def test_any_json_is_checked_and_laid_out_leniently_without_an_exception(data: Any) -> None:
    problems = check_template(data)
    made, found = parse_leniently(data)
    assert problems
    assert found
    compose(made, VALUES, fonts=FONTS, lenient=True)


def test_a_damaged_template_still_names_what_is_wrong() -> None:
    """Any one value of a sound template made wrong is told at its place."""
    data = template_data(text_element("{{ name }}", size=9), bands={"lines": {"list": "lines", "table": {"columns": [{"title": "A", "text": "{{ line.a }}", "width": 30}]}}})
    data["bands"]["document_header"] = template_data(text_element("x"))["bands"]["document_header"]
    assert not check_template(data)

    def places(value: Any, path: str = "") -> list[str]:
        if isinstance(value, dict):
            return [place for key, inner in value.items() for place in places(inner, f"{path}/{key}")]
        if isinstance(value, list):
            return [place for index, inner in enumerate(value) for place in places(inner, f"{path}/{index}")]
        return [path]

    for place in places(data):
        copy = json.loads(json.dumps(data))
        *before, last = place.strip("/").split("/")
        inner = copy
        for key in before:
            inner = inner[int(key) if isinstance(inner, list) else key]
        inner[last] = ["wrong"]
        assert any(place.strip("/").startswith(problem.path) for problem in check_template(copy)), place
