"""Who may open a company: users, their passwords (argon2id, kept apart from the records) and whose records they see."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.models.registry import entity
from desktop_crm.services.policy import Person

if TYPE_CHECKING:
    from datetime import datetime

    from argon2 import PasswordHasher

    from desktop_crm.models.database import Store
    from desktop_crm.models.records import Records

SHORTEST_PASSWORD: Final = 6


@cache
def hasher() -> PasswordHasher:
    """Return what makes and compares hashes (argon2id); most companies have no password, and need none of it to open."""
    from argon2 import PasswordHasher

    return PasswordHasher()


class SignInNeeded(UserError):
    """A name and a password are needed to go on."""


def users_exist(store: Store) -> bool:
    """Tell whether the company has any user."""
    return bool(store.scalar("SELECT COUNT(*) FROM `user`"))


def company_name(store: Store) -> str:
    """Return the name the company gave itself; empty where it has none."""
    return str(store.scalar("SELECT name FROM company ORDER BY id") or "")


def sign_in_names(store: Store) -> list[str]:
    """Return the sign-in names of active users, for the sign-in page."""
    return [row[0] for row in store.sql("SELECT login FROM `user` WHERE active = 1 ORDER BY sort_key").fetchall()]


def authenticate(store: Store, login: str | None, password: str | None) -> Person:
    """Return the person who signs in.

    A company with one active user and no password signs in by itself. Raises SignInNeeded where a name or a password is missing,
    UserError where they are wrong; which of the two is not said.
    """
    rows = store.sql(
        "SELECT u.id, u.name, u.role, u.department_id, u.login, c.password_hash FROM `user` u LEFT JOIN credential c ON c.user_id = u.id WHERE u.active = 1"
    ).fetchall()
    if login is None:
        if len(rows) > 1:
            raise SignInNeeded(_("Several people use this company. Say who you are"))
    else:
        rows = [row for row in rows if row[4] == login] or [row for row in rows if row[1] == login]
    if not rows and not users_exist(store):
        raise UserError(_("The making of this company was broken off before it had a user. Make it anew at the same place"))
    if len(rows) != 1:
        raise UserError(_("The name or the password is wrong"))
    key, name, role, department, known_as, hashed = rows[0]
    if hashed:
        if password is None:
            raise SignInNeeded(_("{name} has a password. Type it to go on").format(name=name))
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            hasher().verify(hashed, password)
        except (VerificationError, InvalidHashError) as problem:
            raise UserError(_("The name or the password is wrong")) from problem
    return Person(int(key), name, role, None if department is None else int(department), known_as)


def set_password(store: Store, user: int, password: str) -> None:
    """Give a user a new password; an empty one takes it away. Raises UserError where it is too short."""
    if password and len(password) < SHORTEST_PASSWORD:
        raise UserError(_("A password has at least {count} characters").format(count=SHORTEST_PASSWORD), field="password")
    with store.transaction():
        store.sql("DELETE FROM credential WHERE user_id = ?", (user,))
        if password:
            store.sql("INSERT INTO credential (user_id, password_hash) VALUES (?, ?)", (user, hasher().hash(password)))


def has_password(store: Store, user: int) -> bool:
    """Tell whether a user has a password."""
    return bool(store.scalar("SELECT COUNT(*) FROM credential WHERE user_id = ?", (user,)))


def first_user(store: Store, records: Records, now: datetime, login: str, password: str, company: str) -> int:
    """Add the administrator of a new company and its profile; return the user's id."""
    values = {"name": login, "login": login, "role": "admin", "active": True}
    (key,) = records.insert(entity("user"), [values], now)
    records.insert(entity("company"), [{"name": company or _("My company")}], now)
    set_password(store, key, password)
    rebuild_visibility(store)
    return key


def _visible_pairs(store: Store) -> list[tuple[int, int]]:
    """Return (viewer, owner) for whose records each user may see: one's own; a manager also those of the department and all below it."""
    users = store.sql("SELECT id, role, department_id FROM `user`").fetchall()
    above = dict(store.sql("SELECT id, parent_department_id FROM department").fetchall())

    def inside(department: int | None, of: int | None) -> bool:
        seen: set[int] = set()
        while department is not None and department not in seen:
            if department == of:
                return True
            seen.add(department)
            department = above.get(department)
        return False

    return [
        (int(viewer), int(owner))
        for viewer, role, department in users
        for owner, _role, owners_department in users
        if viewer == owner or (role == "manager" and department is not None and inside(owners_department, department))
    ]


def rebuild_visibility(store: Store) -> None:
    """Work out anew whose records each user may see."""
    with store.transaction():
        store.sql("DELETE FROM visibility")
        store.many("INSERT INTO visibility (viewer_id, owner_id) VALUES (?, ?)", _visible_pairs(store))


def visibility_differs(store: Store) -> bool:
    """Tell whether what is kept of whose records each user may see differs from what departments and roles give."""
    kept = sorted((int(viewer), int(owner)) for viewer, owner in store.sql("SELECT viewer_id, owner_id FROM visibility").fetchall())
    return kept != sorted(_visible_pairs(store))
