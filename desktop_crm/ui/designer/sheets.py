"""What the canvas shows of a document: the pages as they were laid out, and where each element, column and band stands on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop_crm.ui.designer.document import Box, Doc, band_of, bands, box_of, get, is_band, is_column, is_element, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from desktop_crm.printing.marks import Page

GAP: Final = 8.0
"""Millimetres between sheets on the screen; sheets of continuous paper hang together."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where something stands: a page from 0 and a rectangle in mm of it."""

    page: int
    box: Box


@dataclass(frozen=True)
class Sheets:
    """The pages of a document and where its parts stand, for the document `doc`.

    `frames` by path: of bands, elements and columns; one frame for each page it is on.
    """

    doc: Doc
    pages: tuple[Page, ...] = ()
    frames: Mapping[str, tuple[Frame, ...]] = field(default_factory=dict)
    continuous: bool = False

    def top(self, page: int) -> float:
        """Return the y of a page in the scene."""
        return sum(one.height + (0.0 if self.continuous else GAP) for one in self.pages[:page])

    def page_at(self, y: float) -> int:
        """Return the page at a y of the scene, the nearest where there is none."""
        for number_, one in enumerate(self.pages):
            if y <= self.top(number_) + one.height + GAP / 2:
                return number_
        return max(0, len(self.pages) - 1)

    def band_top(self, band: str, page: int | None = None) -> Frame | None:
        """Return the frame of a band, on `page` where it is there."""
        found = self.frames.get(band, ())
        return next((one for one in found if one.page == page), found[0] if found else None)

    def tops(self) -> dict[str, float]:
        """Return the y of every band where it first stands, in mm of the scene."""
        return {path: self.top(found[0].page) + found[0].box.y for path, found in self.frames.items() if found and is_band(path)}

    def of(self, doc: Doc, path: str) -> tuple[Frame, ...]:
        """Return where something of `doc`, which may be a later state of the document, stands or will stand."""
        if doc is self.doc or not is_element(path):
            return self.frames.get(path, ())
        element = get(doc, path)
        if not isinstance(element, dict):
            return ()
        found = self.frames.get(band_of(path), ())
        box = box_of(element)
        return tuple(Frame(one.page, box.moved(one.box.x, one.box.y)) for one in found)

    def scene_box(self, frame: Frame) -> Box:
        """Return a frame in mm of the scene."""
        return frame.box.moved(0.0, self.top(frame.page))

    def at(self, doc: Doc, x: float, y: float, room: float = 0.0) -> list[str]:
        """Return the elements under a point of the scene, the topmost first."""
        page = self.page_at(y)
        y -= self.top(page)
        return [path for path in reversed(list(all_elements(doc))) if any(one.page == page and one.box.holds(x, y, room) for one in self.of(doc, path))]

    def column_at(self, x: float, y: float) -> str:
        """Return the column of a table under a point of the scene, or nothing."""
        page = self.page_at(y)
        y -= self.top(page)
        for path, found in self.frames.items():
            if is_column(path) and any(one.page == page and one.box.holds(x, y) for one in found):
                return path
        return ""

    def band_at(self, y: float) -> tuple[str, Frame] | None:
        """Return the band that holds elements at a y of the scene, or the nearest to it."""
        page = self.page_at(y)
        y -= self.top(page)
        choice: tuple[float, str, Frame] | None = None
        for path in bands(self.doc):
            for one in self.frames.get(path, ()):
                if one.page == page:
                    away = max(one.box.y - y, y - one.box.bottom, 0.0)
                    if choice is None or away < choice[0]:
                        choice = away, path, one
        return None if choice is None else (choice[1], choice[2])


def all_elements(doc: Doc) -> Iterable[str]:
    """Return the paths of the elements that are not hidden in the designer, in drawing order."""
    for band in bands(doc):
        found = get(doc, f"{band}/elements")
        for place, one in enumerate(found if isinstance(found, list) else []):
            if isinstance(one, dict) and not one.get("hidden"):
                yield f"{band}/elements/{place}"


def band_height(doc: Doc, band: str) -> float:
    """Return the height a band is given."""
    return number(get(doc, f"{band}/height"))
