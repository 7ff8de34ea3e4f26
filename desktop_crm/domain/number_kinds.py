"""The kinds of figures: amounts, prices, quantities, rates and whole numbers, exact in Python and integers of minor units in the database."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.kind import Cell, Kind, cell_text
from desktop_crm.domain.money import parse_amount, round_money, round_scale
from desktop_crm.domain.text import fold

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import FieldSpec

NOISE: Final = Decimal("0.000001")
NUMBER_LIMIT: Final = Decimal(10) ** 13
"""Money is BIGINT minor units and rates have six places: 10^13 keeps every sum of a million rows inside 64 bits."""


class Numeric(Kind):
    """A number of fixed scale, exact in Python and an integer of minor units in the database."""

    name = "decimal"
    align = "right"
    excel = "number"
    storage = "decimal"
    empty = None
    places: ClassVar[int] = 4

    def parse(self, raw: Cell, spec: FieldSpec) -> Decimal | None:
        """Read a number as people write it; raises ValueProblem where it is none or too large."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if isinstance(raw, bool) or not isinstance(raw, (str, Decimal, int)):
            raise ValueProblem(_("“{text}” is not a number").format(text=cell_text(raw)))
        value = parse_amount(raw) if isinstance(raw, str) else Decimal(raw)
        if abs(value) >= NUMBER_LIMIT:
            raise ValueProblem(_("“{text}” is too large").format(text=cell_text(raw)))
        return round_scale(value, self.places)

    def show(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the number with thousands separators and no needless zeros."""
        return f"{value.normalize():,f}"

    def edit(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the number without separators."""
        return format(value.normalize(), "f")


def fractions(value: Decimal) -> str:
    """Return the words for an amount with a part of a cent."""
    return _("{amount} has more than two decimals. Enter yuan and cents").format(amount=f"{value.normalize():f}")


def refused_number(value: Any, *, exact: bool = False) -> str | None:
    """Return what is wrong with what should be a number of fixed scale, or None; of an `exact` one no part of a cent is allowed.

    Whatever isn't a finite Decimal is refused: the database would take a float for minor units.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        return _("“{text}” is not a number").format(text=value)
    if abs(value) >= NUMBER_LIMIT:
        return _("“{text}” is too large").format(text=value)
    return fractions(value) if exact and value != round_money(value) else None


class Money(Numeric):
    """An amount of yuan to the cent."""

    name = "money"
    excel = "money"
    places = 2

    def parse(self, raw: Cell, spec: FieldSpec) -> Decimal | None:
        """Read an amount; one of the books with a part of a cent is refused, unless that is only the noise of a workbook's arithmetic."""
        value = super().parse(raw, spec)
        if spec.exact and value is not None:
            full = parse_amount(raw) if isinstance(raw, str) else Decimal(str(raw))
            if abs(full - value) > NOISE:
                raise ValueProblem(fractions(full))
        return value

    def show(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the amount with thousands separators and two places."""
        return f"{value:,.2f}"

    def edit(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the amount with two places and no separators."""
        return f"{value:.2f}"


class Price(Numeric):
    """A unit price: up to four places, shown with at least two."""

    name = "price"
    pattern = "#,##0.00##"

    def show(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the price with thousands separators and two to four places."""
        return f"{value:,.2f}" if value == round_scale(value, 2) else super().show(value, spec)


class Quantity(Numeric):
    """A quantity of up to four places."""

    name = "quantity"
    # A format with places that may be empty leaves the point behind.
    pattern = "General"


class Percent(Numeric):
    """A ratio, shown as a percentage: 0.13 is 13%."""

    name = "percent"
    excel = "percent"

    def parse(self, raw: Cell, spec: FieldSpec) -> Decimal | None:
        """Read 13%, 0.13 or 13 as 0.13: more than one means per cent, as nobody writes a rate of 1,300%."""
        text = fold(raw) if isinstance(raw, str) else raw
        percent = isinstance(text, str) and text.endswith("%")
        value = super().parse(text[:-1] if percent else text, spec)
        if value is None:
            return None
        return round_scale(value / 100, self.places) if percent or value > 1 else value

    def show(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the ratio as a percentage."""
        return f"{(value * 100).normalize():f}%"

    def edit(self, value: Decimal, spec: FieldSpec) -> str:
        """Return the ratio as a percentage."""
        return self.show(value, spec)


class Integer(Kind):
    """A whole number."""

    name = "integer"
    align = "right"
    excel = "integer"
    storage = "integer"
    empty = None

    def parse(self, raw: Cell, spec: FieldSpec) -> int | None:
        """Read a whole number."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        value: Any = parse_amount(raw) if isinstance(raw, str) else raw
        if isinstance(value, bool) or not isinstance(value, (Decimal, int)) or value != int(value) or not -(2**31) < value < 2**31:
            raise ValueProblem(_("“{text}” is not a whole number").format(text=cell_text(raw)))
        return int(value)

    def show(self, value: int, spec: FieldSpec) -> str:
        """Return the number with thousands separators; the sum of a column may come as a Decimal."""
        return f"{int(value):,d}"

    def edit(self, value: int, spec: FieldSpec) -> str:
        """Return the plain number."""
        return str(value)


class Stars(Integer):
    """A level of one to five stars; A to E are read too."""

    name = "stars"
    align = "left"

    def parse(self, raw: Cell, spec: FieldSpec) -> int | None:
        """Read 1 to 5, stars, or A (5) to E (1)."""
        text = fold(cell_text(raw)).removesuffix("级").removesuffix("星").strip()
        if text and not text.strip("★⭐☆*"):
            return len(text.rstrip("☆"))
        if len(text) == 1 and text in "abcde":
            return 5 - "abcde".index(text)
        try:
            value: int | None = super().parse(text, spec)
        except ValueProblem:
            value = -1
        if value is not None and not 0 <= value <= 5:  # noqa: PLR2004 - five stars
            raise ValueProblem(_("“{text}” is not a level of 1 to 5").format(text=cell_text(raw)))
        return value

    def show(self, value: int, spec: FieldSpec) -> str:
        """Return as many stars."""
        return "★" * value
