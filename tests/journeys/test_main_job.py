"""The main job, walked through the real window: what it leaves behind holds the right figures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pypdf import PdfReader

from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.words import rmb_words
from desktop_crm.services import records
from desktop_crm.services.check import check
from desktop_crm.services.session import open_session
from tests.journeys.main_job import STEPS, walk
from tests.journeys.steps import CUSTOMER, INSTALMENTS, LISTS, RECEIVED, TAX, TOTAL

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session

LEAST_PICTURES = 25


@pytest.mark.usefixtures("qtbot")
@pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)")
def test_the_main_job_leaves_the_right_figures_on_paper_in_excel_and_in_the_company(tmp_path: Path) -> None:
    out = tmp_path / "out"
    told: list[str] = []
    tour = walk(out, told.append)
    assert len(told) == len(STEPS)
    assert len(tour.drive.taken) >= LEAST_PICTURES
    assert all(path.stat().st_size > 0 for path in tour.drive.taken)
    papers(out)
    workbook(out / "customers.xlsx", tour.known["customers"])
    company(tour.known["url"], tour.known["contract"])


def papers(out: Path) -> None:
    """Check what is printed on the three papers."""
    note, request, statement = (text_of(out / f"{name}.pdf") for name in ("delivery_note", "invoice_request", "statement"))
    for paper in (note, request, statement):
        assert CUSTOMER in paper
    assert "人机界面触摸屏" in note
    for text in (show_money(TOTAL), show_money(TAX), rmb_words(TOTAL)):
        assert text in request, text
    for figure in (*INSTALMENTS, RECEIVED, TOTAL - RECEIVED):
        assert show_money(figure) in statement, figure


def text_of(path: Path) -> str:
    """Return the text of a PDF without line breaks and blanks."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(path).pages)


def workbook(path: Path, count: int) -> None:
    """Check that every customer is in the workbook, with real numbers."""
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if "客户名称" in row)
    names = [row[rows[start].index("客户名称")] for row in rows[start + 1 :]]
    assert names.count(CUSTOMER) == 1
    assert len([name for name in names if name]) >= count
    ours = next(row for row in rows if CUSTOMER in row)
    balance = ours[rows[start].index("应收余额")]
    assert not isinstance(balance, str)
    assert Decimal(str(balance)) == TOTAL - RECEIVED


def company(url: str, contract: str) -> None:
    """Check the figures in the company file, to the cent."""
    session = open_session(url)
    try:
        customer = one(session, "customer", Where("name", "eq", CUSTOMER))
        assert customer["balance"] == TOTAL - RECEIVED
        assert customer["overdue"] == INSTALMENTS[0] + INSTALMENTS[1] - RECEIVED
        made = one(session, "contract", Where("number", "eq", contract))
        assert (made["total"], made["lines_tax"], made["lines_net"]) == (TOTAL, TAX, TOTAL - TAX)
        assert (made["received"], made["unreceived"]) == (RECEIVED, TOTAL - RECEIVED)
        due = session.records.find(session.entity("receivable"), Where("contract", "eq", made["id"]), ["amount", "settled", "state"], sort="due_on")
        assert [row["amount"] for row in due] == list(INSTALMENTS)
        assert [row["settled"] for row in due] == [INSTALMENTS[0], RECEIVED - INSTALMENTS[0], Decimal("0.00")]
        assert [row["state"] for row in due] == ["settled", "partial", "open"]
        assert {name: records.count(session, name) > 0 for name in LISTS} == dict.fromkeys(LISTS, True)
        assert check(session) == []
    finally:
        session.close()


def one(session: Session, entity: str, condition: Condition) -> Values:
    """Return the one record that fulfils the condition."""
    (key,) = session.records.ids_where(session.entity(entity), condition)
    return records.get(session, entity, key)
