"""Requests for invoices, made of receivables: one each, or one a customer (合并开票), with the lines of their contracts."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import split
from desktop_crm.services import records
from desktop_crm.services.batches import find_by_id, find_in, grouped
from desktop_crm.services.covers import invoiceable
from desktop_crm.services.records import require_write
from desktop_crm.services.rules import before_delete

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

ZERO: Final = Decimal("0.00")
GOODS: Final = ("contract", "product", "product_name", "specification", "unit", "quantity", "price", "discount", "tax_rate", "total")
WAITING: Final = Where("state", "in", ("open", "exported"))


def waiting_amounts(session: Session, receivables: Iterable[int]) -> dict[int, Decimal]:
    """Return what of each receivable stands in requests that aren't issued yet."""
    lines = find_in(session, "invoice_request_line", "receivable", receivables, ["receivable", "request", "amount"])
    waiting = find_by_id(session, "invoice_request", (line["request"] for line in lines), [], WAITING)
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line["request"] in waiting:
            found[line["receivable"]] += line["amount"]
    return found


def from_receivables(session: Session, ids: Sequence[int], *, merge: bool) -> Changes[list[int]]:
    """Make requests for what of receivables is neither invoiced nor requested: one a customer with `merge`, else one a receivable.

    A receivable of a contract with lines gets these lines, in the part that it is of the contract. Raises UserError where nothing is left
    to be invoiced, NotAllowed.
    """
    require_write(session, "invoice_request")

    def work() -> list[int]:
        names = ["number", "name", "kind", "customer", "contract", "uninvoiced"]
        found = find_in(session, "receivable", "id", ids, names, session.readable("receivable", Where("uninvoiced", "gt", 0)))
        rows = [row for row in found if invoiceable(row)]
        waiting = waiting_amounts(session, (row["id"] for row in rows))
        owed = [(row, row["uninvoiced"] - waiting[row["id"]]) for row in rows]
        owed = [(row, left) for row, left in owed if left > 0]
        if not owed:
            raise UserError(_("Nothing of these receivables is left to be invoiced: it is invoiced or requested already"))
        goods = grouped(find_in(session, "contract_line", "contract", (row["contract"] for row, _left in owed), GOODS), "contract")
        codes = find_by_id(session, "product", (line["product"] for lines in goods.values() for line in lines), ["tax_code"])
        groups: dict[Any, list[tuple[Values, Decimal]]] = defaultdict(list)
        for row, left in owed:
            groups[row["customer"] if merge else row["id"]].append((row, left))
        made = [_request(session, group, goods, codes) for group in groups.values()]
        session.relabel(ngettext("{count} invoice request made", "{count} invoice requests made", len(made)).format(count=len(made)))
        return made

    return session.write("invoice_request", _("Invoice requests made"), work)


def _request(session: Session, group: Sequence[tuple[Values, Decimal]], goods: dict[Any, list[Values]], codes: dict[int, Values]) -> int:
    customer, contracts = group[0][0]["customer"], {row["contract"] for row, _left in group}
    contract = next(iter(contracts)) if len(contracts) == 1 else None
    values = records.new(session, "invoice_request", customer=customer, contract=contract, title=title_of(session, customer, contract), requested_on=session.today)
    lines = [line for row, left in group for line in lines_of(row, left, goods.get(row["contract"], []), codes)]
    return records.save(session, "invoice_request", values, lines={"invoice_request_line": lines}).result.id


def lines_of(receivable: Values, amount: Decimal, goods: Sequence[Values], codes: dict[int, Values]) -> list[Values]:
    """Return the lines for `amount` of a receivable: those of its contract, or one that says what the receivable is.

    Only lines invoiced in full keep quantity and price: a part of a sum is no part of a piece.
    """
    sold = [line for line in goods if line["total"] and line["total"] > 0]
    whole = sum((line["total"] for line in sold), ZERO)
    if not sold:
        name = receivable["name"] or receivable["number"]
        return [{"item": name, "tax_rate": Decimal("0.13"), "amount": amount, "receivable": receivable["id"]}]
    made: list[Values] = []
    for line, part in zip(sold, split(amount, [line["total"] for line in sold]), strict=True):
        if not part:
            continue
        given = {"item": line["product_name"], "tax_code": codes.get(line["product"] or 0, {}).get("tax_code") or "", "specification": line["specification"],
                 "tax_rate": line["tax_rate"] or ZERO, "amount": part, "receivable": receivable["id"]}  # fmt: skip
        if amount == whole and line["quantity"] and line["discount"] in {None, Decimal(1)}:
            given |= {"unit": line["unit"], "quantity": line["quantity"], "price": line["price"]}
        made.append(given)
    return made


def title_of(session: Session, customer: int, contract: int | None) -> int | None:
    """Return the invoice title to be used: the contract's, else the customer's preferred one, else its first; None where it has none."""
    if contract is not None:
        of_contract = find_by_id(session, "contract", [contract], ["invoice_title"])[contract]["invoice_title"]
        if of_contract is not None:
            return int(of_contract)
    titles = find_in(session, "invoice_title", "customer", [customer], ["preferred"])
    titles.sort(key=lambda row: (not row["preferred"], row["id"]))
    return titles[0]["id"] if titles else None


@before_delete("invoice_request")
def keep_issued(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError for requests that are with the bureau: what it issues could not be joined to anything."""
    held = find_by_id(session, "invoice_request", ids, ["number"], Where("state", "eq", "exported"))
    if held:
        numbers = _(", ").join(row["number"] for row in held.values())
        raise UserError(_("{numbers} is with the tax bureau. Take it back (“Not with the bureau”) before you delete it").format(numbers=numbers))
