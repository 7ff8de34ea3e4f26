"""Custom fields (自定义字段): what a company keeps of its records beside what the program ships with."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section
from desktop_crm.models.fields import BooleanField, ChoiceField, IntegerField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Custom fields"),
    one=N_("Custom field"),
    icon="columns-3",
    title="label",
    area="fields",
    sort="position",
    columns=("label", "kind", "entity", "required", "listed", "retired"),
    form=(Section(N_("Custom field"), "label", "kind", "choices", "required", "listed", "sensitive", "hint", "section"),),
)
class CustomField(Record):
    """A field of a company's own: `name` is its column in the table of `entity`, given once; `choices` are a line each; a `retired` field is hidden and keeps its values."""

    name = TextField(N_("Column"), required=True, unique=True, scale=60)
    entity = TextField(N_("List"), required=True, scale=60)
    label = TextField(N_("Field name"), required=True, scale=60)
    kind = ChoiceField(
        N_("Kind of field"),
        Choice("text", N_("One line of text")),
        Choice("note", N_("Several lines of text")),
        Choice("quantity", N_("Figure")),
        Choice("money", N_("Amount")),
        Choice("date", N_("Date")),
        Choice("boolean", N_("Yes or no")),
        Choice("choice", N_("One of several choices")),
        Choice("customer", N_("Link to a customer")),
        Choice("user", N_("Link to a user")),
        required=True,
        default="text",
    )
    choices = NoteField(N_("Choices"), hint=N_("One choice a line"))
    required = BooleanField(N_("Required"))
    listed = BooleanField(N_("Shown in the list"), default=True)
    sensitive = BooleanField(N_("Hidden from sales people and viewers"))
    hint = TextField(N_("Help text"))
    section = TextField(N_("Section of the form"), scale=60, hint=N_("Empty: a section of its own at the end"))
    position = IntegerField(N_("Place in the order"))
    retired = BooleanField(N_("Retired"))
