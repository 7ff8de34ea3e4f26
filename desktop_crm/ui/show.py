"""How a value stands in a cell: its ready text, its colour and what is copied, worked out once for each row that is read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Catalog, EntitySpec, FieldSpec, Ref
from desktop_crm.ui.kit.cell_model import NOTHING, Shown
from desktop_crm.ui.kit.cells import Kind

if TYPE_CHECKING:
    from decimal import Decimal

KINDS: Final = {
    "money": Kind.MONEY, "price": Kind.NUMBER, "quantity": Kind.NUMBER, "decimal": Kind.NUMBER, "integer": Kind.NUMBER,
    "percent": Kind.PERCENT, "date": Kind.DATE, "instant": Kind.DATE, "stars": Kind.STARS,
}
WIDTHS: Final = {
    Kind.MONEY: 112, Kind.NUMBER: 84, Kind.PERCENT: 72, Kind.DATE: 96, Kind.PILL: 100, Kind.STARS: 88, Kind.NAME: 200, Kind.LINK: 140, Kind.TEXT: 108,
}
NUMBER_WIDTH: Final = 124
CLOCK_WIDTH: Final = 128
SHORT_NAME: Final = 60
SHORT_NAME_WIDTH: Final = 84
LONG_NAME_WIDTH: Final = 180
NUMBERS: Final = ("money", "price", "quantity", "decimal", "integer", "percent")


def pills(spec: FieldSpec) -> bool:
    """Tell whether a choice field is a status, whose choices differ in tone."""
    return any(choice.tone != "neutral" for choice in spec.choices)


def cell_kind(entity: EntitySpec, spec: FieldSpec, *, title: Kind = Kind.NAME) -> Kind:
    """Return how a column of the field is drawn; `title` is the kind of the column that names the record."""
    if spec.name == entity.title and spec.kind.align == "left":
        return title
    if spec.choices:
        return Kind.PILL if pills(spec) else Kind.TEXT
    return KINDS.get(spec.kind.name, Kind.TEXT)


def column_width(catalog: Catalog, spec: FieldSpec, kind: Kind) -> int:
    """Return the width a column begins with, in logical pixels: numbers and short names need less than names of companies."""
    target = catalog.get(spec.link) if spec.link else None
    named = target.fields.get(target.title) if target is not None else spec
    if named is not None and named.kind.name == "number":
        return NUMBER_WIDTH
    if target is not None and named is not None and not named.link:
        return SHORT_NAME_WIDTH if named.scale <= SHORT_NAME else LONG_NAME_WIDTH
    if spec.tone == "clock":
        return CLOCK_WIDTH
    return WIDTHS.get(kind, WIDTHS[Kind.TEXT])


def shown(spec: FieldSpec, value: Any, today: date) -> Shown:
    """Return a value of the field ready to be drawn, as seen on `today`."""
    if value is None or value == "":
        return NOTHING
    name = spec.kind.name
    if name in NUMBERS:
        return _number(spec, value)
    if name == "stars":
        return Shown(str(value), value=int(value), raw=value)
    if name == "date":
        return _day(spec, value, today)
    if name == "instant":
        return _moment(spec, value, today)
    if name == "boolean":
        return Shown(_("Yes") if value else "", raw=spec.show(value))
    if spec.choices:
        choice = spec.choice(value)
        tone = choice.tone if choice and pills(spec) else ""
        return Shown(spec.show(value), tone, raw=spec.show(value))
    text = spec.show(value)
    if name == "note":
        return Shown(" ".join(text.split()), "text2", raw=text, tip=text)
    return Shown(text, "" if isinstance(value, Ref) or spec.required else "text2", raw=text)


def _number(spec: FieldSpec, value: Decimal | int) -> Shown:
    text = spec.show(value)
    if spec.unit:
        text = f"{text} {_(spec.unit)}"
    if value == 0:
        return Shown("", raw=spec.edit(value), value=value)
    tone = "danger" if value < 0 else spec.tone
    return Shown(text, tone, bold=bool(spec.tone) and spec.kind.name == "money", raw=spec.edit(value), value=value)


def _day(spec: FieldSpec, value: date, today: date) -> Shown:
    full = value.isoformat()
    if spec.tone != "due":
        return Shown(full, raw=full)
    return Shown(*near_day(value, today), raw=full, tip=full)


def near_day(value: date, today: date) -> tuple[str, str]:
    """Return a day on which something is to be done as seen from today, with its colour role."""
    late = (today - value).days
    if late > 0:
        return _("{count} d overdue").format(count=late), "danger"
    if late == 0:
        return _("Today"), "accent"
    if value == today + timedelta(days=1):
        return _("Tomorrow"), "text"
    return short_day(value, today), "text"


def short_day(value: date, today: date) -> str:
    """Return a day without the year where it is this year's."""
    return value.strftime("%m-%d") if value.year == today.year else value.isoformat()


def _moment(spec: FieldSpec, value: datetime, today: date) -> Shown:
    full, local = spec.show(value), value.astimezone()
    day = short_day(local.date(), today)
    return Shown(f"{day} {local:%H:%M}" if spec.tone == "clock" else day, raw=full, tip=full)


def full_text(spec: FieldSpec, value: Any, today: date) -> tuple[str, str]:
    """Return the text and the colour role of a value that stands by itself, as in a view of the record; empty for nothing."""
    if value is None or value == "":
        return "", "text3"
    if spec.kind.name == "money":
        sign = "-" if value < 0 else ""
        return f"{sign}¥{abs(value):,.2f}", "danger" if value < 0 or (spec.tone and value > 0) else "text"
    if spec.kind.name == "date" and spec.tone == "due":
        text, tone = near_day(value, today)
        return value.isoformat() if text == short_day(value, today) else f"{text} · {value.isoformat()}", tone
    text = spec.show(value)
    if spec.unit:
        text = f"{text} {_(spec.unit)}"
    return text, "danger" if spec.tone == "danger" and spec.kind.name in NUMBERS and value > 0 else "text"


def counted(spec: EntitySpec, count: int) -> str:
    """Return how many records of an entity there are, such as ``2 contracts``, to stand inside a sentence."""
    return _("{count} {entity}").format(count=f"{count:,}", entity=in_sentence(spec.singular if count == 1 else spec.plural))
