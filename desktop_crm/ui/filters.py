"""What a list is narrowed to, as the user chose it: shown as chips, asked as conditions, kept as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Ref
from desktop_crm.domain.conditions import EVERYTHING, Condition, Where, both
from desktop_crm.domain.periods import PERIODS
from desktop_crm.ui.show import NUMBERS

SHOWN_CHOICES: Final = 3
DATES: Final = ("date", "instant")
HIDDEN: Final = frozenset({"id", "version"})


def form_of(spec: FieldSpec) -> str:
    """Return how a field is filtered: ``choice link date number boolean text``."""
    if spec.choices:
        return "choice"
    if spec.link:
        return "link"
    name = spec.kind.name
    if name in DATES:
        return "date"
    if name in NUMBERS or name == "stars":
        return "number"
    return "boolean" if name == "boolean" else "text"


@dataclass(frozen=True)
class Filter:
    """One filter: `value` is, by the form of the field, a tuple of codes, a tuple of Ref, a period's name, a pair (from, to), a bool or a text.

    `empty` asks for records where the field holds nothing, `filled` for those where it holds something.
    """

    field: str
    value: Any = None
    empty: bool = False
    filled: bool = False

    def condition(self, spec: FieldSpec) -> Condition:
        """Return what the filter asks."""
        if self.empty:
            return Where(self.field, "empty")
        if self.filled:
            return Where(self.field, "filled")
        form = form_of(spec)
        if form in {"choice", "link"}:
            return Where(self.field, "in", tuple(int(one) if isinstance(one, Ref) else one for one in self.value))
        if form == "date" and isinstance(self.value, str):
            return Where(self.field, "period", self.value)
        if form in {"date", "number"}:
            return self._range(spec)
        return Where(self.field, "eq" if form == "boolean" else "contains", self.value)

    def _range(self, spec: FieldSpec) -> Condition:
        first, last = self.value
        instant = spec.kind.name == "instant"
        lower = Where(self.field, "ge", _midnight(first) if instant else first) if first is not None else EVERYTHING
        if last is None:
            return lower
        upper = Where(self.field, "lt", _midnight(last + timedelta(days=1))) if instant else Where(self.field, "le", last)
        return both(lower, upper)

    def text(self, spec: FieldSpec) -> str:
        """Return what the chip says."""
        return _("{field}: {value}").format(field=spec.title, value=self._value_text(spec))

    def _value_text(self, spec: FieldSpec) -> str:
        if self.empty:
            return _("empty")
        if self.filled:
            return _("filled in")
        form = form_of(spec)
        if form in {"choice", "link"}:
            names = [spec.show(one) for one in self.value]
            more = f" +{len(names) - SHOWN_CHOICES}" if len(names) > SHOWN_CHOICES else ""
            return " / ".join(names[:SHOWN_CHOICES]) + more
        if isinstance(self.value, str) and form == "date":
            return _(PERIODS[self.value])
        if form in {"date", "number"}:
            return self._range_text(spec)
        return spec.show(self.value)

    def _range_text(self, spec: FieldSpec) -> str:
        first, last = ("" if one is None else one.isoformat() if isinstance(one, date) else spec.show(one) for one in self.value)
        if first and last:
            return first if first == last else f"{first} – {last}"
        return _("from {value}").format(value=first) if first else _("up to {value}").format(value=last)

    def to_data(self, spec: FieldSpec) -> dict[str, Any]:
        """Return the filter as JSON holds it."""
        value: Any = self.value
        form = form_of(spec)
        if form == "link" and value is not None:
            value = [[int(one), one.title] for one in value]
        elif isinstance(value, tuple):
            value = [None if one is None else one.isoformat() if isinstance(one, date) else one if isinstance(one, str) else spec.edit(one) for one in value]
        return {"field": self.field, "value": value, "empty": self.empty, "filled": self.filled}

    @classmethod
    def from_data(cls, data: dict[str, Any], spec: FieldSpec) -> Filter:
        """Read back what `to_data` wrote; raises ValueError, KeyError or ValueProblem on anything else."""
        value = data["value"]
        form = form_of(spec)
        if form == "link" and value is not None:
            value = tuple(Ref(int(key), str(title)) for key, title in value)
        elif form == "choice" and value is not None:
            value = tuple(str(code) for code in value)
        elif form == "date" and isinstance(value, list):
            value = tuple(None if one is None else date.fromisoformat(one) for one in value)
        elif form == "number" and isinstance(value, list):
            value = tuple(None if one is None else spec.parse(one) for one in value)
        elif form == "date" and value is not None and value not in PERIODS:
            raise ValueError(value)
        return cls(data["field"], value, bool(data["empty"]), bool(data["filled"]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone(UTC)


@dataclass(frozen=True)
class ListState:
    """What a list shows: the tab it began from, the filters, the words searched for, and the order."""

    view: str = ""
    filters: tuple[Filter, ...] = ()
    text: str = ""
    sort: str = ""
    descending: bool = False

    def to_data(self, spec: EntitySpec) -> dict[str, Any]:
        """Return the state as JSON holds it."""
        filters = [one.to_data(spec.fields[one.field]) for one in self.filters]
        return {"view": self.view, "filters": filters, "text": self.text, "sort": self.sort, "descending": self.descending}

    @classmethod
    def from_data(cls, data: dict[str, Any], spec: EntitySpec) -> ListState:
        """Read back what `to_data` wrote; a field the list no longer has, or that was misread, is passed over."""
        filters = []
        for one in data.get("filters", ()):
            known = spec.fields.get(str(one.get("field", "")))
            if known is not None:
                try:
                    filters.append(Filter.from_data(one, known))
                except (ValueError, KeyError, TypeError, ValueProblem):
                    continue
        sort = str(data.get("sort", ""))
        return cls(str(data.get("view", "")), tuple(filters), str(data.get("text", "")), sort if sort in spec.fields else "", bool(data.get("descending")))


def filterable(spec: EntitySpec) -> tuple[list[FieldSpec], list[FieldSpec]]:
    """Return the fields a list is usually filtered by, and the further ones it can be."""
    first = [spec.fields[name] for name in spec.filters]
    return first, [one for one in spec.fields.values() if one not in first and one.name not in HIDDEN]
