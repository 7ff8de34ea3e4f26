"""Statement confirmations (对账回签): which statement was sent to a customer, and whether its signed copy came back."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, NumberField, TextField
from desktop_crm.models.registry import Record, register

STATES = (
    Choice("out", N_("Not back yet"), "warn", aliases=("未回签", "未收回")),
    Choice("agreed", N_("Signed, agrees"), "success", aliases=("已回签", "相符")),
    Choice("differs", N_("Signed, differs"), "danger", aliases=("有差异", "不符")),
)


@register(
    label=N_("Signed statements"),
    one=N_("Signed statement"),
    icon="clipboard-check",
    group="finance",
    area="finance",
    title="number",
    sort="sent_on",
    descending=True,
    columns=("number", "customer", "date_from", "date_to", "closing", "state", "returned_on", "their_balance", "difference", "sent_on", "owner"),
    form=(
        Section(N_("Statement"), "customer", "number", "date_from", "date_to", "closing", "sent_on", "owner"),
        Section(N_("Signed copy"), "returned_on", "their_balance", "difference", "kept_at", "note"),
    ),
    filters=("state", "customer", "owner", "date_to", "returned_on"),
    search=("number", "kept_at"),
    match=("number",),
    views=(
        View("all", N_("All")),
        View("out", N_("Not back yet"), Where("state", "eq", "out"), tone="warn"),
        View("differs", N_("Signed, differs"), Where("state", "eq", "differs"), tone="danger"),
        View("mine", N_("Mine"), Every((Where("state", "ne", "agreed"),)), mine=True),
    ),
    totals=("closing", "difference"),
    owner="owner",
    state="state",
    aliases=("对账回签", "对账记录", "回签记录"),
)
class Confirmation(Record):
    """A statement as it was sent, with our closing balance of that moment, and what the customer signed."""

    number = NumberField(N_("Confirmation number"), rule="DZ-{yy}-{seq:4}", dated_by="sent_on", aliases=("对账编号", "回签编号"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "往来单位"), fills={"owner": "owner"})
    date_from = DateField(N_("From"), required=True, aliases=("开始日期", "对账开始"))
    date_to = DateField(N_("To"), required=True, index=True, aliases=("截止日期", "对账截止"))
    closing = MoneyField(N_("Closing balance"), required=True, exact=True, aliases=("期末余额", "我方余额"))
    sent_on = DateField(N_("Sent on"), index=True, aliases=("发出日期", "寄出日期"))
    returned_on = DateField(N_("Signed copy came back on"), index=True, aliases=("回签日期", "收回日期"))
    their_balance = MoneyField(N_("Customer's figure"), exact=True, hint=N_("Only where the customer's books show another balance"), aliases=("对方余额", "客户账面余额"))
    difference = MoneyField(N_("Difference"), formula="COALESCE(their_balance, closing) - closing")
    kept_at = TextField(N_("Signed copy kept at"), hint=N_("Such as a folder, or the name of the scan"), aliases=("回签件存放", "附件", "存放位置"))
    state = ChoiceField(
        N_("State"),
        *STATES,
        formula="CASE WHEN returned_on IS NULL THEN 'out' WHEN COALESCE(their_balance, closing) = closing THEN 'agreed' ELSE 'differs' END",
        index=True,
    )
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员"))
    note = NoteField(N_("Note"), aliases=("备注", "差异说明"))
