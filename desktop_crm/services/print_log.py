"""The log of prints: every document that left the program, written as it leaves and never undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.models.changes import PRINT
from desktop_crm.services import records, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

ENTITY: Final = "print_log"
PRINTER: Final = "printer"
PDF: Final = "pdf"
EMAIL: Final = "email"
LONGEST: Final = 200
AT_ONCE: Final = 500


@dataclass(frozen=True)
class Printed:
    """One document that went out: of which record, with which template (its short name, its label, its version), and on how many pages."""

    entity: str
    record: int
    document: str
    template: str
    label: str
    number: int
    pages: int


def note(session: Session, printed: Sequence[Printed], way: str, target: str, *, copies: int = 1, at: datetime | None = None, owner: int | None = None) -> Changes[int]:
    """Write down what went out `way` to `target`, all in one action; everybody's prints are written, whatever their role.

    `at` and `owner` say when and by whom where that isn't now and who is signed in.
    """
    now = at or session.now
    rows: list[Values] = [
        {
            "document": one.document[:LONGEST], "entity": one.entity, "record": one.record, "template": one.template, "label": one.label, "number": one.number,
            "way": way, "target": target[:LONGEST], "copies": copies, "pages": one.pages, "printed_at": now, "owner": owner or session.person.id, "note": "",
        }
        for one in printed
    ]  # fmt: skip

    def work() -> int:
        for start in range(0, len(rows), AT_ONCE):
            writing.insert_rows(session, ENTITY, rows[start : start + AT_ONCE])
        return len(rows)

    if len(printed) == 1:
        label = _("Printed: {document}").format(document=printed[0].document)
    else:
        label = ngettext("{count} document printed", "{count} documents printed", len(printed)).format(count=len(printed))
    return session.write(PRINT, label, work)


def note_mails(session: Session, mailed: Sequence[tuple[Printed, str]]) -> Changes[None]:
    """Write down documents that went out by e-mail, each with its address, all in one action."""

    def work() -> None:
        for one, address in mailed:
            note(session, [one], EMAIL, address)

    return session.write(PRINT, _("Sent by e-mail"), work)


def times(session: Session, entity: str, key: int, template: str, title: str = "") -> int:
    """Return how often a document was put on paper with a template before, by anybody; files and e-mails are no second original.

    A `title` tells documents of one record apart.
    """
    parts = (Where("record", "eq", key), Where("entity", "eq", entity), Where("template", "eq", template), Where("way", "eq", PRINTER))
    named = (Where("document", "eq", title[:LONGEST]),) if title else ()
    rows = session.records.find(session.entity(ENTITY), Every((*parts, *named)), ["copies"])
    return sum(max(int(row["copies"] or 1), 1) for row in rows)


def of_record(session: Session, entity: str, key: int, *, limit: int = 50) -> list[Values]:
    """Return what went out of a record, the latest first, as far as this person may see it."""
    if ENTITY not in session.catalog:
        return []
    condition = session.readable(ENTITY, Every((Where("record", "eq", key), Where("entity", "eq", entity))))
    names = ["document", "label", "way", "target", "copies", "pages", "printed_at", "owner"]
    rows = session.records.find(session.entity(ENTITY), condition, names, sort="printed_at", descending=True, limit=limit)
    return records.with_titles(session, session.spec(ENTITY), rows, names)
