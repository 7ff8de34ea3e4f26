"""The kinds of values: one class each, from text, to text, validated. Adding one means a class here and an editor in the ui.

A cell is what a typed text or a workbook gives: str, Decimal, bool, date, datetime, time or None.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, in_every_language
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.catalog import FieldSpec, Ref
from desktop_crm.domain.credit_code import check_credit_code, normalise_credit_code
from desktop_crm.domain.dates import parse_date, show_date
from desktop_crm.domain.money import parse_amount, round_money, round_scale
from desktop_crm.domain.phones import normalise_phone
from desktop_crm.domain.text import fold

NOISE: Final = Decimal("0.000001")
# What programs make of a column of numbers with gaps.
_FRACTION: Final = pattern(r"(?<=[0-9]{7})\.0\Z")
NUMBER_LIMIT: Final = Decimal(10) ** 13
"""Money is BIGINT minor units and rates have six places: 10^13 keeps every sum of a million rows inside 64 bits."""

Cell = Any


class Kind:
    """How values of one kind are read, shown, aligned and written to a workbook: as what (`excel`), in which number format (`pattern`, "" the usual one)."""

    name: ClassVar[str] = "text"
    align: ClassVar[str] = "left"
    excel: ClassVar[str] = "text"
    pattern: ClassVar[str] = ""
    storage: ClassVar[str] = "text"
    empty: ClassVar[Any] = ""

    @property
    def warns(self) -> bool:
        """Tell whether `warn` has anything to say about this kind at all."""
        return type(self).warn is not Kind.warn

    def parse(self, raw: Cell, spec: FieldSpec) -> Any:
        """Turn a cell into a value; raises ValueProblem saying what could not be read."""
        text = (raw if type(raw) is str else cell_text(raw)).strip()
        limit = spec.scale if self.storage == "text" else 0
        if limit and len(text) > limit:
            raise ValueProblem(_("This is {count} characters long; at most {limit} fit").format(count=len(text), limit=limit))
        return text

    def parse_opposite(self, raw: Cell, spec: FieldSpec) -> Any:
        """Read a cell under one of the field's `opposites`; raises ValueProblem."""
        return self.parse(raw, spec)

    def show(self, value: Any, spec: FieldSpec) -> str:
        """Return the text a user reads."""
        return str(value)

    def edit(self, value: Any, spec: FieldSpec) -> str:
        """Return the text that parses back to the value."""
        return self.show(value, spec)

    def warn(self, value: Any) -> str | None:
        """Return a remark on a value that is unusual but may be saved, or None."""
        return None


def cell_text(raw: Cell) -> str:
    """Return a cell as the text a user would have typed: numbers without a needless fraction, dates as ISO."""
    if raw is None:
        return ""
    if type(raw) is str:
        return raw
    if isinstance(raw, Decimal):
        return format(raw.normalize(), "f") if raw == raw.to_integral_value() else format(raw, "f")
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ") if raw.time() != time() else raw.date().isoformat()
    if isinstance(raw, bool):
        return _("Yes") if raw else _("No")
    return str(raw)


class Text(Kind):
    """One line of text; `scale` of the field is its greatest length."""

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read one line: line breaks and tabs inside a cell become spaces."""
        return str(super().parse(" ".join((raw if type(raw) is str else cell_text(raw)).split()), spec))


class Note(Kind):
    """Text of several lines."""

    name = "note"
    storage = "note"


class Email(Text):
    """An e-mail address; an odd one is remarked on, not refused."""

    name = "email"

    def warn(self, value: str) -> str | None:
        """Remark on an address without exactly one @ and a dot after it."""
        local, at, host = value.partition("@")
        return None if at and local and "." in host and "@" not in host and " " not in value else _("This doesn't look like an e-mail address")


class Phone(Text):
    """A telephone number, kept in its usual writing."""

    name = "phone"

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read a number and write it in the usual way; what is no number stays as it was typed."""
        text = _FRACTION.sub("", str(super().parse(raw, spec)))
        phone = normalise_phone(text)
        return text if phone.kind == "unknown" else phone.normal

    def warn(self, value: str) -> str | None:
        """Remark on what is neither a mobile, a landline nor a service number."""
        return _("This isn't a usual phone number") if normalise_phone(value).kind == "unknown" else None


class CreditCode(Text):
    """统一社会信用代码 (GB 32100-2015); a wrong one warns and never blocks."""

    name = "credit_code"

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read a code, without spaces and in capitals."""
        return normalise_credit_code(str(super().parse(raw, spec)))

    def warn(self, value: str) -> str | None:
        """Remark on a wrong length, letter or check digit."""
        return check_credit_code(value)


class Number(Text):
    """A document number, given out by a rule when it is left empty."""

    name = "number"


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


class Date(Kind):
    """A business date without a time."""

    name = "date"
    excel = "date"
    storage = "date"
    empty = None

    def parse(self, raw: Cell, spec: FieldSpec) -> date | None:
        """Read a date in any common Chinese or ISO writing; a bare number in a cell is refused rather than guessed."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        return parse_date(cell_text(raw))

    def show(self, value: date, spec: FieldSpec) -> str:
        """Return yyyy-MM-dd."""
        return show_date(value)


class Instant(Kind):
    """A point in time: aware UTC inside, local time to the user."""

    name = "instant"
    excel = "datetime"
    storage = "instant"
    empty = None

    def parse(self, raw: Cell, spec: FieldSpec) -> datetime | None:
        """Read a date with an optional time of day, in local time."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if isinstance(raw, datetime):
            return raw.astimezone(UTC)
        if isinstance(raw, date):
            return datetime.combine(raw, time()).astimezone(UTC)
        text = cell_text(raw).strip()
        day, _space, clock = text.replace("T", " ").partition(" ")
        if not clock.strip():
            return datetime.combine(parse_date(day), time()).astimezone(UTC)
        try:
            return datetime.combine(parse_date(day), time.fromisoformat(clock.strip().zfill(5))).astimezone(UTC)
        except ValueError as problem:
            raise ValueProblem(_("“{text}” is not a date and time; write it like 2026-01-05 08:30").format(text=text)) from problem

    def show(self, value: datetime, spec: FieldSpec) -> str:
        """Return local time as yyyy-MM-dd HH:mm."""
        return value.astimezone().strftime("%Y-%m-%d %H:%M")


class Boolean(Kind):
    """Yes or no."""

    name = "boolean"
    align = "center"
    storage = "boolean"
    empty = False
    words: ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("1", "y", "yes", "true", "是", "有", "对", "√", "✓", "☑", "启用"), True),
        **dict.fromkeys(("", "0", "n", "no", "false", "否", "无", "×", "x", "☐", "停用"), False),
    }

    def parse(self, raw: Cell, spec: FieldSpec) -> bool:
        """Read yes and no as people write them."""
        if isinstance(raw, bool):
            return raw
        text = fold(cell_text(raw))
        if text not in self.words:
            raise ValueProblem(_("“{text}” is neither yes nor no").format(text=cell_text(raw)))
        return self.words[text]

    def show(self, value: Any, spec: FieldSpec) -> str:
        """Return yes, or nothing for no."""
        return _("Yes") if value else _("No")


class ChoiceKind(Kind):
    """One of a declared list of choices, stored by its code."""

    name = "choice"

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read a code, a label in any language or an alias."""
        text = fold(cell_text(raw))
        if not text:
            return ""
        for choice in spec.choices:
            if text in {fold(name) for name in (choice.code, *in_every_language(choice.label), *choice.aliases)}:
                return choice.code
        known = _(", ").join(_(choice.label) for choice in spec.choices)
        raise ValueProblem(_("“{text}” is none of: {choices}").format(text=cell_text(raw), choices=known))

    def show(self, value: str, spec: FieldSpec) -> str:
        """Return the label of the stored code."""
        choice = spec.choice(value)
        return _(choice.label) if choice else value


class Link(Kind):
    """A link to a record of another entity, stored by its id; texts are resolved by whoever has the records."""

    name = "link"
    storage = "link"
    empty = None

    def parse(self, raw: Cell, spec: FieldSpec) -> Any:
        """Read an id; a text is looked up before it comes here."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        raise ValueProblem(_("“{text}” is no {entity} that is known here").format(text=cell_text(raw), entity=spec.title))

    def show(self, value: Any, spec: FieldSpec) -> str:
        """Return the title of the record linked to."""
        return value.title if isinstance(value, Ref) else str(value)


TEXT: Final = Text()
NOTE: Final = Note()
EMAIL: Final = Email()
PHONE: Final = Phone()
CREDIT_CODE: Final = CreditCode()
NUMBER: Final = Number()
MONEY: Final = Money()
PRICE: Final = Price()
QUANTITY: Final = Quantity()
PERCENT: Final = Percent()
INTEGER: Final = Integer()
STARS: Final = Stars()
DATE: Final = Date()
INSTANT: Final = Instant()
BOOLEAN: Final = Boolean()
CHOICE: Final = ChoiceKind()
LINK: Final = Link()
