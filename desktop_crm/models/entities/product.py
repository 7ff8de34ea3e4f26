"""Products (产品) with their price list data."""

from __future__ import annotations

from decimal import Decimal

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section, SheetSpec, View
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.rates import check_tax_rate, rate_remark
from desktop_crm.models.fields import BooleanField, NoteField, NumberField, PercentField, PriceField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Products"),
    one=N_("Product"),
    icon="package",
    group="deals",
    area="common",
    sort="code",
    columns=("code", "name", "specification", "category", "unit", "price", "tax_rate", "cost", "active"),
    form=(
        Section(N_("Basics"), "name", "code", "specification", "category", "unit", "brand", "barcode", "active"),
        Section(N_("Prices"), "price", "tax_rate", "tax_code", "cost"),
        Section(N_("Details"), "note"),
    ),
    filters=("category", "tax_rate", "active"),
    search=("name", "code", "specification", "barcode", "brand"),
    match=("code", "name"),
    mergeable=True,
    views=(View("active", N_("On sale"), Where("active", "eq", value=True)), View("all", N_("All"))),
    related=(("contract_line", "product"),),
    aliases=("产品", "商品", "物料", "存货"),
    sheet=SheetSpec(
        ("code", "name", "specification", "category", "unit", "brand", "price", "tax_rate", "barcode", "tax_code", "note"),
        example={"code": "CP-001", "name": "不锈钢法兰", "specification": "DN50 PN16", "unit": "个", "price": Decimal("45.5"), "tax_rate": Decimal("0.13")},
    ),
)
class Product(Record):
    """Something we sell."""

    code = NumberField(N_("Product code"), rule="CP-{seq:5}", aliases=("产品编码", "产品编号", "商品编码", "编码", "货号", "物料编码", "productID"))
    name = TextField(N_("Product name"), required=True, aliases=("产品", "名称", "品名", "商品名称", "物料名称", "货物名称", "productName"))
    specification = TextField(N_("Specification"), aliases=("规格", "型号", "规格型号", "quantityPerUnit"))
    category = TextField(N_("Category"), scale=100, index=True, aliases=("类别", "分类", "产品类别", "categoryID"))
    unit = TextField(N_("Unit"), scale=20, aliases=("单位", "计量单位", "基本单位"))
    brand = TextField(N_("Brand"), scale=60, aliases=("品牌",))
    barcode = TextField(N_("Bar code"), scale=60, aliases=("条码", "条形码", "基本条码", "商品条码"))
    tax_code = TextField(N_("Tax classification code"), scale=19, aliases=("税收分类编码", "商品和服务税收编码", "税收编码"))
    price = PriceField(N_("Price with tax"), aliases=("含税单价", "单价", "售价", "零售价", "销售价", "unitPrice"))
    tax_rate = PercentField(N_("Tax rate"), default=Decimal("0.13"), check=check_tax_rate, remark=rate_remark, aliases=("税率", "税率(%)"))
    cost = PriceField(N_("Cost"), sensitive=True, aliases=("成本", "成本价", "采购价", "进价"))
    active = BooleanField(N_("On sale"), default=True, aliases=("在售", "启用"))
    note = NoteField(N_("Note"), aliases=("备注",))
