"""What is copied from rows that were never on screen is what the cells on screen would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.services import logbook
from desktop_crm.services.exporting import texts
from desktop_crm.services.listing import Listing, of_entity
from desktop_crm.ui.kit.blocks import block_text, parse_block, texts_block
from desktop_crm.ui.rows import made_rows
from tests.support.company import make, values_of

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

LISTED = ("contact", "opportunity", "product", "contract", "contract_line", "receivable", "receipt", "invoice", "activity", "user", "department")
CELLS = st.text("a1 \t\n\r\"'年", max_size=4)


def same(session: Session, listing: Listing) -> int:
    """Compare all rows of a list, and return how many."""
    query = Query(listing.spec.name, EVERYTHING, columns=tuple(listing.spec.fields))
    count = listing.count(EVERYTHING)
    fields = [listing.spec.fields[name] for name in query.columns]
    expected = [[cell.text if cell.raw is None else cell.raw for cell in row.cells] for row in made_rows(listing.page(query, 0, count, count), fields, session.today)]
    found = [row for part in texts(session, listing, query, [(0, 0), (1, count - 1)] if count > 1 else [(0, count - 1)], count) for row in part]
    assert [list(row) for row in found] == [["" if value is None else str(value) for value in row] for row in expected]
    return count


def test_copied_texts_are_those_of_cells(session: Session) -> None:
    for name in LISTED:
        make(session, name)
        assert same(session, of_entity(session, name))
    for number in range(3):
        make(session, "customer", **values_of(session, session.spec("customer")) | {"name": f"客户{number}", "code": f"K{number}", "note": 'a\tb\n"c"'})
    assert same(session, of_entity(session, "customer")) > 3
    assert same(session, logbook.listing(session)) > 1


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_block_of_texts_is_any_block(rows: list[list[str]]) -> None:
    assert texts_block(rows * 60) == block_text(rows * 60)
    assert parse_block(texts_block(rows))[: len(rows)] == [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
