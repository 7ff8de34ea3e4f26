"""The columns of the tax bureau's workbook, to be changed when the bureau changes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import N_, _
from desktop_crm.services.tax import layout
from desktop_crm.services.tax.layout import VALUES, Column, Layout
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.tabs import Segment, TabItem
from desktop_crm.ui.kit.widgets import Banner, Button, Label, column, row

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_model import Row

GROUPS: Final = {"address": N_("Address and phone"), "bank": N_("Bank and account")}
LONGEST: Final = 4000


def read_bytes(text: str) -> int:
    """Read a length; raises ValueProblem."""
    if not text.isdecimal() or int(text) > LONGEST:
        raise ValueProblem(_("A length is a whole number up to {most}").format(most=LONGEST))
    return int(text)


class ColumnsTab(QWidget):
    """Both sheets, a row a column. `buttons` are shown in the page's header while this tab is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.layout_: Layout = layout.shipped()
        self.place = 0
        self.reset_button = Button(_("Back to what ships"), "ghost", name="action.reset_columns", on_click=self.reset)
        self.save_button = Button(_("Save"), "primary", icon="check", name="action.save_columns", on_click=self.save)
        self.buttons = (self.reset_button, self.save_button)
        self.sheets = Segment([TabItem(str(place), sheet.name) for place, sheet in enumerate(self.layout_.sheets)], name="tax.sheet", label=_("Sheet"))
        self.name = LineEditor(name="tax.sheet_name", label=_("Name of the sheet"))
        self.kinds = {key: LineEditor(name=f"tax.kind.{key}", label=label) for key, label in (("e_special", _("Special invoice is called")), ("e_ordinary", _("Ordinary invoice is called")))}
        self.problem = Banner(name="tax.layout_problem")
        self.problem.hide()
        hint = Label(_("A column holds a value, or the fixed text where there is none. Lengths are counted in GBK bytes: a Chinese character is two"), "small", "text3", wrap=True)
        self.table = LineTable(self._columns(), name="tax.layout", label=_("Columns of the sheet"), new_line=dict, ghost_text=_("Add a column"), stretch="text")
        frames = [FieldFrame(_("Name of the sheet"), self.name), *(FieldFrame(editor.accessibleName(), editor) for editor in self.kinds.values())]
        head = row(self.sheets, *((frame, 1) for frame in frames), gap=16)
        self.setLayout(column(head, hint, self.problem, (self.table, 1), gap=10, margins=(20, 12, 20, 16)))
        self.sheets.chosen.connect(self._sheet_chosen)
        self.table.changed.connect(self._edited)

    def _columns(self) -> list[LineColumn]:
        def values(_row: Row) -> list[tuple[object, str]]:
            return [(key, _(label)) for key, label in VALUES[self.layout_.sheets[self.place].rows].items()]

        return [
            LineColumn("heading", _("Heading"), Kind.TEXT, 220, required=True),
            LineColumn("value", _("Value"), Kind.TEXT, 220, choices=values),
            LineColumn("required", _("Required"), Kind.CHECK, 70),
            LineColumn("bytes", _("Longest (bytes)"), Kind.NUMBER, 110, parse=read_bytes),
            LineColumn("group", _("Length shared with"), Kind.TEXT, 150, choices=[(key, _(label)) for key, label in GROUPS.items()]),
            LineColumn("text", _("Fixed text"), Kind.TEXT, 140),
        ]

    def load(self) -> None:
        """Ask for the company's columns."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: layout.current(session), self._came, key="layout", failed=self.desk.fail)
        may = session.may_write("file_layout")
        self.table.set_read_only(read_only=not may)
        for button in self.buttons:
            button.setEnabled(may)

    def _came(self, found: Layout) -> None:
        self.layout_ = found
        self._name_sheets()
        for key, editor in self.kinds.items():
            editor.set_value(found.kinds.get(key, ""))
        self._show_sheet()

    def _name_sheets(self) -> None:
        self.sheets.set_items([TabItem(str(place), sheet.name) for place, sheet in enumerate(self.layout_.sheets)], str(self.place))

    def _show_sheet(self) -> None:
        sheet = self.layout_.sheets[self.place]
        self.name.set_value(sheet.name)
        self.problem.hide()
        self.table.set_rows([{"heading": one.heading, "value": one.value or None, "text": one.text, "required": one.required, "bytes": one.bytes or None, "group": one.group or None}
                             for one in sheet.columns])  # fmt: skip

    def _sheet_chosen(self, key: str) -> None:
        self._take()
        self.place = int(key)
        self._name_sheets()
        self._show_sheet()

    def _edited(self) -> None:
        self.problem.hide()

    def _take(self) -> None:
        """Take what was typed into the layout at hand."""
        columns = tuple(
            Column(str(one.get("heading") or "").strip(), str(one.get("value") or ""), str(one.get("text") or "").strip(), bool(one.get("required")), int(str(one.get("bytes") or 0)),
                   str(one.get("group") or "")) for one in self.table.rows() if any(one.values()))  # fmt: skip
        sheets = list(self.layout_.sheets)
        sheets[self.place] = replace(sheets[self.place], name=self.name.text().strip() or sheets[self.place].name, columns=columns)
        kinds = {**self.layout_.kinds, **{key: editor.text().strip() for key, editor in self.kinds.items()}}
        self.layout_ = replace(self.layout_, sheets=tuple(sheets), kinds=kinds)

    def save(self) -> None:
        """Keep the columns for the company."""
        session = self.desk.session
        problems = self.table.problems()
        if problems:
            self.table.show_cell(*problems[0][:2])
            return
        self._take()
        wanted = self.layout_
        try:
            layout.check(wanted)
        except UserError as problem:
            self.problem.show_text(problem.message, "danger")
            self.problem.show()
            return

        def saved(_nothing: object) -> None:
            self._name_sheets()
            self.desk.say(_("Columns saved"), "success")

        self.desk.operations.write(self, lambda: layout.save(session, wanted), saved, failed=self.desk.fail)

    def reset(self) -> None:
        """Go back to the columns that ship."""
        session = self.desk.session
        self.desk.operations.write(self, lambda: layout.reset(session), lambda _nothing: self.load(), failed=self.desk.fail)
