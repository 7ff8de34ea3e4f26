"""Opportunities (商机) and the stages they move through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import round_money
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, NumberField, PercentField, TextField
from desktop_crm.models.registry import Record, register

PROBABILITY: Final = {
    "found": Decimal("0.1"), "needs": Decimal("0.3"), "offer": Decimal("0.5"), "negotiation": Decimal("0.8"), "won": Decimal(1), "lost": Decimal(0),
}
OPEN = Where("stage", "in", ("found", "needs", "offer", "negotiation"))


@register(
    label=N_("Opportunities"),
    one=N_("Opportunity"),
    icon="target",
    group="sales",
    sort="created_at",
    descending=True,
    columns=("name", "customer", "stage", "amount", "probability", "weighted", "close_on", "owner", "next_step", "number"),
    form=(
        Section(N_("Basics"), "name", "customer", "contact", "stage", "amount", "probability", "close_on", "owner"),
        Section(N_("Details"), "number", "source", "next_step", "lost_reason", "note"),
    ),
    filters=("stage", "owner", "close_on", "amount", "customer"),
    search=("name", "number", "next_step"),
    match=("number", "name"),
    mergeable=True,
    views=(
        View("open", N_("In progress"), OPEN),
        View("mine", N_("Mine"), OPEN, mine=True),
        View("this_month", N_("Closing this month"), Where("close_on", "period", "this_month")),
        View("won", N_("Won"), Where("stage", "eq", "won")),
        View("all", N_("All")),
    ),
    totals=("amount", "weighted"),
    related=(("activity", "opportunity"), ("contract", "opportunity")),
    owner="owner",
    state="stage",
    aliases=("商机", "销售机会"),
)
class Opportunity(Record):
    """A possible sale and how far it has come."""

    number = NumberField(N_("Opportunity number"), rule="SJ-{yyyy}-{seq:4}", dated_by="created_at", aliases=("商机编号", "编号"))
    name = TextField(N_("Opportunity name"), required=True, aliases=("商机名称", "机会名称", "项目名称", "name", "opportunity", "title"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "公司", "company", "partner"))
    contact = LinkField(N_("Contact"), "contact", aliases=("联系人", "contact name"))
    stage = ChoiceField(
        N_("Stage"),
        Choice("found", N_("First contact"), "neutral", aliases=("初步接触", "线索", "new")),
        Choice("needs", N_("Needs known"), "info", aliases=("需求确认", "qualified")),
        Choice("offer", N_("Offer made"), "violet", aliases=("报价", "方案报价", "proposition", "proposal")),
        Choice("negotiation", N_("Negotiation"), "warn", aliases=("商务谈判", "谈判")),
        Choice("won", N_("Won"), "success", aliases=("成交", "赢单")),
        Choice("lost", N_("Lost"), "neutral", aliases=("输单", "失败", "丢单")),
        default="found",
        required=True,
        index=True,
        aliases=("阶段", "销售阶段", "stage_id"),
    )
    amount = MoneyField(N_("Expected amount"), aliases=("预计金额", "金额", "预计成交金额", "expected_revenue"))
    probability = PercentField(N_("Probability"), aliases=("成功率", "赢单率", "概率"))
    weighted = MoneyField(N_("Weighted amount"), derived=True, aliases=())
    close_on = DateField(N_("Expected close"), index=True, aliases=("预计成交日期", "预计签约日期", "date_deadline"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "销售"))
    source = TextField(N_("Source"), scale=60, aliases=("来源",))
    next_step = TextField(N_("Next step"), aliases=("下一步", "下步计划"))
    lost_reason = TextField(N_("Reason lost"), aliases=("输单原因", "失败原因"))
    note = NoteField(N_("Note"), aliases=("备注", "说明", "描述"))

    @staticmethod
    def derive(values: dict[str, Any]) -> None:
        """Take the stage's usual probability where none is typed, and weigh the amount with it."""
        stage = values.get("stage") or "found"
        if values.get("probability") is None or stage in {"won", "lost"}:
            values["probability"] = PROBABILITY.get(stage)
        amount, probability = values.get("amount"), values.get("probability")
        values["weighted"] = round_money(amount * probability) if amount is not None and probability is not None else Decimal(0)
