"""Where every mark of a document stands, compared with what was looked at and found right.

After a wanted change: ``UPDATE_SNAPSHOTS=1 pytest tests/printing/test_snapshots.py``, look at the papers (`python -m templates.pictures`) and at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_crm.printing.documents import load_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import LineMark, Mark, RectMark, TextMark
from tests.printing.library import document

FOLDER = Path(__file__).parent / "snapshots"
NAMES = ("delivery_note", "sales_contract", "statement", "receipt", "receipt_slip", "customer_label")


def _written(mark: Mark) -> str:
    place = f"{mark.source.removeprefix('bands/')} {mark.x:.2f} {mark.y:.2f}{' screen' if mark.screen_only else ''}"
    match mark:
        case TextMark():
            return f"{place} {mark.font} {mark.size:g} {mark.color}{f' {mark.angle:g}°' if mark.angle else ''} {mark.text}"
        case LineMark():
            return f"{place} line {mark.x2:.2f} {mark.y2:.2f} {mark.thickness:g} {mark.color}"
        case RectMark():
            return f"{place} box {mark.width:.2f} {mark.height:.2f} {mark.thickness:g} {mark.fill}"
        case _:
            return place


@pytest.mark.parametrize("name", NAMES)
def test_every_mark_stands_where_it_stood(name: str) -> None:
    template = load_template(name)
    pages = lay_out(template, document(template.prints, "usual"), fonts=FontBook(system=False))
    found = "".join(f"page {page.width:g} {page.height:g}\n" + "".join(f"{_written(mark)}\n" for mark in page.marks) for page in pages)
    kept = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.write_text(found, encoding="utf-8")
    assert found.splitlines() == kept.read_text(encoding="utf-8").splitlines()
