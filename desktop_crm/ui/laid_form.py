"""A form whose fields an editor lays out itself, instead of section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.ui.form import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.ui.desk import Desk

Rows = tuple[tuple[tuple[str, int], ...], ...]
"""Rows of (field, columns it takes)."""


def names_in(*blocks: Rows) -> list[str]:
    """Return the fields of some blocks of rows."""
    return [name for block in blocks for line in block for name, _span in line]


class LaidForm(Form):
    """The fields `names` as far as this person sees them, and the company's own; every one of them must be placed with `grid`."""

    def __init__(self, desk: Desk, spec: EntitySpec, names: Sequence[str]) -> None:
        own = [name for section in spec.form for name in section.fields if name in spec.fields and spec.fields[name].own]
        super().__init__(desk, spec, sections=[Section(N_("Fields"), *names, *own)], later=True)

    def build(self) -> Iterator[None]:
        """Make the fields, one in each step."""
        for name in (name for section in self._sections for name in section.fields if name in self.spec.fields):
            self._frame(self.spec.fields[name])
            yield

    def grid(self, rows: Rows, *, columns: int = 4) -> QWidget:
        """Return fields in a grid of equal columns; labels of a row share a baseline."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for number, line in enumerate(rows):
            place = 0
            for name, span in line:
                if name in self.frames:
                    grid.addWidget(self.frames[name], number, place, 1, span, Qt.AlignmentFlag.AlignTop)
                    place += span
        for place in range(columns):
            grid.setColumnStretch(place, 1)
        return made

    def own_rows(self, columns: int = 4) -> Rows:
        """Return the rows of the company's own fields, texts of several lines by themselves."""
        rows: list[list[tuple[str, int]]] = []
        for name in (name for name in self.frames if self.spec.fields[name].own):
            wide = self.spec.fields[name].kind.name == "note"
            if wide or not rows or sum(span for _name, span in rows[-1]) >= columns:
                rows.append([])
            rows[-1].append((name, columns if wide else 1))
        return tuple(map(tuple, rows))

    def text_of(self, name: str) -> str:
        """Return a field's value as the user reads it."""
        field = self.spec.fields.get(name)
        return field.show(self.current().get(name)) if field else ""

    def get(self, name: str) -> Any:
        """Return a field's value as it is typed now."""
        return self.current().get(name)
