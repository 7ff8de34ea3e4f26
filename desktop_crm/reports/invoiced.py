"""Contract progress (合同执行): contracted, delivered, invoiced and received side by side, with what share of the contract each is.

Received is the money that settles receivables of the contract, and what is left of receipts that name it. Delivered is what was charged for deliveries (receivables that come from one); a contract that is completed counts as delivered in full.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, Ref
from desktop_crm.domain.conditions import Condition, Every, Where, both
from desktop_crm.domain.money import round_scale
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.outstanding import ZERO
from desktop_crm.services.batches import find_by_id, find_in

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

STATES: Final = (Choice("in_force", N_("In force and completed")), Choice("active", N_("In force")), Choice("all", N_("All")))
CHOSEN: Final[dict[str, Condition]] = {"in_force": Where("state", "in", ("active", "done")), "active": Where("state", "eq", "active"), "all": Every()}
FIGURES: Final = ("total", "delivered", "invoiced", "received")
DELIVERED: Final = Where("kind", "eq", "delivery")
COLUMNS: Final = (
    column("contract", N_("Contract"), kinds.LINK, link="contract"),
    column("customer", N_("Customer"), kinds.LINK, link="customer"),
    column("signed_on", N_("Signed on"), kinds.DATE),
    column("total", N_("Contract total"), kinds.MONEY),
    column("delivered", N_("Delivered"), kinds.MONEY),
    column("delivered_share", N_("Delivered %"), kinds.PERCENT),
    column("invoiced", N_("Invoiced"), kinds.MONEY),
    column("invoiced_share", N_("Invoiced %"), kinds.PERCENT),
    column("received", N_("Received"), kinds.MONEY),
    column("received_share", N_("Received %"), kinds.PERCENT),
    column("prepaid", N_("Of it prepaid"), kinds.MONEY),
    column("owner", N_("Owner"), kinds.LINK, link="user"),
)


@report(
    "invoiced",
    N_("Contract progress"),
    Parameter("date_from", N_("Signed from"), kinds.DATE, optional=True),
    Parameter("date_to", N_("Signed to"), kinds.DATE, optional=True),
    Parameter("state", N_("Contracts"), kinds.CHOICE, choices=STATES, default=lambda _session: "in_force"),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
)
def invoiced(session: Session, settings: Values) -> Report:
    """Answer with a row for each contract, the latest first."""
    condition = both(narrowed(settings), CHOSEN[settings["state"]])
    if settings["date_from"] is not None:
        condition = both(condition, Where("signed_on", "ge", settings["date_from"]))
    if settings["date_to"] is not None:
        condition = both(condition, Where("signed_on", "le", settings["date_to"]))
    names = ["number", "customer", "owner", "signed_on", "state", "total", "invoiced", "received", "prepaid"]
    found = session.records.find(session.entity("contract"), session.readable("contract", condition), names, sort="signed_on", descending=True)
    delivered = _delivered(session)
    titles = {entity: session.records.titles(session.entity(entity), {row[link] for row in found if row[link] is not None}) for link, entity in (("customer", "customer"), ("owner", "user"))}
    rows = []
    for row in found:
        figures = {"total": row["total"], "delivered": row["total"] if row["state"] == "done" else delivered.get(row["id"], ZERO), "invoiced": row["invoiced"], "received": row["received"] + row["prepaid"]}
        values: Values = {
            "contract": Ref(row["id"], row["number"]), "customer": Ref(row["customer"], titles["customer"].get(row["customer"], "")), "signed_on": row["signed_on"],
            "owner": None if row["owner"] is None else Ref(row["owner"], titles["user"].get(row["owner"], "")), **figures, "prepaid": row["prepaid"], **shares(figures),
        }  # fmt: skip
        rows.append(Row(values, partial(_drills, row), under=partial(_documents, contract=row)))
    totals: dict[str, Any] = {name: sum((row.values[name] for row in rows), ZERO) for name in (*FIGURES, "prepaid")}
    return Report("invoiced", N_("Contract progress"), settings, COLUMNS, rows, {**totals, **shares(totals)})


def shares(figures: dict[str, Decimal]) -> dict[str, Decimal | None]:
    """Return what share of the total each figure is, to four places; None where there is no total."""
    total = figures["total"]
    return {f"{name}_share": round_scale(figures[name] / total, 4) if total else None for name in FIGURES[1:]}


def _delivered(session: Session) -> dict[int, Decimal]:
    """Return what was charged for deliveries, by contract."""
    if "receivable" not in session.catalog:
        return {}
    chosen: Condition = session.readable("receivable", Every((DELIVERED, Where("contract", "filled"))))
    return {key: amount for key, _count, amount in session.records.groups(session.entity("receivable"), chosen, "contract", ["amount"])}


def _drills(contract: Values) -> dict[str, Drill]:
    """Return the lists that add up to a figure; invoices and receipts may be for several contracts, so what of them is this one's stands under the row."""
    own, this = Where("contract", "eq", contract["id"]), Drill("contract", Where("id", "eq", contract["id"]))
    delivered = this if contract["state"] == "done" else Drill("receivable", Every((own, DELIVERED)))
    return {"total": this, "delivered": delivered, "prepaid": Drill("receipt", Every((own, Where("unallocated", "gt", 0))))}


def _documents(session: Session, contract: Values) -> list[Row]:
    """Return what is delivered, invoiced and received of a contract, a row for each document in the order of their days."""
    own = Where("contract", "eq", contract["id"])
    found: list[tuple[date, str, int, str, dict[str, Decimal]]] = []
    if "receivable" in session.catalog and contract["state"] != "done":
        rows = session.records.find(session.entity("receivable"), session.readable("receivable", Every((own, DELIVERED))), ["number", "document_on", "amount"])
        found += [(row["document_on"], "receivable", row["id"], row["number"], {"delivered": row["amount"]}) for row in rows]
    if "invoice" in session.catalog:
        found += _invoices(session, contract["id"])
    if "receipt" in session.catalog:
        found += _receipts(session, contract["id"])
    return [
        Row({"contract": number, "customer": session.catalog[entity].singular, "signed_on": day, **figures}, partial(_this, entity, key), counted=False)
        for day, entity, key, number, figures in sorted(found, key=lambda one: one[:3])
    ]


def _invoices(session: Session, contract: int) -> list[tuple[date, str, int, str, dict[str, Decimal]]]:
    parts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for cover in find_in(session, "invoice_cover", "contract", [contract], ["invoice", "amount"]):
        parts[cover["invoice"]] += cover["amount"]
    for row in find_in(session, "invoice", "contract", [contract], ["uncovered"]):
        parts[row["id"]] += row["uncovered"]
    rows = find_by_id(session, "invoice", parts, ["number", "issued_on"], session.readable("invoice", Every()))
    return [(row["issued_on"], "invoice", key, row["number"], {"invoiced": parts[key]}) for key, row in rows.items() if parts[key]]


def _receipts(session: Session, contract: int) -> list[tuple[date, str, int, str, dict[str, Decimal]]]:
    debts = [row["id"] for row in find_in(session, "receivable", "contract", [contract], [])]
    parts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in find_in(session, "allocation", "receivable", debts, ["receipt", "money"]):
        parts[row["receipt"]] += row["money"]
    left = {row["id"]: row["advance"] for row in find_in(session, "receipt", "contract", [contract], ["advance"]) if row["advance"]}
    rows = find_by_id(session, "receipt", {**parts, **left}, ["number", "received_on"], session.readable("receipt", Every()))
    found = []
    for key, row in rows.items():
        figures = {"received": parts[key] + left.get(key, ZERO)} | ({"prepaid": left[key]} if key in left else {})
        if figures["received"]:
            found.append((row["received_on"], "receipt", key, row["number"], figures))
    return found


def _this(entity: str, key: int) -> dict[str, Drill]:
    this = Drill(entity, Where("id", "eq", key))
    return dict.fromkeys(("contract", "delivered", "invoiced", "received", "prepaid"), this)
