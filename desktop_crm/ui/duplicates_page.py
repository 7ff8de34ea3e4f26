"""Records of a list that are probably the same, in groups with the reason; each group goes on to the page that merges."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QGridLayout

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _, in_sentence, ngettext
from desktop_crm.services import records
from desktop_crm.services.duplicates import find_duplicates
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.widgets import (
    Button,
    Card,
    CheckBox,
    ElidedLabel,
    EmptyState,
    Label,
    LinkLabel,
    Skeleton,
    Tag,
    box,
    clear,
    column,
    hline,
    holder,
    row,
    scroll,
)
from desktop_crm.ui.list_actions import MERGED_AT_LEAST, MERGED_AT_MOST
from desktop_crm.ui.memory import recall, remember
from desktop_crm.ui.show import cell_kind, full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.duplicates import Group

AT_ONCE: Final = 20
DETAILS: Final = 4
MOST_KEPT: Final = 2000
"""Groups put aside that are remembered; the oldest are forgotten."""

Found = list[tuple["Group", list["Values"]]]


class DuplicatesPage(Page):
    """Groups of probable duplicates of an entity, a page of them at a time."""

    topic = "merge"

    def __init__(self, desk: Desk, entity: str) -> None:
        super().__init__(desk)
        self.spec = desk.session.spec(entity)
        self.place = entity
        self.groups: list[Group] = []
        self.shown = 0
        self.setObjectName(f"duplicates.{entity}")
        self.setWindowTitle(_("Find duplicates: {entity}").format(entity=in_sentence(self.spec.plural)))
        self.summary = Label("", "body", "text2")
        again = Button(_("Search again"), icon="refresh-cw", name="action.search_again", on_click=self.load)
        head = row(Label(self.windowTitle(), "page"), self.summary, None, again, gap=12, margins=(20, 10, 16, 10))
        self.body = column(gap=12, margins=(20, 12, 20, 20))
        self.setLayout(column(box(head, "surface"), hline(), (scroll(holder(self.body), name="duplicates.body"), 1), gap=0))
        self.load()

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the list, then this page."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (_("Find duplicates"), None)]

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        return {"refresh": self.load}

    # ---- searching

    def load(self) -> None:
        """Search the whole list; it may take seconds and can be stopped."""
        session, name = self.desk.session, self.spec.name
        clear(self.body)
        self.body.addWidget(Skeleton(6))
        self.body.addStretch(1)
        self.summary.setText(_("Searching…"))
        title = _("Looking for duplicates: {entity}").format(entity=in_sentence(self.spec.plural))
        self.desk.operations.file(self, lambda step: find_duplicates(session, name, step=step), self._found, title=title, failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        self.summary.setText("")
        clear(self.body)
        if not isinstance(problem, UserError | Cancelled):
            self.desk.fail(problem)
            return
        text = problem.message if isinstance(problem, UserError) else _("The search was stopped")
        self.body.addWidget(EmptyState("search", _("Nothing was found"), text))
        self.body.addStretch(1)

    @property
    def _memory(self) -> str:
        return f"{self.spec.name}.different.{self.desk.session.url}"

    def _put_aside(self) -> set[tuple[int, ...]]:
        return {tuple(ids) for ids in recall(self.desk, self._memory, default=[])}

    def _found(self, groups: list[Group]) -> None:
        aside = self._put_aside()
        self.groups = [group for group in groups if group.ids not in aside]
        self._begin()

    def _begin(self) -> None:
        """Show the groups from the first one on."""
        self.shown = 0
        clear(self.body)
        self._count()
        if self.groups:
            self.cards = column(gap=12)
            self.more_button = Button(_("Show more"), name="action.more_groups", on_click=self.more)
            self.more_button.hide()
            self.body.addLayout(self.cards)
            self.body.addLayout(row(self.more_button, None))
            self.more()
        else:
            self.body.addWidget(EmptyState("circle-check", _("No duplicates found"), _("Compared: {fields}").format(fields=self._compared())))
        self.body.addStretch(1)

    def _compared(self) -> str:
        return _(", ").join(self.spec.fields[name].title for name in self.spec.match)

    def _count(self) -> None:
        text = ngettext("{count} group", "{count} groups", len(self.groups)).format(count=f"{len(self.groups):,}")
        self.summary.setText(text if self.groups else "")

    # ---- showing

    def more(self) -> None:
        """Read and show the next groups."""
        part = self.groups[self.shown : self.shown + AT_ONCE]
        session, spec = self.desk.session, self.spec

        def work() -> Found:
            rows = {row["id"]: row for row in records.read(session, spec, [key for group in part for key in group.ids], self._names())}
            return [(group, [rows[key] for key in group.ids if key in rows]) for group in part]

        self.desk.operations.read(self, work, self._show, key="groups", failed=self.desk.fail)

    def _names(self) -> list[str]:
        return list(dict.fromkeys([self.spec.title, *self.spec.match, *self.spec.columns, *self.spec.search, "created_at"]))

    def _show(self, found: Found) -> None:
        for group, rows in found:
            if len(rows) >= MERGED_AT_LEAST:
                self.cards.addWidget(GroupCard(self, group, rows))
        self.shown += len(found)
        self.more_button.setVisible(self.shown < len(self.groups))

    def put_aside(self, card: GroupCard) -> None:
        """Remember on this computer that the records of a group are different, and show it no more."""
        kept = [*recall(self.desk, self._memory, default=[]), list(card.group.ids)][-MOST_KEPT:]
        remember(self.desk, self._memory, kept)
        self.groups = [group for group in self.groups if group.ids != card.group.ids]
        self.shown -= 1
        self.cards.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._count()

    def merge(self, ids: list[int]) -> None:
        """Go on to the page that merges these records."""
        if MERGED_AT_LEAST <= len(ids) <= MERGED_AT_MOST:
            self.desk.show_page("merge", entity=self.spec.name, ids=tuple(ids))
        else:
            self.desk.say(_("Tick two to five records that mean the same"), "info")

    def refresh(self, entities: set[str]) -> None:
        """Read the groups that are shown anew once somebody changed a record; a merged group goes."""
        if not self.groups or (entities and self.spec.name not in entities):
            return
        self.when_seen(self._read_again)

    def _read_again(self) -> None:
        session, spec, ids = self.desk.session, self.spec, [key for group in self.groups for key in group.ids]

        def came(there: list[int]) -> None:
            known = set(there)
            self.groups = [group for group in self.groups if sum(key in known for key in group.ids) >= MERGED_AT_LEAST]
            self._begin()

        self.desk.operations.read(self, lambda: [row["id"] for row in records.read(session, spec, ids, [])], came, key="again", failed=self.desk.fail)


class GroupCard(Card):
    """One group: why its records are probably the same, and each of them with what tells it from the others."""

    def __init__(self, page: DuplicatesPage, group: Group, rows: list[Values]) -> None:
        super().__init__()
        self.page, self.group = page, group
        spec = page.spec
        self.setObjectName(f"duplicates.group.{group.ids[0]}")
        reasons = []
        for name in group.fields:
            text = _("{field}: the same") if name in group.same else _("{field}: written differently")
            reasons.append(Tag(text.format(field=spec.fields[name].title), "info" if name in group.same else "warn"))
        self.merge = Button(_("Merge…"), "soft", icon="merge", size="small", name="duplicates.merge", on_click=self._merge)
        aside = Button(_("Not the same"), "ghost", size="small", name="duplicates.different", on_click=partial(page.put_aside, self))
        self.body.addLayout(row(*reasons, None, aside, self.merge, gap=8))
        self.ticks: dict[int, CheckBox] = {}
        names = self._telling(rows)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        created = spec.fields["created_at"].title
        for place, text in enumerate(["", *(spec.fields[name].title for name in (spec.title, *names)), created]):
            grid.addWidget(Label(text, "small", "text3"), 0, place)
            grid.setColumnStretch(place, 0 if place in {0, len(names) + 2} else 3 if place == 1 else 2)
        for line, one in enumerate(rows, 1):
            for place, cell in enumerate(self._cells(one, names)):
                grid.addWidget(cell, line, place)
        self.body.addLayout(grid)
        for place, tick in enumerate(self.ticks.values()):
            tick.setChecked(place < MERGED_AT_MOST)

    def _telling(self, rows: list[Values]) -> list[str]:
        """Return the fields shown beside the name: those that say why, then those in which the records differ."""
        spec = self.page.spec
        differing = [name for name in (*spec.match, *spec.search, *spec.columns) if len({str(row.get(name)) for row in rows}) > 1]
        names = dict.fromkeys([*self.group.fields, *differing])
        return [name for name in names if name != spec.title and cell_kind(spec, spec.fields[name]) is not Kind.STARS][:DETAILS]

    def _cells(self, one: Values, names: list[str]) -> list[QWidget]:
        spec, today = self.page.spec, self.page.desk.session.today
        key = int(one["id"])
        title = spec.fields[spec.title].show(one.get(spec.title)) or f"#{key}"
        self.ticks[key] = CheckBox(name=f"duplicates.tick.{key}", tip=_("Merge “{title}” too").format(title=title))
        link = LinkLabel(title, name=f"duplicates.open.{key}")
        link.clicked.connect(partial(self.page.desk.open_record, spec.name, key))
        texts = [ElidedLabel(full_text(spec.fields[name], one.get(name), today)[0] or "—", "body", "text2") for name in names]
        return [self.ticks[key], holder(row(link, None)), *texts, Label(f"{one['created_at'].astimezone():%Y-%m-%d}", "body", "text2")]

    def _merge(self) -> None:
        self.page.merge([key for key, tick in self.ticks.items() if tick.isChecked()])
