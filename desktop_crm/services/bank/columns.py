"""What the columns of bank statements are called. A new bank's headings are entered here, or chosen on screen and remembered."""

from __future__ import annotations

from typing import Final

from desktop_crm.base.i18n import N_
from desktop_crm.services.column_files import Role, Roles

ROLES: Final = Roles("bank", N_("Columns of a bank statement: {headings}"), (
    Role("date", N_("Booked on"), (
        "交易日期", "交易日", "记账日期", "入账日期", "记账日", "入账日", "会计日期", "交易时间", "交易日期时间", "发生日期", "发生时间", "记账时间", "入账时间", "日期", "transaction date", "booking date", "date")),
    Role("time", N_("Time of day"), ("交易时间", "时间", "交易时刻", "transaction time", "time")),
    Role("credit", N_("Amount in"), (
        "贷方发生额", "贷方金额", "贷方发生额收入", "收入金额", "贷方", "收入", "存入金额", "转入金额", "收款金额", "进账金额", "存入", "收入发生额", "贷方交易金额",
        "credit amount", "credit", "deposit", "money in")),
    Role("debit", N_("Amount out"), (
        "借方发生额", "借方金额", "借方发生额支取", "支出金额", "借方", "支出", "支取金额", "转出金额", "付款金额", "支取", "支出发生额", "借方交易金额",
        "debit amount", "debit", "withdrawal", "money out")),
    Role("amount", N_("Amount in or out"), ("交易金额", "发生额", "交易发生额", "收支金额", "金额", "trade amount", "amount")),
    Role("direction", N_("In or out"), ("借贷标志", "借贷方向", "借贷", "借贷标识", "收支", "收支类型", "收支方向", "收支标志", "来往账标志", "交易方向", "交易类型", "transaction type", "dc")),
    Role("payer", N_("Counterparty"), (
        "对方户名", "对方名称", "对方单位名称", "对方单位", "对方账户名称", "对方账户名", "收付方名称", "对手户名", "交易对手户名", "交易对手名称", "交易对方户名", "交易对手",
        "交易对方", "对方", "往来单位", "counterparty", "counterparty name")),
    Role("payer_account", N_("Counterparty account"), (
        "对方账号", "对方帐号", "收付方账号", "收付方帐号", "对手账号", "交易对手账号", "交易对方账号", "对方账户", "对方卡号", "counterparty account")),
    Role("from_name", N_("Name of who pays"), ("付款人名称", "付款方名称", "付款人户名", "付款方户名", "付款单位名称", "付款单位", "付款人", "payer name", "payer")),
    Role("from_account", N_("Account of who pays"), ("付款人账号", "付款方账号", "付款人帐号", "付款账号", "debit account no")),
    Role("to_name", N_("Name of who is paid"), ("收款人名称", "收款方名称", "收款人户名", "收款方户名", "收款单位名称", "收款单位", "收款人", "beneficiary name")),
    Role("to_account", N_("Account of who is paid"), ("收款人账号", "收款方账号", "收款人帐号", "收款账号", "beneficiary account number")),
    Role("remark", N_("Remark of the bank"), (
        "附言", "交易附言", "客户附言", "摘要", "交易摘要", "用途", "交易用途", "备注", "其它摘要", "其他摘要", "业务摘要", "个性化信息", "留言", "款项用途", "remark", "remarks",
        "purpose", "description", "reference", "memo", "商品", "商品名称", "商品说明"), several=True),
    Role("serial", N_("Bank serial number"), (
        "交易流水号", "流水号", "账务流水号", "资金流水单号", "账户明细编号交易流水号", "银行流水号", "核心流水号", "业务流水号", "电子流水号", "主机流水号", "交易流水", "柜员流水号", "日志号", "交易序号", "交易单号", "交易订单号", "交易号",
        "transaction reference number", "transaction reference", "serial number")),
    Role("balance", N_("Balance at the bank"), ("余额", "账户余额", "交易后余额", "本次余额", "当前余额", "帐户余额", "after transaction balance", "balance")),
    Role("account", N_("Our account"), ("本方账号", "我方账号", "本方帐号", "账号", "帐号", "卡号", "本方账户", "our account", "account number")),
    Role("currency", N_("Currency"), ("币种", "交易货币", "货币", "currency")),
), needed=(("date",), ("amount", "credit", "debit")))

IN: Final = frozenset({"贷", "贷方", "收入", "收", "来账", "进", "入", "存入", "转入", "c", "cr", "credit", "in", "+"})
NEITHER: Final = frozenset({"/", "不计收支", "中性交易", "中性", "其他", "其它"})
"""How 支付宝 and 微信 say that money only moved between one's own accounts, or not at all."""
OUT: Final = frozenset({"借", "借方", "支出", "支", "往账", "出", "付", "支取", "转出", "d", "dr", "debit", "out", "-"})
HOME: Final = frozenset({"", "人民币", "人民币元", "cny", "rmb", "元", "156", "01", "001", "¥"})
"""How files say that an amount is in yuan."""
