"""What falls due (到期应收): what is overdue and for how long, what comes next, and what customers promised."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Every, Where, both
from desktop_crm.domain.ledger import days_overdue
from desktop_crm.domain.money import show_money
from desktop_crm.domain.terms import calendar_remark
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.outstanding import ZERO, rows_outstanding
from desktop_crm.services.batches import find_in
from desktop_crm.services.contracts import due_calendar

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session

CUSTOMER: Final = column("customer", N_("Customer"), kinds.LINK, link="customer")
NUMBER: Final = column("number", N_("Receivable number"), kinds.TEXT)
CONTRACT: Final = column("contract", N_("Contract"), kinds.LINK, link="contract")
DUE: Final = column("due", N_("Falls due"), kinds.DATE)
OVERDUE_DAYS: Final = column("days", N_("Days overdue"), kinds.INTEGER, unit=N_("days"))
FIGURES: Final = (column("amount", N_("Amount"), kinds.MONEY), column("settled", N_("Settled"), kinds.MONEY), column("remaining", N_("Remaining"), kinds.MONEY))
OWNER: Final = column("owner", N_("Owner"), kinds.LINK, link="user")
COLUMNS: Final = (CUSTOMER, NUMBER, CONTRACT, DUE, OVERDUE_DAYS, *FIGURES, OWNER)
LINKS: Final = {"customer": "customer", "contract": "contract", "owner": "user"}
SUMS: Final = ("amount", "settled", "remaining")
AS_OF: Final = Parameter("as_of", N_("As of"), kinds.DATE, default=lambda session: session.today)


@report("overdue", N_("Overdue items"), AS_OF)
def overdue(session: Session, settings: Values) -> Report:
    """Answer with a row for each receivable that was overdue on the day, settled and remaining being those of that day."""
    rows = due_rows(session, settings["as_of"], Where("falls_due", "lt", settings["as_of"]))
    return Report("overdue", N_("Overdue items"), {"as_of": settings["as_of"]}, COLUMNS, rows, _totals(rows))


@report(
    "due",
    N_("Due items"),
    AS_OF,
    Parameter("ahead", N_("Days ahead"), kinds.INTEGER, default=lambda _session: 30),
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
)
def due(session: Session, settings: Values) -> Report:
    """Answer with what is overdue on the day and what falls due within so many days, with the date the customer promised last."""
    as_of: date = settings["as_of"]
    last = as_of + timedelta(days=min(max(settings["ahead"], 0), 3650))
    rows = due_rows(session, as_of, both(narrowed(settings), Where("falls_due", "le", last)))
    promised = promises(session, {int(row.values["customer"]) for row in rows})
    for row in rows:
        contract = row.values["contract"]
        row.values["promised"] = promised.get((int(row.values["customer"]), None if contract is None else int(contract))) or promised.get((int(row.values["customer"]), None))
    totals = _totals(rows)
    late = sum((row.values["remaining"] for row in rows if row.values["days"] > 0), ZERO)
    facts = {"overdue": late, "coming": totals["remaining"] - late}
    calendar = due_calendar(session)
    remark = calendar_remark(max(row.values["due"] for row in rows), calendar) if rows and calendar is not None else None
    parts = _("Overdue {late}, not due yet {coming}").format(late=show_money(late, symbol="¥"), coming=show_money(facts["coming"], symbol="¥"))
    columns = (*COLUMNS[:-1], column("promised", N_("Promised for"), kinds.DATE), OWNER)
    return Report("due", N_("Due items"), settings, columns, rows, totals, facts=facts if rows else {}, notes=(*((parts,) if late else ()), *((remark,) if remark else ())))


def due_rows(session: Session, as_of: date, condition: Condition) -> list[Row]:
    """Return a row for each receivable with something remaining on the day that fulfils `condition`, the longest due first."""
    found = rows_outstanding(session, as_of, condition, ["number", "falls_due", "amount", *LINKS])
    found = sorted((row for row in found if row["remaining"] > 0), key=lambda row: (row["falls_due"], row["id"]))
    titles = {entity: session.records.titles(session.entity(entity), _ids(found, link)) for link, entity in LINKS.items()}
    rows = []
    for row in found:
        links = {link: Ref(row[link], titles[entity].get(row[link], "")) if row[link] is not None else None for link, entity in LINKS.items()}
        figures = {name: row[name] for name in ("number", *SUMS)}
        values = {**links, **figures, "due": row["falls_due"], "days": days_overdue(row["falls_due"], as_of)}
        rows.append(Row(values, partial(_drills, row["id"])))
    return rows


def promises(session: Session, customers: set[int]) -> dict[tuple[int, int | None], date]:
    """Return the payment date promised last by customer and contract, and by customer alone (None) where no contract was named."""
    if "activity" not in session.catalog:
        return {}
    told = session.readable("activity", Every((Where("promised_on", "filled"),)))
    rows = find_in(session, "activity", "customer", customers, ["customer", "contract", "happened_at", "promised_on"], told)
    found: dict[tuple[int, int | None], date] = {}
    for row in sorted(rows, key=lambda row: (row["happened_at"], row["id"])):
        found[row["customer"], row["contract"]] = row["promised_on"]
    return found


def _totals(rows: list[Row]) -> dict[str, Any]:
    return {name: sum((row.values[name] for row in rows), ZERO) for name in SUMS}


def _drills(key: int) -> dict[str, Drill]:
    this = Drill("receivable", Where("id", "eq", key))
    return {"number": this, "amount": this, "remaining": this, "settled": Drill("allocation", Where("receivable", "eq", key))}


def _ids(rows: list[Values], link: str) -> set[int]:
    return {row[link] for row in rows if row[link] is not None}
