"""Contract lines (合同明细): a product, its quantity and price, and the tax in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section, SheetSpec
from desktop_crm.domain.money import line_amounts
from desktop_crm.domain.rates import check_tax_rate, rate_remark
from desktop_crm.models.fields import DiscountField, IntegerField, LinkField, MoneyField, PercentField, PriceField, QuantityField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Contract lines"),
    one=N_("Contract line"),
    icon="list",
    title="product_name",
    parent="contract",
    sort="position",
    columns=("product_code", "product_name", "specification", "unit", "quantity", "price", "discount", "tax_rate", "net", "tax", "total"),
    form=(Section(N_("Contract line"), "contract", "product", "product_code", "product_name", "specification", "unit", "quantity", "price", "discount", "tax_rate", "note"),),
    search=("product_name", "product_code"),
    totals=("quantity", "net", "tax", "total"),
    aliases=("合同明细", "产品明细", "订单明细"),
    sheet=SheetSpec(
        ("contract", "position", "product_code", "product_name", "specification", "unit", "quantity", "price", "discount", "tax_rate", "note"),
        example={
            "contract": "HT-2026-0001", "position": 1, "product_code": "CP-001", "product_name": "不锈钢法兰", "specification": "DN50 PN16", "unit": "个",
            "quantity": Decimal(200), "price": Decimal("45.5"), "tax_rate": Decimal("0.13"),
        },
    ),
)
class ContractLine(Record):
    """One line of a contract; its price includes tax, and net and tax are rounded on the line (half up)."""

    contract = LinkField(N_("Contract"), "contract", required=True, cascade=True, aliases=("合同编号", "合同号", "订单号", "orderID"))
    position = IntegerField(N_("Line number"), aliases=("序号", "行号"))
    product = LinkField(N_("Product"), "product", aliases=("productID",), fills={
        "product_code": "code", "product_name": "name", "specification": "specification", "unit": "unit", "price": "price", "tax_rate": "tax_rate"})
    product_code = TextField(N_("Product code"), scale=60, aliases=("产品编码", "货号"))
    product_name = TextField(N_("Product name"), required=True, aliases=("产品名称", "品名", "商品名称", "货物名称"))
    specification = TextField(N_("Specification"), aliases=("规格", "规格型号"))
    unit = TextField(N_("Unit"), scale=20, aliases=("单位",))
    quantity = QuantityField(N_("Quantity"), required=True, default=Decimal(1), aliases=("数量",))
    price = PriceField(N_("Price with tax"), required=True, aliases=("含税单价", "单价", "unitPrice"))
    discount = DiscountField(N_("Discount rate"), default=Decimal(1), aliases=("折扣率", "折扣"), opposites=("discount", "discount off", "折让率", "优惠率", "让利率"))
    tax_rate = PercentField(N_("Tax rate"), default=Decimal("0.13"), check=check_tax_rate, remark=rate_remark, aliases=("税率",))
    net = MoneyField(N_("Net amount"), derived=True, aliases=("不含税金额",))
    tax = MoneyField(N_("Tax amount"), derived=True, aliases=("税额",))
    total = MoneyField(N_("Total with tax"), derived=True, aliases=("价税合计", "含税金额", "金额"))
    note = TextField(N_("Note"), aliases=("备注",))
    invoiced = MoneyField(N_("Invoiced"), rollup=("invoice_cover", "amount", "contract_line"))
    uninvoiced = MoneyField(N_("Not yet invoiced"), formula="COALESCE(total, 0) - invoiced")

    @staticmethod
    def derive(values: dict[str, Any]) -> None:
        """Work out net, tax and total of the line from its quantity, price, discount and rate."""
        quantity, price = values.get("quantity"), values.get("price")
        if quantity is None or price is None:
            values["net"] = values["tax"] = values["total"] = Decimal("0.00")
            return
        discount = Decimal(1) if values.get("discount") is None else values["discount"]
        rate = values.get("tax_rate") or Decimal(0)
        values["net"], values["tax"], values["total"] = line_amounts(quantity, price, rate, tax_included=True, discount=discount)
