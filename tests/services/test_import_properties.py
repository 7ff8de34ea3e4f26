"""Whatever is in a list and however it is mapped: every row has one fate, and undo brings back what was there to the letter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop_crm.services import records
from desktop_crm.services.importing import Decision, Options, Shape, Source, run_import
from desktop_crm.services.imports import run
from desktop_crm.services.imports.matching import Matcher
from desktop_crm.services.workbooks.cells import CellError, Sheet, Workbook
from desktop_crm.services.workbooks.layout import find_table
from tests.services.import_support import company, everything, undo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.imports.types import OnDuplicate
    from desktop_crm.services.session import Session
    from desktop_crm.services.workbooks.cells import Cell

FIELDS = ["name", "code", "mobile", "level", "status", "owner", "credit_limit", "next_contact", "province", "city", "contact_person", "payer", "note", ""]
ACTIONS: st.SearchStrategy[OnDuplicate] = st.sampled_from(["skip", "update", "fill", "add"])
CELLS = st.one_of(
    st.none(),
    st.sampled_from([
        "甲公司", "甲 公 司", "甲公司有限公司", "恒泰精密机械", "恒泰机械有限公司", "A1", "KH-00001", "13800138000", "正式客户", "VIP", "A+", "王敏", "小王", "江苏省苏州市", "李四 13900139000",
        "2026-02-30", "2026-01-05", "1,234.50", "-1", "x" * 400, " ", "'", "＝1",
    ]),
    st.decimals(min_value=-10, max_value=10**8, places=2), st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.booleans(), st.just(CellError("#N/A")),
    st.text(max_size=6),
)  # fmt: skip


PLAUSIBLE: dict[str, list[Any]] = {
    "name": ["甲公司", "甲 公 司", "乙公司", "恒泰机械有限公司", "恒泰精密机械", "丙公司", "新公司", "又一家公司"], "code": ["A1", "A2", "A9", None], "mobile": ["13800138000", "13900139000", None],
    "level": ["A", "5", None, "A+"], "status": ["正式客户", "潜在", None], "owner": ["boss", None, "小王"], "credit_limit": [Decimal(5), "1,234.50", None],
    "next_contact": [date(2026, 1, 5), "2026-02-03", None], "payer": ["乙公司", None, "没这家"],
}  # fmt: skip
OTHERS = ["江苏省苏州市", "李四 13900139000", "随便", None]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path_factory.mktemp('company') / 'c.sqlite3'}") as opened:
        for name, code in (("甲公司", "A1"), ("恒泰精密机械有限公司", "A2"), ("乙公司", "A3")):
            records.save(opened, "customer", records.new(opened, "customer", name=name, code=code, mobile="13800138000"))
        gone = records.save(opened, "customer", records.new(opened, "customer", name="丙公司")).result.id
        records.delete(opened, "customer", [gone])
        yield opened


def source(session: Session, rows: list[list[Any]], width: int) -> Source:
    headings: list[Cell] = [f"栏{'一二三四五六'[column]}" for column in range(width)]
    sheet = Sheet("表", [headings, *rows])
    table = find_table(sheet, header_row=0)
    assert table is not None
    return Source(Workbook(Path("list.xlsx"), "xlsx", [sheet]), sheet, table, session.spec("customer"))


@settings(max_examples=60)
@given(data=st.data())
def test_every_row_has_one_fate_and_undo_restores_all(session: Session, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True))
    names = names if "name" in names or data.draw(st.integers(0, 5)) == 0 else ["name", *names]
    wild = data.draw(st.integers(0, 3)) == 0
    cells = [st.one_of(st.sampled_from(PLAUSIBLE.get(name, OTHERS)), CELLS) if wild else st.sampled_from(PLAUSIBLE.get(name, OTHERS)) for name in names]
    rows = [[cell.normalize() if isinstance(cell, Decimal) else cell for cell in row] for row in data.draw(st.lists(st.tuples(*cells), min_size=1, max_size=8))]
    made = source(session, rows, len(names))
    if data.draw(st.booleans()):
        made.shapes = (Shape(0, "split", (0,), data.draw(st.sampled_from(["place", "person", "/"])), 3), Shape(1, "join", tuple(range(len(names)))[:2]))
    shaped = {column: data.draw(st.sampled_from(["", "note", "city", "short_name"])) for column in made.columns() if column >= len(names)}
    mapping = dict(enumerate(names)) | {column: name for place, (column, name) in enumerate(shaped.items()) if name not in [*names, *list(shaped.values())[:place]]}
    if not any(mapping.values()):
        return
    options = Options(
        mapping, (), data.draw(ACTIONS), keep_good=data.draw(st.integers(0, 3)) > 0, create_links=data.draw(st.booleans()), dry_run=data.draw(st.integers(0, 4)) == 0,
        on_similar=data.draw(ACTIONS), fixed=data.draw(st.sampled_from([{}, {"source": "展会"}, {"name": "无名"}])),
        values=data.draw(st.sampled_from([{}, {"level": {"A+": "5"}, "status": {"VIP": "active"}, "owner": {"小王": ""}}])),
        decisions=data.draw(st.dictionaries(st.integers(2, 9), st.builds(Decision, ACTIONS, st.sampled_from([None, 1, 2])), max_size=3)),
    )  # fmt: skip
    before = everything(session, "customer")
    result = run_import(session, made, options).result
    assert result.rows == len(made.table.rows) == result.added + result.updated + result.skipped + result.refused
    assert result.refused == len({problem.row for problem in result.problems})
    after = everything(session, "customer")
    made_on_the_way = result.created_links.get("customer", 0)
    if options.dry_run or (result.problems and not options.keep_good):
        assert (result.change_set, after) == (None, before)
    else:
        assert len(after) == len(before) + result.added + made_on_the_way
        if result.change_set is not None:
            undo(session, result.change_set)
            assert [_kept(row) for row in everything(session, "customer")] == [_kept(row) for row in before]


NAMES = st.one_of(
    st.sampled_from(["甲公司", "甲 公 司", "甲有限公司", "恒泰精密机械", "恒泰精密机械有限公司", "（恒泰）精密机械", "恒泰 精密机械", "ＡＢ Co., Ltd", "ab", "a co", "A", "-a", "é", "公司", "乙公司"]),
    st.text(alphabet="甲乙恒泰有限公司 aAbc.-（1é", min_size=1, max_size=8),
)


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(NAMES, st.sampled_from(["A1", "a1", "A2", "A9", None])), min_size=1, max_size=6))
@example(rows=[("a ltd", None)])
@example(rows=[("(恒)泰有限公司", None)])
def test_the_records_a_list_may_speak_of_are_all_it_needs(crowd: Session, rows: list[tuple[str, str | None]]) -> None:
    """A list that is read whole finds the same as one that is compared with every record."""
    options = Options({0: "name", 1: "code"}, (), "update", dry_run=True, keep_good=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "MOST_ALIKE", (0, 0))  # as among so many records that names a letter apart are not looked for
        some = run_import(crowd, source(crowd, [list(row) for row in rows], 2), options).result
        load = Matcher.load
        patch.setattr(Matcher, "load", lambda matcher, step, _rows=None: load(matcher, step))
        assert run_import(crowd, source(crowd, [list(row) for row in rows], 2), options).result == some


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path_factory.mktemp('crowd') / 'c.sqlite3'}") as opened:
        for number, name in enumerate(["甲公司", "甲有限公司", "恒泰精密机械有限公司", "恒泰精密机械", "AB Co Ltd", "a co", "A", "-a", "É", "公司", "乙", "(恒)泰公司"]):
            records.save(opened, "customer", records.new(opened, "customer", name=name, code=f"A{number}"))
        yield opened


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"version", "updated_at"}}
