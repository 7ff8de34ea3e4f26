"""Reports as workbooks for Excel and WPS, with real numbers and dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import FieldSpec, Ref
from desktop_crm.services.exporting import cell_of, column_of
from desktop_crm.services.workbooks.writer import write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.reports.base import Report

def export(report: Report, path: Path, progress: Callable[[int], None] | None = None) -> int:
    """Write a report as .xlsx, or as .csv by the name, with its totals, and return the number of rows.

    Raises UserError where the file can't be written.
    """
    columns = [column_of(spec) for spec in report.columns]
    totals = _total_cells(report) if report.totals else None
    if path.suffix.casefold() == ".csv":
        return write_csv(path, columns, _cells(report), totals=totals, progress=progress)
    title = "    ".join([heading(report), *report.notes])
    return write_xlsx(path, columns, _cells(report), title=title, totals=totals, progress=progress)


def heading(report: Report) -> str:
    """Return the report's name with whom and which days it is about."""
    about = [value.title if isinstance(value, Ref) else value.isoformat() for value in report.settings.values() if isinstance(value, (Ref, date))]
    return " ".join([report.title, *about])


def about(report: Report) -> str:
    """Return whom and which days a report is about, and what its reader must know."""
    return "　".join(part for part in (heading(report).removeprefix(report.title).strip(), *report.notes) if part)


def texts(report: Report) -> list[list[str]]:
    """Return the rows as a reader sees them."""
    return [_texts_of(report.columns, row.values) for row in report.rows]


def total_texts(report: Report) -> list[str]:
    """Return the totals as a reader sees them, the word in the first cell that is free; empty where there are none."""
    found = _texts_of(report.columns, report.totals)
    return [found[0] or _("Total"), *found[1:]] if report.totals else []


def _texts_of(columns: Sequence[FieldSpec], values: Values) -> list[str]:
    return [value.title if isinstance(value, Ref) else spec.show(value) for spec, value in ((spec, values.get(spec.name)) for spec in columns)]


def _cells(report: Report) -> Iterator[list[object]]:
    for row in report.rows:
        yield _line(report.columns, row.values)


def _total_cells(report: Report) -> list[object]:
    cells = _line(report.columns, report.totals)
    # Totals stand to the right of the texts, so the first cell is free for the word.
    return [_("Total") if cells[0] is None else cells[0], *cells[1:]]


def _line(columns: Sequence[FieldSpec], values: Values) -> list[object]:
    return [_cell(spec, values.get(spec.name)) for spec in columns]


def _cell(spec: FieldSpec, value: Any) -> object:
    return value.title if isinstance(value, Ref) else cell_of(spec, value)
