"""What is overdue is kept as of one day and right as of any other, whatever is posted, changed, undone or merged meanwhile, on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Condition, Query, Where
from desktop_crm.models import triggers, turning
from desktop_crm.models.compile import days_since
from desktop_crm.models.records import Records
from desktop_crm.services import receipts, records, undoing, upkeep
from desktop_crm.services.check import check, repair
from tests.services.ledger import TODAY, company, customer, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

DAYS = tuple(TODAY + timedelta(days=days) for days in (-400, -3, -1, 0, 1, 2, 90))
AMOUNTS = st.integers(1, 30_000).map(lambda cents: Decimal(cents).scaleb(-2))
ACTS = st.lists(st.tuples(st.sampled_from(("debt", "debt", "receipt", "due", "amount", "move", "delete", "undo", "contact", "turn")), st.integers(0, 999), st.sampled_from(DAYS), AMOUNTS), min_size=4, max_size=10)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        for number in range(3):
            customer(made, f"客户{number}")
        yield made


def plain(session: Session, today: date) -> dict[int, tuple[Decimal, int | None]]:
    """Return what each customer owes late and for how long, from the receivables themselves."""
    found: dict[int, tuple[Decimal, int | None]] = {key: (Decimal(0), None) for key in session.records.ids_where(session.entity("customer"), EVERYTHING)}
    for row in session.records.find(session.entity("receivable"), EVERYTHING, ["customer", "due_on", "document_on", "amount", "settled"]):
        due, left = row["due_on"] or row["document_on"], row["amount"] - row["settled"]
        if left > 0 and due < today:
            amount, days = found[row["customer"]]
            found[row["customer"]] = amount + left, max((today - due).days, days or 0)
    return found


def same_everywhere(session: Session) -> None:
    """Check values, orders, filters and sums as of several days, one of them that of the sums."""
    entry = session.entity("customer")
    for today in {*DAYS, turning.day_of(session.store)} - {date.min}:
        asked, expected = Records(session.store, today), plain(session, today)
        rows = {row["id"]: (row["overdue"], row["overdue_days"]) for row in asked.rows(entry, list(expected), ["overdue", "overdue_days"])}
        assert rows == expected
        assert asked.totals(entry, EVERYTHING, ["overdue"])["overdue"] == sum(amount for amount, _days in expected.values())
        for place, name in enumerate(("overdue", "overdue_days")):
            for descending in (False, True):
                ids = asked.ids(Query("customer", sort=name, descending=descending), limit=100)
                values = [expected[key][place] or 0 for key in ids]
                assert values == sorted(values, reverse=descending)
                assert sorted(ids) == sorted(expected)
        late = {key for key, (amount, _days) in expected.items() if amount > 0}
        assert set(asked.ids_where(entry, Where("overdue", "gt", 0))) == set(asked.ids_where(entry, Where("overdue_days", "filled"))) == late
        assert set(asked.ids_where(entry, Where("overdue_days", "ge", 3))) == {key for key, (_amount, days) in expected.items() if (days or 0) >= 3}


def act(session: Session, what: str, pick: int, day: date, amount: Decimal) -> None:
    """Do one thing, where there is something to do it to."""
    customers = session.records.ids_where(session.entity("customer"), EVERYTHING)
    debts = session.records.find(session.entity("receivable"), Where("state", "eq", "open"), ["customer", "amount"])
    owner, debt = customers[pick % len(customers)], debts[pick % len(debts)] if debts else None
    if what == "turn":
        turning.turn(session.store, day, silent)
    elif what == "contact":
        records.save(session, "activity", records.new(session, "activity", customer=owner, content="电话", happened_at=session.now - (TODAY - day)))
    elif what == "undo":
        undoing.undo_last(session)
    elif what == "debt" or debt is None:
        records.save(session, "receivable", records.new(session, "receivable", customer=owner, amount=amount, document_on=min(day, TODAY), due_on=day))
    elif what == "receipt":
        paid = min(amount, debt["amount"])
        values = records.new(session, "receipt", customer=debt["customer"], amount=amount, received_on=TODAY)
        receipts.post_receipt(session, values=values, allocations={debt["id"]: paid})
    elif what == "delete":
        records.delete(session, "receivable", [debt["id"]])
    else:
        choices: dict[str, dict[str, Any]] = {"due": {"due_on": day, "document_on": min(day, TODAY)}, "amount": {"amount": amount}, "move": {"customer": owner}}
        records.save(session, "receivable", choices[what], key=debt["id"])


@given(acts=ACTS)
@settings(max_examples=8)
def test_overdue_is_what_the_receivables_say(session: Session, acts: list[tuple[str, int, date, Decimal]]) -> None:
    for what, pick, day, amount in acts:
        act(session, what, pick, day, amount)
    same_everywhere(session)
    for what, statement in triggers.rollup_checks(mysql=session.store.mysql):
        assert session.store.sql(statement).fetchall() in ([], ()), what


def test_the_day_is_moved_in_parts_and_can_be_stopped(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "PART", 2)
    for number in range(12):
        act(session, "debt", number, DAYS[number % len(DAYS)], Decimal(number + 1))
    told: list[int] = []

    def stop(done: int, _total: int) -> None:
        told.append(done)
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        turning.turn(session.store, DAYS[-1], stop)
    assert date.min < turning.day_of(session.store) < DAYS[-1]
    same_everywhere(session)
    turning.turn(session.store, DAYS[-1], silent)
    assert turning.day_of(session.store) == DAYS[-1]
    same_everywhere(session)
    turning.turn(session.store, DAYS[0], silent)
    assert turning.day_of(session.store) == DAYS[0]
    same_everywhere(session)


def test_two_computers_with_different_days_agree(session: Session) -> None:
    for number in range(10):
        act(session, "debt", number, DAYS[number % len(DAYS)], Decimal(number + 1))
    upkeep.tend(session, step=silent)
    assert turning.day_of(session.store) == TODAY
    with signed_in(session.url, "boss") as other:
        other.clock = lambda: session.now + timedelta(days=1)
        assert upkeep.due(other)
        upkeep.tend(other, step=silent)
        # A day ahead is another time zone: the one behind leaves the sums alone, and is right all the same.
        assert turning.day_of(session.store) == other.today
        assert not turning.is_due(session.store, session.today)
        for one in (session, other):
            rows = records.page(one, Query("customer", sort="overdue", descending=True), limit=10)
            assert [row["overdue"] for row in rows] == sorted((amount for amount, _days in plain(one, one.today).values()), reverse=True)
        act(other, "debt", 1, TODAY, Decimal(5))
        same_everywhere(session)
        other.clock = lambda: session.now + timedelta(days=3000)
        upkeep.tend(other, step=silent)
        assert turning.is_due(session.store, session.today)
        upkeep.tend(session, step=silent)
        assert turning.day_of(session.store) == TODAY
    same_everywhere(session)


def test_who_posts_while_the_day_turns_is_counted_once(session: Session) -> None:
    upkeep.tend(session, step=silent)
    tomorrow = TODAY + timedelta(days=1)
    ended: list[date] = []

    def turned() -> None:
        turning.turn(session.store, tomorrow, silent)
        ended.append(turning.day_of(session.store))
        session.store.close()

    other = Thread(target=turned)

    def work() -> None:
        act(session, "debt", 1, TODAY, Decimal(9))
        other.start()
        if session.store.mysql:
            waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT day %FOR UPDATE'"
            while not session.store.scalar(waiting):
                assert other.is_alive()
        assert not ended
        act(session, "debt", 2, TODAY, Decimal(11))

    session.write("test", "test", work)
    other.join()
    assert ended == [tomorrow]
    same_everywhere(session)


def test_the_check_finds_and_repairs_a_wrong_sum(session: Session) -> None:
    act(session, "debt", 0, DAYS[0], Decimal(7))
    upkeep.tend(session, step=silent)
    session.store.sql("UPDATE customer SET overdue = overdue + 1, oldest_due = '2020-01-01', last_contact = 5")
    told = " ".join(problem.message for problem in check(session))
    assert all(session.entity("customer").fields[name].spec.title in told for name in ("overdue", "oldest_due", "last_contact"))
    repair(session)
    assert not check(session)
    same_everywhere(session)


@pytest.mark.parametrize("condition", [
    Where("d", operator, value) for operator in ("eq", "ne", "lt", "le", "gt", "ge") for value in (-2, 0, 1, 5, 10**9)
] + [Where("d", "in", (0, 1, 4)), Where("d", "filled"), Where("d", "empty"), Where("d", "eq", None), Where("d", "ne", None)])
def test_days_are_compared_as_their_date(condition: Where) -> None:
    """The comparison of a date finds what that of the days would, none being where the day hasn't passed."""
    for days in range(-3, 8):
        shown, due = days if days > 0 else None, TODAY - timedelta(days=days)
        assert fulfils(days_since("due", condition, TODAY), due) is fulfils(condition, shown), (condition, days)


def fulfils(condition: Condition, value: Any) -> bool:
    """Test one value as a database does: nothing is neither less nor more than anything, and other than any."""
    parts = getattr(condition, "parts", None)
    if parts is not None:
        return (all if type(condition).__name__ == "Every" else any)(fulfils(part, value) for part in parts)
    assert isinstance(condition, Where)
    wanted = condition.value
    match condition.operator:
        case "filled" | "empty":
            return (value is not None) is (condition.operator == "filled")
        case "in":
            return bool(value in wanted)
        case "eq":
            return bool(value == wanted)
        case "ne":
            return bool(value != wanted)
        case _ if value is None:
            return False
        case "lt" | "le" if value == wanted:
            return condition.operator == "le"
        case "gt" | "ge" if value == wanted:
            return condition.operator == "ge"
        case _:
            return bool(value < wanted) is (condition.operator in {"lt", "le"})
