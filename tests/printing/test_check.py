from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from desktop_crm.base.errors import UserError
from desktop_crm.base.resources import resource
from desktop_crm.models.entities import load_entities
from desktop_crm.models.registry import full_catalog
from desktop_crm.printing.check import check_template, fields_used
from desktop_crm.printing.documents import BUILTIN, load_template
from desktop_crm.printing.fields import TemplateField, sample_values, template_fields
from desktop_crm.printing.layout import compose, lay_out
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.printing.problems import TemplateError
from desktop_crm.reports import REPORTS
from desktop_crm.services.rulebook import RULES
from tests.printing.sample_documents import template, template_data, text_element

if TYPE_CHECKING:
    from desktop_crm.printing.fonts import FontBook

COLUMNS = [{"title": "Name", "text": "{{ line.product_name }}"}, {"title": "Sum", "text": "{{ line.total|money }}", "width": 30}]


def _fields(prints: str = "contract") -> tuple[TemplateField, ...]:
    load_entities()
    assert {"statement", "dunning"} <= set(REPORTS)
    assert RULES
    return template_fields(full_catalog(), prints)


def _huge_picture() -> str:
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def _lines(**parts: Any) -> dict[str, Any]:
    return {"lines": {"list": "lines", "table": {"columns": COLUMNS}} | parts}


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (template_data(text_element("{{ custmer.name }}")), "bands/document_header/elements/0", "no field “custmer.name”"),
        (template_data(text_element("x", when="totl > 3")), "bands/document_header/elements/0", "no field “totl”"),
        (template_data(bands=_lines(table={"columns": [{"text": "{{ line.prise }}"}]})), "bands/lines/table/columns/0", "no field “line.prise”"),
        (template_data(text_element("{{ line.total }}"), bands={"document_header": {"height": 9, "elements": [text_element("{{ line.total }}")]}} | _lines()),
         "bands/document_header/elements/0", "no field “line.total”"),
        (template_data(bands=_lines(sums={"a": "grand.a"})), "bands/lines/sums/a", "round in a circle"),
        (template_data(bands=_lines(groups=[{"by": "group.a"}], sums={"a": "line.total"})), "bands/lines/groups/0/by", "round in a circle"),
        (template_data(text_element("x", x=180)), "bands/document_header/elements/0", "outside the paper"),
        (template_data() | {"guides": [{"x": 12.5}, {"x": 3, "y": 4}]}, "guides/1", "either x or y"),
        (template_data(text_element("x", y=18)), "bands/document_header/elements/0", "outside its band"),
        (template_data({"type": "image", "x": 0, "y": 0, "width": 9, "height": 9, "data": _huge_picture()}), "bands/document_header/elements/0/data", "too large"),
        (template_data(text_element("{{ 9 ** 9 ** 9 }}")), "bands/document_header/elements/0/text", "isn't allowed"),
        (template_data(text_element("{% for x in range(10) %}{% endfor %}")), "bands/document_header/elements/0/text", "isn't allowed"),
        (template_data(text_element("{{ total|frobnicate }}")), "bands/document_header/elements/0/text", "frobnicate"),
        (template_data({"type": "text", "field": "total", "format": "money)|(x", "x": 0, "y": 0, "width": 9}), "bands/document_header/elements/0/format", "filter"),
        (template_data(text_element("x", rotate=45)), "bands/document_header/elements/0/rotate", "0, 90, 180, 270"),
        (template_data(text_element("x", font="Comic")), "bands/document_header/elements/0/font", "sans"),
        (template_data(tear_lines=[{"x": 3, "y": 4}]), "tear_lines/0", "either x or y"),
        (template_data(labels={"sheet": {"size": "A4"}, "across": 3, "down": 3}), "labels", "larger together"),
        (template_data(bands={"page_header": {"height": 280}}), "bands", "higher together"),
        ("{", "", "JSON"),
        ([1], "", "braces"),
    ],
)
def test_every_problem_is_named_at_its_element(data: Any, path: str, message: str) -> None:
    found = check_template(data, _fields())
    assert any(problem.path == path and message in problem.message for problem in found), found


PAPER = {"size": "A4", "margins": {"top": 10, "right": 12, "bottom": 15, "left": 20}}


@pytest.mark.parametrize(
    ("band", "place", "severity"),
    [
        ("document_header", {"x": -20, "width": 30}, "warning"), ("document_header", {"x": -20.2, "width": 30}, "error"),
        ("document_header", {"x": 160, "width": 30}, "warning"), ("document_header", {"x": 160, "width": 30.2}, "error"),
        ("document_header", {"x": 0, "width": 178}, None), ("document_header", {"x": 500}, "error"),
        ("document_header", {"x": 500, "hidden": True}, None), ("document_header", {"x": 500, "preprinted": True}, "warning"),
        ("page_header", {"y": -10.2}, "error"), ("page_header", {"y": -9}, "warning"), ("page_header", {"y": 283}, "error"),
        ("page_footer", {"y": 29}, "warning"), ("page_footer", {"y": 30}, "error"), ("page_footer", {"y": -262.5}, "error"),
    ],
)  # fmt: skip
def test_what_would_print_off_the_paper_is_an_error_and_in_the_margin_a_remark(band: str, place: dict[str, Any], severity: str | None) -> None:
    element = {**text_element("x"), "x": 0, "y": 0, "width": 20, "height": 5.5, **place}
    found = check_template(template_data(paper=PAPER, bands={band: {"height": 20, "elements": [element]}}))
    assert [one.severity for one in found if one.path == f"bands/{band}/elements/0"] == ([severity] if severity else [])


def test_a_roll_has_no_lower_edge() -> None:
    element = {**text_element("x"), "x": 0, "y": 90, "width": 20, "height": 5}
    assert check_template(template_data(paper={"size": "receipt-80"}, bands={"document_header": {"height": 100, "elements": [element]}})) == []


def test_all_problems_are_found_not_only_the_first() -> None:
    data = template_data(text_element("x", size=9999, color="red", colour="blue"), text_element("{{ nope }}"), extra=1)
    assert {problem.path for problem in check_template(data, _fields())} == {
        "bands/document_header/elements/0/size", "bands/document_header/elements/0/color", "bands/document_header/elements/0/colour",
        "bands/document_header/elements/1", "extra",
    }  # fmt: skip


@pytest.mark.parametrize("data", [None, 3, [], {}, {"bands": 3}, {"bands": {"lines": []}}, {"format": 1, "bands": {"lines": {"table": {"columns": [3]}}}},
                                  {"bands": {"page_header": {"elements": [None, {"type": "text"}]}}, "paper": {"size": ["A4"]}, "copies": [3, {"mark": 4}]}])  # fmt: skip
def test_rubbish_raises_nothing(data: Any, fonts: FontBook) -> None:
    assert check_template(data)
    made, _problems = parse_leniently(data)
    assert compose(made, {}, fonts=fonts, lenient=True).pages


@pytest.mark.parametrize("name", BUILTIN)
def test_the_shipped_templates_are_sound_and_their_fields_exist(name: str, fonts: FontBook) -> None:
    made = load_template(name)
    fields = _fields(made.prints)
    assert check_template(resource(f"templates/{name}.json").read_bytes(), fields) == []
    layout = compose(made, sample_values(fields), fonts=fonts)
    assert layout.pages
    assert not layout.problems


def test_a_lenient_layout_prints_what_it_can_and_tells_the_rest(fonts: FontBook) -> None:
    data = template_data(
        text_element("good"), text_element("{{ name * 3 }}"), text_element("x", size=-3),
        {"type": "barcode", "x": 0, "y": 0, "width": 40, "height": 9, "value": "合同"},
    )  # fmt: skip
    data["bands"] |= _lines(table={"columns": [{"text": "{{ line.a / 0 }}"}, {"text": "{{ line.b }}"}]}, sums={"s": "line.b"})
    made, wrong = parse_leniently(data)
    values = {"name": "n", "lines": [{"a": 1, "b": "text"}]}
    layout = compose(made, values, fonts=fonts, lenient=True)
    assert {"good", "text"} <= set(layout.pages[0].texts())
    assert [problem.path for problem in wrong] == ["bands/document_header/elements/2/size"]
    assert {problem.path for problem in layout.problems} == {
        "bands/document_header/elements/1", "bands/document_header/elements/3", "bands/lines/table/columns/0", "bands/lines/sums/s",
    }  # fmt: skip
    with pytest.raises(TemplateError) as caught:
        compose(made, values, fonts=fonts)
    assert caught.value.problem.path
    assert "element 2" in str(caught.value) or "lines" in str(caught.value)


def test_what_can_never_fit_still_prints_when_lenient(fonts: FontBook) -> None:
    for bands in ({"document_footer": {"height": 400}}, {"page_header": {"height": 300}} | _lines(), {"closing": [{"height": 500}]}):
        layout = compose(template(bands=bands), {"lines": [{}] * 3}, fonts=fonts, lenient=True)
        assert layout.pages
        assert [problem.path for problem in layout.problems] == ["bands"]


def test_a_text_that_is_cut_is_told_with_what_it_wanted(fonts: FontBook) -> None:
    made = template(text_element("{{ note }}", overflow="cut"), text_element("{{ note }}", y=8, overflow="shrink"), text_element("{{ note }}", y=14))
    layout = compose(made, {"note": "很长的备注" * 60}, fonts=fonts)
    assert [(problem.path[-1], problem.severity, problem.overflow) for problem in layout.problems] == [("0", "warning", True), ("1", "warning", True)]
    assert layout.problems[0].wanted > layout.problems[0].place == 5
    assert not compose(made, {"note": "短"}, fonts=fonts).problems


def test_every_mark_knows_its_element(fonts: FontBook) -> None:
    elements = (
        text_element("a"), {"type": "line", "x": 0, "y": 0, "x2": 9, "y2": 0}, {"type": "box", "x": 0, "y": 0, "width": 9, "height": 9},
        {"type": "qrcode", "x": 0, "y": 0, "width": 9, "value": "x"}, {"type": "table", "x": 0, "y": 12, "width": 60, "list": "lines", "columns": COLUMNS},
    )  # fmt: skip
    data = template_data(*elements)
    made, problems = parse_leniently(data | {"watermark": {"text": "草稿"}, "tear_lines": [{"y": 50}],
                                             "bands": data["bands"] | _lines(total={"cells": [{"text": "T"}, {"text": "1"}]})})  # fmt: skip
    assert not problems
    page = lay_out(made, {"lines": [{"product_name": "产品"}]}, fonts=fonts)[0]
    assert {mark.source for mark in page.marks} >= {f"bands/document_header/elements/{index}" for index in range(4)} | {
        "bands/document_header/elements/4/columns/0", "bands/lines/table", "bands/lines/table/columns/0", "bands/lines/table/columns/0/title",
        "bands/lines/total/cells/0", "watermark", "tear_lines/0",
    }  # fmt: skip
    assert all(mark.source for mark in page.marks)
    assert [mark.source for mark in page.marks if mark.screen_only] == ["tear_lines/0"]


def test_a_field_with_its_format_and_what_stands_for_nothing(fonts: FontBook) -> None:
    place = {"type": "text", "x": 0, "y": 0, "width": 60, "height": 5}
    made = template(place | {"field": "total", "format": "money('¥')"}, place | {"field": "name", "y": 6, "empty": "（无）"}, text_element("{{ name }}", y=12, empty="—"))
    assert lay_out(made, {"total": 5, "name": "甲"}, fonts=fonts)[0].texts() == ["¥5.00", "甲", "甲"]
    assert lay_out(made, {}, fonts=fonts)[0].texts() == ["（无）", "—"]
    assert fields_used(made) == {"total", "name"}


def test_the_field_tree_has_links_lists_and_placeholders_that_work() -> None:
    fields = _fields()
    by_path = {field.path: field for group in fields for field in group.walk()}
    assert by_path["customer.name"].placeholder == "{{ customer.name }}"
    assert by_path["total"].placeholder == "{{ total|money }}"
    assert by_path["line.price"].placeholder == "{{ line.price|price }}"
    assert [field.kind for field in fields if field.path in {"lines", "instalments", "customer", "company"}] == ["link", "list", "list", "link"]
    assert "line.contract" not in by_path
    assert not any(field.path.startswith("contract_line") for field in by_path.values())
    for field in by_path.values():
        if field.placeholder:
            made = template(text_element(field.placeholder, width=100))
            assert made.document_header
    assert template_fields(full_catalog(), "unheard_of") == ()
    values = sample_values(fields, named=True)
    assert values["customer"]["name"] == by_path["customer.name"].label
    assert len(values["lines"]) == 4


def test_a_field_a_person_may_not_see_is_not_offered() -> None:
    _fields()
    catalog = dict(full_catalog())
    catalog["contract"] = catalog["contract"].without({"total"})
    del catalog["customer"]
    by_path = {field.path for group in template_fields(catalog, "contract") for field in group.walk()}
    assert "total" not in by_path
    assert {path for path in by_path if path.startswith("customer.")} == {"customer.title"}


def test_a_template_is_refused_with_all_the_words_needed() -> None:
    with pytest.raises(UserError, match=r"document header · element 2 · text: .*isn't allowed"):
        template(text_element("x"), text_element("{{ x() }}"))
