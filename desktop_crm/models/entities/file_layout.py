"""Layouts of files: how the columns of a file that others make or take go together with what is kept here."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Section
from desktop_crm.models.fields import NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("File layouts"),
    one=N_("File layout"),
    icon="file-spreadsheet",
    area="finance",
    columns=("name", "purpose"),
    form=(Section(N_("File layout"), "name"),),
)
class FileLayout(Record):
    """A remembered layout: `purpose` says of which kind of file, `headings` of which headings (a digest, or empty), `content` is JSON."""

    name = TextField(N_("Name"), required=True, scale=100)
    purpose = TextField(N_("Purpose"), scale=40, index=True)
    headings = TextField(N_("Headings"), scale=64, index=True)
    content = NoteField(N_("Content"), required=True)
