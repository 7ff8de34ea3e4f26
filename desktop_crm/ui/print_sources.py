"""Where printed documents get their values: a record by its entity and id, statements and letters by customer, a report as its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.documents import TemplateInfo, builtin_templates, load_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.listing import ListColumn, list_document
from desktop_crm.printing.render import render_pdf
from desktop_crm.reports import statement
from desktop_crm.reports.dunning import letter_values
from desktop_crm.reports.export import about, texts, total_texts
from desktop_crm.services.documents import print_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True)
class Printable:
    """What is to be printed: `prints` is an entity with the `ids` of its records, or one of these.

    STATEMENT with a customer, or the `ids` of many, and a period; DUNNING with the `ids` of customers; REPORT with a report.
    """

    prints: str
    ids: tuple[int, ...] = ()
    customer: int | None = None
    period: tuple[date, date] | None = None
    report: Report | None = None

    def ready(self) -> bool:
        """Tell whether everything is known that a document needs."""
        if self.prints == REPORT:
            return self.report is not None
        return bool(self.ids) if self.prints != STATEMENT else bool(self.customers()) and self.period is not None

    def customers(self) -> tuple[int, ...]:
        """Return whose statements they are."""
        return self.ids or (() if self.customer is None else (self.customer,))

    def count(self) -> int:
        """Return how many documents it is."""
        return max(len(self.ids), 1)

    def documents(self, session: Session, template: str) -> Iterator[tuple[Template, Mapping[str, Any], Letter | None]]:
        """Yield the template and the values of each document; raises UserError where one can't be read."""
        if self.prints == REPORT and self.report is not None:
            yield *report_document(self.report), None
        elif self.prints == STATEMENT:
            for values in statements(session, self):
                yield load_template(template), values, None
        elif self.prints == DUNNING:
            step = None if template == BY_AGE else int(template.rpartition("_")[2])
            for letter, values in letter_values(session, self.ids, session.today, step):
                yield load_template(f"{DUNNING}_{letter.step}"), values, letter
        else:
            for key in self.ids:
                yield load_template(template), print_values(session, self.prints, key), None


def statements(session: Session, what: Printable) -> Iterator[Mapping[str, Any]]:
    """Yield what statements of account are printed with; raises NotFound where a single customer is out of reach."""
    if what.period is None or not what.customers():
        raise ValueError(what)
    if len(what.customers()) == 1:
        yield statement.statement_values(session, what.customers()[0], *what.period)
    else:
        yield from statement.statements_values(session, what.customers(), *what.period)


def report_document(report: Report) -> tuple[Template, Mapping[str, Any]]:
    """Return a report as a table on paper."""
    columns = [ListColumn(spec.title, spec.kind.align == "right") for spec in report.columns]
    return list_document(title=report.title, about=about(report), columns=columns, rows=texts(report), totals=total_texts(report) or None)


def templates_for(prints: str) -> list[TemplateInfo]:
    """Return the templates that can show this, in their order."""
    found = [one for one in builtin_templates() if one.prints == prints]
    return [TemplateInfo(BY_AGE, _("Letter by the age of the debt"), DUNNING, found[0].paper), *found] if prints == DUNNING else found


@dataclass(frozen=True)
class Made:
    """A finished preview: the PDF, the pages as they go to a printer, characters no font could show, and the dunning letters among them."""

    pdf: bytes
    pages: Sequence[Page]
    missing: frozenset[str] = field(default=frozenset())
    letters: tuple[Letter, ...] = ()


def make(session: Session, template: str, what: Printable, step: Callable[[int, int], None]) -> Made:
    """Lay the documents out and write them as a PDF; raises UserError, and whatever `step` raises."""
    from io import BytesIO

    book, pages, letters, label = FontBook(), list[Any](), list[Any](), ""
    for done, (chosen, values, letter) in enumerate(what.documents(session, template), 1):
        pages += lay_out(chosen, values, fonts=book)
        label = label or chosen.label
        letters += [letter] if letter is not None else []
        step(done, what.count())
    if not pages:
        raise UserError(_("There is nothing to print."))
    out = BytesIO()
    render_pdf(pages, out, title=label, fonts=book)
    return Made(out.getvalue(), tuple(pages), frozenset(book.missing), tuple(letters))
