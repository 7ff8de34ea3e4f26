"""Print templates (打印模板): the company's own documents on paper, and its own way with those that ship."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import BooleanField, IntegerField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Print templates"),
    one=N_("Print template"),
    icon="file-text",
    area="paper",
    title="label",
    sort="label",
    columns=("label", "prints", "paper", "number", "active", "name"),
    form=(Section(N_("Print template"), "label", "active", "prints", "paper", "number", "name"),),
    filters=("prints", "active"),
    search=("label", "name"),
)
class PrintTemplate(Record):
    """A template of the company: what is published stands in its version `number` (0: nothing is), what is being changed in `draft`.

    `name` is what the program knows it by; a shipped template of the same name stands back behind it. `prints` is the entity or report it
    takes its values from, `base` the template it was started from. `draft` is JSON, empty where nothing is unpublished.
    """

    label = TextField(N_("Template name"), required=True, scale=100)
    name = TextField(N_("Short name"), scale=40, index=True, derived=True)
    prints = TextField(N_("Prints"), scale=60, index=True, derived=True)
    paper = TextField(N_("Paper"), scale=60, derived=True)
    number = IntegerField(N_("Published version"), derived=True)
    active = BooleanField(N_("In use"), default=True)
    base = TextField(N_("Started from"), scale=40, derived=True)
    draft = NoteField(N_("Draft"), derived=True)
