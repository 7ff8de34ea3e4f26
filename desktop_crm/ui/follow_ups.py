"""Follow-ups as the screens show and write them. The one file of the screens that knows what a follow-up is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import activities, records
from desktop_crm.ui.kit.timeline import Event
from desktop_crm.ui.show import short_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from desktop_crm.domain.catalog import Catalog, EntitySpec, Values
    from desktop_crm.services.records import Saved
    from desktop_crm.services.session import Changes, Session

ENTITY: Final = "activity"
CUSTOMER: Final = "customer"
ICONS: Final = {"call": "phone", "visit": "map-pin", "wechat": "message-square", "email": "mail", "meeting": "users", "dunning": "hand-coins", "other": "pencil"}
IN_COMPOSER: Final = ("call", "visit", "wechat")


def via(catalog: Catalog, entity: str) -> str:
    """Return the link of follow-ups to records of an entity; empty where they have none."""
    if ENTITY not in catalog:
        return ""
    return next((field.name for field in catalog[ENTITY].fields.values() if field.link == entity), "")


def customer_link(catalog: Catalog, spec: EntitySpec) -> str:
    """Return the field of an entity that names the customer: ``id`` where the record is one, empty where it has none."""
    if ENTITY not in catalog:
        return ""
    if spec.name == CUSTOMER:
        return "id"
    return next((field.name for field in spec.fields.values() if field.link == CUSTOMER), "")


def composer_kinds(catalog: Catalog) -> list[tuple[str, str, str]]:
    """Return (code, label, icon) of the ways a follow-up is written down quickly."""
    field = catalog[ENTITY].fields["kind"]
    return [(choice.code, _(choice.label), ICONS[choice.code]) for choice in field.choices if choice.code in IN_COMPOSER]


def latest(session: Session, entity: str, key: int, *, limit: int) -> list[Values]:
    """Return the latest follow-ups of a record; none where follow-ups don't concern its entity or are out of reach."""
    link = via(session.catalog, entity)
    if not link:
        return []
    query = Query(ENTITY, Where(link, "eq", key), "happened_at", descending=True, columns=("content", "kind", "happened_at", "owner", "next_on", "created_at"))
    return records.page(session, query, limit=limit)


def concerns(catalog: Catalog, spec: EntitySpec, record: Values) -> Values:
    """Return the links of a follow-up of a record: to its customer, and to the record itself."""
    link = customer_link(catalog, spec)
    me = Ref(int(record["id"]), spec.fields[spec.title].show(record.get(spec.title)))
    own = via(catalog, spec.name)
    return {CUSTOMER: me if link == "id" else record[link], **({own: me} if own not in {"", CUSTOMER} else {})}


def write(session: Session, spec: EntitySpec, record: Values, kind: str, text: str) -> Changes[Saved]:
    """Write a follow-up of a record: for its customer, linked to the record itself."""
    links = {name: int(value) for name, value in concerns(session.catalog, spec, record).items()}
    if len(links) == 1:
        return activities.follow_up(session, customer=links[CUSTOMER], text=text, kind=kind)
    given: dict[str, Any] = {**links, "kind": kind, "content": text, "happened_at": session.now}
    return records.save(session, ENTITY, records.new(session, ENTITY, **given))


def when(moment: datetime, today: date) -> str:
    """Return when something happened: the time of day today, else the day."""
    local = moment.astimezone()
    return local.strftime("%H:%M") if local.date() == today else short_day(local.date(), today)


def day_title(day: date, today: date) -> str:
    """Return the heading over what happened on a day."""
    text = short_day(day, today)
    return _("Today · {day}").format(day=text) if day == today else text


def event(catalog: Catalog, row: Values, today: date, *, dated: bool = True) -> Event:
    """Return a follow-up as an entry of a timeline; with `dated` it stands under its day and says the time."""
    kind = catalog[ENTITY].fields["kind"]
    choice = kind.choice(row.get("kind") or "")
    moment = (row.get("happened_at") or row["created_at"]).astimezone()
    owner = row.get("owner")
    who = owner.title if owner is not None else _("Nobody")
    label = f"{who} · {_(choice.label)}" if choice else who
    text = row.get("content") or ""
    if row.get("next_on"):
        text += "\n" + _("Next follow-up: {day}").format(day=row["next_on"].isoformat())
    clock = moment.strftime("%H:%M") if dated else when(moment, today)
    return Event(f"{ENTITY}.{row['id']}", day_title(moment.date(), today) if dated else "", label, clock, text, ICONS.get(row.get("kind") or "", "pencil"), choice.tone if choice else "neutral")
