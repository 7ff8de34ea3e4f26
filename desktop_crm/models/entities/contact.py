"""Contacts (联系人): the people at a customer."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, SheetSpec, View
from desktop_crm.models.fields import BooleanField, ChoiceField, DateField, EmailField, LinkField, NoteField, PhoneField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Contacts"),
    one=N_("Contact"),
    icon="contact",
    group="sales",
    columns=("name", "customer", "position", "role", "mobile", "phone", "wechat", "email", "birthday", "owner"),
    form=(
        Section(N_("Basics"), "name", "customer", "position", "role", "gender", "owner"),
        Section(N_("Contact details"), "mobile", "mobile2", "phone", "email", "wechat", "qq", "address"),
        Section(N_("Personal"), "birthday", "lunar_birthday", "preferred", "note"),
    ),
    filters=("customer", "role", "owner"),
    search=("name", "mobile", "mobile2", "phone", "wechat", "email", "position"),
    match=("mobile", "name"),
    mergeable=True,
    views=(View("all", N_("All")), View("mine", N_("Mine"), mine=True)),
    related=(("activity", "contact"), ("opportunity", "contact")),
    owner="owner",
    aliases=("联系人", "通讯录"),
    sheet=SheetSpec(
        ("name", "customer", "position", "role", "gender", "mobile", "phone", "email", "wechat", "birthday", "note"),
        example={"name": "李明", "customer": "苏州恒泰机械有限公司", "position": "采购经理", "gender": "male", "mobile": "13800138000", "wechat": "liming_ht"},
    ),
)
class Contact(Record):
    """Somebody at a customer."""

    name = TextField(N_("Contact name"), required=True, scale=100, aliases=("姓名", "联系人", "联系人姓名", "名字", "name", "full name", "contactName"))
    customer = LinkField(N_("Customer"), "customer", aliases=("客户名称", "公司", "公司名称", "单位", "单位名称", "所属客户", "company", "companyName", "organization"))
    position = TextField(N_("Job title"), scale=100, aliases=("职务", "职位", "position", "title", "contactTitle", "job title"))
    role = ChoiceField(
        N_("Role in the deal"),
        Choice("decides", N_("Decides"), "violet", aliases=("决策者", "决策人", "老板")),
        Choice("buys", N_("Buys"), "info", aliases=("采购", "采购人")),
        Choice("uses", N_("Uses"), "neutral", aliases=("使用者", "使用人", "技术")),
        Choice("pays", N_("Pays"), "teal", aliases=("财务", "付款人")),
        Choice("influences", N_("Influences"), "warn", aliases=("影响者",)),
        aliases=("角色", "联系人角色"),
    )
    gender = ChoiceField(N_("Gender"), Choice("male", N_("Male"), aliases=("先生",)), Choice("female", N_("Female"), aliases=("女士",)), aliases=("性别",))
    mobile = PhoneField(N_("Mobile"), scale=60, index=True, aliases=("手机", "手机号", "手机号码", "移动电话", "cell"))
    mobile2 = PhoneField(N_("Second mobile"), scale=60, aliases=("手机2", "备用手机", "其他手机"))
    phone = PhoneField(N_("Phone"), scale=60, aliases=("电话", "座机", "办公电话", "联系电话"))
    email = EmailField(N_("E-mail"), aliases=("邮箱", "电子邮箱", "电子邮件"))
    wechat = TextField(N_("WeChat"), scale=60, aliases=("微信", "微信号"))
    qq = TextField(N_("QQ"), scale=40, aliases=("QQ号",))
    address = TextField(N_("Address"), scale=300, aliases=("地址", "联系地址"))
    birthday = DateField(N_("Birthday"), aliases=("生日", "出生日期", "birthDate"))
    lunar_birthday = BooleanField(N_("Lunar birthday"), aliases=("农历", "农历生日"))
    preferred = BooleanField(N_("Main contact"), aliases=("主联系人", "首要联系人"))
    owner = LinkField(N_("Owner"), "user", aliases=("负责人", "业务员", "跟进人"))
    note = NoteField(N_("Note"), aliases=("备注",))
