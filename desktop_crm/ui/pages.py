"""Which page answers to which key. A new page is entered here; what is special about an entity registers in `extras`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


def _import(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.import_page import ImportPage

    return ImportPage(desk, **parameters)


def _import_company(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.company_import_page import CompanyImportPage

    return CompanyImportPage(desk, **parameters)


def _bring_back(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.bring_back_page import BringBackPage

    return BringBackPage(desk, **parameters)


def _settings(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.settings_page import SettingsPage

    return SettingsPage(desk, **parameters)


def _safety(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.safety_page import SafetyPage

    return SafetyPage(desk, **parameters)


def _log(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.log_page import LogPage

    return LogPage(desk, **parameters)


def _action(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.action_page import ActionPage

    return ActionPage(desk, **parameters)


def _bin(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.bin_page import BinPage

    return BinPage(desk, **parameters)


def _guide(desk: Desk, _parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.guide import GuidePage

    return GuidePage(desk)


def _preview(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.preview import PrintPreviewPage

    return PrintPreviewPage(desk, **parameters)


def _bank(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.bank_page import BankPage

    return BankPage(desk)


def _tax(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.tax_page import TaxPage

    return TaxPage(desk, **parameters)


def _edit(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    load_special()
    entity, key = parameters["entity"], parameters["key"]
    return EDITORS[entity](desk, key, {})


def _drafts(desk: Desk, _parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.drafts_page import DraftsPage

    return DraftsPage(desk)


def _merge(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.merge_page import MergePage

    return MergePage(desk, **parameters)


def _duplicates(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.duplicates_page import DuplicatesPage

    return DuplicatesPage(desk, **parameters)


def _templates(desk: Desk, _parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.designer.templates_page import TemplatesPage

    return TemplatesPage(desk)


def _designer(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    from desktop_crm.ui.designer.page import DesignerPage

    return DesignerPage(desk, **parameters)


def _prints(desk: Desk, parameters: Mapping[str, Any]) -> Page:
    page = make_list(desk, "print_log", parameters.get("condition"), "")
    page.place = "prints"
    return page


MAKERS: Final[Mapping[str, Callable[[Desk, Mapping[str, Any]], Page]]] = {
    "import": _import, "import_company": _import_company, "bring_back": _bring_back, "log": _log, "action": _action, "bin": _bin, "safety": _safety, "settings": _settings, "guide": _guide, "preview": _preview, "edit": _edit,
    "templates": _templates, "designer": _designer, "bank": _bank, "tax": _tax, "prints": _prints, "merge": _merge, "duplicates": _duplicates, "drafts": _drafts,
}


def make_page(desk: Desk, key: str, parameters: Mapping[str, Any]) -> Page:
    """Make the page `key`; a report's key is ``report.`` and its name. Raises UserError where there is none."""
    if key.startswith("report."):
        from desktop_crm.ui.report_page import ReportPage

        return ReportPage(desk, key.removeprefix("report."), **parameters)
    if any(info.hub == key for info in PAGES.values()):
        from desktop_crm.ui.hub_page import HubPage

        return HubPage(desk, key)
    if key not in MAKERS:
        raise UserError(_("There is no page “{key}”").format(key=key))
    return MAKERS[key](desk, parameters)
