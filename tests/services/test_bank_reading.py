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


def test_what_only_moved_between_own_accounts_is_no_money_in(session: Session, tmp_path: Path) -> None:
    heads = ["交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式", "当前状态", "交易单号", "商户单号", "备注"]
    rows = [
        ["微信支付账单明细"], ["起始时间：[2026-01-01 00:00:00] 终止时间：[2026-01-31 23:59:59]"], ["注："], ["----------------------微信支付账单明细列表--------------------"], heads,
        ["2026-01-05 10:00:00", "转账", "恒泰科技有限公司", "转账备注:HT-2026-0001货款", "收入", "¥800.00", "/", "已存入零钱", "1000050001\t", "1000\t", "/"],
        ["2026-01-07 10:00:00", "零钱提现", "招商银行(1234)", "/", "/", "¥1000.00", "招商银行(1234)", "提现已到账", "1000050002\t", "/", "服务费¥1.00"],
        ["2026-01-08 10:00:00", "转账", "恒泰科技有限公司", "货款", "不计收支", "¥300.00", "/", "交易关闭", "1000050003\t", "/", "/"],
    ]  # fmt: skip
    statement = reading.read_statement(session, write(tmp_path / "微信.csv", rows))
    assert [(line["amount"], line["payer"], line["remark"], line["serial"]) for line in statement.lines] == [(Decimal("800.00"), "恒泰科技有限公司", "转账备注:HT-2026-0001货款", "1000050001")]
    assert [(one.row, one.field) for one in statement.problems] == [(7, "amount"), (8, "amount")]


def test_the_business_account_of_alipay_with_its_tabs_signs_and_notes(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "支付宝.csv"
    path.write_text(
        "#支付宝账务明细查询\n#账号：[20881234567890120156]\n#起始日期：[2026年01月01日 00:00:00]   终止日期：[2026年02月01日 00:00:00]\n"
        "账务流水号\t,业务流水号\t,商户订单号\t,商品名称\t,发生时间\t,对方账号\t,收入金额（+元）\t,支出金额（-元）\t,账户余额（元）\t,交易渠道\t,业务类型\t,备注\t\n"
        "123456789012345\t,2026010522001\t,D001\t,阀门\t,2026-01-05 10:00:00\t,恒泰科技有限公司(abc***@163.com)\t,1200.00\t,0.00\t,11200.00\t,支付宝\t,在线支付\t,货款\t\n"
        "123456789012346\t,2026010522001\t,D001\t,阀门\t,2026-01-05 10:00:00\t, \t,0.00\t,-7.20\t,11192.80\t,支付宝\t,收费\t,服务费\t\n"
        "#支出合计：1笔，共-7.20元\n#收入合计：1笔，共1200.00元\n#导出时间：[2026年02月01日 10:00:00]\n", encoding="gb18030")
    statement = reading.read_statement(session, path)
    assert statement.problems == []
    found = [(line["booked_on"], line["amount"], line["payer"], line["serial"], line["balance"]) for line in statement.lines]
    day = date(2026, 1, 5)
    assert found == [(day, Decimal("1200.00"), "恒泰科技有限公司", "123456789012345", Decimal("11200.00")), (day, Decimal("-7.20"), "", "123456789012346", Decimal("11192.80"))]


def test_the_merchants_account_of_wechat_and_money_out_with_its_sign(session: Session, tmp_path: Path) -> None:
    heads = ["记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额（元）", "账户结余（元）", "备注"]
    rows = [heads, ["`2026-01-05 10:00:00", "`4200001", "`5001", "`交易", "`交易", "`收入", "`100.00", "`1100.00", "`货款"], ["`2026-01-05 10:00:01", "`4200001", "`5002", "`扣除交易手续费", "`手续费", "`支出", "`0.60", "`1099.40", "`手续费"]]
    statement = reading.read_statement(session, write(tmp_path / "商户.csv", rows))
    assert [(line["amount"], line["remark"], line["serial"]) for line in statement.lines] == [(Decimal("100.00"), "货款", "5001"), (Decimal("-0.60"), "手续费", "5002")]
    signed = [["交易日期", "收入", "支出", "对方户名"], ["2026-01-05", "10", "", "甲"], ["2026-01-05", "", "-20.00", "乙"], ["2026-01-06", "", "-1.00", "丙"]]
    taken_back = [*signed[:2], ["2026-01-05", "", "20.00", "乙"], ["2026-01-06", "", "-1.00", "丙"]]
    for name, table, amounts in (("a.csv", signed, ("10", "-20", "-1")), ("b.csv", taken_back, ("10", "-20", "1"))):
        assert [line["amount"] for line in reading.read_statement(session, write(tmp_path / name, table)).lines] == [Decimal(amount) for amount in amounts]


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
