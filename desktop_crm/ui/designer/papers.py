"""The paper of a template: its size, its margins, and labels on a sheet. Elements stay as they are, whatever the paper becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from desktop_crm.base.i18n import N_
from desktop_crm.printing.papers import PAPERS
from desktop_crm.ui.designer.document import Doc, get, number, put, set_keys, tidy, without

PAPER_NAMES: Final = {
    "A3": "A3", "A4": "A4", "A5": "A5", "A6": "A6", "B5": "B5", "letter": "Letter", "A3-landscape": N_("A3 landscape"), "A4-landscape": N_("A4 landscape"),
    "A5-landscape": N_("A5 landscape"), "A6-landscape": N_("A6 landscape"), "B5-landscape": N_("B5 landscape"), "letter-landscape": N_("Letter landscape"),
    "continuous-1": N_("Continuous 241 × 279.4"), "continuous-1/2": N_("Continuous 241 × 139.7 (half)"), "continuous-1/3": N_("Continuous 241 × 93.1 (third)"),
    "receipt-80": N_("Receipt roll 80 mm"), "label-60x40": N_("Label 60 × 40"), "label-100x70": N_("Label 100 × 70"),
    "envelope-DL": N_("Envelope DL 220 × 110"), "envelope-C5": N_("Envelope C5 229 × 162"), "envelope-ZL": N_("Envelope ZL 230 × 120"),
}  # fmt: skip
USUAL_MARGIN: Final = 10
SMALL_MARGIN: Final = 2
SMALL: Final = 100
SIDES: Final = ("left", "top", "right", "bottom")
OWN: Final = "own"
"""Labels that are none of the usual sheets."""


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of labels as they are sold, in mm; `left` and `top` are its margins, the others are equal to them."""

    across: int
    down: int
    width: float
    height: float
    gap_x: float
    gap_y: float
    left: float
    top: float

    @property
    def key(self) -> str:
        """What it is kept under."""
        return f"{self.across}x{self.down}-{self.width:g}x{self.height:g}"


# A4 sheets by the sizes that are sold everywhere (the numbers of Avery Zweckform are L7651, L7159, 3474, L7160, L7163, L7173, L7165, L7166).
SHEETS: Final = {
    one.key: one
    for one in (
        LabelSheet(5, 13, 38.1, 21.2, 2.5, 0, 4.75, 10.7),
        LabelSheet(3, 8, 63.5, 33.9, 2.5, 0, 7.25, 12.9),
        LabelSheet(3, 8, 70, 37, 0, 0, 0, 0.5),
        LabelSheet(3, 7, 63.5, 38.1, 2.5, 0, 7.25, 15.1),
        LabelSheet(2, 7, 99.1, 38.1, 2.5, 0, 4.65, 15.1),
        LabelSheet(2, 5, 99.1, 57, 2.5, 0, 4.65, 6),
        LabelSheet(2, 4, 99.1, 67.7, 2.5, 0, 4.65, 13.1),
        LabelSheet(2, 3, 99.1, 93.1, 2.5, 0, 4.65, 8.8),
    )
}


def paper_size(doc: Doc, path: str = "paper") -> tuple[float, float]:
    """Return width and height of a paper in mm."""
    paper = get(doc, path, {})
    named = PAPERS.get(paper.get("size", "")) if isinstance(paper, dict) else None
    if named is not None:
        return named[0], named[1]
    return (number(paper.get("width"), 210.0), number(paper.get("height"), 297.0)) if isinstance(paper, dict) else (210.0, 297.0)


def paper_kind(doc: Doc, path: str = "paper") -> str:
    """Return which kind of paper it is."""
    named = PAPERS.get(str(get(doc, f"{path}/size", "")))
    return named[2] if named is not None else str(get(doc, f"{path}/kind", "sheet"))


def margin_of(doc: Doc, side: str, path: str = "paper") -> float:
    """Return a margin in mm as the engine takes it."""
    width, height = paper_size(doc, path)
    length = height if side in {"top", "bottom"} else width
    return number(get(doc, f"{path}/margins/{side}"), USUAL_MARGIN if length >= SMALL else SMALL_MARGIN)


def with_size(doc: Doc, path: str, name: str | None) -> Doc:
    """Return the document with a paper of a named size, or with the present one as a size of its own."""
    if name is not None:
        return _torn(set_keys(doc, path, {"size": name, "width": None, "height": None, "kind": None}))
    width, height = paper_size(doc, path)
    return with_measures(doc, path, width=width, height=height)


def with_measures(doc: Doc, path: str, *, width: float, height: float, kind: str = "") -> Doc:
    """Return the document with a paper of its own size; its kind stays where none is given."""
    kind = kind or paper_kind(doc, path)
    return _torn(set_keys(doc, path, {"size": None, "width": tidy(width), "height": tidy(height), "kind": None if kind == "sheet" else kind}))


def _torn(doc: Doc) -> Doc:
    """Return the document without the tear lines that its paper no longer has."""
    lines = get(doc, "tear_lines")
    if not isinstance(lines, list):
        return doc
    width, height = paper_size(doc)
    kept = [one for one in lines if isinstance(one, dict) and number(one.get("x")) <= width and number(one.get("y")) <= height]
    return doc if len(kept) == len(lines) else put(doc, "tear_lines", kept) if kept else without(doc, "tear_lines")


def label_sheet(doc: Doc) -> str | None:
    """Return which of SHEETS the labels of the document are, OWN where they are none of them, None where the document has no labels."""
    if not isinstance(get(doc, "labels"), dict):
        return None
    here = tuple(number(get(doc, f"labels/{key}")) for key in ("across", "down", "gap_x", "gap_y"))
    place = tuple(margin_of(doc, side, "labels/sheet") for side in ("left", "top"))
    for key, one in SHEETS.items():
        if (here, paper_size(doc), place) == ((one.across, one.down, one.gap_x, one.gap_y), (one.width, one.height), (one.left, one.top)):
            return key
    return OWN


def as_labels(doc: Doc, key: str) -> Doc:
    """Return the document as labels: of a usual sheet, or for OWN as large as the paper is, as many as an A4 sheet holds."""
    sheet = SHEETS.get(key)
    if sheet is None:
        if isinstance(get(doc, "labels"), dict):
            return doc
        width, height = paper_size(doc)
        whole = PAPERS["A4"]
        across, down = max(1, int(whole[0] // width)), max(1, int(whole[1] // height))
        sheet = LabelSheet(across, down, width, height, 0, 0, tidy(max(0.0, (whole[0] - across * width) / 2)), tidy(max(0.0, (whole[1] - down * height) / 2)))
        kept = {side: tidy(margin_of(doc, side)) for side in SIDES}
    else:
        kept = {"left": 3, "top": 2, "right": 3, "bottom": 2}
    margins = {"left": sheet.left, "top": sheet.top, "right": sheet.left, "bottom": sheet.top}
    labels: dict[str, Any] = {"sheet": {"size": "A4", "margins": margins}, "across": sheet.across, "down": sheet.down, "gap_x": sheet.gap_x, "gap_y": sheet.gap_y}
    paper = {"width": tidy(sheet.width), "height": tidy(sheet.height), "kind": "label", "margins": kept}
    return put(put(without(doc, "tear_lines"), "paper", paper), "labels", labels)


def as_page(doc: Doc) -> Doc:
    """Return the document as one page a sheet: the sheet of its labels becomes its paper, with margins such as pages have."""
    if not isinstance(get(doc, "labels"), dict):
        return doc
    sheet = get(doc, "labels/sheet")
    paper = {key: value for key, value in (sheet if isinstance(sheet, dict) else {"size": "A4"}).items() if key != "margins"}
    return put(without(doc, "labels"), "paper", paper)
