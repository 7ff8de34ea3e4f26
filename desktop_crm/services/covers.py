"""What must hold for invoices: none covers more than it is, no receivable or contract line is invoiced beyond what it is, red letters take back what there was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import USES
from desktop_crm.services.allocations import ZERO, fits
from desktop_crm.services.batches import find_by_id, find_in, grouped, states_before
from desktop_crm.services.rules import after_save, before_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

COVER: Final = ("invoice", "receivable", "contract_line", "contract", "amount")
INVOICE: Final = ("number", "customer", "contract", "total", "covered", "red_of", "issued_on")


def invoiceable(receivable: Values) -> bool:
    """Tell whether anything of a receivable can be invoiced; of a refund or transfer nothing ever can."""
    return bool((receivable.get("uninvoiced") or 0) > 0 and receivable.get("kind") not in USES)


@before_save("invoice_cover")
def fill_contracts(session: Session, rows: Sequence[Values]) -> None:
    """Give each covered amount the contract of what it covers, so that the contract knows what was invoiced of it."""
    debts = find_by_id(session, "receivable", (row.get("receivable") for row in rows), ["contract"])
    lines = find_by_id(session, "contract_line", (row.get("contract_line") for row in rows), ["contract"])
    for row in rows:
        target = debts.get(row.get("receivable") or 0) or lines.get(row.get("contract_line") or 0)
        row["contract"] = target["contract"] if target else None


@after_save("invoice")
def check_invoices(session: Session, ids: Iterable[int]) -> None:
    """Raise UserError, naming the document, where an invoice covers what it can't, or a contract is invoiced beyond its total."""
    invoices = find_by_id(session, "invoice", ids, INVOICE)
    covers = grouped(find_in(session, "invoice_cover", "invoice", invoices, COVER), "invoice")
    originals = find_by_id(session, "invoice", (row["red_of"] for row in invoices.values()), ["number", "customer", "total", "issued_on"])
    for key, invoice in invoices.items():
        if not fits(invoice["covered"], invoice["total"]):
            raise UserError(
                _("Invoice {number} is {total}, but {covered} is covered by it: {excess} too much. Cover less").format(
                    number=invoice["number"], total=show_money(invoice["total"]), covered=show_money(invoice["covered"]),
                    excess=show_money(abs(invoice["covered"] - invoice["total"]))))
        if invoice["red_of"] is not None:
            _check_red_letter(invoice, originals[invoice["red_of"]])
        for cover in covers.get(key, ()):
            _check_cover(invoice, cover)
    _check_taken_back(session, originals)
    _check_targets(session, [one for found in covers.values() for one in found], invoices)
    _check_contracts(session, invoices, covers)


def _check_red_letter(invoice: Values, original: Values) -> None:
    if invoice["total"] >= 0:
        raise UserError(_("Invoice {number} takes another back, so its total must be below zero").format(number=invoice["number"]), field="total")
    if original["total"] <= 0 or original["customer"] != invoice["customer"]:
        raise UserError(_("Invoice {number} can't take {original} back: that must be an invoice of the same customer, not a red-letter one").format(
            number=invoice["number"], original=original["number"]), field="red_of")
    if original["issued_on"] > invoice["issued_on"]:
        raise UserError(_("Invoice {number} is dated before {original}, which it takes back").format(number=invoice["number"], original=original["number"]), field="issued_on")


def _check_cover(invoice: Values, cover: Values) -> None:
    if cover["receivable"] is not None and cover["contract_line"] is not None:
        raise UserError(_("An amount that invoice {number} covers belongs to a receivable or to a contract line, not to both: choose one of the two").format(number=invoice["number"]))
    if cover["amount"] == 0 or not fits(cover["amount"], invoice["total"]):
        raise UserError(_("{amount} can't be covered by invoice {number}, which is {total}").format(
            amount=show_money(cover["amount"]), number=invoice["number"], total=show_money(invoice["total"])))


def _check_taken_back(session: Session, originals: Mapping[int, Values]) -> None:
    """Raise UserError where red letters take back more than an invoice is, in all or of one receivable or line."""
    reds = grouped(find_in(session, "invoice", "red_of", originals, ["red_of", "total"]), "red_of")
    for key, original in originals.items():
        back = -sum((row["total"] for row in reds.get(key, ())), ZERO)
        if back > original["total"]:
            raise UserError(_("Invoice {number} is {total}, but {back} would be taken back by red-letter invoices. Take back less").format(
                number=original["number"], total=show_money(original["total"]), back=show_money(back)))
        family = [key, *(row["id"] for row in reds.get(key, ()))]
        left: dict[tuple[Any, Any], Decimal] = defaultdict(lambda: ZERO)
        for cover in find_in(session, "invoice_cover", "invoice", family, COVER):
            left[cover["receivable"], cover["contract_line"]] += cover["amount"]
        if any(amount < 0 for amount in left.values()):
            raise UserError(_("More would be taken back of a receivable or contract line than invoice {number} covers of it. Take back less").format(number=original["number"]))


def _check_targets(session: Session, covers: Sequence[Values], invoices: Mapping[int, Values]) -> None:
    """Raise UserError where a receivable or contract line is another customer's, or invoiced beyond what it is."""
    debts = find_by_id(session, "receivable", (row["receivable"] for row in covers), ["number", "customer", "kind", "amount"])
    lines = find_by_id(session, "contract_line", (row["contract_line"] for row in covers), ["contract"])
    contracts = find_by_id(session, "contract", (row["contract"] for row in lines.values()), ["customer"])
    for cover in covers:
        invoice = invoices[cover["invoice"]]
        debt = debts.get(cover["receivable"] or 0)
        line = lines.get(cover["contract_line"] or 0)
        owner = debt["customer"] if debt else contracts[line["contract"]]["customer"] if line else invoice["customer"]
        if owner != invoice["customer"]:
            raise UserError(_("Invoice {number} is another customer's than what it covers. Choose that customer's receivables").format(number=invoice["number"]))
        if invoice["red_of"] is None and debt and not fits(cover["amount"], debt["amount"]):
            raise UserError(_("{amount} can't be invoiced of {number}, which is {whole}. Enter an amount above zero and up to what is left of it").format(
                amount=show_money(cover["amount"]), number=debt["number"], whole=show_money(debt["amount"])))
        if debt and debt["kind"] in USES:
            raise UserError(_("{number} is a refund or transfer and can't be invoiced").format(number=debt["number"]))
    check_invoiced(session, debts, lines)


def check_invoiced(session: Session, receivables: Iterable[int], lines: Iterable[int]) -> None:
    """Raise UserError where more is invoiced of a receivable or a contract line than it is."""
    for debt in find_by_id(session, "receivable", receivables, ["number", "amount", "invoiced"]).values():
        refuse_beyond(debt["number"], debt["invoiced"], debt["amount"])
    for line in find_by_id(session, "contract_line", lines, ["product_name", "total", "invoiced"]).values():
        refuse_beyond(line["product_name"], line["invoiced"], line["total"] or ZERO)


def refuse_beyond(name: str, invoiced: Decimal, whole: Decimal) -> None:
    """Raise UserError where more is invoiced of something than it is."""
    if not fits(invoiced, whole):
        raise UserError(_("{name} is {whole}, but {invoiced} of it would be invoiced: {excess} too much. Cover less, or take an invoice back with a red letter").format(
            name=name, whole=show_money(whole), invoiced=show_money(invoiced), excess=show_money(abs(invoiced - whole))))


def _check_contracts(session: Session, invoices: Mapping[int, Values], covers: Mapping[int, Sequence[Values]]) -> None:
    """Raise UserError where a contract in force is invoiced beyond its total by an invoice that this change set added or enlarged."""
    before = states_before(session, "invoice", invoices)
    money = session.entity("invoice").fields["total"]
    concerned: dict[int, None] = {}
    for key, invoice in invoices.items():
        state = before.get(key)
        former = money.from_database((state or {}).get("total")) or ZERO
        if key in before and invoice["total"] > 0 and (state is None or former < invoice["total"] or state.get("contract") != invoice["contract"]):
            concerned.update(dict.fromkeys([invoice["contract"], *(cover["contract"] for cover in covers.get(key, ()))]))
    for contract in find_by_id(session, "contract", concerned, ["number", "total", "invoiced"], Where("state", "in", ("active", "done"))).values():
        if contract["invoiced"] > max(contract["total"], ZERO):
            refuse_beyond(contract["number"], contract["invoiced"], contract["total"])


@after_save("receivable")
def check_invoiced_receivables(session: Session, ids: Iterable[int]) -> None:
    """Raise UserError where a receivable became smaller than what is invoiced of it, or another customer's than its invoice."""
    _check_again(session, "receivable", find_in(session, "receivable", "id", ids, ["invoiced"], Where("invoiced", "ne", 0)))


@after_save("contract")
def check_invoiced_lines(session: Session, ids: Iterable[int]) -> None:
    """Raise UserError where a contract's line became smaller than what is invoiced of it, or another customer's than its invoice."""
    _check_again(session, "contract_line", find_in(session, "contract_line", "contract", ids, ["invoiced"], Where("invoiced", "ne", 0)))


def _check_again(session: Session, link: str, rows: Sequence[Values]) -> None:
    covers = find_in(session, "invoice_cover", link, (row["id"] for row in rows), COVER)
    _check_targets(session, covers, find_by_id(session, "invoice", (row["invoice"] for row in covers), INVOICE))
