"""Users: added, disabled, given a password. Whose records each sees follows from departments and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.errors import NotAllowed, NotFound, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Query, Where
from desktop_crm.services import records, sign_in
from desktop_crm.services.rules import after_save, before_delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.records import Saved
    from desktop_crm.services.session import Changes, Session

LISTED = ("name", "login", "role", "department", "phone", "email", "active")
ADMINISTRATORS = Every((Where("role", "eq", "admin"), Where("active", "eq", value=True)))


@after_save("user")
def after_users(session: Session, _ids: Sequence[int]) -> None:
    """Work out anew whose records each sees; raises UserError where no active administrator would be left."""
    if not session.records.count(session.entity("user"), ADMINISTRATORS):
        raise UserError(_("The last administrator can't be disabled or given another role. Make somebody else an administrator first"))
    sign_in.rebuild_visibility(session.store)


@after_save("department")
def after_departments(session: Session, _ids: Sequence[int]) -> None:
    """Work out anew whose records each user sees."""
    sign_in.rebuild_visibility(session.store)


@before_delete("user")
def before_users_go(session: Session, ids: Sequence[int]) -> None:
    """Refuse to delete oneself or the last administrator; the password goes with the user."""
    if session.person.id in ids:
        raise UserError(_("You can't delete yourself"))
    others = Every((ADMINISTRATORS, *(Where("id", "ne", key) for key in ids)))
    if not session.records.count(session.entity("user"), others):
        raise UserError(_("The last administrator can't be deleted. Make somebody else an administrator first"))
    for key in ids:
        sign_in.set_password(session.store, key, "")


def list_users(session: Session) -> list[Values]:
    """Return all users this person may see, by name, with `has_password`."""
    spec = session.spec("user")
    ids = session.records.ids(records.listed(session, Query("user", sort="name")))
    known = {int(row[0]) for row in session.store.sql("SELECT user_id FROM credential").fetchall()}
    return [row | {"has_password": row["id"] in known} for row in records.read(session, spec, ids, LISTED)]


def add_user(session: Session, values: Values, password: str = "") -> Changes[Saved]:
    """Add a user with a password; raises NotAllowed, Invalid, and UserError for a password that is too short."""

    def work() -> Saved:
        saved = records.save(session, "user", records.new(session, "user") | values).result
        if password:
            sign_in.set_password(session.store, saved.id, password)
        return saved

    return session.write("save", _("User added"), work)


def disable_user(session: Session, user: int) -> Changes[Saved]:
    """Keep a user from signing in; the records stay. Raises UserError for the last administrator, NotAllowed, NotFound."""
    return records.save(session, "user", {"active": False}, key=user)


def set_password(session: Session, user: int, password: str) -> None:
    """Give a user, or oneself, a new password; an empty one takes it away. Raises NotAllowed, NotFound, UserError where it is too short."""
    if user != session.person.id and not session.may_write("user"):
        raise NotAllowed(_("Only an administrator may set somebody else's password"))
    if session.records.lock(session.entity("user"), user) is None:
        raise NotFound(_("This user is not there any more"))
    sign_in.set_password(session.store, user, password)
