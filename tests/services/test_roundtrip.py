"""A list that is edited outside and brought back: nothing but what was changed comes in, and never over somebody else's change unasked."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import use_language
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records
from desktop_crm.services.policy import Person
from desktop_crm.services.roundtrip import Decisions, apply, apply_back, export_for_editing, read_back
from desktop_crm.services.session import Session
from tests.services.import_support import company, everything, undo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("name", "code", "status", "level", "credit_limit", "owner", "next_contact", "balance", "note")
HEADER = 2


@contextmanager
def filled(url: str) -> Iterator[Session]:
    with company(url) as opened:
        for number, name in enumerate(("安达公司", "百川公司", "长虹公司", "@丁公司"), start=1):
            given = {"code": f"00{number}", "status": "active", "level": 3, "next_contact": date(2026, 1, number), "credit_limit": Decimal("100.10") * number}
            records.save(opened, "customer", records.new(opened, "customer", name=name, note="第一行\n第二行", **given))
        yield opened


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with filled(f"sqlite:///{tmp_path / 'company.db'}") as opened:
        yield opened


class Book:
    """The exported list as Excel has it: cells by the field's name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book: Any = openpyxl.load_workbook(path)
        self.sheet: Any = self.book.worksheets[0]

    def column(self, name: str) -> int:
        return next(place for place, cell in enumerate(self.sheet[1], start=1) if cell.value == name)

    def row(self, title: str) -> int:
        return next(number for number in range(HEADER + 1, int(self.sheet.max_row) + 1) if self.sheet.cell(number, self.column("name")).value == title)

    def put(self, row: int, name: str, value: object) -> None:
        self.sheet.cell(row, self.column(name)).value = value

    def copy_row(self, row: int) -> int:
        values = [cell.value for cell in self.sheet[row]]
        self.sheet.append(values)
        return int(self.sheet.max_row)

    def sort(self, *, columns: slice = slice(None)) -> None:
        """Turn the rows upside down, as sorting does, in some columns or all of them."""
        rows = [[cell.value for cell in row] for row in self.sheet.iter_rows(min_row=HEADER + 1)]
        turned = [list(row) for row in rows]
        for row, other in zip(turned, reversed(rows), strict=True):
            row[columns] = other[columns]
        for number, values in enumerate(turned, start=HEADER + 1):
            for column, value in enumerate(values, start=1):
                self.sheet.cell(number, column).value = value

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path


def written(session: Session, folder: Path) -> Book:
    path = folder / "客户.xlsx"
    assert export_for_editing(session, Query("customer", sort="code"), path, columns=COLUMNS) == 4
    return Book(path)


@pytest.fixture
def book(session: Session, tmp_path: Path) -> Book:
    return written(session, tmp_path)


@pytest.fixture
def anywhere(db_url: str, tmp_path: Path) -> Iterator[tuple[Session, Book]]:
    with filled(db_url) as opened:
        yield opened, written(opened, tmp_path)


def state(session: Session) -> list[dict[str, Any]]:
    return everything(session, "customer", *(name for name in COLUMNS if name != "balance"), "updated_at")


def test_what_is_hidden_says_which_record_a_row_is(book: Book) -> None:
    assert [cell.value for cell in book.sheet[1]] == ["id", "version", *COLUMNS]
    assert book.sheet.row_dimensions[1].hidden
    assert book.sheet.column_dimensions["A"].hidden
    assert book.sheet.freeze_panes == "A3"
    assert book.sheet.auto_filter.ref == "A2:K6"
    assert [sheet.sheet_state for sheet in book.book.worksheets] == ["visible", "veryHidden"]


def test_a_file_that_nobody_changed_changes_nothing(session: Session, book: Book) -> None:
    before = state(session)
    for path in (book.path, book.save()):
        edited = read_back(session, path)
        assert (edited.rows, edited.same) == ([], 4)
        assert apply_back(session, edited, Decisions()).change_set is None
    assert state(session) == before


def test_changed_added_and_missing_rows_are_told_and_undone_in_one_step(anywhere: tuple[Session, Book]) -> None:
    session, book = anywhere
    before = state(session)
    book.put(book.row("安达公司"), "credit_limit", 5000.5)
    book.put(book.row("安达公司"), "status", "已流失")
    book.put(book.row("@丁公司"), "note", None)
    book.sheet.delete_rows(book.row("百川公司"))
    new = book.sheet.max_row + 1
    book.put(new, "name", "大唐公司")
    book.put(new, "next_contact", date(2026, 5, 6))
    book.sort()
    edited = read_back(session, book.save())
    told = {(row.state, row.title): {one.field: (one.before, one.new) for one in row.fields} for row in edited.rows}
    assert told == {
        ("changed", "安达公司"): {"credit_limit": ("100.10", "5,000.50"), "status": ("合作中", "已流失")},
        ("changed", "@丁公司"): {"note": ("第一行\n第二行", "")},
        ("added", "大唐公司"): {"name": ("", "大唐公司"), "next_contact": ("", "2026-05-06")},
        ("missing", "百川公司"): {},
    }
    assert [row.problems for row in edited.rows] == [[], [], [], []]
    missing = edited.of("missing")[0].key
    assert missing is not None
    kept = apply_back(session, edited, Decisions())
    assert (kept.result.changed, kept.result.added, kept.result.deleted) == (2, 1, 0)
    assert {row["name"]: row["credit_limit"] for row in everything(session, "customer", "name", "credit_limit")} == {
        "安达公司": Decimal("5000.50"), "百川公司": Decimal("200.20"), "长虹公司": Decimal("300.30"), "@丁公司": Decimal("400.40"), "大唐公司": None,
    }  # fmt: skip
    undo(session, kept.change_set)
    assert [{**row, "updated_at": 0, "version": 0} for row in state(session)] == [{**row, "updated_at": 0, "version": 0} for row in before]
    done = apply_back(session, read_back(session, book.path), Decisions(delete=frozenset([missing])))
    assert (done.result.changed, done.result.added, done.result.deleted) == (2, 1, 1)
    undo(session, done.change_set)
    assert len(state(session)) == 4


def test_columns_may_be_moved_removed_and_renamed_and_others_added(session: Session, book: Book) -> None:
    book.put(HEADER, "credit_limit", "额度（元）")
    book.put(book.row("长虹公司"), "credit_limit", 7)
    book.put(book.row("长虹公司"), "balance", 999)
    book.sheet.delete_cols(book.column("status"))
    book.sheet.move_range(f"D1:D{book.sheet.max_row}", cols=9)
    book.sheet.cell(HEADER, 20).value = "我的记号"
    book.sheet.cell(HEADER + 1, 20).value = "x"
    book.sheet.title = "改过"
    edited = read_back(session, book.save())
    assert [(row.title, [one.field for one in row.fields]) for row in edited.rows] == [("长虹公司", ["credit_limit"])]
    assert len(edited.remarks) == 2
    assert any("我的记号" in remark for remark in edited.remarks)


def test_another_field_of_somebody_else_stays_and_the_same_field_asks(anywhere: tuple[Session, Book]) -> None:
    session, book = anywhere
    keys = {row["name"]: row["id"] for row in everything(session, "customer", "name")}
    for title in ("安达公司", "百川公司", "长虹公司"):
        book.put(book.row(title), "level", 5)
    records.save(session, "customer", {"credit_limit": Decimal(9)}, key=keys["安达公司"])
    records.save(session, "customer", {"level": 1}, key=keys["百川公司"])
    records.save(session, "customer", {"level": 5}, key=keys["长虹公司"])
    edited = read_back(session, book.save())
    found = {row.title: [(one.field, one.conflict, one.now) for one in row.fields] for row in edited.rows}
    assert found == {"安达公司": [("level", False, "★★★")], "百川公司": [("level", True, "★")]}
    with pytest.raises(UserError):
        apply_back(session, edited, Decisions())
    apply_back(session, edited, Decisions(sides={(keys["百川公司"], "level"): "mine"}))
    now = {row["name"]: (row["level"], row["credit_limit"]) for row in everything(session, "customer", "name", "level", "credit_limit")}
    assert (now["安达公司"], now["百川公司"][0]) == ((5, Decimal("9.00")), 5)


def test_a_record_that_changed_while_the_differences_were_looked_at_is_not_written(session: Session, book: Book) -> None:
    book.put(book.row("安达公司"), "level", 5)
    book.put(book.row("百川公司"), "level", 5)
    edited = read_back(session, book.save())
    records.save(session, "customer", {"level": 2}, key=edited.rows[1].key)
    with pytest.raises(UserError, match="百川公司"):
        apply_back(session, edited, Decisions())
    assert [row["level"] for row in everything(session, "customer", "level")] == [3, 2, 3, 3]


def test_a_column_that_was_filled_down_is_written_together_and_undone(session: Session, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "ALIKE", 2)
    for title in ("安达公司", "百川公司", "长虹公司"):
        book.put(book.row(title), "level", 5)
    book.put(book.row("@丁公司"), "level", 1)
    done = apply_back(session, read_back(session, book.save()), Decisions())
    assert done.result.changed == 4
    assert [row["level"] for row in everything(session, "customer", "level")] == [5, 5, 5, 1]
    undo(session, done.change_set)
    assert [row["level"] for row in everything(session, "customer", "level")] == [3] * 4


def test_a_copied_row_is_a_new_record_with_a_number_of_its_own(session: Session, book: Book) -> None:
    row = book.copy_row(book.row("安达公司"))
    book.put(row, "name", "安达二厂")
    edited = read_back(session, book.save())
    assert [(one.state, one.title) for one in edited.rows] == [("added", "安达二厂")]
    apply_back(session, edited, Decisions())
    (added,) = [one for one in everything(session, "customer", "name", "code", "status") if one["name"] == "安达二厂"]
    assert added["code"] not in {"", "001"}
    assert added["status"] == "active"


def test_a_list_sorted_without_its_hidden_columns_is_refused(session: Session, book: Book) -> None:
    book.sort(columns=slice(2, None))
    with pytest.raises(UserError):
        read_back(session, book.save())


def test_bad_values_are_named_and_keep_everything_out(session: Session, book: Book) -> None:
    before = state(session)
    book.put(book.row("安达公司"), "credit_limit", "很多")
    book.put(book.row("百川公司"), "code", "003")
    book.put(book.row("长虹公司"), "name", None)
    book.put(book.row("@丁公司"), "owner", "无此人")
    edited = read_back(session, book.save())
    assert [[name for name, _message in row.problems] for row in edited.rows] == [["credit_limit"], ["code"], ["name"], ["owner"]]
    with pytest.raises(UserError):
        apply_back(session, edited, Decisions())
    assert state(session) == before


def test_another_companys_file_and_one_that_was_not_made_for_it_are_refused(session: Session, book: Book, tmp_path: Path) -> None:
    with company(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for name in ("甲", "乙", "丙", "丁"):
            records.save(other, "customer", records.new(other, "customer", name=name))
        with pytest.raises(UserError):
            read_back(other, book.path)
    del book.book["_desktop_crm"]
    with pytest.raises(UserError):
        read_back(session, book.save())


def test_rights_are_asked_when_it_goes_out_and_when_it_comes_back(session: Session, book: Book, tmp_path: Path) -> None:
    key = records.save(session, "user", {"name": "李", "login": "li", "role": "sales"}).result.id
    seller = Session(session.store, Person(key, "李", "sales"))
    book.put(book.row("安达公司"), "level", 5)
    edited = read_back(seller, book.save())
    assert all(row.problems for row in edited.rows)
    assert apply_back(seller, edited, Decisions()).change_set is None
    viewer = Session(session.store, Person(key, "李", "viewer"))
    with pytest.raises(NotAllowed):
        export_for_editing(viewer, Query("customer"), tmp_path / "a.xlsx")


def test_the_language_may_change_on_the_way(session: Session, book: Book) -> None:
    use_language("en")
    records.save(session, "customer", {"note": "x"}, key=1)
    book.put(book.row("安达公司"), "status", "Lost customer")
    edited = read_back(session, book.save())
    assert [[(one.field, one.conflict, one.new) for one in row.fields] for row in edited.rows] == [[("status", False, "Lost customer")]]


CHANGES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["name", "level", "credit_limit", "note"]), st.sampled_from(["甲", "5", "", "12.5", " x "])), max_size=6)


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'a.db'}") as opened:
        for number in range(4):
            records.save(opened, "customer", records.new(opened, "customer", name=f"客户{number}", level=2))
        yield opened


@settings(max_examples=12)
@given(mine=CHANGES, theirs=CHANGES, side=st.sampled_from(["mine", "theirs"]))
def test_every_field_ends_as_one_of_the_sides_left_it(four: Session, tmp_path: Path, mine: Any, theirs: Any, side: Any) -> None:
    names, path = ("name", "level", "credit_limit", "note"), tmp_path / "a.xlsx"
    export_for_editing(four, Query("customer", sort="id"), path, columns=names)
    out = {row["id"]: row for row in everything(four, "customer", *names)}
    keys, book = list(out), Book(path)
    for place, name, value in mine:
        book.put(HEADER + 1 + place, name, value or None)
    for place, name, value in theirs:
        if value or name != "name":
            try:
                records.save(four, "customer", {name: four.spec("customer").fields[name].parse(value)}, key=keys[place])
            except UserError:
                continue
    before = {row["id"]: row for row in everything(four, "customer", *names)}
    edited = read_back(four, book.save())
    leave = frozenset(row.row for row in edited.rows if row.problems)
    apply_back(four, edited, Decisions(side, leave=leave))
    after = {row["id"]: row for row in everything(four, "customer", *names)}
    wanted = {(row.key, one.field): one for row in edited.rows if row.row not in leave for one in row.fields}
    for key in keys:
        for name in names:
            change = wanted.get((key, name))
            if change is None:
                assert after[key][name] == before[key][name]
            elif change.conflict and side == "theirs":
                assert after[key][name] == before[key][name] != out[key][name]
            else:
                assert after[key][name] == change.value
