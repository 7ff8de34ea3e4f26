"""What a report is: a question with settings, answered by columns and rows, drawn by screens, Excel and the command line alike.

To add a report: a file here whose function is registered with `report`, and its name in `reports/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import Choice, FieldSpec, Ref, Values

if TYPE_CHECKING:
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.domain.kind import Kind
    from desktop_crm.services.session import Session

LONGEST: Final = 200


@dataclass(frozen=True)
class Drill:
    """The records behind a figure: those of `entity` that fulfil `condition`; the reader's rights are added where they are listed."""

    entity: str
    condition: Condition


@dataclass(frozen=True)
class Parameter:
    """One setting of a report: its name, label and kind of value, the entity a link points to, and what it is where nothing is given.

    Without a `default` it must be given, unless it is `optional`.
    """

    key: str
    label: str
    kind: Kind
    link: str = ""
    default: Callable[[Session], Any] | None = None
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    optional: bool = False

    @property
    def title(self) -> str:
        """The label in the language in use."""
        return _(self.label)

    def field(self) -> FieldSpec:
        """Return a field like this setting, for reading and editing it."""
        return FieldSpec(name=self.key, kind=self.kind, label=self.label, link=self.link, choices=self.choices, required=bool(self.choices) and not self.optional, scale=LONGEST)


@dataclass
class Row:
    """One row: raw values by column (links as Ref), and what makes its drills, which are asked of few rows only.

    One that is not `counted`, such as an opening balance, is no record among those the totals count. `under` answers with the rows it
    is made of, for a table that can be folded open. A `replayed` row shows another day than its records do today, so its figures open the rows
    under it, as do those no list of records adds up to.
    """

    values: Values
    behind: Callable[[], dict[str, Drill]] = dict
    counted: bool = True
    under: Callable[[Session], list[Row]] | None = None
    replayed: bool = False

    @property
    def drills(self) -> dict[str, Drill]:
        """The records behind its figures, by column."""
        return self.behind()


@dataclass
class Report:
    """An answer. `settings` are the parameters it was asked with, `facts` single figures such as an opening balance, `notes` what its reader must know.

    A column is a FieldSpec: its ``name`` is the key into the rows, ``title`` its heading, ``show`` the text of a value.
    """

    name: str
    label: str
    settings: Values
    columns: tuple[FieldSpec, ...]
    rows: list[Row]
    totals: Values = field(default_factory=dict)
    total_drills: dict[str, Drill] = field(default_factory=dict)
    facts: Values = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The report's name in the language in use."""
        return _(self.label)


Build = Callable[["Session", Values], Report]
AsData = Callable[[Report], dict[str, Any]]


@dataclass(frozen=True)
class Definition:
    """A registered report: what it asks for, how it is answered, and what of it is written as JSON."""

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    build: Build
    data: AsData

    @property
    def title(self) -> str:
        """The report's name in the language in use."""
        return _(self.label)


REPORTS: Final[dict[str, Definition]] = {}


def column(key: str, label: str, kind: Kind, *, link: str = "", unit: str = "", choices: tuple[Choice, ...] = ()) -> FieldSpec:
    """Return a column of a report; `label` is a marked English text."""
    return FieldSpec(name=key, kind=kind, label=label, link=link, unit=unit, choices=choices)


def plain_data(report: Report) -> dict[str, Any]:
    """Return settings, rows, totals and facts under their names as JSON holds them."""
    return {
        "report": report.name,
        **json_values(report.settings),
        **json_values(report.facts),
        "rows": [json_values({spec.name: row.values.get(spec.name) for spec in report.columns}) for row in report.rows],
        "totals": json_values(report.totals),
    }


def report(name: str, label: str, *parameters: Parameter, data: AsData = plain_data) -> Callable[[Build], Build]:
    """Register the function that answers a report; it is given the session and the value of every parameter."""

    def enter(build: Build) -> Build:
        REPORTS[name] = Definition(name, label, parameters, build, data)
        return build

    return enter


def run(session: Session, name: str, **params: Any) -> Report:
    """Answer the report `name` as this person may see it; parameters left out take their defaults.

    Raises UserError for a report or a parameter there is not, or one that must be given and isn't.
    """
    if name not in REPORTS:
        raise UserError(_("There is no report “{name}”. There are: {names}").format(name=name, names=_(", ").join(REPORTS)))
    definition = REPORTS[name]
    known = {parameter.key for parameter in definition.parameters}
    for key in params:
        if key not in known:
            raise UserError(_("The report {report} has no setting “{setting}”").format(report=definition.title, setting=key))
    settings: Values = {}
    for parameter in definition.parameters:
        value = params.get(parameter.key)
        if value is None and parameter.default is not None:
            value = parameter.default(session)
        if value is None and not parameter.optional:
            raise UserError(_("Choose {setting} for the report {report}").format(setting=parameter.title, report=definition.title), field=parameter.key)
        settings[parameter.key] = value
    return definition.build(session, settings)


def to_json(answer: Report) -> dict[str, Any]:
    """Return a report as JSON holds it: amounts as decimal texts, dates as ISO texts, links as their titles."""
    return REPORTS[answer.name].data(answer)


def json_values(values: Values) -> dict[str, Any]:
    """Return each of `values` as JSON holds it."""
    return {key: json_value(value) for key, value in values.items()}


def json_value(value: Any) -> Any:
    """Return one value as JSON holds it."""
    if isinstance(value, Ref):
        return value.title
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
