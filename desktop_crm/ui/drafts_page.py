"""Everything typed on this computer and not saved: what it is about, when, what was typed; to go on with or to throw away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.conditions import Where
from desktop_crm.services import history, records
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.draft_offer import draft_title
from desktop_crm.ui.drafts import drop_draft, keep_draft, kept_drafts
from desktop_crm.ui.kit.widgets import (
    Button,
    Card,
    EmptyState,
    IconLabel,
    Label,
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
from desktop_crm.ui.tell import toasts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QShowEvent

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.session import Session
    from desktop_crm.ui.drafts import DamagedDraft, Kept

FIELDS: Final = 3
TEXT: Final = 60


@dataclass(frozen=True)
class Standing:
    """How the record of a draft stands now: ``new``, ``same``, ``changed`` (by whom and when), ``gone`` or ``readonly``."""

    state: str
    who: str = ""
    at: str = ""


def standing(session: Session, kept: Kept) -> Standing:
    """Return how the record of a draft stands now. It reads the database."""
    name, key = kept.entity, kept.key
    if not session.may_write(name):
        return Standing("readonly")
    if key is None:
        return Standing("new")
    here = Where("id", "eq", key)
    if not records.count(session, name, here):
        return Standing("gone")
    (found,) = records.read(session, session.spec(name), [key], [])
    if kept.draft.get("version") == found["version"]:
        return Standing("same")
    last = next(iter(history.record_history(session, name, key)), None)
    return Standing("changed", last.who if last else "?", f"{last.at.astimezone():%m-%d %H:%M}" if last else "?")


class DraftsPage(Page):
    """The drafts of this person in this company, the latest first."""

    place = "drafts"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("drafts")
        self.setWindowTitle(_("Unsaved drafts"))
        self.body = column(gap=12, margins=(20, 12, 20, 20))
        head = row(Label(self.windowTitle(), "page"), Label(_("Kept on this computer until they are saved or discarded"), "body", "text2"), None, gap=12, margins=(20, 12, 16, 12))
        self.setLayout(column(box(head, "surface"), hline(), (scroll(holder(self.body), name="drafts.body"), 1), gap=0))
        self.cards: list[DraftCard] = []
        self.load()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        return {"refresh": self.load}

    def load(self) -> None:
        """Read the drafts, then how their records stand now."""
        session = self.desk.session
        if not self.cards:
            clear(self.body)
            self.body.addWidget(Skeleton(4))
            self.body.addStretch(1)
        self.desk.operations.draft(self, lambda: kept_drafts(session.url, session.person.id), self._found, failed=self.desk.fail)

    def _found(self, found: tuple[list[Kept], list[DamagedDraft]]) -> None:
        session = self.desk.session
        kept = [one for one in found[0] if one.entity in session.catalog]
        for problem in found[1]:
            self.desk.said.emit(problem.message, None, "danger", "")
        self.desk.operations.read(self, lambda: [(one, standing(session, one)) for one in kept], self._show, key="standing", failed=self.desk.fail)

    def _show(self, found: Sequence[tuple[Kept, Standing]]) -> None:
        clear(self.body)
        self.cards = [DraftCard(self, kept, now) for kept, now in found]
        for card in self.cards:
            self.body.addWidget(card)
        if not self.cards:
            self.body.addWidget(EmptyState("circle-check", _("No drafts"), _("Whatever is typed and not saved yet is kept here within two seconds")))
        self.body.addStretch(1)

    def open(self, kept: Kept, now: Standing) -> None:
        """Go on with a draft; one whose record is gone becomes that of a new record."""
        if now.state != "gone":
            self.desk.draft_wanted.emit(kept)
            return
        new = kept.as_new()

        def work() -> None:
            keep_draft(new.path, new.draft)
            drop_draft(kept.path)

        self.desk.operations.draft(self.desk, work, lambda _done: self.desk.draft_wanted.emit(new), failed=self.desk.fail)

    def discard(self, kept: Kept) -> None:
        """Throw a draft away; the message that says so brings it back."""
        desk = self.desk

        def back() -> None:
            desk.operations.draft(desk, lambda: keep_draft(kept.path, kept.draft), lambda _done: self.load(), failed=desk.fail)

        def gone(_done: object) -> None:
            toasts_of(self).show(_("Draft discarded"), "info", action=(_("Undo"), back))
            self.load()

        desk.operations.draft(self, lambda: drop_draft(kept.path), gone, failed=desk.fail)

    def refresh(self, entities: set[str]) -> None:
        """Read anew once a record was saved or changed."""
        del entities
        self.when_seen(self.load)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was typed meanwhile, of which nobody is told."""
        if self.cards:
            self.refresh(set())
        super().showEvent(event)


class DraftCard(Card):
    """One draft."""

    def __init__(self, page: DraftsPage, kept: Kept, now: Standing) -> None:
        super().__init__()
        session = page.desk.session
        spec = session.catalog[kept.entity]
        self.setObjectName(f"drafts.{kept.path.stem}")
        self.kept, self.now = kept, now
        self.open = Button(_("Open as a new one") if now.state == "gone" else _("Open"), "soft", size="small", name="drafts.open", on_click=partial(page.open, kept, now))
        self.open.setVisible(now.state != "readonly")
        self.drop = Button(_("Discard"), "ghost", size="small", name="drafts.discard", on_click=partial(page.discard, kept))
        title = row(IconLabel(spec.icon), Label(draft_title(session.catalog, kept), "body", bold=True), gap=8)
        mark = self._mark(spec, now)
        if mark is not None:
            title.addWidget(mark)
        self.body.addLayout(row(title, None, Label(self._when(kept), "small", "text3"), self.drop, self.open, gap=8))
        for text in typed_texts(spec, kept):
            self.body.addWidget(Label(text, "small", "text2", wrap=True))

    @staticmethod
    def _mark(spec: EntitySpec, now: Standing) -> Tag | None:
        if now.state == "changed":
            text = _("Changed meanwhile by {who}, {time}; where both changed a field, you choose").format(who=now.who, time=now.at)
            return Tag(text, "warn")
        if now.state == "gone":
            return Tag(_("This {entity} was deleted meanwhile").format(entity=in_sentence(spec.singular)), "danger")
        return Tag(_("You may not change this any more"), "neutral") if now.state == "readonly" else None

    @staticmethod
    def _when(kept: Kept) -> str:
        try:
            return f"{datetime.fromisoformat(kept.at).astimezone():%Y-%m-%d %H:%M}"
        except ValueError:
            return kept.at[:16]


def typed_texts(spec: EntitySpec, kept: Kept) -> list[str]:
    """Return the first fields of a draft as a user reads them, each before and after, and how many lines it has."""
    fields, base = kept.draft["fields"], kept.draft.get("base", {})
    names = [name for name in fields if name in spec.fields]
    made = []
    for name in names[:FIELDS]:
        field = spec.fields[name]
        before, after = _text(base.get(name)), _text(fields[name])
        if kept.key is None or not before:
            made.append(_("{field}: {value}").format(field=field.title, value=after or "—"))
        else:
            made.append(_("{field}: {old} → {new}").format(field=field.title, old=before, new=after or "—"))
    if len(names) > FIELDS:
        made.append(_("and {count} more fields").format(count=len(names) - FIELDS))
    count = sum(len(rows) for rows in kept.draft["lines"].values())
    if count:
        made.append(_("Lines: {count}").format(count=count))
    return made


def _text(value: Any) -> str:
    """Return a value as it stands in a draft, short."""
    if isinstance(value, list):
        value = value[1] if len(value) > 1 else ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"
