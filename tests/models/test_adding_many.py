"""Many records added at once are stored, recorded and searched as those that are added one by one, on both engines."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import UserError
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Matching
from desktop_crm.models import triggers
from desktop_crm.models.records import MANY
from desktop_crm.services import search, writing
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ROWS: list[dict[str, Any]] = [{"name": f"苏州华信{number}有限公司", "code": f"K{number:04}", "city": "苏州"} for number in range(MANY + 7)]
SIGNS = "华信恒泰东海单仇曾重庆行长AbÄ1２ -"
"""What names are made of: characters of several readings, Latin, wide and accented ones."""


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def add(session: Session, parts: Sequence[Sequence[Values]]) -> list[int]:
    """Add customers in one change set, a part after the other."""
    made: list[int] = []

    def work() -> None:
        for part in parts:
            rows = [writing.with_defaults(session, "customer", dict(row)) for row in part]
            made.extend(writing.insert_rows(session, "customer", rows))

    session.write("import", "x", work)
    return made


def told(session: Session, keys: Sequence[int]) -> list[Any]:
    """Return what is stored of records, what history tells of them and whether search waits for them, without their ids."""
    entry = session.entity("customer")
    states = session.records.states(entry, keys)
    waiting = {row[0] for row in session.store.sql("SELECT record_id FROM search_pending WHERE entity = 'customer'").fetchall()}
    texts = {row["id"]: (row["search_key"], row["sort_key"]) for row in session.records.rows(entry, keys, ["search_key", "sort_key"])}
    return [
        ({name: value for name, value in states[key].items() if name != "created_at"}, texts[key], key in waiting,
         [(one.entry.action, one.action, one.before) for one in session.log.history("customer", key)])
        for key in keys
    ]  # fmt: skip


def test_many_at_once_are_recorded_like_one_by_one(session: Session) -> None:
    together = add(session, [ROWS])
    first = told(session, together)
    with session.store.transaction():
        session.write("delete", "x", lambda: writing.delete_rows(session, "customer", together))
    alone = add(session, [[row] for row in ROWS])
    assert [key - together[0] for key in together] == [key - alone[0] for key in alone]
    assert told(session, alone) == first
    assert triggers.differences(session.store) == []


def test_a_refused_row_takes_all_back_and_leaves_the_triggers(session: Session) -> None:
    wrong: list[Values] = [*ROWS[:-1], {**ROWS[-1], "name": None, "level": 2**70}]
    with pytest.raises((UserError, *session.store.refusals)):
        add(session, [wrong])
    assert session.records.count(session.entity("customer"), EVERYTHING) == 0
    assert triggers.differences(session.store) == []


def test_what_went_in_before_a_failure_is_recorded_where_it_stays(session: Session) -> None:
    if session.store.mysql:
        pytest.skip("a server takes back a whole statement of many rows")
    before = []

    def work() -> None:
        with pytest.raises((UserError, *session.store.refusals)):
            writing.insert_rows(session, "customer", [*[writing.with_defaults(session, "customer", dict(row)) for row in ROWS[:-1]], {"name": "甲", "level": 2**70}])
        before.extend(session.records.ids_where(session.entity("customer"), EVERYTHING))

    session.write("import", "x", work)
    assert len(before) == len(ROWS) - 1
    assert [len(session.log.history("customer", key)) for key in before] == [1] * len(before)
    assert triggers.differences(session.store) == []


def test_without_a_change_set_many_are_refused_too(session: Session) -> None:
    with pytest.raises((*session.store.refusals, pymysql.err.OperationalError), match=triggers.REFUSAL), session.store.transaction():
        writing.insert_rows(session, "customer", [writing.with_defaults(session, "customer", dict(row)) for row in ROWS])
    assert session.records.count(session.entity("customer"), EVERYTHING) == 0


def _code(first: str, *numbers: int) -> str:
    return first + "w".join(str(number) for number in numbers).translate(str.maketrans("0123456789", "jkmnoprtuv"))


@settings(max_examples=4, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6))
def test_many_at_once_are_found_like_one_by_one(session: Session, seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - it must be repeatable
    names = [f"{drawn.choice(SIGNS[:13])}{''.join(drawn.choices(SIGNS, k=drawn.randint(0, 8)))}" for _row in range(MANY + 5)]
    rows = [{"name": name, "mobile": f"138{drawn.randrange(10**8):08}"} for name in names]
    search.tend_index(session, step=silent)
    # Numbers that are given out would be found too; these hold nothing that is looked for.
    together, alone = (
        add(session, parts)
        for parts in ([[{**row, "code": _code("j", seed, place)} for place, row in enumerate(rows)]], [[{**row, "code": _code("k", seed, place)}] for place, row in enumerate(rows)])
    )
    texts = ["hx", "单", "sh", "cq", "138", *(row["mobile"][2:6] for row in rows[::20]), *(name[-3:] for name in names[::10])]

    def found() -> list[list[list[int]]]:
        """Return for each text the places of the rows it finds, of those added together and of the others."""
        hits = [set(session.records.ids_where(session.entity("customer"), Matching(text))) for text in texts]
        return [[[place for place, key in enumerate(keys) if key in one] for keys in (together, alone)] for one in hits]

    waiting = found()
    assert [(text, both) for text, both in zip(texts, waiting, strict=True) if both[0] != both[1]] == []
    search.tend_index(session, step=silent)
    assert found() == waiting
