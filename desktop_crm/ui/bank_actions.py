"""What can be done with bank lines in their list and on their page: go to posting, set aside, take back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import N_
from desktop_crm.ui.extras import ACTIONS, SELECTION, Action, SelectionAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


ACTIONS.setdefault("bank_line", []).append(
    Action("post", N_("Post bank lines"), "landmark", lambda desk, _values: desk.show_page("bank"),
           lambda session, values: _may_post(session) and values.get("state") in {"open", "partial"}, primary=True))
SELECTION.setdefault("bank_line", []).extend([
    SelectionAction("set_aside", N_("Set aside"), "archive", partial(set_aside, aside=True), _may_post),
    SelectionAction("take_back", N_("Take back"), "undo-2", partial(set_aside, aside=False), _may_post),
])
