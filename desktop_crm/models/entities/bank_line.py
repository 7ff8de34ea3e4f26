"""Bank lines (银行流水): what a bank says came in and went out, kept until it is posted."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.models.fields import BooleanField, ChoiceField, DateField, LinkField, MoneyField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Bank lines"),
    one=N_("Bank line"),
    icon="banknote",
    group="finance",
    area="finance",
    title="payer",
    sort="booked_on",
    descending=True,
    columns=("booked_on", "payer", "amount", "posted", "state", "remark", "aside_reason", "serial", "payer_account", "account", "balance", "refunded", "owner"),
    form=(
        Section(N_("Bank line"), "booked_on", "amount", "payer", "payer_account", "remark", "serial", "balance", "account"),
        Section(N_("Details"), "set_aside", "aside_reason", "owner"),
    ),
    filters=("state", "booked_on", "amount", "account", "owner"),
    search=("payer", "remark", "serial", "payer_account"),
    views=(
        View("open", N_("To be posted"), Where("state", "in", ("open", "partial"))),
        View("posted", N_("Posted"), Where("state", "eq", "posted")),
        View("outgoing", N_("Money out"), Where("state", "eq", "outgoing")),
        View("aside", N_("Set aside"), Where("state", "eq", "aside")),
        View("all", N_("All")),
    ),
    totals=("amount", "posted"),
    key_figures=("amount", "posted", "booked_on"),
    related=(("receipt", "bank_line"), ("receivable", "bank_line")),
    owner="owner",
    state="state",
    aliases=("银行流水", "银行对账单", "银行明细"),
)
class BankLine(Record):
    """One line of a bank statement; money out is below zero. What of it is posted follows from its receipts and is never typed."""

    payer = TextField(N_("Counterparty"), aliases=("对方户名", "对方名称", "对方单位名称"))
    booked_on = DateField(N_("Booked on"), required=True, index=True, aliases=("交易日期", "记账日期", "入账日期"))
    amount = MoneyField(N_("Amount in or out"), required=True, exact=True, aliases=("交易金额", "发生额"))
    payer_account = TextField(N_("Counterparty account"), scale=60, index=True, aliases=("对方账号", "对方帐号"))
    remark = TextField(N_("Remark of the bank"), scale=300, aliases=("摘要", "附言", "用途"))
    serial = TextField(N_("Bank serial number"), scale=100, index=True, aliases=("交易流水号", "流水号"))
    balance = MoneyField(N_("Balance at the bank"), exact=True, aliases=("余额", "账户余额"))
    account = TextField(N_("Our account"), scale=60, aliases=("本方账号",))
    set_aside = BooleanField(N_("Set aside"), hint=N_("No receipt of a customer, such as interest"))
    aside_reason = TextField(N_("Why set aside"), scale=60, hint=N_("Such as bank fees, interest, a transfer between our own accounts"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人",))
    identity = TextField(N_("Identity"), scale=40, derived=True, unique=True, index=True)
    posted = MoneyField(N_("Posted"), rollup=("receipt", "amount", "bank_line"))
    refunded = MoneyField(N_("Refunded"), rollup=("receivable", "amount", "bank_line"))
    state = ChoiceField(
        N_("State"),
        Choice("open", N_("To be posted"), "warn"),
        Choice("partial", N_("Partly posted"), "warn"),
        Choice("posted", N_("Posted"), "success"),
        Choice("outgoing", N_("Money out"), "neutral"),
        Choice("aside", N_("Set aside"), "neutral"),
        formula="CASE WHEN posted - refunded <> 0 AND posted - refunded = amount THEN 'posted' WHEN posted - refunded <> 0 THEN 'partial' WHEN set_aside = 1 THEN 'aside' "
        "WHEN amount < 0 THEN 'outgoing' ELSE 'open' END",
        index=True,
    )
