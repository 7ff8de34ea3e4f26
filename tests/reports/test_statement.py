"""A statement's closing balance is the next one's opening balance, whatever happened."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import UserError
from desktop_crm.printing.documents import load_template
from desktop_crm.reports import run, to_json
from desktop_crm.reports.export import export
from desktop_crm.reports.statement import account, statement_values
from desktop_crm.services.workbooks.reader import read_workbook
from tests.services.ledger import company, customer, debt, money, receive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def example(session: Session) -> int:
    of = customer(session)
    before = debt(session, of, "1000", on=date(2026, 1, 31))
    receive(session, of, "300", {before: "300"}, on=date(2026, 1, 31))
    debt(session, of, "250.50", on=FIRST, name="送货款")
    debt(session, of, "-50", on=date(2026, 2, 10), name="退货")
    receive(session, of, "1000", {before: "700"}, on=LAST, reference="ICBC 881")
    debt(session, of, "5000", on=date(2026, 3, 1))
    receive(session, of, "5000", on=date(2026, 3, 1))
    return of


def test_a_statement_of_one_month(session: Session) -> None:
    of = example(session)
    report = run(session, "statement", customer=of, date_from=FIRST, date_to=LAST)
    assert to_json(report) == {
        "customer": "恒泰科技有限公司", "from": "2026-02-01", "to": "2026-02-28", "opening": "700.00", "increases": "200.50", "decreases": "1000.00",
        "closing": "-99.50", "closing_words": "人民币负玖拾玖元伍角整", "prepaid": "300.00",
        "movements": [
            {"date": "2026-02-01", "kind": "应收款", "number": "YS-26-0002", "summary": "送货款", "increase": "250.50", "decrease": None, "balance": "950.50"},
            {"date": "2026-02-10", "kind": "应收款", "number": "YS-26-0003", "summary": "退货", "increase": "-50.00", "decrease": None, "balance": "900.50"},
            {"date": "2026-02-28", "kind": "收款单", "number": "SK-26-0002", "summary": "银行转账 ICBC 881", "increase": None, "decrease": "1000.00",
             "balance": "-99.50"},
        ],
    }  # fmt: skip
    with pytest.raises(UserError):
        run(session, "statement", customer=of, date_from=LAST, date_to=FIRST)


def test_the_shipped_template_finds_its_values(session: Session) -> None:
    values = statement_values(session, example(session), FIRST, LAST)
    assert load_template("statement").prints == "statement"
    assert (values["opening"], values["closing"], values["prepaid"]) == (money("700.00"), money("-99.50"), money("300.00"))
    assert (values["customer"]["name"], values["company"]["name"], values["print"]["user"]) == ("恒泰科技有限公司", "我的公司", "boss")
    assert [set(row) for row in values["movements"]] == [{"date", "kind", "number", "summary", "increase", "decrease", "balance"}] * 3


def test_a_workbook_holds_the_rows_and_their_totals(session: Session, tmp_path: Path) -> None:
    of = example(session)
    report = run(session, "statement", customer=of, date_from=FIRST, date_to=LAST)
    path = tmp_path / "statement.xlsx"
    assert export(report, path) == 4
    sheet = read_workbook(path).sheets[0]
    assert sheet.rows[0][0] == "对账单 恒泰科技有限公司 2026-02-01 2026-02-28    期末余额已扣除尚未核销的预收款 ¥300.00"
    assert list(sheet.rows[-1])[4:] == [money("200.5"), money("1000"), money("-99.5")]
    assert sheet.rows[3][0] in {FIRST, FIRST.isoformat()}
    assert export(run(session, "overdue"), tmp_path / "overdue.csv") == len(run(session, "overdue").rows)


EVENT = st.tuples(st.sampled_from(["receivable", "receipt"]), st.integers(1, 100_000).map(lambda cents: Decimal(cents).scaleb(-2)), st.integers(0, 89))


@settings(max_examples=10)
@given(events=st.lists(EVENT, max_size=8), cuts=st.lists(st.integers(0, 89), min_size=1, max_size=4, unique=True).map(sorted))
def test_closing_is_the_next_opening(session: Session, events: list[tuple[str, Decimal, int]], cuts: list[int]) -> None:
    of = customer(session, "客户")
    start = date(2026, 1, 1)
    for entity, amount, day in events:
        if entity == "receivable":
            debt(session, of, str(amount), on=start + timedelta(days=day))
        else:
            receive(session, of, str(amount), on=start + timedelta(days=day))
    opening = Decimal(0)
    begin = start
    for cut in [*cuts, 90]:
        end = start + timedelta(days=cut)
        found = account(session, of, begin, end)
        assert found.opening == opening
        assert found.closing == (found.movements[-1]["balance"] if found.movements else found.opening)
        opening, begin = found.closing, end + timedelta(days=1)
    assert opening == sum(amount if entity == "receivable" else -amount for entity, amount, _day in events)
