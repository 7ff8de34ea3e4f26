"""The records and their declarations; the only package that knows peewee."""

from __future__ import annotations

import sys
from typing import Final

DRIVERS: Final = ("pymysql", "MySQLdb", "psycopg", "psycopg2", "psycopg2cffi")


def _load_peewee() -> None:
    """Import peewee without the drivers it looks for.

    It imports each it finds, and that of a server brings its cryptography along: a tenth of the time in which the window starts. A company
    on a server loads its driver when it is opened (`driver.server_driver`).
    """
    hidden = [name for name in DRIVERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None says that there is no such module
    try:
        import peewee  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


_load_peewee()
