"""Asking for invoices on screen: of ticked receivables, one a customer or one each, and from a receivable or request itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from desktop_crm.base.i18n import N_, _
from desktop_crm.ui.extras import ACTIONS, SELECTION, Action, SelectionAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk


def may_invoice(session: Session) -> bool:
    """Tell whether this person may have invoices issued."""
    return session.may_write("invoice_request")


def request_invoices(desk: Desk, ids: Sequence[int], done: Callable[[], object]) -> None:
    """Ask whether receivables are to be merged into one invoice a customer, and make the requests."""
    window = desk.parent()
    menu = QMenu(window if isinstance(window, QWidget) else None)
    menu.setObjectName("menu.request_invoices")
    menu.addAction(_("One invoice a customer"), partial(make_requests, desk, ids, merge=True, done=done))
    menu.addAction(_("One invoice each"), partial(make_requests, desk, ids, merge=False, done=done))
    menu.popup(QCursor.pos())


def make_requests(desk: Desk, ids: Sequence[int], *, merge: bool, done: Callable[[], object]) -> None:
    """Make the requests, call `done`, and show them."""
    from desktop_crm.services.tax import requests

    session = desk.session

    def made(_changes: object) -> None:
        done()
        desk.show_page("tax")

    desk.write(desk, lambda: requests.from_receivables(session, ids, merge=merge), made, failed=desk.fail)


def _request_one(desk: Desk, values: Values) -> None:
    make_requests(desk, [int(values["id"])], merge=True, done=lambda: None)


SELECTION.setdefault("receivable", []).append(SelectionAction("request_invoices", N_("Request invoices"), "file-check", request_invoices, may_invoice))
ACTIONS.setdefault("receivable", []).append(
    Action("request_invoice", N_("Request invoice"), "file-check", _request_one, lambda session, values: may_invoice(session) and (values.get("uninvoiced") or 0) > 0))
ACTIONS.setdefault("invoice_request", []).append(
    Action("tax", N_("To the tax bureau"), "file-spreadsheet", lambda desk, _values: desk.show_page("tax"),
           lambda session, values: may_invoice(session) and values.get("state") != "issued", primary=True))
