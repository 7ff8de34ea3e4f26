"""What a print preview is of, and how it is made: documents by their templates, a report or a list as its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.printing.batch import Outcome, laid_out, sheets
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.listing import ListColumn, list_document
from desktop_crm.printing.render import render_pdf
from desktop_crm.reports.export import about, texts, total_texts
from desktop_crm.services.print_sources import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from desktop_crm.printing.marks import Page
    from desktop_crm.printing.template import Template
    from desktop_crm.reports import Report
    from desktop_crm.services.dunning import Letter
    from desktop_crm.services.session import Session

STATEMENT: Final = "statement"
DUNNING: Final = "dunning"
REPORT: Final = "report"
BY_AGE: Final = "dunning"
"""Stands for the template of the letter that each customer's oldest debt calls for."""
PREVIEWED: Final = 60
"""Documents that a preview shows; all of them are printed."""


@dataclass(frozen=True)
class Printable:
    """What is to be printed: `prints` is an entity with the `ids` of its records, or one of these.

    STATEMENT with a customer, or the `ids` of many, and a period; DUNNING with the `ids` of customers; REPORT with a report or a list as one.
    With `anyway` what is wrong in a template is left out.
    """

    prints: str
    ids: tuple[int, ...] = ()
    customer: int | None = None
    period: tuple[date, date] | None = None
    report: Report | None = None
    start: int | None = None
    anyway: bool = False

    def ready(self) -> bool:
        """Tell whether everything is known that a document needs."""
        if self.prints == REPORT:
            return self.report is not None
        return bool(self.ids) if self.prints != STATEMENT else bool(self.customers()) and self.period is not None

    def customers(self) -> tuple[int, ...]:
        """Return whose statements they are."""
        return self.ids or (() if self.customer is None else (self.customer,))

    def asked(self, template: str) -> Asked:
        """Return the documents that are asked for."""
        return Asked(self.prints, self.customers() if self.prints == STATEMENT else self.ids, template, self.period, self.start, self.anyway)


def report_document(report: Report) -> tuple[Template, Mapping[str, Any]]:
    """Return a report as a table on paper."""
    columns = [ListColumn(spec.title, spec.kind.align == "right") for spec in report.columns]
    return list_document(title=report.title, about=about(report), columns=columns, rows=texts(report), totals=total_texts(report) or None)


def templates_for(session: Session, prints: str) -> list[store.Stored]:
    """Return the templates that can show this, in their order; a report is laid out from its own columns."""
    if prints == REPORT:
        return []
    found = store.list_templates(session, prints)
    return [store.Stored(BY_AGE, _("Letter by the age of the debt"), DUNNING, ""), *found] if prints == DUNNING else found


@dataclass(frozen=True)
class Made:
    """A finished preview: the PDF, the pages as they go to a printer, characters no font could show, and what the log of prints will say.

    `documents` is how many there are in all; where it is more than what was laid out (`whole` is false), printing lays all of them out anew.
    """

    pdf: bytes
    pages: Sequence[Page]
    missing: frozenset[str] = field(default=frozenset())
    outcome: Outcome = field(default_factory=Outcome)
    documents: int = 1

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The dunning letters among them."""
        return tuple(self.outcome.about)

    @property
    def whole(self) -> bool:
        """Whether the preview shows everything that is to be printed."""
        return self.documents <= PREVIEWED


def make(session: Session, template: str, what: Printable, step: Callable[[int, int], None]) -> Made:
    """Lay the documents out, the first PREVIEWED of many, and write them as a PDF; raises UserError, and whatever `step` raises."""
    book, made = FontBook(), Outcome()
    if what.prints == REPORT and what.report is not None:
        chosen, values = report_document(what.report)
        pages, label, count = lay_out(chosen, values, fonts=book), what.report.title, 1
    else:
        asked = what.asked(template)
        count = asked.count()
        pages = list(sheets(islice(laid_out(session, asked, book), PREVIEWED), made, step, asked))
        label = made.printed[0].label if made.printed else ""
    if not pages:
        raise UserError(_("There is nothing to print."))
    out = BytesIO()
    render_pdf(pages, out, title=label, fonts=book)
    return Made(out.getvalue(), tuple(pages), frozenset(book.missing), made, count)
