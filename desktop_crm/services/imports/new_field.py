"""What a custom field for a column that goes to no field would be: named as its heading, of the kind its values are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.domain.kind import cell_text
from desktop_crm.services.custom_fields import CHOICE_LENGTH
from desktop_crm.services.workbooks.cells import CellError, is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.kind import Kind
    from desktop_crm.services.imports.types import Source
    from desktop_crm.services.workbooks.cells import Cell

LOOKED_AT: Final = 1000
FEW: Final = 12
"""Different values a column of choices may have."""
REPEATED: Final = 3
"""How often each value comes at least, on average, where it is one of some choices."""
LINE: Final = 200
LABEL: Final = 60


def proposed(source: Source, column: int) -> Values:
    """Return what a new field for a column may be called and of which kind it may be, as `custom_fields.add` takes it; somebody looks at it first."""
    cells = [cell for cell in source.cells(column, LOOKED_AT) if not is_blank(cell) and not isinstance(cell, CellError)]
    texts = [cell_text(cell).strip() for cell in cells]
    different = list(dict.fromkeys(texts))
    made: dict[str, Any] = {"label": " ".join(source.heading(column).split())[:LABEL], "kind": _kind(cells, texts)}
    few = 1 < len(different) <= FEW and len(texts) >= REPEATED * len(different)
    if made["kind"] == "text" and few and all(len(text) <= CHOICE_LENGTH for text in different):
        made |= {"kind": "choice", "choices": "\n".join(different)}
    return made


def _kind(cells: Sequence[Cell], texts: list[str]) -> str:
    if not cells:
        return "text"
    # A code such as 007 would lose its noughts as a figure.
    coded = any(isinstance(cell, str) and len(text) > 1 and text.startswith("0") and text.isdigit() for cell, text in zip(cells, texts, strict=True))
    if not coded:
        if not any(text.isdigit() for text in texts) and _all(kinds.BOOLEAN, cells):
            return "boolean"
        if any(not text.isdigit() for text in texts) and _all(kinds.DATE, cells):
            return "date"
        if _all(kinds.QUANTITY, cells):
            return "money" if any(text.rpartition(".")[1] for text in texts) and _all(kinds.MONEY, cells) else "quantity"
    return "note" if any("\n" in text or len(text) > LINE for text in texts) else "text"


def _all(kind: Kind, cells: Sequence[Cell]) -> bool:
    spec = FieldSpec("", kind, "")
    try:
        for cell in cells:
            kind.parse(cell, spec)
    except ValueProblem:
        return False
    return True
