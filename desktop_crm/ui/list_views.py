"""The tabs of a list: its declared views, the one it was opened with, and those the user keeps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Condition, Matching, both
from desktop_crm.services import records
from desktop_crm.services.feed import view_condition
from desktop_crm.ui.filters import ListState
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Button, TabItem, Tabs, row
from desktop_crm.ui.saved_views import ENTITY, SavedView, delete_view, may_save, rename_view, save_view, saved_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.name_card import NameCard

GIVEN: Final = "given"
SAVED: Final = "saved."


class ListViews(QWidget):
    """The row of tabs with counts. Signals: `chosen(ListState)` for another view, `failed(exception)`.

    `given` is a condition the list was opened with, and `title` its name.
    """

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, desk: Desk, spec: EntitySpec, given: Condition | None, title: str, state: Callable[[], ListState]) -> None:
        super().__init__()
        self.desk, self.spec, self.given, self._title = desk, spec, given, title or _("Selection")
        self._state = state
        self.saved: list[SavedView] = []
        self._counts: dict[str, int] = {}
        self._card: NameCard | None = None
        self.tabs = Tabs(name=f"list.{spec.name}.views", label=_("Views"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tabs.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tabs.customContextMenuRequested.connect(self._menu)
        self.add = Button("", "ghost", icon="plus", size="small", tip=_("Keep this list as a view"), name="action.add_view", on_click=self.ask_name)
        self.setLayout(row(self.tabs, self.add, None, gap=0, margins=(20, 0, 16, 0)))
        self.show_tabs()
        self.tabs.chosen.connect(self._chosen)

    def minimumSizeHint(self) -> QSize:
        """Let the tabs scroll instead of widening the page."""
        return QSize(120, super().minimumSizeHint().height())

    # ---- which view

    def current(self) -> str:
        """Return the key of the view that is shown."""
        return self.tabs.current()

    def base(self, key: str = "") -> Condition:
        """Return what a view asks, without filters; a saved view begins from a declared one."""
        key = key or self.current()
        saved = self.saved_view(key)
        if saved is not None:
            key = ListState.from_data(saved.content, self.spec).view
        if key == GIVEN:
            return self.given or EVERYTHING
        view = next((view for view in self.spec.views if view.key == key), None)
        return view_condition(self.desk.session, self.spec, view) if view else EVERYTHING

    def condition(self, key: str) -> Condition:
        """Return what a view asks, with the filters kept in it."""
        state = self.state(key)
        return narrowed(self.base(key), state, self.spec)

    def state(self, key: str = "") -> ListState:
        """Return the state a view begins with."""
        key = key or self.current()
        saved = self.saved_view(key)
        return ListState.from_data(saved.content, self.spec) if saved is not None else ListState(key)

    def saved_view(self, key: str) -> SavedView | None:
        """Return the view the user keeps under a tab's key."""
        return next((one for one in self.saved if f"{SAVED}{one.id}" == key), None)

    def keys(self) -> list[str]:
        """Return the keys of all tabs in their order."""
        given = [GIVEN] if self.given is not None else []
        declared = [view.key for view in self.spec.views if not view.mine or self.spec.owner]
        return [*given, *(declared or ["all"]), *(f"{SAVED}{one.id}" for one in self.saved)]

    def show_tabs(self, current: str = "") -> None:
        """Show the tabs with the counts that are known."""
        items = []
        for key in self.keys():
            count = self._counts.get(key)
            view = next((view for view in self.spec.views if view.key == key), None)
            saved = self.saved_view(key)
            label = self._title if key == GIVEN else saved.name if saved else _(view.label) if view else _("All")
            items.append(TabItem(key, label, "" if count is None else f"{count:,}", view.tone if view and count else ""))
        self.tabs.set_items(items, current)
        self.add.setVisible(self.may_keep())

    def may_keep(self) -> bool:
        """Tell whether the list that is shown can be kept: a condition it was opened with belongs to the page it came from."""
        return self.current() != GIVEN and may_save(self.desk.session)

    def _chosen(self, key: str) -> None:
        self.add.setVisible(self.may_keep())
        self.chosen.emit(self.state(key))

    def choose(self, place: int) -> None:
        """Show the view at a place, counted from 0."""
        if 0 <= place < self.tabs.count():
            self.tabs.setCurrentIndex(place)

    # ---- reading

    def read(self, done: Callable[[], None]) -> None:
        """Read the saved views, then call `done`."""
        def came(found: list[SavedView]) -> None:
            self.saved = found
            self.show_tabs()
            done()

        self.desk.operations.read(self, lambda: saved_views(self.desk.session, self.spec.name), came, key="saved", failed=self.failed.emit)

    def ask_counts(self) -> None:
        """Ask for the counts of every tab."""
        for key in self.keys():
            condition = self.condition(key)
            self.desk.operations.read(
                self, partial(records.count, self.desk.session, self.spec.name, condition), partial(self._counted, key), key=f"count.{key}", failed=self.failed.emit,
            )

    def count_of(self, key: str) -> int | None:
        """Return how many records a view holds, None where that is not known yet."""
        return self._counts.get(key)

    def _counted(self, key: str, count: int) -> None:
        if self._counts.get(key) != count:
            self._counts[key] = count
            self.show_tabs()

    # ---- keeping views

    def ask_name(self) -> None:
        """Ask under what name to keep the list as it is."""
        self._open_card(self.add, "", self._keep)

    def _open_card(self, anchor: QWidget, name: str, take: Callable[[str], None]) -> None:
        from desktop_crm.ui.name_card import NameCard

        if self._card is not None:
            self._card.deleteLater()
        self._card = NameCard(anchor, name)
        self._card.named.connect(take)
        self._card.open(self._card.line)

    def _keep(self, name: str) -> None:
        content = self._content()

        def done(changes: Changes[records.Saved]) -> None:
            saved = SavedView(changes.result.id, name, content)
            self.saved = [one for one in self.saved if one.id != saved.id] + [saved]
            self.show_tabs(f"{SAVED}{saved.id}")
            self.chosen.emit(self.state())

        self.desk.write(self, lambda: save_view(self.desk.session, self.spec.name, name, content), done, failed=self.failed.emit)

    def _content(self) -> dict[str, object]:
        state = self._state()
        saved = self.saved_view(state.view)
        content = state.to_data(self.spec)
        if saved is not None:
            content["view"] = str(saved.content.get("view", ""))
        return content

    def save_current(self) -> None:
        """Keep the changed list: into its own view where that is one the user keeps, else under a new name."""
        saved = self.saved_view(self.current())
        if saved is None:
            self.ask_name()
            return
        content = self._content()

        def done(_changes: Changes[records.Saved]) -> None:
            self.saved = [SavedView(one.id, one.name, content) if one.id == saved.id else one for one in self.saved]
            self.chosen.emit(self.state())

        self.desk.write(self, lambda: save_view(self.desk.session, self.spec.name, saved.name, content, key=saved.id), done, failed=self.failed.emit)

    def view_menu(self, key: str) -> QMenu | None:
        """Return what can be done with a view the user keeps."""
        saved = self.saved_view(key)
        if saved is None:
            return None
        menu = Menu(self)
        menu.addAction(_("Rename"), partial(self._open_card, self.tabs, saved.name, partial(self._rename, saved)))
        menu.addAction(_("Delete view"), partial(self._delete, saved))
        return menu

    def _menu(self, at: QPoint) -> None:
        place = self.tabs.tabAt(at)
        menu = self.view_menu(self.tabs.items()[place].key) if place >= 0 else None
        if menu is not None:
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.tabs.mapToGlobal(at))

    def _rename(self, saved: SavedView, name: str) -> None:
        self.desk.write(self, lambda: rename_view(self.desk.session, saved.id, name), lambda _changes: self.read(lambda: None), failed=self.failed.emit)

    def _delete(self, saved: SavedView) -> None:
        shown = self.saved_view(self.current()) == saved

        def done(_changes: Changes[int]) -> None:
            self.saved = [one for one in self.saved if one.id != saved.id]
            self.show_tabs()
            if shown:
                self.tabs.setCurrentIndex(0)
                self.chosen.emit(self.state())

        self.desk.write(self, lambda: delete_view(self.desk.session, saved.id), done, failed=self.failed.emit)

    def concerned(self, entities: set[str]) -> bool:
        """Tell whether a change of these entities changes the views."""
        return ENTITY in entities


def narrowed(base: Condition, state: ListState, spec: EntitySpec) -> Condition:
    """Return a view's condition with the filters and the words of a state."""
    condition = base
    for one in state.filters:
        if one.field in spec.fields:
            condition = both(condition, one.condition(spec.fields[one.field]))
    return both(condition, Matching(state.text)) if state.text else condition
