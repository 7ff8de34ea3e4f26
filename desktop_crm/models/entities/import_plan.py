"""Import plans: how the columns of a list went to the fields of an entity, kept for the next list with the same headings."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import BooleanField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Import plans"),
    one=N_("Import plan"),
    icon="bookmark-plus",
    area="own",
    columns=("name", "entity"),
    form=(Section(N_("Import plan"), "name"),),
)
class ImportPlan(Record):
    """A plan: `entity` says for which list, `headings` for which headings (a digest), `content` is JSON; what is `remembered` nobody saved by hand."""

    name = TextField(N_("Name"), required=True, scale=100)
    entity = TextField(N_("List"), required=True, scale=60, index=True)
    headings = TextField(N_("Headings"), scale=64, index=True)
    content = NoteField(N_("Content"), required=True)
    remembered = BooleanField(N_("Remembered by itself"))
