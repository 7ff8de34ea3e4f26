"""Rows that are there already: by what each is known, in what it differs, and what is to be done with it, one by one or all at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.services.importing import Decision
from desktop_crm.services.imports.duplicate_list import ACTIONS, known_by, there
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card, Label, Pill, holder

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.importing import Duplicate, ImportResult
    from desktop_crm.services.imports.types import OnDuplicate

MOST_ROWS: Final = 7
THERE, ACTION = 3, 5
MOST_NAMED: Final = 2
TONES: Final = {"skip": "text3", "update": "info", "fill": "info", "add": "success"}


class DuplicatesCard(Card):
    """Rows that are there already. Signals: `opened(id)` for the record that is there, `changed` when something was decided, `export_wanted`.

    `decisions` holds what was decided for single rows, by the row's number.
    """

    opened = Signal(int)
    changed = Signal()
    export_wanted = Signal()

    def __init__(self, spec: EntitySpec) -> None:
        self.pill = Pill("", "warn")
        self.bulk = ComboEditor([(code, _(label)) for code, label in ACTIONS.items()], name="import.duplicates_all", label=_("Set all to"), placeholder=_("Set all to"))
        self.bulk.setFixedWidth(190)
        self.export = Button(_("Save the list…"), "ghost", icon="upload", size="small", name="import.duplicates_export", on_click=self._export)
        super().__init__(_("Possible duplicates"), " ", actions=(self.bulk, self.export), padded=False)
        self.head.insertWidget(1, self.pill)
        self.bulk.changed.connect(self._set_all)
        self.spec = spec
        self.decisions: dict[int, Decision] = {}
        self.model = FixedRows([
            Column("row", _("Row"), Kind.NUMBER, 64), Column("title", _("In the file"), Kind.NAME, 190), Column("by", _("Known by"), width=150),
            Column("there", _("Already there"), Kind.LINK, 200), Column("differences", _("Differences"), width=220), Column("action", _("Action"), Kind.LINK, 130),
        ], self)
        self.table = DataTable(name="import.duplicates", label=_("Possible duplicates"), ticks=True, row_height=30)
        self.table.setModel(self.model)
        self.table.link_clicked.connect(self._link_clicked)
        self.table.activated.connect(lambda index: self._open(self.model.thing(index)))
        self.table.context_menu.connect(lambda index, _column, at: self.menu(index).popup(at))
        self.table.current_changed.connect(self._show_differences)
        self.table.selection_changed.connect(lambda _rows: self._name_bulk())
        self.body.addWidget(self.table)
        self._details: QWidget | None = None

    def begin(self) -> None:
        """Forget what was decided about another file."""
        self.decisions = {}

    def _export(self) -> None:
        self.export_wanted.emit()

    def _open(self, one: Duplicate | None) -> None:
        if one is not None and one.existing_id is not None:
            self.opened.emit(one.existing_id)

    def _link_clicked(self, index: int, column: int) -> None:
        if column == THERE:
            self._open(self.model.thing(index))
        elif column == ACTION:
            box = self.table.visualRect(self.model.index(index, ACTION))
            self.menu(index).popup(self.table.viewport().mapToGlobal(QPoint(box.left(), box.bottom())))

    def menu(self, index: int) -> QMenu:
        """Return the choices for one row."""
        menu, one = Menu(self.table), self.model.thing(index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for code, label in ACTIONS.items():
            act = menu.addAction(_(label))
            act.setCheckable(True)
            act.setChecked(one is not None and one.action == code)
            act.triggered.connect(partial(self._decide, [one] if one is not None else [], code))
        return menu

    def _decide(self, ones: list[Duplicate], action: OnDuplicate, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - a signal's argument
        for one in ones:
            self.decisions[one.row] = Decision(action, one.existing_id)
        if ones:
            self.changed.emit()

    def _ticked(self) -> list[Duplicate]:
        return [self.model.thing(index) for first, last in self.table.ticked().ranges for index in range(first, last + 1)]

    def _set_all(self) -> None:
        action = next((code for code in ACTIONS if code == self.bulk.value()), None)
        ones = self._ticked() or [self.model.thing(index) for index in range(self.model.rowCount())]
        self.bulk.set_value(None)
        if action is not None:
            self._decide(ones, action)

    def _name_bulk(self) -> None:
        count = len(self.table.ticked())
        self.bulk.line.setPlaceholderText(_("Set {count} ticked to").format(count=count) if count else _("Set all to"))

    def show_result(self, result: ImportResult) -> None:
        """Show the duplicates of a result; the row that was current stays so."""
        kept, bar = self.table.current_row(), self.table.verticalScrollBar().value()
        found, titles = result.duplicates, {name: field.title for name, field in self.spec.fields.items()}
        self.model.show_things(found, lambda row: self._cells(found[row], titles))
        self.table.setFixedHeight(48 + 30 * min(len(result.duplicates), MOST_ROWS))
        self.pill.set(_("{count} rows").format(count=f"{len(result.duplicates):,}"), "warn")
        counts = [(sum(one.action == code for one in result.duplicates), _(label)) for code, label in ACTIONS.items()]
        self.hint.setText(" · ".join(f"{label} {count:,}" for count, label in counts if count))
        self.setVisible(bool(result.duplicates))
        if result.duplicates:
            self.table.set_current_row(min(max(kept, 0), len(result.duplicates) - 1))
            self.table.verticalScrollBar().setValue(bar)
        self._show_differences(self.table.current_row())

    def _cells(self, one: Duplicate, titles: dict[str, str]) -> list[Shown]:
        told = [f"{titles[name]}: {old or '—'} → {new or '—'}" for name, old, new in one.differences if name in titles]
        names = [titles[name] for name, _old, _new in one.differences if name in titles]
        more = _(" and {count} more").format(count=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else ""
        text = _("{fields} differ").format(fields=_(", ").join(names[:MOST_NAMED]) + more) if names else _("No difference")
        return [
            Shown(f"{one.row:,}", raw=one.row), Shown(one.title), Shown(known_by(titles, one), "text2" if one.similarity == 100 else "warn"),  # noqa: PLR2004 - per cent
            Shown(there(one), "" if one.existing_id is not None else "text2"), Shown(text, "" if told else "text3", tip="\n".join(told)),
            Shown(_(ACTIONS[one.action]) + " ▾", TONES[one.action], bold=one.row in self.decisions),
        ]

    def _show_differences(self, index: int) -> None:
        """Show the differences of the current row field by field."""
        one: Duplicate | None = self.model.thing(index)
        if self._details is not None:
            self._details.hide()
            self._details.deleteLater()
            self._details = None
        told = [(self.spec.fields[name].title, old, new) for name, old, new in one.differences if name in self.spec.fields] if one is not None else []
        if one is None or not told:
            return
        grid = QGridLayout()
        grid.setContentsMargins(15, 8, 15, 10)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        heads = (_("Row {row}").format(row=one.row), _("What is there"), _("What the file says"))
        for place, text in enumerate(heads):
            grid.addWidget(Label(text, "small", "text3"), 0, place)
        for line, (title, old, new) in enumerate(told, 1):
            for place, (text, role) in enumerate(((title, "text2"), (old or "—", "text"), (new or "—", "text"))):
                grid.addWidget(Label(text, "small", role, bold=place == 2, wrap=True), line, place)  # noqa: PLR2004 - what is new
        for place, stretch in ((0, 1), (1, 3), (2, 3)):
            grid.setColumnStretch(place, stretch)
        self._details = holder(grid, name="import.differences")
        self.body.addWidget(self._details)
