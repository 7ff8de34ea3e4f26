"""Receipts (收款): money in, and what else takes receivables off. What is not allocated is the customer's prepayment (预收款)."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.sources import RELIEF, SOURCES
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, NumberField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Receipts"),
    one=N_("Receipt"),
    icon="wallet",
    group="finance",
    area="finance",
    title="number",
    sort="received_on",
    descending=True,
    columns=("number", "customer", "contract", "kind", "received_on", "amount", "allocated", "unallocated", "method", "account", "reference", "owner"),
    form=(
        Section(N_("Receipt"), "customer", "contract", "kind", "amount", "received_on", "method", "account", "payer", "reference", "number", "owner"),
        Section(N_("Details"), "settles", "note"),
    ),
    filters=("customer", "contract", "kind", "received_on", "method", "owner", "unallocated", "amount"),
    search=("number", "payer", "reference", "settles"),
    match=("number",),
    views=(
        View("all", N_("All")),
        View("money", N_("Money"), Where("kind", "in", ("receipt", "transfer"))),
        View("relief", N_("Credit notes and write-offs"), Where("kind", "in", RELIEF)),
        View("this_month", N_("This month"), Where("received_on", "period", "this_month")),
        View("unallocated", N_("With prepayment"), Where("unallocated", "gt", 0)),
        View("mine", N_("Mine"), mine=True),
    ),
    totals=("amount", "allocated", "unallocated"),
    key_figures=("amount", "allocated", "unallocated", "received_on"),
    related=(("allocation", "receipt"),),
    owner="owner",
    dated="received_on",
    aliases=("收款", "收款单", "回款", "回款单"),
)
class Receipt(Record):
    """Money that came in from a customer, or another document that settles receivables: see `kind`."""

    number = NumberField(N_("Receipt number"), rule="SK-{yy}-{seq:4}", dated_by="received_on", aliases=("收款单号", "单号", "编号", "receipt_no", "receipt number"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("付款客户", "客户名称", "付款单位", "往来单位"), fills={"owner": "owner"})
    contract = LinkField(N_("Contract"), "contract", hint=N_("What the money is for; what is left of it counts as received for this contract"), aliases=("合同编号", "合同号", "订单编号"))
    received_on = DateField(N_("Received on"), required=True, index=True, aliases=("收款日期", "到账日期", "回款日期", "日期", "date"))
    kind = ChoiceField(N_("Kind"), *SOURCES, default="receipt", required=True, index=True, aliases=("收款类型", "单据类型", "核销类型"))
    amount = MoneyField(N_("Amount received"), required=True, exact=True, aliases=("收款金额", "金额", "回款金额", "到账金额", "amount"))
    method = ChoiceField(
        N_("Method"),
        Choice("transfer", N_("Bank transfer"), aliases=("银行", "转账", "电汇", "对公转账")),
        Choice("acceptance", N_("Acceptance bill"), aliases=("承兑汇票", "承兑")),
        Choice("cheque", N_("Cheque")),
        Choice("cash", N_("Cash")),
        Choice("wechat", N_("WeChat Pay"), aliases=("微信",)),
        Choice("alipay", N_("Alipay"), aliases=("支付宝",)),
        Choice("other", N_("Other")),
        default="transfer",
        aliases=("收款方式", "付款方式", "结算方式", "方式"),
    )
    account = TextField(N_("Receiving account"), scale=100, aliases=("收款账户", "账户", "收款银行"))
    payer = TextField(N_("Payer"), aliases=("付款方户名", "付款人", "付款户名"))
    reference = TextField(N_("Bank reference"), scale=100, aliases=("银行流水号", "流水号", "交易流水号"))
    settles = TextField(N_("Settles documents"), hint=N_("Numbers of receivables or invoices, separated by commas"), aliases=(
        "核销单号", "核销单据", "应收单号", "发票号", "发票号码", "对应单据", "invoice_no", "invoice"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "经办人"))
    note = NoteField(N_("Note"), aliases=("备注", "摘要"))
    bank_line = LinkField(N_("Bank line"), "bank_line", aliases=())
    allocated = MoneyField(N_("Allocated"), rollup=("allocation", "amount", "receipt"))
    unallocated = MoneyField(N_("Prepayment"), formula="amount - allocated", index=True)
    advance = MoneyField(N_("Money not allocated"), formula=f"CASE WHEN kind IN ({', '.join(map(repr, RELIEF))}) THEN 0 ELSE amount - allocated END")
