"""Conditions as data: what a filter, a saved view or a right asks of a record, before any database sees it.

They are compiled to SQL in one place, so that lists, counts, sums, exports and rights mean the same thing.
A field may be a path through links, such as ``customer.owner``.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, Final, Literal

from desktop_crm.base.lazily import dataclass

Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "empty", "filled", "period"]
OPERATORS: Final[tuple[str, ...]] = ("eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "empty", "filled", "period")


@dataclass(frozen=True)
class Where:
    """One field compared with a value; ``period`` takes a period name, ``empty`` and ``filled`` take none."""

    field: str
    operator: Operator = "eq"
    value: Any = None


@dataclass(frozen=True)
class Every:
    """True where all of `parts` are; with none of them, everywhere."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Either:
    """True where one of `parts` is; with none of them, nowhere: this is what no right compiles to."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Related:
    """True where a record of `entity` whose link `via` points here fulfils `condition`."""

    entity: str
    via: str
    condition: Condition


@dataclass(frozen=True)
class Linked:
    """True where the record that the link `field` points to fulfils `condition`."""

    field: str
    condition: Condition


@dataclass(frozen=True)
class VisibleTo:
    """True where the owner in `field` is one of those whose records `viewer` may see, or where there is no owner."""

    viewer: int
    field: str


@dataclass(frozen=True)
class Matching:
    """True where the record's search text holds every word of `text`."""

    text: str


Condition = Where | Every | Either | Related | Linked | VisibleTo | Matching
EVERYTHING: Final = Every()
NOTHING: Final = Either()


def both(first: Condition, second: Condition) -> Condition:
    """Join two conditions, leaving out those that are always true."""
    parts = tuple(part for part in (first, second) if part != EVERYTHING)
    return parts[0] if len(parts) == 1 else Every(parts)


@dataclass(frozen=True)
class Query:
    """What a list shows: the records of `entity` that fulfil `condition`, in the order of `sort`."""

    entity: str
    condition: Condition = EVERYTHING
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = field(default=())


def to_data(condition: Condition) -> dict[str, Any]:
    """Turn a condition into what JSON can hold, for a saved view. Values must be JSON values themselves."""
    match condition:
        case Where(name, operator, value):
            return {"field": name, "operator": operator, "value": value}
        case Every(parts):
            return {"every": [to_data(part) for part in parts]}
        case Either(parts):
            return {"either": [to_data(part) for part in parts]}
        case Related(entity, via, inner):
            return {"related": entity, "via": via, "where": to_data(inner)}
        case Linked(name, inner):
            return {"linked": name, "where": to_data(inner)}
        case Matching(text):
            return {"matching": text}
        case VisibleTo():
            raise ValueError(condition)


def from_data(data: dict[str, Any]) -> Condition:
    """Read back what `to_data` wrote; raises ValueError or KeyError on anything else."""
    if "every" in data:
        return Every(tuple(from_data(part) for part in data["every"]))
    if "either" in data:
        return Either(tuple(from_data(part) for part in data["either"]))
    if "related" in data:
        return Related(data["related"], data["via"], from_data(data["where"]))
    if "linked" in data:
        return Linked(data["linked"], from_data(data["where"]))
    if "matching" in data:
        return Matching(str(data["matching"]))
    if data["operator"] not in OPERATORS:
        raise ValueError(data["operator"])
    return Where(data["field"], data["operator"], data["value"])
