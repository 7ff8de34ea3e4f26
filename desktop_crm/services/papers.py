"""What the documents of receipts, customers and requests for invoices are printed with beside their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.services import records
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.documents import PrintList, enriches, flat, printed
from desktop_crm.services.receipts import OPEN_FIELDS, OUTSTANDING, settled_by

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

SETTLED_FIELDS = ("number", "name", "contract", "document_on", "falls_due", "amount", "remaining")

printed(
    "receipt",
    fields=(FieldSpec("settled_numbers", kinds.TEXT, N_("Numbers settled")),),
    lists={
        "settled": PrintList(
            N_("What the receipt settles"),
            (
                FieldSpec("number", kinds.NUMBER, N_("Receivable number")), FieldSpec("name", kinds.TEXT, N_("Summary")),
                FieldSpec("contract", kinds.TEXT, N_("Contract")), FieldSpec("document_on", kinds.DATE, N_("Document date")),
                FieldSpec("falls_due", kinds.DATE, N_("Falls due")), FieldSpec("amount", kinds.MONEY, N_("Amount")),
                FieldSpec("remaining", kinds.MONEY, N_("Remaining")), FieldSpec("allocated", kinds.MONEY, N_("Allocated")),
            ),
        )
    },
)  # fmt: skip
printed(
    "customer",
    fields=(FieldSpec("full_address", kinds.TEXT, N_("Full address")),),
    lists={"open_items": PrintList(N_("Open receivables"), "receivable"), "contacts": PrintList(N_("Contacts"), "contact")},
)
printed(
    "invoice_request",
    fields=(FieldSpec("net", kinds.MONEY, N_("Net amount")), FieldSpec("tax", kinds.MONEY, N_("Tax amount"))),
    lists={"lines": PrintList(N_("Lines"), "invoice_request_line")},
)


@enriches("receipt")
def printed_receipt(session: Session, key: int, values: dict[str, Any]) -> None:
    """Add what a receipt settles, each with the part of it, and the numbers of these in one text."""
    parts = settled_by(session, key) if "receivable" in session.catalog else {}
    spec = session.catalog.get("receivable")
    rows: list[dict[str, Any]] = []
    if parts and spec is not None:
        condition = session.readable("receivable", Where("id", "in", list(parts)))
        found = session.records.find(session.entity("receivable"), condition, SETTLED_FIELDS, sort="falls_due")
        rows = [flat(spec, row) | {"allocated": parts[row["id"]]} for row in records.with_titles(session, spec, found, ["contract"])]
    values["settled"] = [{"no": number, **row} for number, row in enumerate(rows, 1)]
    values["settled_numbers"] = "、".join(row["number"] for row in rows)


@enriches("customer")
def printed_customer(session: Session, key: int, values: dict[str, Any]) -> None:
    """Add the address with province and city, the receivables that something remains of, the oldest due first, and the contacts, the main one first."""
    values["full_address"] = full_address(values)
    values["open_items"] = _list(session, "receivable", Every((Where("customer", "eq", key), OUTSTANDING)), OPEN_FIELDS, "falls_due")
    values["contacts"] = _list(session, "contact", Where("customer", "eq", key), ("name", "position", "mobile", "phone", "email", "address", "preferred"), "id")
    values["contacts"].sort(key=lambda row: not row.get("preferred"))


def full_address(values: dict[str, Any]) -> str:
    """Return province, city, district and address in one, without what the address itself begins with or repeats."""
    parts, address = [str(values.get(name) or "") for name in ("province", "city", "district")], str(values.get("address") or "")
    ahead = [part for at, part in enumerate(parts) if part and part not in address and part not in parts[:at]]
    return "".join(ahead) + address


def _list(session: Session, entity: str, condition: Any, names: tuple[str, ...], sort: str) -> list[dict[str, Any]]:
    """Return records of another entity as far as this person may see them."""
    spec = session.catalog.get(entity)
    if spec is None:
        return []
    seen = [name for name in names if name in spec.fields]
    found = session.records.find(session.entity(entity), session.readable(entity, condition), seen, sort=sort)
    linked = [name for name in seen if spec.fields[name].link]
    return [{"no": number, **flat(spec, row)} for number, row in enumerate(records.with_titles(session, spec, found, linked), 1)]


@enriches("invoice_request")
def printed_request(_session: Session, _key: int, values: dict[str, Any]) -> None:
    """Add the lines under a short name, and their sums."""
    values["lines"] = values.get("invoice_request_line", [])
    values["tax"] = sum((line["tax"] or ZERO for line in values["lines"]), ZERO)
    values["net"] = (values["total"] or ZERO) - values["tax"]
