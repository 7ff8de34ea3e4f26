"""The log of the whole company: every action, whose it was, what it touched and whether it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.base.progress import silent
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, EntitySpec, FieldSpec, Ref, Values
from desktop_crm.domain.conditions import EVERYTHING, Condition, Either, Every, Matching, Query, Where, both
from desktop_crm.models import logbook
from desktop_crm.services.exporting import cell_of, column_of, export_rows
from desktop_crm.services.history import Event, worded
from desktop_crm.services.listing import Listing, no_totals
from desktop_crm.services.undoing import UNDO_ANY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.models.changes import Entry
    from desktop_crm.services.records import Step
    from desktop_crm.services.session import Session

NAME: Final = "log"
EXPORTED: Final = ("at", "label", "user", "action", "entities", "records", "computer", "state")
EXPORT_PAGE: Final = 500
ACTIONS: Final = (
    Choice("save", N_("Saved")), Choice("change_many", N_("Changed on many")), Choice("import", N_("Imported")), Choice("delete", N_("Deleted")),
    Choice("restore", N_("Restored")), Choice("merge", N_("Merged")), Choice("post_receipt", N_("Receipt posted")), Choice("allocate", N_("Allocated")),
    Choice("undo", N_("Undone")), Choice("redo", N_("Redone")), Choice("prune", N_("History removed")), Choice("sample", N_("Sample data")),
    Choice("create", N_("Company made")), Choice("bring_back", N_("Brought back from Excel")),
)
STATES: Final = (Choice("undone", N_("Undone"), "warn"), Choice("stands", "", "neutral"))


def spec(session: Session) -> EntitySpec:
    """Return the log as a list is declared: its columns and filters, with the kinds of records this person may see."""
    entities = tuple(Choice(one.name, one.label) for one in session.catalog.values())
    fields = (
        FieldSpec("at", kinds.INSTANT, N_("Date and time"), sortable=False, tone="clock"), FieldSpec("label", kinds.TEXT, N_("Operation"), sortable=False),
        FieldSpec("user", kinds.LINK, N_("Person"), link="user", sortable=False), FieldSpec("action", kinds.CHOICE, N_("Kind of action"), choices=ACTIONS, sortable=False),
        FieldSpec("entity", kinds.CHOICE, N_("Kind of record"), choices=entities, sortable=False),
        FieldSpec("entities", kinds.TEXT, N_("Kinds of records"), sortable=False), FieldSpec("records", kinds.INTEGER, N_("Records"), sortable=False),
        FieldSpec("computer", kinds.TEXT, N_("Computer"), sortable=False), FieldSpec("state", kinds.CHOICE, N_("State"), choices=STATES, sortable=False),
    )
    return EntitySpec(
        name=NAME, label=N_("Log"), one=N_("Operation"), icon="history", title="label", fields={one.name: one for one in fields}, sort="at", descending=True,
        columns=("at", "label", "user", "entities", "records", "computer", "state"), filters=("user", "at", "action", "entity"), search=("label",),
    )


def listing(session: Session) -> Listing:
    """Return the log as a list of what this person may see: everything for a manager or administrator, otherwise one's own actions."""
    return Listing(spec(session), lambda condition: logbook.count_actions(session.records, asked(session, condition)),
                   lambda query, offset, limit, total: page(session, query, offset=offset, limit=limit, total=total), no_totals)


def asked(session: Session, condition: Condition) -> Condition:
    """Return a condition over the log's fields as one over its rows, with this person's rights in it."""
    mine = EVERYTHING if session.person.role in UNDO_ANY else Where("user", "eq", session.person.id)
    # SQLite's LIKE takes small and capital letters alike by itself, and much faster.
    return both(_over_rows(condition, "small_label" if session.store.mysql else "label"), mine)


def _over_rows(condition: Condition, label: str) -> Condition:
    match condition:
        case Every(parts):
            return Every(tuple(_over_rows(part, label) for part in parts))
        case Either(parts):
            return Either(tuple(_over_rows(part, label) for part in parts))
        case Matching(text):
            return Every(tuple(Where(label, "contains", word.lower()) for word in text.split()))
        case Where("label", "contains", text):
            return Where(label, "contains", str(text).lower())
        case Where("entity", "eq", value):
            return Where("entities", "contains", f",{value},")
        case Where("entity", "in", values):
            return Either(tuple(Where("entities", "contains", f",{value},") for value in values))
        case _:
            return condition


def page(session: Session, query: Query, *, offset: int = 0, limit: int = 100, total: int | None = None) -> list[Values]:
    """Return the rows of the log from `offset` on, the latest first."""
    ids = logbook.action_ids(session.records, asked(session, query.condition), limit=limit, offset=offset, count=total)
    entries = session.log.entries_by_id(ids)
    standing = session.log.standing(ids)
    return [row_of(session, one, stands=one.id in standing) for one in entries]


def row_of(session: Session, entry: Entry, *, stands: bool) -> Values:
    """Return an action as a row of the log."""
    names = [session.everything[name].plural for name in entry.entities if name in session.everything]
    return {
        "id": entry.id, "at": entry.at, "label": entry.label, "user": None if entry.user_id is None else Ref(entry.user_id, entry.user_name), "action": entry.action,
        "entity": "", "entities": _(", ").join(names), "records": entry.records, "computer": entry.computer, "state": "stands" if stands else "undone",
    }


def records_listing(session: Session, change_set: int) -> Listing:
    """Return what one action did to each record as a list; the row's ``event`` holds the fields."""
    what = (Choice("insert", N_("Added"), "success"), Choice("update", N_("Changed"), "info"), Choice("delete", N_("Deleted"), "danger"))
    fields = (
        FieldSpec("title", kinds.TEXT, N_("Record"), sortable=False), FieldSpec("entity", kinds.TEXT, N_("Kind of record"), sortable=False),
        FieldSpec("what", kinds.CHOICE, N_("Kind of change"), choices=what, sortable=False), FieldSpec("changes", kinds.TEXT, N_("Changes"), sortable=False),
    )
    described = EntitySpec(
        name="action", label=N_("Log"), one=N_("Record"), icon="history", title="title", fields={one.name: one for one in fields},
        columns=("title", "entity", "what", "changes"),
    )

    def page_of(_query: Query, offset: int, limit: int, _total: int | None) -> list[Values]:
        return [_record_row(session, one) for one in records_of(session, change_set, offset=offset, limit=limit)]

    return Listing(described, lambda _condition: action(session, change_set)[0].records, page_of, no_totals)


def _record_row(session: Session, event: Event) -> Values:
    texts = [
        _("{field}: {old} → {new}").format(field=one.label, old=one.before or "—", new=one.after or "—") if event.kind == "update"
        else _("{field}: {value}").format(field=one.label, value=one.after if event.kind == "insert" else one.before)
        for one in event.fields
    ]
    title = _("No right to see this") if event.hidden else event.title or session.everything[event.entity].singular
    return {"id": event.record, "title": title, "entity": session.everything[event.entity].singular, "what": event.kind,
            "changes": _("; ").join(" ".join(text.split()) for text in texts), "event": event}


def action(session: Session, change_set: int) -> tuple[Entry, bool]:
    """Return one action and whether it stands; raises NotFound, also for somebody else's where this person sees only the own ones."""
    found = logbook.action_ids(session.records, both(Where("id", "eq", change_set), asked(session, EVERYTHING)), limit=1)
    return session.log.entry(found[0] if found else 0), bool(session.log.standing(found))


def records_of(session: Session, change_set: int, *, offset: int = 0, limit: int = 100) -> list[Event]:
    """Return what an action did to each record, in its order. What this person may not see is told without names and figures."""
    action(session, change_set)
    return worded(session, logbook.touched_records(session.log, change_set, limit=limit, offset=offset))


def export(session: Session, condition: Condition, path: Path, *, step: Step = silent) -> int:
    """Write the actions that fulfil the condition to a file, the latest first, and return how many. Raises UserError where it can't be written."""
    described = spec(session)
    fields = [described.fields[name] for name in EXPORTED]
    ids = logbook.action_ids(session.records, asked(session, condition))

    def rows() -> Iterator[list[object]]:
        for start in range(0, len(ids), EXPORT_PAGE):
            part = ids[start : start + EXPORT_PAGE]
            standing = session.log.standing(part)
            for one in session.log.entries_by_id(part):
                values = row_of(session, one, stands=one.id in standing)
                yield [cell_of(field, values[field.name]) for field in fields]

    return export_rows(path, [column_of(field) for field in fields], rows(), progress=lambda done: step(done, len(ids)))
