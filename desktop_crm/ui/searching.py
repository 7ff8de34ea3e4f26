"""Ctrl+K: records, commands and actions found in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.text import fold, search_text
from desktop_crm.services.search import Found, find
from desktop_crm.ui.kit.palette import CommandPalette, Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.desk import Desk

COMMANDS_SHOWN = 6


@dataclass(frozen=True)
class Command:
    """Something the program can do from anywhere, found by its name or the name's pinyin."""

    key: str
    label: str
    icon: str
    act: Callable[[], object]
    keys: str = ""


class Searching(QObject):
    """Feeds the palette from the database, away from the window's thread, and from the commands."""

    def __init__(self, desk: Desk, window: QWidget, commands: Callable[[], Sequence[Command]]) -> None:
        super().__init__(window)
        self.desk = desk
        self._commands = commands
        catalog = desk.session.catalog
        scopes = [(spec.name, spec.plural) for spec in catalog.values() if spec.group]
        self.palette = CommandPalette(window, self._search, [*scopes, ("command", _("Commands"))])
        self.palette.chosen.connect(self._chosen)

    def open(self) -> None:
        """Show the palette."""
        self.palette.open()

    def _search(self, text: str, reply: Callable[[Sequence[Hit]], None]) -> None:
        commands = self._command_hits(text)
        if text.startswith(">") or not text:
            reply(commands)
            return
        session = self.desk.session
        self.desk.operations.read(self, lambda: find(session, text), lambda found: reply([*self._record_hits(text, found), *commands]), key="palette")

    def _record_hits(self, text: str, found: Sequence[Found]) -> list[Hit]:
        hits = []
        for one in found:
            spec = self.desk.session.catalog[one.entity]
            hits.append(Hit(("record", one.entity, one.id), one.title, spec.plural, scope=one.entity, icon=spec.icon, tone="info", matches=matched(one.title, text) or one.spots, detail=one.detail))
        return hits

    def _command_hits(self, text: str) -> list[Hit]:
        wanted = fold(text.removeprefix(">"))
        found = [command for command in self._commands() if all(word in search_text(command.label) for word in wanted.split())]
        shown = found if text.startswith(">") or not text else found[:COMMANDS_SHOWN]
        return [Hit(("command", command.key), command.label, _("Commands"), scope="command", icon=command.icon, matches=matched(command.label, text), keys=command.keys) for command in shown]

    def _chosen(self, key: Any) -> None:
        self.palette.close_up()
        if key[0] == "record":
            self.desk.open_record(key[1], key[2])
            return
        for command in self._commands():
            if command.key == key[1]:
                command.act()
                return


def matched(title: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where the words of `text` stand in `title` as written; a match by pinyin has no place to show."""
    lowered, found = title.casefold(), []
    for word in text.casefold().split():
        start = lowered.find(word)
        if start >= 0 and len(lowered) == len(title):
            found.append((start, start + len(word)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if not merged or start >= merged[-1][1]:
            merged.append((start, end))
    return tuple(merged)
