"""What is known of records: their values by id, and what a change set remembers of them. Rows are dictionaries of values, never model objects."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.models.compile import THIS, Compiler
from desktop_crm.models.fields import Declared
from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.sieve import Sieve
from desktop_crm.models.turning import day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.models.database import Store
    from desktop_crm.models.engines import Answer, Statement

BATCH: Final = 500
"""Rows a statement: below SQLite's limit of 32,766 parameters for every entity."""

FEW: Final = 20
"""Records that are read whole and remembered at once: those of a form, not those of an import."""
ALWAYS_READ: Final = ("id", "version")


@dataclass(frozen=True)
class _Plan:
    """How the fields of a row are read: the SQL of their columns, "" where one of them depends on today; where each stands in a whole row, and what converts it.

    `written` is where each stands among the parameters of an insert, empty where the database works one of them out.
    """

    text: str
    stored: _Picked | None
    written: _Picked | None


def conversion(field: Declared) -> Callable[[Any], Any] | None:
    """Return what makes a value of what is stored, None where it is the same."""
    same = field.kind.empty is None and type(field).from_database is Declared.from_database
    return None if same else field.from_database


class _Picked:
    """Some fields of a row: where they stand in it, and what converts those that are stored as something else."""

    def __init__(self, places: Mapping[str, int], fields: Mapping[str, Declared], names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.pick = itemgetter(*(places[name] for name in names), places[names[0]])  # one more, so that it gives a tuple of a single field too
        self.converted = tuple((name, convert) for name in names if (convert := conversion(fields[name])) is not None)

    def values(self, key: int, row: Sequence[Any]) -> Values:
        """Return the fields of the record `key` as values."""
        made: Values = {"id": key}
        made.update(zip(self.names, self.pick(row), strict=False))
        for name, convert in self.converted:
            made[name] = convert(made[name])
        return made


@lru_cache(maxsize=2000)
def _plan(entry: Entity, names: tuple[str, ...]) -> _Plan:
    wanted = [name for name in names if name not in ALWAYS_READ]
    if not entry.places.keys() >= set(wanted):
        return _Plan("", None, None)
    columns = ("id", "`version`", *(f"`{column_name(entry.fields[name])}`" for name in wanted))
    names = ("version", *wanted)
    given = {name: place for place, name in enumerate(entry.written())}
    stored = _Picked(entry.places, entry.fields, names)
    written = _Picked(given, entry.fields, names) if given.keys() >= set(wanted) else None
    return _Plan(", ".join(f"{THIS}.{column}" for column in columns), stored, written)


@lru_cache(maxsize=200)
def _reached(name: str) -> frozenset[str]:
    """Return the entities whose rows change with a row of the entity `name`: it, those that keep sums over it, and so on."""
    found = {name}
    grown = True
    while grown:
        more = {entry.name for entry in REGISTER.values() for field in entry.fields.values() if field.rollup is not None and field.rollup[0] in found}
        grown = not more <= found
        found |= more
    return frozenset(found)


@lru_cache(maxsize=200)
def _kept_over(name: str) -> tuple[tuple[str, int], ...]:
    """Return the entities that keep sums over the entity `name`, each with the place of the link to it among the parameters of an insert."""
    places = {field: place for place, field in enumerate(REGISTER[name].written())}
    found = {(entry.name, places[field.rollup.via]) for entry in REGISTER.values() for field in entry.fields.values() if field.rollup is not None and field.rollup.child == name}
    return tuple(sorted(found))


def _existing(asked: Sequence[tuple[Entity, int]]) -> Statement:
    """Return the question for which of some records are there, answered in one number with a bit for each, the first the lowest: a server's driver takes its time for each column."""
    bits = " + ".join([f"{1 << place} * EXISTS (SELECT 1 FROM `{entry.table}` WHERE id = ?)" for place, (entry, _key) in enumerate(asked)])
    return f"SELECT {bits}", [int(key) for _entry, key in asked]


class Reading:
    """Reads the records of one store by id, as seen on one day.

    One that `remembers` is a change set's: what it read stays until a statement writes or waits for a lock, since each rule that runs on a
    save asks for the same few records. What it inserted one by one it knows without asking, and on a file, where nobody else writes meanwhile,
    such an insert makes it forget only what sums make of it. `reserved` are numbers that counters gave early, with whether somebody uses them: `services.numbers` fills and asks it.
    """

    def __init__(self, store: Store, today: date, *, remembers: bool = False) -> None:
        self.store = store
        self.today = today
        self.remembers = remembers
        self._met: dict[tuple[str, int], bool] = {}
        self.reserved: dict[str, tuple[int, bool]] = {}
        self._forget()

    def _forget(self) -> None:
        """Forget what was read: it may be out of date."""
        self._as_of = self.store.writes
        self._owners: dict[int, list[int]] = {}
        self._sieve = Sieve(self.store)
        self._rows: dict[str, dict[int, Sequence[Any] | None]] = defaultdict(dict)
        self._found: dict[tuple[str, str, tuple[Any, ...]], list[int]] = {}
        self._known: dict[str, dict[int, Sequence[Any]]] = defaultdict(dict)
        self._passed: set[tuple[str, int]] = set()

    def _fresh(self) -> None:
        if self._as_of != self.store.writes:
            self._forget()

    @property
    def passed(self) -> set[tuple[str, int]]:
        """What rules found right since the last write, by entity and id: theirs to fill and to ask."""
        self._fresh()
        return self._passed

    def compiler(self, entry: Entity, *, blunt: bool = False) -> Compiler:
        """Return a compiler for conditions over `entry`."""
        self._fresh()
        return Compiler(entry, today=self.today, mysql=self.store.mysql, sieve=self._sieve, seen=self._seen, blunt=blunt, reached=self._reached, entities=self.store.entities)

    def _reached(self) -> date:
        """Return the day as of which sums are kept."""
        return day_of(self.store)

    def _seen(self, viewer: int) -> list[int]:
        """Return those whose records a viewer may see."""
        if viewer not in self._owners:
            rows = self.store.sql("SELECT owner_id FROM visibility WHERE viewer_id = ?", (viewer,)).fetchall()
            self._owners[viewer] = sorted(int(row[0]) for row in rows)
        return self._owners[viewer]

    def rows(self, entry: Entity, ids: Sequence[int], names: Sequence[str]) -> list[Values]:
        """Return the records with `ids`, in that order, with the fields `names`; those that are gone are left out."""
        plan = _plan(entry, tuple(names))
        if self.remembers and plan.stored is not None and len(ids) <= FEW:
            return self._remembered(entry, ids, plan, plan.stored)
        columns = plan.text or self._texts(entry, names)
        found: dict[int, Values] = {}
        for start in range(0, len(ids), BATCH):
            cursor = self.store.sql(*self._of_ids(entry, columns, ids[start : start + BATCH]))
            found.update((row["id"], row) for row in self._read(entry, cursor, names))
        return [found[key] for key in ids if key in found]

    def _texts(self, entry: Entity, names: Iterable[str]) -> str:
        compiler = self.compiler(entry)
        return ", ".join(compiler.text(name) for name in ("id", "version", *(name for name in names if name not in ALWAYS_READ)))

    @staticmethod
    def _of_ids(entry: Entity, columns: str, ids: Sequence[int]) -> Statement:
        """Return the question for some records by id. Pages are read more often than anything else: the text is put together here, of whole numbers and names of columns."""
        text = f"SELECT {columns} FROM `{entry.table}` {THIS} WHERE {THIS}.id"
        if len(ids) == 1:
            return f"{text} = ?", (int(ids[0]),)
        return f"{text} IN ({', '.join(str(int(key)) for key in ids)})", ()

    def _remembered(self, entry: Entity, ids: Sequence[int], plan: _Plan, picked: _Picked) -> list[Values]:
        """Return `rows` from what was read before; what wasn't is read whole, since the next rule asks for other fields of it."""
        if self._as_of != self.store.writes:
            self._forget()
        held: Mapping[int, Sequence[Any] | None] = self._rows[entry.name]
        if not held.keys() >= set(ids):
            known = self._known[entry.name]
            if plan.written is not None and known.keys() >= set(ids):
                held, picked = known, plan.written
            else:
                missing = [key for key in ids if key not in held]
                self._rows[entry.name].update(dict.fromkeys(missing))
                self._take_in(entry, self.store.sql(*self._asking(entry, missing)).fetchall())
        made: list[Values] = []
        for key in ids:
            row = held[key]
            if row is not None:
                made.append(picked.values(key, row))
        return made

    def _asking(self, entry: Entity, ids: Sequence[int]) -> Statement:
        """Return the question for the id and the stored columns of some records. A server's driver takes its time for each column, so it is asked for one that holds all."""
        return self._of_ids(entry, f"JSON_ARRAY({entry.whole_sql})" if self.store.mysql else entry.whole_sql, ids)

    def _take_in(self, entry: Entity, rows: Iterable[Sequence[Any]]) -> None:
        """Remember records as `_asking` for them was answered."""
        held = self._rows[entry.name]
        for answer in rows:
            row = json.loads(answer[0]) if self.store.mysql else answer
            held[row[0]] = row[1:]
            self._met[entry.name, row[0]] = True

    def ahead(self, entry: Entity, ids: Sequence[int], links: Sequence[tuple[Entity, int]], first: Sequence[Statement]) -> Sequence[Answer]:
        """Ask a server in one way there and back what rules are going to ask for: records, whole, and whether others are there, after the statements `first`.

        Returns the answers to those. On a file each question is as quick by itself.
        """
        rows = [self._asking(entry, ids)] if ids else []
        asked = [*first, *rows, *([_existing(links)] if links else [])]
        answers = self.store.together(*asked) if asked else []
        self._fresh()
        if rows:
            self._rows[entry.name].update(dict.fromkeys(ids))
            self._take_in(entry, answers[len(first)].rows)
        if links:
            self._met |= {(linked.name, key): False for place, (linked, key) in enumerate(links) if int(answers[-1].rows[0][0]) >> place & 1}
        return answers[: len(first)]

    def there(self, asked: Sequence[tuple[Entity, int]]) -> set[tuple[str, int]]:
        """Return (entity, id) of those of a few records that are there, with one statement for all that are not known.

        A record met before in the same change set counts as there: where somebody else takes it away meanwhile, the database refuses the link to it.
        """
        self._fresh()
        found = {(entry.name, key) for entry, key in asked if (entry.name, key) in self._met or self._rows[entry.name].get(key) or key in self._known[entry.name]}
        rest = [(entry, key) for entry, key in asked if (entry.name, key) not in found]
        if rest:
            bits = int(self.store.sql(*_existing(rest)).fetchone()[0])
            found |= {(entry.name, key) for place, (entry, key) in enumerate(rest) if bits >> place & 1}
            if self.remembers:
                self._met |= dict.fromkeys(found - self._met.keys(), False)
        return found

    def ids_in(self, entry: Entity, name: str, values: Sequence[Any]) -> list[int]:
        """Return the ids of the records whose stored field `name`, or whose id, is one of `values`, at most BATCH of them, in the order they were added."""
        self._fresh()
        key = (entry.name, name, tuple(values))
        if key not in self._found and name != "id" and len(values) == 1 and values[0] in self._known.get(entry.fields[name].spec.link, ()):
            # Nobody else can link to what was added here, and what was added since is known too.
            place = [*entry.written()].index(name)
            self._found[key] = [one for one, row in self._known[entry.name].items() if row[place] == values[0]]
        if key not in self._found or not self.remembers:
            store_as = entry.fields[name].to_database if name != "id" else int
            column = column_name(entry.fields[name]) if name != "id" else name
            text = f"SELECT id FROM `{entry.table}` WHERE `{column}` IN ({', '.join('?' * len(values))})"
            self._found[key] = sorted(int(row[0]) for row in self.store.sql(text, [store_as(value) for value in values]).fetchall())
        return self._found[key]

    def stored(self, entry: Entity, ids: Sequence[int], names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the id and what is stored in the fields `names` of the records with `ids`, in that order, as the driver gives it; those that are gone are left out."""
        compiler = self.compiler(entry)
        columns = ", ".join(compiler.text(name) for name in ("id", *names))
        found: dict[int, tuple[Any, ...]] = {}
        for start in range(0, len(ids), BATCH):
            # As in `rows`: the text is put together of whole numbers and names of columns.
            part = ", ".join(map(str, map(int, ids[start : start + BATCH])))
            rows = self.store.sql(f"SELECT {columns} FROM `{entry.table}` {THIS} WHERE {THIS}.id IN ({part})").fetchall()
            found.update({row[0]: row for row in rows})
        return [found[key] for key in ids if key in found]

    def _read(self, entry: Entity, cursor: Any, names: Sequence[str]) -> Iterator[Values]:
        wanted = [name for name in names if name not in ALWAYS_READ]
        converters = [entry.fields[name].from_database for name in wanted]
        for row in cursor.fetchall():
            values: Values = {"id": int(row[0]), "version": row[1]}
            for name, convert, stored in zip(wanted, converters, row[2:], strict=True):
                values[name] = convert(stored)
            yield values

    def _keep(self, entry: Entity, key: int, parameters: Sequence[Any]) -> None:
        """Remember a record that was just added. On a server somebody else may have written while the insert waited for a lock: nothing else stays there."""
        self._met[entry.name, key] = True
        # A link or a yes is stored as the number it is.
        self._known[entry.name][key] = [one if one is None or type(one) is str or not isinstance(one, int) else int(one) for one in parameters]
        self._as_of = self.store.writes
        self._sieve = Sieve(self.store)
        self._passed = set()
        changed = REGISTER if self.store.mysql else _reached(entry.name)
        for name in changed:
            self._rows.pop(name, None)
        self._found = {asked: ids for asked, ids in self._found.items() if asked[0] not in changed}

    def _summing(self, entry: Entity, parameters: Sequence[Any]) -> list[tuple[Entity, int]]:
        """Return the records read before in this change set that keep sums over one that is about to be added: a rule is going to ask for them again."""
        if not (self.remembers and self.store.mysql):
            return []
        linked = ((self.store.entities[name], parameters[place]) for name, place in _kept_over(entry.name))
        return [(target, int(key)) for target, key in linked if key is not None and self._met.get((target.name, int(key)))]

    def state(self, entry: Entity, key: int) -> dict[str, Any] | None:
        """Return a record as its `change` rows keep it: stored values by field name; None where it is gone."""
        return self.states(entry, [key]).get(key)

    def states(self, entry: Entity, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return records as their `change` rows keep them, by id; those that are gone are left out."""
        return {key: read_state(text) for key, text in self.state_texts(entry, ids).items()}

    def state_texts(self, entry: Entity, ids: Sequence[int]) -> dict[int, str]:
        """Return what a `change` row would hold of each record now, the JSON as the database writes it, by id."""
        found: dict[int, str] = {}
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            rows = self.store.sql(f"SELECT t.id, {entry.state_sql('t')} FROM `{entry.table}` t WHERE t.id IN ({', '.join('?' * len(part))})", part).fetchall()
            found.update((int(row[0]), row[1]) for row in rows)
        return found


def plain(stored: Any) -> Any:
    """Return a stored value as JSON keeps it."""
    return stored.isoformat() if isinstance(stored, date) else stored


def read_state(text: str) -> dict[str, Any]:
    """Read the JSON of a `change` row."""
    state = json.loads(text)
    if not isinstance(state, dict):
        raise TypeError(text)
    return state
