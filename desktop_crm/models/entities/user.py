"""Users (用户): who signs in, and what their role lets them do. Passwords are kept apart from the records."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section
from desktop_crm.models.fields import BooleanField, ChoiceField, EmailField, LinkField, PhoneField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Users"),
    one=N_("User"),
    icon="users-round",
    area="admin",
    columns=("name", "login", "role", "department", "phone", "active"),
    form=(Section(N_("Basics"), "name", "login", "role", "department"), Section(N_("Contact details"), "phone", "email", "active")),
    filters=("role", "department", "active"),
    search=("name", "login", "phone"),
    match=("login", "name"),
    state="role",
)
class User(Record):
    """Somebody who works with the program."""

    name = TextField(N_("Name"), required=True, scale=60, aliases=("姓名", "员工姓名", "业务员"))
    login = TextField(N_("Sign-in name"), required=True, unique=True, scale=60, aliases=("账号", "登录名", "用户名"))
    role = ChoiceField(
        N_("Role"),
        Choice("admin", N_("Administrator"), "violet"),
        Choice("manager", N_("Manager"), "info"),
        Choice("sales", N_("Sales"), "success"),
        Choice("finance", N_("Finance"), "teal"),
        Choice("viewer", N_("Read only"), "neutral"),
        required=True,
        default="sales",
        aliases=("角色", "职务"),
    )
    department = LinkField(N_("Department"), "department", aliases=("所属部门",))
    phone = PhoneField(N_("Phone"), scale=60, aliases=("手机", "电话"))
    email = EmailField(N_("E-mail"), aliases=("邮箱",))
    active = BooleanField(N_("Active"), default=True, aliases=("启用", "在职"))
