"""Allocations (核销): which part of a receipt, credit note or write-off settles which receivable."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.domain.sources import RELIEF, SOURCES
from desktop_crm.models.fields import ChoiceField, DateField, LinkField, MoneyField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Allocations"),
    one=N_("Allocation"),
    icon="link",
    title="receipt",
    parent="receipt",
    columns=("receipt", "kind", "receivable", "allocated_on", "amount"),
    form=(Section(N_("Allocation"), "receipt", "receivable", "allocated_on", "amount"),),
    totals=("amount",),
    dated="allocated_on",
)
class Allocation(Record):
    """An amount of one receipt that settles one receivable. `kind` is its receipt's; `money` is the amount where that was money."""

    receipt = LinkField(N_("Receipt"), "receipt", required=True, cascade=True)
    receivable = LinkField(N_("Receivable"), "receivable", required=True, told=True, way_out=N_("Release the allocation first: open the receipt and set what it settles of this to nothing"))
    amount = MoneyField(N_("Amount"), required=True, exact=True)
    allocated_on = DateField(N_("Allocated on"), index=True)
    kind = ChoiceField(N_("Kind"), *SOURCES, default="receipt", derived=True)
    money = MoneyField(N_("Money received"), formula=f"CASE WHEN kind IN ({', '.join(map(repr, RELIEF))}) THEN 0 ELSE amount END")
