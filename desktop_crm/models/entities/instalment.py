"""Instalments (回款计划): when which part of a contract falls due."""

from datetime import date
from decimal import Decimal

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, SheetSpec
from desktop_crm.models.fields import ChoiceField, DateField, IntegerField, LinkField, MoneyField, PercentField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Instalments"),
    one=N_("Instalment"),
    icon="calendar-clock",
    parent="contract",
    sort="position",
    columns=("name", "condition", "due_on", "billing", "ratio", "amount"),
    form=(Section(N_("Instalment"), "contract", "name", "condition", "due_on", "billing", "ratio", "amount"),),
    totals=("ratio", "amount"),
    aliases=("回款计划", "收款计划", "付款计划"),
    sheet=SheetSpec(
        ("contract", "position", "name", "condition", "due_on", "amount"),
        example={"contract": "HT-2026-0001", "position": 1, "name": "全款", "condition": "货到付款", "due_on": date(2026, 3, 31), "amount": Decimal(9100)},
    ),
)
class Instalment(Record):
    """One instalment of a contract; its receivable appears when the contract comes into force."""

    contract = LinkField(N_("Contract"), "contract", required=True, cascade=True, aliases=("合同编号", "合同号"))
    position = IntegerField(N_("Instalment no."), aliases=("期次", "期数"))
    name = TextField(N_("Instalment name"), required=True, scale=60, aliases=("款项", "款项名称", "名称"))
    condition = TextField(N_("Payment condition"), aliases=("付款条件",))
    due_on = DateField(N_("Due on"), required=True, aliases=("到期日", "应收日期", "计划日期", "计划回款日期"))
    billing = ChoiceField(N_("Invoicing"), Choice("before", N_("Before payment")), Choice("after", N_("After payment")), Choice("none", N_("No invoice")), aliases=("开票",))
    ratio = PercentField(N_("Share of total"), aliases=("比例", "占比"))
    amount = MoneyField(N_("Amount"), required=True, exact=True, aliases=("金额", "计划金额", "计划回款金额"))
