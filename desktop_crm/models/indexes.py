"""The indexes lists are read by, made from the declarations: derived objects like the triggers, made anew after migrations and compared by `check`.

What a list begins with – its columns and its filters – can be sorted and filtered by, so each of them has an index; migrations need not name them.
The typed amounts and days that are in none of these share one more: a file that was damaged in one of them no longer agrees with its index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.schema import existing_tables, is_mysql
from desktop_crm.models.triggers import kept_sums

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.models.database import Store
    from desktop_crm.models.fields import Declared


def wanted(entities: Mapping[str, Entity] = REGISTER) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the columns of each index by its name, by table; an index is named after its columns as those of migrations are."""
    made: dict[str, dict[str, tuple[str, ...]]] = {}
    for entry in entities.values():
        for table, columns in _of(entry):
            made.setdefault(table, {})[f"{table}_{'_'.join(columns)}"] = columns
    return made


def _of(entry: Entity) -> list[tuple[str, tuple[str, ...]]]:
    own: list[tuple[str, tuple[str, ...]]] = [(entry.table, (column_name(field),)) for name, field in entry.stored().items() if entry.indexed(name)]
    rest = tuple(column_name(field) for name, field in entry.stored().items() if _typed_figure(field) and not entry.indexed(name))
    own += [(entry.table, rest)] if rest else []
    return own + [(kept.child.table, (kept.link, kept.of(rollup.field))) for kept in kept_sums(entry) for rollup in kept.kept.values() if rollup.how != "sum"]


def _typed_figure(field: Declared) -> bool:
    """Tell whether a field is an amount or a day that somebody types: nothing else in the company says what it was."""
    return field.kind.name in {"money", "date"} and not field.spec.derived and not field.formula and field.spec.link == ""


def missing(store: Store) -> bool:
    """Tell whether one that the declarations ask for isn't there."""
    if store.mysql:
        rows = store.sql("SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE()").fetchall()
    else:
        rows = store.sql("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    asked = {name for indexes in wanted(store.entities).values() for name in indexes}
    return bool(asked - {row[0] for row in rows})


def rebuild(db: Any, entities: Mapping[str, Entity] = REGISTER) -> None:
    """Make those that are missing in tables that are there, on a server all of a table's in one statement."""
    there = existing_tables(db)
    for table, indexes in wanted(entities).items():
        if table not in there:
            continue
        made = {index.name for index in db.get_indexes(table)}
        parts = [f"INDEX `{name}` ({', '.join(f'`{column}`' for column in columns)})" for name, columns in indexes.items() if name not in made]
        if is_mysql(db) and parts:
            db.execute_sql(f"ALTER TABLE `{table}` {', '.join(f'ADD {part}' for part in parts)}")
        elif parts:
            for part in parts:
                head, _bracket, columns = part.partition(" (")
                db.execute_sql(f"CREATE {head} ON `{table}` ({columns}")
