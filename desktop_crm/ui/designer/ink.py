"""The colours of what is drawn on the paper: paper is white in every theme, so these are not roles of the theme."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor

from desktop_crm.ui.kit.tokens import LIGHT

PAPER: Final = QColor("#FFFFFF")
EDGE: Final = QColor("#A9B4C8")
MARGIN: Final = QColor("#C3CAD8")
HOLE: Final = QColor("#BFC7D6")
HOLE_INSIDE: Final = QColor("#F3F5F9")
TEAR: Final = QColor("#8A97B1")
FIELD: Final = QColor(34, 87, 208, 24)
FRAME: Final = QColor("#B9C2D3")
ACCENT: Final = QColor(LIGHT["accent"])
ACCENT_SOFT: Final = QColor(34, 87, 208, 20)
ON_ACCENT: Final = QColor("#FFFFFF")
GUIDE: Final = QColor("#C22A9E")
OWN_GUIDE: Final = QColor("#1B9AAA")
BAND: Final = QColor("#8FA3C8")
PROBLEM: Final = QColor(LIGHT["dangerfill"])
LOCKED: Final = QColor(LIGHT["neutralfill"])
GRID: Final = QColor("#E4E8F0")
