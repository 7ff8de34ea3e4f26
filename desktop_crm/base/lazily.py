"""What makes a module cheap to load: data classes and regular expressions that are made when they are first used.

The start loads some ninety data classes and as many expressions and uses a third of them. Making one takes half a millisecond to five, so together they took a sixth of the whole start.
"""

from __future__ import annotations

import dataclasses
import re
import threading
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "pattern"]

if TYPE_CHECKING:
    from dataclasses import dataclass
    from re import compile as pattern
else:

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """Make a data class like `dataclasses.dataclass`, whose methods are written when the first object is made or its fields are asked for.

        With ``slots`` the class is made at once, since that takes another class.
        """
        if cls is None:
            return lambda decorated: dataclass(decorated, **options)
        if options.get("slots") or "__init__" in cls.__dict__:
            return dataclasses.dataclass(cls, **options)
        return _DataClassLater(cls, options).cls

    def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
        """Return a regular expression like `re.compile`, compiled when it is first asked something. It is used by its methods, not given to those of `re`."""
        return _PatternLater(text, flags)


_making = threading.RLock()


class _DataClassLater:
    """Stands in a class for ``__dataclass_fields__`` until somebody asks, and behind its ``__init__`` until somebody calls it."""

    def __init__(self, cls: Any, options: dict[str, Any]) -> None:
        self.cls = cls
        self.options = options
        self.made = False

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
            dataclasses.dataclass(self.cls, **self.options)  # leaves an __init__ that is there
            names = {name: getattr(self.cls, name) for name in ("__module__", "__qualname__", "__doc__")}
            heir: Any = type(self.cls)(self.cls.__name__, (self.cls,), names)
            dataclasses.dataclass(heir, frozen=self.options.get("frozen", False), repr=False, eq=False)
            self.cls.__init__ = heir.__dict__["__init__"]


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
