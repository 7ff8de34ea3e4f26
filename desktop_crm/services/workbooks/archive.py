"""A spreadsheet's ZIP container, checked in full before any parser sees it."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST: Final = 2 * 1024**3
MOST_PARTS: Final = 5000
# Sheets of nothing but empty formatted rows reach 100 to 1; what is small unpacked can do no harm at any ratio.
LARGEST_RATIO: Final = 200
HARMLESS: Final = 32 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 256
_DECLARATION: Final = re.compile(rb"<\x00?\x00?!\x00?\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)")
_XML: Final = (".xml", ".rels", ".vml")
_SHEET_DATA: Final = (*_XML, ".bin")


# What the library says of damaged containers: its own errors, those of the packers, and of numbers and places that can't be.
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, OverflowError, IndexError, struct.error,
)  # fmt: skip


class Archive:
    """A checked ZIP container; `parts` maps each part's name, lower case with forward slashes, to its entry."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _BROKEN as error:
            raise Refused("truncated") from error
        self.parts = {entry.filename.replace("\\", "/").lower(): entry for entry in self._zip.infolist()}
        self._check_sizes()

    def _check_sizes(self) -> None:
        entries = self._zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if len(entries) > MOST_PARTS or unpacked > LARGEST or (unpacked > HARMLESS and unpacked > LARGEST_RATIO * max(packed, 1)):
            raise Refused("bomb")

    def names(self) -> set[str]:
        """Return the parts' names as they are written."""
        return {entry.filename for entry in self._zip.infolist()}

    def read(self, name: str) -> bytes:
        """Return one part, empty where there is none; the container's sizes were checked before."""
        entry = self.parts.get(name.lstrip("/").lower())
        if entry is None:
            return b""
        try:
            return self._zip.read(entry)
        except _BROKEN as error:
            raise Refused("checksum") from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield one part piece by piece, nothing where there is none; raises Refused."""
        entry = self.parts.get(name.lstrip("/").lower())
        if entry is None:
            return
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except _BROKEN as error:
            raise Refused("checksum") from error

    def check(self, telling: Callable[[bytes], bool]) -> set[str]:
        """Read every part that is parsed: refuse wrong checksums, sizes that lie, and XML that declares a document type or entities.

        A part whose declared size is too small fails its checksum, so that nothing larger than declared gets through. Returns the names, as in `parts`,
        of the XML parts of which a piece is `telling`; pieces overlap.
        """
        found = set()
        for name, entry in self.parts.items():
            if not name.endswith(_SHEET_DATA):
                continue
            is_xml = name.endswith(_XML)
            try:
                with self._zip.open(entry) as part:
                    tail = b""
                    while chunk := part.read(_CHUNK):
                        piece = tail + chunk if is_xml else b""
                        if b"!" in piece and _DECLARATION.search(piece):
                            raise Refused("entities")
                        if is_xml and name not in found and telling(piece):
                            found.add(name)
                        tail = piece[-_OVERLAP:]
            except _BROKEN as error:
                raise Refused("checksum") from error
        return found
