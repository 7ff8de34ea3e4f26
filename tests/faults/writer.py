"""Writes to a company beside others: ``python -m tests.faults.writer URL TIMES``. Each change set holds a receipt with its allocation."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date
from decimal import Decimal

from desktop_crm.services import records
from desktop_crm.services.session import open_session


def main(url: str, times: int) -> None:
    """Write so many times, saying the change set after each."""
    with closing(open_session(url)) as session:
        for number in range(times):
            customer = records.save(session, "customer", {"name": f"客户{number}"}).result.id
            owed = {"customer": customer, "amount": Decimal("100.10"), "document_on": date(2026, 1, 5)}
            receivable = records.save(session, "receivable", owed).result.id
            paid = {"customer": customer, "amount": Decimal("60.05"), "received_on": date(2026, 1, 6)}
            saved = records.save(session, "receipt", paid, lines={"allocation": [{"receivable": receivable, "amount": Decimal("60.05")}]})
            sys.stdout.write(f"{saved.change_set}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
