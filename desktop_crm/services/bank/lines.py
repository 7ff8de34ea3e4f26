"""Keeping bank lines: each once, whatever file it comes in, and never more posted than came in."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.progress import silent
from desktop_crm.domain.bank import identities
from desktop_crm.domain.money import show_money
from desktop_crm.services import writing
from desktop_crm.services.allocations import fits
from desktop_crm.services.batches import find_by_id, find_in
from desktop_crm.services.records import require_write
from desktop_crm.services.rules import after_save, before_save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

STORED: Final = ("booked_on", "amount", "payer", "payer_account", "remark", "serial", "balance", "account", "identity")


@dataclass
class Kept:
    """What keeping the lines of a file did: the ids of all lines, in the file's order, those that are new, and how many were there."""

    ids: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    known: int = 0


def keep(session: Session, lines: Sequence[Values], *, progress: Callable[[int, int], None] = silent) -> Changes[Kept]:
    """Keep the lines that aren't there yet, as one change set; a line that is there, posted or not, is left as it is.

    Raises NotAllowed without the right to change bank lines.
    """
    require_write(session, "bank_line")

    def work() -> Kept:
        there = _by_identity(session, (line["identity"] for line in lines))
        fresh = {line["identity"]: line for line in lines if line["identity"] not in there}
        rows = [writing.with_defaults(session, "bank_line", {**{name: line[name] for name in STORED}, "owner": session.person.id}) for line in fresh.values()]
        progress(0, len(rows))
        made = writing.insert_rows(session, "bank_line", rows)
        there |= dict(zip(fresh, made, strict=True))
        kept = Kept([there[key] for key in dict.fromkeys(line["identity"] for line in lines)], list(made), len(lines) - len(made))
        session.relabel(ngettext("{count} bank line read", "{count} bank lines read", len(made)).format(count=f"{len(made):,}"))
        return kept

    return session.write("bank_lines", _("Bank lines read"), work)


def known(session: Session, lines: Sequence[Values]) -> set[str]:
    """Return the identities of those lines that are there already."""
    return set(_by_identity(session, (line["identity"] for line in lines)))


def _by_identity(session: Session, keys: Iterable[str]) -> dict[str, int]:
    return {row["identity"]: row["id"] for row in find_in(session, "bank_line", "identity", keys, ["identity"])}


@before_save("bank_line")
def identify(session: Session, rows: Sequence[Values]) -> None:
    """Give lines that were typed or imported as a list their identity; raises UserError where such a line is there already."""
    fresh = [row for row in rows if not row.get("identity") and row.get("booked_on") is not None and row.get("amount") is not None]
    for row, key in zip(fresh, identities(fresh), strict=True):
        row["identity"] = key
    there = _by_identity(session, (row["identity"] for row in fresh))
    for row in fresh:
        if row["identity"] in there:
            raise UserError(_("This bank line of {date} over {amount} is there already").format(date=row["booked_on"], amount=show_money(row["amount"])))


@after_save("bank_line")
def check_lines(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where more is posted of a line than it is."""
    for row in find_by_id(session, "bank_line", ids, ["booked_on", "payer", "amount", "posted", "refunded"]).values():
        done = row["posted"] - row["refunded"]
        if not fits(done, row["amount"]):
            raise UserError(
                _("The bank line of {date} from {payer} is {amount}, but {posted} of it would be posted. It was posted before; look at its receipts").format(
                    date=row["booked_on"], payer=row["payer"] or "—", amount=show_money(row["amount"]), posted=show_money(done)))


@after_save("receipt", about=lambda new: new.get("bank_line"))
def check_posted(session: Session, ids: Sequence[int]) -> None:
    """Check the bank lines that receipts were posted from."""
    _check_of(session, "receipt", ids)


@after_save("receivable", about=lambda new: new.get("bank_line"))
def check_refunded(session: Session, ids: Sequence[int]) -> None:
    """Check the bank lines that refunds were posted from."""
    _check_of(session, "receivable", ids)


def _check_of(session: Session, name: str, ids: Sequence[int]) -> None:
    rows = find_in(session, name, "id", ids, ["bank_line"])
    check_lines(session, [row["bank_line"] for row in rows if row["bank_line"] is not None])
