"""What a role may see and do, as conditions that every query carries.

Rights are given by area: an entity belongs to one, a line to its record's. A field marked sensitive leaves the catalog, and
so every screen, file and print, of the roles that may not see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import Catalog, EntitySpec
from desktop_crm.domain.conditions import EVERYTHING, NOTHING, Condition, Linked, VisibleTo, Where

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

Action = Literal["read", "write"]
Scope = Literal["all", "visible", "own", "none"]


@dataclass(frozen=True)
class Right:
    """How far a role reaches in one area."""

    read: Scope
    write: Scope


ALL: Final = Right("all", "all")
VISIBLE: Final = Right("visible", "visible")
READ: Final = Right("all", "none")
READ_VISIBLE: Final = Right("visible", "none")
OWN: Final = Right("own", "own")

RIGHTS: Final[dict[str, dict[str, Right]]] = {
    "admin": {"sales": ALL, "finance": ALL, "common": ALL, "admin": ALL, "own": OWN, "paper": ALL, "prints": READ, "fields": READ},
    "manager": {"sales": VISIBLE, "finance": VISIBLE, "common": ALL, "admin": READ, "own": OWN, "paper": ALL, "prints": READ, "fields": READ},
    "sales": {"sales": VISIBLE, "finance": READ_VISIBLE, "common": READ, "admin": READ, "own": OWN, "paper": READ, "prints": READ_VISIBLE, "fields": READ},
    "finance": {"sales": ALL, "finance": ALL, "common": ALL, "admin": READ, "own": OWN, "paper": READ, "prints": READ, "fields": READ},
    "viewer": {"sales": READ, "finance": READ, "common": READ, "admin": READ, "own": OWN, "paper": READ, "prints": READ, "fields": READ},
}
"""Roles by area. Sales people see what they and those they lead own, and what nobody owns (公海). Who may write ``paper`` designs printed
documents; the log of ``prints`` is written by the program, and custom ``fields`` by `services/custom_fields.py`."""

SEES_SENSITIVE: Final = frozenset({"admin", "manager", "finance"})
NO_RIGHT: Final = Right("none", "none")


@dataclass(frozen=True)
class Person:
    """The user who acts: `id` in the user table, `role` one of RIGHTS, `login` the sign-in name."""

    id: int
    name: str
    role: str
    department: int | None = None
    login: str = ""


def right(person: Person, catalog: Catalog, spec: EntitySpec) -> Right:
    """Return the right of a person in the area of an entity; a line has that of its record."""
    while spec.parent:
        spec = catalog[spec.fields[spec.parent].link]
    return RIGHTS.get(person.role, {}).get(spec.area, NO_RIGHT)


def scope(person: Person, catalog: Catalog, spec: EntitySpec, action: Action) -> Condition:
    """Return the condition that the records of `spec` fulfil which the person may read or write; no right is NOTHING."""
    reach: Scope = getattr(right(person, catalog, spec), action)
    if reach == "all":
        return EVERYTHING
    if reach == "none":
        return NOTHING
    if spec.parent:
        return Linked(spec.parent, scope(person, catalog, catalog[spec.fields[spec.parent].link], action))
    if not spec.owner:
        return EVERYTHING
    return VisibleTo(person.id, spec.owner) if reach == "visible" else Where(spec.owner, "eq", person.id)


def may(person: Person, catalog: Catalog, name: str, action: Action) -> bool:
    """Tell whether the person may read or write anything of the entity at all."""
    return name in catalog and getattr(right(person, catalog, catalog[name]), action) != "none"


def seen_by(person: Person, catalog: Catalog) -> Catalog:
    """Return the catalog as the person sees it: without entities out of reach and without fields not meant for the role."""
    visible = {}
    for name, spec in catalog.items():
        if right(person, catalog, spec).read == "none":
            continue
        hidden = {field.name for field in spec.fields.values() if field.sensitive} if person.role not in SEES_SENSITIVE else set()
        visible[name] = spec.without(hidden)
    return Catalog(visible)


def may_back_up(session: Session) -> bool:
    """Tell whether this person's program may back the company up: of a server only an administrator's, a file may anybody copy who opens it."""
    return session.person.role == "admin" or not session.store.mysql


def may_check(session: Session) -> bool:
    """Tell whether this person may have the company checked: problems name records, so it takes somebody who sees all."""
    names = ("customer", "receivable")
    return all(right(session.person, session.everything, session.everything[name]).read == "all" for name in names)


def may_merge(session: Session, name: str) -> bool:
    """Tell whether this person may merge records of the entity at all."""
    return name in session.catalog and session.catalog[name].mergeable and may(session.person, session.catalog, name, "write")
