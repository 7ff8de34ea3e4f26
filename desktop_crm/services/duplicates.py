"""Finding records that are probably the same: equal in a field that tells duplicates, once writing differences are put aside.

Every record is put into buckets by its keys, so the work grows with the records and not with their pairs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Condition, Where, both
from desktop_crm.domain.phones import phone_digits
from desktop_crm.domain.text import fold_company, narrow
from desktop_crm.services.checking import is_empty
from desktop_crm.services.imports.matching import match_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.services.records import Step
    from desktop_crm.services.session import Session

SHORTEST_PHONE: Final = 7
MOST_SHARING: Final = 5
"""Records with one phone number; what more of them share is a switchboard's or a placeholder."""
MOST_COMPARED: Final = 300
"""Records with one name that are compared with each other; where there are more, only what says exactly the same goes together."""
PART: Final = 5000


@dataclass(frozen=True)
class Group:
    """Records that are probably the same: their ids in the order they were added, and the fields that say so, the surest first.

    `same` are those of the fields that are written alike to the letter.
    """

    ids: tuple[int, ...]
    fields: tuple[str, ...]
    same: frozenset[str] = frozenset()


def telling_fields(spec: EntitySpec) -> tuple[FieldSpec, ...]:
    """Return the fields by which duplicates are found: those the entity declares, then its telephone numbers."""
    phones = [name for name in spec.search if spec.fields[name].kind.name == "phone"]
    return tuple(spec.fields[name] for name in dict.fromkeys([*spec.match, *phones]))


def alike_key(spec: EntitySpec, field: FieldSpec, value: Any) -> Any:
    """Return what two writings of one value share: a name without its legal form, a number's digits, a code folded; None for too little."""
    if field.kind.name == "phone":
        digits = phone_digits(value)
        return digits if len(digits) >= SHORTEST_PHONE else None
    if field.name == spec.title and field.kind.name == "text":
        return fold_company(value) or None
    return match_key(field.kind, value)


def _last_digits(number: str) -> str:
    """Return what numbers with one `alike_key` have in common for sure, and is cheap to tell."""
    return "".join(filter(str.isdecimal, narrow(number)))[-SHORTEST_PHONE:]


def find_duplicates(session: Session, name: str, condition: Condition = EVERYTHING, *, step: Step = silent) -> list[Group]:
    """Return groups of probable duplicates among the records this person may see that fulfil `condition`, the surest first.

    Two of one name are taken for different where a surer field or a link says so: 张伟 of one customer isn't 张伟 of another.
    Raises NotAllowed, and Cancelled where `step` does.
    """
    spec = session.spec(name)
    telling = telling_fields(spec)
    links = [field.name for field in spec.typed_fields() if field.link and field.name != spec.owner]
    names = list(dict.fromkeys([*(field.name for field in telling), *links]))
    entry = session.entity(name)
    seen = session.readable(name, condition)
    count = session.records.count(entry, seen)
    rows: list[Values] = []
    last = 0
    while part := session.records.find(entry, both(seen, Where("id", "gt", last)), names, sort="id", limit=PART):
        step(len(rows), count)
        rows += part
        last = part[-1]["id"]
    return _grouped(spec, telling, links, rows, step)


def _grouped(spec: EntitySpec, telling: Sequence[FieldSpec], links: Sequence[str], rows: Sequence[Values], step: Step) -> list[Group]:
    above: dict[int, int] = {}
    why: dict[int, set[str]] = defaultdict(set)
    same: dict[int, set[str]] = defaultdict(set)

    def top(key: int) -> int:
        while above.get(key, key) != key:
            key = above[key]
        return key

    for number, field in enumerate(telling):
        step(number, len(telling))
        surer = [one for one in telling[:number] if not one.unique and one.kind.name != "phone"] if field.name == spec.title else []
        for cluster in _clusters(spec, field, surer, links if field.name == spec.title else (), rows):
            first = top(cluster[0]["id"])
            for row in cluster[1:]:
                above[top(row["id"])] = first
            above[first] = first
            why[cluster[0]["id"]].add(field.name)
            if len({row[field.name] for row in cluster}) == 1:
                same[cluster[0]["id"]].add(field.name)
    members: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row["id"] in above:
            members[top(row["id"])].append(row["id"])
    order = [field.name for field in telling]
    groups = []
    for ids in members.values():
        found = set().union(*(why[key] for key in ids))
        exact = frozenset().union(*(same[key] for key in ids))
        groups.append(Group(tuple(ids), tuple(name for name in order if name in found), exact))
    return sorted(groups, key=lambda group: (order.index(group.fields[0]), group.fields[0] not in group.same, group.ids))


def _clusters(spec: EntitySpec, field: FieldSpec, surer: Sequence[FieldSpec], links: Sequence[str], rows: Sequence[Values]) -> Iterator[list[Values]]:
    """Yield the rows that agree in a field, two or more together, those that something surer tells apart in different ones."""
    filled = [row for row in rows if not is_empty(row[field.name])]
    if field.kind.name == "phone":
        rough = [_last_digits(row[field.name]) for row in filled]
        often = Counter(rough)
        filled = [row for row, key in zip(filled, rough, strict=True) if often[key] > 1]
    buckets: dict[Any, list[Values]] = defaultdict(list)
    for row in filled:
        key = alike_key(spec, field, row[field.name])
        if key is not None:
            buckets[key].append(row)
    for bucket in buckets.values():
        if len(bucket) == 1 or (field.kind.name == "phone" and len(bucket) > MOST_SHARING):
            continue
        yield from (one for one in _parted(spec, bucket, surer, links) if len(one) > 1)


def _parted(spec: EntitySpec, bucket: Sequence[Values], surer: Sequence[FieldSpec], links: Sequence[str]) -> Iterable[list[Values]]:
    if not surer and not links:
        return [list(bucket)]
    told = [{**{one.name: alike_key(spec, one, row[one.name]) for one in surer if not is_empty(row[one.name])},
             **{name: row[name] for name in links if row[name] is not None}} for row in bucket]
    if len(bucket) > MOST_COMPARED:
        exact: dict[tuple[Any, ...], list[Values]] = defaultdict(list)
        for row, known in zip(bucket, told, strict=True):
            exact[tuple(sorted(known.items()))].append(row)
        return exact.values()
    parts: list[tuple[dict[str, Any], list[Values]]] = []
    for row, known in sorted(zip(bucket, told, strict=True), key=lambda pair: -len(pair[1])):
        for held, members in parts:
            if all(held.get(name, value) == value for name, value in known.items()):
                held.update(known)
                members.append(row)
                break
        else:
            parts.append((dict(known), [row]))
    return [sorted(members, key=lambda row: int(row["id"])) for _held, members in parts]
