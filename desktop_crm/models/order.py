"""What a list is sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import peewee

from desktop_crm.base.lazily import dataclass
from desktop_crm.models.compile import THIS
from desktop_crm.models.name_places import ORDER
from desktop_crm.models.registry import column_name, entity

if TYPE_CHECKING:
    from desktop_crm.models.compile import Compiler


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column with an index, the title of a linked record, or a value without an index.

    Records follow one another by it and then by id, both in the same direction, so that one index serves both ways; those without a value come first.
    A `turned` order is that of a column which falls as what is shown rises, as a date does while its days pass.
    """

    way: Literal["index", "link", "value"]
    name: str
    turned: bool = False

    @classmethod
    def of(cls, compiler: Compiler, sort: str) -> Order:
        """Return what the field `sort`, or the entity's own choice where it is empty, stands for."""
        entry = compiler.entry
        spec = entry.spec
        name = sort or spec.sort or spec.title
        field = entry.fields.get(name)
        if field is not None and field.spec.link:
            return cls("link", name)
        if field is not None and field.since:
            return cls("index", field.since, turned=True)
        if name == spec.title and field is not None and field.kind.name in {"text", "note"}:
            name = ORDER
        return cls("index" if name == "id" or (entry.indexed(name) and not compiler.late(name)) else "value", name)

    def value(self, compiler: Compiler) -> Any:
        """Return the SQL of what one record is sorted by."""
        if self.way != "link":
            return compiler.served(self.name)
        field = compiler.entry.fields[self.name]
        return peewee.SQL(f"(SELECT l.sort_key FROM `{entity(field.spec.link).table}` l WHERE l.id = {THIS}.`{column_name(field)}`)")


def directed(keys: list[Any], *, descending: bool) -> list[Any]:
    """Return the keys of an order in one direction."""
    return [peewee.Ordering(key, "DESC" if descending else "ASC") for key in keys]
