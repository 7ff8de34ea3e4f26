"""The company that uses the program: what its printed documents and number rules say."""

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice, Section
from desktop_crm.models.fields import ChoiceField, CreditCodeField, DateField, EmailField, IntegerField, PhoneField, TextField
from desktop_crm.models.registry import Record, register


@register(
    label=N_("Company profile"),
    one=N_("Company profile"),
    icon="building-2",
    area="admin",
    columns=("name", "phone", "tax_number"),
    form=(
        Section(N_("Company details"), "name", "tax_number", "phone", "email", "address"),
        Section(N_("Bank"), "bank", "account"),
        Section(N_("Credit"), "credit_control"),
    ),
)
class Company(Record):
    """The one row that describes our own company."""

    name = TextField(N_("Company name"), required=True, aliases=("公司名称",))
    tax_number = CreditCodeField(N_("Tax number"), scale=40)
    phone = PhoneField(N_("Phone"), scale=60)
    email = EmailField(N_("E-mail"))
    address = TextField(N_("Address"), scale=300)
    bank = TextField(N_("Bank"))
    account = TextField(N_("Account number"), scale=60)
    credit_control = ChoiceField(
        N_("Beyond the credit limit"),
        Choice("warn", N_("Warn")),
        Choice("hold", N_("Refuse")),
        Choice("off", N_("Do nothing")),
        default="warn",
        required=True,
        hint=N_("What happens when a contract or receivable takes a customer beyond its credit limit"),
    )
    closed_through = DateField(N_("Books closed through"), derived=True)
    history_months = IntegerField(N_("Keep history for (months)"), hint=N_("Empty keeps it for ever"))
    history_from = DateField(N_("History begins on"), derived=True)
