"""Any table on paper: a report or a list as a PDF, its heading and totals on it, laid out by the engine of the documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.documents import PrintResult, make_pdf
from desktop_crm.printing.marks import POINT
from desktop_crm.printing.parse import parse_template
from desktop_crm.printing.rows import MAX_ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from desktop_crm.printing.template import Template

PAPERS: Final = (("A4", 186.0), ("A4-landscape", 273.0), ("A3-landscape", 396.0))
"""Papers from the smallest, with the millimetres between their margins."""
SIZE: Final = 8.0
AROUND: Final = 2.8
"""Millimetres of a cell that its text doesn't take."""
NARROWEST: Final = 9.0
READABLE: Final = 42.0
"""Millimetres that a column of longer texts gets before a larger paper is taken; its texts wrap."""
LOOKED_AT: Final = 300
"""Rows whose texts decide how wide columns are."""
WIDE_SIGN: Final = "\u2e80"


@dataclass(frozen=True)
class ListColumn:
    """A column: its heading, and whether its texts are figures that stand on the right."""

    heading: str
    figures: bool = False


def print_list(
    out: Path | BinaryIO,
    *,
    title: str,
    about: str,
    columns: Sequence[ListColumn],
    rows: Sequence[Sequence[str]],
    totals: Sequence[str] | None = None,
) -> PrintResult:
    """Write a table of texts as a PDF on A4; `about` stands below the title. Raises UserError where it can't be laid out or written."""
    template, values = list_document(title=title, about=about, columns=columns, rows=rows, totals=totals)
    return make_pdf(template, [values], out, total=1)


def list_document(*, title: str, about: str, columns: Sequence[ListColumn], rows: Sequence[Sequence[str]], totals: Sequence[str] | None = None) -> tuple[Template, dict[str, Any]]:
    """Return the template of a table of texts and the values it is filled with, as `print_list` prints it. Raises UserError for too many rows."""
    if len(rows) > MAX_ITEMS:
        raise UserError(_("{count} rows are too many for paper. Filter the list, or export it to a workbook.").format(count=f"{len(rows):,}"))
    values = {
        "title": title,
        "about": about,
        "heads": _named([column.heading for column in columns]),
        "rows": [_named(row) for row in rows],
        "sums": _named(totals or ()),
    }
    wanted = _natural(columns, [*rows[:LOOKED_AT], *([totals] if totals else [])])
    return list_template(columns, wanted, with_totals=totals is not None), values


def _natural(columns: Sequence[ListColumn], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return for each column the millimetres that its heading and its widest text take, nearly."""
    heads = [_width(column.heading) * 1.1 for column in columns]
    texts = [max((_width(row[place]) for row in rows if place < len(row)), default=0.0) for place in range(len(columns))]
    return [max(NARROWEST, head + AROUND, text + AROUND) for head, text in zip(heads, texts, strict=True)]


def _width(text: str) -> float:
    longest = max(text.split("\n"), key=len, default="")
    return sum(1.0 if sign >= WIDE_SIGN else 0.58 for sign in longest) * SIZE * POINT


def _shares(wanted: Sequence[float], room: float) -> list[float]:
    """Return widths that fill `room`: narrow columns get what they want, the wide ones share the rest."""
    widths, left, open_ones = list(wanted), room, sorted(range(len(wanted)), key=lambda place: wanted[place])
    for done, place in enumerate(open_ones):
        widths[place] = min(wanted[place], left / (len(wanted) - done))
        left -= widths[place]
    scale = room / sum(widths)
    return [round(width * scale, 2) for width in widths]


def _named(texts: Sequence[str]) -> dict[str, str]:
    """Return texts by the names of their columns."""
    return {f"c{place}": text for place, text in enumerate(texts)}


def list_template(columns: Sequence[ListColumn], wanted: Sequence[float], *, with_totals: bool) -> Template:
    """Return the template of a table with such columns, `wanted` mm wide if there is room; every text of it comes from the values."""
    needed = sum(min(width, READABLE) for width in wanted)
    size, width = next((paper for paper in PAPERS if needed <= paper[1]), PAPERS[-1])
    side = ["right" if column.figures else "left" for column in columns]
    table: dict[str, Any] = {
        "size": SIZE, "header_size": SIZE, "header_fill": "#f2f4f7", "thickness": 0.12, "rule_color": "#8a94a6", "row_height": 5.5,
        "columns": [
            {"title": f"{{{{ heads.c{place} }}}}", "text": f"{{{{ line.c{place} }}}}", "align": align, "width": share, **({"overflow": "shrink"} if align == "right" else {})}
            for place, (align, share) in enumerate(zip(side, _shares(wanted, width), strict=True))
        ],
    }  # fmt: skip
    lines: dict[str, Any] = {"list": "rows", "table": table}
    if with_totals:
        cells = [{"text": f"{{{{ sums.c{place} }}}}", "align": align} for place, align in enumerate(side)]
        lines["total"] = {"height": 7, "fill": "#f2f4f7", "cells": cells}

    def text(y: float, height: float, content: str, **style: Any) -> dict[str, Any]:
        return {"type": "text", "x": 0, "y": y, "width": width, "height": height, "text": content, "overflow": "shrink", **style}

    heads = [text(0, 9, "{{ title }}", size=16, bold=True, align="center"), text(9.5, 5, "{{ about }}", size=9, align="center", color="#555555")]
    foot = [text(2, 4, "{{ page.number }} / {{ page.count }}", size=8, align="center", color="#666666")]
    again = [text(0, 5, "{{ title }}", size=9, color="#555555")]
    paper = {"size": size, "margins": {"top": 13, "right": 12, "bottom": 9, "left": 12}}
    bands = {"page_header": {"height": 7, "when": "page.number > 1", "elements": again}, "document_header": {"height": 18, "elements": heads}, "lines": lines, "page_footer": {"height": 6, "elements": foot}}
    data = {"format": 1, "name": "list", "label": "List", "prints": "list", "paper": paper, "bands": bands}
    return parse_template(json.dumps(data).encode(), "list")
