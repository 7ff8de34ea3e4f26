"""The fields of a declaration: a peewee field that carries what the engines need to know about it.

To add a kind of value: a class in `domain/kinds.py` (a figure: `number_kinds.py`), a class here, an editor in `ui`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

import peewee

from desktop_crm.base.lazily import NamedTuple
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, FieldSpec
from desktop_crm.domain.rates import DISCOUNT, check_discount

if TYPE_CHECKING:
    from desktop_crm.domain.kind import Kind

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
TEXT_LENGTH: Final = 200
NEVER: Final = date(9999, 12, 31)
"""The day of what isn't due at all."""
DAYS_SINCE: Final = "CASE WHEN this.`{date}` < {{today}} THEN CAST({{days}}({{today}}) - {{days}}(this.`{date}`) AS SIGNED) END"


class Rollup(NamedTuple):
    """What triggers keep of the records of `child` whose link `via` points here: the sum of their `field`, or their number where that is "".

    `how` asks for the least or the most of it instead. With `before`, a date of the child, only those records add to the sum that lie before
    today: it is kept as of one day for the whole company, which `turning.turn` moves on.
    """

    child: str
    field: str
    via: str
    how: Literal["sum", "least", "most"] = "sum"
    before: str = ""


class Declared:
    """What every declared field adds to peewee's: its FieldSpec and its column in the portable schema language.

    `rollup` is what is kept of the records that link here, see `Rollup`; `formula` is the SQL of a generated column;
    `expression` is the SQL of a value asked for when it is shown, over the row ``this``, in which ``{today}`` and ``{days}`` (days of a date) are
    replaced; `since` names the date of which the value is the days that have passed, none before it has come. An `internal` field is the engines' own
    and shown nowhere.
    """

    kind: ClassVar[Kind] = kinds.TEXT
    column_type: ClassVar[str] = "text"

    def __init__(
        self,
        label: str,
        *,
        index: bool = False,
        rollup: tuple[str, str, str] | Rollup | None = None,
        formula: str = "",
        expression: str = "",
        since: str = "",
        internal: bool = False,
        **spec: Any,
    ) -> None:
        expression = DAYS_SINCE.format(date=since) if since else expression
        derived = bool(rollup or formula or expression)
        spec.setdefault("derived", derived)
        self.rollup = None if rollup is None else Rollup(*rollup)
        self.formula = formula
        self.expression = expression
        self.since = since
        self.internal = internal
        self.spec = FieldSpec(name="", kind=self.kind, label=label, **spec)
        options: dict[str, Any] = {"index": index or bool(self.spec.link), "null": self.kind.empty is None}
        if self.spec.link:
            options["column_name"] = None
        super().__init__(**options)

    def __deepcopy__(self, _memo: object) -> Self:
        """Return another field that says the same: peewee copies those every entity inherits with all that hangs on them, which here never changes."""
        copy = type(self).__new__(type(self))
        vars(copy).update(vars(self))
        return copy

    def to_database(self, value: Any) -> Any:
        """Return what is stored for `value`."""
        return self.kind.empty if value is None else value

    def from_database(self, stored: Any) -> Any:
        """Return the value of what is `stored`."""
        return self.kind.empty if stored is None else stored

    def db_value(self, value: Any) -> Any:
        """Convert for peewee's own comparisons."""
        return self.to_database(value)

    def python_value(self, value: Any) -> Any:
        """Convert for peewee's own rows."""
        return self.from_database(value)


class TextField(Declared, peewee.CharField):
    """One line of text, 200 characters unless `scale` says otherwise."""

    def __init__(self, label: str, **options: Any) -> None:
        options.setdefault("scale", TEXT_LENGTH)
        super().__init__(label, **options)
        self.max_length = self.spec.scale


class NoteField(Declared, peewee.TextField):
    """Text of several lines."""

    kind = kinds.NOTE
    column_type = "note"


class EmailField(TextField):
    """An e-mail address."""

    kind = kinds.EMAIL


class PhoneField(TextField):
    """A telephone number."""

    kind = kinds.PHONE


class CreditCodeField(TextField):
    """统一社会信用代码."""

    kind = kinds.CREDIT_CODE


class NumberField(TextField):
    """A document number given out by a rule, such as ``HT-{yyyy}-{seq:4}``, unless one is typed."""

    kind = kinds.NUMBER

    def __init__(self, label: str, **options: Any) -> None:
        options = {"scale": 40, "index": True, "unique": True, **options}
        super().__init__(label, **options)


class ScaledField(Declared, peewee.BigIntegerField):
    """A Decimal stored as an integer of minor units, so that both engines add it up exactly."""

    kind: ClassVar[Kind] = kinds.QUANTITY
    column_type = "integer8"
    factor: ClassVar[int] = 10**4

    def to_database(self, value: Any) -> int | None:
        """Return the minor units of a Decimal, half up; a bare int is taken as minor units already. Raises TypeError for anything else, a float above all."""
        if isinstance(value, Decimal):
            units = value * self.factor
            whole = int(units)
            return whole if whole == units else int(units.to_integral_value(ROUND_HALF_UP))
        if value is None or isinstance(value, int):
            return value
        raise TypeError(value)

    def from_database(self, stored: Any) -> Decimal | None:
        """Return the Decimal of the stored minor units."""
        return None if stored is None else Decimal(int(stored)) / self.factor


class MoneyField(ScaledField):
    """An amount of money in minor units (分)."""

    kind = kinds.MONEY
    factor = 100

    def from_database(self, stored: Any) -> Decimal | None:
        """Return the amount with two places; a derived amount is never nothing."""
        if stored is None:
            return Decimal("0.00") if self.spec.derived else None
        return Decimal(int(stored)).scaleb(-2)


class PriceField(ScaledField):
    """A unit price."""

    kind = kinds.PRICE


class QuantityField(ScaledField):
    """A quantity."""


class PercentField(ScaledField):
    """A ratio shown as a percentage."""

    kind = kinds.PERCENT


class DiscountField(PercentField):
    """The share of a price that is paid."""

    kind = DISCOUNT

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **{"check": check_discount, **options})


class IntegerField(Declared, peewee.BigIntegerField):
    """A whole number."""

    kind = kinds.INTEGER
    column_type = "integer8"

    def from_database(self, stored: Any) -> int | None:
        """Return the number; a figure worked out by the database may come as a float or a Decimal."""
        return None if stored is None else int(stored)


class StarsField(IntegerField):
    """A level of one to five stars."""

    kind = kinds.STARS


class BooleanField(Declared, peewee.SmallIntegerField):
    """Yes or no."""

    kind = kinds.BOOLEAN
    column_type = "integer2"

    def to_database(self, value: Any) -> int:
        """Return 1 for yes."""
        return int(bool(value))

    def from_database(self, stored: Any) -> bool:
        """Return True for 1."""
        return bool(stored)


class DateField(Declared, peewee.DateField):
    """A business date."""

    kind = kinds.DATE
    column_type = "date"

    def to_database(self, value: Any) -> str | None:
        """Return the ISO text, which both engines take."""
        return value.isoformat() if isinstance(value, date) else value

    def from_database(self, stored: Any) -> date | None:
        """Return the date; SQLite gives a text and MariaDB a date."""
        return date.fromisoformat(stored) if isinstance(stored, str) else stored


class LastField(DateField):
    """The date of what may never come, for sorting and comparing: `NEVER` where there is none."""

    column_type = "last"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, index=True, internal=True, **options)


class InstantField(Declared, peewee.BigIntegerField):
    """An aware UTC datetime, stored as microseconds since 1970 so that both engines agree and sort it."""

    kind = kinds.INSTANT
    column_type = "integer8"

    def to_database(self, value: Any) -> int | None:
        """Return the microseconds of an aware datetime."""
        return (value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value

    def from_database(self, stored: Any) -> datetime | None:
        """Return the aware datetime."""
        return None if stored is None else EPOCH + timedelta(microseconds=int(stored))


class ChoiceField(Declared, peewee.CharField):
    """One of the declared choices."""

    kind = kinds.CHOICE

    def __init__(self, label: str, *choices: Choice, **options: Any) -> None:
        super().__init__(label, choices=choices, scale=40, **options)
        self.max_length = 40

    def to_database(self, value: Any) -> Any:
        """Return the code; one that must be there and is missing, as in a state from before the field was there, is its default."""
        fixed = self.spec.required or self.spec.derived
        return self.spec.default if fixed and self.spec.default and value in (None, "") else super().to_database(value)


class LinkField(Declared, peewee.BigIntegerField):
    """A link to a record of the entity named `link`; `cascade` deletes this record with it, as a line with its document."""

    kind = kinds.LINK
    column_type = "link"

    def __init__(self, label: str, link: str, *, cascade: bool = False, **options: Any) -> None:
        self.cascade = cascade
        super().__init__(label, link=link, **options)

    def bind(self, model: Any, name: str, set_attribute: bool = True) -> None:  # noqa: FBT001, FBT002 - peewee's signature
        """Name the column after the link, as ``customer_id``."""
        self.column_name = f"{name}_id"
        super().bind(model, name, set_attribute)
