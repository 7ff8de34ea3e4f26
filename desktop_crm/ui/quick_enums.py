"""Makes the enumerations of Qt in a third of the time, and their members when the first is asked for, which of most never happens.

PySide6 makes all enumerations of a class of Qt's when the first name of it is asked for: some 300 with 5,000 members until the first list is there, a sixth of the whole start. Python's own way
goes through a dozen questions a member that have one answer for numbers. What comes out is the same to the last attribute; in a Python where it wouldn't be, nothing is changed.
"""

from __future__ import annotations

import enum
import sys
import threading
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


class _Later(enum.EnumType):
    """What an enumeration is until somebody asks it for a member, in whatever way; from then on it is one like any other."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_fill(cls), name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return _fill(cls)(*args, **kwargs)

    def __getitem__(cls, name: str) -> Any:
        return _fill(cls)[name]

    def __iter__(cls) -> Any:
        return iter(_fill(cls))

    def __reversed__(cls) -> Any:
        return reversed(_fill(cls))

    def __len__(cls) -> int:
        return len(_fill(cls))

    def __contains__(cls, member: Any) -> bool:
        return member in _fill(cls)

    def __dir__(cls) -> Any:
        return dir(_fill(cls))


def _known_later(name: str) -> property:
    def known(cls: Any) -> Any:
        return getattr(_fill(cls), name)

    return property(known)


for _name in ("__members__", "_member_map_", "_member_names_", "_value2member_map_"):
    # What a metaclass has as a property stands before what the class itself has.
    setattr(_Later, _name, _known_later(_name))
_at_once = False
_waiting: dict[Any, list[tuple[str, int]]] = {}
_filling = threading.RLock()


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
    return _fill(begin(kind, name, members, module))


def begin(kind: Any, name: str, members: list[tuple[str, int]], module: str) -> Any:
    """Return the enumeration as it is until a member is asked for."""
    if kind not in _common:
        _common[kind] = {key: value for key, value in vars(create_slowly(kind, "Empty", [])).items() if not isinstance(value, list | dict)}
    space = {**_common[kind], "__module__": module, "_member_names_": [], "_member_map_": {}, "_value2member_map_": {}, "_unhashable_values_": []}
    if issubclass(kind, enum.Flag):
        numbers = [value for _label, value in members]
        mask = reduce(or_, numbers, 0)
        space.update(_flag_mask_=mask, _singles_mask_=reduce(or_, filter(_single, numbers), 0), _all_bits_=2 ** mask.bit_length() - 1)
    made: Any = type.__new__(_Later, name, (kind,), space)
    _waiting[made] = members
    return made


def fill_all() -> None:
    """Give all enumerations their members, now and from now on: where PySide6 looks for one by its old name, without that of its enumeration, it passes by those that have none yet."""
    global _at_once  # noqa: PLW0603 - how enumerations are made belongs to the process
    _at_once = True
    for made in list(_waiting):
        _fill(made)


def _fill(made: Any) -> Any:
    """Give an enumeration its members, if it has none yet, and return it; it is `_Later` until all are there, so every thread that asks for one waits."""
    with _filling:
        members = _waiting.pop(made, None)
        if members is None:
            return made
        put, space = type.__setattr__, type.__dict__["__dict__"].__get__(made)
        shown, by_name, by_value = space["_member_names_"], space["_member_map_"], space["_value2member_map_"]
        shown += _own(made, members)
        new, args = space["_new_member_"], space["_use_args_"]
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
            put(made, label, member)
        if issubclass(made, enum.Flag) and (values := [by_name[label]._value_ for label in shown]) != sorted(values):
            put(made, "_iter_member_", made._iter_member_by_def_)
        put(made, "__class__", enum.EnumType)
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
            made = begin(cls, class_name, list(names), module)
            return _fill(made) if _at_once else made
    return _python(cls, class_name, names, **{**options, "module": module})
