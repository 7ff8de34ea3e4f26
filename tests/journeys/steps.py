"""The steps of the main job. Each does one thing a user does, sees that it happened, and leaves pictures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.base.resources import resource
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services.session import open_session
from desktop_crm.ui.kit.line_table import LineTable
from desktop_crm.ui.kit.table import DataTable
from tests.journeys.driver import Stuck

if TYPE_CHECKING:
    from tests.journeys.tour import Tour

COMPANY: Final = "晨岸自动化设备（苏州）有限公司"
ADMINISTRATOR: Final = "王经理"
PROFILE: Final = {
    "tax_number": "91350100M000100Y43", "phone": "0512-60000000", "address": "苏州市工业园区春晖路88号", "bank": "工商银行苏州工业园区支行", "account": "6222000000000000001",
}
MOST_COLUMNS: Final = 30
CUSTOMER: Final = "苏州信岳机械设备有限公司"
OPPORTUNITY: Final = "信岳二号产线改造"
LISTS: Final = {"customer": ("客户.xlsx", 300), "contact": ("联系人.xlsx", 538), "product": ("产品.xlsx", 37)}
"""The workbooks of the demo company by entity, and the rows they hold."""
LINES: Final = (("人机界面触摸屏", "3", "890", "13"), ("操作培训", "1", "2000", "6"), ("线缆及辅材", "7.5", "12.34", "13"))
"""Product, quantity, price with tax, tax rate in percent."""
TOTAL: Final = Decimal("4762.55")
TAX: Final = Decimal("431.03")
INSTALMENTS: Final = (Decimal("1428.77"), Decimal("2857.53"), Decimal("476.25"))
RECEIVED: Final = Decimal("2000.00")
SIGNED: Final = date(2026, 10, 8)


def first_start(tour: Tour) -> None:
    """Nothing is there yet: begin with an empty company."""
    drive = tour.drive
    tour.day.ask()
    drive.window = drive.see("start")
    drive.shot("first-start")
    drive.click("start.empty")
    drive.fill("start.company", COMPANY)
    drive.fill("start.name", ADMINISTRATOR)
    drive.shot("new-company")
    drive.click("start.new.go")
    tour.main_window()
    drive.see("list.customer.empty")
    drive.shot("empty-list")


def fill_in_profile(tour: Tour) -> None:
    """Fill in the company's own details, which stand on its papers."""
    drive = tour.drive
    drive.click("nav.settings")
    for name, text in PROFILE.items():
        drive.fill(f"form.company.{name}", text)
    drive.shot("settings")
    drive.click("settings.company.save")
    drive.until(lambda: tour.stored("company", EVERYTHING)["account"] == PROFILE["account"], "the company's details saved")
    drive.settle()


def import_lists(tour: Tour) -> None:
    """Take the lists over that the office kept in Excel."""
    for entity, (file, rows) in LISTS.items():
        import_list(tour, entity, file, rows)


def import_list(tour: Tour, entity: str, file: str, rows: int) -> None:
    """Take one list over. The owners it names are no users here yet, so that column is left out."""
    drive = tour.drive
    drive.click(f"nav.{entity}")
    drive.click("action.empty_import")
    drive.answers.ready = [resource("demo") / file]
    if entity == "customer":
        drive.shot("import-choose")
    drive.click("import.choose")
    drive.see("import.column.0")
    drive.settle()
    if entity == "customer":
        drive.shot("import-unknown-owners")
    owner = column_called(tour, "负责人")
    if owner:
        drive.click(owner)
        drive.key("Down")
        drive.take(_("Not imported"))
    if entity == "product":
        # Products of one name come in several sizes here: the code alone tells them apart.
        drive.click("import.match.name")
    drive.until(drive.see("page.import/action.import").isEnabled, "the trial of the import")
    drive.shot(f"import-{entity}")
    drive.click("page.import/action.import")
    drive.see("import.open_list")
    drive.shot(f"imported-{entity}")
    if tour.count(entity) != rows:
        raise Stuck(f"{tour.count(entity)} of {rows} rows of {file} were imported")
    drive.click("import.open_list")
    tour.table(f"list.{entity}.table")


def column_called(tour: Tour, heading: str) -> str:
    """Return the name of the choice of field for the column with a heading; empty where the file has none."""
    for place in range(MOST_COLUMNS):
        found = tour.drive.seen(f"import.column.{place}")
        if found is not None and found.accessibleName() == heading:
            return found.objectName()
    return ""


def find_sort_filter(tour: Tour) -> None:
    """Find a customer by characters and by pinyin, sort by name, keep only the active ones."""
    drive = tour.drive
    table = tour.list_of("customer")
    everyone = tour.rows(table)
    for typed in ("信岳", "xyjx"):
        drive.enter("list.customer.search", typed)
        drive.until(lambda: 0 < tour.rows(table) < everyone and CUSTOMER in names(tour), f"“{CUSTOMER}” found by “{typed}”")
        drive.shot(f"find-{'characters' if typed == '信岳' else 'pinyin'}")
        drive.key("Escape")
        drive.until(lambda: tour.rows(table) == everyone, "the whole list again")
    column = tour.column(table, "level")
    before = names(tour)
    drive.click_heading(table, column)
    drive.until(lambda: names(tour) != before, "another order by level")
    drive.shot("sorted-by-level")
    drive.click("action.add_filter")
    drive.menu(tour.session.catalog["customer"].fields["status"].title)
    drive.click("filter_card.active")
    drive.shot("filter-card")
    drive.click("filter_card.apply")
    wanted = tour.count("customer", Where("status", "eq", "active"))
    drive.until(lambda: tour.rows(table) == wanted, f"the {wanted} active customers")
    drive.shot("filtered")
    drive.click("action.clear_filters")
    drive.until(lambda: tour.rows(table) == everyone, "the whole list again")
    tour.known["customers"] = everyone


def names(tour: Tour) -> list[str]:
    """Return the names in the first rows of the customer list."""
    table = tour.drive.see_a(DataTable, "list.customer.table")
    return [tour.cell(table, row, 0) for row in range(min(20, tour.rows(table)))]


def change_customer(tour: Tour) -> None:
    """Open the customer with Enter, edit it in the form, save with Ctrl+S."""
    drive = tour.drive
    table = tour.list_of("customer")
    drive.enter("list.customer.search", "信岳")
    drive.until(lambda: tour.rows(table) == 1, "one customer")
    drive.settle()
    drive.click_cell(table, 0, 0)
    drive.key("Return")
    drive.see("record.customer/figure.balance")
    drive.shot("customer")
    drive.click("record.customer/action.edit")
    drive.fill("form.customer.credit_limit", "12.5万")
    drive.fill("form.customer.payment_terms", "月结30天")
    drive.fill("form.customer.note", "二号产线明年一季度改造")
    drive.shot("customer-form")
    drive.key("Ctrl+S")
    drive.see("record.customer/figure.balance")
    drive.settle()
    tour.known["customer"] = CUSTOMER
    stored = tour.customer()
    if stored["credit_limit"] != Decimal("125000.00") or stored["payment_terms"] != "月结30天":
        raise Stuck(f"the customer was not saved as typed: {stored['credit_limit']}, {stored['payment_terms']}")
    drive.shot("customer-saved")


def follow_opportunity(tour: Tour) -> None:
    """Record an opportunity of the customer and move it from stage to stage."""
    drive = tour.drive
    drive.click("nav.opportunity")
    drive.click("list.opportunity/list.opportunity.new")
    drive.fill("form.opportunity.name", OPPORTUNITY)
    drive.choose("form.opportunity.customer", "信岳", CUSTOMER)
    drive.fill("form.opportunity.amount", "4800")
    drive.fill("form.opportunity.close_on", "2026-12-20")
    drive.shot("opportunity-form")
    drive.click("action.save")
    drive.see("record.opportunity/stages.opportunity")
    for stage in ("needs", "offer", "negotiation"):
        drive.click(f"stages.opportunity.{stage}")
        drive.until(partial(is_at, tour, stage), f"the stage {stage}")
        drive.settle()
    drive.shot("opportunity")


def is_at(tour: Tour, stage: str) -> bool:
    """Tell whether the opportunity is at a stage."""
    return bool(tour.stored("opportunity", Where("name", "eq", OPPORTUNITY))["stage"] == stage)


def make_contract(tour: Tour) -> None:
    """Make the opportunity a contract: lines with tax, then a plan of instalments that adds up to the cent."""
    drive = tour.drive
    drive.click("record.opportunity/action.contract")
    drive.see("edit.contract")
    drive.settle()
    drive.fill("form.contract.title", "二号产线改造")
    drive.fill("form.contract.signed_on", SIGNED.isoformat())
    drive.fill("form.contract.delivery_on", "2026-12-05")
    table = drive.see_a(LineTable, "contract.lines")
    for row, (product, quantity, price, rate) in enumerate(LINES):
        drive.click("contract.lines.add")
        drive.write(product)
        if row < len(LINES) - 1:
            drive.take(product)
        else:
            drive.key("Tab")
        for name, text in (("quantity", quantity), ("price", price), ("tax_rate", f"{rate}%")):
            drive.type_cell(table, row, tour.column(table, name), text)
    drive.click("contract.instalments.template")
    drive.shot("contract-lines")
    drive.menu("30/60/10")
    drive.until(lambda: drive.see_a(LineTable, "contract.instalments").model().rowCount() > len(INSTALMENTS) - 1, "three instalments")
    drive.shot("contract-plan")
    drive.key("Ctrl+S")
    drive.until(lambda: tour.count("contract") == 1, "the contract saved")
    drive.settle()
    stored = tour.stored("contract", Where("title", "eq", "二号产线改造"))
    tour.known["contract"] = stored["number"]
    if (stored["total"], stored["lines_tax"], stored["planned"]) != (TOTAL, TAX, TOTAL):
        raise Stuck(f"total {stored['total']}, tax {stored['lines_tax']}, planned {stored['planned']}")


def put_in_force(tour: Tour) -> None:
    """Put the contract in force with Ctrl+Enter."""
    drive = tour.drive
    drive.key("Ctrl+Return")
    drive.see("record.contract/figure.total")
    drive.settle()
    stored = tour.stored("contract", Where("number", "eq", tour.known["contract"]))
    if stored["state"] != "active" or tour.count("receivable") != len(INSTALMENTS):
        raise Stuck(f"the contract is {stored['state']} with {tour.count('receivable')} receivables")
    drive.shot("contract-in-force")
    table = tour.list_of("receivable")
    amounts = {tour.cell(table, row, tour.column(table, "amount")) for row in range(tour.rows(table))}
    if amounts != {f"{amount:,}" for amount in INSTALMENTS}:
        raise Stuck(f"the list of receivables shows {amounts}")
    drive.shot("receivables")


def register_receipt(tour: Tour) -> None:
    """Register money that came in, from the contract it is for; the oldest receivables are settled first."""
    drive = tour.drive
    table = tour.list_of("contract")
    drive.click_cell(table, 0, 0)
    drive.key("Return")
    drive.click("record.contract/action.receipt")
    drive.see("edit.receipt")
    drive.settle()
    drive.fill("form.receipt.amount", "2,000")
    drive.fill("form.receipt.payer", CUSTOMER)
    drive.fill("form.receipt.reference", "网银202612010001")
    drive.settle()
    drive.shot("receipt")
    drive.key("Ctrl+Return")
    drive.until(lambda: tour.count("receipt") == 1, "the receipt saved")
    drive.settle()
    drive.shot("receipt-saved")
    stored = tour.stored("receipt", Where("amount", "eq", RECEIVED))
    if stored["allocated"] != RECEIVED:
        raise Stuck(f"{stored['allocated']} of the receipt is allocated")
    entities = ("customer", "contact", "product", "opportunity", "contract", "receivable", "receipt")
    tour.known |= {"counts": {name: tour.count(name) for name in entities}, "url": tour.session.url}


def see_overdue(tour: Tour) -> None:
    """Look at the reports of what is overdue."""
    drive = tour.drive
    drive.click("nav.reports")
    drive.shot("reports")
    drive.click("hub.report.overdue")
    table = tour.table("page.overdue.table")
    drive.shot("overdue")
    shown = [tour.cell(table, row, column) for row in range(tour.rows(table)) for column in range(table.model().columnCount())]
    rest = INSTALMENTS[0] + INSTALMENTS[1] - RECEIVED
    if f"{rest:,}" not in shown:
        raise Stuck(f"{rest:,} is not among what is overdue: {shown}")
    drive.click("nav.reports")
    drive.click("hub.report.aging")
    tour.table("page.aging.table")
    drive.shot("aging")


def print_papers(tour: Tour) -> None:
    """Print the contract's two papers and the customer's statement to PDF files."""
    drive = tour.drive
    table = tour.list_of("contract")
    for name in ("delivery_note", "invoice_request"):
        drive.click("nav.contract")
        drive.settle()
        drive.click_cell(table, 0, 0)
        drive.key("Return")
        drive.click(f"record.contract/action.{name}")
        save_pdf(tour, f"{name}.pdf", name.replace("_", "-"))
    table = tour.list_of("customer")
    drive.enter("list.customer.search", "信岳")
    drive.until(lambda: tour.rows(table) == 1, "one customer")
    drive.settle()
    drive.click_cell(table, 0, 0)
    drive.key("Return")
    drive.click("record.customer/action.statement")
    drive.fill("page.statement.from", "2026-10-01")
    drive.fill("page.statement.to", "2026-12-31")
    drive.settle()
    drive.shot("statement-report")
    drive.click("page.statement/action.print")
    save_pdf(tour, "statement.pdf", "statement")


def save_pdf(tour: Tour, name: str, title: str) -> None:
    """Wait for the preview, keep a picture of it and save it."""
    drive = tour.drive
    pages = drive.see("page.preview/preview.pages")
    drive.until(lambda: drive.drawn(pages), f"{name} to be drawn in the preview")
    drive.shot(f"preview-{title}")
    drive.answers.ready = [tour.file(name)]
    drive.click("page.preview/action.save_pdf")
    drive.until(tour.file(name).is_file, f"{name} to be written")
    drive.settle()


def export_customers(tour: Tour) -> None:
    """Write the whole customer list to a workbook."""
    drive = tour.drive
    table = tour.list_of("customer")
    drive.enter("list.customer.search", "")
    drive.key("Escape")
    drive.until(lambda: tour.rows(table) == tour.known["customers"], "the whole list")
    drive.answers.ready = [tour.file("customers.xlsx")]
    drive.click("list.customer/action.export")
    drive.until(tour.file("customers.xlsx").is_file, "customers.xlsx to be written")
    drive.shot("exported")


def next_day(tour: Tour) -> None:
    """Close the window; open the company again the next morning and find everything there."""
    drive, window = tour.drive, tour.day.window
    if window is None:
        raise Stuck("there is no main window")
    url = tour.session.url
    window.close()
    drive.until(lambda: not window.isVisible(), "the window to close")
    tour.day.next_day()
    tour.day.opened(open_session(url), at_once=True)
    tour.main_window()
    found = {name: tour.count(name) for name in ("customer", "contact", "product", "opportunity", "contract", "receivable", "receipt")}
    if found != tour.known["counts"]:
        raise Stuck(f"the next day there is {found} instead of {tour.known['counts']}")
    table = tour.list_of("receivable")
    drive.until(lambda: tour.rows(table) == len(INSTALMENTS) - 1, "the two receivables that are open")
    drive.shot("next-day")
    customer = tour.customer()
    if customer["balance"] != TOTAL - RECEIVED:
        raise Stuck(f"the customer owes {customer['balance']}")
