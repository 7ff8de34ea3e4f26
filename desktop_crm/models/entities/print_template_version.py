"""Versions of print templates: what each was when it was published, so that an old document can be printed again as it was."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import InstantField, IntegerField, LinkField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Template versions"),
    one=N_("Template version"),
    icon="history",
    area="paper",
    title="template",
    sort="number",
    descending=True,
    parent="template",
    columns=("number", "published_at", "publisher", "remark"),
    form=(Section(N_("Template version"), "template", "remark"),),
)
class PrintTemplateVersion(Record):
    """A published version; `number` counts from 1 in each template, `body` is its JSON."""

    template = LinkField(N_("Print template"), "print_template", required=True, cascade=True)
    number = IntegerField(N_("Version number"), derived=True)
    published_at = InstantField(N_("Published on"), derived=True)
    publisher = TextField(N_("Published by"), scale=100, derived=True)
    remark = TextField(N_("What changed"), scale=200)
    body = NoteField(N_("Content"), derived=True)
