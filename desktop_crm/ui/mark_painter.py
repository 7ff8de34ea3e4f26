"""Painting placed marks with Qt: a printer, a picture and the designer's paper get the same page as the PDF, as vectors, at its exact size in millimetres."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGlyphRun, QImage, QPainter, QPen, QRawFont

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import SHIPPED, FontBook, shared_fonts
from desktop_crm.printing.marks import POINT, BarsMark, ImageMark, LineMark, Mark, Page, RectMark, TextMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Pens and pictures in units of 1/100 mm stay well above the device's rounding.
UNITS: Final = 100
REMEMBERED: Final = 2000
"""Texts of which a thread keeps the glyphs."""


class _Faces(threading.local):
    """The shipped fonts as Qt has them, a thread's own: Qt's raw fonts belong to the thread that made them. Reading a file of one takes long, another size of it nothing."""

    def __init__(self) -> None:
        self.read: dict[str, QRawFont] = {}
        self.sized: dict[tuple[str, int], QRawFont] = {}
        self.system: dict[tuple[str, int], QRawFont] = {}
        self.runs: dict[tuple[str, str, float, bool], QGlyphRun] = {}

    def font(self, path: str, pixels: int) -> QRawFont:
        """Return a font by its file: the files share one family name, so that by name another one might come."""
        key = path, pixels
        if key not in self.sized:
            if path not in self.read:
                font = QRawFont(path, pixels, QFont.HintingPreference.PreferNoHinting)
                if not font.isValid():
                    raise UserError(_("The font {path} can't be read. Install the program anew").format(path=path))
                self.read[path] = font
            sized = QRawFont(self.read[path])
            sized.setPixelSize(pixels)
            self.sized[key] = sized
        return self.sized[key]

    def printed(self, path: str, pixels: int) -> QRawFont:
        """Return the same font as the system's, so that a printer gets text and not outlines; the file's own where that isn't the same one."""
        own, key = self.font(path, pixels), (path, pixels)
        if key not in self.system:
            asked = QFont(_family(path))
            asked.setPixelSize(pixels)
            asked.setWeight(QFont.Weight(own.weight()))
            asked.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            found = QRawFont.fromFont(asked)
            # The shipped files share one family, and another of its name may be installed: the table "head" of two files is never the same.
            self.system[key] = found if found.fontTable("head") == own.fontTable("head") else own
        return self.system[key]


@cache
def _family(path: str) -> str:
    """Make a shipped font known to the system and return its family."""
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(path))
    return families[0] if families else ""


_FACES: Final = _Faces()


def read_faces() -> Iterator[None]:
    """Read the shipped fonts one by one, for a page that is going to paint with them."""
    for name in SHIPPED:
        _FACES.font(str(shared_fonts().path(name)), UNITS)
        yield


class PagePainter:
    """Paints pages with one painter.

    `dots_per_mm` is the device's resolution across and down. What a preprinted form already has is painted on a `screen` only.
    """

    def __init__(self, painter: QPainter, dots_per_mm: tuple[float, float], *, fonts: FontBook | None = None, screen: bool = False) -> None:
        self._painter, self._dots, self._screen = painter, dots_per_mm, screen
        self._book = fonts or shared_fonts()

    def paint(self, page: Page) -> None:
        """Paint a page from the painter's origin; raises UserError where a font can't be read."""
        self.paint_marks(page.marks)

    def paint_marks(self, marks: Iterable[Mark]) -> None:
        """Paint some marks of a page."""
        painter = self._painter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(self._dots[0] / UNITS, self._dots[1] / UNITS)
        for mark in marks:
            if self._screen or not mark.screen_only:
                self._mark(mark)
        painter.restore()

    def _mark(self, mark: Mark) -> None:
        painter = self._painter
        match mark:
            case TextMark():
                self._text(mark)
            case LineMark():
                painter.setPen(_line_pen(mark))
                painter.drawLine(QPointF(mark.x, mark.y) * UNITS, QPointF(mark.x2, mark.y2) * UNITS)
            case RectMark():
                pen = QPen(QColor(mark.color), mark.thickness * UNITS)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen if mark.thickness else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(mark.fill) if mark.fill else Qt.BrushStyle.NoBrush)
                painter.drawRect(_rect(mark.x, mark.y, mark.width, mark.height))
            case ImageMark():
                painter.drawImage(_rect(mark.x, mark.y, mark.width, mark.height), QImage.fromData(mark.data))
            case BarsMark():
                for x, y, width, height in mark.bars:
                    painter.fillRect(_rect(mark.x + x, mark.y + y, width, height), QColor("#000000"))

    def _font(self, name: str, points: float) -> QRawFont:
        path, pixels = str(self._book.path(name)), max(1, round(points * POINT * UNITS))
        return _FACES.font(path, pixels) if self._screen else _FACES.printed(path, pixels)

    def _text(self, mark: TextMark) -> None:
        painter, place = self._painter, QPointF(mark.x, mark.y) * UNITS
        painter.setPen(QColor(mark.color))
        if not mark.angle:
            painter.drawGlyphRun(place, self._run(mark))
            return
        painter.save()
        painter.translate(place)
        painter.rotate(-mark.angle)
        painter.drawGlyphRun(QPointF(0, 0), self._run(mark))
        painter.restore()

    def _run(self, mark: TextMark) -> QGlyphRun:
        """Return the characters of a text in their places; the same page is painted again whenever something moves over it."""
        key = mark.text, mark.font, mark.size, self._screen
        run = _FACES.runs.get(key)
        if run is None:
            if len(_FACES.runs) >= REMEMBERED:
                _FACES.runs.clear()
            run = _FACES.runs[key] = self._made_run(mark)
        return run

    def _made_run(self, mark: TextMark) -> QGlyphRun:
        font, numbers, positions, left = self._font(mark.font, mark.size), [], [], 0.0
        # The PDF's own widths, so that every character stands where it stands there.
        for sign, advance in zip(mark.text, self._book.advances(mark.text, mark.font, mark.size), strict=True):
            numbers += font.glyphIndexesForString(sign)[:1]
            positions.append(QPointF(left * UNITS, 0))
            left += advance
        run = QGlyphRun()
        run.setRawFont(font)
        run.setGlyphIndexes(numbers)
        run.setPositions(positions)
        return run


def _rect(x: float, y: float, width: float, height: float) -> QRectF:
    return QRectF(x * UNITS, y * UNITS, width * UNITS, height * UNITS)


def _line_pen(mark: LineMark) -> QPen:
    pen = QPen(QColor(mark.color), mark.thickness * UNITS)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if mark.dash:
        # Qt counts dashes in widths of the pen.
        length = mark.dash / max(mark.thickness, 0.01)
        pen.setDashPattern([length, length])
    return pen
