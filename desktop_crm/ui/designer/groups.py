"""Groups of the lines with their rows of sums, and bands after the lines: adding and taking away, right at once as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.ui.designer import tables
from desktop_crm.ui.designer.document import LINES, LINES_TABLE, Doc, get, inserted, put, set_keys, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.fields import TemplateField

GROUPS: Final = f"{LINES}/groups"
CLOSING: Final = "bands/closing"
ADDED_UP: Final = frozenset({"money", "quantity", "decimal"})
"""The kinds of fields whose values can be added up; prices, rates and numbers of lines can't."""
SHADE: Final = "#f2f2f2"
HEIGHT: Final = 7
CLOSING_HEIGHT: Final = 10


def items(doc: Doc, path: str) -> list[Any]:
    """Return the list at `path`, empty where there is none."""
    found = get(doc, path)
    return found if isinstance(found, list) else []


def line_fields(doc: Doc, fields: Mapping[str, TemplateField]) -> dict[str, TemplateField]:
    """Return what the lines of the document have, by path such as ``line.unit``."""
    held = fields.get(str(get(doc, f"{LINES}/list", "")))
    return {one.path: one for one in held.walk() if not one.children} if held is not None else {}


def regrouped(doc: Doc, place: int, by: str | None, fields: Mapping[str, TemplateField]) -> Doc:
    """Return the document with the group at `place` made by another field, a new one where there is none, or without it where `by` is None."""
    path = f"{GROUPS}/{place}"
    if not by:
        doc = without(doc, path)
        return doc if items(doc, GROUPS) else without(doc, GROUPS)
    held = len(items(doc, GROUPS))
    if place >= held:
        place = held
        doc = inserted(doc, GROUPS, place, {"by": by})
        doc = with_row(doc, place, "header", on=True, fields=fields)
        return with_row(doc, place, "total", on=True, fields=fields)
    old = _heading(str(get(doc, f"{path}/by")), fields)
    doc = put(doc, f"{path}/by", by)
    first = f"{path}/header/cells/0/text"
    return put(doc, first, _heading(by, fields)) if get(doc, first) == old else doc


def _heading(by: str, fields: Mapping[str, TemplateField]) -> str:
    field = fields.get(by)
    value = field.placeholder if field is not None else "{{ " + by + " }}"
    return _("{name}: {value}").format(name=field.label, value=value) if field is not None else value


def with_row(doc: Doc, place: int, name: str, *, on: bool, fields: Mapping[str, TemplateField]) -> Doc:
    """Return the document with the row above (``header``) or below (``total``) the group at `place`, or without it.

    A new row above says what the group is; one below has the sums of all amounts, and of what the total of the lines adds up.
    """
    path = f"{GROUPS}/{place}/{name}"
    if not on:
        return without(doc, path)
    listed = tables.columns(doc, LINES_TABLE)
    text = _heading(str(get(doc, f"{GROUPS}/{place}/by")), fields) if name == "header" else _("Group total")
    look = {"fill": SHADE} if name == "header" else {}
    doc = put(doc, path, {"height": HEIGHT, **look, "cells": [{"text": text, "span": len(listed)}]})
    for column in range(len(listed)) if name == "total" else ():
        field = fields.get(f"line.{tables.summed_name(listed[column])}")
        if tables.is_summed(doc, column) or (field is not None and field.kind == "money"):
            doc = tables.column_summed(doc, column, on=True, label=text, row=path, of="group")
    return doc


def can_sum(doc: Doc, column: int, fields: Mapping[str, TemplateField]) -> bool:
    """Tell whether a column of the lines can be added up."""
    name = tables.summed_name(tables.columns(doc, LINES_TABLE)[column])
    field = fields.get(f"line.{name}")
    return bool(name) and ((field is not None and field.kind in ADDED_UP) or tables.is_summed(doc, column))


def closing_added(doc: Doc, text: str, width: float) -> Doc:
    """Return the document with one more band after the lines; it holds a `text` as wide as the paper's inside, which grows with it."""
    element = {"type": "text", "x": 0, "y": 1, "width": width, "height": CLOSING_HEIGHT - 2, "text": text, "size": 9, "valign": "top"}
    return inserted(doc, CLOSING, len(items(doc, CLOSING)), {"height": CLOSING_HEIGHT, "elements": [element]})


def closing_removed(doc: Doc, place: int) -> Doc:
    """Return the document without a band after the lines."""
    doc = without(doc, f"{CLOSING}/{place}")
    return doc if items(doc, CLOSING) else set_keys(doc, "bands", {"closing": None})
