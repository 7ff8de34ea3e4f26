"""Invoices (发票): what was invoiced to a customer, with its 发票号码."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import line_amounts
from desktop_crm.domain.numbering import invoice_number_remark
from desktop_crm.domain.rates import rate_remark
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, PercentField, TextField
from desktop_crm.models.registry import Record, register

BY_LINES = Decimal(1)
"""How far tax rounded line by line may be from tax of the total."""


@register(
    label=N_("Invoices"),
    one=N_("Invoice"),
    icon="receipt",
    group="finance",
    area="finance",
    title="number",
    sort="issued_on",
    descending=True,
    columns=("number", "customer", "contract", "kind", "state", "issued_on", "net", "tax", "total", "covered", "red_of", "owner"),
    form=(
        Section(N_("Invoice"), "customer", "contract", "number", "kind", "issued_on", "total", "tax_rate", "net", "tax", "owner"),
        Section(N_("Details"), "title", "red_of", "note"),
    ),
    filters=("customer", "kind", "issued_on", "owner", "total"),
    search=("number", "title"),
    match=("number",),
    views=(
        View("all", N_("All")),
        View("this_month", N_("This month"), Where("issued_on", "period", "this_month")),
        View("red", N_("Red-letter"), Where("total", "lt", 0)),
        View("mine", N_("Mine"), mine=True),
    ),
    totals=("net", "tax", "total"),
    lines=("invoice_cover",),
    related=(("invoice", "red_of"),),
    owner="owner",
    state="state",
    dated="issued_on",
    aliases=("发票", "开票"),
)
class Invoice(Record):
    """An invoice issued to a customer, with what it covers; a red-letter one (红字) has a negative total and names what it takes back."""

    number = TextField(N_("Invoice number"), required=True, unique=True, index=True, scale=40, dated_by="issued_on", remark=invoice_number_remark, aliases=("发票号码", "发票号", "数电票号码", "票号"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "购买方名称", "购方名称"), fills={"owner": "owner"})
    contract = LinkField(N_("Contract"), "contract", aliases=("合同编号", "合同号"))
    kind = ChoiceField(
        N_("Invoice kind"),
        Choice("special", N_("VAT special invoice"), "violet", aliases=("专票", "增值税专用发票")),
        Choice("ordinary", N_("VAT ordinary invoice"), "info", aliases=("普票", "增值税普通发票")),
        Choice("e_special", N_("Digital VAT special invoice"), "violet", aliases=("数电专票", "电子发票（增值税专用发票）", "数电票（增值税专用发票）", "全电专票")),
        Choice("e_ordinary", N_("Digital VAT ordinary invoice"), "info", aliases=("数电普票", "电子发票（普通发票）", "数电票（普通发票）", "数电票", "全电普票")),
        default="special",
        aliases=("发票类型", "票种", "类型"),
    )
    issued_on = DateField(N_("Issued on"), required=True, index=True, aliases=("开票日期", "日期"))
    total = MoneyField(N_("Total with tax"), required=True, exact=True, aliases=("价税合计", "发票金额", "金额", "开票金额"))
    tax_rate = PercentField(N_("Tax rate"), default=Decimal("0.13"), dated_by="issued_on", remark=rate_remark, aliases=("税率",))
    net = MoneyField(N_("Net amount"), derived=True, aliases=("不含税金额",))
    tax = MoneyField(N_("Tax amount"), derived=True, aliases=("税额",))
    title = TextField(N_("Invoice title"), aliases=("发票抬头", "抬头"))
    red_of = LinkField(N_("Takes back"), "invoice", hint=N_("The invoice that a red-letter one takes back"),
        way_out=N_("An invoice that was taken back stays as it was issued. If the red-letter one is a slip, delete that first"), aliases=("原发票号码", "对应蓝字发票", "蓝字发票号码", "被红冲发票"))
    request = LinkField(N_("Invoice request"), "invoice_request", aliases=())
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "开票人"))
    note = NoteField(N_("Note"), aliases=("备注",))
    covered = MoneyField(N_("Covers"), rollup=("invoice_cover", "amount", "invoice"))
    uncovered = MoneyField(N_("Covers nothing yet"), formula="total - covered")
    taken_back = MoneyField(N_("Taken back"), expression="SELECT COALESCE(-SUM(r.total), 0) FROM invoice r WHERE r.red_of_id = this.id")
    state = ChoiceField(
        N_("State"),
        Choice("issued", N_("Issued"), "success"),
        Choice("partly_back", N_("Partly taken back"), "warn"),
        Choice("back", N_("Taken back"), "neutral"),
        Choice("red", N_("Red-letter invoice"), "danger"),
        expression=(
            "SELECT CASE WHEN this.total < 0 THEN 'red' WHEN COUNT(r.id) = 0 THEN 'issued' WHEN -SUM(r.total) < this.total THEN 'partly_back' ELSE 'back' END "
            "FROM invoice r WHERE r.red_of_id = this.id"
        ),
    )

    @staticmethod
    def derive(values: dict[str, Any]) -> None:
        """Split the total into net and tax at the invoice's rate, but leave the tax bureau's own figures, which it rounds line by line, and what follows from them."""
        total, tax, rate = values.get("total"), values.get("tax"), values.get("tax_rate")
        if total is None:
            return
        net, by_rate, whole = line_amounts(Decimal(1), total, rate or Decimal(0), tax_included=True)
        if tax is not None and values.get("net") == total - tax:
            # A red letter has the tax of what it takes back; much beside its rate, it is that of a rate typed before.
            taken_back = values.get("red_of") is not None and (rate is None or abs(tax - by_rate) <= BY_LINES)
            if values.get("request") is not None or taken_back:
                return
        values["net"], values["tax"], values["total"] = net, by_rate, whole
