"""Lines of an invoice request (开票申请明细): what stands on the invoice, and the receivable it is for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.domain.money import line_amounts
from desktop_crm.domain.rates import check_tax_rate, rate_remark
from desktop_crm.models.fields import IntegerField, LinkField, MoneyField, PercentField, PriceField, QuantityField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Lines of the request"),
    one=N_("Line of the request"),
    icon="list",
    title="item",
    parent="request",
    sort="position",
    columns=("item", "tax_code", "specification", "unit", "quantity", "price", "tax_rate", "amount", "tax", "receivable"),
    form=(Section(N_("Line of the request"), "request", "item", "tax_code", "specification", "unit", "quantity", "price", "tax_rate", "amount", "receivable"),),
    totals=("amount", "tax"),
    aliases=("开票申请明细",),
)
class InvoiceRequestLine(Record):
    """One line of the invoice. Amount and price include tax; quantity and price may be left out, as for a part of a sum."""

    request = LinkField(N_("Invoice request"), "invoice_request", required=True, cascade=True, aliases=("申请单号",))
    position = IntegerField(N_("Line number"), aliases=("序号",))
    item = TextField(N_("Item on the invoice"), required=True, aliases=("项目名称", "货物名称", "品名"))
    tax_code = TextField(N_("Tax classification code"), scale=19, aliases=("商品和服务税收编码", "税收分类编码", "税收编码"))
    specification = TextField(N_("Specification"), aliases=("规格型号",))
    unit = TextField(N_("Unit"), scale=20, aliases=("单位",))
    quantity = QuantityField(N_("Quantity"), aliases=("数量",))
    price = PriceField(N_("Price with tax"), aliases=("单价", "含税单价"))
    tax_rate = PercentField(N_("Tax rate"), default=Decimal("0.13"), required=True, check=check_tax_rate, remark=rate_remark, aliases=("税率",))
    amount = MoneyField(N_("Amount with tax"), required=True, exact=True, aliases=("金额", "含税金额"))
    tax = MoneyField(N_("Tax amount"), derived=True)
    receivable = LinkField(N_("Receivable"), "receivable", aliases=("应收单号",), way_out=N_("Take it out of the invoice request first"))

    @staticmethod
    def derive(values: dict[str, Any]) -> None:
        """Work out the tax in the amount."""
        amount = values.get("amount")
        if amount is not None:
            _net, values["tax"], _total = line_amounts(Decimal(1), amount, values.get("tax_rate") or Decimal(0), tax_included=True)
