"""What a report shows above its table: key figures, and for the aging its columns and the largest debtors.

A report without an entry here shows its totals.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _, current_language, ngettext
from desktop_crm.domain.kinds import MONEY
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.collection import Collection, collection
from desktop_crm.ui.kit.cell_model import NOTHING, Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.charts import Mark
from desktop_crm.ui.show import KINDS, NUMBERS, pills, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.reports import Report, Row
    from desktop_crm.services.session import Session

ZERO: Final = Decimal(0)
AGES: Final = ("c2", "c1", "c3", "c4", "c5")
TEN_THOUSAND: Final = 10_000
THOUSAND: Final = 1_000
LARGEST: Final = 5
SHARE: Final = "overdue_share"


@dataclass(frozen=True)
class Figure:
    """One key figure: what it is, its text, a remark, a colour role."""

    label: str
    value: str
    remark: str = ""
    role: str = "text"


@dataclass(frozen=True)
class Look:
    """What stands above the table: figures, the columns of the chart by amount and by `counts`, the largest debtors.

    `collected` asks for the days sales outstanding, which the last figure shows once they are there.
    """

    figures: Sequence[Figure] = ()
    columns: Sequence[Mark] = ()
    largest: Sequence[Mark] = field(default=())
    counts: Sequence[Mark] = ()
    collected: Callable[[Session], Collection] | None = None


def yuan(amount: Decimal) -> str:
    """Return an amount as it stands by itself."""
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,.2f}"


def _counted(count: int) -> str:
    return ngettext("{count} receivable", "{count} receivables", count).format(count=f"{count:,}")


def axis(value: float) -> str:
    """Write an axis value, above ten thousand in units of ten thousand (万) where Chinese is read, of a thousand elsewhere."""
    if value < TEN_THOUSAND:
        return f"{value:,.0f}"
    return _("{count} × 10k").format(count=f"{value / TEN_THOUSAND:,.4g}") if current_language().startswith("zh") else f"{value / THOUSAND:,.4g}k"


def buckets(report: Report) -> list[FieldSpec]:
    """Return the columns of an aging: what is not due yet, then each bucket."""
    return [spec for spec in report.columns if spec.name == "current" or spec.name.startswith("overdue_")]


def overdue_of(values: dict[str, Decimal], report: Report) -> Decimal:
    """Return the sum of the buckets that are overdue."""
    return sum((values[spec.name] for spec in buckets(report)[1:]), ZERO)


def _aging(report: Report) -> Look:
    totals, balance = report.totals, report.totals["balance"]
    overdue = overdue_of(totals, report)
    specs = buckets(report)
    count = sum(totals[f"count_{spec.name}"] for spec in specs)
    ahead = _("{amount} prepaid").format(amount=yuan(totals["prepaid"])) if totals["prepaid"] else ""
    figures = [
        Figure(_("Receivables in total"), yuan(balance), " · ".join(part for part in (_counted(int(count)), ahead) if part)),
        Figure(_("Overdue in total"), yuan(overdue), _("{percent} of all").format(percent=_percent(overdue, balance)), "danger" if overdue else "text"),
        Figure(_("Average days to collect (DSO)"), "…"),
    ]
    marks = [
        Mark(spec.name, column_title(spec), totals[spec.name], f"{totals[spec.name]:,.2f}", _age(place, len(specs)), _percent(totals[spec.name], balance))
        for place, spec in enumerate(specs)
    ]
    counts = [replace(mark, value=totals[f"count_{mark.key}"], text=f"{totals[f'count_{mark.key}']:,}", note="") for mark in marks]
    by = report.settings["by"]
    worst = sorted(((overdue_of(row.values, report), row) for row in report.rows if row.values[by] is not None), key=lambda pair: -pair[0])[:LARGEST]
    largest = [Mark(str(int(row.values[by])), row.values[by].title, sum_, f"{sum_:,.2f}", "danger") for sum_, row in worst if sum_ > 0]
    as_of, chosen = report.settings["as_of"], narrowed(report.settings)
    return Look(figures, marks, largest, counts, lambda session: collection(session, as_of, chosen))


def collection_figure(found: Collection) -> Figure:
    """Return the days sales outstanding as a figure, with how they changed within a month."""
    label = _("Average days to collect (DSO)")
    if found.days is None:
        return Figure(label, "—", _("nothing was charged in 90 days"))
    value = _("{count} days").format(count=found.days)
    if found.before is None:
        return Figure(label, value)
    change = found.days - found.before
    sign = "▲" if change > 0 else "▼"
    return Figure(label, value, _("a month ago {days}, {sign} {change}").format(days=found.before, sign=sign, change=abs(change)) if change else _("as a month ago"))


def _age(place: int, count: int) -> str:
    """Return the colour of a bucket: the first is not due, the last the oldest."""
    return AGES[0] if place == 0 else AGES[-1] if place == count - 1 else AGES[min(place, len(AGES) - 2)]


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _overdue(report: Report) -> Look:
    remaining = report.totals["remaining"]
    customers = {int(row.values["customer"]) for row in report.rows}
    longest = max((row.values["days"] for row in report.rows), default=0)
    return Look([
        Figure(_("Overdue in total"), yuan(remaining), "", "danger" if remaining else "text"),
        Figure(_("Overdue receivables"), f"{len(report.rows):,}", _("{count} customers").format(count=len(customers))),
        Figure(_("Longest overdue"), _("{count} days").format(count=longest) if longest else "—", report.rows[0].values["customer"].title if report.rows else ""),
    ])


def _statement(report: Report) -> Look:
    facts = report.facts
    if not facts:
        return Look()
    return Look([
        Figure(_("Opening balance"), yuan(facts["opening"])),
        Figure(_("Increase"), yuan(facts["increases"])),
        Figure(_("Decrease"), yuan(facts["decreases"])),
        Figure(_("Closing balance"), yuan(facts["closing"]), facts.get("closing_words", ""), "danger" if facts["closing"] > 0 else "text"),
    ])


def _due(report: Report) -> Look:
    if not report.facts:
        return Look()
    late, coming = report.facts["overdue"], report.facts["coming"]
    return Look([
        Figure(_("Overdue in total"), yuan(late), _counted(sum(row.values["days"] > 0 for row in report.rows)), "danger" if late else "text"),
        Figure(_("Falls due in {count} days").format(count=report.settings["ahead"]), yuan(coming), _counted(sum(row.values["days"] <= 0 for row in report.rows))),
        Figure(_("Promised"), f"{sum(row.values['promised'] is not None for row in report.rows):,}"),
    ])


def _invoiced(report: Report) -> Look:
    totals = report.totals
    figures = [Figure(_("Contract total"), yuan(totals["total"]), _("{count} contracts").format(count=f"{len(report.rows):,}"))]
    for name, label in (("delivered", _("Delivered")), ("invoiced", _("Invoiced")), ("received", _("Received"))):
        figures.append(Figure(label, yuan(totals[name]), _percent(totals[name], totals["total"])))
    return Look(figures)


LOOKS: Final[dict[str, Callable[[Report], Look]]] = {
    "aging": _aging, "overdue": _overdue, "due": _due, "statement": _statement, "ledger": _statement, "invoiced": _invoiced,
}
EMPTY: Final[dict[str, str]] = {
    "overdue": N_("Nothing is overdue"), "aging": N_("Nobody owes anything on this day"), "statement": N_("Nothing happened in this period"),
    "due": N_("Nothing falls due in this time"), "ledger": N_("Nothing happened in this period"), "statements": N_("No customer owes anything or had a document in this period"),
    "receipts": N_("Nothing came in during this period"), "invoiced": N_("There are no such contracts"), "dunning": N_("Nothing is overdue"),
}


def look_of(report: Report) -> Look:
    """Return what stands above the table of a report."""
    if report.name in LOOKS:
        return LOOKS[report.name](report)
    return Look([Figure(spec.title, _by_itself(spec, report.totals[spec.name])) for spec in report.columns if spec.name in report.totals])


def _by_itself(spec: FieldSpec, total: Any) -> str:
    return yuan(total) if spec.kind is MONEY and total is not None else spec.show(total)


def column_title(spec: FieldSpec) -> str:
    """Return a column's heading; the buckets of an aging are days."""
    return _("{range} days").format(range=spec.title) if spec.name.startswith("overdue_") else spec.title


def column_kind(spec: FieldSpec, place: int) -> Kind:
    """Return how a column of a report is drawn."""
    if spec.choices:
        return Kind.PILL if pills(spec) else Kind.TEXT
    return Kind.NAME if place == 0 and spec.link else KINDS.get(spec.kind.name, Kind.TEXT)


def cells_of(report: Report, row: Row, today: date) -> list[Shown]:
    """Return the cells of a row; old debts stand out."""
    specs = buckets(report) if report.name == "aging" else []
    tones = {spec.name: _bucket_tone(place, len(specs)) for place, spec in enumerate(specs)}
    late = report.name in {"overdue", "dunning"} or (report.name == "due" and row.values["days"] > 0)
    tones |= {"days": "danger", "remaining": "danger"} if late else {}
    cells = [_toned(shown(spec, row.values.get(spec.name), today), tones.get(spec.name, ""), bold=spec.kind.name in NUMBERS) for spec in report.columns]
    if row.under is None and report.rows and report.rows[0].under is not None:
        cells[0] = _document(row)
    elif report.name == "aging":
        cells[0] = cells[0] if cells[0].text else Shown(_("Not assigned"), "text2")
        overdue, balance = overdue_of(row.values, report), row.values["balance"]
        share = overdue / balance if balance > 0 and overdue > 0 else ZERO
        tone = "danger" if share >= Decimal("0.4") else "warn"
        cells.append(Shown(f"{share:.0%}", tone, value=float(share), raw=f"{share:.4f}") if share else NOTHING)
    return cells


def _document(row: Row) -> Shown:
    """Return a receivable under its customer: what it is, and when it is due; or a receipt: when it came in."""
    title = next(value for value in row.values.values() if isinstance(value, str))
    if "received_on" in row.values:
        when = _("received {day}").format(day=row.values["received_on"].isoformat())
        return Shown(f"{title}　{when}", "success", raw=title, tip=title)
    days = row.values["days"]
    when = _("{count} days overdue").format(count=days) if days > 0 else _("due {day}").format(day=row.values["due"].isoformat())
    return Shown(f"{title}　{when}", "danger" if days > 0 else "accent", raw=title, tip=title)


def _bucket_tone(place: int, count: int) -> str:
    return "" if place <= 1 else "danger" if place == count - 1 else "warn"


def _toned(cell: Shown, tone: str, *, bold: bool) -> Shown:
    return cell._replace(tone=tone, bold=bold and tone == "danger") if tone and cell.text and not cell.tone else cell
