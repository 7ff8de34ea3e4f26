"""Excel: a list written to a workbook beside the bare writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter

from bench.house import Ground, Line, in_turns
from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.services import exporting, records

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(ground: Ground) -> Iterator[Line]:
    """Measure an export to Excel against the same writer fed with rows that are ready."""
    session, folder = ground.session, ground.folder
    spec = session.catalog["customer"]
    query = Query("customer", EVERYTHING, columns=spec.columns)
    ready = [tuple(spec.fields[name].show(row[name]) for name in spec.columns) for row in records.page(session, query, limit=10**9)]

    def floor() -> None:
        book = xlsxwriter.Workbook(folder / "floor.xlsx", {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate(ready):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
        book.close()

    ours, least = in_turns(lambda: exporting.export_list(session, query, folder / "ours.xlsx"), floor, runs=1)
    yield Line("export to Excel", ours, least, note=f"{len(ready):,} rows")
