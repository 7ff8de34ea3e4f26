"""Columns that need no reading: one look at all cells tells that each says its value already, as in most columns of most lists.

Whatever else stands in a column is read cell by cell, by its field's kind; a reader here gives nothing then, and never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from desktop_crm.domain.credit_code import are_right
from desktop_crm.domain.kinds import CreditCode, Date, Email, Number, Phone, Text
from desktop_crm.domain.number_kinds import NUMBER_LIMIT, Money, Numeric, Price, Quantity
from desktop_crm.domain.phones import are_tidy
from desktop_crm.domain.text import unseen_left_out

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import FieldSpec

NULL: Final = "NULL"
_BLANK: Final = re.compile(r"\s")
_ADDRESS: Final = r"[^@|\s]+@[^@|\s]*\.[^@|\s]*"
_ADDRESSES: Final = re.compile(rf"(?:{_ADDRESS}\|)*{_ADDRESS}")
_DIGITS: Final = NUMBER_LIMIT.adjusted()


class Plain(NamedTuple):
    """The values of a column, None for nothing; `usual` says that its kind has nothing to remark on any of them."""

    values: Sequence[Any]
    usual: bool = False


Reader = Callable[[Sequence[Any], "FieldSpec"], Plain | None]


def _texts(cells: Sequence[Any], field: FieldSpec) -> Plain | None:
    """Texts of which there is nothing to read but their blanks."""
    joined = "|".join(filter(None, cells))
    if _BLANK.search(joined):
        cells = [" ".join(cell.split()) if cell else None for cell in cells]
    if not joined.isprintable():
        cells = [unseen_left_out(cell) if cell and not cell.isprintable() else cell for cell in cells]
    if not _fits(cells, joined, field) or (NULL in joined and NULL in cells):
        return None
    return Plain([cell or None for cell in cells] if "" in cells else cells)


def _emails(cells: Sequence[Any], field: FieldSpec) -> Plain | None:
    plain = _texts(cells, field)
    joined = _joined(plain.values) if plain else None
    return plain._replace(usual=_ADDRESSES.fullmatch(joined) is not None) if plain and joined else plain


def _phones(cells: Sequence[Any], field: FieldSpec) -> Plain | None:
    """Numbers in their usual writing."""
    joined = _joined(cells)
    return Plain([cell or None for cell in cells], usual=True) if joined and are_tidy(joined) and _fits(cells, joined, field) else None


def _credit_codes(cells: Sequence[Any], field: FieldSpec) -> Plain | None:
    """Codes whose check digits are right."""
    codes = list(filter(None, cells))
    return Plain([cell or None for cell in cells], usual=True) if codes and are_right(codes) and field.scale >= len(codes[0]) else None


def _numbers(cells: Sequence[Any], field: FieldSpec) -> Plain | None:
    """Numbers with no more places than the field keeps."""
    places = getattr(field.kind, "places", 0)
    # What would be rounded, or is too large, raises.
    rounded, step = Context(prec=_DIGITS + places, traps=[Inexact, InvalidOperation]).quantize, Decimal(1).scaleb(-places)
    try:
        return Plain([None if cell is None else rounded(cell, step) or abs(step * 0) for cell in cells])
    except DecimalException:
        return None


def _dates(cells: Sequence[Any], _field: FieldSpec) -> Plain | None:
    return Plain(cells)


def _joined(cells: Sequence[Any]) -> str | None:
    """Return the texts between bars; None where a bar stands in one of them."""
    texts = list(filter(None, cells))
    joined = "|".join(texts)
    return joined if joined.count("|") == max(len(texts) - 1, 0) else None


def _fits(cells: Sequence[Any], joined: str, field: FieldSpec) -> bool:
    return len(joined) <= field.scale or max(map(len, filter(None, cells)), default=0) <= field.scale


READERS: Final[dict[tuple[type, type], Reader]] = {
    (Text, str): _texts, (Number, str): _texts, (Email, str): _emails, (Phone, str): _phones, (CreditCode, str): _credit_codes, (Date, date): _dates,
    **{(kind, Decimal): _numbers for kind in (Numeric, Money, Price, Quantity)},
}  # fmt: skip
"""By the kind of the field and the type of all cells that aren't empty."""
