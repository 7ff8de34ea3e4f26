"""Any table on paper: a report or a list as a PDF, its heading and totals on it, laid out by the engine of the documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.printing.documents import PrintResult, make_pdf
from desktop_crm.printing.parse import parse_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from desktop_crm.printing.template import Template

UPRIGHT: Final = 7
"""More columns than these are printed on a sheet lying across."""

FIGURES: Final = 26
"""Millimetres of a column of figures; texts share what is left."""


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
    """Return the template of a table of texts and the values it is filled with, as `print_list` prints it."""
    values = {
        "title": title,
        "about": about,
        "heads": _named([column.heading for column in columns]),
        "rows": [_named(row) for row in rows],
        "sums": _named(totals or ()),
    }
    return list_template(columns, with_totals=totals is not None), values


def _named(texts: Sequence[str]) -> dict[str, str]:
    """Return texts by the names of their columns."""
    return {f"c{place}": text for place, text in enumerate(texts)}


def list_template(columns: Sequence[ListColumn], *, with_totals: bool) -> Template:
    """Return the template of a table with such columns; every text of it comes from the values."""
    across = len(columns) > UPRIGHT
    width = 273 if across else 186
    side = ["right" if column.figures else "left" for column in columns]
    narrow = min(FIGURES, width / len(columns))
    table: dict[str, Any] = {
        "size": 8, "header_size": 8.5, "header_fill": "#f2f4f7", "thickness": 0.15,
        "columns": [
            {"title": f"{{{{ heads.c{place} }}}}", "text": f"{{{{ line.c{place} }}}}", "align": align, **({"width": narrow} if align == "right" else {})}
            for place, align in enumerate(side)
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
    paper = {"size": "A4-landscape" if across else "A4", "margins": {"top": 13, "right": 12, "bottom": 9, "left": 12}}
    bands = {"document_header": {"height": 18, "elements": heads}, "lines": lines, "page_footer": {"height": 6, "elements": foot}}
    data = {"format": 1, "name": "list", "label": "List", "prints": "list", "paper": paper, "bands": bands}
    return parse_template(json.dumps(data).encode(), "list")
