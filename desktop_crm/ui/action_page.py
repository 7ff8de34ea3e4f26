"""One action of the log: who did it, each record it touched with its fields before and after, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain.conditions import Query
from desktop_crm.services import logbook, undoing
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Avatar, Button, ElidedLabel, Label, Pill, box, clear, column, hline, holder, row, scroll, vline
from desktop_crm.ui.rows import RowsModel
from desktop_crm.ui.taking_back import TakingBack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.models.changes import Entry
    from desktop_crm.services.history import Event

PANEL: Final = 352


class ActionPage(Page):
    """The action `change_set`."""

    place = "log"

    def __init__(self, desk: Desk, change_set: int) -> None:
        super().__init__(desk)
        self.change_set = change_set
        self.taking_back = TakingBack(self, desk)
        self.setObjectName("page.action")
        self.setWindowTitle(_("Action {number}").format(number=change_set))
        self.model = RowsModel(desk.session, desk.operations, Query("action"), self, listing=logbook.records_listing(desk.session, change_set))
        self.table = DataTable(name="page.action.table", label=_("Records"), frozen=1, ticks=False)
        self.table.setModel(self.model)
        self.title = ElidedLabel("", "page")
        self.who = Label("", "small", "text2")
        self.avatar = row(gap=0)
        self.state = row(gap=0)
        self.back = Button(_("Undo"), "primary", icon="undo-2", name="action.undo", on_click=self.take_back)
        self.back.hide()
        self.fields = column(gap=10, margins=(16, 14, 16, 14))
        self.status = Label("", "small", "text3")
        self.setFocusProxy(self.table)
        self._lay()
        self.model.counted.connect(self._counted)
        self.model.failed.connect(desk.fail)
        self.model.arrived.connect(self._arrived)
        self.table.current_changed.connect(self._show_fields)
        self.table.activated.connect(self.open_record)
        self.model.load()
        self._ask()

    def _lay(self) -> None:
        words = column(self.title, self.who, gap=2)
        head = row(self.avatar, (words, 1), self.state, self.back, gap=12, margins=(20, 12, 16, 12))
        panel = box(scroll_column(self.fields), "surface")
        panel.setFixedWidth(PANEL)
        foot = row(self.status, None, Label(_("Enter opens the record"), "small", "text3"), margins=(20, 6, 16, 6))
        body = holder(row((self.table, 1), vline(), panel, gap=0))
        self.setLayout(column(box(column(head, hline(), (body, 1), hline(), foot, gap=0), "surface"), gap=0))

    # ---- the action

    def _ask(self) -> None:
        session, number = self.desk.session, self.change_set
        self.desk.operations.read(self, lambda: logbook.action(session, number), lambda found: self._came(*found), key="action", failed=self.desk.fail)

    def _came(self, entry: Entry, stands: bool) -> None:  # noqa: FBT001 - what was read
        self.title.setText(entry.label)
        self.who.setText(_("{who} · {time} · computer {computer}").format(who=entry.user_name, time=f"{entry.at.astimezone():%Y-%m-%d %H:%M}", computer=entry.computer))
        for slot in (self.avatar, self.state):
            clear(slot)
        self.avatar.addWidget(Avatar(entry.user_name, 36))
        if not stands:
            self.state.addWidget(Pill(_("Undone"), "warn"))
        self.back.setVisible(stands and undoing.may_undo(self.desk.session, entry))
        self.back.set_text(_("Redo") if entry.action == "undo" else _("Undo"))

    def take_back(self) -> None:
        """Undo the action."""
        self.taking_back.undo(self.change_set)

    # ---- its records

    def _counted(self, count: int) -> None:
        self.status.setText(ngettext("{count} record", "{count} records", count).format(count=f"{count:,}"))

    def _arrived(self, first: int, last: int) -> None:
        if first == 0:
            names = [one.name for one in self.model.columns]
            rest = self.table.viewport().width() - sum(self.table.columnWidth(place) for place in range(len(names) - 1))
            self.table.setColumnWidth(names.index("changes"), max(240, rest))
            if self.table.current_row() < 0:
                self.table.set_current_row(0)
        if first <= self.table.current_row() <= last:
            self._show_fields(self.table.current_row())

    def _show_fields(self, place: int) -> None:
        values = self.model.values_at(place)
        if values is None:
            return
        clear(self.fields)
        event: Event = values["event"]
        self.fields.addWidget(Label(values["title"], "strong", bold=True, wrap=True))
        self.fields.addWidget(Label(f"{values['entity']} · {event.word}", "small", "text3"))
        for one in event.fields:
            self.fields.addLayout(change_lines(one.label, one.before, one.after, event.kind))
        if not event.fields:
            self.fields.addWidget(Label(_("You may not see what was changed") if event.hidden else _("No field you see was changed"), "small", "text3", wrap=True))
        self.fields.addStretch(1)

    def open_record(self, place: int) -> None:
        """Open the record of a row, where it is still there."""
        values = self.model.values_at(place)
        if values is not None and not values["event"].hidden:
            catalog, event = self.desk.session.catalog, values["event"]
            if catalog[event.entity].group:
                self.desk.open_record(event.entity, event.record)

    # ---- what the window asks of a page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the log."""
        return [(_("Log"), lambda: self.desk.show_page("log")), (self.windowTitle(), None)]

    def refresh(self, entities: set[str]) -> None:
        """Read anew whether it still stands."""
        del entities
        self._ask()
        self.model.load(keep=True)

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """F5 reads anew."""
        return {"refresh": lambda: self.refresh(set())}


def scroll_column(content: Any) -> Any:
    """Return a layout that scrolls another."""
    return column(scroll(holder(content)), gap=0)


def change_lines(label: str, before: str, after: str, kind: str) -> Any:
    """Return one changed field as lines: its name, what it was and what it became."""
    lines = column(Label(label, "small", "text2"), gap=1)
    texts: list[QWidget] = []
    if kind != "insert":
        texts.append(Label(before or "—", "body", "text3" if kind == "update" else "text", wrap=True, selectable=True))
    if kind == "update":
        texts.append(Label(f"→ {after or '—'}", "body", "text", wrap=True, selectable=True, bold=True))
    elif kind == "insert":
        texts.append(Label(after or "—", "body", "text", wrap=True, selectable=True))
    for text in texts:
        lines.addWidget(text)
    return lines
