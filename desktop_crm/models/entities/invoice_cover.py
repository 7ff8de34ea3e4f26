"""What invoices cover (开票对应): an amount of an invoice for a receivable or a contract line; n to n, so invoices can be merged."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import LinkField, MoneyField
from desktop_crm.models.registry import Record, register

ISSUED = N_("Take it out of the invoice if that was not issued yet. What was issued stays: take the invoice back by a red-letter one and settle the rest by a credit note")


@register(
    label=N_("Covered amounts"),
    one=N_("Covered amount"),
    icon="link",
    title="invoice",
    parent="invoice",
    columns=("invoice", "receivable", "contract_line", "amount", "contract"),
    form=(Section(N_("Covered amount"), "invoice", "receivable", "contract_line", "amount"),),
    totals=("amount",),
    aliases=("开票明细", "发票对应", "Covered by invoices"),
)
class InvoiceCover(Record):
    """An amount of one invoice for one receivable or one contract line; below zero on a red-letter invoice, which frees it again."""

    invoice = LinkField(N_("Invoice"), "invoice", required=True, cascade=True, aliases=("发票号码",))
    receivable = LinkField(N_("Receivable"), "receivable", aliases=("应收单号",), told=True, way_out=ISSUED)
    contract_line = LinkField(N_("Contract line"), "contract_line", way_out=ISSUED)
    contract = LinkField(N_("Contract"), "contract", derived=True)
    amount = MoneyField(N_("Amount"), required=True, exact=True, aliases=("金额", "开票金额"))
