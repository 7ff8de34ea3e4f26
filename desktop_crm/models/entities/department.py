"""Departments (部门): whose records their members see follows from them."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import LinkField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Departments"),
    one=N_("Department"),
    icon="network",
    area="admin",
    columns=("name", "parent_department"),
    form=(Section(N_("Basics"), "name", "parent_department"),),
    search=("name",),
    match=("name",),
    mergeable=True,
    related=(("user", "department"),),
)
class Department(Record):
    """A part of the company, possibly inside another one."""

    name = TextField(N_("Department"), required=True, unique=True, aliases=("部门名称", "部门"))
    parent_department = LinkField(N_("Part of"), "department", aliases=("上级部门",))
