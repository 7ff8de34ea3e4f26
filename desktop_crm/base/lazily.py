"""What makes a module cheap to load: data classes and regular expressions that are made when they are first used, modules that are loaded then, named tuples without a look at their types.

The start loads some ninety data classes and as many expressions and uses a third of them. Making one takes half a millisecond to five, so together they took a sixth of the whole start.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import threading
from collections import namedtuple
from importlib import import_module
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Final

__all__ = ["NamedTuple", "dataclass", "module", "pattern"]

if TYPE_CHECKING:
    from dataclasses import dataclass
    from re import compile as pattern
    from typing import NamedTuple
else:

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """Make a data class like `dataclasses.dataclass`, whose methods are written when the first object is made or its fields are asked for.

        With ``slots`` the class is made at once, since that takes another class.
        """
        if cls is None:
            return lambda decorated: dataclass(decorated, **options)
        if options.get("slots"):
            return dataclasses.dataclass(cls, **options)
        return _DataClassLater(cls, options).cls

    class _Naming(type):
        """Makes named tuples of annotated classes like `typing.NamedTuple`, which compiles each annotation to look at it."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Any:
            if not bases:
                return super().__new__(cls, name, bases, space)
            names = space.pop("__annotations__", {})
            made: Any = namedtuple(name, names, defaults=[space.pop(one) for one in names if one in space], module=space["__module__"])  # noqa: PYI024 - the types are the checker's business
            made.__annotations__ = names
            for key, value in space.items():
                if key not in {"__module__", "__qualname__", "__classcell__"}:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Naming):
        """Stands before the fields of a named tuple."""

    def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
        """Return a regular expression like `re.compile`, compiled when it is first asked something. It is used by its methods, not given to those of `re`."""
        return _PatternLater(text, flags)


PLAIN: Final = {"frozen", "eq"}
"""Options with which a class is written here; with others `dataclasses` does all of it."""
FEW: Final = 50
"""So many objects are made without ``__init__``, by putting their values in place: to compile one takes as long as a hundred of them. Most classes make fewer in a start."""
FROZEN: Final = ("__setattr__", "__delattr__")
_making = threading.RLock()


class _DataClassLater:
    """Stands in a class for ``__dataclass_fields__`` until somebody asks, and behind its ``__init__`` until somebody calls it."""

    def __init__(self, cls: Any, options: dict[str, Any]) -> None:
        self.cls = cls
        self.options = options
        self.made = False
        self.own = cls.__dict__.get("__init__")

        def __init__(this: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it is one
            self.make()
            cls.__init__(this, *args, **kwargs)

        cls.__init__ = __init__
        cls.__dataclass_fields__ = self

    def __get__(self, _instance: object, _owner: type) -> dict[str, dataclasses.Field[Any]]:
        self.make()
        fields: dict[str, dataclasses.Field[Any]] = self.cls.__dataclass_fields__
        return fields

    def make(self) -> None:
        """Write the methods. ``__init__`` comes last: until then every thread that makes an object waits here, so none sees a class that is half made."""
        with _making:
            if self.made:
                return
            self.made = True
            if self.options.keys() <= PLAIN and self._written():
                return
            dataclasses.dataclass(self.cls, **self.options)  # leaves an __init__ that is there
            if self.own is not None:
                self.cls.__init__ = self.own
                return
            names = {name: getattr(self.cls, name) for name in ("__module__", "__qualname__", "__doc__")}
            heir: Any = type(self.cls)(self.cls.__name__, (self.cls,), names)
            dataclasses.dataclass(heir, frozen=self.options.get("frozen", False), repr=False, eq=False)
            self.cls.__init__ = heir.__dict__["__init__"]

    def _written(self) -> bool:
        """Write what a plain class needs with one text to compile instead of nine; tells whether it is one."""
        cls, frozen = self.cls, self.options.get("frozen", False)
        cls.__doc__ = cls.__doc__ or cls.__name__  # where such texts are left out, `dataclasses` would write a signature for each
        first = not any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:])
        dataclasses.dataclass(cls, init=False, repr=False, eq=False, frozen=frozen and not first)
        fields = dataclasses.fields(cls)
        if len(fields) < len(cls.__dataclass_fields__):  # some are no fields but arguments or the class's own
            for name in FROZEN if frozen and not first else ():
                delattr(cls, name)
            return False
        if frozen and first:
            cls.__setattr__, cls.__delattr__ = _refusing(cls, frozenset(cls.__dataclass_fields__))
            cls.__dataclass_params__.frozen = True
        own = dict(vars(cls))
        compared = [field.name for field in fields if field.compare]
        values: Any = attrgetter(*compared) if len(compared) > 1 else lambda this: tuple(getattr(this, name) for name in compared)
        if "__repr__" not in own:
            cls.__repr__ = _shown(tuple(field.name for field in fields if field.repr))
        if self.options.get("eq", True) and "__eq__" not in own:
            cls.__eq__ = lambda this, other: values(this) == values(other) if other.__class__ is this.__class__ else NotImplemented
            if own.get("__hash__") is None:
                cls.__hash__ = (lambda this: hash(values(this))) if frozen else None
        cls.__init__ = self.own or _simply(cls, fields, frozen=frozen)
        return True


def _refusing(cls: Any, names: frozenset[str]) -> tuple[Any, Any]:
    """Return what a frozen class sets and deletes with."""
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - it is one
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807 - it is one
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__


def _shown(names: tuple[str, ...]) -> Any:
    return recursive_repr()(lambda this: f"{type(this).__qualname__}({', '.join(f'{name}={getattr(this, name)!r}' for name in names)})")


def _simply(cls: Any, fields: tuple[dataclasses.Field[Any], ...], *, frozen: bool) -> Any:
    """Return what stands for ``__init__`` until FEW objects are made, or one otherwise than it understands."""
    names = tuple(field.name for field in fields if field.init and not field.kw_only)
    wanted = frozenset(field.name for field in fields if field.init)
    known = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    made = {field.name: field.default_factory for field in fields if field.default_factory is not dataclasses.MISSING}
    order = tuple(field.name for field in fields if field.name in wanted or field.name in known or field.name in made)
    after = hasattr(cls, "__post_init__")
    count = itertools.count()

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it is one
        given = dict(zip(names, args, strict=False))
        both = {**given, **kwargs}
        if next(count) >= FEW or len(args) > len(names) or len(both) < len(given) + len(kwargs) or not wanted.issuperset(both):
            cls.__init__ = _beginning(cls, fields, frozen=frozen)
            cls.__init__(self, *args, **kwargs)
            return
        values = known | {name: make() for name, make in made.items() if name not in both} | both
        if len(values) < len(order):
            _beginning(cls, fields, frozen=frozen)(self, *args, **kwargs)  # which says what is missing
        self.__dict__.update((name, values[name]) for name in order)
        if after:
            self.__post_init__()

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__


def _beginning(cls: Any, fields: tuple[dataclasses.Field[Any], ...], *, frozen: bool) -> Any:
    """Return ``__init__``."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_unset": dataclasses.MISSING}
    given: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for number, field in enumerate(fields):
        value = argument = field.name
        if field.default is not dataclasses.MISSING:
            known[f"_{number}"] = field.default
            argument += f"=_{number}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_{number}"] = field.default_factory
            argument += "=_unset"
            value = f"_{number}() if {value} is _unset else {value}" if field.init else f"_{number}()"
        elif not field.init:
            continue
        if field.init:
            (named if field.kw_only else given).append(argument)
        if field.init or value != field.name:
            lines.append(f"_set(self, {field.name!r}, {value})" if frozen else f"self.{field.name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def __init__({', '.join(['self', *given, *(['*', *named] if named else [])])}):\n  " + "\n  ".join(lines or ["pass"])
    exec(text, known)  # noqa: S102 - its own text of its own names
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


class _PatternLater:
    """An expression; its methods are the compiled one's, kept here once they were asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags
        self._made: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = re.compile(self._text, self._flags)
        found = getattr(self._made, name)
        setattr(self, name, found)
        return found


def module(name: str) -> Any:
    """Return what stands for a module until something of it is asked for. The checkers are told of it by an import under ``TYPE_CHECKING``."""
    return _ModuleLater(name)


class _ModuleLater:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
