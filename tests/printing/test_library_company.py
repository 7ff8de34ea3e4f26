"""The shipped templates with the records of a real company: every field a template names is there, of its kind, and shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.printing.documents import BUILTIN, load_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.reports.dunning import letter_values
from desktop_crm.reports.statement import statement_values
from desktop_crm.services.documents import print_values
from desktop_crm.services.sample import fill
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = date(2000, 1, 1)
SOME = 8


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    place: Path = tmp_path_factory.mktemp("library") / "company.sqlite3"
    made = f"sqlite:///{place}"
    with company(made) as session:
        fill(session, 30)
        make(session, "invoice_request_line")
    return made


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    opened = open_session(url, "boss")
    yield opened
    opened.close()


def documents(session: Session, prints: str) -> Iterator[dict[str, Any]]:
    customers = session.records.ids_where(session.entity("customer"), EVERYTHING)
    if prints == "statement":
        yield from (statement_values(session, key, FIRST, session.today) for key in customers[:SOME])
    elif prints == "dunning":
        yield from (values for _letter, values in letter_values(session, customers, session.today))
    else:
        yield from (print_values(session, prints, key) for key in session.records.ids_where(session.entity(prints), EVERYTHING)[:SOME])


@pytest.mark.parametrize("prints", sorted({load_template(name).prints for name in BUILTIN}))
def test_every_template_prints_real_records(prints: str, session: Session) -> None:
    found, book = list(documents(session, prints)), FontBook(system=False)
    assert found
    for name in BUILTIN:
        template = load_template(name)
        if template.prints != prints:
            continue
        for values in found:
            layout = compose(template, values, fonts=book)
            assert not layout.problems
            printed = "".join(text for page in layout.pages for text in page.texts())
            assert "None" not in printed
            title = values.get("number") or (values.get("customer") or values)["name"]
            assert title in printed
