"""The kinds of values: one class each. Adding one means a class here, or among the figures in `number_kinds.py`, and an editor in the ui."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, in_every_language, in_sentence
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.catalog import FieldSpec, Ref
from desktop_crm.domain.dates import parse_date, show_date
from desktop_crm.domain.kind import Cell, Kind, cell_text
from desktop_crm.domain.number_kinds import Integer, Money, Percent, Price, Quantity, Stars
from desktop_crm.domain.text import fold, unseen_left_out

# What programs make of a column of numbers with gaps.
_FRACTION: Final = pattern(r"(?<=[0-9]{7})\.0\Z")


class Text(Kind):
    """One line of text; `scale` of the field is its greatest length."""

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read one line: line breaks and tabs inside a cell become spaces, and signs that nobody sees are left out."""
        line = " ".join((raw if type(raw) is str else cell_text(raw)).split())
        return str(super().parse(line if line.isprintable() else unseen_left_out(line), spec))


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
        from desktop_crm.domain.phones import normalise_phone

        text = _FRACTION.sub("", str(super().parse(raw, spec)))
        phone = normalise_phone(text)
        return text if phone.kind == "unknown" else phone.normal

    def warn(self, value: str) -> str | None:
        """Remark on what is neither a mobile, a landline nor a service number."""
        from desktop_crm.domain.phones import normalise_phone

        return _("This isn't a usual phone number") if normalise_phone(value).kind == "unknown" else None


class CreditCode(Text):
    """统一社会信用代码 (GB 32100-2015); a wrong one warns and never blocks."""

    name = "credit_code"

    def parse(self, raw: Cell, spec: FieldSpec) -> str:
        """Read a code, without spaces and in capitals."""
        from desktop_crm.domain.credit_code import normalise_credit_code

        return normalise_credit_code(str(super().parse(raw, spec)))

    def warn(self, value: str) -> str | None:
        """Remark on a wrong length, letter or check digit."""
        from desktop_crm.domain.credit_code import check_credit_code

        return check_credit_code(value)


class Number(Text):
    """A document number, given out by a rule when it is left empty."""

    name = "number"


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
        raise ValueProblem(_("“{text}” is no {entity} that is known here").format(text=cell_text(raw), entity=in_sentence(spec.title)))

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
