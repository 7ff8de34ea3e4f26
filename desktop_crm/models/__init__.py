"""The records and their declarations; the only package that knows peewee."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

DRIVERS: Final = ("pymysql", "MySQLdb", "psycopg", "psycopg2", "psycopg2cffi")
SELDOM: Final = ("calendar", "hashlib", "socket", "uuid")
"""Of Python's own, what peewee uses in a few functions that a window's start calls none of. `hashlib` brings OpenSSL along, 3 MB, and `socket` its selectors."""


class _Later(ModuleType):
    """Stands in peewee for a module, and loads it when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def _load_peewee() -> None:
    """Import peewee without the drivers it looks for and what it seldom uses.

    It imports each it finds, and that of a server brings its cryptography along: a tenth of the time in which the window starts. A company
    on a server loads its driver when it is opened (`driver.server_driver`).
    """
    hidden = [name for name in (*DRIVERS, *SELDOM) if name not in sys.modules]
    sys.modules.update({name: _Later(name) if name in SELDOM else None for name in hidden})  # type: ignore[misc]  # None says that there is no such module
    try:
        import peewee  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


_load_peewee()
