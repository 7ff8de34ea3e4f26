"""Makes the enumerations of Qt in a third of the time.

PySide6 makes all enumerations of a class of Qt's when the first name of it is asked for: some 300 with 5,000 members until the first list is there, a sixth of the whole start. Python's own way
goes through a dozen questions a member that have one answer for numbers. What comes out is the same to the last attribute; in a Python where it wouldn't be, nothing is changed.
"""

from __future__ import annotations

import enum
import sys
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any, Final

KINDS: Final = (enum.Enum, enum.Flag, enum.IntEnum, enum.IntFlag)
SAMPLE: Final = [("NOTHING", 0), ("SECOND", 2), ("FIRST", 1), ("AGAIN", 1), ("BOTH", 3), ("MINUS", -4)]
"""All that can be special about one: zero, no order, the same again, several bits, below zero."""

_maker: Any = enum.EnumType
_python: Any = getattr(_maker, "_create_", None)
_common: dict[Any, dict[str, Any]] = {}
_taken: Final = {kind: frozenset().union(*map(vars, kind.__mro__)) for kind in KINDS}
"""Names that a kind has by itself: a member called so is more than a number with a name."""


def install() -> None:
    """Have enumerations of numbers, as PySide6 asks for them, made quickly from now on."""
    with suppress(AttributeError, TypeError, ValueError):
        if all(seen(create(kind, "Sample", SAMPLE)) == seen(create_slowly(kind, "Sample", SAMPLE)) for kind in KINDS):
            _maker._create_ = _create


def seen(made: Any) -> dict[str, Any]:
    """Return all there is about an enumeration, so that it can be compared with another."""
    def told(value: Any) -> Any:
        if isinstance(value, made):
            return {key: one for key, one in vars(value).items() if key != "__objclass__"}, getattr(value, "__objclass__", None) is made
        return [(key, told(one)) for key, one in value.items()] if isinstance(value, dict) else str(value.__func__ if isinstance(value, staticmethod) else value)

    return {key: told(value) for key, value in vars(made).items()}


def create_slowly(kind: Any, name: str, members: list[tuple[str, int]], module: str = __name__) -> Any:
    """Return an enumeration as Python makes it."""
    return _python(kind, name, members, module=module, boundary=enum.KEEP)


def create(kind: Any, name: str, members: list[tuple[str, int]], module: str = __name__) -> Any:
    """Return the same enumeration, made in one go."""
    if kind not in _common:
        _common[kind] = {key: value for key, value in vars(create_slowly(kind, "Empty", [])).items() if not isinstance(value, list | dict)}
    numbers = [value for _label, value in members]
    shown = _own(kind, members)
    by_name: dict[str, Any] = {}
    by_value: dict[int, Any] = {}
    space = {**_common[kind], "__module__": module, "_member_names_": shown, "_member_map_": by_name, "_value2member_map_": by_value, "_unhashable_values_": []}
    if issubclass(kind, enum.Flag):
        mask = reduce(or_, numbers, 0)
        space.update(_flag_mask_=mask, _singles_mask_=reduce(or_, filter(_single, numbers), 0), _all_bits_=2 ** mask.bit_length() - 1)
    made: Any = type.__new__(enum.EnumType, name, (kind,), space)
    new, args = made._new_member_, made._use_args_
    own = set(shown)
    before = 0
    for label, value in members:
        member = by_value.get(value)
        if member is None:
            member = by_value[value] = new(made, value) if args else new(made)
            member._value_, member._name_, member.__objclass__, member._sort_order_ = value, label, made, before
            before += label in own
        by_name[label] = member
    for label, member in by_name.items():  # last: with each attribute Python forgets what it knew about the class
        type.__setattr__(made, label, member)
    if "_flag_mask_" in space and (values := [by_name[label]._value_ for label in shown]) != sorted(values):
        made._iter_member_ = made._iter_member_by_def_
    return made


def _single(value: int) -> bool:
    return value & (value - 1) == 0 != value


def _own(kind: Any, members: list[tuple[str, int]]) -> list[str]:
    """Return the names that stand for themselves: the first of each value, and of flags those of one bit."""
    first = {value: label for label, value in reversed(members)}
    if issubclass(kind, enum.Flag):
        return [label for label, value in members if first[value] == label and _single(value)]
    return [label for label, value in members if first[value] == label]


def _create(cls: Any, class_name: str, names: Any, **options: Any) -> Any:
    """Stand in the place of ``EnumType._create_``."""
    module = str(options.get("module") or sys._getframe(2).f_globals.get("__name__"))  # noqa: SLF001 - whoever called, as Python finds it
    usual = cls in KINDS and options.get("boundary") is enum.KEEP and not options.get("type") and not options.get("qualname") and isinstance(names, list | tuple)
    if usual and names:
        labels, values = zip(*names, strict=True)
        if set(map(type, values)) == {int} and _taken[cls].isdisjoint(labels) and not any(label.startswith("_") for label in labels):
            return create(cls, class_name, names, module)
    return _python(cls, class_name, names, **{**options, "module": module})
