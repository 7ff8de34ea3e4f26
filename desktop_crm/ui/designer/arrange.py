"""Moving, sizing, aligning and ordering elements of a template, and snapping to what stands around: documents in, documents out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.ui.designer.document import (
    LEAST,
    Box,
    Doc,
    around,
    at,
    band_of,
    box_of,
    get,
    inserted,
    is_element,
    parent,
    place_in_list,
    put,
    with_box,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Edge = Literal["left", "center", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]
Order = Literal["front", "back", "up", "down"]
Handle = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w"]
HANDLES: Final[tuple[Handle, ...]] = ("nw", "n", "ne", "e", "se", "s", "sw", "w")
GRID: Final = 0.5
STEP: Final = 0.1
BIG_STEP: Final = 1.0
ENOUGH: Final = 3
"""Elements it takes for there to be a gap to make equal."""


def on_grid(value: float, grid: float = GRID) -> float:
    """Return the nearest line of the grid."""
    return round(round(value / grid) * grid, 4)


def free(doc: Doc, paths: Iterable[str]) -> list[str]:
    """Return which of `paths` are elements that may be moved: those that are there and not locked."""
    return [path for path in paths if is_element(path) and isinstance(get(doc, path), dict) and not at(doc, path).get("locked")]


def _each(doc: Doc, paths: Iterable[str], change: Callable[[str, Box], Box]) -> Doc:
    for path in free(doc, paths):
        element = at(doc, path)
        box = box_of(element)
        wanted = change(path, box)
        if wanted != box:
            doc = put(doc, path, with_box(element, wanted))
    return doc


def moved(doc: Doc, paths: Iterable[str], dx: float, dy: float) -> Doc:
    """Return the document with elements shifted by mm; locked ones stay."""
    return _each(doc, paths, lambda _path, box: box.moved(dx, dy))


def stretched(box: Box, handle: Handle, dx: float, dy: float) -> Box:
    """Return a rectangle one of whose handles was dragged; no side gets shorter than LEAST."""
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    if "w" in handle:
        left = min(left + dx, right - LEAST)
    if "e" in handle:
        right = max(right + dx, left + LEAST)
    if "n" in handle:
        top = min(top + dy, bottom - LEAST)
    if "s" in handle:
        bottom = max(bottom + dy, top + LEAST)
    return Box(left, top, right - left, bottom - top)


def resized(doc: Doc, paths: Sequence[str], handle: Handle, dx: float, dy: float, tops: Mapping[str, float]) -> Doc:
    """Return the document with a handle of the selection's frame dragged: one element takes the new size, several grow together.

    `tops` are the y of the bands on the paper, which a selection over several bands needs.
    """
    paths = free(doc, paths)
    if not paths:
        return doc
    placed = {path: box_of(at(doc, path)).moved(0.0, tops.get(band_of(path), 0.0)) for path in paths}
    old = around(placed.values())
    new = stretched(old, handle, dx, dy)
    if len(paths) == 1:
        return _each(doc, paths, lambda path, _box: new.moved(0.0, -tops.get(band_of(path), 0.0)))
    wide, tall = (new.width / old.width if old.width else 1.0), (new.height / old.height if old.height else 1.0)

    def scaled(path: str, _box: Box) -> Box:
        box = placed[path]
        done = Box(new.x + (box.x - old.x) * wide, new.y + (box.y - old.y) * tall, box.width * wide, box.height * tall)
        return done.moved(0.0, -tops.get(band_of(path), 0.0))

    return _each(doc, paths, scaled)


def aligned(doc: Doc, paths: Sequence[str], edge: Edge, tops: Mapping[str, float], *, within: Box | None = None) -> Doc:
    """Return the document with elements lined up on an edge of their common frame; a single one lines up `within` a rectangle of the paper."""
    paths = [path for path in paths if is_element(path)]
    if not paths:
        return doc
    placed = {path: box_of(at(doc, path)).moved(0.0, tops.get(band_of(path), 0.0)) for path in paths}
    frame = within if len(paths) == 1 and within is not None else around(placed.values())

    def change(path: str, box: Box) -> Box:
        own = placed[path]
        across = {"left": frame.x - own.x, "center": frame.middle[0] - own.middle[0], "right": frame.right - own.right}
        down = {"top": frame.y - own.y, "middle": frame.middle[1] - own.middle[1], "bottom": frame.bottom - own.bottom}
        return box.moved(across.get(edge, 0.0), down.get(edge, 0.0))

    return _each(doc, paths, change)


def distributed(doc: Doc, paths: Sequence[str], axis: Axis, tops: Mapping[str, float]) -> Doc:
    """Return the document with equal gaps between three elements or more; the two outermost stay."""
    paths = [path for path in paths if is_element(path)]
    if len(paths) < ENOUGH:
        return doc
    placed = {path: box_of(at(doc, path)).moved(0.0, tops.get(band_of(path), 0.0)) for path in paths}
    across = axis == "across"

    def start(path: str) -> float:
        return placed[path].x if across else placed[path].y

    def length(path: str) -> float:
        return placed[path].width if across else placed[path].height

    order = sorted(paths, key=lambda path: (start(path), length(path)))
    first, final = order[0], order[-1]
    gap = (start(final) - start(first) - length(first) - sum(length(path) for path in order[1:-1])) / (len(order) - 1)
    wanted, spot = dict[str, float](), start(first) + length(first) + gap
    for path in order[1:-1]:
        wanted[path] = spot - start(path)
        spot += length(path) + gap
    return _each(doc, wanted, lambda path, box: box.moved(wanted[path] if across else 0.0, 0.0 if across else wanted[path]))


def same_size(doc: Doc, paths: Sequence[str], *, width: bool, height: bool) -> Doc:
    """Return the document with all elements as wide or as high as the first of them."""
    paths = [path for path in paths if is_element(path)]
    if len(paths) <= 1:
        return doc
    model = box_of(at(doc, paths[0]))
    return _each(doc, paths[1:], lambda _path, box: Box(box.x, box.y, model.width if width else box.width, model.height if height else box.height))


def deleted(doc: Doc, paths: Iterable[str]) -> Doc:
    """Return the document without some elements; locked ones stay."""
    for path in sorted(free(doc, paths), key=lambda one: (parent(one), place_in_list(one)), reverse=True):
        doc = without(doc, path)
    return doc


def added(doc: Doc, band: str, new: Sequence[Doc]) -> tuple[Doc, list[str]]:
    """Return the document with elements on top of a band's others, and their paths."""
    count = len(get(doc, f"{band}/elements", []) or [])
    return inserted(doc, f"{band}/elements", count, *new), [f"{band}/elements/{count + place}" for place in range(len(new))]


def rehomed(doc: Doc, paths: Sequence[str], homes: Mapping[str, tuple[str, float]]) -> tuple[Doc, list[str]]:
    """Return the document with elements taken into other bands, and the paths of all of `paths` afterwards.

    `homes` names for an element its new band and the y it has there.
    """
    leaving = [path for path in free(doc, paths) if path in homes and homes[path][0] != band_of(path)]
    carried = [(homes[path], at(doc, path)) for path in leaving]
    places: dict[str, str] = {}
    for path in sorted(leaving, key=lambda one: (parent(one), place_in_list(one)), reverse=True):
        doc = without(doc, path)
    for path in paths:
        gone = sum(1 for one in leaving if parent(one) == parent(path) and place_in_list(one) < place_in_list(path)) if is_element(path) else 0
        places[path] = f"{parent(path)}/{place_in_list(path) - gone}" if is_element(path) else path
    for path, ((band, y), element) in zip(leaving, carried, strict=True):
        box = box_of(element)
        doc, found = added(doc, band, [with_box(element, Box(box.x, y, box.width, box.height))])
        places[path] = found[0]
    return doc, [places[path] for path in paths]


def reordered(doc: Doc, paths: Sequence[str], where: Order) -> tuple[Doc, list[str]]:
    """Return the document with elements drawn above or below others of their band, and the paths of `paths` afterwards."""
    places = {path: path for path in paths}
    for holder in dict.fromkeys(parent(path) for path in paths if is_element(path)):
        listed = at(doc, holder)
        chosen = sorted(place_in_list(path) for path in paths if parent(path) == holder)
        order = _order(len(listed), chosen, where)
        doc = put(doc, holder, [listed[old] for old in order])
        places |= {f"{holder}/{old}": f"{holder}/{new}" for new, old in enumerate(order) if f"{holder}/{old}" in places}
    return doc, [places[path] for path in paths]


def _order(count: int, chosen: Sequence[int], where: Order) -> list[int]:
    rest = [place for place in range(count) if place not in chosen]
    if where == "front":
        return [*rest, *chosen]
    if where == "back":
        return [*chosen, *rest]
    order = list(range(count))
    for old in reversed(chosen) if where == "up" else chosen:
        spot = order.index(old)
        beside = spot + (1 if where == "up" else -1)
        if 0 <= beside < count and order[beside] not in chosen:
            order[spot], order[beside] = order[beside], order[spot]
    return order


# ---- snapping


@dataclass(frozen=True, slots=True)
class Guide:
    """A line something snapped to: upright at x, or level at y, in mm of the paper; `own` ones were set by the user."""

    upright: bool
    spot: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """By how much to shift what is dragged, and the lines it met."""

    dx: float
    dy: float
    guides: tuple[Guide, ...]


Lines = tuple[list[float], list[float]]
"""The x of upright lines and the y of level ones."""


def lines_of(boxes: Iterable[Box]) -> tuple[Lines, Lines]:
    """Return the lines of all edges, and those of all centres: an edge snaps to edges, a centre to centres."""
    given = list(boxes)
    edges = [x for box in given for x in (box.x, box.right)], [y for box in given for y in (box.y, box.bottom)]
    return edges, ([box.middle[0] for box in given], [box.middle[1] for box in given])


def snapped(own: Sequence[Lines], others: Sequence[Lines], *, reach: float, grid: float | None = GRID) -> Snapped:
    """Return how what is dragged snaps: to the nearest line of `others` within `reach` mm, else to the grid by its first line.

    The first of `own` snaps to the first of `others`, and so on: edges to edges, centres to centres.
    """
    shifts, guides = [], []
    for upright in (True, False):
        pairs = [(mine[0 if upright else 1], theirs[0 if upright else 1]) for mine, theirs in zip(own, others, strict=True)]
        away = [line - edge for mine, theirs in pairs for line in theirs for edge in mine if abs(line - edge) <= reach]
        if away:
            shift = min(away, key=abs)
            for mine, theirs in pairs:
                met = {round(edge + shift, 3) for edge in mine}
                guides += [Guide(upright, line) for line in dict.fromkeys(round(one, 3) for one in theirs) if line in met]
        else:
            first = pairs[0][0][:1]
            shift = on_grid(first[0], grid) - first[0] if grid and first else 0.0
        shifts.append(shift)
    return Snapped(shifts[0], shifts[1], tuple(dict.fromkeys(guides)))
