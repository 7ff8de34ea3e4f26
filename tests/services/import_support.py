"""What the tests of importing and exporting share: a company, files made on the spot, and an import in one call."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Condition
from desktop_crm.models import putting_back
from desktop_crm.services import allocations, contracts, receipts, records
from desktop_crm.services.importing import ImportResult, Options, Source, guess_mapping, mapping_of, open_source, run_import
from desktop_crm.services.session import Session, create_company
from tests.support.prepared import lay

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
RULES = (allocations, contracts, receipts)
"""The modules whose rules every import has to obey."""

Table = Iterable[Any]


@contextmanager
def company(url: str) -> Iterator[Session]:
    session = create_company(lay(url), admin="boss")
    try:
        yield session
    finally:
        session.close()


def workbook(path: Path, rows: Table) -> Path:
    """Write rows as .xlsx: dates as dates, numbers as numbers, texts as texts."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif value is not None:
                sheet.write_number(number, column, value)
    book.close()
    return path


def text_file(path: Path, rows: Table, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def mapped(session: Session, source: Source, **chosen: str) -> dict[int, str]:
    """Return the guessed mapping, with fields chosen for headings."""
    named = dict(zip(source.table.headings, source.table.columns, strict=True))
    return mapping_of(guess_mapping(session, source), {named[heading]: field for heading, field in chosen.items()})


def load(
    session: Session, entity: str, path: Path, chosen: dict[str, str] | None = None, progress: Callable[[int, int], None] = silent, **options: Any
) -> ImportResult:
    """Import a file as guessed; every result's counts must add up."""
    source = open_source(session, entity, path, password="123456")
    result = run_import(session, source, Options(mapped(session, source, **(chosen or {})), **options), progress=progress).result
    assert result.rows == result.added + result.updated + result.skipped + result.refused
    return result


def undo(session: Session, change_set: int | None) -> None:
    assert change_set is not None
    session.write("undo", "undo", lambda: putting_back.undo(session.log, [change_set], session.now))


def everything(session: Session, entity: str, *names: str, condition: Condition = EVERYTHING) -> list[dict[str, Any]]:
    """Return all records of an entity as they were added, links as Ref."""
    spec = session.spec(entity)
    return records.read(session, spec, session.records.ids_where(session.entity(entity), condition), names or list(spec.fields))
