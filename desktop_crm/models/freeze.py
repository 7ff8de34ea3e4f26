"""Prints the migration that creates an entity's table as it is declared now: ``python -m desktop_crm.models.freeze NAME``."""

from __future__ import annotations

import sys

from desktop_crm.models.entities import load_entities
from desktop_crm.models.registry import Entity, entity
from desktop_crm.models.schema import Column


def frozen_column(column: Column) -> str:
    """Return one column as the source text of a migration."""
    parts = [repr(column.name), repr(column.type)]
    if column.type == "text" and column.size != Column("", "text").size:
        parts.append(f"size={column.size}")
    parts += [f"{name}={getattr(column, name)!r}" for name in ("to", "index", "unique", "formula") if getattr(column, name) and not (name == "index" and column.to)]
    return f"        Column({', '.join(parts)}),".replace("'", '"') if '"' not in "".join(parts) and "'" not in column.formula else f"        Column({', '.join(parts)}),"


def migration(entry: Entity) -> str:
    """Return the source text of a migration that creates the table of `entry`."""
    columns = "\n".join(frozen_column(column) for column in entry.columns())
    return f'''"""{entry.spec.label}."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "{entry.table}",
{columns}
    )
'''


if __name__ == "__main__":
    load_entities()
    sys.stdout.write(migration(entity(sys.argv[1])))
