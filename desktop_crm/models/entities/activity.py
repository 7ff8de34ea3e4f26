"""Activities (跟进): calls, visits and messages, and what is to be done next."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.models.fields import BooleanField, ChoiceField, DateField, InstantField, LinkField, NoteField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Follow-ups"),
    one=N_("Follow-up"),
    icon="calendar-check",
    group="sales",
    title="content",
    sort="happened_at",
    descending=True,
    columns=("content", "customer", "kind", "happened_at", "next_on", "done", "owner", "contact"),
    form=(Section(N_("Follow-up"), "customer", "contact", "kind", "happened_at", "content", "next_on", "done", "owner"), Section(N_("Concerns"), "opportunity", "contract", "promised_on")),
    filters=("kind", "customer", "owner", "happened_at", "next_on", "done", "promised_on"),
    search=("content",),
    views=(
        View("all", N_("All")),
        View("mine", N_("Mine"), mine=True),
        View("due", N_("To do"), Every((Where("done", "eq", value=False), Where("next_on", "filled")))),
        View("today", N_("Due today"), Every((Where("done", "eq", value=False), Where("next_on", "period", "until_today"))), mine=True, tone="warn"),
    ),
    owner="owner",
    aliases=("跟进", "跟进记录", "拜访记录", "联系记录"),
)
class Activity(Record):
    """Something that happened with a customer, and the next step agreed."""

    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称",), fills={})
    contact = LinkField(N_("Contact"), "contact", aliases=("联系人",))
    opportunity = LinkField(N_("Opportunity"), "opportunity", aliases=("商机",))
    contract = LinkField(N_("Contract"), "contract", aliases=("合同编号",))
    kind = ChoiceField(
        N_("Way"),
        Choice("call", N_("Phone call"), "info", aliases=("电话",)),
        Choice("visit", N_("Visit"), "violet", aliases=("拜访", "上门拜访")),
        Choice("wechat", N_("WeChat"), "success", aliases=("微信",)),
        Choice("email", N_("E-mail"), "neutral", aliases=("邮件",)),
        Choice("meeting", N_("Meeting"), "warn", aliases=("会议",)),
        Choice("dunning", N_("Dunning"), "danger", aliases=("催款",)),
        Choice("other", N_("Other"), "neutral"),
        default="call",
        aliases=("跟进方式", "方式", "类型"),
    )
    content = NoteField(N_("What happened"), required=True, aliases=("跟进内容", "内容", "记录", "备注"))
    happened_at = InstantField(N_("When"), index=True, aliases=("跟进时间", "时间", "日期", "跟进日期"))
    next_on = DateField(N_("Next follow-up"), index=True, aliases=("下次跟进", "下次跟进日期"))
    promised_on = DateField(N_("Payment promised for"), index=True, aliases=("承诺付款日期", "承诺回款日期", "承诺付款日"))
    done = BooleanField(N_("Done"), aliases=("已完成", "完成"))
    owner = LinkField(N_("Owner"), "user", aliases=("跟进人", "负责人", "业务员"))
