"""What waits for the person: the counts in the rail, the bell and what it opens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_crm.base.i18n import _
from desktop_crm.services import feed
from desktop_crm.ui.kit.sheets import Menu

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.shell import Shell
    from desktop_crm.ui.reminding import Reminding


class Attention(QObject):
    """Signals: `named(company)` when the company turns out to be called otherwise, `failed` (exception)."""

    named = Signal(str)
    failed = Signal(object)

    def __init__(self, desk: Desk, shell: Shell) -> None:
        super().__init__(desk)
        self._desk, self._shell = desk, shell
        self._company = ""
        self._found: list[feed.Attention] = []
        self.reminding: Reminding | None = None

    def ask(self) -> None:
        """Count what waits."""
        session = self._desk.session

        def work() -> tuple[str, list[feed.Attention]]:
            return feed.company_name(session), feed.attention(session)

        self._desk.operations.read(self, work, self._have, key="attention", failed=self.failed.emit, waited_for=False)

    def _have(self, answer: tuple[str, list[feed.Attention]]) -> None:
        name, found = answer
        if name != self._company:
            self._company = name
            self._shell.rail.set_company(name)
            self.named.emit(name)
        self._found = [one for one in found if one.count]
        for one in found:
            if one.view.tone == "danger" and one.view.key == "overdue":
                self._shell.rail.set_badge(one.entity, str(one.count) if one.count else "", "danger")
            elif one.view.mine:
                self._shell.rail.set_badge(one.entity, str(one.count) if one.count else "")
        self.count()

    def count(self) -> None:
        """Show on the bell how much waits, reminders included."""
        self._shell.top_bar.bell.set_count(len(self._found) + (len(self.reminding.found) if self.reminding else 0))

    def show(self) -> None:
        """Open what waits under the bell."""
        bell = self._shell.top_bar.bell
        menu = Menu(bell)
        if self.reminding is not None:
            self.reminding.fill(menu)
        for one in self._found:
            spec = self._desk.session.catalog[one.entity]
            text = _("{entity}: {view} ({count})").format(entity=spec.plural, view=_(one.view.label), count=one.count)
            condition = feed.view_condition(self._desk.session, spec, one.view)
            menu.addAction(text, partial(self._desk.show_list, one.entity, condition, _(one.view.label)))
        if menu.isEmpty():
            menu.addAction(_("Nothing waits for you")).setEnabled(False)
        menu.popup(bell.mapToGlobal(bell.rect().bottomLeft()))
