"""The log of prints (打印记录): which document went to which printer, file or address, from which template, when and by whom."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section, View
from desktop_crm.domain.conditions import Where
from desktop_crm.models.fields import ChoiceField, InstantField, IntegerField, LinkField, NoteField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Print log"),
    one=N_("Printed document"),
    icon="printer",
    area="prints",
    title="document",
    sort="printed_at",
    descending=True,
    columns=("document", "label", "way", "target", "copies", "pages", "printed_at", "owner", "number"),
    form=(Section(N_("Printed document"), "document", "label", "number", "way", "target", "copies", "pages", "printed_at", "owner", "note"),),
    filters=("way", "label", "owner", "printed_at"),
    search=("document", "target"),
    views=(
        View("all", N_("All")),
        View("printer", N_("On paper"), Where("way", "eq", "printer")),
        View("email", N_("By e-mail"), Where("way", "eq", "email")),
        View("mine", N_("Mine"), mine=True),
    ),
    totals=("pages",),
    owner="owner",
    state="way",
    aliases=("打印记录", "打印日志"),
)
class PrintLog(Record):
    """One document that left the program; the program writes it, nobody types it.

    `entity` and `record` say of what record it was, as `document` was its title then. `template` is the short name of the template and
    `number` its version, 0 for one that ships. `pages` are those of one copy.
    """

    document = TextField(N_("Document"), derived=True)
    entity = TextField(N_("Kind of record"), scale=60, derived=True)
    record = IntegerField(N_("Record number"), derived=True, index=True)
    template = TextField(N_("Short name of the template"), scale=40, derived=True)
    label = TextField(N_("Template"), scale=100, derived=True)
    number = IntegerField(N_("Version of the template"), derived=True)
    way = ChoiceField(
        N_("Way out"),
        Choice("printer", N_("Printer"), "info"),
        Choice("pdf", N_("PDF file"), "neutral"),
        Choice("email", N_("E-mail"), "success"),
        default="printer",
        derived=True,
    )
    target = TextField(N_("Printed to"), derived=True)
    copies = IntegerField(N_("Number of copies"), derived=True)
    pages = IntegerField(N_("Pages"), derived=True)
    printed_at = InstantField(N_("Printed on"), derived=True, tone="clock")
    owner = LinkField(N_("Printed by"), "user", derived=True)
    note = NoteField(N_("Note"))
