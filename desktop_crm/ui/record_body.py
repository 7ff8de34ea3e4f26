"""What stands below the head of a record's page: its sections, its lines, and the records that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.ui.lines import LinesPanel
from desktop_crm.ui.related import RelatedCard
from desktop_crm.ui.view_field import ViewCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QVBoxLayout

    from desktop_crm.domain.catalog import EntitySpec, Ref, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.view_field import ViewField

SIDE: Final = 20
"""The margin at either side."""

Lines = dict[str, list["Values"]]


class RecordBody:
    """The parts: `cards` of sections, `panels` of lines by their entity, and the card of `related` records; none before they are built."""

    def __init__(self, desk: Desk, spec: EntitySpec, links: LinkSource) -> None:
        self.desk, self.spec, self.links = desk, spec, links
        self.cards: list[ViewCard] = []
        self.panels: dict[str, LinesPanel] = {}
        self.related: RelatedCard | None = None

    def build(self, body: QVBoxLayout, values: Callable[[], Values], *, saved: Callable[[str, Any], None], typed: Callable[[], None]) -> Iterator[None]:
        """Put the parts above the spring at the end of `body`, in small steps, filled with the `values` of the time."""
        desk, spec = self.desk, self.spec
        writes = desk.session.may_write(spec.name)
        hint = _("F2 edits a field") if writes else ""
        for place, section in enumerate(spec.form):
            if not section.fields:
                continue
            card = ViewCard(desk, spec, section, self.links, editable=writes, hint="" if place else hint)
            card.saved.connect(saved)
            card.typed.connect(typed)
            card.opened.connect(desk.open_record)
            self.cards.append(card)
            yield
            card.set_values(values())
            body.insertWidget(body.count() - 1, card)
            yield
        for child in desk.session.catalog.children(spec.name):
            panel = LinesPanel(desk, child, fixed=True)
            panel.hide()
            body.insertWidget(body.count() - 1, panel)
            self.panels[child.name] = panel
            yield
        if any(name in desk.session.catalog for name, _via in spec.related):
            self.related = RelatedCard(desk, spec)
            body.insertWidget(body.count() - 1, self.related)
            yield

    def fields(self) -> dict[str, ViewField]:
        """Return the fields that are shown, by name."""
        return {name: field for card in self.cards for name, field in card.fields.items()}

    def show_lines(self, lines: Lines) -> Iterator[None]:
        """Show the lines of the record; a panel without any takes no room."""
        for name, panel in self.panels.items():
            rows = lines.get(name, [])
            if rows or not panel.isHidden():
                panel.set_rows(rows)
                panel.setVisible(bool(rows))
                yield

    def show_around(self, record: Ref) -> None:
        """Ask for the records that belong to this one, or ask again."""
        if self.related is None:
            return
        if self.related.record is None:
            self.related.show_record(record)
        else:
            self.related.refresh()

    def needed_width(self) -> int:
        """Return the width it needs so that the figures of its lines are all seen."""
        return max((panel.needed_width() for panel in self.panels.values() if not panel.isHidden()), default=0) + 2 * SIDE
