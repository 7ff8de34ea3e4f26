"""Rows of what stands at a path of the document, rather than in what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.ui.designer.document import get, put, tidy, without
from desktop_crm.ui.designer.rows import Row, number_editor, unit_row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.designer.design import Design


class DocRows:
    """Makes rows that read and write `design`."""

    def __init__(self, design: Design) -> None:
        self.design = design

    def row(self, label: str, path: str, widget: QWidget, default: Any = None) -> Row:
        """Return a row of what stands at a path of the document."""

        def write(value: Any) -> None:
            doc = self.design.doc
            self.design.edit(label, without(doc, path) if value in (default, "", None) else put(doc, path, value), series=path)

        return Row(label, widget, read=lambda: get(self.design.shown, path, default), write=write, path=path)

    def number(self, label: str, path: str, low: float, high: float, default: float, *, whole: bool = False, unit: str = "mm", name: str = "") -> Row:
        """Return a row of a number from `low` to `high`; `name` is the editor's, else the last step of the path."""

        def write(value: Any) -> None:
            doc = self.design.doc
            figure = (int(float(value)) if whole else tidy(float(value))) if value is not None else None
            self.design.edit(label, without(doc, path) if figure is None else put(doc, path, figure), series=path)

        editor = number_editor(f"property.{name or path.rpartition('/')[2]}", low, high, whole=whole)
        return unit_row(label, editor, unit, read=lambda: get(self.design.shown, path, default), write=write, path=path)
