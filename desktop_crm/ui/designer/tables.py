"""Editing the columns of a table in a template: widths, order, titles, sums. The rows of sums keep spanning all columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.ui.designer.contents import content_of
from desktop_crm.ui.designer.document import LINES, LINES_TABLE, Doc, at, get, inserted, number, put, set_keys, tidy, without

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY_ROWS: Final = ("opening", "carry_in", "page_total", "carry_out", "total")
TOTAL: Final = f"{LINES}/total"
NARROWEST: Final = 3.0
MOST_GAIN: Final = 1000.0
PLACEHOLDER: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
OF_SUM: Final = re.compile(r"[a-z_]+\.[a-z][a-z0-9_]*")
OF_LINE: Final = re.compile(r"line\.([a-z][a-z0-9_]*)")


def columns(doc: Doc, table: str) -> list[Doc]:
    """Return the columns of the table at `table`."""
    found = get(doc, f"{table}/columns", [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _rows(doc: Doc, table: str) -> list[str]:
    """Return the paths of the rows of sums that belong to a table."""
    if table != LINES_TABLE:
        return []
    groups = get(doc, f"{LINES}/groups", [])
    found = [f"{LINES}/groups/{place}/{name}" for place in range(len(groups) if isinstance(groups, list) else 0) for name in ("header", "total")]
    return [path for path in [*found, *(f"{LINES}/{name}" for name in SUMMARY_ROWS)] if isinstance(get(doc, f"{path}/cells"), list)]


def _starts(cells: Sequence[Doc]) -> list[int]:
    starts, spot = [], 0
    for cell in cells:
        starts.append(spot)
        spot += _span(cell)
    return starts


def _span(cell: Doc) -> int:
    return int(number(cell.get("span"), 1))


def _covering(cells: Sequence[Doc], column: int) -> int:
    """Return which cell covers a column."""
    return max((place for place, start in enumerate(_starts(cells)) if start <= column), default=0)


def border_moved(doc: Doc, table: str, column: int, by: float, widths: Sequence[float]) -> Doc:
    """Return the document with the border right of `column` dragged by mm; `widths` are those the columns have on the paper.

    Of two columns what one gains the other loses; one that takes the rest of the width goes on doing so. The right edge of the last
    column changes nothing but that column, so that the others share what it leaves.
    """
    listed = columns(doc, table)
    free = [not number(one.get("width")) for one in listed]
    last = column + 1 >= len(listed)
    low = NARROWEST - widths[column]
    high = MOST_GAIN if last else widths[column + 1] - NARROWEST
    by = max(low, min(by, high))
    wanted = {column: widths[column] + by} if last else {column: widths[column] + by, column + 1: widths[column + 1] - by}
    keeps_rest = [place for place in wanted if free[place]]
    fixed = not any(free)
    for place in range(len(listed)):
        # Without a column that takes the rest all are scaled to the paper's width: they are written down as they stand.
        if place in wanted and not (keeps_rest and place == keeps_rest[0]):
            doc = put(doc, f"{table}/columns/{place}/width", tidy(wanted[place]))
        elif fixed and place not in wanted:
            doc = put(doc, f"{table}/columns/{place}/width", tidy(widths[place]))
    return doc


def column_added(doc: Doc, table: str, place: int, new: Doc) -> Doc:
    """Return the document with a column before the one at `place`."""
    doc = inserted(doc, f"{table}/columns", place, new)
    for row in _rows(doc, table):
        cells = at(doc, f"{row}/cells")
        cell = _covering(cells, max(0, place - 1))
        doc = put(doc, f"{row}/cells/{cell}/span", _span(cells[cell]) + 1)
    return doc


def column_removed(doc: Doc, table: str, place: int) -> Doc:
    """Return the document without a column; the last one stays."""
    if len(columns(doc, table)) <= 1:
        return doc
    doc = without(doc, f"{table}/columns/{place}")
    for row in _rows(doc, table):
        cells = at(doc, f"{row}/cells")
        cell = _covering(cells, place)
        if _span(cells[cell]) > 1:
            doc = put(doc, f"{row}/cells/{cell}/span", _span(cells[cell]) - 1)
        else:
            doc = without(doc, f"{row}/cells/{cell}")
    return doc


def column_moved(doc: Doc, table: str, old: int, new: int) -> Doc:
    """Return the document with a column at another place; its sum goes with it where it has a cell of its own."""
    listed = at(doc, f"{table}/columns")
    if old == new or not (0 <= old < len(listed) and 0 <= new < len(listed)):
        return doc
    doc = inserted(without(doc, f"{table}/columns/{old}"), f"{table}/columns", new, listed[old])
    for row in _rows(doc, table):
        cells = at(doc, f"{row}/cells")
        cell = _covering(cells, old)
        rest = [*cells[:cell], *cells[cell + 1 :]]
        if _span(cells[cell]) == 1 and new in {*_starts(rest), sum(map(_span, rest))}:
            spot = [*_starts(rest), sum(map(_span, rest))].index(new)
            doc = put(doc, f"{row}/cells", [*rest[:spot], cells[cell], *rest[spot:]])
    return doc


def summed_name(column: Doc) -> str:
    """Return which value of a line a column shows, empty where it shows none or several."""
    found = set(OF_LINE.findall(_text(column)))
    return found.pop() if len(found) == 1 else ""


def _text(column: Doc) -> str:
    """Return what a column prints as a text with placeholders."""
    content = content_of(column)
    return "{{ " + content.field + (f"|{content.format}" if content.format else "") + " }}" if content.field else content.text


def is_summed(doc: Doc, place: int, *, row: str = TOTAL, of: str = "grand") -> bool:
    """Tell whether a row of sums, the total under the lines without one, adds a column up; `of` is what its sums are called in texts."""
    cells = get(doc, f"{row}/cells")
    name = summed_name(columns(doc, LINES_TABLE)[place])
    if not name or not isinstance(cells, list) or not cells:
        return False
    return f"{of}.{name}" in OF_SUM.findall(str(cells[_covering(cells, place)].get("text", "")))


def column_summed(doc: Doc, place: int, *, on: bool, label: str, row: str = TOTAL, of: str = "grand") -> Doc:
    """Return the document with a column of the lines added up in a row of sums, or no longer; `label` names a row that is made for it."""
    listed = columns(doc, LINES_TABLE)
    name = summed_name(listed[place])
    if not name or is_summed(doc, place, row=row, of=of) == on:
        return doc
    if not isinstance(get(doc, f"{row}/cells"), list):
        doc = put(doc, row, {"height": 7, "cells": [{"text": label, "span": len(listed), "align": "center"}]})
    cells = at(doc, f"{row}/cells")
    cell, start = _covering(cells, place), _starts(cells)[_covering(cells, place)]
    if on:
        text = PLACEHOLDER.sub(lambda found: "{{ " + OF_LINE.sub(rf"{of}.\1", found[1]) + " }}", _text(listed[place]))
        mine = {"text": text, "span": 1, "align": listed[place].get("align", "right")}
        if get(doc, f"{LINES}/sums/{name}") is None:
            doc = put(doc, f"{LINES}/sums/{name}", f"line.{name}")
        doc = put(doc, f"{row}/cells", [*cells[:cell], *_split(cells[cell], place - start, mine), *cells[cell + 1 :]])
    else:
        doc = set_keys(doc, f"{row}/cells/{cell}", {"text": ""})
    return doc


def _split(cell: Doc, offset: int, mine: Doc) -> list[Doc]:
    """Return a cell with another in its middle: what it said stays where there is still room for it."""
    before, after = offset, _span(cell) - offset - 1
    parts: list[Doc] = [{**cell, "span": before}] if before else []
    parts.append(mine)
    if after:
        parts.append({**(cell if not before else {"text": ""}), "span": after})
    return parts


def spans_right(doc: Doc) -> bool:
    """Tell whether every row of sums spans all columns."""
    count = len(columns(doc, LINES_TABLE))
    return all(sum(_span(cell) for cell in at(doc, f"{row}/cells")) == count for row in _rows(doc, LINES_TABLE))


def new_column(title: str, text: str, kind: str = "") -> Doc:
    """Return a column for a field: figures to the right, short things in the middle."""
    made: dict[str, Any] = {"title": title, "width": 24, "text": text, "overflow": "shrink"}
    if kind in {"money", "price", "quantity", "decimal", "integer", "percent"}:
        made["align"] = "right"
    elif kind in {"date", "choice", "check"}:
        made["align"] = "center"
    return made
