"""Reading untrusted JSON key by key: every problem is noted at its place and the reading goes on with something harmless."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.problems import TemplateProblem
from desktop_crm.printing.values import Formula, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
FORMAT: Final = re.compile(r"[a-z_]+(\([^()]{0,60}\))?")
MAX_NAME: Final = 100
MAX_TEXT: Final = 1000


class Reader:
    """One JSON object at the path `place`. Each key is asked for once; `done` complains of the keys nobody asked for.

    `problems` is shared by all readers of a template. What is wrong reads as the default or as the lowest value allowed.
    """

    def __init__(self, data: object, place: str, problems: list[TemplateProblem]) -> None:
        self.place, self.problems = place, problems
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._read: set[str] = set()
        if not isinstance(data, dict):
            self.complain(place, _("an object in braces is expected."))

    def complain(self, place: str, problem: str) -> None:
        """Note what is wrong at `place`."""
        self.problems.append(TemplateProblem(place, problem))

    def has(self, key: str) -> bool:
        """Tell whether the object has `key`."""
        return key in self._data

    def raw(self, key: str, default: object = None) -> Any:
        """Return what stands under `key` unchecked."""
        self._read.add(key)
        return self._data.get(key, default)

    def raw_keys(self) -> list[str]:
        """Return the keys of an object whose keys are names chosen by its author."""
        return [str(key) for key in self._data]

    def at(self, key: str | int) -> str:
        """Return the path of `key`."""
        return f"{self.place}/{key}" if self.place else str(key)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from `low` to `high`; without a default the key must be there."""
        value = self.raw(key, default)
        ok = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
        if not ok:
            self.complain(self.at(key), _("a number from {low} to {high} is expected.").format(low=f"{low:g}", high=f"{high:g}"))
            return low if default is None else default
        return float(value)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number as `number` does."""
        return int(self.number(key, low, high, default))

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            self.complain(self.at(key), _("true or false is expected."))
            return default
        return value

    def string(self, key: str, default: str | None = None, *, most: int = MAX_NAME) -> str:
        """Return a plain text of at most `most` characters."""
        value = self.raw(key, default)
        if not isinstance(value, str) or len(value) > most:
            self.complain(self.at(key), _("a text of at most {count} characters is expected.").format(count=most))
            return default or ""
        return value

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> Any:
        """Return one of `options`."""
        value = self.raw(key, default)
        if not isinstance(value, str) or value not in options:
            self.complain(self.at(key), _("one of {options} is expected.").format(options=", ".join(options)))
            return default or options[0]
        return value

    def color(self, key: str, default: str) -> str:
        """Return a colour; empty only where the default is."""
        value = self.raw(key, default)
        if value == "" == default:
            return ""
        if not isinstance(value, str) or not COLOR.fullmatch(value):
            self.complain(self.at(key), _("a colour such as #336699 is expected."))
            return default
        return value

    def text(self, key: str, default: str | None = None) -> Text:
        """Return a text with placeholders."""
        value = self.string(key, default, most=MAX_TEXT)
        try:
            return Text(value)
        except UserError as error:
            self.complain(self.at(key), error.message)
            return Text("")

    def content(self, key: str, default: str | None = None) -> Text:
        """Return the text under `key`, or what `field`, `format` and `empty` stand for in its place."""
        if not self.has("field"):
            text = self.text(key, default)
        else:
            if self.has(key):
                self.complain(self.at(key), _("there is either a field or a text."))
            text = self._field(self.expression("field").source)
        empty = self.string("empty", "")
        return Text(text.source, empty) if empty else text

    def _field(self, source: str) -> Text:
        wanted = self.string("format", "")
        if not wanted or not source:
            return Text("{{ " + source + " }}" if source else "")
        try:
            if not FORMAT.fullmatch(wanted):
                raise UserError(_("a filter such as money or shorten(20) is expected."))
            return Text("{{ " + Formula(f"({source})|{wanted}").source + " }}")
        except UserError as error:
            self.complain(self.at("format"), error.message)
            return Text("")

    def formula(self, key: str) -> Formula | None:
        """Return an expression, or None where the key is missing or empty."""
        return self.expression(key) if self.raw(key, "") != "" else None

    def expression(self, key: str) -> Formula:
        """Return an expression that must be there."""
        value = self.string(key, most=MAX_TEXT)
        try:
            return Formula(value)
        except UserError as error:
            self.complain(self.at(key), error.message)
            return Formula("''")

    def items(self, key: str, most: int) -> list[Any]:
        """Return a list of at most `most` items, empty where the key is missing."""
        value = self.raw(key, [])
        if not isinstance(value, list) or len(value) > most:
            self.complain(self.at(key), _("a list of at most {count} items is expected.").format(count=most))
            return []
        return value

    def readers(self, key: str, most: int) -> list[Reader]:
        """Return a reader for each object of a list."""
        return [Reader(item, f"{self.at(key)}/{index}", self.problems) for index, item in enumerate(self.items(key, most))]

    def reader(self, key: str) -> Reader | None:
        """Return a reader of the object under `key`, or None where the key is missing."""
        return Reader(self.raw(key), self.at(key), self.problems) if self.raw(key) is not None else None

    def done(self) -> None:
        """Complain of the keys that nobody read."""
        for key in sorted(str(key) for key in self._data if key not in self._read):
            self.complain(self.at(key[:MAX_NAME]), _("this key isn't known."))
