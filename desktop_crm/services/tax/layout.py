"""What the bureau's workbook looks like: sheets, headings, what stands in each column. It ships as data and can be changed for a company."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.resources import resource
from desktop_crm.services import layouts

if TYPE_CHECKING:
    from desktop_crm.services.session import Changes, Session

PURPOSE: Final = "invoice_workbook"
FORMAT: Final = 1
MOST_COLUMNS: Final = 100
SHEET_NAME: Final = 31
NOT_IN_A_NAME: Final = frozenset("[]:*?/\\")
"""What Excel allows in the name of a sheet."""

OF_INVOICE: Final = {
    "serial": N_("Request number"), "kind": N_("Invoice kind"), "natural_person": N_("Buyer is a person (是, 否)"), "buyer_name": N_("Buyer's name"),
    "buyer_tax_number": N_("Buyer's tax number"), "buyer_address": N_("Buyer's address"), "buyer_phone": N_("Buyer's phone"), "buyer_bank": N_("Buyer's bank"),
    "buyer_account": N_("Buyer's account"), "note": N_("Note on the invoice"), "contract": N_("Contract number"), "total": N_("Total with tax"),
    "seller_bank": N_("Our bank"), "seller_account": N_("Our account"), "seller_address": N_("Our address"), "seller_phone": N_("Our phone"), "user": N_("Who writes the file"),
}  # fmt: skip
OF_LINE: Final = {
    "serial": N_("Request number"), "item": N_("Item on the invoice"), "tax_code": N_("Tax classification code"), "specification": N_("Specification"), "unit": N_("Unit"),
    "quantity": N_("Quantity"), "price": N_("Price with tax"), "amount": N_("Amount with tax"), "tax_rate": N_("Tax rate"), "tax": N_("Tax amount"),
    "net": N_("Amount without tax"), "net_price": N_("Price without tax"),
}  # fmt: skip
VALUES: Final = {"invoices": OF_INVOICE, "lines": OF_LINE}
"""What a column may hold, by what the rows of its sheet are."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, the value it holds (empty for none), a fixed text where that is empty, and what is checked of it.

    `bytes` is the greatest length in GBK bytes (0 for any); columns of one `group` share that of the group.
    """

    heading: str
    value: str = ""
    text: str = ""
    required: bool = False
    bytes: int = 0
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: a row an invoice (``invoices``) or a row a line (``lines``)."""

    name: str
    rows: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Layout:
    """The workbook: its sheets, the lengths of groups of columns, and what the bureau calls each kind of invoice."""

    sheets: tuple[Sheet, ...]
    groups: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


def shipped() -> Layout:
    """Return the layout that ships with the program."""
    return _read(json.loads(resource("tax/invoice_workbook.json").read_text(encoding="utf-8")))


def current(session: Session) -> Layout:
    """Return the company's layout: as somebody changed it, else as it ships."""
    kept = layouts.recall(session, PURPOSE)
    return shipped() if kept is None else _read(kept)


def save(session: Session, layout: Layout) -> Changes[None] | None:
    """Keep a changed layout for the company; raises UserError where it can't be used, NotAllowed."""
    check(layout)
    return layouts.remember(session, PURPOSE, _("Columns of the tax bureau's workbook"), as_data(layout))


def reset(session: Session) -> Changes[None] | None:
    """Go back to the layout that ships; None where it was never changed."""
    return layouts.forget(session, PURPOSE)


def check(layout: Layout) -> None:
    """Raise UserError naming what makes a layout useless: a name no sheet can have, no serial number to join the sheets by, a heading twice, a value that isn't there."""
    names = [sheet.name.casefold() for sheet in layout.sheets]
    for sheet in layout.sheets:
        if not sheet.name or len(sheet.name) > SHEET_NAME or set(sheet.name) & NOT_IN_A_NAME or sheet.name[0] == "'" or sheet.name[-1] == "'" or names.count(sheet.name.casefold()) > 1:
            raise UserError(_("“{sheet}” can't be the name of a sheet: each needs a name of its own, of at most {most} characters and without {signs}").format(
                sheet=sheet.name, most=SHEET_NAME, signs=" ".join(sorted(NOT_IN_A_NAME))))
    for sheet in layout.sheets:
        headings = [column.heading for column in sheet.columns]
        twice = next((heading for heading in headings if headings.count(heading) > 1), None)
        if not all(headings) or twice:
            raise UserError(_("{sheet}: each column needs a heading of its own").format(sheet=sheet.name) + (f" ({twice})" if twice else ""))
        if sheet.rows not in VALUES or len(headings) > MOST_COLUMNS:
            raise UserError(_("{sheet}: this layout can't be used").format(sheet=sheet.name))
        unknown = next((column for column in sheet.columns if column.value and column.value not in VALUES[sheet.rows]), None)
        if unknown is not None:
            raise UserError(_("{sheet}, {heading}: there is no value “{value}”").format(sheet=sheet.name, heading=unknown.heading, value=unknown.value))
        if not any(column.value == "serial" for column in sheet.columns):
            raise UserError(_("{sheet}: one column must hold the request number, which joins the sheets").format(sheet=sheet.name))


def as_data(layout: Layout) -> dict[str, Any]:
    """Return a layout as it is kept."""
    def plain(column: Column) -> dict[str, Any]:
        given = {"heading": column.heading, "value": column.value, "text": column.text, "required": column.required, "bytes": column.bytes, "group": column.group}
        return {name: value for name, value in given.items() if value}

    sheets = [{"name": sheet.name, "rows": sheet.rows, "columns": [plain(column) for column in sheet.columns]} for sheet in layout.sheets]
    return {"format": FORMAT, "groups": layout.groups, "kinds": layout.kinds, "sheets": sheets}


def _read(data: dict[str, Any]) -> Layout:
    if data.get("format") != FORMAT:
        raise UserError(_("The layout of the tax bureau's workbook was kept by another version of the program. Go back to the one that ships"))
    sheets = tuple(Sheet(sheet["name"], sheet["rows"], tuple(Column(**column) for column in sheet["columns"])) for sheet in data["sheets"])
    return Layout(sheets, dict(data["groups"]), dict(data["kinds"]))
