"""Writing the templates that ship: ``python -m templates``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from templates.accounts import dunning, open_items, receipt, receipt_slip, statement
from templates.kit import Words
from templates.post import envelope, label
from templates.requests import invoice_request, invoice_request_sheet
from templates.sales import delivery_note, delivery_note_a5, quotation, return_note, sales_contract
from templates.traditional import traditional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLACE = Path(__file__).resolve().parent.parent / "resources" / "templates"
PAPERS: tuple[Callable[[Words], dict[str, Any]], ...] = (
    quotation, sales_contract, delivery_note, delivery_note_a5, return_note, invoice_request, invoice_request_sheet, statement, receipt, receipt_slip, open_items,
    *(partial(dunning, step=step) for step in (1, 2, 3)), *(partial(envelope, kind=kind) for kind in ("zl", "dl", "c5")), label,
)  # fmt: skip


def written() -> Iterator[tuple[str, str]]:
    """Yield the name of each file and what is in it."""
    for paper in PAPERS:
        chinese = paper(Words("zh"))
        for made in (chinese, paper(Words("en")), traditional(chinese)):
            yield f"{made['name']}.json", _json(made)


def _json(value: Any, depth: int = 0) -> str:
    """Return JSON with one element a line, so that a change can be read."""
    flat = json.dumps(value, ensure_ascii=False)
    inside = "  " * (depth + 1)
    if isinstance(value, dict) and value and (len(flat) > 150 or depth < 2):  # noqa: PLR2004 - about a line
        parts = [f"{inside}{json.dumps(key)}: {_json(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + "  " * depth + "}" if "type" not in value or "columns" in value else flat
    if isinstance(value, list) and len(flat) > 150:  # noqa: PLR2004 - as above
        return "[\n" + ",\n".join(inside + _json(item, depth + 1) for item in value) + "\n" + "  " * depth + "]"
    return flat


if __name__ == "__main__":
    for name, content in written():
        (PLACE / name).write_text(content + "\n", encoding="utf-8")
