"""A template as the designer edits it: the plain JSON document, addressed by paths such as ``bands/page_header/elements/3``.

Nothing here changes a document in place. Every operation returns a new one that shares what it left alone, so that a step back is the
document from before, exactly, and costs nothing to keep. No Qt, no files: plain values in, plain values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Doc = dict[str, Any]
Key = str | int

BANDS: Final = ("page_header", "document_header", "lines", "subtotal", "closing", "document_footer", "page_footer")
"""The bands of a page from top to bottom."""
LINES: Final = "bands/lines"
LINES_TABLE: Final = "bands/lines/table"
LEAST: Final = 0.5
"""The least side of an element in mm that a hand can make."""
MOST: Final = 2000.0
TEXT_HEIGHT: Final = 0.5
"""The height in mm a point of a text's size takes where none is given, as the parser has it."""


def keys(path: str) -> list[Key]:
    """Return the steps of a path; numbers are places in a list."""
    return [int(step) if step.isdigit() else step for step in path.split("/")] if path else []


def join(*steps: Key) -> str:
    """Return the path of some steps."""
    return "/".join(str(step) for step in steps if step != "")


def parent(path: str) -> str:
    """Return the path of what holds `path`."""
    return path.rpartition("/")[0]


def last(path: str) -> str:
    """Return the last step of a path."""
    return path.rpartition("/")[2]


def place_in_list(path: str) -> int:
    """Return the place in its list of what stands at `path`."""
    return int(last(path))


def at(doc: Doc, path: str) -> Any:
    """Return what stands at `path`; raises LookupError where nothing does."""
    found: Any = doc
    for key in keys(path):
        if not (isinstance(found, dict) if isinstance(key, str) else isinstance(found, list)):
            raise KeyError(path)
        found = found[key]
    return found


def get(doc: Doc, path: str, default: Any = None) -> Any:
    """Return what stands at `path`, or `default`."""
    try:
        return at(doc, path)
    except LookupError:
        return default


def _changed(node: Any, steps: list[Key], change: Any) -> Any:
    if not steps:
        return change(node)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(node, list) or not 0 <= step < len(node):
            raise KeyError(step)
        return [*node[:step], _changed(node[step], rest, change), *node[step + 1 :]]
    branch = node if isinstance(node, dict) else {}
    return {**branch, step: _changed(branch.get(step), rest, change)}


def put(doc: Doc, path: str, value: Any) -> Doc:
    """Return the document with `value` at `path`; missing objects on the way are made, a missing place in a list raises KeyError."""
    done: Doc = _changed(doc, keys(path), lambda _old: value)
    return done


def without(doc: Doc, path: str) -> Doc:
    """Return the document without what stands at `path`, a key or a place in a list; unchanged where nothing does."""
    *steps, key = keys(path)
    holder = get(doc, join(*steps))

    def drop(node: Any) -> Any:
        if isinstance(key, int):
            return [*node[:key], *node[key + 1 :]]
        return {name: value for name, value in node.items() if name != key}

    there = isinstance(holder, dict) and key in holder if isinstance(key, str) else isinstance(holder, list) and 0 <= key < len(holder)
    return _changed(doc, steps, drop) if there else doc


def inserted(doc: Doc, holder: str, place: int, *values: Any) -> Doc:
    """Return the document with `values` in the list at `holder`, the first of them at `place`; the list is made where there is none."""

    def add(node: Any) -> list[Any]:
        old = node if isinstance(node, list) else []
        spot = max(0, min(place, len(old)))
        return [*old[:spot], *values, *old[spot:]]

    done: Doc = _changed(doc, keys(holder), add)
    return done


def set_keys(doc: Doc, path: str, changes: Mapping[str, Any]) -> Doc:
    """Return the document with some keys of the object at `path` set; a key whose value is None is taken away."""

    def change(node: Any) -> Doc:
        merged = {**(node if isinstance(node, dict) else {}), **changes}
        return {key: value for key, value in merged.items() if value is not None or key not in changes}

    done: Doc = _changed(doc, keys(path), change)
    return done


# ---- what is in it


def bands(doc: Doc) -> list[str]:
    """Return the paths of all bands that hold elements, in the order of the page; lines made of a band are ``bands/lines/item``."""
    found: list[str] = []
    holder = doc.get("bands")
    if not isinstance(holder, dict):
        return found
    for name in [*[one for one in BANDS if one in holder], *[one for one in holder if one not in BANDS]]:
        found += _bands_in(holder[name], f"bands/{name}", top=name != "lines" and isinstance(holder[name], dict))
    return found


def _bands_in(node: Any, path: str, *, top: bool) -> Iterator[str]:
    if isinstance(node, list):
        for place, one in enumerate(node):
            yield from _bands_in(one, f"{path}/{place}", top=last(path) == "closing")
    elif isinstance(node, dict):
        if top or "elements" in node:
            yield path
        else:
            for key, value in node.items():
                if key != "table":
                    yield from _bands_in(value, f"{path}/{key}", top=False)


def elements(doc: Doc) -> Iterator[tuple[str, Doc]]:
    """Yield the path and the object of every element, in drawing order."""
    for band in bands(doc):
        found = get(doc, f"{band}/elements")
        for place, one in enumerate(found if isinstance(found, list) else []):
            if isinstance(one, dict):
                yield f"{band}/elements/{place}", one


def band_of(path: str) -> str:
    """Return the band that an element, a column or the band itself at `path` belongs to; empty for the template."""
    steps = path.split("/")
    if "elements" in steps:
        return "/".join(steps[: steps.index("elements")])
    return "/".join(steps[: 3 if steps[1:2] == ["closing"] else 2]) if steps[:1] == ["bands"] else ""


def is_element(path: str) -> bool:
    """Tell whether `path` names an element of a band."""
    return parent(path).endswith("/elements")


def is_column(path: str) -> bool:
    """Tell whether `path` names a column of a table."""
    return parent(path).endswith("/columns")


def is_band(path: str) -> bool:
    """Tell whether `path` names a band or the lines."""
    return path.startswith("bands/") and not is_element(path) and not is_column(path)


# ---- where it stands


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in mm."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> Box:
        """Return it somewhere else."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def holds(self, x: float, y: float, room: float = 0.0) -> bool:
        """Tell whether a point is inside, or at most `room` outside."""
        return self.x - room <= x <= self.right + room and self.y - room <= y <= self.bottom + room

    def meets(self, other: Box) -> bool:
        """Tell whether two rectangles share a point."""
        return self.x <= other.right and other.x <= self.right and self.y <= other.bottom and other.y <= self.bottom


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest rectangle around some others, of which there must be one."""
    given = list(boxes)
    x, y = min(box.x for box in given), min(box.y for box in given)
    return Box(x, y, max(box.right for box in given) - x, max(box.bottom for box in given) - y)


def number(value: Any, default: float = 0.0) -> float:
    """Return a number of the document, which may hold anything where it was never checked."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def tidy(value: float) -> float | int:
    """Return a measure as it is written: hundredths of a millimetre, whole ones without a point."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def box_of(element: Doc) -> Box:
    """Return the rectangle of an element in its band."""
    x, y = number(element.get("x")), number(element.get("y"))
    if element.get("type") == "line":
        x2, y2 = number(element.get("x2")), number(element.get("y2"))
        return Box(min(x, x2), min(y, y2), abs(x2 - x), abs(y2 - y))
    width = number(element.get("width"), LEAST)
    if element.get("type") == "qrcode":
        return Box(x, y, width, width)
    usual = round(number(element.get("size"), 9.0) * TEXT_HEIGHT, 2) if element.get("type") == "text" else LEAST
    return Box(x, y, width, number(element.get("height"), usual))


def with_box(element: Doc, box: Box) -> Doc:
    """Return an element in another rectangle of its band."""
    if element.get("type") == "line":
        old = box_of(element)
        leftward, upward = number(element.get("x2")) < number(element.get("x")), number(element.get("y2")) < number(element.get("y"))
        left, right, top, bottom = box.x, box.right if old.width or box.width > LEAST else box.x, box.y, box.bottom if old.height or box.height > LEAST else box.y
        x, x2 = (right, left) if leftward else (left, right)
        y, y2 = (bottom, top) if upward else (top, bottom)
        return {**element, "x": tidy(x), "y": tidy(y), "x2": tidy(x2), "y2": tidy(y2)}
    placed = {**element, "x": tidy(box.x), "y": tidy(box.y)}
    if element.get("type") == "qrcode":
        side = max(box.width, box.height) if (box.width, box.height) != (number(element.get("width")),) * 2 else box.width
        return {**placed, "width": tidy(max(5.0, side))}
    if box.width != box_of(element).width:
        placed["width"] = tidy(max(LEAST, box.width))
    if box.height != box_of(element).height:
        placed["height"] = tidy(max(LEAST, box.height))
    return placed
