"""Rows that stay in a file: the same as a list, of which few are in memory, and nothing left behind."""

from __future__ import annotations

import gc
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from desktop_crm.services.workbooks import parts, spool
from desktop_crm.services.workbooks.spool import AT_ONCE, HELD, Spool, SpooledRows, write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.workbooks.cells import Cell

COUNT = AT_ONCE * (HELD + 5) + 7


def _rows(count: int) -> list[list[Cell]]:
    return [[f"甲{number}", Decimal(number), None] if number % 3 else [] for number in range(1, count + 1)]


def _spooled(folder: Path, rows: list[list[Cell]], *, equally_long: bool = True) -> SpooledRows:
    path = folder / "answer"
    with path.open("wb") as out:
        done = write_rows(out, [list(row) for row in rows])
    return SpooledRows(Spool(path), done.places, done.count, done.width if equally_long else 0)


def test_rows_are_those_that_were_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    rows = _rows(COUNT)
    spooled = _spooled(tmp_path / "a", [*rows, [], [None]])
    expected = [[*row[:2], *[None] * (2 - len(row[:2]))] for row in rows]
    while expected and not any(expected[-1]):
        expected.pop()
    assert list(spooled) == expected
    assert len(spooled) == len(expected)
    assert [spooled[0], spooled[-1], spooled[AT_ONCE]] == [expected[0], expected[-1], expected[AT_ONCE]]
    assert spooled[AT_ONCE - 2 : AT_ONCE + 2] == expected[AT_ONCE - 2 : AT_ONCE + 2]
    with pytest.raises(IndexError):
        spooled[len(expected)]


def test_only_some_pieces_are_in_memory_and_the_file_goes_with_its_rows(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    spooled = _spooled(folder, _rows(COUNT), equally_long=False)
    assert sum(1 for _row in spooled) == COUNT
    assert len(spooled._held) == HELD
    del spooled
    gc.collect()
    assert not folder.exists()


def test_an_answer_holds_plain_values_only() -> None:
    import pickle

    with pytest.raises(pickle.UnpicklingError):
        spool.Answers(BytesIO(pickle.dumps(COUNT.__class__.__mro__[0].__subclasses__))).load()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_marks_are_found_across_the_pieces_of_a_sheet(size: int) -> None:
    xml = b'<x:worksheet xmlns:x="x"><x:sheetData><x:row r="1"><x:c r="A1" t = "e"><x:v>#N/A</x:v></x:c></x:row><x:row hidden="1"/></x:sheetData></x:worksheet>'
    assert parts.is_of_interest(xml)
    marks = parts.scan_sheet((xml[start : start + size] for start in range(0, len(xml), size)), recalculated=False)
    assert marks.errors == {(0, 0): "#N/A"}
    assert marks.hidden_rows == {1}
