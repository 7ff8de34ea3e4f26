"""The properties of the paper: its size and kind, margins, and how labels stand on a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.printing.papers import PAPER_LABELS, PAPERS
from desktop_crm.printing.parse import MAX_LABELS
from desktop_crm.ui.designer import papers
from desktop_crm.ui.designer.document import get, put, tidy
from desktop_crm.ui.designer.papers import OWN, PAPER_NAMES, SHEETS, paper_size
from desktop_crm.ui.designer.rows import Pair, Row, choice_editor, number_editor, unit_row
from desktop_crm.ui.kit.widgets import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.designer.doc_rows import DocRows

ARROWS = {"left": "←", "right": "→", "top": "↑", "bottom": "↓"}


class PaperSection:
    """Makes the rows."""

    def __init__(self, rows: DocRows) -> None:
        self.rows, self.design = rows, rows.design

    def __call__(self) -> list[QWidget]:
        """Return the rows of the page, and those of the sheet where pages are labels."""
        labels = get(self.design.doc, "labels") is not None
        made: list[QWidget] = [
            self._labels(),
            self._size(_("Label size") if labels else _("Paper size"), "paper", "property.paper"),
            self._kind(),
            Pair(self._side("width", _("W")), self._side("height", _("H"))),
            Label(_("Margins inside the label") if labels else _("Margins"), "small", "text2"),
            Pair(self._margin("left"), self._margin("right")),
            Pair(self._margin("top"), self._margin("bottom")),
        ]
        return [*made, *self._sheet()] if labels else made

    def _labels(self) -> Row:
        sheets = [(key, _("A4 {across} × {down}, {width} × {height}").format(across=one.across, down=one.down, width=f"{one.width:g}", height=f"{one.height:g}"))
                  for key, one in SHEETS.items()]  # fmt: skip

        def choose(value: Any) -> None:
            doc = self.design.doc
            self.design.edit(_("Labels on a sheet"), papers.as_page(doc) if value is None else papers.as_labels(doc, str(value)))

        editor = choice_editor("property.labels", [(None, _("One page on a sheet")), *sheets, (OWN, _("Labels of another size"))])
        return Row(_("Sheet of paper"), editor, read=lambda: papers.label_sheet(self.design.shown), write=choose, path="labels")

    def _size(self, label: str, path: str, name: str) -> Row:
        sizes = [(key, _(PAPER_NAMES.get(key, key))) for key in PAPERS]

        def choose(value: Any) -> None:
            self.design.edit(_("Paper"), papers.with_size(self.design.doc, path, value))

        editor = choice_editor(name, [(None, _("Size of its own")), *sizes])
        return Row(label, editor, read=lambda: get(self.design.shown, f"{path}/size"), write=choose, path=f"{path}/size")

    def _kind(self) -> Row:
        def choose(value: Any) -> None:
            if value and value != papers.paper_kind(self.design.doc):
                width, height = paper_size(self.design.doc)
                self.design.edit(_("Paper"), papers.with_measures(self.design.doc, "paper", width=width, height=height, kind=str(value)))

        editor = choice_editor("property.paper_kind", [(key, _(label)) for key, label in PAPER_LABELS.items()])
        return Row(_("Kind"), editor, read=lambda: papers.paper_kind(self.design.shown), write=choose, path="paper/kind")

    def _side(self, key: str, label: str, path: str = "paper", name: str = "paper") -> Row:
        def write(value: Any) -> None:
            if value is not None:
                width, height = paper_size(self.design.doc, path)
                wide, high = (float(value), height) if key == "width" else (width, float(value))
                self.design.edit(_("Paper"), papers.with_measures(self.design.doc, path, width=wide, height=high), series=f"{path} {key}")

        return unit_row(label, number_editor(f"property.{name}_{key}", 15 if key == "width" else 10, 2000), "mm",
                        read=lambda: paper_size(self.design.shown, path)[0 if key == "width" else 1], write=write, path=f"{path}/{key}")  # fmt: skip

    def _margin(self, side: str, path: str = "paper", name: str = "margin") -> Row:
        def write(value: Any) -> None:
            if value is not None:
                self.design.edit(_("Margins"), put(self.design.doc, f"{path}/margins/{side}", tidy(float(value))), series=f"{name} {side}")

        return unit_row(ARROWS[side], number_editor(f"property.{name}_{side}", 0, 1000), "mm",
                        read=lambda: papers.margin_of(self.design.shown, side, path), write=write, path=f"{path}/margins/{side}")  # fmt: skip

    def _sheet(self) -> list[QWidget]:
        """Return how the labels stand on their sheet."""
        number = self.rows.number
        return [
            self._size(_("Sheet size"), "labels/sheet", "property.sheet"),
            Pair(self._side("width", _("W"), "labels/sheet", "sheet"), self._side("height", _("H"), "labels/sheet", "sheet")),
            Label(_("Margins of the sheet"), "small", "text2"),
            Pair(self._margin("left", "labels/sheet", "sheet_margin"), self._margin("top", "labels/sheet", "sheet_margin")),
            Label(_("Labels side by side and below each other, and the gaps between them"), "small", "text2", wrap=True),
            Pair(number("↔", "labels/across", 1, MAX_LABELS, 1, whole=True, unit=""), number("↕", "labels/down", 1, MAX_LABELS * 2, 1, whole=True, unit="")),
            Pair(number("↔", "labels/gap_x", 0, 200, 0), number("↕", "labels/gap_y", 0, 200, 0)),
            number(_("Begin at label"), "labels/start", 1, MAX_LABELS * MAX_LABELS * 2, 1, whole=True, unit=""),
        ]
