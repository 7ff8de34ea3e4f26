"""Lists written to files hold what the list shows, in a form Excel and the import read back."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import exporting, records, sign_in
from desktop_crm.services.exporting import export_list
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from desktop_crm.services.workbooks.reader import read_workbook
from tests.services.import_support import company, everything, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as opened:
        yield opened


def add(session: Session, entity: str, **values: object) -> int:
    return records.save(session, entity, records.new(session, entity, **values)).result.id


@pytest.fixture
def filled(session: Session) -> Session:
    for number, name in enumerate(("安达公司", "百川公司", "=1+1 公司"), start=1):
        key = add(session, "customer", name=name, code=f"00{number}", mobile="13800138000", level=3, status="active", next_contact=date(2026, 1, number))
        add(session, "receivable", customer=key, number=f"0000000000000000{number}", amount=Decimal("100.10") * number, document_on=date(2026, 1, number))
    return session


def test_a_workbook_holds_real_dates_and_numbers_texts_as_texts_and_the_totals(filled: Session, tmp_path: Path) -> None:
    path = tmp_path / "应收.xlsx"
    columns = ["number", "customer", "document_on", "amount", "state", "settled"]
    assert export_list(filled, Query("receivable", sort="amount", descending=True), path, columns=columns) == 3
    (sheet,) = read_workbook(path).sheets
    assert sheet.rows[0] == [filled.spec("receivable").fields[name].title for name in columns]
    assert sheet.rows[1][:4] == ["00000000000000003", "=1+1 公司", date(2026, 1, 3), Decimal("300.3")]
    assert sheet.rows[4][3] == Decimal("600.6")
    assert sheet.rows[4][1:3] == [None, None]
    assert len(sheet.rows) == 5


def test_what_is_exported_comes_in_again_as_it_was(filled: Session, tmp_path: Path) -> None:
    names = ["name", "code", "mobile", "level", "status", "next_contact", "owner"]
    before = everything(filled, "customer", *names)
    for suffix in (".xlsx", ".csv"):
        path = tmp_path / f"customers{suffix}"
        assert export_list(filled, Query("customer"), path, columns=[*names, "balance", "created_at"]) == 3
        with company(f"sqlite:///{tmp_path / suffix}.sqlite3") as other:
            result = load(other, "customer", path)
            assert (result.added, result.problems) == (3, [])
            after = sorted(everything(other, "customer", *names), key=lambda row: row["code"])
        for old, new in zip(before, after, strict=True):
            assert [old[name] for name in names[:-1]] == [new[name] for name in names[:-1]]


def test_a_text_file_is_for_other_programs_without_totals(filled: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    export_list(filled, Query("receivable", Where("amount", "lt", Decimal(300))), path, columns=["number", "amount", "document_on"])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [["00000000000000001", "100.10", "2026-01-01"], ["00000000000000002", "200.20", "2026-01-02"]]


def test_only_what_the_person_may_see_is_written(filled: Session, tmp_path: Path) -> None:
    add(filled, "product", name="轴承", cost=Decimal(5))
    key = add(filled, "user", name="小王", login="wang", role="sales")
    sign_in.rebuild_visibility(filled.store)
    sales = Session(filled.store, Person(key, "小王", "sales"))
    assert export_list(sales, Query("customer"), tmp_path / "a.xlsx") == 0
    with pytest.raises(UserError):
        export_list(sales, Query("product"), tmp_path / "b.xlsx", columns=["name", "cost"])
    assert export_list(sales, Query("product"), tmp_path / "b.xlsx") == 1
    (sheet,) = read_workbook(tmp_path / "b.xlsx").sheets
    assert not [cell for row in sheet.rows for cell in row if cell in {"成本", Decimal(5)}]


def test_a_list_longer_than_a_page_in_its_order_and_broken_off(session: Session, tmp_path: Path) -> None:
    with (tmp_path / "in.csv").open("w", encoding="utf-8") as file:
        file.write("客户名称,信用额度\n" + "".join(f"客户{number},{number}.10\n" for number in range(1, 1203)))
    load(session, "customer", tmp_path / "in.csv")
    told: list[tuple[int, int]] = []
    path = tmp_path / "out.xlsx"
    export_list(session, Query("customer", sort="credit_limit"), path, columns=["name", "credit_limit"], progress=lambda *step: told.append(step))
    (sheet,) = read_workbook(path).sheets
    assert [row[1] for row in sheet.rows[1:1203]] == [Decimal(f"{number}.1") for number in range(1, 1203)]
    assert told[-1] == (1202, 1202)

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        export_list(session, Query("customer"), tmp_path / "other.xlsx", progress=stop)
    assert not (tmp_path / "other.xlsx").exists()


def test_another_kind_of_file_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.docx"):
        export_list(session, Query("customer"), tmp_path / "a.docx")


def test_a_list_longer_than_a_sheet_is_refused_before_anything_is_written(filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    with pytest.raises(UserError, match="CSV"):
        export_list(filled, Query("customer"), tmp_path / "a.xlsx", columns=["name"])
    assert not list(tmp_path.glob("*.xlsx"))
    assert export_list(filled, Query("customer"), tmp_path / "a.csv", columns=["name"]) == 3
    monkeypatch.setattr(exporting, "MOST_ROWS", 4)
    assert export_list(filled, Query("customer"), tmp_path / "a.xlsx", columns=["name"]) == 3


def test_what_is_stored_makes_the_cells_that_a_list_shows(filled: Session, tmp_path: Path) -> None:
    del tmp_path
    for name in ("customer", "receivable"):
        spec = filled.spec(name)
        fields = [field for field in spec.fields.values() if field.name not in {"id", "version"}]
        ids = filled.records.ids(Query(name))
        rows = records.read(filled, spec, ids, [field.name for field in fields])
        assert list(exporting.cells_of(filled, spec, fields, ids)) == [[exporting.cell_of(field, row[field.name]) for field in fields] for row in rows]
