"""Fields of a company's own: everywhere like declared ones, undone like anything else, and never a half of one."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Cancelled, Conflict, Invalid, NotAllowed, UserError
from desktop_crm.base.i18n import use_language
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Matching, Query, Where
from desktop_crm.models import custom, integrity, rekeying, triggers
from desktop_crm.printing.fields import template_fields
from desktop_crm.services import archives, custom_fields, exporting, feed, importing, policy, records, upkeep, users
from desktop_crm.services.check import check
from desktop_crm.services.history import record_history
from desktop_crm.services.imports.template_books import write_template
from desktop_crm.services.merging import merge
from desktop_crm.services.roundtrip import Decisions, apply_back, export_for_editing, read_back
from desktop_crm.services.session import Session, open_session
from desktop_crm.services.undoing import redo_last, undo, undo_last
from tests.support.company import company, make
from tests.support.custom import KINDS, add_every_kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = ("=1+1", "O'Brien \"quoted\" `x`", '$."x"', "{{ 7 * 7 }}", "字" * 60, "; DROP TABLE customer; --", "<b>粗</b> & %s ?")


on_a_file = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
"""For what has nothing to do with the engine."""


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def add(session: Session, label: str, kind: str = "text", entity: str = "customer", **more: Any) -> str:
    return custom_fields.add(session, entity, {"label": label, "kind": kind, **more}).result


def key_of(session: Session, name: str, entity: str = "customer") -> int:
    return next(int(row["id"]) for row in custom_fields.fields_of(session, entity) if row["name"] == name)


def test_every_kind_is_kept_sorted_found_and_told(session: Session) -> None:
    names = add_every_kind(session, "customer")
    introducer = make(session, "customer", name="介绍人")
    values = {
        names["text"]: "苏州", names["note"]: "一\n二", names["quantity"]: Decimal("12.5"), names["money"]: Decimal("1000.01"), names["date"]: date(2026, 2, 28),
        names["boolean"]: True, names["choice"]: "海运", names["customer"]: introducer, names["user"]: session.person.id,
    }  # fmt: skip
    key = records.save(session, "customer", {"name": "恒泰", **values}).result.id
    other = records.save(session, "customer", {"name": "华信", names["money"]: Decimal("999.99"), names["quantity"]: Decimal(9)}).result.id
    got = records.get(session, "customer", key)
    assert {name: got[name] for name in values} == values
    assert got[names["customer"]].title == "介绍人"
    for kind in ("money", "quantity"):
        assert session.records.ids(Query("customer", Where(names[kind], "filled"), names[kind])) == [other, key], "as numbers, not as texts"
    assert records.count(session, "customer", Where(names["money"], "gt", Decimal("999.99"))) == 1
    assert records.totals(session, "customer")[names["money"]] == Decimal("2000.00")
    assert records.count(session, "customer", Where(names["date"], "ge", date(2026, 1, 1))) == 1
    assert records.count(session, "customer", Where(f"{names['customer']}.name", "eq", "介绍人")) == 1
    assert session.records.ids_where(session.entity("customer"), Matching("苏州")) == [key]
    records.save(session, "customer", {names["money"]: Decimal("5.00")}, key=key)
    told = record_history(session, "customer", key)[0]
    assert [(one.label, one.before, one.after) for one in told.fields] == [(KINDS["money"], "1,000.01", "5.00")]
    undo_last(session)
    assert records.get(session, "customer", key)[names["money"]] == Decimal("1000.01")
    assert check(session) == []


def test_many_are_found_by_another_text_in_the_background(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "AT_ONCE", 1)
    monkeypatch.setattr(rekeying, "BATCH", 3)
    field = add(session, "车牌")
    ids = [make(session, "customer", name=f"恒泰{number}", **{field: f"苏E{number:04d}"}) for number in range(8)]
    empty = make(session, "customer", name="没有车牌")

    def hits() -> list[int]:
        return session.records.ids_where(session.entity("customer"), Matching("苏e00"))

    assert hits() == ids
    upkeep.tend(session, step=silent)
    custom_fields.retire(session, key_of(session, field))
    assert hits() == ids[3:], "the first part is done while somebody waits"
    assert upkeep.due(session)
    far: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        far.append((done, total))
        if len(far) > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        upkeep.tend(session, step=stop)
    assert far == [(ids[5], empty), (ids[7], empty)]
    assert hits() == ids[6:], "it goes on where it was stopped"
    integrity.rebuild_search(session.store, silent)
    assert check(session) == [], "what waits is nothing wrong"
    upkeep.tend(session, step=silent)
    assert (hits(), upkeep.due(session), rekeying.due(session.store)) == ([], "", [])
    custom_fields.bring_back(session, key_of(session, field))
    records.save(session, "customer", {"name": "改名"}, key=ids[7])
    upkeep.tend(session, step=silent)
    assert hits() == ids
    assert check(session) == []


def test_a_field_is_undone_redone_retired_and_brought_back_with_its_values(session: Session) -> None:
    changes = custom_fields.add(session, "customer", {"label": "保修地", "kind": "text"})
    name = changes.result
    key = records.save(session, "customer", {"name": "恒泰", name: "苏州"}).result.id
    assert changes.change_set is not None
    undone = undo(session, changes.change_set).change_set
    assert undone is not None
    assert name not in session.catalog["customer"].fields
    assert session.records.ids_where(session.entity("customer"), Matching("苏州")) == []
    assert check(session) == []
    undo(session, undone)
    assert records.get(session, "customer", key)[name] == "苏州"
    assert session.records.ids_where(session.entity("customer"), Matching("苏州")) == [key]
    field = add(session, "交货地")
    assert field == "custom_2_text", "a number is given once"
    records.save(session, "customer", {field: "无锡"}, key=key)
    custom_fields.retire(session, key_of(session, field))
    assert field not in session.catalog["customer"].fields
    assert session.records.ids_where(session.entity("customer"), Matching("无锡")) == []
    assert check(session) == []
    custom_fields.bring_back(session, key_of(session, field))
    assert records.get(session, "customer", key)[field] == "无锡"
    assert session.records.ids_where(session.entity("customer"), Matching("无锡")) == [key]


@on_a_file
def test_a_hostile_name_is_only_a_name(session: Session, tmp_path: Path) -> None:
    names = {add(session, label, "money"): Decimal(number) / 10 for number, label in enumerate(HOSTILE, 1)}
    key = records.save(session, "customer", {"name": "恒泰", **names}).result.id
    assert [session.catalog["customer"].fields[name].title for name in names] == list(HOSTILE)
    for suffix in ("xlsx", "csv"):
        path = tmp_path / f"list.{suffix}"
        exporting.export_list(session, Query("customer"), path, columns=["name", *names])
        records.delete(session, "customer", [key])
        source = importing.open_source(session, "customer", path)
        mapping = importing.mapping_of(importing.guess_mapping(session, source))
        assert set(mapping.values()) == {"name", *names}
        assert importing.run_import(session, source, importing.Options(mapping)).result.problems == []
        (key,) = session.records.ids_where(session.entity("customer"), EVERYTHING)
        got = records.get(session, "customer", key)
        assert {name: got[name] for name in names} == names


@on_a_file
def test_a_name_means_one_field_only(session: Session) -> None:
    for taken in ("客户名称", "Customer name", "邮 箱", "编号", "name"):
        with pytest.raises(Invalid) as refused:
            add(session, taken)
        assert refused.value.problems[0].field == "label"
    first = add(session, "质保地点")
    with pytest.raises(Invalid):
        add(session, "质保 地点")
    add(session, "质保地点", entity="contract")
    custom_fields.retire(session, key_of(session, first))
    with pytest.raises(Invalid):
        add(session, "")
    for wrong in ("！？", "字" * 200):
        with pytest.raises(Invalid):
            add(session, wrong)
    second = add(session, "质保地点")
    with pytest.raises(Invalid):
        custom_fields.bring_back(session, key_of(session, first))
    custom_fields.change(session, key_of(session, second), {"label": "质保地址"})
    custom_fields.bring_back(session, key_of(session, first))
    assert check(session) == []


@on_a_file
def test_a_name_is_shown_as_it_was_typed_in_every_language(session: Session) -> None:
    name = add(session, "Overdue notice")
    same = add(session, "Settings")
    for language in ("zh_CN", "zh_TW", "en"):
        use_language(language)
        assert session.catalog["customer"].fields[name].title == "Overdue notice"
        assert session.catalog["customer"].fields[same].title == "Settings"


@on_a_file
def test_choices_are_checked_and_stay_while_they_are_used(session: Session) -> None:
    for wrong in ("", "海运\n海运 \nＡ\na", "长" * 41):
        with pytest.raises(Invalid) as refused:
            add(session, "运输方式", "choice", choices=wrong)
        assert refused.value.problems[0].field == "choices"
    name = add(session, "运输方式", "choice", choices="汽运\n海运")
    records.save(session, "customer", {"name": "恒泰", name: "海运"})
    with pytest.raises(Invalid):
        custom_fields.change(session, key_of(session, name), {"choices": "汽运\n空运"})
    custom_fields.change(session, key_of(session, name), {"choices": "空运\n海运"})
    assert [choice.label for choice in session.catalog["customer"].fields[name].choices] == ["空运", "海运"]


@on_a_file
def test_required_sensitive_and_order(session: Session) -> None:
    first, second = add(session, "甲方编号", required=True), add(session, "底价", "money", sensitive=True)
    with pytest.raises(Invalid):
        records.save(session, "customer", {"name": "恒泰"})
    users.add_user(session, {"login": "wangmin", "name": "王敏", "role": "sales"})
    with closing(open_session(session.url, "wangmin")) as sales:
        assert first in sales.catalog["customer"].fields
        assert second not in sales.catalog["customer"].fields
        for attempt in (lambda: add(sales, "别的"), lambda: custom_fields.change(sales, 1, {"label": "x"}), lambda: custom_fields.retire(sales, 1)):
            with pytest.raises(NotAllowed):
                attempt()
        with pytest.raises(NotAllowed):
            records.save(sales, "custom_field", {"label": "x"})
    keys = [key_of(session, name) for name in (second, first)]
    custom_fields.reorder(session, "customer", keys)
    assert session.catalog["customer"].form[-1].fields == (second, first)
    with pytest.raises(UserError):
        custom_fields.reorder(session, "customer", keys[:1])
    with pytest.raises(UserError):
        add(session, "x", entity="saved_view")


@on_a_file
def test_a_section_is_named_or_the_programs_own(session: Session) -> None:
    add(session, "开户时间", "date", section="财务与信用")
    add(session, "车牌", section="车辆")
    sections = {str(section.label): section.fields for section in session.catalog["customer"].form}
    assert sections["Finance and credit"][-1].endswith("_date")
    assert len(sections["车辆"]) == 1


def test_two_computers_see_it_without_a_restart(session: Session) -> None:
    with closing(open_session(session.url, "boss")) as other:
        since = feed.news(other, 0).latest
        name = add_every_kind(session, "customer")["money"]
        assert name not in other.catalog["customer"].fields
        key = records.save(other, "customer", {"name": "恒泰"}).result.id
        assert custom.ENTITY in feed.news(other, since).entities
        assert other.catalog["customer"].fields[name].title == KINDS["money"]
        records.save(other, "customer", {name: Decimal(7)}, key=key)
        assert records.get(session, "customer", key)[name] == Decimal("7.00")


@on_a_file
def test_a_conflict_shows_it_field_by_field(session: Session) -> None:
    name, free = add(session, "保证金", "money"), add(session, "交货地")
    key = records.save(session, "customer", {"name": "恒泰", name: Decimal(1)}).result.id
    base = records.get(session, "customer", key)
    records.save(session, "customer", {name: Decimal(2)}, key=key)
    saved = records.save(session, "customer", {free: "无锡", name: Decimal(1)}, key=key, base=base).result
    assert saved.merged == [name]
    with pytest.raises(Conflict) as refused:
        records.save(session, "customer", {name: Decimal(3)}, key=key, base=base)
    assert [one.field for one in refused.value.fields] == [name]


def test_the_index_serves_sorting_and_filtering(session: Session) -> None:
    name = add(session, "保证金", "money")
    for rest in (f"WHERE this.`{name}` = 5", f"ORDER BY this.`{name}`, id LIMIT 5"):
        text = f"SELECT id FROM customer this {rest}"  # noqa: S608 - the name is the program's own
        if session.store.mysql:
            plan = session.store.sql(f"EXPLAIN {text}").fetchall()
            assert name in str(plan[0]), plan
        else:
            plan = session.store.sql(f"EXPLAIN QUERY PLAN {text}").fetchall()
            assert f"customer_{name}" in str(plan[0]), plan


def test_what_is_listed_later_gets_its_index(session: Session) -> None:
    name = add(session, "交货地", listed=False)
    assert name not in session.catalog["customer"].columns

    def there() -> bool:
        return f"customer_{name}" in {index.name for index in session.store.db.get_indexes("customer")}

    assert not there()
    custom_fields.change(session, key_of(session, name), {"listed": True})
    assert there()
    assert name in session.catalog["customer"].columns


def test_what_fails_leaves_no_half_of_a_field(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(triggers, "rebuild", lambda _store: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            add(session, "保证金", "money")
    assert custom_fields.fields_of(session, "customer") == []
    assert "custom_1_money" not in session.entity("customer").fields
    assert check(session) == []
    records.save(session, "customer", {"name": "恒泰"})
    assert add(session, "保证金", "money") == "custom_1_money"


@on_a_file
def test_a_list_has_a_most(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "MOST", 1)
    add(session, "保证金", "money")
    with pytest.raises(UserError):
        add(session, "交货地")
    add(session, "交货地", entity="product")


def test_merging_and_the_mass_change_know_it(session: Session) -> None:
    name, linked = add(session, "交货地"), add(session, "介绍客户", "customer", "contract")
    kept, gone = make(session, "customer", name="恒泰"), make(session, "customer", name="恒泰公司")
    contract = make(session, "contract", name="合同", customer=kept)
    records.save(session, "contract", {linked: gone}, key=contract)
    merge(session, "customer", kept, [gone], {name: "无锡"})
    assert records.get(session, "customer", kept)[name] == "无锡"
    assert records.get(session, "contract", contract)[linked] == kept
    undo_last(session)
    assert records.get(session, "contract", contract)[linked] == gone
    records.change_many(session, "customer", Where("id", "in", [kept, gone]), {name: "常州"})
    assert records.count(session, "customer", Where(name, "eq", "常州")) == 2
    with pytest.raises(UserError):
        records.delete(session, "customer", [gone])


def test_a_copy_on_the_other_engine_is_the_same(db_url: str, tmp_path: Path) -> None:
    with company(db_url) as session:
        names = add_every_kind(session, "customer")
        undone = custom_fields.add(session, "customer", {"label": "撤消的", "kind": "money"})
        records.save(session, "customer", {"name": "恒泰", names["money"]: Decimal("1.10"), names["user"]: session.person.id, undone.result: Decimal(9)})
        assert undone.change_set is not None
        undo(session, undone.change_set)
        target = f"sqlite:///{tmp_path / 'moved.sqlite3'}"
        archives.move(session, target)
        with closing(open_session(target, "boss")) as moved:
            assert moved.catalog["customer"].columns == session.catalog["customer"].columns
            key = moved.records.ids_where(moved.entity("customer"), EVERYTHING)[0]
            assert records.get(moved, "customer", key) == records.get(session, "customer", key)
            assert check(moved) == []
            redo_last(moved)
            assert records.get(moved, "customer", key)[undone.result] == Decimal(9)


@on_a_file
def test_lists_edited_outside_and_the_workbook_of_a_company_have_it(session: Session, tmp_path: Path) -> None:
    name, way = add(session, "保证金", "money"), add(session, "运输方式", "choice", choices="汽运\n海运")
    key = records.save(session, "customer", {"name": "恒泰", name: Decimal("1.10"), way: "汽运"}).result.id
    path = tmp_path / "edit.xlsx"
    export_for_editing(session, Query("customer"), path, columns=["name", name, way])
    book = openpyxl.load_workbook(path)
    sheet: Any = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(3, places[name]).value = 2.5
    sheet.cell(3, places[way]).value = "海运"
    book.save(path)
    apply_back(session, read_back(session, path), Decisions())
    got = records.get(session, "customer", key)
    assert (got[name], got[way]) == (Decimal("2.50"), "海运")
    whole = tmp_path / "company.xlsx"
    write_template(session, whole)
    assert {"保证金", "运输方式"} <= {cell.value for row in openpyxl.load_workbook(whole)["客户"].iter_rows(max_row=4) for cell in row}
    tree = [one for group in template_fields(session.catalog, "contract") for one in group.walk()]
    assert f"customer.{name}" in {one.path for one in tree}, "a contract prints its customer's"


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
VALUES = st.fixed_dictionaries({}, optional={
    "text": TEXT, "note": TEXT, "money": st.decimals(-10**9, 10**9, places=2), "quantity": st.decimals(-10**6, 10**6, places=4), "date": st.dates(date(1900, 1, 1)),
    "boolean": st.booleans(), "choice": st.sampled_from(("", "汽运", "海运", "=空运")),
})  # fmt: skip


@pytest.fixture(scope="module")
def one_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, dict[str, str], int]]:
    with company(f"sqlite:///{tmp_path_factory.mktemp('custom') / 'company.sqlite3'}") as session:
        names = add_every_kind(session, "customer")
        yield session, names, make(session, "customer", name="恒泰")


@given(first=VALUES, second=VALUES)
@settings(max_examples=15)
def test_an_undo_gives_back_what_was(one_company: tuple[Session, dict[str, str], int], first: dict[str, Any], second: dict[str, Any]) -> None:
    session, names, key = one_company
    records.save(session, "customer", {names[kind]: value for kind, value in first.items()}, key=key)
    before = records.get(session, "customer", key)
    done = records.save(session, "customer", {names[kind]: value for kind, value in second.items()}, key=key)
    after = records.get(session, "customer", key)
    if done.change_set is None:
        return
    undo(session, done.change_set)
    own = [*names.values()]
    assert [records.get(session, "customer", key)[name] for name in own] == [before[name] for name in own]
    redo_last(session)
    assert [records.get(session, "customer", key)[name] for name in own] == [after[name] for name in own]


def test_policy_hides_nothing_by_accident() -> None:
    assert policy.RIGHTS["viewer"]["fields"].read == "all", "whoever sees a record is told what its fields are called"
