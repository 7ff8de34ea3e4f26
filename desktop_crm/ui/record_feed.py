"""The column beside a record: what was done with it and what was changed in it, and a box that writes the next follow-up."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import N_, _
from desktop_crm.services import history, print_log
from desktop_crm.ui import follow_ups
from desktop_crm.ui.composer_draft import ComposerDraft
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.timeline import Composer, Event, Timeline
from desktop_crm.ui.kit.widgets import TabItem, Tabs, column, hline, holder, row, vline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from PySide6.QtGui import QResizeEvent

    from desktop_crm.domain.catalog import Catalog, EntitySpec, Values
    from desktop_crm.ui.desk import Desk

WIDTH: Final = 352
STEP: Final = 30
NAMED: Final = 5
SHOWN_CHANGES: Final = 12
PRINTS: Final = {print_log.PRINTER: N_("{document} printed on {target}"), print_log.PDF: N_("{document} saved as PDF"), print_log.EMAIL: N_("{document} sent to {target}")}
PRINT_ICONS: Final = {print_log.PRINTER: "printer", print_log.PDF: "file-down", print_log.EMAIL: "mail"}
ICONS: Final = {"insert": ("plus", "success"), "update": ("pencil", "neutral"), "delete": ("trash-2", "danger")}


class RecordFeed(Ground):
    """Timeline and composer of one record."""

    def __init__(self, desk: Desk, spec: EntitySpec) -> None:
        super().__init__()
        self.desk, self.spec = desk, spec
        self.record: Values = {}
        self._limit = STEP
        self._done: list[tuple[datetime, Event]] = []
        self._changed: list[tuple[datetime, Event]] = []
        self.setObjectName(f"record.{spec.name}.feed")
        self.setFixedWidth(WIDTH)
        catalog = desk.session.catalog
        self._follows = bool(follow_ups.via(catalog, spec.name))
        items = [TabItem("all", _("All events"))]
        if self._follows:
            items.append(TabItem("done", _("Follow-ups")))
        items.append(TabItem("changes", _("Changes")))
        self.tabs = Tabs(items, name="feed.tabs", label=_("What happened"))
        self.tabs.chosen.connect(self._show)
        self.timeline = Timeline(name="feed.timeline")
        self.timeline.more_wanted.connect(self._more)
        self.timeline.link_clicked.connect(self._open)
        layout = column(row(self.tabs, None, margins=(16, 4, 16, 0)), gap=0)
        self.composer: Composer | None = None
        self._draft: ComposerDraft | None = None
        if follow_ups.customer_link(catalog, spec) and spec.name != follow_ups.ENTITY and desk.session.may_write(follow_ups.ENTITY):
            self.composer = Composer(follow_ups.composer_kinds(catalog), attach=False)
            self.composer.sent.connect(self._send)
            layout.addWidget(holder(row((self.composer, 1), margins=(16, 6, 16, 4))))
        layout.addWidget(self.timeline, 1)
        self.setLayout(layout)

    def show_record(self, values: Values) -> None:
        """Show what happened to a record."""
        self.record = values
        if self.composer is not None and self._draft is None and values.get(follow_ups.customer_link(self.desk.session.catalog, self.spec)) is not None:
            self._draft = ComposerDraft(self.desk, self.spec, values, self.composer)
        self.ask()

    def keep(self) -> None:
        """Keep the follow-up that is being written before the page is left."""
        if self._draft is not None:
            self._draft.keeper.keep()

    def ask(self) -> None:
        """Read what happened."""
        if not self.record:
            return
        session, spec, key, limit, today = self.desk.session, self.spec, int(self.record["id"]), self._limit, self.desk.session.today

        def work() -> tuple[list[tuple[datetime, Event]], list[tuple[datetime, Event]]]:
            done = [(one.get("happened_at") or one["created_at"], follow_ups.event(session.catalog, one, today)) for one in follow_ups.latest(session, spec.name, key, limit=limit)]
            changes = change_events(session.catalog, spec, history.record_history(session, spec.name, key), today)
            changes += print_events(print_log.of_record(session, spec.name, key, limit=limit), today)
            return done, changes

        self.desk.operations.read(self, work, self._came, key="feed", failed=self.desk.fail)

    def _came(self, found: tuple[list[tuple[datetime, Event]], list[tuple[datetime, Event]]]) -> None:
        self._done, self._changed = found
        counts = {"done": len(self._done), "changes": len(self._changed)}
        items = [TabItem(one.key, one.label, str(counts[one.key]) if counts.get(one.key) else "") for one in self.tabs.items()]
        self.tabs.set_items(items)
        self._show(self.tabs.current())

    def _show(self, tab: str) -> None:
        events = [*(self._done if tab != "changes" else []), *(self._changed if tab != "done" else [])]
        events.sort(key=lambda one: one[0], reverse=True)
        more = len(events) > self._limit or (tab != "changes" and len(self._done) == self._limit)
        self.timeline.set_events([event for _at, event in events[: self._limit]], more=more)

    def _more(self) -> None:
        self._limit += STEP
        self.ask()

    def _open(self, key: str) -> None:
        entity, _dot, number = key.partition(".")
        if number.isdigit() and entity == follow_ups.ENTITY:
            self.desk.open_record(entity, int(number))

    def _send(self, kind: str, text: str) -> None:
        record = dict(self.record)
        self.desk.write(self, partial(follow_ups.write, self.desk.session, self.spec, record, kind, text), lambda _changes: self._sent(), failed=self.desk.fail)

    def _sent(self) -> None:
        if self.composer is not None:
            self.composer.clear()
        if self._draft is not None:
            self._draft.done()
        self.ask()


class FeedBeside(QWidget):
    """A record with its feed beside it; where that leaves the record less than `needed()` pixels, each has a tab."""

    def __init__(self, record: QWidget, feed: RecordFeed, needed: Callable[[], int]) -> None:
        super().__init__()
        self._record, self._feed, self._needed = record, feed, needed
        self.tabs = Tabs([TabItem("record", _("Record")), TabItem("feed", _("What happened"))], name="record.tabs", label=_("Parts of the page"))
        self.tabs.chosen.connect(self.arrange)
        self._tab_row = holder(column(row(self.tabs, None, margins=(20, 2, 20, 0)), hline(), gap=0))
        self._line = vline()
        self._tabbed = False
        content = holder(row((record, 1), self._line, feed, gap=0))
        self.setLayout(column(self._tab_row, (content, 1), gap=0))
        self.arrange()

    def arrange(self) -> None:
        """Show both, or the one whose tab is chosen."""
        tabbed = self.width() - WIDTH - 1 < self._needed()
        if not tabbed and self._tabbed:
            self.tabs.set_current("record")
        self._tabbed = tabbed
        chosen = self.tabs.current()
        self._tab_row.setVisible(tabbed)
        self._line.setVisible(not tabbed)
        self._record.setVisible(not tabbed or chosen == "record")
        self._feed.setVisible(not tabbed or chosen == "feed")
        self._feed.setFixedWidth(self.width() if tabbed else WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the window's width."""
        super().resizeEvent(event)
        self.arrange()


def print_events(found: Sequence[Values], today: date) -> list[tuple[datetime, Event]]:
    """Return what was printed, written to a file or sent of a record as entries of the timeline."""
    made = []
    for one in found:
        at = one["printed_at"].astimezone()
        text = _(PRINTS[one["way"]]).format(document=one["label"], target=one["target"])
        if one["copies"] and one["copies"] > 1:
            text += " · " + _("{count} copies").format(count=one["copies"])
        who = one["owner"].title if one["owner"] is not None else ""
        made.append((one["printed_at"], Event(f"print.{one['id']}", follow_ups.day_title(at.date(), today), who, at.strftime("%H:%M"), text, PRINT_ICONS[one["way"]], "info")))
    return made


def _line_title(catalog: Catalog, spec: EntitySpec, line: history.Event) -> str:
    """Return what a line that came or went is called: one of another record with its kind and amount, since there is nothing else to know it by."""
    entity = catalog[line.entity]
    if entity.parent and entity.fields[entity.parent].link == spec.name:
        return line.title
    known = {change.field: change.after or change.before for change in line.fields if change.field in entity.totals or entity.fields[change.field].choices}
    return " ".join([line.title, *(known[name] for name in entity.columns if name in known)])


def change_events(catalog: Catalog, spec: EntitySpec, found: Sequence[history.Event], today: date) -> list[tuple[datetime, Event]]:
    """Return what was changed in a record as entries of the timeline, the latest first: one for each action, its lines told together."""
    made = []
    for _number, group in groupby(found, key=lambda one: one.change_set):
        events = list(group)
        own = next((one for one in events if one.entity == spec.name), None)
        lines = [one for one in events if one.entity != spec.name]
        first = own or events[0]
        at = first.at.astimezone()
        icon, tone = ICONS[own.kind if own else "update"]
        changes = [(change.label, change.before, change.after) for change in own.fields] if own and own.kind == "update" else []
        changes += [(f"{one.title} {change.label}", change.before, change.after) for one in lines if one.kind == "update" for change in one.fields]
        texts = [own.word] if own and own.kind != "update" else []
        for (entity, word), ones in groupby([one for one in lines if one.kind != "update"], key=lambda one: (one.entity, one.word)):
            titles = [_line_title(catalog, spec, one) for one in ones]
            more = _(" and {count} more").format(count=len(titles) - NAMED) if len(titles) > NAMED else ""
            texts.append(_("{lines}, {action}: {titles}").format(lines=catalog[entity].plural, action=word, titles=_(", ").join(titles[:NAMED]) + more))
        day = follow_ups.day_title(at.date(), today)
        entry = Event(f"change.{first.change_set}", day, first.who, at.strftime("%H:%M"), "\n".join(texts), icon, tone, tuple(changes[:SHOWN_CHANGES]))
        made.append((first.at, entry))
    return made
