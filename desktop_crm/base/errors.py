"""The failures a user is told about; anything else is a defect and reaches the crash dialog."""

from __future__ import annotations

from dataclasses import field

from desktop_crm.base.lazily import dataclass


class UserError(Exception):
    """Something the user can put right. The message says what happened and what to do, in the user's language.

    `field` names the field of the record the message belongs to, or is empty.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ValueProblem(UserError):
    """A text or a cell that can't become a value of its field's kind."""


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field of a record; `warning` means it may be saved all the same."""

    field: str
    message: str
    warning: bool = False


class Invalid(UserError):
    """A record that can't be saved; `problems` says why, field by field."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("\n".join(problem.message for problem in problems), field=problems[0].field if problems else "")
        self.problems = problems


class NotAllowed(UserError):
    """The user's role doesn't reach this record or this action."""


class CompanyThere(UserError):
    """A company was to be made where there is one."""


class NotFound(UserError):
    """The record isn't there any more, or was never visible to this user."""


@dataclass
class FieldConflict:
    """One field that two people changed: the value both started from and the two they ended with."""

    field: str
    base: object
    mine: object
    theirs: object


class Conflict(UserError):
    """The record changed meanwhile. `current` is what it holds now, `fields` those that both sides changed."""

    def __init__(self, message: str, *, current: dict[str, object], fields: list[FieldConflict] | None = None) -> None:
        super().__init__(message)
        self.current = current
        self.fields = fields or []


class Cancelled(Exception):
    """The user stopped a long action; its transaction was rolled back."""


class StorageFailed(UserError):
    """The disk or the server can't take or give what is asked: full, read-only, failing, gone. No single record is to blame."""


class ConnectionLost(StorageFailed):
    """The database can't be reached now."""


class Busy(ConnectionLost):
    """Somebody else holds what is to be written; the whole change set may be tried again."""


class NoAccess(UserError):
    """The server answers, but there is no such database, or not for this user; trying again changes nothing."""


class NewerDatabase(UserError):
    """The company file was written by a newer version of the program."""


@dataclass(frozen=True)
class BlockedRecord:
    """A record that stands in the way of an undo or a deletion, with the title a user knows it by."""

    entity: str
    id: int
    title: str
    reason: str = field(default="")


class Blocked(UserError):
    """An undo, a restore or a deletion that other records forbid; it names them.

    `later` are the change sets that must be undone with it, `needed` the (entity, id) of deleted records that must be restored
    with it, where that would make it possible.
    """

    def __init__(self, message: str, records: list[BlockedRecord], *, later: tuple[int, ...] = (), needed: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__(message)
        self.records = records
        self.later = later
        self.needed = needed
