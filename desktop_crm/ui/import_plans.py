"""Import plans in the window: a card to choose one, to keep what is chosen under a name, to give one another name and to delete it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.importing import plans
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.popover import Popover
from desktop_crm.ui.kit.widgets import Button, ElidedLabel, Label, LinkLabel, Pill, column, hline, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.importing import Options, Source
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk

WIDTH = 420
MOST = 12


class PlanKeeper(QObject):
    """Opens the card of plans for what a page shows now. Signal: `chosen(id)`. `given()` returns the source and the options, None without a file."""

    chosen = Signal(int)

    def __init__(self, owner: QWidget, desk: Desk, given: Callable[[], tuple[Source, Options] | None]) -> None:
        super().__init__(owner)
        self._owner, self._desk, self._given = owner, desk, given
        self.card: PlanCard | None = None

    def open(self, anchor: QWidget) -> None:
        """Open the card below a button."""
        if self.card is not None:
            self.card.deleteLater()
        self.card = PlanCard(anchor)
        self.card.used.connect(self._use)
        self.card.save_wanted.connect(self._save)
        self.card.rename_wanted.connect(self._rename)
        self.card.delete_wanted.connect(lambda key: self._write(lambda: plans.delete(self._desk.session, key)))
        self._read()

    def _read(self) -> None:
        given = self._given()
        if given is None:
            return
        source, session = given[0], self._desk.session
        self._desk.operations.read(self._owner, lambda: plans.saved(session, source.spec.name, source), self._show, key="import.plans")

    def _show(self, found: Sequence[plans.Saved]) -> None:
        if self.card is not None:
            self.card.show_plans(found)

    def _use(self, key: int) -> None:
        if self.card is not None:
            self.card.close_up()
        self.chosen.emit(key)

    def _save(self, name: str) -> None:
        given = self._given()
        if given is not None:
            source, options = given
            self._write(lambda: plans.save(self._desk.session, source, options, name))

    def _rename(self, key: int, name: str) -> None:
        self._write(lambda: plans.rename(self._desk.session, key, name))

    def _write(self, work: Callable[[], Changes[Any] | None]) -> None:
        def run() -> Changes[Any] | None:
            return work()

        def done(changes: Changes[Any] | None) -> None:
            if changes is not None:
                self._desk.tell(changes)
            self._read()

        self._desk.operations.write(self._owner, run, done, failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, UserError) and self.card is not None and self.card.isVisible():
            self.card.name.set_problem(problem.message)
        else:
            self._desk.fail(problem)


class PlanCard(Popover):
    """The plans there are. Signals: `used(id)`, `save_wanted(name)`, `rename_wanted(id, name)`, `delete_wanted(id)`."""

    used = Signal(int)
    save_wanted = Signal(str)
    rename_wanted = Signal(int, str)
    delete_wanted = Signal(int)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor, name="import.plan_card")
        self._renaming = -1
        self._list = column(gap=6)
        self.name = LineEditor(name="import.plan_name", label=_("Name of the plan"))
        self.name.line.returnPressed.connect(self._save)
        self.save = Button(_("Save"), "primary", size="small", name="import.plan_save", on_click=self._save)
        self.title = Label(_("Import plans"), "strong")
        self.note = Label(_("A plan keeps the fields, values and options for the next file; colleagues find it too"), "small", "text3", wrap=True)
        self.content.addWidget(self.title)
        self.content.addLayout(self._list)
        self.content.addWidget(hline())
        self.content.addWidget(self.note)
        self.content.addLayout(row((FieldFrame(_("Name of the plan"), self.name), 1), column(22, self.save, None, gap=0)))
        self.setFixedWidth(WIDTH)

    def show_plans(self, found: Sequence[plans.Saved]) -> None:
        """Show these plans; what was remembered by itself can be used and deleted, and kept by giving it a name."""
        clear(self._list)
        self._renaming = -1
        self.name.set_value("")
        for one in found[:MOST]:
            use, rename, delete = (LinkLabel(text, "small", name=f"import.plan.{what}.{one.id}") for what, text in (("use", _("Use")), ("rename", _("Rename")), ("delete", _("Delete"))))
            use.clicked.connect(partial(self.used.emit, one.id))
            rename.clicked.connect(partial(self._rename, one))
            delete.clicked.connect(partial(self.delete_wanted.emit, one.id))
            marks = [Pill(_("Last plan"), "info")] if one.remembered else [Pill(_("Same headings"), "success")] if one.same else []
            self._list.addLayout(row((ElidedLabel(one.name), 1), *marks, use, rename, delete, gap=10))
        if not found:
            self._list.addWidget(Label(_("None yet"), "small", "text3"))
        self.adjustSize()
        if not self.isVisible():
            self.open(self.name)
        else:
            self.open_below()

    def _rename(self, one: plans.Saved) -> None:
        self._renaming = one.id
        self.name.set_value(one.name)
        self.name.line.selectAll()
        self.name.setFocus()

    def _save(self) -> None:
        name = str(self.name.value() or "").strip()
        if not name:
            self.name.set_problem(_("Fill this in"))
            return
        self.name.set_problem(None)
        if self._renaming >= 0:
            self.rename_wanted.emit(self._renaming, name)
        else:
            self.save_wanted.emit(name)
