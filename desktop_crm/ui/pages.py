"""Which page answers to which key. A new page is entered here; what is special about an entity registers in `extras`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.lazily import dataclass
from desktop_crm.services import policy
from desktop_crm.ui.extras import EDITORS, load_special

if TYPE_CHECKING:
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk, Page

PACKAGE: Final = "desktop_crm.ui"


@dataclass(frozen=True)
class PageInfo:
    """A page that the navigation offers: its label, icon and group, the entity whose readers it is for, and who else it is not for.

    One with a `hub` stands on that page instead of in the rail; `about` says what it is for.
    """

    label: str
    icon: str
    reads: str = ""
    group: str = "company"
    allowed: Callable[[Session], bool] | None = None
    hub: str = ""
    about: str = ""

    def visible(self, session: Session) -> bool:
        """Tell whether this person may open it."""
        return (not self.reads or self.reads in session.catalog) and (self.allowed is None or self.allowed(session))




def may_see_safety(session: Session) -> bool:
    """Tell whether the page about the safety of the data has anything for this person."""
    return policy.may_back_up(session) or policy.may_check(session)


def may_post(session: Session) -> bool:
    """Tell whether this person registers receipts."""
    return session.may_write("receipt")


def may_invoice(session: Session) -> bool:
    """Tell whether this person has invoices issued."""
    return session.may_write("invoice_request")


def may_design(session: Session) -> bool:
    """Tell whether this person changes printed documents."""
    return session.may_write("print_template")


def reads_reports(session: Session) -> bool:
    """Tell whether there is a report for this person."""
    return any(info.hub == "reports" and info.visible(session) for info in PAGES.values())


def _report(label: str, icon: str, about: str, reads: str = "receivable") -> PageInfo:
    """Enter a report under its own label; the reports themselves are loaded when the first is opened."""
    return PageInfo(label, icon, reads, hub="reports", about=about)


PAGES: Final[Mapping[str, PageInfo]] = {
    "bank": PageInfo(N_("Post bank lines"), "landmark", "bank_line", group="finance", allowed=may_post),
    "tax": PageInfo(N_("Tax invoicing"), "stamp", "invoice_request", group="finance", allowed=may_invoice),
    "reports": PageInfo(N_("Reports"), "chart-column", allowed=reads_reports, about=N_("What is due, what came in, and what stands behind every figure")),
    "report.aging": _report(N_("Aging report"), "chart-column", N_("Who owes how much, and for how long it has been overdue")),
    "report.due": _report(N_("Due items"), "hourglass", N_("What falls due in the days to come, with promised dates")),
    "report.overdue": _report(N_("Overdue items"), "triangle-alert", N_("Every receivable past its due date, and for how many days")),
    "report.dunning": _report(N_("Dunning list"), "send", N_("Who is to be reminded next, and by which letter")),
    "report.statement": _report(N_("Statements"), "file-check", N_("One customer's period from opening to closing balance, for signature")),
    "report.statements": _report(N_("Statements of all customers"), "files", N_("The statements of all customers, and which came back signed")),
    "report.ledger": _report(N_("Customer ledger"), "book-open", N_("Every posting of a customer with the running balance")),
    "report.receipts": _report(N_("Receipts report"), "coins", N_("Money received by period, customer, person and method"), "receipt"),
    "report.invoiced": _report(N_("Contract progress"), "list-checks", N_("Contracted, delivered, invoiced and received, contract by contract"), "contract"),
    "templates": PageInfo(N_("Print templates"), "printer", "print_template", allowed=may_design),
    "data": PageInfo(N_("Data and backups"), "database", about=N_("Nothing is lost: what was deleted, what was changed, and the copies")),
    "bin": PageInfo(N_("Recycle bin"), "trash-2", hub="data", about=N_("Deleted records, each to be put back where it was")),
    "log": PageInfo(N_("Log"), "history", hub="data", about=N_("Who did what and when, each action with the way back")),
    "prints": PageInfo(N_("Print log"), "printer", "print_log", hub="data", about=N_("Which document went to which printer, file or address, and how often")),
    "safety": PageInfo(N_("Data safety"), "shield-check", allowed=may_see_safety, hub="data", about=N_("Backups, restoring, moving the company, and the check")),
}
BOTTOM_PAGES: Final[Mapping[str, PageInfo]] = {"settings": PageInfo(N_("Settings"), "settings")}


def rail_key(key: str) -> str:
    """Return the entry of the rail that a page belongs to: its hub where it has one."""
    return (PAGES[key].hub if key in PAGES else "") or key


def make_list(desk: Desk, entity: str, condition: Condition | None, title: str) -> Page:
    """Make the list of an entity, narrowed to `condition` which `title` names."""
    from desktop_crm.ui.list_page import ListPage

    return ListPage(desk, entity, condition=condition, title=title)


def make_record(desk: Desk, entity: str, key: int, siblings: object) -> Page:
    """Make the page of one record."""
    load_special()
    from desktop_crm.ui.record_page import RecordPage

    return RecordPage(desk, entity, key, siblings=list(siblings) if isinstance(siblings, Iterable) else [])


def make_new(desk: Desk, entity: str, given: Mapping[str, Any]) -> Page:
    """Make an empty form; an entity with an editor of its own gets that."""
    load_special()
    from desktop_crm.ui.record_page import RecordPage

    editor = EDITORS.get(entity)
    return editor(desk, None, given) if editor is not None else RecordPage(desk, entity, None, given=given)


PLACES: Final[Mapping[str, str]] = {
    "import": "import_page.ImportPage", "import_company": "company_import_page.CompanyImportPage", "bring_back": "bring_back_page.BringBackPage",
    "log": "log_page.LogPage", "action": "action_page.ActionPage", "bin": "bin_page.BinPage", "safety": "safety_page.SafetyPage",
    "settings": "settings_page.SettingsPage", "guide": "guide.GuidePage", "preview": "preview.PrintPreviewPage", "drafts": "drafts_page.DraftsPage",
    "templates": "designer.templates_page.TemplatesPage", "designer": "designer.page.DesignerPage", "bank": "bank_page.BankPage", "tax": "tax_page.TaxPage",
    "merge": "merge_page.MergePage", "duplicates": "duplicates_page.DuplicatesPage",
}
"""Where the class of a page is, which is made with the desk and the page's parameters."""


def _edit(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    load_special()
    entity, key = parameters["entity"], parameters["key"]
    return EDITORS[entity](desk, key, {})


def _prints(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    page = make_list(desk, "print_log", parameters.get("condition"), "")
    page.place = "prints"
    return page


MAKERS: Final[Mapping[str, Callable[[Desk, Mapping[str, Any]], Page]]] = {"edit": _edit, "prints": _prints}
"""Pages that are more than their class."""


def page_module(key: str) -> str:
    """Return the module that a page needs, which may take longer to load than a window may wait; empty where it is there with the window."""
    if key.startswith("report."):
        return f"{PACKAGE}.report_page"
    return f"{PACKAGE}.{PLACES[key].rpartition('.')[0]}" if key in PLACES else ""


def make_page(desk: Desk, key: str, parameters: Mapping[str, Any]) -> Page:
    """Make the page `key`; a report's key is ``report.`` and its name. Raises UserError where there is none."""
    if key.startswith("report."):
        from desktop_crm.ui.report_page import ReportPage

        return ReportPage(desk, key.removeprefix("report."), **parameters)
    if any(info.hub == key for info in PAGES.values()):
        from desktop_crm.ui.hub_page import HubPage

        return HubPage(desk, key)
    if key in MAKERS:
        return MAKERS[key](desk, parameters)
    if key not in PLACES:
        raise UserError(_("There is no page “{key}”").format(key=key))
    made: Page = getattr(import_module(page_module(key)), PLACES[key].rpartition(".")[2])(desk, **parameters)
    return made
