"""Which page answers to which key. A new page is entered here; what is special about an entity registers in `extras`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.reports import REPORTS
from desktop_crm.services import policy
from desktop_crm.ui.extras import EDITORS, load_special

if TYPE_CHECKING:
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk, Page


@dataclass(frozen=True)
class PageInfo:
    """A page that the navigation offers: its label, icon and group, the entity whose readers it is for, and who else it is not for."""

    label: str
    icon: str
    reads: str = ""
    group: str = "analysis"
    allowed: Callable[[Session], bool] | None = None

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


PAGES: Final[Mapping[str, PageInfo]] = {
    "bank": PageInfo(N_("Post bank lines"), "landmark", "bank_line", group="finance", allowed=may_post),
    "tax": PageInfo(N_("Tax invoicing"), "stamp", "invoice_request", group="finance", allowed=may_invoice),
    "report.due": PageInfo(REPORTS["due"].label, "hourglass", "receivable"),
    "report.overdue": PageInfo(REPORTS["overdue"].label, "triangle-alert", "receivable"),
    "report.dunning": PageInfo(REPORTS["dunning"].label, "send", "receivable"),
    "report.aging": PageInfo(REPORTS["aging"].label, "chart-column", "receivable"),
    "report.statement": PageInfo(REPORTS["statement"].label, "file-check", "receivable"),
    "report.statements": PageInfo(REPORTS["statements"].label, "files", "receivable"),
    "report.ledger": PageInfo(REPORTS["ledger"].label, "book-open", "receivable"),
    "report.receipts": PageInfo(REPORTS["receipts"].label, "coins", "receipt"),
    "report.invoiced": PageInfo(REPORTS["invoiced"].label, "list-checks", "contract"),
    "bin": PageInfo(N_("Recycle bin"), "trash-2", group="data"),
    "log": PageInfo(N_("Log"), "history", group="data"),
    "safety": PageInfo(N_("Data safety"), "shield-check", group="data", allowed=may_see_safety),
}
BOTTOM_PAGES: Final[Mapping[str, PageInfo]] = {"settings": PageInfo(N_("Settings"), "settings")}


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


MAKERS: Final[Mapping[str, Callable[[Desk, Mapping[str, Any]], Page]]] = {
    "import": _import, "log": _log, "action": _action, "bin": _bin, "safety": _safety, "settings": _settings, "guide": _guide, "preview": _preview, "edit": _edit,
    "templates": _templates, "designer": _designer, "bank": _bank, "tax": _tax, "merge": _merge, "duplicates": _duplicates, "drafts": _drafts,
}


def make_page(desk: Desk, key: str, parameters: Mapping[str, Any]) -> Page:
    """Make the page `key`; a report's key is ``report.`` and its name. Raises UserError where there is none."""
    if key.startswith("report."):
        from desktop_crm.ui.report_page import ReportPage

        return ReportPage(desk, key.removeprefix("report."), **parameters)
    if key not in MAKERS:
        raise UserError(_("There is no page “{key}”").format(key=key))
    return MAKERS[key](desk, parameters)
