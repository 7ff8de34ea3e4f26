"""The index of search finds exactly what looking through every search text would find, whatever happened to the records."""

from __future__ import annotations

import random
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Either, Every, Linked, Matching, Query, VisibleTo, Where
from desktop_crm.domain.text import fold
from desktop_crm.models import first_by_name, first_hits, listed, name_places, postings, search_index, sieve, value_index, waiting
from desktop_crm.services import archives, check, merging, records, search, undoing, users, writing
from desktop_crm.services.session import Session, create_company, open_session
from tests.support.company import make
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.database import Store
    from desktop_crm.models.registry import Entity

SYLLABLES = "华信恒泰东海单仇曾查区重庆行乐长"
LATIN = ("ABC", "Ä-1", "a_b", "50%", "x|y", "阿Q", "")


def tend(session: Session) -> None:
    search.tend_index(session, step=silent)
    assert search_index.pending_count(session.store) == 0


def invented(chance: random.Random) -> dict[str, str]:
    name = "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))
    place = chance.randint(0, len(name))
    return {
        "name": name[:place] + chance.choice(LATIN) + name[place:] + chance.choice(("", "有限公司", " 公司")),
        "mobile": f"1{chance.choice('38')}{chance.randrange(10**9):09d}",
    }


def fill(session: Session, count: int, seed: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - it must be repeatable
    rows = [writing.with_defaults(session, "customer", dict(invented(chance))) for _row in range(count)]
    return session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows)).result


def keys(session: Session, name: str = "customer") -> dict[int, str]:
    rows = session.records.find(session.entity(name), EVERYTHING, ["search_key"], sort="id")
    return {row["id"]: str(row["search_key"]) for row in rows}


def scanned(session: Session, text: str) -> list[int]:
    words = fold(text).split()
    return sorted(key for key, held in keys(session).items() if all(word in held for word in words))


def found(session: Session, text: str) -> list[int]:
    return session.records.ids_where(session.entity("customer"), Matching(text))


def parts(session: Session, chance: random.Random, count: int) -> list[str]:
    """Return parts of what is there, of every length, one or two together, and some of what may not be there."""
    words = [word for held in keys(session).values() for word in held.split()]
    made = []
    for _number in range(count):
        word = chance.choice(words)
        start = chance.randrange(len(word))
        made.append(word[start : start + chance.randint(1, 7)])
    made += [f"{first} {second}" for first, second in pairwise(made)][: count // 2]
    return [*made, "没有", "q", "hx", "单", "动a", "zz9", "%", "_", "|", "a动", "华 信", ""]


def same(session: Session, seed: int = 5, count: int = 40) -> None:
    """Assert that the index and the scan agree."""
    for text in parts(session, random.Random(seed), count):  # noqa: S311 - it must be repeatable
        assert found(session, text) == scanned(session, text), text


def same_pages(session: Session, texts: int = 100, sorts: int = 4) -> None:
    """Assert that the first pages of lists are those of the whole list, in every order, with a filter too."""
    for text in parts(session, random.Random(3), 8)[:texts]:  # noqa: S311 - it must be repeatable
        for sort, descending in (("", False), ("name", True), ("mobile", False), ("balance", False))[:sorts]:
            for condition in (Matching(text), Every((Matching(text), Where("id", "gt", 60)))):
                query = Query("customer", condition, sort, descending=descending)
                whole = session.records.ids(query)
                for offset, limit in ((0, 5), (3, 20), (0, 400)):
                    assert session.records.ids(query, limit=limit, offset=offset) == whole[offset : offset + limit], (text, sort, offset)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    made = create_company(lay(db_url), admin="王敏")
    yield made
    made.close()


@contextmanager
def limits(monkeypatch: pytest.MonkeyPatch, **values: int) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for name, value in values.items():
            patch.setattr(sieve, name, value)
        yield


def test_what_is_pending_and_what_is_taken_in_is_found(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(session, 150, 1)
    same(session)
    tend(session)
    same(session)
    fill(session, 60, 2)
    same(session)
    with monkeypatch.context() as patch:
        patch.setattr(waiting, "MOST", 5)
        same(session, 6)
    tend(session)
    for few in ({"MOST": 5}, {"BEGINNINGS_MOST": 3}, {"MOST": 0}):
        with limits(monkeypatch, **few):
            same(session, 7)
    for most, looked_at, chunks in ((10_000, 400, (4_000, 400)), (0, 400, (7, 11, 400)), (0, 400, (7, 11)), (0, 3, (7, 11, 400))):
        with limits(monkeypatch, MOST=most), monkeypatch.context() as patch:
            patch.setattr(first_hits, "LOOKED_AT", looked_at)
            for name, value in {"FEW": most, "CHUNKS": chunks, "NEAR": 3}.items():
                patch.setattr(listed, name, value)
            same_pages(session, 9)
    assert check.check(session) == []


@contextmanager
def by_places(monkeypatch: pytest.MonkeyPatch, **values: int | tuple[int, ...]) -> Iterator[None]:
    """Let the places of names lead to every first page."""
    with monkeypatch.context() as patch:
        patch.setattr(name_places, "SMALL", 0)
        for name, value in {"SOONER": -1, "LOOKED_AT": (3, 4, 5), "PART": 2, "SORTED_MOST": 3, "FEW_LEFT": 0, **values}.items():
            patch.setattr(first_by_name, name, value)
        patch.setattr(listed, "FOLLOWED", 0)
        patch.setattr(listed, "CHUNKS", (0, 400))
        yield


def test_first_pages_by_the_places_of_names(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[bool] = []
    real = first_by_name.first_by_name

    def counted(*given: Any, **named: Any) -> list[int] | None:
        found = real(*given, **named)
        used.append(found is not None)
        return found

    monkeypatch.setattr(listed, "first_by_name", counted)
    ids = fill(session, 130, 12)
    with by_places(monkeypatch):
        tend(session)
        same_pages(session, 6, 2)
        assert used.count(True) > len(used) // 4
        records.save(session, "customer", {"name": "阿华信", "mobile": "13800000000"}, key=ids[-1])
        records.save(session, "customer", {"name": "佐华信", "mobile": "13800000001"}, key=ids[0])
        records.delete(session, "customer", ids[5:9])
        fill(session, 20, 13)
        same_pages(session, 6, 2)
        far: list[tuple[int, int]] = []
        with pytest.raises(Cancelled):
            search.tend_index(session, step=lambda done, total: stop_at_the_end(far, done, total))
        same_pages(session, 6, 2)
        tend(session)
        assert name_places.unmade(session.store) == []
        same_pages(session, 6, 2)
    with by_places(monkeypatch, MOST_LOOKED=9):
        same_pages(session, 6, 2)
    assert check.check(session) == []


def stop_at_the_end(far: list[tuple[int, int]], done: int, total: int) -> None:
    """Stop when everything pending is taken in, before places are made anew."""
    far.append((done, total))
    if done == total:
        raise Cancelled


def test_filters_thin_out_what_the_narrowest_leaves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = fill(session, 120, 14)
    entry = session.entity("customer")
    for name, value, count in (("city", "苏州", 60), ("level", 4, 40), ("status", "active", 90), ("owner", session.person.id, 30)):
        session.write("test", "test", lambda name=name, value=value, count=count: session.records.change(entry, ids[:count] if count > 50 else ids[-count:], {name: value}, session.now))  # type: ignore[misc]
    parts = (Where("city", "in", ("苏州",)), Where("level", "ge", 2), Where("status", "eq", "active"), VisibleTo(session.person.id, "owner"), Where("next_contact", "empty"))
    plain = {}
    shapes = [Every(parts[start:end]) for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)]
    shapes += [Every((Matching(word), *shape.parts)) for word, shape in zip("公信h1", shapes[3::3], strict=False)]
    shapes.append(Every((Where("owner", "eq", 99), VisibleTo(session.person.id, "owner"))))
    for number, condition in enumerate(shapes):
        plain[condition, number % 2 > 0] = session.records.ids(Query("customer", condition, "name", descending=number % 2 > 0))
    thinned: list[int] = []
    real = first_by_name.ByName._thinned

    def counted(asked: first_by_name.ByName, coded: list[int], expected: int) -> list[int]:
        thinned.append(len(coded))
        return real(asked, coded, expected)

    monkeypatch.setattr(first_by_name.ByName, "_thinned", counted)
    cheap = {"FEW_FOUND": 0, "LOOK_ON_FILE": 1000, "LOOK_ON_SERVER": 1000}
    for dense, limits_here in ((False, {}), (False, cheap | {"WIDE": 0}), (True, cheap)):
        with by_places(monkeypatch, **limits_here), monkeypatch.context() as patch:
            if dense:
                patch.setattr(listed, "CHUNKS", (40, 400))
                patch.setattr(listed, "NEAR", 3)
            else:
                # What the index of values knows is looked for in those of the filters.
                patch.setattr(value_index, "BLOCKS_MOST", 0)
            tend(session)
            for (condition, descending), expected in plain.items():
                query = Query("customer", condition, "name", descending=descending)
                for offset, limit in ((0, 5), (4, 30)):
                    assert session.records.ids(query, limit=limit, offset=offset) == expected[offset : offset + limit], condition
                if expected:
                    assert session.records.ids(query, limit=7, offset=len(expected) - 7 if len(expected) > 7 else 0, count=len(expected)) == expected[-7:]
    assert len(thinned) > 20


def test_a_name_that_moves_without_its_search_text_is_pending(session: Session) -> None:
    key = make(session, "customer", name="华信", short_name="华信东海")
    tend(session)
    session.write("test", "test", lambda: session.store.sql("UPDATE customer SET sort_key = 'zz' WHERE id = ?", (key,)))
    assert search_index.pending_count(session.store) == 1


def test_a_wrong_place_is_named_and_made_anew(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(session, 30, 15)
    monkeypatch.setattr(name_places, "SMALL", 0)
    search_index.clear(session.store)
    tend(session)
    entry = session.entity("customer")
    (numbers,) = name_places.kept(session.store, entry).values()
    first, last = (session.records.ids(Query("customer", sort="name", descending=way), limit=1)[0] for way in (False, True))
    numbers[first], numbers[last] = numbers[last], numbers[first]
    session.store.sql("UPDATE search_place SET places = ? WHERE entity = 'customer' AND block = 0", (numbers.tobytes(),))
    assert [problem.entity for problem in check.check(session) if problem.kind == "search"] == ["customer"]
    assert check.repair(session) == []


def test_places_that_others_changed_meanwhile_are_not_written(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = fill(session, 30, 16)
    monkeypatch.setattr(name_places, "SMALL", 0)
    tend(session)
    entry = session.entity("customer")
    made = name_places._in_order

    def meanwhile(store: Store, entry: Entity, breathe: Callable[[int], None]) -> Iterator[tuple[int, str]]:
        found = [*made(store, entry, breathe)]
        with store.transaction():
            store.sql("UPDATE search_place SET places = ? WHERE block = 0", (bytes(2 * postings.BLOCK),))
            name_places.take_in(store, entry, ids[:3])
        return iter(found)

    monkeypatch.setattr(name_places, "_in_order", meanwhile)
    name_places.make(session.store, entry, lambda _done: None)
    assert entry in name_places.unmade(session.store)
    assert name_places.kept(session.store, entry)[0][ids[3]] == 0
    assert all(name_places.kept(session.store, entry)[0][key] for key in ids[:3])


def test_blocks_of_ids_are_put_together(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (1, 65_535, 65_536, 65_537, 200_000, 200_001):
        row = writing.with_defaults(session, "customer", {"id": key, "name": f"华信{key}", "code": f"K{key}"})
        session.write("test", "test", lambda row=row: session.records.insert(session.entity("customer"), [row], session.now))  # type: ignore[misc]
    tend(session)
    assert found(session, "华信") == [1, 65_535, 65_536, 65_537, 200_000, 200_001]
    assert found(session, "2000") == [200_000, 200_001]
    same(session)
    monkeypatch.setattr(sieve, "BLOCKS_MOST", 0)
    same(session)


def test_changes_undo_deletion_and_restoring_are_followed(session: Session) -> None:
    ids = fill(session, 120, 3)
    tend(session)
    changed = session.write("test", "test", lambda: session.records.relink(session.entity("customer"), "owner", ids, session.person.id, session.now))
    assert {row[0] for row in session.store.sql("SELECT entity FROM search_pending").fetchall()} == {"customer="}, "what changes no text isn't pending for it"
    renamed = records.save(session, "customer", {"name": "单于远航"}, key=ids[0])
    assert found(session, "cyyh") == [ids[0]]
    same(session)
    undoing.undo(session, renamed.change_set or 0)
    assert found(session, "cyyh") == []
    same(session)
    gone = records.delete(session, "customer", ids[:50])
    same(session)
    tend(session)
    same(session)
    undoing.undo(session, gone.change_set or 0)
    assert len(found(session, "1")) >= len(ids[:50])
    same(session)
    undoing.undo(session, changed.change_set or 0)
    tend(session)
    same(session)
    assert check.check(session) == []


def test_bulk_statements_and_merging_are_followed(session: Session) -> None:
    ids = fill(session, 30, 4)
    tend(session)
    session.write("test", "test", lambda: session.store.sql("UPDATE customer SET search_key = CONCAT('整批', LOWER(name))" if session.store.mysql else "UPDATE customer SET search_key = '整批' || LOWER(name)"))
    assert found(session, "整批") == ids
    same(session)
    check.repair(session)
    same(session)
    assert found(session, "整批") == []
    merging.merge(session, "customer", ids[0], [ids[1]], {})
    same(session)


def test_a_restored_company_is_searched_at_once_and_indexed_when_tended(session: Session, tmp_path: Path) -> None:
    fill(session, 40, 8)
    tend(session)
    archives.backup_to(session, tmp_path / "c.crmbackup")
    target = tmp_path / "other.sqlite3"
    archives.restore(tmp_path / "c.crmbackup", str(target))
    other = open_session(str(target))
    try:
        assert search.index_due(other)
        same(other)
        tend(other)
        assert not search.index_due(other)
        same(other)
    finally:
        other.close()


def test_triggers_that_were_missing_make_the_index_anew(session: Session) -> None:
    fill(session, 20, 9)
    tend(session)
    session.store.sql("DROP TRIGGER find_customer_update")
    session.store.sql("UPDATE customer SET search_key = '无人知晓' WHERE id = 3")
    assert found(session, "无人知晓") == []
    assert any(problem.kind == "search" for problem in check.check(session))
    check.repair(session)
    same(session)
    assert check.check(session) == []


def test_a_lost_row_of_the_index_is_named_and_made_anew(session: Session) -> None:
    ids = fill(session, 20, 9)
    tend(session)
    session.store.sql("DELETE FROM search_posting WHERE entity = 'customer' AND gram = ?", (b"13" + keys(session)[ids[0]].split("13", 1)[1][:1].encode(),))
    (problem,) = [one for one in check.check(session) if one.kind == "search"]
    assert problem.entity == "customer"
    assert check.repair(session) == []
    same(session)


def test_tending_goes_on_where_it_was_stopped(session: Session) -> None:
    fill(session, 300, 10)
    search_index.clear(session.store)

    def stop(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        search.tend_index(session, step=stop)
    same(session)
    tend(session)
    same(session)


def test_the_index_serves_conditions_of_every_shape(session: Session) -> None:
    ids = fill(session, 80, 11)
    tend(session)
    contact = make(session, "contact", name="李四", customer=ids[0])
    name = keys(session)[ids[0]].split()[0]
    assert session.records.ids_where(session.entity("contact"), Linked("customer", Matching(name[:2]))) == [contact]
    wanted = set(scanned(session, name[:2]))
    shapes: list[tuple[Condition, set[int]]] = [
        (Every((Matching(name[:2]), Where("id", "le", ids[40]))), {key for key in wanted if key <= ids[40]}),
        (Either((Matching(name[:2]), Where("id", "eq", ids[-1]))), wanted | {ids[-1]}),
        (Every((Matching(name[:2]), Either((Matching("没有"), Where("id", "ge", ids[1]))))), {key for key in wanted if key >= ids[1]}),
        (Every((Matching(name[:1]), Matching("1"))), set(scanned(session, f"{name[:1]} 1"))),
    ]
    for condition, expected in shapes:
        assert set(session.records.ids_where(session.entity("customer"), condition)) == expected
        assert session.records.count(session.entity("customer"), condition) == len(expected)
        assert session.records.totals(session.entity("customer"), condition, ["balance"])["count"] == len(expected)
        page = session.records.ids(Query("customer", condition, "name", descending=True), limit=5)
        assert page == session.records.ids(Query("customer", condition, "name", descending=True))[:5]
        assert set(page) <= expected


def test_rights_stay_in_the_question(session: Session) -> None:
    users.add_user(session, {"login": "li", "name": "李四", "role": "sales"})
    mine = session.records.ids_where(session.entity("user"), Where("login", "eq", "li"))[0]
    make(session, "customer", name="华信一", owner=session.person.id)
    seen = make(session, "customer", name="华信二", owner=mine)
    tend(session)
    seller = open_session(session.url, "li")
    try:
        assert [row["id"] for row in records.page(seller, Query("customer", Matching("华信")))] == [seen]
        assert [ref.title for ref in records.suggest(seller, "customer", "hx")] == ["华信二"]
        assert [one.title for one in search.find(seller, "华信")] == ["华信二"]
    finally:
        seller.close()


@settings(max_examples=25)
@given(st.lists(st.text(alphabet="华信单曾ab1 é·ß", min_size=1, max_size=9), min_size=1, max_size=8), st.text(alphabet="华信单曾ab1szdc ", max_size=4))
def test_any_names_and_any_words(tmp_path_factory: pytest.TempPathFactory, names: list[str], text: str) -> None:
    session = _kept(tmp_path_factory)
    session.write("test", "test", lambda: session.records.delete(session.entity("customer"), list(keys(session))))
    rows = [writing.with_defaults(session, "customer", {"name": name}) for name in names]
    session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows[:4]))
    tend(session)
    session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows[4:]))
    assert found(session, text) == scanned(session, text)


_SESSIONS: list[Session] = []


def _kept(factory: pytest.TempPathFactory) -> Session:
    if not _SESSIONS:
        _SESSIONS.append(create_company(str(factory.mktemp("names") / "c.sqlite3"), admin="王敏"))
    return _SESSIONS[0]
