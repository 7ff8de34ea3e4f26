"""Contracts (合同): what was agreed, its lines and the plan of its instalments."""

from datetime import date

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, SheetSpec, View
from desktop_crm.domain.conditions import Where
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, NumberField, TextField
from desktop_crm.models.registry import Record, register

TOTAL = "CASE WHEN lines_total <> 0 THEN lines_total ELSE COALESCE(amount, 0) END"


@register(
    label=N_("Contracts"),
    one=N_("Contract"),
    icon="file-text",
    group="deals",
    title="number",
    sort="signed_on",
    descending=True,
    columns=("number", "title", "customer", "state", "signed_on", "total", "received", "prepaid", "unreceived", "invoiced", "owner", "expires_on"),
    form=(
        Section(N_("Basics"), "customer", "title", "number", "signed_on", "delivery_on", "expires_on", "payment_terms", "owner", "state"),
        Section(N_("Details"), "contact", "invoice_title", "opportunity", "delivery_address", "amount", "note"),
    ),
    filters=("state", "customer", "owner", "signed_on", "expires_on", "total"),
    search=("number", "title", "delivery_address"),
    match=("number",),
    views=(
        View("all", N_("All")),
        View("mine", N_("Mine"), mine=True),
        View("draft", N_("Drafts"), Where("state", "eq", "draft")),
        View("active", N_("In force"), Where("state", "eq", "active")),
        View("expiring", N_("Expiring in 30 days"), Where("expires_on", "period", "next_30_days")),
    ),
    totals=("total", "received", "unreceived", "invoiced"),
    key_figures=("total", "received", "prepaid", "unreceived", "invoiced", "signed_on", "delivery_on"),
    lines=("contract_line", "instalment"),
    related=(("receivable", "contract"), ("receipt", "contract"), ("invoice", "contract"), ("activity", "contract")),
    owner="owner",
    state="state",
    aliases=("合同", "订单", "销售合同"),
    sheet=SheetSpec(
        ("number", "title", "customer", "signed_on", "state", "delivery_on", "expires_on", "payment_terms", "delivery_address", "amount", "owner", "note"),
        example={"number": "HT-2026-0001", "title": "法兰采购合同", "customer": "苏州恒泰机械有限公司", "signed_on": date(2026, 1, 15), "state": "active"},
    ),
)
class Contract(Record):
    """A sales contract. Its total is the sum of its lines, or the agreed amount where it has none."""

    number = NumberField(N_("Contract number"), rule="HT-{yyyy}-{seq:4}", dated_by="signed_on", aliases=("合同编号", "合同号", "编号", "订单编号", "订单号", "orderID"))
    title = TextField(N_("Contract title"), aliases=("合同名称", "项目名称", "名称"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "甲方", "购货单位", "customerID"),
                         fills={"owner": "owner", "payment_terms": "payment_terms", "delivery_address": "address"})
    contact = LinkField(N_("Contact"), "contact", aliases=("联系人", "收货人"))
    invoice_title = LinkField(N_("Invoice title"), "invoice_title", aliases=("开票抬头",))
    opportunity = LinkField(N_("Opportunity"), "opportunity", aliases=("商机",))
    state = ChoiceField(
        N_("State"),
        Choice("draft", N_("Draft"), "neutral", aliases=("未签",)),
        Choice("active", N_("In force"), "success", aliases=("执行中", "已签", "生效", "已生效")),
        Choice("done", N_("Completed"), "info", aliases=("已完成", "完成")),
        Choice("ended", N_("Terminated"), "danger", aliases=("已终止", "作废", "终止")),
        default="draft",
        required=True,
        index=True,
        aliases=("状态", "合同状态"),
    )
    signed_on = DateField(N_("Signed on"), required=True, index=True, aliases=("签订日期", "签约日期", "签署日期", "合同日期", "日期", "orderDate"))
    delivery_on = DateField(N_("Delivery on"), aliases=("交货日期", "交付日期", "requiredDate"))
    expires_on = DateField(N_("Expires on"), index=True, aliases=("到期日期", "合同到期", "截止日期", "结束日期"))
    payment_terms = TextField(N_("Payment terms"), scale=60, hint=N_("Such as: 月结30天, 季结, 货到30天, 次月25日, 2/10 net 30"), aliases=("结算方式", "付款方式", "付款条件", "账期"))
    delivery_address = TextField(N_("Delivery address"), scale=300, aliases=("交货地址", "收货地址", "送货地址", "shipAddress"))
    amount = MoneyField(N_("Amount without lines"), exact=True, hint=N_("Only where the contract has no product lines"), aliases=("合同金额", "合同总额", "总金额", "金额", "价税合计"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "签约人", "employeeID"))
    note = NoteField(N_("Note"), aliases=("备注", "合同备注"))
    lines_net = MoneyField(N_("Net amount"), rollup=("contract_line", "net", "contract"))
    lines_tax = MoneyField(N_("Tax amount"), rollup=("contract_line", "tax", "contract"))
    lines_total = MoneyField(N_("Lines with tax"), rollup=("contract_line", "total", "contract"))
    planned = MoneyField(N_("Planned instalments"), rollup=("instalment", "amount", "contract"))
    receivable_total = MoneyField(N_("Receivables"), rollup=("receivable", "amount", "contract"))
    settled = MoneyField(N_("Settled"), rollup=("receivable", "settled", "contract"))
    received = MoneyField(N_("Received"), rollup=("receivable", "received", "contract"))
    prepaid = MoneyField(N_("Prepaid for it"), rollup=("receipt", "advance", "contract"))
    invoiced_whole = MoneyField(N_("Invoiced for the contract"), rollup=("invoice", "uncovered", "contract"))
    invoiced_covered = MoneyField(N_("Invoiced by receivable or line"), rollup=("invoice_cover", "amount", "contract"))
    invoiced = MoneyField(N_("Invoiced"), formula="invoiced_whole + invoiced_covered")
    total = MoneyField(N_("Contract total"), formula=TOTAL, index=True)
    counted = MoneyField(N_("Contract total in force"), formula=f"CASE WHEN state IN ('active', 'done') THEN {TOTAL} ELSE 0 END")
    unreceived = MoneyField(N_("Not yet received"), formula=f"({TOTAL}) - settled")
    unposted = MoneyField(N_("Not yet a receivable"), formula=f"CASE WHEN state = 'active' AND ({TOTAL}) > receivable_total THEN ({TOTAL}) - receivable_total ELSE 0 END")
