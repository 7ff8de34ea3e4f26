"""Where printed documents get their values: a record by its entity and id, a statement by customer and period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.printing.documents import TemplateInfo, builtin_templates, load_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.render import render_pdf
from desktop_crm.reports import statement
from desktop_crm.services.documents import print_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from desktop_crm.printing.marks import Page
    from desktop_crm.services.session import Session

STATEMENT: Final = "statement"


@dataclass(frozen=True)
class Printable:
    """What is to be printed: `prints` is an entity with the `ids` of its records, or STATEMENT with a customer and a period."""

    prints: str
    ids: tuple[int, ...] = ()
    customer: int | None = None
    period: tuple[date, date] | None = None

    def ready(self) -> bool:
        """Tell whether everything is known that a document needs."""
        return bool(self.ids) if self.prints != STATEMENT else self.customer is not None and self.period is not None

    def count(self) -> int:
        """Return how many documents it is."""
        return len(self.ids) if self.prints != STATEMENT else 1

    def values(self, session: Session) -> Iterator[Mapping[str, Any]]:
        """Yield the values of each document; raises UserError where one can't be read."""
        if self.prints == STATEMENT:
            yield statement_values(session, self)
            return
        for key in self.ids:
            yield print_values(session, self.prints, key)


def statement_values(session: Session, what: Printable) -> Mapping[str, Any]:
    """Return what a statement of account is printed with."""
    if what.customer is None or what.period is None:
        raise ValueError(what)
    return statement.statement_values(session, what.customer, *what.period)


def templates_for(prints: str) -> list[TemplateInfo]:
    """Return the templates that can show this, in their order."""
    return [one for one in builtin_templates() if one.prints == prints]


@dataclass(frozen=True)
class Made:
    """A finished preview: the PDF, the pages as they go to a printer, and characters no font could show."""

    pdf: bytes
    pages: Sequence[Page]
    missing: frozenset[str] = field(default=frozenset())


def make(session: Session, template: str, what: Printable, step: Callable[[int, int], None]) -> Made:
    """Lay the documents out and write them as a PDF; raises UserError, and whatever `step` raises."""
    from io import BytesIO

    chosen, book, pages = load_template(template), FontBook(), []
    for done, values in enumerate(what.values(session), 1):
        pages += lay_out(chosen, values, fonts=book)
        step(done, what.count())
    out = BytesIO()
    render_pdf(pages, out, title=chosen.label, fonts=book)
    return Made(out.getvalue(), tuple(pages), frozenset(book.missing))
