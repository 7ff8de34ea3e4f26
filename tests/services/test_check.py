from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from desktop_crm.base.errors import Cancelled, NotAllowed
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Matching, Query
from desktop_crm.models import triggers
from desktop_crm.services import custom_fields, records, sample, users
from desktop_crm.services.check import PARTS, check, repair
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        sample.fill(session, 6)
        yield session


def found(session: Session) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(problem.kind, problem.entity, problem.ids) for problem in check(session)}


def test_sample_records_add_up_and_are_as_many_as_asked(session: Session) -> None:
    counts = {name: records.count(session, name) for name in ("customer", "contact", "opportunity", "contract", "receivable", "receipt")}
    assert counts == {"customer": 6, "contact": 12, "opportunity": 3, "contract": 1, "receivable": 6, "receipt": 9}
    assert check(session) == []
    totals = records.totals(session, "receivable")
    allocated = records.totals(session, "receipt")["allocated"]
    assert totals["settled"] == allocated > 0


def test_a_wrong_sum_is_named_and_repaired(session: Session) -> None:
    session.store.sql("UPDATE receipt SET allocated = allocated + 1 WHERE id = 2")
    assert ("sum", "receipt", (2,)) in found(session)
    assert repair(session) == []


def test_a_changed_trigger_is_named_and_made_anew(session: Session) -> None:
    session.store.sql("DROP TRIGGER trace_customer_update")
    assert [problem.kind for problem in check(session)] == ["trigger"]
    assert repair(session) == []
    assert triggers.differences(session.store) == []


def test_lost_search_keys_are_named_and_made_anew(session: Session) -> None:
    session.store.sql("UPDATE customer SET search_key = '', sort_key = '' WHERE id = 3")
    assert ("search", "customer", (3,)) in found(session)
    assert repair(session) == []
    name = records.get(session, "customer", 3)["name"]
    assert [row["id"] for row in records.page(session, Query("customer", Matching(name)))] == [3]


def test_what_breaks_a_rule_is_named_and_not_repaired(session: Session) -> None:
    key = session.store.scalar("SELECT receipt_id FROM allocation ORDER BY id LIMIT 1")
    session.write("break", "break", lambda: session.store.sql("UPDATE receipt SET amount = 1 WHERE id = ?", (key,)))
    assert ("over_allocated", "receipt", (key,)) in found(session)
    assert [problem.kind for problem in repair(session)] == ["over_allocated"]


def test_a_link_to_nothing_is_named(session: Session) -> None:
    session.store.sql("SET foreign_key_checks = 0" if session.store.mysql else "PRAGMA foreign_keys = 0")
    session.write("break", "break", lambda: session.store.sql("UPDATE contact SET customer_id = 999 WHERE id = 1"))
    assert ("link", "contact", (1,)) in found(session)


def test_two_documents_of_one_number_are_named(session: Session) -> None:
    session.write("break", "break", lambda: session.store.sql("UPDATE receivable SET number = 'X-1' WHERE id IN (1, 2)"))
    assert ("repeated", "receivable", (1, 2)) in found(session)


def unguarded(session: Session, *statements: str) -> None:
    """Write past the history, the links and, on MariaDB, the strictness, as a broken disk or another program would."""
    store = session.store
    kept = dict(triggers.present(store))
    for name in kept:
        store.sql(f"DROP TRIGGER `{name}`")
    for statement in ("SET foreign_key_checks = 0", "SET sql_mode = ''") if store.mysql else ("PRAGMA foreign_keys = 0",):
        store.sql(statement)
    for statement in statements:
        store.sql(statement)
    triggers.rebuild(store)


BOTH: Final = {
    "history": ("INSERT INTO `change` (change_set_id, entity, record_id, action) VALUES (99999, 'customer', 1, 'insert')", "change.change_set_id"),
    "unreadable state": ("UPDATE `change` SET action = 'update', state_before = '{\"name\": ' WHERE id = 3", "#3"),
    "no state": ("UPDATE `change` SET action = 'delete', state_before = NULL WHERE id = 4", "#4"),
    "unknown action": ("UPDATE `change` SET action = 'split' WHERE id = 5", "#5"),
    "credential": ("INSERT INTO credential (user_id, password_hash) VALUES (777, 'x')", "#1"),
    "counter": ("UPDATE counter SET value = -1 WHERE id = 1", "#"),
    "other_customer": ("UPDATE receipt SET customer_id = 7 - customer_id WHERE id = (SELECT MIN(receipt_id) FROM allocation)", "#"),
    "custom": ("UPDATE contact SET custom = '{x' WHERE id = 2", "#2"),
    "instant": ("UPDATE contact SET created_at = 999999999999999999 WHERE id = 2", "#2"),
    "derived": ("UPDATE contract_line SET price = price * 2 WHERE id = 1", "#1"),
}
SQLITE: Final = {
    "text for money": ("UPDATE receivable SET amount = 'zwölf' WHERE id = 2", "#2"),
    "float for money": ("UPDATE customer SET credit_limit = 10.25 WHERE id = 2", "#2"),
    "no such day": ("UPDATE receivable SET due_on = '2026-02-30' WHERE id = 2", "#2"),
    "number for a day": ("UPDATE receivable SET due_on = 45000 WHERE id = 2", "#2"),
    "text not UTF-8": ("UPDATE contact SET name = CAST(x'c3282041' AS TEXT) WHERE id = 2", "#2"),
    "label not UTF-8": ("UPDATE change_set SET label = CAST(x'ff41' AS TEXT) WHERE id = 2", "#2"),
    "blob for text": ("UPDATE contact SET note = x'00ff' WHERE id = 2", "#2"),
}
KIND: Final = {
    "unreadable state": "history", "no state": "history", "unknown action": "history", "custom": "value", "instant": "value", "label not UTF-8": "history",
    **dict.fromkeys(SQLITE.keys() - {"label not UTF-8"}, "value"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("db_url", "name"), [*(("sqlite", name) for name in (*BOTH, *SQLITE)), *(("mysql", name) for name in BOTH)], indirect=["db_url"],  # a column of MariaDB's holds nothing else
)
def test_damage_to_data_is_named_and_never_guessed_away(session: Session, name: str) -> None:
    statement, named = (BOTH | SQLITE)[name]
    unguarded(session, statement)
    kind = KIND.get(name, name)
    messages = [problem.message for problem in check(session) if problem.kind == kind]
    assert any(named in message for message in messages), messages
    problem = next(problem for problem in check(session) if problem.kind == kind)
    assert problem.title
    assert problem.advice
    assert not problem.repairable
    assert kind in {problem.kind for problem in repair(session)}, "the repair must not touch data"


def test_a_day_of_zeros_on_an_unstrict_server_is_named(mariadb_url: str) -> None:
    with company(mariadb_url) as session:
        sample.fill(session, 3)
        unguarded(session, "UPDATE receivable SET due_on = '2026-00-00' WHERE id = 2")
        assert any(problem.kind == "value" and "#2" in problem.message for problem in check(session))


def next_ids(session: Session) -> tuple[str, ...]:
    if session.store.mysql:
        # InnoDB never lets it fall below what is there: the latest records go, as a restored server's would have.
        return ("DELETE FROM contact WHERE id = 12", "ALTER TABLE contact AUTO_INCREMENT = 1")
    return ("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'contact'",)


def test_what_is_worked_out_or_kept_beside_is_named_and_repaired(session: Session) -> None:
    unguarded(
        session,
        *next_ids(session),
        "DROP INDEX receivable_remaining" + (" ON receivable" if session.store.mysql else ""),
        "INSERT INTO visibility (viewer_id, owner_id) VALUES (1, 99)",
        "UPDATE customer SET search_key = 'x' WHERE id = 3",
        *([] if session.store.mysql else ["INSERT INTO change_set (uid, records) VALUES ('left', -1)"]),
    )
    expected = {"ids", "index", "visibility", "search"} | (set() if session.store.mysql else {"open"})
    problems = check(session)
    assert {problem.kind for problem in problems} == expected
    assert all(problem.repairable for problem in problems)
    assert expected - {"search"} == {problem.kind for problem in check(session, quick=True)}, "the quick check reads no records"
    assert repair(session) == []
    highest = session.store.scalar("SELECT MAX(record_id) FROM `change` WHERE entity = 'contact'")
    assert make(session, "contact") > highest


def test_an_index_that_is_made_again_holds_what_it_held(session: Session) -> None:
    if session.store.mysql:
        name, table, asked = "change_set_uid", "change_set", "SELECT non_unique FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ?"
    else:
        name, table, asked = "change_action_id_entity", "change", "SELECT sql FROM sqlite_master WHERE name = ?"
    before = session.store.scalar(asked, (name,))
    unguarded(session, f"DROP INDEX {name}" + (f" ON {table}" if session.store.mysql else ""))
    assert {problem.kind for problem in check(session)} == {"index"}
    assert repair(session) == []
    assert session.store.scalar(asked, (name,)) == before


def test_a_column_that_works_out_something_else_is_named(session: Session) -> None:
    if session.store.mysql:
        unguarded(session, "ALTER TABLE receivable MODIFY remaining BIGINT GENERATED ALWAYS AS (amount) VIRTUAL")
    else:
        session.store.sql("PRAGMA writable_schema = 1")
        session.store.sql("UPDATE sqlite_master SET sql = REPLACE(sql, 'AS (amount - settled)', 'AS (amount)') WHERE name = 'receivable'")
        session.store.sql("PRAGMA writable_schema = 0")
        session.store.close()
    assert {"formula"} <= {problem.kind for problem in check(session)}


def test_tables_that_were_changed_are_named(session: Session) -> None:
    unguarded(session, "ALTER TABLE contact ADD COLUMN nickname INTEGER", "DROP INDEX counter_name" + (" ON counter" if session.store.mysql else ""))
    problems = check(session)
    assert {problem.kind for problem in problems} == {"schema", "index"}
    assert any("contact.nickname" in problem.message for problem in problems)
    assert {problem.kind for problem in repair(session)} == {"schema"}


def test_a_check_says_which_part_it_is_at_and_how_far(session: Session) -> None:
    told: list[tuple[str, list[tuple[int, int]]]] = []
    check(session, step=lambda done, total: told[-1][1].append((done, total)), about=lambda part: told.append((part, [])))
    words = _("{number} of {count}: {part}")
    assert [part for part, _steps in told] == [words.format(number=number, count=len(PARTS), part=_(one.name)) for number, one in enumerate(PARTS, 1)]
    for part, steps in told:
        assert steps == sorted(steps), part
        assert all(done <= total for done, total in steps), part
    looking = [steps[-1] for part, steps in told[-2:]]
    assert all(done == total > 60 for done, total in looking), "all records are looked at, twice"


@pytest.mark.parametrize("place", range(len(PARTS)))
def test_a_check_can_be_stopped_in_each_part(session: Session, place: int) -> None:
    reached: list[str] = []

    def stop(_done: int, _total: int) -> None:
        if len(reached) > place:
            raise Cancelled

    with pytest.raises(Cancelled):
        check(session, step=stop, about=reached.append)
    assert len(reached) == place + 1


def test_a_repair_can_be_stopped(session: Session) -> None:
    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        repair(session, step=stop)
    assert check(session) == []


def test_a_long_statement_of_sqlite_is_stopped(tmp_path: Path) -> None:
    with company(str(tmp_path / "c.sqlite3")) as session:

        def stop() -> None:
            raise Cancelled

        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
        with pytest.raises(Cancelled), session.store.watched(stop):
            session.store.sql(endless).fetchall()
        assert check(session) == []


def test_the_check_is_for_those_who_see_all_and_the_repair_for_administrators(session: Session) -> None:
    for login, role in (("wangmin", "sales"), ("zhaoting", "finance")):
        users.add_user(session, {"login": login, "name": login, "role": role})
    with closing(open_session(session.url, "wangmin")) as sales, pytest.raises(NotAllowed):
        check(sales)
    with closing(open_session(session.url, "zhaoting")) as finance:
        assert check(finance) == []
        for refused in (repair, lambda session: sample.fill(session, 1)):
            with pytest.raises(NotAllowed):
                refused(finance)


def test_damage_in_a_companys_own_field_is_named_by_its_label(tmp_path: Path) -> None:
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as session:
        field = custom_fields.add(session, "customer", {"label": "质保到期", "kind": "date"}).result
        sample.fill(session, 3)
        unguarded(session, f"UPDATE customer SET {field} = '2026-02-30' WHERE id = 2")  # noqa: S608 - the field's own name
        told = [problem.message for problem in check(session) if problem.kind == "value"]
        assert any("质保到期" in message and "#2" in message for message in told), told
