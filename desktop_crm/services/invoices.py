"""Invoices for receivables and contract lines: several in one (合并开票), part of one, and red letters that take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Where, both
from desktop_crm.domain.money import round_money
from desktop_crm.services import records, writing
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.receipts import refuse_fractions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session


def to_invoice(session: Session, customer: int) -> list[Values]:
    """Return the customer's receivables that aren't invoiced in full, the oldest first: number, name, contract, document_on, amount, invoiced, uninvoiced."""
    condition = session.readable("receivable", Every((Where("customer", "eq", customer), Where("uninvoiced", "gt", 0))))
    names = ["number", "name", "contract", "document_on", "falls_due", "amount", "invoiced", "uninvoiced"]
    rows = session.records.find(session.entity("receivable"), condition, names, sort="document_on")
    return records.with_titles(session, session.spec("receivable"), rows, ["contract"])


def issue_invoice(session: Session, *, values: Values, receivables: Mapping[int, Decimal] | None = None, lines: Mapping[int, Decimal] | None = None) -> Changes[int]:
    """Add an invoice that covers amounts of receivables and of contract lines of one customer; returns its id.

    `values` hold number, issued_on, kind, tax_rate; customer, contract and total follow from what is covered where they aren't given, and a
    total above it stays uncovered. Raises UserError where more is covered than is left, and what `records.save` raises.
    """
    debts, parts = dict(receivables or {}), dict(lines or {})
    refuse_fractions(debts)
    refuse_fractions(parts)

    def work() -> int:
        found = [*_targets(session, "receivable", debts, ["customer", "contract"]), *_targets(session, "contract_line", parts, ["contract"])]
        contracts = {row["contract"] for row in found}
        given: dict[str, Any] = {"total": sum(debts.values(), ZERO) + sum(parts.values(), ZERO)}
        if found:
            given["customer"] = next((row["customer"] for row in found if "customer" in row), None) or _customer_of(session, found[0]["contract"])
            given["contract"] = next(iter(contracts)) if len(contracts) == 1 else None
        full = records.new(session, "invoice", **{**given, **{name: value for name, value in values.items() if value is not None}})
        covers = [{"receivable": key, "amount": amount} for key, amount in debts.items()] + [{"contract_line": key, "amount": amount} for key, amount in parts.items()]
        return records.save(session, "invoice", full, lines={"invoice_cover": covers}).result.id

    return session.write("invoice", _("Invoice issued"), work)


def _targets(session: Session, name: str, chosen: Mapping[int, Decimal], names: Sequence[str]) -> list[Values]:
    rows = session.records.find(session.entity(name), session.readable(name, Where("id", "in", list(chosen))), names)
    if len(rows) != len(chosen):
        raise NotFound(_("Something to invoice is not there any more, or you have no right to see it. Choose again"))
    return rows


def _customer_of(session: Session, contract: int) -> int:
    return int(session.records.rows(session.entity("contract"), [contract], ["customer"])[0]["customer"])


def red_letter(session: Session, *, invoice: int, number: str, on: date | None = None, total: Decimal | None = None, tax: Decimal | None = None, note: str = "") -> Changes[int]:
    """Take an invoice back by a red-letter one with `number`, whole or by `total` (above zero) of it; returns its id.

    What it covered is free to be invoiced again, the part in the order it was covered. Its tax is `tax` (above zero) where the bureau says it, else all that
    is left of the invoice's where the rest is taken back, else by its rate, or in proportion where it has several. Raises UserError where more would be taken
    back than is left, NotFound.
    """

    def work() -> int:
        mine = both(Where("id", "eq", invoice), session.scope("invoice", "write"))
        names = ["number", "customer", "contract", "kind", "tax_rate", "total", "tax", "title", "owner"]
        rows = session.records.find(session.entity("invoice"), session.readable("invoice", mine), names)
        if not rows:
            raise NotFound(_("This invoice is not there any more, or you have no right to change it"))
        original = rows[0]
        session.records.lock(session.entity("invoice"), invoice)
        reds = session.records.find(session.entity("invoice"), Where("red_of", "eq", invoice), ["total", "tax"])
        left = original["total"] + sum((row["total"] for row in reds), ZERO)
        back = left if total is None else total
        refuse_fractions({invoice: back})
        if back <= 0 or back > left:
            raise UserError(_("{amount} of invoice {number} can't be taken back: {left} of it is left").format(
                amount=f"{back:,.2f}", number=original["number"], left=f"{left:,.2f}"), field="total")
        values = {name: original[name] for name in ("customer", "contract", "kind", "tax_rate", "title", "owner")}
        values |= {"number": number, "issued_on": on or session.today, "total": -back, "red_of": invoice, "note": note}
        covers = _freed(session, invoice, [row["id"] for row in reds], back, left)
        made = records.save(session, "invoice", values, lines={"invoice_cover": covers}).result.id
        taxed = _tax_taken_back(original, reds, back, left) if tax is None else tax
        if taxed is not None:
            stored = writing.stored_values(session, "invoice", made) or {}
            writing.update_row(session, "invoice", made, {**stored, "tax": -taxed, "net": taxed - back})
        return made

    records.require_write(session, "invoice")
    return session.write("red_letter", _("Red-letter invoice issued"), work)


def _tax_taken_back(original: Values, reds: Sequence[Values], back: Decimal, left: Decimal) -> Decimal | None:
    """Return the tax of what is taken back, above zero; None where its rate says it."""
    if back == left:
        return original["tax"] + sum((row["tax"] for row in reds), ZERO) if original["tax"] is not None else None
    return round_money(original["tax"] * back / original["total"]) if original["tax_rate"] is None and original["tax"] is not None else None


def _freed(session: Session, invoice: int, reds: Sequence[int], back: Decimal, left: Decimal) -> list[Values]:
    """Return the covered amounts, below zero, that taking `back` of an invoice of which `left` is left frees again."""
    covers = session.records.find(session.entity("invoice_cover"), Where("invoice", "in", [invoice, *reds]), ["receivable", "contract_line", "amount"], sort="id")
    standing: dict[tuple[int | None, int | None], Decimal] = {}
    for cover in covers:
        key = (cover["receivable"], cover["contract_line"])
        standing[key] = standing.get(key, ZERO) + cover["amount"]
    # What covers nothing is taken back first: nobody waits for that to be free.
    rest = max(back - (left - sum(standing.values(), ZERO)), ZERO)
    freed = []
    for (debt, line), amount in standing.items():
        part = min(rest, amount)
        if part > 0:
            freed.append({"receivable": debt, "contract_line": line, "amount": -part})
            rest -= part
    return freed
