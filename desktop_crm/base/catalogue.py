"""A compiled catalogue of gettext's (.mo) that is searched rather than read: of two thousand texts a window shows some hundred."""

from __future__ import annotations

import gettext
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAGIC: Final = 0x950412DE
"""What a catalogue written on any of today's machines begins with (GNU gettext manual, “The Format of GNU MO Files”)."""


class Catalogue(gettext.NullTranslations):
    """The texts of one language. Its originals are sorted, those that depend on a count by their singular. Raises OSError where the file can't be read or is none."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._data = path.read_bytes()
        magic, _version, self._count, self._originals, self._texts = struct.unpack_from("<5I", self._data.ljust(20, b"\0"))
        if magic != MAGIC:
            raise OSError(0, "no catalogue", str(path))
        self._found: dict[str, str] = {}
        header = dict(line.partition(":")[::2] for line in (self._search("") or "").splitlines())
        forms = header.get("Plural-Forms", "").partition("plural=")[2].strip().rstrip(";")
        self._form = gettext.c2py(forms or "n != 1")

    def _at(self, table: int, place: int) -> str:
        length, start = struct.unpack_from("<2I", self._data, table + 8 * place)
        return self._data[start : start + length].decode()

    def _search(self, message: str) -> str | None:
        """Return the translation of `message`, all its forms where it depends on a count."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            original = self._at(self._originals, middle).partition("\0")[0]
            if original == message:
                return self._at(self._texts, middle)
            low, high = (middle + 1, high) if original < message else (low, middle)
        return None

    def gettext(self, message: str) -> str:
        """Return the translation of a text, the text itself where there is none."""
        found = self._found.get(message)
        if found is None:
            text = self._search(message)
            found = self._found[message] = message if text is None else self._in_form(text, 1)
        return found

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the translation of a text that depends on a count."""
        text = self._search(msgid1)
        if text is None:
            return msgid1 if n == 1 else msgid2
        return self._in_form(text, n)

    def _in_form(self, text: str, count: int) -> str:
        return text.split("\0")[self._form(count)] if "\0" in text else text
