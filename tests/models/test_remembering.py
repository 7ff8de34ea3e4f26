"""What a change set remembers of what it read: never longer than it is true."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.models import triggers
from desktop_crm.models.registry import REGISTER, column_name
from desktop_crm.services import receipts, records
from desktop_crm.services.session import prepare
from tests.support.company import company, make
from tests.support.spying import packets, statements

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session


def name_of(session: Session, key: int) -> str:
    return str(session.records.rows(session.entity("customer"), [key], ["name"])[0]["name"])


def test_what_was_read_is_forgotten_with_the_next_write_and_with_what_is_taken_back(db_url: str) -> None:
    with company(db_url) as session:
        key = make(session, "customer", name="甲公司")
        entry = session.entity("customer")

        def taken_back() -> None:
            with session.store.transaction():
                session.records.update(entry, key, {"name": "丙公司"}, session.now)
                assert name_of(session, key) == "丙公司"
                raise UserError("")

        def work() -> None:
            assert name_of(session, key) == "甲公司"
            asked = session.store.writes
            assert name_of(session, key) == "甲公司"
            assert session.records.rows(entry, [key, key + 99], ["code", "overdue_days"])[0]["overdue_days"] is None
            assert session.store.writes == asked, "a question counts as no write"
            session.records.update(entry, key, {"name": "乙公司"}, session.now)
            assert name_of(session, key) == "乙公司"
            with pytest.raises(UserError):
                taken_back()
            assert name_of(session, key) == "乙公司"
            assert not session.records.rows(entry, [key + 1], ["name"])
            assert session.records.insert(entry, [{**session.records.rows(entry, [key], [*entry.written()])[0], "id": key + 1, "name": "丁公司"}], session.now) == [key + 1]
            assert name_of(session, key + 1) == "丁公司"

        session.write("test", "test", work)
        assert name_of(session, key) == "乙公司"


def test_sums_that_triggers_keep_are_read_as_they_are_after_each_write(db_url: str) -> None:
    with company(db_url) as session:
        customer = make(session, "customer", name="甲公司")
        debt = make(session, "receivable", customer=customer, document_on=session.today, amount=Decimal(100))
        entry = session.entity("receivable")

        def work() -> None:
            for number in range(1, 4):
                values = records.new(session, "receipt", customer=customer, amount=Decimal(10), received_on=session.today)
                receipts.post_receipt(session, values=values, allocations={debt: Decimal(10)})
                row = session.records.rows(entry, [debt], ["settled", "received", "remaining", "state"])[0]
                assert (row["settled"], row["received"], row["remaining"], row["state"]) == (10 * number, 10 * number, 100 - 10 * number, "partial")
                owed = session.records.rows(session.entity("customer"), [customer], ["balance", "prepaid"])[0]
                assert (owed["balance"], owed["prepaid"]) == (100 - 10 * number, 0)

        session.write("test", "test", work)


def test_a_sum_is_looked_at_whenever_a_column_is_written_that_it_follows_from() -> None:
    prepare()
    for entry in REGISTER.values():
        for kept in triggers.kept_sums(entry):
            written = {column_name(field) for field in kept.child.stored().values() if not field.formula}
            looked_at = {column for of, _when, _body in kept.updated(mysql=False).values() for column in of}
            assert kept.link in looked_at <= written
            for field in {name for one in kept.kept.values() for name in (one.field, one.before) if name}:
                assert looked_at >= set(triggers.made_of(kept.child, field)) != set(), f"{entry.name}: nothing is known that {kept.child.name}.{field} follows from"
    assert triggers.made_of(REGISTER["allocation"], "money") == ["amount", "kind"]


def test_what_a_change_set_knows_of_its_rows_is_what_is_stored(db_url: str) -> None:
    with company(db_url) as session:
        customer = make(session, "customer", name="甲公司")
        debt = make(session, "receivable", customer=customer, document_on=session.today, amount=Decimal(100))
        note = "“引号” \"\\ \t 换行\n\u0001 😀 '%s' ?"

        def known(entity: str, key: int) -> tuple[Values, Values]:
            entry = session.entity(entity)
            return session.records.rows(entry, [key], [*entry.written()])[0], session.records.rows(entry, [key], [*entry.stored()])[0]

        def work() -> dict[tuple[str, int], tuple[Values, Values]]:
            values = records.new(session, "receipt", customer=customer, amount=Decimal("12.34"), received_on=session.today, note=note, payer="甲'公司")
            receipt = receipts.post_receipt(session, values=values, allocations={debt: Decimal("12.34")}).result.id
            (part,) = session.records.ids_in(session.entity("allocation"), "receipt", [receipt])
            return {key: known(*key) for key in (("receipt", receipt), ("allocation", part), ("receivable", debt), ("customer", customer))}

        for (entity, key), (written, whole) in session.write("test", "test", work).result.items():
            entry = session.entity(entity)
            assert written == session.records.rows(entry, [key], [*entry.written()])[0]
            assert whole == session.records.rows(entry, [key], [*entry.stored()])[0]
            assert all(type(one) is type(other) for one, other in zip(whole.values(), session.records.rows(entry, [key], [*entry.stored()])[0].values(), strict=True))


def test_posting_a_receipt_takes_few_statements_and_ways_to_the_server(db_url: str) -> None:
    with company(db_url) as session:
        customer = make(session, "customer", name="甲公司")
        debt = make(session, "receivable", customer=customer, document_on=session.today, amount=Decimal(100))
        for _turn in range(2):
            values = records.new(session, "receipt", customer=customer, amount=Decimal(10), received_on=session.today)
            with packets(session.store) if session.store.mysql else statements(session.store) as seen:
                receipts.post_receipt(session, values=values, allocations={debt: Decimal(10)})
        assert len(seen) <= (4 if session.store.mysql else 13), seen


def test_a_number_that_was_typed_by_hand_is_stepped_over_wherever_the_next_one_is_asked_for(db_url: str) -> None:
    with company(db_url) as session:
        customer = make(session, "customer", name="甲公司")
        debt = make(session, "receivable", customer=customer, document_on=session.today, amount=Decimal(100))

        def posted(**typed: str) -> str:
            values = records.new(session, "receipt", customer=customer, amount=Decimal(1), received_on=session.today) | typed
            done = receipts.post_receipt(session, values=values, allocations={debt: Decimal(1)}).result
            assert done.number in session.log.entries(limit=1)[0].label
            return done.number

        first = posted()
        stem, last = first[:-4], int(first[-4:])
        for number in (last + 1, last + 2, 12345):
            posted(number=f"{stem}{number:04}")
        assert posted() == f"{stem}{last + 3:04}"
        # One without an allocation asks for its number by itself.
        posted(number=f"{stem}{last + 4:04}")
        alone = records.save(session, "receipt", records.new(session, "receipt", customer=customer, amount=Decimal(1), received_on=session.today)).result.id
        assert session.records.titles(session.entity("receipt"), [alone])[alone] == f"{stem}{last + 5:04}"
        session.store.sql("UPDATE counter SET value = 12344 WHERE name LIKE 'receipt.number%'")
        assert posted() == f"{stem}12346"


def test_what_ends_a_change_set_is_asked_again_where_more_was_written_than_expected(db_url: str) -> None:
    with company(db_url) as session:

        def work() -> None:
            for name in ("甲公司", "乙公司"):
                made = records.save(session, "customer", {"name": name}).result.id
            records.save(session, "customer", {"name": "丙公司"}, key=made)
            make(session, "product", name="货")

        done = session.write("test", "test", work)
        entry = session.log.entry(done.change_set or 0)
        assert (entry.records, set(entry.entities), done.entities) == (3, {"customer", "product"}, {"customer", "product"})
