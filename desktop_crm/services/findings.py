"""What the check of a company finds, in the words of the people in the office: what it means, and what they do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from desktop_crm.base.i18n import N_, _


@dataclass(frozen=True)
class Words:
    """How one kind of problem is spoken of; `repairable` ones are put right by the repair, since they follow from other data."""

    title: str
    advice: str
    repairable: bool = False


RESTORE: Final = N_("Part of the company file can't be relied on. Stop working with it, keep it, and restore the last proven backup; what was entered since is entered again")
BY_HAND: Final = N_("The program can't know what is right, so it changes nothing. Open the records, compare them with your papers and correct them; their history shows what was changed")
REPAIR: Final = N_("Nothing that you entered is affected: it is worked out from other data. Run the repair")

KINDS: Final = {
    "damage": Words(N_("The file is damaged"), RESTORE),
    "schema": Words(
        N_("Tables differ from what the program expects"),
        N_("Another program has changed the company, or an upgrade went wrong. Restore the last proven backup, or ask for help before you go on"),
    ),
    "history": Words(
        N_("History that can't be read"),
        N_("The records themselves are there, but these past changes can be neither shown nor undone. A backup made before this still holds them"),
    ),
    "value": Words(N_("Values that can't be"), BY_HAND),
    "formula": Words(N_("Figures the database works out wrongly"), RESTORE),
    "link": Words(N_("Links to records that are gone"), BY_HAND),
    "derived": Words(
        N_("Figures that don't follow from what was typed"),
        N_("Open these records, check their quantities, prices and amounts against your papers, and save them: their sums are then worked out anew"),
    ),
    "over_allocated": Words(N_("More allocated than received"), BY_HAND),
    "over_settled": Words(N_("More settled than due"), BY_HAND),
    "other_customer": Words(N_("Receipts that settle another customer's receivables"), BY_HAND),
    "plan_differs": Words(N_("Instalments that don't add up"), BY_HAND),
    "tax_differs": Words(N_("Tax that doesn't add up"), BY_HAND),
    "repeated": Words(N_("Numbers used twice"), BY_HAND),
    "credential": Words(
        N_("Passwords of nobody"),
        N_("A password is kept for a user who never was. It lets nobody in, but something wrote past the program: ask for help"),
    ),
    "counter": Words(
        N_("Counters of document numbers"),
        N_("The next document may get a number that was used before. Restore the last proven backup, or ask for help before you enter documents"),
    ),
    "trigger": Words(
        N_("History and sums aren't kept everywhere"),
        N_("Another program has changed how the company keeps history and sums. The repair makes this anew; what was changed meanwhile has no history"),
        repairable=True,
    ),
    "open": Words(N_("The company is open to other programs"), N_("Another program could write without leaving history. Run the repair"), repairable=True),
    "sum": Words(N_("Sums that differ from their rows"), REPAIR, repairable=True),
    "search": Words(N_("Records that search doesn't find"), REPAIR, repairable=True),
    "visibility": Words(
        N_("Who sees whose records"), N_("Somebody may see too much or too little. It follows from roles and departments: run the repair"), repairable=True
    ),
    "ids": Words(
        N_("Numbering of records"), N_("A new record could take over the history of a deleted one. Run the repair before you enter anything"), repairable=True
    ),
    "index": Words(N_("Slow lists"), REPAIR, repairable=True),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `kind` is one of KINDS, `message` names it, `entity` and `ids` are the records it is about."""

    kind: str
    message: str
    entity: str = ""
    ids: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """The heading under which problems of this kind stand."""
        return _(KINDS[self.kind].title)

    @property
    def advice(self) -> str:
        """What it means and what to do."""
        return _(KINDS[self.kind].advice)

    @property
    def repairable(self) -> bool:
        """Whether the repair puts it right."""
        return KINDS[self.kind].repairable
