"""The recycle bin: records that were deleted and can be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, EntitySpec, FieldSpec, Ref, Values
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Matching, Query, Where
from desktop_crm.models.fields import LinkField
from desktop_crm.models.logbook import Bin, Binned, BinQuery
from desktop_crm.services import policy
from desktop_crm.services.listing import Listing, no_totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.services.session import Session
    from desktop_crm.services.undoing import Key

NAME: Final = "bin"


def kinds_in(session: Session) -> list[str]:
    """Return the entities whose deleted records this person may bring back: those that don't belong to another record as lines do."""
    return [spec.name for spec in session.catalog.values() if not _part(session, spec.name) and session.may_write(spec.name)]


def _part(session: Session, name: str) -> bool:
    return any(isinstance(field, LinkField) and field.cascade for field in session.entity(name).fields.values())


def spec(session: Session) -> EntitySpec:
    """Return the bin as a list is declared."""
    entities = tuple(Choice(name, session.catalog[name].one) for name in kinds_in(session))
    fields = (
        FieldSpec("title", kinds.TEXT, N_("Record"), sortable=False), FieldSpec("entity", kinds.CHOICE, N_("Kind of record"), choices=entities, sortable=False),
        FieldSpec("at", kinds.INSTANT, N_("Deleted on"), sortable=False, tone="clock"), FieldSpec("user", kinds.LINK, N_("Deleted by"), link="user", sortable=False),
        FieldSpec("label", kinds.TEXT, N_("Operation"), sortable=False), FieldSpec("computer", kinds.TEXT, N_("Computer"), sortable=False),
    )
    return EntitySpec(
        name=NAME, label=N_("Recycle bin"), one=N_("Deleted record"), icon="trash-2", title="title", fields={one.name: one for one in fields}, sort="at",
        descending=True, columns=("title", "entity", "at", "user", "label", "computer"), filters=("entity", "user", "at"), search=("title",),
    )


def listing(session: Session) -> Listing:
    """Return the bin as a list of what this person could bring back."""
    return Listing(spec(session), lambda condition: Bin(session.records).count(asked(session, condition)),
                   lambda query, offset, limit, _total: page(session, query, offset=offset, limit=limit), no_totals)


def asked(session: Session, condition: Condition) -> BinQuery:
    """Return what a list's condition asks of the bin, with this person's rights in it."""
    names: Sequence[str] = kinds_in(session)
    words: list[str] = []
    rest: list[Condition] = []
    for part in condition.parts if isinstance(condition, Every) else (condition,):
        match part:
            case Where("entity", "in", values):
                names = [name for name in names if name in values]
            case Where("entity", "eq", value):
                names = [name for name in names if name == value]
            case Matching(text):
                words += text.split()
            case Where("title", "contains", text):
                words.append(str(text))
            case _:
                rest.append(part)
    scopes = {name: policy.scope(session.person, session.everything, session.everything[name], "write") for name in names}
    return BinQuery(scopes, Every(tuple(rest)), tuple(words))


def page(session: Session, query: Query, *, offset: int = 0, limit: int = 100) -> list[Values]:
    """Return deleted records from `offset` on, the latest deleted first; their ids are those of the change by which they went."""
    return [_row(session, one) for one in Bin(session.records).page(asked(session, query.condition), limit=limit, offset=offset)]


def _row(session: Session, one: Binned) -> Values:
    described = session.catalog[one.entity]
    title = described.fields.get(described.title, None)
    shown = ""
    if title is not None and not title.link:
        shown = title.show(session.entity(one.entity).fields[title.name].from_database(one.state.get(title.name)))
    who = None if one.entry.user_id is None else Ref(one.entry.user_id, one.entry.user_name)
    return {"id": one.change, "change_set": one.entry.id, "entity": one.entity, "record": one.record, "title": shown or described.singular, "at": one.entry.at, "user": who,
            "label": one.entry.label, "computer": one.entry.computer}


def keys_of(session: Session, condition: Condition = EVERYTHING) -> list[Key]:
    """Return every deleted record that the condition finds, as `restore` takes it."""
    query, found, bin_ = asked(session, condition), [], Bin(session.records)
    count = bin_.count(query)
    for offset in range(0, count, 500):
        found += [(one.entity, one.record) for one in bin_.page(query, limit=500, offset=offset)]
    return found
