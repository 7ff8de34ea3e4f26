"""The properties of the lines' groups: what they are made by, their rows above and below, and what is added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.printing.parse import MAX_GROUPS
from desktop_crm.ui.designer import groups, tables
from desktop_crm.ui.designer.document import LINES_TABLE, get, put, without
from desktop_crm.ui.designer.groups import GROUPS
from desktop_crm.ui.designer.rows import Row, choice_editor
from desktop_crm.ui.kit.fields import LineEditor
from desktop_crm.ui.kit.widgets import Label, Switch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.ui.designer.design import Design


class GroupSection:
    """Makes the rows. `fields` are those of what the template prints."""

    def __init__(self, design: Design, fields: Callable[[], Mapping[str, TemplateField]]) -> None:
        self.design, self._all_fields = design, fields

    def __call__(self) -> list[QWidget]:
        """Return a row for each group there is, with what belongs to it, and one that adds the next."""
        held = len(groups.items(self.design.doc, GROUPS))
        made: list[QWidget] = [Label(_("Lines that follow each other with the same value"), "small", "text3", wrap=True)]
        for place in range(held):
            made += [self._by(place), *self._rows_of(place)]
        if held < MAX_GROUPS:
            made.append(self._by(held))
        return made

    def _fields(self) -> Mapping[str, TemplateField]:
        return groups.line_fields(self.design.doc, self._all_fields())

    def _by(self, place: int) -> Row:
        path = f"{GROUPS}/{place}/by"
        now = get(self.design.doc, path)
        choices: list[tuple[object, str]] = [(None, _("No group")), *((key, one.label) for key, one in self._fields().items())]
        if now is not None and now not in {key for key, _label in choices}:
            choices.append((now, str(now)))

        def write(value: Any) -> None:
            self.design.edit(_("Groups"), groups.regrouped(self.design.doc, place, value, self._fields()))

        editor = choice_editor(f"property.group.{place}", choices)
        return Row(_("Then by") if place else _("Group by"), editor, read=lambda: get(self.design.shown, path), write=write, path=path)

    def _rows_of(self, place: int) -> list[QWidget]:
        path = f"{GROUPS}/{place}"
        made: list[QWidget] = [
            *self._summary(place, "header", _("Row above")),
            *self._summary(place, "total", _("Row below")),
        ]
        if get(self.design.doc, f"{path}/total") is not None:
            made += [self._sum(place, column) for column in range(len(tables.columns(self.design.doc, LINES_TABLE))) if groups.can_sum(self.design.doc, column, self._fields())]

        def write(on: Any) -> None:
            doc = self.design.doc
            self.design.edit(_("Groups"), put(doc, f"{path}/new_page", True) if on else without(doc, f"{path}/new_page"))

        switch = Switch(name=f"property.group.{place}.new_page", tip=_("Each on a new page"))
        made.append(Row(_("Each on a new page"), switch, read=lambda: get(self.design.shown, f"{path}/new_page", False), write=write, path=f"{path}/new_page"))
        return made

    def _summary(self, place: int, name: str, label: str) -> list[QWidget]:
        """Return the switch of a row, and what stands in its first cell where the row is there."""
        path = f"{GROUPS}/{place}/{name}"

        def turn(on: Any) -> None:
            self.design.edit(_("Groups"), groups.with_row(self.design.doc, place, name, on=bool(on), fields=self._fields()))

        def write(text: Any) -> None:
            self.design.edit(_("Wording"), put(self.design.doc, f"{path}/cells/0/text", text or ""), series=path)

        switch = Switch(name=f"property.group.{place}.{name}", tip=label)
        made: list[QWidget] = [Row(label, switch, read=lambda: get(self.design.shown, path) is not None, write=turn, path=path)]
        if groups.items(self.design.doc, f"{path}/cells"):
            editor = LineEditor(name=f"property.group.{place}.{name}.text")
            made.append(Row(_("Wording"), editor, read=lambda: get(self.design.shown, f"{path}/cells/0/text", ""), write=write, path=f"{path}/cells/0/text"))
        return made

    def _sum(self, place: int, column: int) -> Row:
        row = f"{GROUPS}/{place}/total"
        title = str(tables.columns(self.design.doc, LINES_TABLE)[column].get("title", ""))
        label = _("Sum of “{title}”").format(title=title)

        def write(on: Any) -> None:
            self.design.edit(_("Sum"), tables.column_summed(self.design.doc, column, on=bool(on), label=_("Group total"), row=row, of="group"))

        def read() -> bool:
            # A column that was just taken away has its row here until the panel is made anew.
            return column < len(tables.columns(self.design.shown, LINES_TABLE)) and tables.is_summed(self.design.shown, column, row=row, of="group")

        return Row(label, Switch(name=f"property.group.{place}.sum.{column}", tip=label), read=read, write=write)
