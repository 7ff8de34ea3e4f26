"""Contracts: their receivables follow the plan of instalments, and a plan adds up to its contract."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Where
from desktop_crm.domain.early_payment import early_payment
from desktop_crm.domain.instalments import PlanLine, by_shares, plan
from desktop_crm.domain.money import round_money, round_scale, show_money
from desktop_crm.domain.sources import USES
from desktop_crm.domain.terms import WorkCalendar, china_calendar, due_date, parse_terms
from desktop_crm.services import records, writing
from desktop_crm.services.allocations import ZERO, fits, refuse_allocated
from desktop_crm.services.batches import find_in, grouped, written_fields
from desktop_crm.services.documents import PrintList, enriches, printed, record_values
from desktop_crm.services.due_events import terms_of
from desktop_crm.services.rules import Along, after_save, before_delete, goes_along

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

IN_FORCE: Final = ("active", "done")
OF_THE_PLAN: Final = Where("kind", "eq", "contract")
CONTRACT_FIELDS: Final = ("number", "title", "customer", "owner", "state", "signed_on", "delivery_on", "payment_terms", "opportunity", "total", "lines_total", "amount")
INSTALMENT_FIELDS: Final = ("contract", "position", "name", "due_on", "amount")


@after_save("contract")
def follow_plan(session: Session, ids: Sequence[int]) -> None:
    """Keep one receivable for each instalment of the contracts in force, and none that is unsettled for the others.

    Raises UserError where a plan doesn't add up to its contract, or where a receivable that receipts settle would have to go or to
    become smaller than what settled it.
    """
    contracts = find_in(session, "contract", "id", ids, CONTRACT_FIELDS)
    plans = grouped(find_in(session, "instalment", "contract", ids, INSTALMENT_FIELDS), "contract")
    there = grouped(find_in(session, "receivable", "contract", ids, [*written_fields(session, "receivable"), "settled"], OF_THE_PLAN), "contract")
    calendar = due_calendar(session)
    added: list[Values] = []
    gone: list[Values] = []
    for contract in contracts:
        held = there.get(contract["id"], [])
        if contract["state"] not in IN_FORCE:
            gone += [row for row in held if row["settled"] == 0]
            continue
        instalments = plans.get(contract["id"], [])
        _check_plan(contract, instalments)
        wanted = {row["instalment"]: row for row in planned_receivables(contract, instalments, calendar)}
        for row in held:
            due = wanted.pop(row["instalment"], None)
            if due is None:
                gone.append(row)
            else:
                _bring_up(session, row, due)
        added += [_named(row, contract) for row in wanted.values()]
    _forget_amounts(session, contracts)
    _remove(session, gone)
    writing.insert_rows(session, "receivable", [writing.with_defaults(session, "receivable", row) for row in added])
    _win(session, contracts)


@after_save("receivable", only=("amount", "contract", "customer", "kind"))
def watch_contracts(session: Session, ids: Sequence[int]) -> None:
    """Remark where receivables that were entered by hand take a contract in force beyond its total: it has its own at once, so they may stand there twice."""
    rows = [row for row in find_in(session, "receivable", "id", ids, ["contract", "kind"]) if row["contract"] is not None and row["kind"] not in {"contract", *USES}]
    wanted = [row["contract"] for row in rows]
    for contract in find_in(session, "contract", "id", wanted, ["number", "total", "receivable_total"], Where("state", "in", IN_FORCE)) if wanted else ():
        if 0 <= contract["total"] < contract["receivable_total"]:
            session.warn(
                _("The receivables of contract {number} come to {receivables}, but it is {total}. A contract in force has its receivables by itself: enter only what it hasn't").format(
                    number=contract["number"], receivables=show_money(contract["receivable_total"]), total=show_money(contract["total"])))


def planned_receivables(contract: Values, instalments: Sequence[Values], calendar: WorkCalendar | None = None) -> list[Values]:
    """Return the receivables a contract in force has: one an instalment, or one for all of it where it has no plan."""
    common = {"kind": "contract", "contract": contract["id"], "customer": contract["customer"], "owner": contract["owner"], "document_on": contract["signed_on"]}
    if not instalments:
        # A due date that waits for an event is set when that comes: `due_events`.
        due = {} if terms_of(contract["payment_terms"]) else {"due_on": agreed_due_date(contract, calendar)}
        whole = {**common, "instalment": None, **due, "amount": contract["total"]}
        return [whole | ({"name": contract["title"]} if contract["title"] else {})] if contract["total"] else []
    return [
        {**common, "instalment": row["id"], "name": row["name"], "due_on": row["due_on"], "amount": row["amount"]}
        for row in instalments
        if row["amount"]
    ]


def agreed_due_date(contract: Values, calendar: WorkCalendar | None = None) -> date | None:
    """Return the due date that payment terms give which wait for no event, None where there are none or they can't be read: it then falls due with its document."""
    text = contract["payment_terms"] or ""
    if not text.strip():
        return None
    try:
        terms = parse_terms(early_payment(text)[1])
        return due_date(terms, contract["signed_on"], calendar=calendar)
    except ValueProblem:
        return None


def _named(row: Values, contract: Values) -> Values:
    return {"name": _("Contract {number}").format(number=contract["number"]), **row}


def _check_plan(contract: Values, instalments: Sequence[Values]) -> None:
    against = next((row for row in instalments if not fits(row["amount"], contract["total"])), None)
    if against is not None and balance_of_plan(contract["total"], instalments) == ZERO:
        raise UserError(
            _("Instalment “{name}” of contract {number} is {amount}; it must lie between nothing and the contract's {total}. Correct the plan").format(
                name=against["name"], number=contract["number"], amount=show_money(against["amount"]), total=show_money(contract["total"])))
    missing = balance_of_plan(contract["total"], instalments) if instalments else ZERO
    if not missing:
        return
    message = (
        _("The instalments of contract {number} add up to {planned}, but the contract is {total}: {difference} is missing. Correct the plan")
        if missing > 0
        else _("The instalments of contract {number} add up to {planned}, but the contract is {total}: {difference} too much. Correct the plan")
    )
    raise UserError(message.format(
        number=contract["number"], planned=show_money(contract["total"] - missing), total=show_money(contract["total"]), difference=show_money(abs(missing))))


def _bring_up(session: Session, row: Values, wanted: Values) -> None:
    """Make a receivable what the plan wants it to be."""
    if all(row[name] == value for name, value in wanted.items()):
        return
    if not fits(row["settled"], wanted["amount"]):
        raise UserError(
            _("Receivable {number} would become {amount}, but {settled} of it is settled already. Release the allocation first, or keep the instalment").format(
                number=row["number"], amount=show_money(wanted["amount"]), settled=show_money(row["settled"])))
    values = {name: value for name, value in row.items() if name != "settled"} | wanted
    writing.update_row(session, "receivable", row["id"], values)


def _remove(session: Session, rows: Sequence[Values]) -> None:
    """Delete receivables the plan has no place for; raises Blocked where receipts are allocated to one."""
    ids = [row["id"] for row in rows]
    refuse_allocated(session, ids, _("The plan no longer has {records}, but receipts are allocated to it. Release the allocation first, or keep the instalment"))
    writing.delete_rows(session, "receivable", ids)


def _forget_amounts(session: Session, contracts: Sequence[Values]) -> None:
    """Take the agreed amount away from contracts whose lines say what they come to: two figures for one thing would differ one day."""
    for contract in contracts:
        if contract["lines_total"] != 0 and contract["amount"] is not None:
            session.records.update(session.entity("contract"), contract["id"], {"amount": None}, session.now)


def _win(session: Session, contracts: Iterable[Values]) -> None:
    """Mark as won the opportunities that became a contract in force."""
    chosen = [row["opportunity"] for row in contracts if row["state"] in IN_FORCE]
    for row in find_in(session, "opportunity", "id", chosen, written_fields(session, "opportunity"), Where("stage", "ne", "won")):
        writing.update_row(session, "opportunity", row["id"], {**row, "stage": "won"})


goes_along("contract", Along("receivable", "contract", OF_THE_PLAN))
goes_along("instalment", Along("receivable", "instalment", OF_THE_PLAN))


@before_delete("contract")
def keep_settled_contracts(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked where receipts are allocated to a receivable of a contract's plan, which would go with it."""
    _keep_settled(session, "contract", ids, _("The contract can't be deleted, because receipts are allocated to its receivables {records}. Release the allocation first"))


@before_delete("instalment")
def keep_settled_instalments(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked where receipts are allocated to the receivable of an instalment, which would go with it."""
    _keep_settled(session, "instalment", ids, _("The instalment can't be deleted, because receipts are allocated to its receivable {records}. Release the allocation first"))


def _keep_settled(session: Session, link: str, ids: Sequence[int], message: str) -> None:
    refuse_allocated(session, [row["id"] for row in find_in(session, "receivable", link, ids, [], OF_THE_PLAN)], message)


def due_calendar(session: Session) -> WorkCalendar | None:
    """Return the calendar by which due dates move on to the next workday, where the company wants that."""
    rows = session.records.find(session.entity("company"), EVERYTHING, ["roll_due"], limit=1)
    return china_calendar() if rows and rows[0]["roll_due"] else None


def plan_instalments(session: Session, total: Decimal, template: str | Sequence[PlanLine], start: date) -> list[Values]:
    """Return the instalments of `total` by a template: its shares such as ``30/60/10``, or its lines (`domain.instalments.equal`, `monthly`).

    The last takes the rounding, so they add up to `total`; due dates move on to the next workday where the company wants that.
    Raises ValueProblem for shares that don't add up, and for more instalments than there are cents.
    """
    if isinstance(template, str):
        template = by_shares(template)
    calendar = due_calendar(session)
    shares = sum((line.ratio for line in template), Decimal(0))
    parts = plan(total, template, start=start, calendar=calendar)
    if total and not all(part.amount for part in parts):
        raise ValueProblem(_("{total} can't be divided into {count} instalments of a cent or more each. Choose fewer").format(total=show_money(total), count=len(parts)))
    return [
        {"position": part.number, "name": part.name, "due_on": part.due, "ratio": round_scale(line.ratio / shares, 4), "amount": part.amount}
        for line, part in zip(template, parts, strict=True)
    ]


def balance_of_plan(total: Decimal, instalments: Iterable[Values]) -> Decimal:
    """Return what the instalments lack to `total`; negative where they are too much."""
    return total - sum((row.get("amount") or ZERO for row in instalments), ZERO)


def from_opportunity(session: Session, opportunity: int) -> Values:
    """Return the values a new contract starts with that comes of an opportunity; it is won once the contract is in force.

    Raises NotFound.
    """
    source = records.get(session, "opportunity", opportunity)
    given: dict[str, Any] = {name: source[name] for name in ("customer", "contact", "amount", "owner") if source.get(name) is not None}
    return records.new(session, "contract", opportunity=opportunity, title=source["name"], signed_on=session.today, **given)


printed(
    "contract",
    fields=(
        FieldSpec("net", kinds.MONEY, N_("Net amount")), FieldSpec("tax", kinds.MONEY, N_("Tax amount")),
        FieldSpec("discount_total", kinds.MONEY, N_("Discount in all")),
    ),
    lists={"lines": PrintList(N_("Lines"), "contract_line"), "instalments": PrintList(N_("Instalments"), "instalment")},
)  # fmt: skip


@enriches("contract")
def printed_contract(session: Session, key: int, values: dict[str, Any]) -> None:
    """Add what contract documents are written with: `lines`, `instalments`, `net`, `tax`, `discount_total`, and a title to invoice to."""
    lines = values["lines"] = values.get("contract_line", [])
    values["instalments"] = values.get("instalment", [])
    values["net"], values["tax"] = (values["lines_net"], values["lines_tax"]) if lines else (values["total"], ZERO)
    values["discount_total"] = sum((round_money(line["quantity"] * line["price"]) - line["total"] for line in lines), ZERO)
    customer: dict[str, Any] = values.get("customer") or {}
    if not values.get("contact") and customer.get("contact_person"):
        values["contact"] = {"name": customer["contact_person"], "mobile": customer.get("mobile", ""), "phone": customer.get("phone", "")}
    if not values.get("invoice_title"):
        values["invoice_title"] = _title_to_invoice(session, key, customer)


def _title_to_invoice(session: Session, contract: int, customer: dict[str, Any]) -> dict[str, Any]:
    """Return the customer's preferred invoice title, else the first, else one made of the customer's own data."""
    found = session.records.rows(session.entity("contract"), [contract], ["customer"])
    titles: Condition = session.readable("invoice_title", Every((Where("customer", "eq", found[0]["customer"]),)))
    rows = session.records.find(session.entity("invoice_title"), titles, ["preferred"], sort="id")
    chosen = next((row for row in rows if row["preferred"]), rows[0] if rows else None)
    if chosen is not None:
        return record_values(session, "invoice_title", chosen["id"])
    return {"title": customer.get("name", ""), "tax_number": customer.get("credit_code", "")}
