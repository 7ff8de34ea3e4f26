"""The fonts that ship with the program, measured; a character they lack is taken from the next one and reported where all lack it."""

from __future__ import annotations

import re
import threading
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from desktop_crm.base.resources import resource
from desktop_crm.printing.marks import POINT

REGULAR: Final = "regular"
BOLD: Final = "bold"
FAMILIES: Final = ("sans",)
"""The families a template may name. One so far: a second of Chinese would add 15 MB to the program."""
SHIPPED: Final = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf"}
SHIPPED_FALLBACKS: Final = {"rare": "NotoSansSC-Rare.ttf", "symbols": "DejaVuSans-Symbols.ttf"}

# TrueType fonts with many rare characters that the systems bring along; reportlab can't read the others (CFF).
SYSTEM_FALLBACKS: Final = (
    Path("C:/Windows/Fonts/simsunb.ttf"),
    Path("C:/Windows/Fonts/simsun.ttc"),
    Path("/System/Library/Fonts/Supplemental/Songti.ttc"),
    Path("/Library/Fonts/Arial Unicode.ttf"),
    Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"),
)
REPLACEMENT: Final = "〓"
REMEMBERED: Final = 5000
"""Texts of which a book remembers the measures."""
LONG_CODE: Final = re.compile(r"<([0-9A-F]{5,6})>")


class _Measured(NamedTuple):
    """A text at a size of 1000: its width, its runs of one font, and its characters that no font has."""

    width: float
    runs: tuple[tuple[str, str, float], ...]
    missing: frozenset[str]


class FontBook:
    """Measures text and chooses the font of each character.

    `system` lets fonts of the computer help with characters the shipped ones lack. `missing` collects the characters that no font has;
    〓, the printer's sign for a missing sort, stands in their place. Files are read when first needed (about 0.15 s each of the two large ones).
    """

    def __init__(self, *, system: bool = True) -> None:
        self.missing: set[str] = set()
        self._lock = threading.RLock()
        self._fonts: dict[str, TTFont] = {}
        self._chosen: dict[tuple[str, str], tuple[str, float, str]] = {}
        self._paths: dict[str, Path] = {}
        self._measured: dict[tuple[str, str], _Measured] = {}
        extra = [path for path in SYSTEM_FALLBACKS if path.is_file()] if system else []
        self._fallbacks = [*SHIPPED_FALLBACKS, *(f"system-{path.stem}" for path in extra)]
        self._paths.update({f"system-{path.stem}": path for path in extra})

    def path(self, font: str) -> Path:
        """Return the file of `font`, for a painter that loads it by itself."""
        if font not in self._paths:
            self._paths[font] = resource(f"fonts/{(SHIPPED | SHIPPED_FALLBACKS)[font]}")
        return self._paths[font]

    def load(self, font: str) -> TTFont:
        """Return the parsed font, registered for drawing under `pdf_name`."""
        with self._lock:
            if font not in self._fonts:
                self._fonts[font] = _read(str(self.path(font)))
            return self._fonts[font]

    def pdf_name(self, font: str) -> str:
        """Return the name reportlab knows `font` by."""
        return str(self.load(font).fontName)

    def _choose(self, font: str, sign: str) -> tuple[str, float, str]:
        """Return the font that has `sign`, its advance in thousandths of the size, and the sign to draw."""
        known = self._chosen.get((font, sign))
        if known is None:
            with self._lock:
                known = self._chosen[font, sign] = self._find(font, sign)
        if known[2] == REPLACEMENT and sign != REPLACEMENT:
            self.missing.add(sign)
        return known

    def _find(self, font: str, sign: str) -> tuple[str, float, str]:
        code = ord(sign)
        for candidate in (font, *self._fallbacks):
            try:
                face = self.load(candidate).face
            except TTFError:
                # A font of the system that can't be embedded is as good as none.
                self._fallbacks.remove(candidate)
                return self._find(font, sign)
            if code in face.charToGlyph:
                return candidate, float(face.getCharWidth(code)), sign
        return font, float(self.load(font).face.getCharWidth(ord(REPLACEMENT))), REPLACEMENT

    def advances(self, text: str, font: str, size: float) -> list[float]:
        """Return the width of each character of `text` in mm."""
        scale = size * POINT / 1000
        return [self._choose(font, sign)[1] * scale for sign in text]

    def width(self, text: str, font: str, size: float) -> float:
        """Return the width of `text` in mm."""
        return self._measure(text, font).width * (size * POINT / 1000)

    def runs(self, text: str, font: str, size: float) -> list[tuple[str, str, float]]:
        """Split `text` into runs of one font: (font, text to draw, width in mm)."""
        scale = size * POINT / 1000
        return [(name, drawn, width * scale) for name, drawn, width in self._measure(text, font).runs]

    def _measure(self, text: str, font: str) -> _Measured:
        """Return a text measured at a size of 1000; titles, units and names come again on every page."""
        known = self._measured.get((font, text))
        if known is None:
            known = self._measure_anew(text, font)
            if len(self._measured) < REMEMBERED:
                self._measured[font, text] = known
        if known.missing:
            self.missing |= known.missing
        return known

    def _measure_anew(self, text: str, font: str) -> _Measured:
        chosen = [self._choose(font, sign) for sign in text]
        runs = []
        for name, group in groupby(chosen, key=lambda item: item[0]):
            items = list(group)
            runs.append((name, "".join([item[2] for item in items]), sum([item[1] for item in items])))
        missing = frozenset(sign for sign, found in zip(text, chosen, strict=True) if found[2] == REPLACEMENT and sign != REPLACEMENT)
        return _Measured(sum([run[2] for run in runs]), tuple(runs), missing)


class _Font(TTFont):  # type: ignore[misc]
    """A font whose characters beyond U+FFFF can be copied and searched in the PDF.

    reportlab 5.1 writes them as five hexadecimal digits into the ToUnicode map, where PDF asks for UTF-16.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - reportlab's name
        """Add the subsets to the document, with their maps put right."""
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                stream.content = LONG_CODE.sub(lambda code: f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>", stream.content)


@cache
def _read(path: str) -> TTFont:
    """Return the font of a file, read once a process and registered with reportlab under its file name."""
    font = _Font(Path(path).stem, path)
    pdfmetrics.registerFont(font)
    return font


@cache
def shared_fonts() -> FontBook:
    """Return the book the program uses everywhere, with the system's fonts behind the shipped ones."""
    return FontBook()
