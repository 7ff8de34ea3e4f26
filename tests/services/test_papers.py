"""What receipts, customers and requests are printed with, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.services import records
from desktop_crm.services.documents import print_values
from desktop_crm.services.papers import full_address
from tests.services.ledger import company, customer, debt, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

DAY = date(2026, 2, 1)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def test_a_receipt_is_printed_with_what_it_settles(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "1000", on=DAY, name="送货款"), debt(session, of, "250.50", on=date(2026, 2, 3))
    key = receive(session, of, "1300", {first: "1000", second: "200.50"}, on=date(2026, 2, 28)).id
    values = print_values(session, "receipt", key)
    assert [(row["no"], row["number"], row["allocated"], row["remaining"]) for row in values["settled"]] == [
        (1, "YS-26-0001", Decimal("1000.00"), Decimal("0.00")), (2, "YS-26-0002", Decimal("200.50"), Decimal("50.00")),
    ]  # fmt: skip
    assert values["settled_numbers"] == "YS-26-0001、YS-26-0002"
    assert values["codes"]["kind"] == "receipt"
    assert values["customer"]["name"] == "恒泰科技有限公司"


def test_a_customer_is_printed_with_what_it_owes_and_its_whole_address(session: Session) -> None:
    of = customer(session)
    debt(session, of, "250.50", on=date(2026, 2, 3))
    settled = debt(session, of, "1000", on=DAY)
    receive(session, of, "1000", {settled: "1000"}, on=date(2026, 2, 28))
    records.save(session, "customer", {"province": "江苏省", "city": "苏州市", "address": "苏州市星湖街 1 号"}, key=of)
    records.save(session, "contact", {"name": "张三", "customer": of})
    records.save(session, "contact", {"name": "李四", "customer": of, "preferred": True})
    values = print_values(session, "customer", of)
    assert [(row["number"], row["remaining"]) for row in values["open_items"]] == [("YS-26-0001", Decimal("250.50"))]
    assert [row["name"] for row in values["contacts"]] == ["李四", "张三"]
    assert values["full_address"] == "江苏省苏州市星湖街 1 号"
    assert full_address({"province": "北京市", "city": "北京市", "district": "朝阳区", "address": None}) == "北京市朝阳区"


def test_a_request_is_printed_with_its_lines_and_their_sums(session: Session) -> None:
    of = customer(session)
    request = records.save(session, "invoice_request", {"customer": of, "requested_on": DAY, "kind": "e_special"}).result.id
    for amount in ("113.00", "226.00"):
        records.save(session, "invoice_request_line", {"request": request, "item": "*设备*网关", "amount": Decimal(amount), "tax_rate": Decimal("0.13")})
    values = print_values(session, "invoice_request", request)
    assert [line["amount"] for line in values["lines"]] == [Decimal("113.00"), Decimal("226.00")]
    assert (values["net"], values["tax"], values["total"]) == (Decimal("300.00"), Decimal("39.00"), Decimal("339.00"))
