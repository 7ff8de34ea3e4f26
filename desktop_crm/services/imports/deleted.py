"""Deleted records that a row of an import would bring back as a new one: they are named, so that they can be restored instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.models.logbook import Bin, BinQuery
from desktop_crm.services.bin import kinds_in
from desktop_crm.services.checking import is_empty
from desktop_crm.services.imports.matching import match_key

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.models.logbook import Binned
    from desktop_crm.services.session import Session

MOST: Final = 5000
"""Deleted records that are looked at, the latest."""


class Deleted:
    """What is in the recycle bin of one entity and this person could restore, by the fields that tell duplicates."""

    def __init__(self, session: Session, spec: EntitySpec, match: tuple[str, ...]) -> None:
        self._spec = spec
        self._index: dict[str, dict[Any, Binned]] = {name: {} for name in match}
        if not match or spec.name not in kinds_in(session):
            return
        entry = session.entity(spec.name)
        for one in Bin(session.records).page(BinQuery({spec.name: session.scope(spec.name, "write")}), limit=MOST):
            for name, index in self._index.items():
                value = entry.fields[name].from_database(one.state.get(name))
                if not is_empty(value):
                    index.setdefault(match_key(spec.fields[name].kind, value), one)

    def find(self, values: Values) -> tuple[str, str] | None:
        """Return the field by which a row is a deleted record, and what there is to say about it; None where it is none."""
        for name, index in self._index.items():
            one = index.get(match_key(self._spec.fields[name].kind, values[name])) if index and not is_empty(values.get(name)) else None
            if one is not None:
                message = _("A record with this {field} was deleted on {day} by {person} and is in the recycle bin; restore it there if it is the same one")
                day = one.entry.at.astimezone().date().isoformat()
                return name, message.format(field=self._spec.fields[name].title, day=day, person=one.entry.user_name)
        return None
