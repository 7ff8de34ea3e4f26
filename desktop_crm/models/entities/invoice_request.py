"""Invoice requests (开票申请): what is to be invoiced, until the tax bureau has issued it."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField, NoteField, NumberField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Invoice requests"),
    one=N_("Invoice request"),
    icon="file-check",
    group="finance",
    area="finance",
    title="number",
    sort="requested_on",
    descending=True,
    columns=("number", "customer", "contract", "kind", "requested_on", "total", "state", "exported_on", "invoiced", "owner"),
    form=(
        Section(N_("Invoice request"), "customer", "title", "kind", "contract", "requested_on", "number", "owner"),
        Section(N_("Details"), "note"),
    ),
    filters=("state", "customer", "kind", "requested_on", "owner", "total"),
    search=("number", "note"),
    match=("number",),
    views=(
        View("open", N_("To be issued"), Where("state", "in", ("open", "exported"))),
        View("issued", N_("Issued"), Where("state", "eq", "issued")),
        View("mine", N_("Mine"), mine=True),
        View("all", N_("All")),
    ),
    totals=("total", "invoiced"),
    key_figures=("total", "invoiced", "requested_on"),
    lines=("invoice_request_line",),
    related=(("invoice", "request"),),
    owner="owner",
    state="state",
    aliases=("开票申请", "开票申请单"),
)
class InvoiceRequest(Record):
    """An invoice to be issued. Its number is the 发票流水号 by which the bureau's answer is joined to it; its state follows from its invoices."""

    number = NumberField(N_("Request number"), rule="KP{yy}{mm}-{seq:4}", dated_by="requested_on", scale=20, aliases=("申请单号", "发票流水号", "流水号"))
    customer = LinkField(N_("Customer"), "customer", required=True, aliases=("客户名称", "购买方名称"), fills={"owner": "owner"})
    title = LinkField(N_("Invoice title"), "invoice_title", aliases=("发票抬头",))
    contract = LinkField(N_("Contract"), "contract", aliases=("合同编号", "合同号"))
    kind = ChoiceField(
        N_("Invoice kind"),
        Choice("e_special", N_("Digital VAT special invoice"), "violet", aliases=("数电专票", "专票", "增值税专用发票")),
        Choice("e_ordinary", N_("Digital VAT ordinary invoice"), "info", aliases=("数电普票", "普票", "普通发票")),
        default="e_special",
        required=True,
        aliases=("发票类型", "票种"),
    )
    requested_on = DateField(N_("Requested on"), required=True, index=True, aliases=("申请日期", "日期"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "申请人"))
    note = NoteField(N_("Note on the invoice"), aliases=("备注", "发票备注"))
    exported_on = DateField(N_("Given to the bureau on"), derived=True)
    total = MoneyField(N_("Total with tax"), rollup=("invoice_request_line", "amount", "request"))
    invoiced = MoneyField(N_("Invoiced"), rollup=("invoice", "total", "request"))
    state = ChoiceField(
        N_("State"),
        Choice("open", N_("To be issued"), "warn"),
        Choice("exported", N_("Given to the bureau"), "info"),
        Choice("issued", N_("Issued"), "success"),
        formula="CASE WHEN invoiced <> 0 THEN 'issued' WHEN exported_on IS NOT NULL THEN 'exported' ELSE 'open' END",
        index=True,
    )
