from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from catalogs import to_traditional
from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import use_language
from desktop_crm.base.resources import resource
from desktop_crm.printing.documents import BUILTIN, TRADITIONAL, builtin_templates, in_users_language, load_template
from desktop_crm.printing.parse import parse_template
from templates.__main__ import written
from tests.printing.sample_documents import template_data, text_element

LATIN = 0x2E80
TABLE = {"columns": [{"text": "{{ line.no }}"}, {"text": "{{ line.name }}"}]}


def _lines(**parts: Any) -> dict[str, Any]:
    return template_data(bands={"lines": {"list": "lines", "table": TABLE} | parts})


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (template_data(text_element("x", widht=3)), "document header · element 1 · widht"),
        (template_data(text_element("x"), text_element("x", size=5000)), "element 2 · size: a number from 3 to 200"),
        (template_data(text_element("x", size=True)), "element 1 · size"),
        (template_data(text_element("x", x=10**400)), "element 1 · x"),
        (template_data(text_element("{{ ''.__class__ }}")), "element 1 · text"),
        (template_data(text_element("x", when="a b")), "element 1 · when"),
        (template_data(text_element("x", color="red")), "element 1 · color"),
        (template_data(text_element("x", overflow=["wrap"])), "element 1 · overflow: one of wrap, shrink, cut"),
        (template_data({"type": "script"}), "element 1 · type"),
        (
            template_data({"type": "image", "x": 0, "y": 0, "width": 9, "height": 9, "data": base64.b64encode(b"GIF89a").decode()}),
            "element 1 · data",
        ),
        (template_data({"type": "image", "x": 0, "y": 0, "width": 9, "height": 9}), r"either data or a value"),
        (template_data(paper={"width": 99999, "height": 100}), "paper · width"),
        (template_data(paper={"size": "A4", "margins": {"left": 200}}), "paper · margins · left"),
        (template_data(extra=1), "extra: this key"),
        (template_data(bands={"header": {"height": 3}}), "header: this key"),
        (template_data(format=2), "format 1"),
        (_lines(rows_per_page=100000), "lines of the list · rows_per_page"),
        (_lines(total={"cells": [{"span": 3}]}), "row of the total · cells: the cells must span 2"),
        (_lines(sums={"a b": "line.no"}), "sums · a b"),
        (_lines(item={"height": 3}), "either a table or an item"),
        (template_data(copies=["x" * 100]), "copy 1"),
        ([], "object in braces"),
    ],
)
def test_a_wrong_template_names_the_place(data: object, place: str) -> None:
    with pytest.raises(UserError, match=place):
        parse_template(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff\xfe{", '{"a": NaN'])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(UserError, match="JSON"):
        parse_template(text)


def test_paper_by_name_and_by_size() -> None:
    note = parse_template(json.dumps(template_data(paper={"size": "continuous-1/3", "margins": {"left": 12.7, "right": 12.7}}))).paper
    label = parse_template(json.dumps(template_data(paper={"width": 57.5, "height": 32}))).paper
    assert (note.width, note.height, round(note.inner_width, 1)) == (241, 93.1, 215.6)
    assert (label.width, label.height, label.left) == (57.5, 32, 2)


def test_the_shipped_templates_load_and_fit_their_paper() -> None:
    infos = {info.name: info for info in builtin_templates()}
    assert {name: info.prints for name, info in infos.items() if not name.endswith(("_en", "_tw"))} == {
        "delivery_note": "contract", "quotation": "contract", "sales_contract": "contract", "return_note": "contract", "invoice_request": "contract",
        "delivery_note_a5": "contract",
        "invoice_request_sheet": "invoice_request", "statement": "statement", "dunning_1": "dunning", "dunning_2": "dunning", "dunning_3": "dunning",
        "receipt": "receipt", "receipt_slip": "receipt", "open_items": "customer", "envelope_zl": "customer", "envelope_dl": "customer",
        "envelope_c5": "customer", "customer_label": "customer",
    }  # fmt: skip
    for name in infos:
        made = load_template(name)
        assert made.label == BUILTIN[name]
        assert made.language == {"_en": "en", "_tw": "zh_TW"}.get(name[-3:], "zh")
        if made.language == "zh":
            assert {load_template(f"{name}{ending}").prints for ending in ("_en", "_tw")} == {made.prints}
    paper = infos["delivery_note"].paper
    assert (paper.width, paper.height) == (241, 139.7)
    assert paper.left >= 12.7
    assert paper.right >= 12.7


@pytest.mark.parametrize(("language", "first"), [("en", "delivery_note_en"), ("zh_CN", "delivery_note"), ("zh_TW", "delivery_note_tw")])
def test_templates_in_the_users_language_come_first(language: str, first: str) -> None:
    use_language(language)
    assert builtin_templates()[0].name == first


@pytest.mark.parametrize(("language", "meant"), [("en", "statement_en"), ("zh_CN", "statement"), ("zh_TW", "statement_tw")])
def test_a_kind_means_the_template_in_the_users_language(language: str, meant: str) -> None:
    use_language(language)
    assert in_users_language("statement") == meant
    assert in_users_language("my_statement") == "my_statement"


def test_traditional_papers_have_no_simplified_character() -> None:
    for name in TRADITIONAL:
        written_in = resource(f"templates/{name}.json").read_text(encoding="utf-8")
        simplified = {sign for sign in written_in if ord(sign) > LATIN and sign not in "行列" and to_traditional(sign) != sign}
        assert not simplified, (name, simplified)
        assert "|rmb }}" not in written_in, name


def test_the_files_are_those_the_script_writes() -> None:
    for name, content in written():
        assert resource(f"templates/{name}").read_text(encoding="utf-8") == content + "\n", f"run python -m templates: {name}"


def test_a_template_from_a_file(tmp_path: Any) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(template_data(text_element("x"), name="own", label="我的送货单")), encoding="utf-8")
    assert load_template(path).label == "我的送货单"
    with pytest.raises(UserError, match="can't be read"):
        load_template(tmp_path / "none.json")
    with pytest.raises(UserError, match="no template"):
        load_template("unheard_of")
