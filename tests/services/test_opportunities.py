"""Opportunities on their way through the stages, and the contract that comes of one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from desktop_crm.services import contracts, records
from tests.support.company import company, make


def test_the_lines_replace_an_agreed_amount(db_url: str) -> None:
    with company(db_url) as session:
        opportunity = make(session, "opportunity", name="二期", amount=Decimal(500))
        values = {**contracts.from_opportunity(session, opportunity), "signed_on": date(2026, 1, 5)}
        assert values["amount"] == Decimal(500)
        lines = {"contract_line": [{"product_name": "泵", "quantity": Decimal(2), "price": Decimal("10.05")}], "instalment": []}
        contract = records.get(session, "contract", records.save(session, "contract", values, lines=lines).result.id)
        assert (contract["amount"], contract["total"]) == (None, Decimal("20.10"))


def test_a_stage_brings_its_usual_chance_unless_one_is_typed(db_url: str) -> None:
    with company(db_url) as session:
        key = make(session, "opportunity", name="二期", amount=Decimal(1000), stage="found")
        assert records.get(session, "opportunity", key)["weighted"] == Decimal(100)
        records.save(session, "opportunity", {"stage": "negotiation"}, key=key)
        moved = records.get(session, "opportunity", key)
        assert (moved["probability"], moved["weighted"]) == (Decimal("0.8"), Decimal(800))
        records.save(session, "opportunity", {"stage": "offer", "probability": Decimal("0.65")}, key=key)
        records.save(session, "opportunity", {"amount": Decimal(2000)}, key=key)
        typed = records.get(session, "opportunity", key)
        assert (typed["probability"], typed["weighted"]) == (Decimal("0.65"), Decimal(1300))
