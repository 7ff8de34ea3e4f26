"""Statements as Chinese banks export them: the same money in the layout of each, with invented names and numbers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

ACCOUNT = "1102020409000012345"


@dataclass(frozen=True)
class Entry:
    """Money in, or out below zero."""

    at: datetime
    amount: Decimal
    payer: str
    remark: str
    serial: str
    payer_account: str = "6222021001010101010"
    balance: Decimal = Decimal("10000.00")


def _in(entry: Entry) -> str:
    return f"{entry.amount:,.2f}" if entry.amount > 0 else ""


def _out(entry: Entry) -> str:
    return f"{-entry.amount:,.2f}" if entry.amount < 0 else ""


def icbc(entries: Sequence[Entry]) -> list[list[Any]]:
    heads = ["凭证号", "本方账号", "对方账号", "交易时间", "借/贷", "借方发生额", "贷方发生额", "对方行号", "摘要", "用途", "对方单位名称", "余额", "个性化信息"]
    return [heads, *([
        "0", ACCOUNT, one.payer_account, f"{one.at:%Y-%m-%d %H:%M:%S}", "贷" if one.amount > 0 else "借", _out(one) or "0.00", _in(one) or "0.00", "102100099996",
        one.remark, "", one.payer, f"{one.balance:,.2f}", ""] for one in entries)]  # fmt: skip


def ccb(entries: Sequence[Entry]) -> list[list[Any]]:
    heads = ["账号", "账户名称", "交易时间", "借方发生额（支取）", "贷方发生额（收入）", "余额", "币种", "对方户名", "对方账号", "对方开户机构", "记账日期", "摘要", "备注",
             "账户明细编号-交易流水号", "企业流水号", "凭证种类", "凭证号", "关联账户"]  # fmt: skip
    return [["中国建设银行账户明细"], heads, *([
        ACCOUNT, "恒信商贸有限公司", f"{one.at:%Y%m%d %H:%M:%S}", _out(one), _in(one), f"{one.balance:.2f}", "人民币元", one.payer, one.payer_account, "建行某支行",
        f"{one.at:%Y%m%d}", "电子转账", one.remark, one.serial, "", "", "", ""] for one in entries)]  # fmt: skip


def abc(entries: Sequence[Entry]) -> list[list[Any]]:
    heads = ["交易时间", "收入金额", "支出金额", "账户余额", "交易行名", "对方省市", "对方账号", "对方户名", "交易用途", "交易流水号"]
    total = ["合计", f"{sum(one.amount for one in entries if one.amount > 0):.2f}", "", "", "", "", "", "", "", ""]
    return [["账户明细查询"], [f"账号：{ACCOUNT}", "", "户名：恒信商贸有限公司"], ["起止日期：2026-06-01 至 2026-06-30"], heads, *([
        f"{one.at:%Y-%m-%d %H:%M:%S}", _in(one), _out(one), f"{one.balance:.2f}", "农行", "上海", one.payer_account, one.payer, one.remark, one.serial] for one in entries), total]  # fmt: skip


def boc(entries: Sequence[Entry]) -> list[list[Any]]:
    heads = ["交易类型[ Transaction Type ]", "业务类型[ Business type ]", "付款人开户行号[ Account holding bank number of payer ]", "付款人账号[ Debit Account No. ]", "付款人名称[ Payer's Name ]",
             "收款人账号[ Payee's Account Number ]", "收款人名称[ Payee's Name ]", "交易日期[ Transaction Date ]", "交易时间[ Transaction time ]", "交易货币[ Trade Currency ]",
             "交易金额[ Trade Amount ]", "交易后余额[ After-transaction balance ]", "交易流水号[ Transaction reference number ]", "摘要[ Reference ]", "用途[ Purpose ]",
             "交易附言[ Remark ]", "备注[ Remarks ]"]  # fmt: skip
    rows = []
    for one in entries:
        us, them = (ACCOUNT, "恒信商贸有限公司"), (one.payer_account, one.payer)
        payer, payee = (them, us) if one.amount > 0 else (us, them)
        rows.append(["来账" if one.amount > 0 else "往账", "网上转账", "104", *payer, *payee, f"{one.at:%Y%m%d}", f"{one.at:%H:%M:%S}", "CNY", f"{one.amount:,.2f}",
                     f"{one.balance:,.2f}", one.serial, "货款", "", one.remark, ""])  # fmt: skip
    return [["查询账号[ Inquirer account number ]", ACCOUNT], ["查询时间段[ Time Range ]", "20260601-20260630"], [], heads, *rows]


def cmb(entries: Sequence[Entry]) -> list[list[Any]]:
    heads = ["交易日", "交易时间", "起息日", "交易类型", "借方金额", "贷方金额", "余额", "摘要", "流水号", "流程实例号", "业务名称", "用途", "业务参考号", "业务摘要", "其它摘要",
             "收(付)方分行名", "收(付)方名称", "收(付)方账号", "收(付)方开户行行号"]  # fmt: skip
    return [["招商银行企业银行交易查询"], ["账号：", ACCOUNT], heads, *([
        f"{one.at:%Y%m%d}", f"{one.at:%H:%M:%S}", f"{one.at:%Y%m%d}", "网银转账", _out(one), _in(one), f"{one.balance:.2f}", one.remark, one.serial, "", "网银贷记", "", "", "", "",
        "上海", one.payer, one.payer_account, ""] for one in entries)]  # fmt: skip


BANKS: dict[str, Callable[[Sequence[Entry]], list[list[Any]]]] = {"icbc": icbc, "ccb": ccb, "abc": abc, "boc": boc, "cmb": cmb}
WITH_SERIAL = ("ccb", "abc", "boc", "cmb")


def write(path: Path, rows: Sequence[Sequence[Any]], *, encoding: str = "gb18030") -> Path:
    """Write rows as banks do: a text file in GBK, or a workbook of texts."""
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, str(text))
    book.close()
    return path
