"""Reading untrusted JSON key by key, so that every refusal names its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.values import Formula, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
MAX_NAME: Final = 100


def refuse(place: str, problem: str) -> NoReturn:
    """Raise the UserError that says where in the template what is wrong."""
    raise UserError(_("The template can't be used. {place}: {problem}").format(place=place, problem=problem))


class Reader:
    """One JSON object at `place`. Each key is asked for once; `done` refuses the keys nobody asked for."""

    def __init__(self, data: object, place: str) -> None:
        self.place = place
        if not isinstance(data, dict):
            refuse(place, _("an object in braces is expected."))
        self._data: dict[str, Any] = data
        self._read: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether the object has `key`."""
        return key in self._data

    def raw(self, key: str, default: object = None) -> Any:
        """Return what stands under `key` unchecked."""
        self._read.add(key)
        return self._data.get(key, default)

    def raw_keys(self) -> list[str]:
        """Return the keys of an object whose keys are names chosen by its author."""
        return list(self._data)

    def at(self, key: str) -> str:
        """Return the place of `key` as messages show it."""
        return f"{self.place}.{key}" if self.place else key

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from `low` to `high`; without a default the key must be there."""
        value = self.raw(key, default)
        ok = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
        if not ok:
            refuse(self.at(key), _("a number from {low} to {high} is expected.").format(low=f"{low:g}", high=f"{high:g}"))
        return float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            refuse(self.at(key), _("true or false is expected."))
        return value

    def string(self, key: str, default: str | None = None, *, most: int = MAX_NAME) -> str:
        """Return a plain text of at most `most` characters."""
        value = self.raw(key, default)
        if not isinstance(value, str) or len(value) > most:
            refuse(self.at(key), _("a text of at most {count} characters is expected.").format(count=most))
        return value

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> Any:
        """Return one of `options`."""
        value = self.raw(key, default)
        if value not in options:
            refuse(self.at(key), _("one of {options} is expected.").format(options=", ".join(options)))
        return value

    def color(self, key: str, default: str) -> str:
        """Return a colour; empty only where the default is."""
        value = self.raw(key, default)
        if value == "" == default:
            return ""
        if not isinstance(value, str) or not COLOR.fullmatch(value):
            refuse(self.at(key), _("a colour such as #336699 is expected."))
        return value

    def text(self, key: str, default: str | None = None) -> Text:
        """Return a text with placeholders."""
        value = self.string(key, default, most=1000)
        try:
            return Text(value)
        except UserError as error:
            refuse(self.at(key), error.message)

    def formula(self, key: str) -> Formula | None:
        """Return an expression, or None where the key is missing."""
        return self.expression(key) if self.has(key) else None

    def expression(self, key: str) -> Formula:
        """Return an expression that must be there."""
        value = self.string(key, most=1000)
        try:
            return Formula(value)
        except UserError as error:
            refuse(self.at(key), error.message)

    def items(self, key: str, most: int) -> list[Any]:
        """Return a list of at most `most` items, empty where the key is missing."""
        value = self.raw(key, [])
        if not isinstance(value, list) or len(value) > most:
            refuse(self.at(key), _("a list of at most {count} items is expected.").format(count=most))
        return value

    def readers(self, key: str, most: int) -> list[Reader]:
        """Return a reader for each object of a list."""
        return [Reader(item, f"{self.at(key)}[{index}]") for index, item in enumerate(self.items(key, most), 1)]

    def reader(self, key: str) -> Reader | None:
        """Return a reader of the object under `key`, or None where the key is missing."""
        return Reader(self.raw(key), self.at(key)) if self.has(key) else None

    def done(self) -> None:
        """Refuse the keys that nobody read."""
        unknown = sorted(str(key) for key in self._data if key not in self._read)
        if unknown:
            refuse(self.at(unknown[0][:MAX_NAME]), _("this key isn't known."))
