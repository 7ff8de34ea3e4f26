"""What can be done with bank lines in their list and on their page: go to posting, set aside, take back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.ui.extras import ACTIONS, SELECTION, Action, SelectionAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk


def _may_post(session: Session) -> bool:
    return session.may_write("receipt") and session.may_write("bank_line")


def set_aside(desk: Desk, ids: Sequence[int], done: Callable[[], object], *, aside: bool) -> None:
    """Set lines aside, or take them back, then call `done`."""
    from desktop_crm.services.bank import posting

    session = desk.session

    def finished(_changes: Changes[int]) -> None:
        done()

    desk.write(desk, lambda: posting.set_aside(session, ids, aside=aside), finished, failed=desk.fail)


def _refund(desk: Desk, values: Values) -> None:
    """Ask which customer got the money back."""
    from desktop_crm.services.bank import posting
    from desktop_crm.ui.ask_dialog import AskDialog

    session, key = desk.session, int(values["id"])
    customer = FieldSpec("customer", kinds.LINK, N_("Customer"), required=True, link="customer")
    hint = _("{payer}, ¥{amount}: it is taken from what is left of the customer's receipts").format(payer=values.get("payer") or "—", amount=show_money(-values["amount"]))
    window = QApplication.activeWindow() or desk.parent()
    AskDialog(window, desk, _("Refund to a customer"), hint, (customer,), {}, button=_("Refund"), act=lambda typed: posting.refund_line(session, key, int(typed["customer"])),  # type: ignore[arg-type]  # a desk's parent is its window
              narrow={"customer": Where("prepaid", "gt", 0)}, name="bank.refund").show()


ACTIONS.setdefault("bank_line", []).append(
    Action("refund", N_("Refund to a customer"), "undo-2", _refund, lambda session, values: _may_post(session) and values.get("state") == "outgoing", primary=True))
ACTIONS.setdefault("bank_line", []).append(
    Action("post", N_("Post bank lines"), "landmark", lambda desk, _values: desk.show_page("bank"),
           lambda session, values: _may_post(session) and values.get("state") in {"open", "partial"}, primary=True))
SELECTION.setdefault("bank_line", []).extend([
    SelectionAction("set_aside", N_("Set aside"), "archive", partial(set_aside, aside=True), _may_post),
    SelectionAction("take_back", N_("Take back"), "undo-2", partial(set_aside, aside=False), _may_post),
])
