"""The files of released versions: put in a place, as they were, with what was in them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymysql

FILES = sorted(Path(__file__).parent.glob("*.zip"))


def put(released: Path, url: str) -> None:
    """Make the company of a released version at `url`, an empty database or a file that isn't there yet."""
    with zipfile.ZipFile(released) as packed:
        if url.startswith("mysql"):
            parts = urlsplit(url)
            with pymysql.connect(host="127.0.0.1", port=parts.port or 0, user="root", database=parts.path[1:], autocommit=False, charset="utf8mb4") as connection:
                for statement in json.loads(packed.read("mariadb.json")):
                    connection.query(statement)
                connection.commit()
            return
        path = Path(url.removeprefix("sqlite:///").partition("?")[0])
        path.write_bytes(packed.read("company.sqlite3"))


def expected(released: Path, url: str) -> dict[str, Any]:
    """Return what is in it: `states` of records, `totals`, `history`, and what can be undone (`undoable`)."""
    with zipfile.ZipFile(released) as packed:
        found: dict[str, Any] = json.loads(packed.read("expected.json"))
    part: dict[str, Any] = found["mysql" if url.startswith("mysql") else "sqlite"]
    return part
