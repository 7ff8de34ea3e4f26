"""Every list is read through indexes, whatever it is sorted and filtered by: each statement it sends is explained by the database itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from desktop_crm.domain.conditions import EVERYTHING, Condition, Query, VisibleTo, Where
from desktop_crm.models import indexes, listed, triggers, turning
from desktop_crm.models.listed import Listed
from desktop_crm.models.order import Order
from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.services.session import Session, prepare
from tests.support.company import company
from tests.support.spying import Statement, selects, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.models.fields import Declared

prepare()
ROWS: Final = 3000
TARGETS: Final = 40
FIRST: Final = 101
VIEWER: Final = 7
RARE: Final = 50
"""One row in so many holds the last choice, a tick and no date: what a filter is for."""

SMALL: Final = {"company": "there is one", "department": "there are a few", "user": "there are as many as people", "saved_view": "a person's own", "import_plan": "one a kind of file"}
"""Entities that never grow long, and why."""
LISTS: Final = sorted(name for name, entry in REGISTER.items() if name not in SMALL and not entry.spec.parent)


@pytest.fixture
def session(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(listed, "FEW", 100)
    with company(db_url) as made:
        fill(made)
        yield made


def fill(session: Session) -> None:
    """Put rows into every table, past triggers and checks: what is in them only has to be spread as an office's records are."""
    store = session.store
    for name, _sql in list(triggers.present(store)):
        store.sql(f"DROP TRIGGER `{name}`")
    turning.turn(store, session.today, lambda _done, _total: None)
    store.sql("SET foreign_key_checks = 0" if store.mysql else "PRAGMA foreign_keys = 0")
    with store.transaction():
        for entry in REGISTER.values():
            written = entry.written()
            columns = ", ".join(f"`{column_name(field)}`" for field in written.values())
            text = f"INSERT INTO `{entry.table}` (id, {columns}) VALUES (?, {', '.join('?' * len(written))})"  # noqa: S608 - names of the declarations
            rows = [(FIRST + number, *(field.to_database(value(field, number)) for field in written.values())) for number in range(ROWS)]
            for start in range(0, ROWS, 500):
                store.many(text, rows[start : start + 500])
    if store.mysql:
        store.sql(f"ANALYZE TABLE {', '.join(f'`{entry.table}`' for entry in REGISTER.values())}").fetchall()


def value(field: Declared, number: int) -> Any:
    spec, rare = field.spec, number % RARE == 0
    if spec.link:
        return FIRST + number % TARGETS
    if spec.choices:
        return spec.choices[-1 if rare else 0].code
    match field.kind.storage if field.kind.name != "boolean" else "boolean":
        case "boolean":
            return rare
        case "text":
            return "" if rare and spec.name != "sort_key" and not spec.unique else f"{spec.name}{number * 7919 % ROWS:05}"
        case "date":
            return None if rare else date(2025, 1, 1) + timedelta(days=number * 31 % 700)
        case "instant":
            return datetime(2025, 1, 1).astimezone() + timedelta(hours=number * 31 % 9000)
        case _:
            return number * 7919 % ROWS


def filters(spec: FieldSpec) -> Iterator[Condition]:
    """Yield what a user can ask of a field that few records fulfil."""
    name = spec.name
    if spec.choices:
        yield Where(name, "in", (spec.choices[-1].code,))
    elif spec.link:
        yield Where(name, "in", (FIRST + 3,))
    elif spec.kind.name in {"date", "instant"}:
        yield Where(name, "period", "this_month")
        yield Where(name, "empty")
    elif spec.kind.name == "boolean":
        yield Where(name, "eq", value=True)
    elif spec.kind.storage == "text":
        yield Where(name, "contains", "00777")
        yield Where(name, "empty")
    else:
        yield Where(name, "ge", 2990)


def way_of(session: Session, entry: Entity, name: str) -> str:
    return Order.of(session.records.compiler(entry), name).way


def explained(session: Session, statement: Statement) -> list[str]:
    """Return where a statement reads a table of records from end to end, or sorts."""
    text, parameters = statement
    if session.store.mysql:
        rows = session.store.db.execute_sql(f"EXPLAIN {text}", parameters).fetchall()
        found = [f"reads all of {row[2]}" for row in rows if row[3] == "ALL" and row[2] in {"this", "o", "l", "r", "r1"}]
        return found + [f"sorts {row[2]}" for row in rows if "filesort" in (row[9] or "")]
    rows = session.store.db.execute_sql(f"EXPLAIN QUERY PLAN {text}", parameters).fetchall()
    details = [str(row[3]) for row in rows]
    found = [detail for detail in details if detail.startswith("SCAN") and "USING" not in detail and detail.split()[1] in {"this", "o", "l", "r", "r1"}]
    return found + [detail for detail in details if "TEMP B-TREE" in detail]


def questions(session: Session, entry: Entity) -> Iterator[tuple[str, Query, bool]]:
    """Yield what is asked, and whether it may sort: a few found records are sorted when they are there."""
    spec = entry.spec
    plain = [name for name in dict.fromkeys(("", "id", "created_at", *spec.columns)) if way_of(session, entry, name) in {"index", "link"}]
    for name in plain:
        for descending in (False, True):
            yield f"sorted by {name or 'default'}", Query(entry.name, EVERYTHING, name, descending=descending), way_of(session, entry, name) == "link"
    for name in dict.fromkeys((*spec.filters, *spec.columns)):
        if entry.indexed(name) or entry.fields[name].since:
            yield from ((f"filtered by {name}", Query(entry.name, condition, spec.sort), True) for condition in filters(spec.fields[name]))
    if spec.owner:
        yield "of three owners", Query(entry.name, VisibleTo(VIEWER, spec.owner), spec.sort), True


def test_every_statement_of_a_list_uses_an_index(session: Session) -> None:
    session.store.many("INSERT INTO visibility (viewer_id, owner_id) VALUES (?, ?)", [(VIEWER, FIRST + number) for number in range(3)])
    wrong = []
    for name in LISTS:
        entry = session.entity(name)
        for what, query, sorts in questions(session, entry):
            with statements(session.store) as seen:
                Listed(session.records, entry, query).page(0, 100)
                session.records.count(entry, query.condition)
            problems = [problem for one in selects(seen) for problem in explained(session, one)]
            if query.sort == "id":
                continue  # the table itself is in that order
            wrong += [(name, what, problem) for problem in problems if not (sorts and ("TEMP B-TREE" in problem or problem.startswith("sorts")))]
    assert not wrong, "\n".join(" · ".join(one) for one in wrong)


def test_what_a_list_begins_with_has_an_index_or_a_reason() -> None:
    """A title is sorted by its sort key, a note by nothing; an expression depends on today, but for the days since a date, which that serves."""
    made = indexes.wanted()
    for name in LISTS:
        entry = REGISTER[name]
        for column in (*entry.spec.columns, *entry.spec.filters):
            field = entry.fields[column]
            has = any(columns[0] == column_name(entry.fields[field.since] if field.since else field) for columns in made[entry.table].values())
            assert has or column == entry.spec.title or (field.expression and not field.since) or field.column_type == "note", (name, column)


def test_the_indexes_are_made_and_missed(db_url: str) -> None:
    with company(db_url) as session:
        assert not indexes.missing(session.store)
        session.store.sql("DROP INDEX customer_source" + (" ON customer" if session.store.mysql else ""))
        assert indexes.missing(session.store)
        indexes.rebuild(session.store.db)
        assert not indexes.missing(session.store)
