"""Overdue receivables (逾期应收), the longest overdue first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.ledger import days_overdue
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.outstanding import ZERO, rows_outstanding

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

COLUMNS = (
    column("customer", N_("Customer"), kinds.LINK, link="customer"),
    column("number", N_("Receivable number"), kinds.TEXT),
    column("contract", N_("Contract"), kinds.LINK, link="contract"),
    column("due", N_("Falls due"), kinds.DATE),
    column("days", N_("Days overdue"), kinds.INTEGER, unit=N_("days")),
    column("amount", N_("Amount"), kinds.MONEY),
    column("settled", N_("Settled"), kinds.MONEY),
    column("remaining", N_("Remaining"), kinds.MONEY),
    column("owner", N_("Owner"), kinds.LINK, link="user"),
)
LINKS = {"customer": "customer", "contract": "contract", "owner": "user"}
SUMS = ("amount", "settled", "remaining")


@report("overdue", N_("Overdue items"), Parameter("as_of", N_("As of"), kinds.DATE, default=lambda session: session.today))
def overdue(session: Session, settings: Values) -> Report:
    """Answer with a row for each receivable that was overdue on the day, settled and remaining being those of that day."""
    as_of: date = settings["as_of"]
    names = ["number", "falls_due", "amount", *LINKS]
    found = rows_outstanding(session, as_of, Where("falls_due", "lt", as_of), names)
    found = sorted((row for row in found if row["remaining"] > 0), key=lambda row: (row["falls_due"], row["id"]))
    titles = {entity: session.records.titles(session.entity(entity), _ids(found, link)) for link, entity in LINKS.items()}
    rows = []
    for row in found:
        links = {link: Ref(row[link], titles[entity].get(row[link], "")) if row[link] is not None else None for link, entity in LINKS.items()}
        figures = {name: row[name] for name in ("number", *SUMS)}
        values = {**links, **figures, "due": row["falls_due"], "days": days_overdue(row["falls_due"], as_of)}
        rows.append(Row(values, partial(_drills, row["id"])))
    totals: dict[str, Any] = {name: sum((row.values[name] for row in rows), ZERO) for name in SUMS}
    return Report("overdue", N_("Overdue items"), {"as_of": as_of}, COLUMNS, rows, totals)


def _drills(key: int) -> dict[str, Drill]:
    this = Drill("receivable", Where("id", "eq", key))
    return {"number": this, "amount": this, "remaining": this, "settled": Drill("allocation", Where("receivable", "eq", key))}


def _ids(rows: list[Values], link: str) -> set[int]:
    return {row[link] for row in rows if row[link] is not None}
