"""Customers (客户): a company or person we sell to."""

from decimal import Decimal

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, SheetSpec, View
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.ledger import check_limit
from desktop_crm.models.fields import (
    ChoiceField,
    CreditCodeField,
    DateField,
    EmailField,
    InstantField,
    IntegerField,
    LastField,
    LinkField,
    MoneyField,
    NoteField,
    NumberField,
    PhoneField,
    Rollup,
    StarsField,
    TextField,
)
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Customers"),
    one=N_("Customer"),
    icon="users",
    group="sales",
    sort="name",
    columns=(
        "name", "status", "level", "owner", "industry", "city", "balance", "prepaid", "overdue", "overdue_days",
        "next_contact", "last_contact", "mobile", "phone", "code",
    ),
    form=(
        Section(N_("Basics"), "name", "short_name", "code", "status", "level", "owner", "source", "industry", "credit_code", "website"),
        Section(N_("Contact details"), "contact_person", "mobile", "phone", "email", "wechat", "fax",
                "country", "province", "city", "district", "address", "postal_code"),
        Section(N_("Finance and credit"), "credit_limit", "payment_terms", "payer", "opening_balance", "tags"),
        Section(N_("Follow-up"), "next_contact", "note"),
    ),
    filters=("status", "level", "owner", "industry", "province", "city", "source", "next_contact", "created_at", "balance"),
    search=("name", "short_name", "code", "mobile", "phone", "contact_person", "credit_code", "address", "wechat"),
    match=("credit_code", "code", "name"),
    mergeable=True,
    views=(
        View("all", N_("All")),
        View("mine", N_("Mine"), mine=True),
        View("this_week", N_("To follow up this week"), Where("next_contact", "period", "this_week")),
        View("unowned", N_("Unowned"), Where("owner", "empty")),
        View("overdue", N_("Overdue"), Where("overdue_days", "filled"), tone="danger"),
    ),
    totals=("balance", "overdue", "prepaid"),
    key_figures=("contract_total", "balance", "overdue", "prepaid", "next_contact", "last_contact"),
    lines=("invoice_title",),
    related=(("contact", "customer"), ("opportunity", "customer"), ("contract", "customer"), ("receivable", "customer"),
             ("receipt", "customer"), ("invoice", "customer")),
    owner="owner",
    state="status",
    aliases=("客户", "客户资料", "客户表", "会员"),
    sheet=SheetSpec(
        ("name", "short_name", "code", "status", "level", "owner", "source", "industry", "credit_code", "contact_person", "mobile", "phone", "email", "wechat",
         "province", "city", "district", "address", "credit_limit", "payment_terms", "tags", "next_contact", "note"),
        example={
            "name": "苏州恒泰机械有限公司", "short_name": "恒泰机械", "code": "KH-00001", "status": "active", "level": 4, "source": "exhibition", "industry": "机械制造",
            "contact_person": "李明", "mobile": "13800138000", "phone": "0512-67891234", "province": "江苏省", "city": "苏州市", "district": "吴中区",
            "address": "东吴北路 88 号", "credit_limit": Decimal(100_000), "payment_terms": "月结30天",
        },
    ),
)
class Customer(Record):
    """A company or person we sell to."""

    name = TextField(N_("Customer name"), required=True, scale=200, aliases=(
        "客户", "客户全称", "公司名称", "单位名称", "企业名称", "名称", "往来单位", "购货单位", "购买方名称", "客户单位", "公司", "会员名称",
        "company", "company name", "companyName", "customer"))
    short_name = TextField(N_("Short name"), scale=100, aliases=("简称", "客户简称"))
    code = NumberField(N_("Customer code"), rule="KH-{seq:5}", aliases=(
        "编号", "客户编码", "客户代码", "客户号", "会员卡号", "customerID", "customer id", "code"))
    status = ChoiceField(
        N_("Customer status"),
        Choice("new", N_("New customer"), "violet", aliases=("新增", "潜在", "潜在客户")),
        Choice("talking", N_("In talks"), "info", aliases=("跟进中", "意向", "意向客户")),
        Choice("active", N_("Active customer"), "success", aliases=("正式客户", "成交", "成交客户", "正常")),
        Choice("paused", N_("Paused"), "neutral", aliases=("暂停", "停用")),
        Choice("lost", N_("Lost customer"), "neutral", aliases=("流失", "无效")),
        default="new",
        index=True,
        aliases=("状态", "客户状态"),
    )
    level = StarsField(N_("Level"), index=True, aliases=("等级", "客户等级", "客户级别", "级别"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "销售", "销售员", "跟进人", "客户经理", "所有者"))
    source = ChoiceField(
        N_("Source"),
        Choice("referral", N_("Referral"), aliases=("老客户介绍", "朋友介绍", "介绍")),
        Choice("visit", N_("Field sales"), aliases=("陌拜", "上门")),
        Choice("exhibition", N_("Exhibition"), aliases=("展览",)),
        Choice("web", N_("Company website"), aliases=("官网", "网站", "网络推广")),
        Choice("phone", N_("Phone call"), aliases=("电话", "电话销售", "来电")),
        Choice("platform", N_("Online shop"), aliases=("阿里巴巴", "1688", "电商平台")),
        Choice("bid", N_("Tender"), aliases=("招标", "投标")),
        Choice("other", N_("Other")),
        aliases=("客户来源", "来源"),
    )
    industry = TextField(N_("Industry"), scale=60, index=True, aliases=("行业", "所属行业"))
    credit_code = CreditCodeField(N_("Unified social credit code"), scale=40, index=True, aliases=(
        "统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "纳税人识别码", "税务登记号"))
    website = TextField(N_("Website"), aliases=("网址", "公司网站", "homePage"))
    contact_person = TextField(N_("Contact person"), scale=100, aliases=("联系人", "主联系人", "联系人姓名", "contactName", "contact"))
    mobile = PhoneField(N_("Mobile"), scale=60, index=True, aliases=("手机", "手机号", "手机号码", "移动电话", "联系手机"))
    phone = PhoneField(N_("Phone"), scale=60, aliases=("电话", "联系电话", "座机", "固定电话", "电话号码", "tel"))
    email = EmailField(N_("E-mail"), aliases=("邮箱", "电子邮箱", "电子邮件"))
    wechat = TextField(N_("WeChat"), scale=60, aliases=("微信", "微信号"))
    fax = TextField(N_("Fax"), scale=60, aliases=("传真",))
    country = TextField(N_("Country"), scale=60, aliases=("国家", "国家/地区"))
    province = TextField(N_("Province"), scale=60, index=True, aliases=("省", "省份", "region"))
    city = TextField(N_("City"), scale=60, index=True, aliases=("城市", "市", "所在城市"))
    district = TextField(N_("District"), scale=60, aliases=("区", "区县", "区/县"))
    address = TextField(N_("Address"), scale=300, aliases=("地址", "公司地址", "详细地址", "联系地址", "单位地址"))
    postal_code = TextField(N_("Postal code"), scale=20, aliases=("邮编", "邮政编码", "postalCode"))
    credit_limit = MoneyField(N_("Credit limit"), exact=True, check=check_limit, hint=N_("Empty or 0 means no limit"), aliases=("信用额度", "授信额度", "赊销额度"))
    payment_terms = TextField(N_("Payment terms"), scale=60, hint=N_("Such as: 月结30天, 季结, 货到30天, 次月25日, 2/10 net 30"), aliases=("结算方式", "账期", "付款条件", "付款方式"))
    payer = LinkField(N_("Paid for by"), "customer", hint=N_("The customer that pays for this one too, such as its head office"), aliases=("付款单位", "结算单位", "结算客户", "集团"))
    opening_balance = MoneyField(N_("Opening receivable"), adds_up=True, exact=True, hint=N_("What the customer owed when you began with this program"), aliases=("期初应收", "期初欠款", "期初余额"))
    tags = TextField(N_("Tags"), aliases=("标签",))
    next_contact = DateField(N_("Next follow-up"), index=True, tone="due", aliases=("下次跟进", "下次联系", "下次跟进日期", "下次跟进时间"))
    note = NoteField(N_("Note"), aliases=("备注", "说明", "客户备注"))
    contract_total = MoneyField(N_("Contracted"), rollup=("contract", "counted", "customer"))
    receivable_total = MoneyField(N_("Receivables"), rollup=("receivable", "amount", "customer"))
    settled_total = MoneyField(N_("Settled"), rollup=("receivable", "settled", "customer"))
    received_total = MoneyField(N_("Received and credited"), rollup=("receipt", "amount", "customer"))
    balance = MoneyField(N_("Receivable balance"), formula="receivable_total - settled_total", index=True)
    # An allocation joins documents of one customer, so what is settled of the receivables is what is allocated of the receipts.
    prepaid = MoneyField(N_("Prepayment"), formula="received_total - settled_total")
    unposted = MoneyField(N_("Contracts not yet receivable"), rollup=("contract", "unposted", "customer"))
    exposure = MoneyField(N_("Credit in use"), formula="receivable_total - received_total + unposted")
    overdue = MoneyField(N_("Overdue"), rollup=Rollup("receivable", "remaining", "customer", before="open_due"), tone="danger")
    oldest_due = LastField(N_("Oldest open due date"), rollup=Rollup("receivable", "open_due", "customer", "least"))
    overdue_days = IntegerField(N_("Days overdue"), since="oldest_due", unit=N_("days"), tone="danger")
    last_contact = InstantField(N_("Last contact"), rollup=Rollup("activity", "happened_at", "customer", "most"))
