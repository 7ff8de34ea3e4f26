"""Every shipped template in the designer: all of it is on the paper, nothing is wrong with it, and its fields are known by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.resources import resource
from desktop_crm.printing.documents import BUILTIN
from desktop_crm.printing.fields import sample_values, template_fields
from desktop_crm.ui.designer.contents import content_of, has_values, labelled, names_in, with_content
from desktop_crm.ui.designer.document import Doc, at, bands, box_of, elements, put
from desktop_crm.ui.designer.documents import prints_label
from desktop_crm.ui.designer.laying import as_design, lay

if TYPE_CHECKING:
    from desktop_crm.services.session import Session


def shipped(name: str) -> Doc:
    done: Doc = json.loads(resource(f"templates/{name}.json").read_bytes())
    return done


def test_all_of_every_shipped_template_is_on_the_paper(session: Session) -> None:
    for name in BUILTIN:
        doc = shipped(name)
        assert prints_label(session, doc["prints"]) != doc["prints"]
        fields = template_fields(session.catalog, doc["prints"])
        labels = {one.path: one.label for field in fields for one in field.walk()}
        laid = lay(doc, sample_values(fields), labels, fields)
        assert [one for one in laid.problems if one.severity == "error"] == [], name
        shown = [path for path, one in elements(doc) if not one.get("hidden")]
        missing = [path for path in [*bands(doc), *shown] if path not in laid.sheets.frames]
        assert missing == [], name
        assert not laid.missing


@pytest.mark.parametrize("name", ["delivery_note", "sales_contract"])
def test_frames_stand_where_the_document_says(session: Session, name: str) -> None:
    doc = shipped(name)
    laid = lay(doc, sample_values(template_fields(session.catalog, doc["prints"])), {})
    left = laid.template.paper.left if laid.template else 0
    for path, one in elements(doc):
        frame = laid.sheets.frames[path][0]
        assert frame.box.x == pytest.approx(left + box_of(one).x, abs=0.01)
        assert frame.box.width == pytest.approx(box_of(one).width, abs=0.01)


def test_rubbish_is_laid_out_as_far_as_it_goes() -> None:
    rubbish: tuple[Doc, ...] = ({}, {"bands": []}, {"format": 1, "paper": {"size": "A4"}, "bands": {"page_header": {"height": "x", "elements": [1, {"type": "text"}]}}},
                {"format": 1, "paper": {"width": 20, "height": 20, "margins": {"left": 15, "right": 15}}, "bands": {"lines": {"list": "lines", "table": {"columns": []}}}})  # fmt: skip
    for doc in rubbish:
        laid = lay(doc, {"lines": [{}] * 3}, {})
        assert laid.problems
        assert laid.sheets.doc is doc


def test_placeholders_are_named_and_conditions_shown_in_design() -> None:
    labels = {"customer.name": "客户·名称", "line.total": "金额"}
    assert labelled("致：{{ customer.name|upper }}", labels) == "致：‹客户·名称›"
    assert labelled("{{ grand.total|money }}", labels) == "‹Σ 金额›"
    assert labelled("{{ page.number + 1 }}", labels) == "‹page.number + 1›"
    doc = put({}, "bands/page_header", {"height": 5, "when": "false", "elements": [{"type": "barcode", "value": "{{ number }}", "when": "x"}, {"type": "text", "field": "customer.name"}]})
    shown = as_design(doc, labels)
    assert "when" not in at(shown, "bands/page_header")
    assert at(shown, "bands/page_header/elements/0")["value"].isdigit()
    assert at(shown, "bands/page_header/elements/1")["text"] == "‹客户·名称›"
    assert at(doc, "bands/page_header/when") == "false"


def test_a_text_of_one_placeholder_is_a_field_and_back() -> None:
    element = {"type": "text", "x": 1, "text": "{{ total|money }}", "empty": "-"}
    content = content_of(element)
    assert (content.field, content.format, content.empty) == ("total", "money", "-")
    again = with_content(element, content)
    assert again == {"type": "text", "x": 1, "field": "total", "format": "money", "empty": "-"}
    assert content_of(again) == type(content)("total", "money", "", "-")
    assert has_values(again)
    assert names_in(again) == {"total"}
    assert content_of({"type": "text", "text": "{{ a }} {{ b }}"}).field == ""
    assert names_in({"type": "text", "text": "{{ customer.name or contact.name }}"}) >= {"customer.name", "contact.name"}
