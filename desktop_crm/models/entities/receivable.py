"""Receivables (应收款): a sum due on a date from a customer."""

from datetime import date
from decimal import Decimal

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, SheetSpec, View
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.domain.sources import DEBITS
from desktop_crm.models.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    LastField,
    LinkField,
    MoneyField,
    NoteField,
    NumberField,
    TextField,
)
from desktop_crm.models.registry import Record, register

OPEN = Where("state", "in", ("open", "partial"))
OWED = Every((OPEN, Where("remaining", "gt", 0)))


@register(
    label=N_("Receivables"),
    one=N_("Receivable"),
    icon="hand-coins",
    group="finance",
    area="finance",
    title="number",
    sort="falls_due",
    columns=("number", "customer", "contract", "name", "falls_due", "state", "overdue_days", "amount", "settled", "remaining", "invoiced", "owner", "document_on"),
    form=(Section(N_("Basics"), "customer", "number", "name", "document_on", "due_on", "amount", "contract", "kind", "owner"), Section(N_("Details"), "note")),
    filters=("state", "customer", "owner", "falls_due", "kind", "amount", "remaining", "uninvoiced"),
    search=("number", "name"),
    match=("number",),
    views=(
        View("open", N_("Outstanding"), OPEN),
        View("overdue", N_("Overdue"), Every((OWED, Where("falls_due", "period", "overdue"))), tone="danger"),
        View("next", N_("Due in 30 days"), Every((OWED, Where("falls_due", "period", "next_30_days")))),
        View("mine", N_("Mine"), OPEN, mine=True),
        View("all", N_("All")),
    ),
    totals=("amount", "settled", "remaining", "invoiced"),
    key_figures=("amount", "settled", "remaining", "invoiced", "falls_due", "overdue_days"),
    related=(("allocation", "receivable"), ("invoice_cover", "receivable")),
    owner="owner",
    state="state",
    dated="document_on",
    filled_later=("due_on",),
    aliases=("应收", "应收款", "应收账款", "应收单"),
    sheet=SheetSpec(
        ("customer", "number", "name", "document_on", "due_on", "amount", "owner", "note"),
        label=N_("Opening receivables"),
        given={"kind": "opening"},
        example={
            "customer": "苏州恒泰机械有限公司", "number": "QC-0001", "name": "2025年未结货款", "document_on": date(2025, 12, 31), "due_on": date(2026, 1, 31),
            "amount": Decimal("12500.00"),
        },
    ),
)
class Receivable(Record):
    """A sum due from a customer. Its settled amount and state follow from its allocations and are never typed."""

    number = NumberField(N_("Receivable number"), rule="YS-{yy}-{seq:4}", dated_by="document_on", aliases=(
        "应收单号", "单据编号", "单号", "编号", "发票号", "发票号码", "invoice_no", "invoice number", "InvoiceId", "number"))
    name = TextField(N_("Summary"), aliases=("摘要", "期次", "事项"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "往来单位", "单位名称", "customer_id"), fills={"owner": "owner"})
    contract = LinkField(N_("Contract"), "contract", aliases=("合同编号", "合同号"))
    instalment = LinkField(N_("Instalment"), "instalment", aliases=())
    kind = ChoiceField(
        N_("Origin"),
        *DEBITS,
        default="manual",
        aliases=("来源", "应收类型"),
    )
    document_on = DateField(N_("Document date"), required=True, index=True, aliases=("单据日期", "日期", "开票日期", "业务日期", "invoice_date", "date"))
    due_on = DateField(N_("Due on"), aliases=("到期日", "到期日期", "应收日期", "应付日期", "due_date"))
    amount = MoneyField(N_("Amount"), required=True, exact=True, aliases=("应收金额", "金额", "欠款金额", "欠款"))
    counterpart = LinkField(N_("Transferred to"), "receipt", derived=True)
    bank_line = LinkField(N_("Bank line"), "bank_line", derived=True)
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员"))
    note = NoteField(N_("Note"), aliases=("备注",))
    settled = MoneyField(N_("Settled"), rollup=("allocation", "amount", "receivable"))
    received = MoneyField(N_("Received"), rollup=("allocation", "money", "receivable"))
    relieved = MoneyField(N_("Credited and written off"), formula="settled - received")
    invoiced = MoneyField(N_("Invoiced"), rollup=("invoice_cover", "amount", "receivable"))
    remaining = MoneyField(N_("Remaining"), formula="amount - settled", index=True)
    uninvoiced = MoneyField(N_("Not yet invoiced"), formula="CASE WHEN kind IN ('refund', 'transfer', 'difference') THEN 0 ELSE amount - invoiced END")
    falls_due = DateField(N_("Falls due"), formula="COALESCE(due_on, document_on)", index=True)
    state = ChoiceField(
        N_("State"),
        Choice("open", N_("Unsettled"), "neutral"),
        Choice("partial", N_("Partly settled"), "warn"),
        Choice("settled", N_("Settled in full"), "success"),
        formula="CASE WHEN settled = amount THEN 'settled' WHEN settled <> 0 THEN 'partial' ELSE 'open' END",
        index=True,
    )
    open_due = LastField(N_("Falls due, while something remains"), formula="CASE WHEN amount - settled > 0 THEN COALESCE(due_on, document_on, '9999-12-31') ELSE '9999-12-31' END")
    overdue_days = IntegerField(N_("Days overdue"), since="open_due", unit=N_("days"), tone="danger")
