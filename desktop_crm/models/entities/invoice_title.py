"""Invoice titles (开票信息): the data a customer's VAT invoices are made out to; a customer may have several."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import BooleanField, CreditCodeField, LinkField, PhoneField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Invoice titles"),
    one=N_("Invoice title"),
    icon="receipt",
    title="title",
    parent="customer",
    columns=("title", "tax_number", "address", "phone", "bank", "account", "preferred"),
    form=(Section(N_("Invoice title"), "customer", "title", "tax_number", "address", "phone", "bank", "account", "preferred"),),
    search=("title", "tax_number"),
    match=("tax_number", "title"),
    aliases=("开票信息", "开票资料"),
)
class InvoiceTitle(Record):
    """Name, tax number, address, phone, bank and account of a buyer."""

    customer = LinkField(N_("Customer"), "customer", required=True, cascade=True, aliases=("客户名称", "单位名称"))
    title = TextField(N_("Invoice title"), required=True, aliases=("发票抬头", "抬头", "购买方名称", "开票名称"))
    tax_number = CreditCodeField(N_("Tax number"), scale=40, aliases=("税号", "纳税人识别号", "统一社会信用代码"))
    address = TextField(N_("Registered address"), scale=300, aliases=("注册地址", "开票地址", "地址"))
    phone = PhoneField(N_("Phone"), scale=60, aliases=("电话", "开票电话"))
    bank = TextField(N_("Bank"), aliases=("开户行", "开户银行"))
    account = TextField(N_("Account number"), scale=60, aliases=("银行账号", "账号", "银行帐号"))
    preferred = BooleanField(N_("Preferred"), aliases=("默认",))
