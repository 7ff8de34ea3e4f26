"""Asking for invoices on screen: of ticked receivables, one a customer or one each, and from a receivable or request itself."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.money import show_money
from desktop_crm.services.batches import find_in
from desktop_crm.services.covers import invoiceable
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.extras import ACTIONS, SELECTION, Action, SelectionAction
from desktop_crm.ui.invoices import DAY, NUMBER
from desktop_crm.ui.kit.sheets import Menu

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk


def may_invoice(session: Session) -> bool:
    """Tell whether this person may have invoices issued."""
    return session.may_write("invoice_request")


def request_invoices(desk: Desk, ids: Sequence[int], done: Callable[[], object]) -> None:
    """Ask whether receivables are to be merged into one invoice a customer, and make the requests."""
    menu = Menu(window_of(desk))
    menu.setObjectName("menu.request_invoices")
    menu.addAction(_("One invoice a customer"), partial(make_requests, desk, ids, merge=True, done=done))
    menu.addAction(_("One invoice each"), partial(make_requests, desk, ids, merge=False, done=done))
    menu.addSeparator()
    menu.addAction(_("Enter one invoice that was issued…"), partial(enter_invoice, desk, ids, done))
    menu.popup(QCursor.pos())


def make_requests(desk: Desk, ids: Sequence[int], *, merge: bool, done: Callable[[], object]) -> None:
    """Make the requests, call `done`, and show them."""
    from desktop_crm.services.tax import requests

    session = desk.session

    def made(_changes: object) -> None:
        done()
        desk.show_page("tax")

    desk.write(desk, lambda: requests.from_receivables(session, ids, merge=merge), made, failed=desk.fail)


def enter_invoice(desk: Desk, ids: Sequence[int], done: Callable[[], object]) -> None:
    """Enter one invoice (合并开票) that was issued for what of receivables of one customer isn't invoiced yet."""
    from desktop_crm.services import invoices

    session = desk.session

    def came(rows: list[Values]) -> None:
        owed = {row["id"]: row["uninvoiced"] for row in rows if invoiceable(row)}
        if not owed or len({row["customer"] for row in rows}) > 1:
            desk.say(_("Tick receivables of one customer that aren't invoiced yet"), "info")
            return
        total = sum(owed.values(), Decimal("0.00"))
        hint = _("It covers {count} receivables, ¥{total}").format(count=len(owed), total=show_money(total))
        fields = (NUMBER, DAY, session.spec("invoice").fields["kind"], session.spec("invoice").fields["tax_rate"])
        AskDialog(
            window_of(desk), desk, _("One invoice for several receivables"), hint, fields, {"on": session.today, "kind": "e_special", "tax_rate": Decimal("0.13")}, button=_("Add invoice"),
            act=lambda typed: invoices.issue_invoice(session, values={"number": typed["number"], "issued_on": typed["on"], "kind": typed["kind"], "tax_rate": typed["tax_rate"]}, receivables=owed),
            done=finished, name="merge_invoice",
        ).show()

    def finished(changes: Changes[int]) -> None:
        done()
        desk.open_record("invoice", changes.result)

    names = ["customer", "kind", "uninvoiced"]
    desk.operations.read(desk, lambda: find_in(session, "receivable", "id", ids, names, session.readable("receivable", EVERYTHING)), came, key="merge_invoice", failed=desk.fail)


def window_of(desk: Desk) -> QWidget:
    """Return the window that a dialog of the desk stands before."""
    window = QApplication.activeWindow() or desk.parent()
    assert isinstance(window, QWidget), "a desk's parent is its window"  # noqa: S101 - the caller's own mistake
    return window


def _request_one(desk: Desk, values: Values) -> None:
    make_requests(desk, [int(values["id"])], merge=True, done=lambda: None)


SELECTION.setdefault("receivable", []).append(SelectionAction("request_invoices", N_("Request invoices"), "file-check", request_invoices, may_invoice))
ACTIONS.setdefault("receivable", []).append(
    Action("request_invoice", N_("Request invoice"), "file-check", _request_one, lambda session, values: may_invoice(session) and invoiceable(values)))
ACTIONS.setdefault("invoice_request", []).append(
    Action("tax", N_("To the tax bureau"), "file-spreadsheet", lambda desk, _values: desk.show_page("tax"),
           lambda session, values: may_invoice(session) and values.get("state") != "issued", primary=True))
