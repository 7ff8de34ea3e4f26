"""Saved views: the lists a user has put together and kept."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import IntegerField, LinkField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Saved views"),
    one=N_("Saved view"),
    icon="bookmark-plus",
    area="own",
    columns=("name", "entity", "owner"),
    form=(Section(N_("Saved view"), "name"),),
    owner="owner",
)
class SavedView(Record):
    """A list's condition, order and columns as JSON, under a name, for one user."""

    entity = TextField(N_("List"), required=True, scale=60, index=True)
    name = TextField(N_("Name"), required=True, scale=60)
    content = NoteField(N_("Content"), required=True)
    position = IntegerField(N_("Position"))
    owner = LinkField(N_("Owner"), "user")
