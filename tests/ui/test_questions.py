"""No screen asks a database more often because it shows more."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.reports import REPORTS
from desktop_crm.services import writing
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.record_page import RecordPage
from desktop_crm.ui.report_page import ReportPage
from tests.support.spying import selects, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

FEW, MANY = 30, 95
"""Both fit one page: what is asked for a page must not depend on how full it is. What is filtered is looked for farther down the list where a good part of a page was found."""


def fill(session: Session, count: int) -> int:
    """Add `count` of everything to one customer, and as many other customers; return the one."""
    owner = session.person.id

    def add(name: str, rows: list[dict[str, object]]) -> list[int]:
        return writing.insert_rows(session, name, [writing.with_defaults(session, name, row) for row in rows])

    def work() -> int:
        known = session.records.find(session.entity("customer"), EVERYTHING, [], limit=1)
        key = known[0]["id"] if known else add("customer", [{"name": "恒信商贸", "owner": owner}])[0]
        others = add("customer", [{"name": f"客户{number}", "owner": owner} for number in range(count)])
        contacts = add("contact", [{"name": f"联系人{number}", "customer": key, "owner": owner} for number in range(count)])
        add("opportunity", [{"name": f"商机{number}", "customer": key, "contact": contacts[number], "amount": Decimal(100), "owner": owner} for number in range(count)])
        contracts = add("contract", [{"title": "合同", "customer": key, "contact": contacts[number], "signed_on": session.today, "owner": owner} for number in range(count)])
        debtor = [key if number % 2 else others[number] for number in range(count)]
        due = session.today - timedelta(days=40)
        debts = add("receivable", [{"customer": debtor[number], "contract": contracts[number], "amount": Decimal(500), "document_on": due, "due_on": due, "owner": owner} for number in range(count)])
        receipts = add("receipt", [{"customer": debtor[number], "amount": Decimal(200), "received_on": session.today, "owner": owner} for number in range(count)])
        add("allocation", [{"receipt": receipts[number], "receivable": debts[number], "amount": Decimal(100), "allocated_on": session.today} for number in range(count)])
        add("activity", [{"customer": key, "contact": contacts[number], "content": "电话", "happened_at": session.now, "owner": owner} for number in range(count)])
        return int(key)

    return session.write("add", "add", work).result


SCREENS: dict[str, Callable[[Bench, int], QWidget]] = {
    **{f"list of {name}": lambda bench, _key, name=name: ListPage(bench.desk, name) for name in ("customer", "contact", "contract", "receivable", "receipt", "activity")},  # type: ignore[misc]
    "customer": lambda bench, key: RecordPage(bench.desk, "customer", key),
    **{f"report {name}": lambda bench, key, name=name: ReportPage(bench.desk, name, **({"customer": key} if name == "statement" else {})) for name in sorted(REPORTS)},  # type: ignore[misc]
}


@pytest.mark.parametrize("screen", SCREENS)
def test_more_rows_ask_nothing_more(bench: Bench, screen: str) -> None:
    asked = []
    for more in (FEW, MANY - FEW):
        key = fill(bench.session, more)
        with statements(bench.session.store) as seen:
            bench.show(SCREENS[screen](bench, key))
        asked.append(sorted(text.split("FROM", 1)[-1][:40] for text, _values in selects(seen)))
    few, many = map(len, asked)
    assert many <= few, "\n".join(sorted(set(asked[1])))
