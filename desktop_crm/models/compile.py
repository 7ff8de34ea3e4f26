"""The one place where conditions become SQL, the same for every list, count, sum, export and right."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Condition, Either, Every, Linked, Matching, Operator, Related, VisibleTo, Where
from desktop_crm.domain.text import fold
from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.turning import as_of_today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.models.fields import Declared
    from desktop_crm.models.sieve import Sieve

THIS: Final = "this"
NEVER: Final = peewee.SQL("1 = 0")
ALWAYS: Final = peewee.SQL("1 = 1")


MOST_OWNERS: Final = 500
"""Owners that are written into a statement one by one; more are looked up by it."""


@lru_cache(maxsize=500)
def _aliased(model: type[peewee.Model], alias: str) -> tuple[Any, Any]:
    """Return a table under another name, and its column of ids: peewee makes a class for each, so they are kept."""
    table: Any = model.alias(alias)
    return table, table.id


class Compiler:
    """Compiles conditions over one entity for one database and one day.

    The entity's table is known as ``this`` in its own query, by which the SQL of expressions calls it. `entities` are those of the company. `seen` tells the owners whose
    records a viewer sees; without it the statement looks them up. `reached` tells the day as of which sums are kept. With a `sieve`, the words that are searched for are asked of its index
    first. A `blunt` compiler keeps the engine from looking for rows by an index over what the condition tests, for a statement that
    follows the order of another index and tests rows on its way.
    """

    def __init__(
        self, entry: Entity, *, today: date, mysql: bool, alias: str = THIS, depth: int = 0, sieve: Sieve | None = None,
        seen: Callable[[int], Sequence[int]] | None = None, blunt: bool = False, reached: Callable[[], date] | None = None,
        entities: Mapping[str, Entity] = REGISTER,
    ) -> None:
        self.entry = entry
        self.sieve = sieve
        self.today = today
        self.mysql = mysql
        self.depth = depth
        self.seen = seen
        self.blunt = blunt
        self.reached = reached
        self.entities = entities
        self.alias = alias
        self._sifting = True

    @property
    def table(self) -> Any:
        """The entity's table as the query knows it."""
        return _aliased(self.entry.model, self.alias)[0]

    @property
    def id(self) -> Any:
        """The column of the ids."""
        return _aliased(self.entry.model, self.alias)[1]

    def column(self, name: str) -> Any:
        """Return the column, or the expression, of the field `name`; raises KeyError where there is none."""
        if name == "id":
            return self.id
        field = self.entry.fields[name]
        if not self.worked_out(field):
            return peewee.FieldAlias.create(self.table, field)
        return peewee.SQL(f"({self.expression(field)})")

    def served(self, name: str) -> Any:
        """Return what the field `name` is sorted and tested by: the column an index is over, wherever that holds the value as of today."""
        field = self.entry.fields.get(name)
        if field is None or not field.rollup or self.late(name):
            return self.column(name)
        return peewee.FieldAlias.create(self.table, field)

    def late(self, name: str) -> bool:
        """Tell whether the field `name` is a sum that is kept as of another day than today."""
        field = self.entry.fields.get(name)
        return field is not None and field.rollup is not None and bool(field.rollup.before) and (self.reached is None or self.reached() != self.today)

    @staticmethod
    def worked_out(field: Declared) -> bool:
        """Tell whether what is stored is not the value itself."""
        return bool(field.expression or (field.rollup and field.rollup.before))

    def text(self, name: str) -> str:
        """Return the SQL of the field `name`."""
        if name == "id":
            return f"{self.alias}.id"
        field = self.entry.fields[name]
        return f"({self.expression(field)})" if self.worked_out(field) else f"{self.alias}.`{column_name(field)}`"

    def expression(self, field: Declared) -> str:
        """Return the SQL of a field that is worked out, for this day and dialect."""
        return self.dated(field.expression or as_of_today(self.entry, field.spec.name)).replace("this.", f"{self.alias}.")

    def dated(self, text: str) -> str:
        """Return SQL of a declaration for this day and dialect."""
        return text.format(today=f"'{self.today.isoformat()}'", days="TO_DAYS" if self.mysql else "julianday")

    def hidden(self, column: Any) -> Any:
        """Return a column's value as the engine can't find it in an index."""
        return peewee.NodeList((peewee.SQL("COALESCE("), column, peewee.SQL(")"))) if self.mysql else peewee.NodeList((peewee.SQL("+"), column))

    def tested(self, name: str) -> Any:
        """Return the column of the field `name` as a condition tests it."""
        return self.hidden(self.served(name)) if self.blunt else self.served(name)

    def where(self, condition: Condition, *, sifted: bool = True) -> Any:
        """Return the condition as a peewee expression; with `sifted` the candidates of a search stand in it."""
        kept, self._sifting = self._sifting, sifted
        try:
            return self._compiled(condition)
        finally:
            self._sifting = kept

    def _compiled(self, condition: Condition) -> Any:
        match condition:
            case Where():
                return self._where(condition)
            case Every(parts):
                return reduce(and_, (self._part(part) for part in parts)) if parts else ALWAYS
            case Either(parts):
                return reduce(or_, (self._part(part) for part in parts)) if parts else NEVER
            case Related(name, via, inner):
                other = self._other(self.entities[name])
                rows = other.table.select(other.column(via)).where(other.column(via).is_null(False) & other.where(inner))
                return peewee.Expression(self.tested("id"), peewee.OP.IN, rows)
            case Linked(name, inner):
                other = self._other(self.entities[self.entry.fields[name].spec.link])
                rows = other.table.select(other.id).where(other.where(inner))
                return peewee.Expression(self.tested(name), peewee.OP.IN, rows)
            case VisibleTo(viewer, name):
                owner = self.tested(name)
                return peewee.Expression(owner, peewee.OP.IS, peewee.SQL("NULL")) | peewee.Expression(owner, peewee.OP.IN, self._owners(viewer))
            case Matching(text):
                return self._matching(text)

    def select(self, condition: Condition, *columns: Any) -> Any:
        """Return the query for `columns` of the records that fulfil the condition."""
        source = peewee.NodeList((self.table, peewee.SQL(self.hint(condition))))
        return self.table.select(*columns).from_(source).where(self.where(condition))

    def hint(self, condition: Condition) -> str:
        """Return what to say behind the table where a condition holds the candidates of a search: SQLite guesses that any other index finds less."""
        return "NOT INDEXED" if not self.mysql and self.is_narrow(condition) else ""

    def is_narrow(self, condition: Condition) -> bool:
        """Tell whether the index of search leaves only so many candidates that they are looked at one by one."""
        return self.sieve is not None and any(
            isinstance(part, Matching) and self.sieve.is_narrow(self.entry, fold(part.text).split()) for part in every(condition)
        )

    def _matching(self, text: str) -> Any:
        words = fold(text).split()
        if not words:
            return ALWAYS
        found = reduce(and_, (like(self.table.search_key, word) for word in words))
        ids = self.sieve.ids(self.entry, words) if self.sieve and self._sifting else None
        return found if ids is None else peewee.Expression(self.tested("id"), peewee.OP.IN, self.listed(ids)) & found

    def listed(self, ids: list[int]) -> Any:
        """Return a list of ids as SQL: SQLite's statements are kept, so it is a parameter there."""
        if not ids:
            return peewee.SQL("(NULL)")
        listed = ",".join(map(str, ids))
        return peewee.SQL(f"({listed})") if self.mysql else peewee.SQL("(SELECT value FROM json_each(?))", (f"[{listed}]",))

    def _owners(self, viewer: int) -> Any:
        """Return those whose records a viewer sees: written out, since MariaDB finds rows through no index for a question inside an OR."""
        owners = self.seen(viewer) if self.seen is not None else ()
        if 0 < len(owners) <= MOST_OWNERS:
            return peewee.EnclosedNodeList([peewee.Value(owner, converter=False) for owner in owners])
        return peewee.SQL("(SELECT owner_id FROM visibility WHERE viewer_id = ?)".replace("?", "%s" if self.mysql else "?"), (viewer,))

    def _part(self, condition: Condition) -> Any:
        return peewee.EnclosedNodeList([self._compiled(condition)])

    def _other(self, entry: Entity) -> Compiler:
        return Compiler(entry, today=self.today, mysql=self.mysql, sieve=self.sieve, alias=f"r{self.depth + 1}", depth=self.depth + 1, seen=self.seen, reached=self.reached, entities=self.entities)

    def _where(self, condition: Where) -> Any:
        name, _dot, rest = condition.field.partition(".")
        if rest:
            return self.where(Linked(name, Where(rest, condition.operator, condition.value)))
        field = self.entry.fields.get(name)
        if field is not None and field.since:
            return self._compiled(days_since(field.since, condition, self.today))
        return compare(self.tested(name), field, condition, self.today)


def days_since(name: str, condition: Where, today: date) -> Condition:
    """Return what a comparison of the days since a date says of the date `name` itself, so that its index serves it; only days that have passed count."""

    def day(number: Any) -> date:
        try:
            return today - timedelta(days=int(number))
        except OverflowError:
            return date.min if number > 0 else date.max

    passed, value = Where(name, "lt", today), condition.value
    match condition.operator:
        case "filled" | "ne" if value is None:
            return passed
        case "empty" | "eq" if value is None:
            return Where(name, "ge", today)
        case "ne":
            return Either((Where(name, "ne", day(value)), Where(name, "ge", today)))
        case "in":
            return Every((passed, Where(name, "in", tuple(day(one) for one in value))))
        case _:
            turned: dict[str, Operator] = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}
            return Every((passed, Where(name, turned[condition.operator], day(value))))


def every(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions all of which must be fulfilled."""
    if isinstance(condition, Every):
        for part in condition.parts:
            yield from every(part)
    else:
        yield condition


def like(column: Any, text: str) -> Any:
    """Return a LIKE that finds `text` anywhere in `column`, its wildcards taken literally; peewee's own becomes GLOB on SQLite."""
    escaped = text.replace("|", "||").replace("%", "|%").replace("_", "|_")
    found = peewee.NodeList((column, peewee.SQL("LIKE"), peewee.Value(f"%{escaped}%", converter=False), peewee.SQL("ESCAPE '|'")))
    return peewee.EnclosedNodeList([found])


def stored(field: Declared | None, value: Any) -> Any:
    """Return `value` as the column holds it."""
    return value if field is None else field.to_database(value)


def _members(values: Sequence[Any]) -> list[Any]:
    """Return the values one of which is asked for; whole numbers stand in the text, as a parameter for each of hundreds takes longer than finding them."""
    if all(isinstance(value, int) for value in values):
        return [peewee.SQL(", ".join([str(int(value)) for value in values]))]
    return [peewee.Value(value, converter=False) for value in values]


def compare(  # noqa: C901 - one case an operator
    column: Any, field: Declared | None, condition: Where, today: date
) -> Any:
    """Return one comparison. Values are converted here, so that no converter of peewee's gets in the way."""
    text = field is not None and field.kind.empty == ""
    operator, value = condition.operator, condition.value
    null = peewee.Expression(column, peewee.OP.IS, peewee.SQL("NULL"))

    def raw(operand: Any) -> Any:
        return peewee.Value(stored(field, operand), converter=False)

    match operator:
        case "empty":
            return peewee.Expression(column, peewee.OP.EQ, raw("")) if text else null
        case "filled":
            return peewee.Expression(column, peewee.OP.NE, raw("")) if text else peewee.Expression(column, peewee.OP.IS_NOT, peewee.SQL("NULL"))
        case "in":
            return peewee.Expression(column, peewee.OP.IN, peewee.EnclosedNodeList(_members([stored(field, item) for item in value]))) if value else NEVER
        case "contains":
            return like(column, str(value))
        case "period":
            from desktop_crm.domain.periods import period_range

            first, last = period_range(value, today)
            if field is not None and field.kind.storage == "instant":
                return instants(column, field, first, last)
            return peewee.Expression(column, peewee.OP.BETWEEN, peewee.NodeList((raw(first), peewee.SQL("AND"), raw(last))))
        case "eq" if value is None:
            return null
        case "ne" if value is None:
            return peewee.Expression(column, peewee.OP.IS_NOT, peewee.SQL("NULL"))
        case "ne":
            return peewee.Expression(column, peewee.OP.NE, raw(value)) | null
        case _:
            signs = {"eq": peewee.OP.EQ, "lt": peewee.OP.LT, "le": peewee.OP.LTE, "gt": peewee.OP.GT, "ge": peewee.OP.GTE}
            return peewee.Expression(column, signs[operator], raw(value))


def instants(column: Any, field: Declared, first: date, last: date) -> Any:
    """Return the comparison of an instant with whole local days."""
    begin = datetime.combine(max(first, date(1970, 1, 2)), time()).astimezone()
    end = datetime.combine(last + timedelta(days=1), time()).astimezone()
    after = peewee.Expression(column, peewee.OP.GTE, peewee.Value(field.to_database(begin), converter=False))
    return after & peewee.Expression(column, peewee.OP.LT, peewee.Value(field.to_database(end), converter=False))
