"""The archive: a whole company in one file, for backups and for moving between engines. A zip of.

- ``tables/NAME.ndjson``: each row as a JSON array on a line of its own, by id; whole numbers, texts and null, nothing else;
- ``manifest.json``: the format and the program's version, company, instant, last change, migrations, and for each table its
  columns, the number of rows, length and SHA-256 of its text, the highest id and the sums of money, in minor units.

With a password the zip is sealed as a whole (`base/age.py`).
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

from desktop_crm import __version__
from desktop_crm.base import age
from desktop_crm.base.errors import NewerDatabase, UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.models import tables
from desktop_crm.models.fields import EPOCH, InstantField
from desktop_crm.models.migrate import applied_migrations, known_migrations
from desktop_crm.models.tables import TableFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.models.database import Store

PROGRAM: Final = "Desktop CRM"
FORMAT: Final = 1
EXTENSION: Final = ".crmbackup"
MANIFEST: Final = "manifest.json"
SQLITE: Final = b"SQLite format 3\0"
ZIP: Final = b"PK\x03\x04"
LEVEL: Final = 1
"""More packs a tenth smaller and takes three times as long."""

MANIFEST_LIMIT: Final = 4 << 20
DIRECTORY_LIMIT: Final = 4 << 20
LINE_LIMIT: Final = 64 << 20
BLOCK: Final = 1 << 20
ROWS: Final = 2000
DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError, struct.error, RecursionError, OverflowError,
    NotImplementedError, RuntimeError,
)
"""How the libraries say that a file isn't what it claims to be."""


@dataclass(frozen=True)
class LastChange:
    """The last change set in an archive."""

    id: int
    at: datetime
    user: str
    label: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: see the module. `made_at` is aware UTC; `engine` is ``sqlite`` or ``mysql``."""

    version: str
    company: str
    made_at: datetime
    engine: str
    migrations: tuple[str, ...]
    last_change: LastChange | None
    tables: dict[str, TableFacts]

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(facts.rows for facts in self.tables.values())

    @property
    def size(self) -> int:
        """The length of all texts: about what the rows need on disk."""
        return sum(facts.bytes for facts in self.tables.values())

    def text(self) -> bytes:
        """Return the manifest as it is written."""
        content: dict[str, Any] = asdict(self) | {"program": PROGRAM, "format": FORMAT, "made_at": self.made_at.isoformat()}
        if self.last_change is not None:
            content["last_change"]["at"] = self.last_change.at.isoformat()
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def damaged(detail: object) -> UserError:
    """Return the message that an archive can't be used."""
    return UserError(_("The backup is damaged or was not written completely ({detail}). Nothing was changed. Choose another backup").format(detail=str(detail)[:200]))


def foreign(path: Path) -> UserError:
    """Return the message that a file is no archive at all."""
    return UserError(_("{path} is no backup of this program. Nothing was changed").format(path=path))


def write(store: Store, raw: BinaryIO, *, company: str, now: datetime, password: str = "", took: Callable[[int], None]) -> Manifest:
    """Write everything in `store`, which must not change meanwhile, to `raw`; return what was written. `took` is told the rows."""
    if not password:
        return _write_zip(store, raw, company, now, took)
    sealed = age.Sealing(raw, password)
    try:
        manifest = _write_zip(store, sealed, company, now, took)
        sealed.close()
    except BaseException:
        sealed.give_up()
        raise
    return manifest


def _write_zip(store: Store, raw: BinaryIO | age.Sealing, company: str, now: datetime, took: Callable[[int], None]) -> Manifest:
    found = {}
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as file:
        stamp = now.astimezone(UTC).timetuple()[:6]
        for table in tables.table_names(store):
            columns = tables.kept_columns(store, table)
            info = zipfile.ZipInfo(f"tables/{table}.ndjson", stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            with file.open(info, "w", force_zip64=True) as member:

                def take(text: bytes, rows: int, member: IO[bytes] = member) -> None:
                    member.write(text)
                    took(rows)

                rows, length, seal = tables.digest(store, table, columns, take)
            last = tables.last_id(store, table) if "id" in columns else 0
            found[table] = TableFacts(columns, rows, length, seal, last, tables.money_sums(store, table))
        manifest = Manifest(
            version=__version__, company=company, made_at=now.astimezone(UTC), engine="mysql" if store.mysql else "sqlite",
            migrations=tuple(sorted(applied_migrations(store))), last_change=last_change(store), tables=found,
        )
        file.writestr(zipfile.ZipInfo(MANIFEST, stamp), manifest.text(), zipfile.ZIP_DEFLATED)
    return manifest


def last_change(store: Store) -> LastChange | None:
    """Return the last change set of a database."""
    row = store.sql("SELECT id, at, user_name, label FROM change_set ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else LastChange(int(row[0]), InstantField("").from_database(row[1]) or EPOCH, row[2], row[3])


def kind_of(path: Path) -> str:
    """Return what a file is by its first bytes: ``archive``, ``sealed``, ``company`` (a SQLite file) or ``other``; raises UserError."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError as problem:
        raise UserError(_("There is no file {path}").format(path=path)) from problem
    except OSError as problem:
        raise UserError(_("{path} can't be read: {reason}").format(path=path, reason=disk_reason(problem))) from problem
    if age.is_sealed(head):
        return "sealed"
    return "archive" if head.startswith(ZIP) else "company" if head.startswith(SQLITE) else "other"


class Archive:
    """An archive that is open for reading: its `manifest`, and the rows of each table. Made by `opened`."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file = file
        self.manifest = manifest

    def pages(self, table: str) -> Iterator[list[list[Any]]]:
        """Yield the rows of a table in parts, each row as wide as its columns; raises UserError where they aren't what was written."""
        facts = self.manifest.tables[table]
        decode = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number).decode
        try:
            with self._file.open(f"tables/{table}.ndjson") as member:
                waiting: list[list[Any]] = []
                for line in _lines(member, facts.bytes):
                    row = decode(line.decode())
                    if type(row) is not list or len(row) != len(facts.columns):
                        raise ValueError(table)
                    waiting.append(row)
                    if len(waiting) == ROWS:
                        yield waiting
                        waiting = []
                if waiting:
                    yield waiting
        except DAMAGE as problem:
            raise damaged(f"{table}: {problem}") from problem


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _lines(member: IO[bytes], expected: int) -> Iterator[bytes]:
    """Yield the lines of a member that has `expected` bytes; raises ValueError where it has others or a line is too long."""
    rest, seen = b"", 0
    while block := member.read(BLOCK):
        seen += len(block)
        if seen > expected or len(rest) > LINE_LIMIT:
            raise ValueError(f"{seen}/{expected}")
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest or seen != expected:
        raise ValueError(f"{seen}/{expected}")


@contextmanager
def opened(path: Path, password: str = "") -> Iterator[Archive]:
    """Open the archive `path` for reading.

    Raises UserError where it is none, is damaged or can't be read, WrongPassword, and NewerDatabase where a newer program made it.
    """
    kind = kind_of(path)
    if kind not in ("archive", "sealed"):
        raise foreign(path)
    with path.open("rb") as raw:
        try:
            content = age.opened(raw, password) if kind == "sealed" else raw
            _refuse_large_directory(content)
            file = zipfile.ZipFile(content)
        except DAMAGE as problem:
            raise damaged(problem) from problem
        with file:
            yield Archive(file, _read_manifest(file, path))


def _refuse_large_directory(content: BinaryIO) -> None:
    """Raise ValueError where the list of members is larger than any archive's: it would be read into memory as a whole."""
    size = content.seek(0, 2)
    content.seek(max(0, size - 66_000))
    tail = content.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise ValueError("no end")
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0 and len(tail) >= wide + 56:
        entries, length = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    if length > DIRECTORY_LIMIT:
        raise ValueError(f"{entries} members")
    content.seek(0)


def _read_manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    names = {info.filename: info.file_size for info in file.infolist()}
    if MANIFEST not in names:
        raise foreign(path)
    if names[MANIFEST] > MANIFEST_LIMIT:
        raise damaged(MANIFEST)
    try:
        content = json.loads(file.read(MANIFEST))
        if not isinstance(content, dict) or content.get("program") != PROGRAM:
            raise foreign(path)
        _refuse_newer(content)
        manifest = _manifest_of(content)
    except DAMAGE as problem:
        raise damaged(problem) from problem
    except OSError as problem:
        raise damaged(problem) from problem
    expected = {f"tables/{table}.ndjson": facts.bytes for table, facts in manifest.tables.items()} | {MANIFEST: names[MANIFEST]}
    if expected != names or len(file.infolist()) != len(expected):
        raise damaged(_("its list of contents doesn't fit"))
    return manifest


def _refuse_newer(content: dict[str, Any]) -> None:
    """Raise NewerDatabase where a later version of the program made the archive."""
    if int(content["format"]) > FORMAT or set(content["migrations"]) - set(known_migrations()):
        version = str(content.get("version"))[:40]
        raise NewerDatabase(_("This backup was made by a newer version of the program ({version}). Update the program on this computer, then restore it").format(version=version))


def _manifest_of(content: dict[str, Any]) -> Manifest:
    """Return a manifest that was read; raises ValueError, KeyError or TypeError where it is none."""
    last = content["last_change"]
    found: dict[str, TableFacts] = {}
    for table, facts in content["tables"].items():
        columns = tuple(facts["columns"])
        if not all(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name) for name in (table, *columns, *facts["sums"])):
            raise ValueError(table)
        found[table] = TableFacts(
            columns, _natural(facts["rows"]), _natural(facts["bytes"]), str(facts["sha256"]), _natural(facts["last_id"]),
            {name: _whole(total) for name, total in facts["sums"].items()},
        )
    if not content["migrations"]:
        raise ValueError("migrations")
    return Manifest(
        version=str(content["version"]), company=str(content["company"]), made_at=_instant(content["made_at"]), engine=str(content["engine"]),
        migrations=tuple(map(str, content["migrations"])), tables=found,
        last_change=None if last is None else LastChange(_natural(last["id"]), _instant(last["at"]), str(last["user"]), str(last["label"])),
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant.astimezone(UTC)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError(value)
    return value


def _natural(value: object) -> int:
    if _whole(value) < 0:
        raise ValueError(value)
    return int(value)  # type: ignore[call-overload,no-any-return]  # _whole has seen to it
