"""What banks export is read, whatever they call their columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.services.bank import reading
from desktop_crm.services.bank.columns import ROLES
from desktop_crm.services.column_files import named
from tests.services.bank_support import ACCOUNT, BANKS, WITH_SERIAL, Entry, write
from tests.services.ledger import company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

ENTRIES = (
    Entry(datetime.fromisoformat("2026-06-02 09:30:05"), Decimal("12345.67"), "恒泰科技（上海）有限公司", "付 HT-2026-0017 货款", "A0001", balance=Decimal("22345.67")),
    Entry(datetime.fromisoformat("2026-06-03 10:00:00"), Decimal("-500.00"), "电力公司", "电费", "A0002", balance=Decimal("21845.67")),
    Entry(datetime.fromisoformat("2026-06-03 10:00:01"), Decimal("0.10"), "王小明", "", "A0003", balance=Decimal("21845.77")),
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'company.sqlite3'}") as made:
        yield made


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("bank", list(BANKS))
def test_every_bank_says_the_same(session: Session, tmp_path: Path, bank: str, suffix: str) -> None:
    statement = reading.read_statement(session, write(tmp_path / f"statement{suffix}", BANKS[bank](ENTRIES)))
    assert statement.problems == []
    assert statement.warnings == []
    found = [(line["booked_on"], line["amount"], line["payer"], line["payer_account"], line["balance"], line["account"]) for line in statement.lines]
    assert found == [(one.at.date(), one.amount, one.payer, one.payer_account, one.balance, ACCOUNT) for one in ENTRIES]
    assert all(one.remark in line["remark"] for one, line in zip(ENTRIES, statement.lines, strict=True))
    if bank in WITH_SERIAL:
        assert [line["serial"] for line in statement.lines] == [one.serial for one in ENTRIES]
    assert len({line["identity"] for line in statement.lines}) == len(ENTRIES)


def test_a_signed_amount_or_a_sign_beside_it(session: Session, tmp_path: Path) -> None:
    rows = [["日期", "金额", "收/支", "对方", "备注"], ["2026-06-02", "100.00", "收入", "甲", ""], ["2026-06-02", "¥1,200.50", "支出", "乙", ""], ["2026-06-02", "-3", "", "丙", ""]]
    statement = reading.read_statement(session, write(tmp_path / "a.csv", rows))
    assert [line["amount"] for line in statement.lines] == [Decimal("100.00"), Decimal("-1200.50"), Decimal("-3.00")]


def test_what_cannot_be_read_is_named_with_its_place(session: Session, tmp_path: Path) -> None:
    rows = [
        ["交易日期", "借方金额", "贷方金额", "币种", "对方户名"], ["2026-06-02", "", "100.00", "人民币", "甲"], ["昨天", "", "1", "CNY", "乙"], ["2026-06-02", "1", "2", "", "丙"],
        ["2026-06-02", "", "1.005", "", "丁"], ["2026-06-02", "", "5", "USD", "戊"], ["2026-06-02", "-", "0", "", "己"], ["2026-06-02", "一", "", "", "庚"],
    ]  # fmt: skip
    statement = reading.read_statement(session, write(tmp_path / "a.xlsx", rows))
    assert [line["payer"] for line in statement.lines] == ["甲"]
    assert [(one.row, one.field) for one in statement.problems] == [(3, "date"), (4, "credit"), (5, "credit"), (6, "currency"), (7, "credit"), (8, "credit")]
    assert all(one.message for one in statement.problems)


def test_chosen_columns_are_remembered_for_these_headings(session: Session, tmp_path: Path) -> None:
    rows = [["记账时刻", "进来", "出去", "谁", "编号"], ["2026-06-02", "100.00", "", "甲", "Z1"], ["2026-06-03", "", "7", "乙", "Z2"]]
    path = write(tmp_path / "a.csv", rows)
    statement = reading.read_statement(session, path, header_row=1)
    assert statement.missing()
    statement.columns = {0: "date", 1: "credit", 2: "debit", 3: "payer", 4: "serial"}
    statement.account = "6222"
    reading.read_lines(statement)
    assert [line["amount"] for line in statement.lines] == [Decimal(100), Decimal(-7)]
    statement.remember(session)
    other = write(tmp_path / "b.csv", [rows[0], ["2026-07-01", "5.00", "", "丙", "Z3"], ["2026-07-02", "6.00", "", "丙", "Z4"]])
    again = reading.read_statement(session, other, header_row=1)
    assert [(line["booked_on"], line["amount"], line["payer"], line["serial"], line["account"]) for line in again.lines] == [
        (date(2026, 7, 1), Decimal("5.00"), "丙", "Z3", "6222"), (date(2026, 7, 2), Decimal("6.00"), "丙", "Z4", "6222")]


def test_two_headings_alike_are_told_apart() -> None:
    assert ROLES.guess({0: "交易日期", 1: "摘要", 2: "摘要", 3: "收入金额"}) == {0: "date", 1: "remark", 2: "remark", 3: "credit"}
    assert named({0: "摘要", 1: "摘要"}) == {0: "摘要", 1: "摘要#2"}


def test_no_statement_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        reading.read_statement(session, write(tmp_path / "a.csv", [["", ""]]))
