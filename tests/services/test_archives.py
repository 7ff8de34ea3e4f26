"""Archives: every row, change and id goes from any engine to any other, proven; what is no archive, or a broken one, is refused."""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
import tracemalloc
import zipfile
from contextlib import closing, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.age import WrongPassword
from desktop_crm.base.errors import Cancelled, NewerDatabase, NotAllowed, UserError
from desktop_crm.models import archive, migrate, tables
from desktop_crm.services import archives, records, sample, users
from desktop_crm.services.archives import backup_to, contents, move, read_manifest, restore
from desktop_crm.services.check import check
from desktop_crm.services.history import record_history
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def fill(session: Session) -> int:
    """Fill the company, delete a customer last and return the id it had; everybody has a password."""
    sample.fill(session, 4)
    users.set_password(session, session.person.id, "123456")
    make(session, "customer", name="𬭎䶮 ' \" \\ \n \t \x00 %_? é", note="第一行\r\n第二行\u2028x")
    key = make(session, "customer", name="不再有的客户")
    records.delete(session, "customer", [key])
    return key


def texts(session: Session) -> dict[str, bytes]:
    """Return every table as an archive spells it."""
    found: dict[str, bytes] = {}
    for table in tables.table_names(session.store):
        rows = [row for page in tables.pages(session.store, table, tables.kept_columns(session.store, table)) for row in page]
        found[table] = tables.as_lines(rows)
    return found


def same(original: Session, url: str, deleted: int) -> None:
    with closing(open_session(url, "boss", "123456")) as copy:
        assert check(copy) == []
        assert texts(copy) == texts(original)
        for name in original.catalog:
            assert records.totals(copy, name) == records.totals(original, name), name
        assert record_history(copy, "customer", 1) == record_history(original, "customer", 1)
        new = make(copy, "customer", name="新客户")
        assert new > deleted, "a new record must not inherit the history of a deleted one"
        assert len(record_history(copy, "customer", new)) == 1


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".~")]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Make an archive of a small company."""
    path = tmp_path / "kept.crmbackup"
    with company(str(tmp_path / "origin.sqlite3")) as session:
        sample.fill(session, 3)
        backup_to(session, path)
    return path


@pytest.mark.parametrize("password", ["", "给备份的密码"])
def test_a_backup_is_the_whole_company_and_replaces_an_older_one(db_url: str, tmp_path: Path, password: str) -> None:
    with company(db_url) as session:
        deleted = fill(session)
        path = tmp_path / "backup.crmbackup"
        path.write_bytes(b"older")
        manifest = backup_to(session, path, password=password)
        again = tmp_path / "restored.sqlite3"
        assert restore(path, str(again), password=password) == manifest
        same(session, str(again), deleted)
        assert [file.name for file in tmp_path.iterdir() if file.suffix == ".crmbackup"] == ["backup.crmbackup"]
        assert left(tmp_path) == []
        if password:
            for wrong in ("", "falsch"):
                with pytest.raises(WrongPassword):
                    read_manifest(path, wrong)


def test_what_a_backup_holds_is_told_without_restoring_it(db_url: str, tmp_path: Path) -> None:
    with company(db_url) as session:
        sample.fill(session, 4)
        backup_to(session, tmp_path / "a.crmbackup")
        manifest = read_manifest(tmp_path / "a.crmbackup")
        (latest, *_rest) = session.log.entries()
        assert (manifest.company, manifest.last_change and manifest.last_change.id) == ("恒信商贸", latest.id)
        held = {content.entity: content for content in contents(manifest)}
        for name in session.catalog:
            assert held[name].records == records.count(session, name), name
        owed = session.store.scalar("SELECT SUM(amount) FROM receivable")
        assert Decimal(int(owed)) / 100 in held["receivable"].sums.values()


def test_a_company_moves_to_a_server_and_to_a_shared_file_and_back(mariadb_url: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with company(str(tmp_path / "company.sqlite3")) as session:
        deleted = fill(session)
        move(session, mariadb_url, step=lambda done, total: seen.append((done, total)))
        assert seen[-1][0] == seen[-1][1]
        assert [done for done, _total in seen] == sorted(done for done, _total in seen)
        shared = f"sqlite:///{tmp_path / 'shared.sqlite3'}?shared=1"
        with closing(open_session(mariadb_url, "boss", "123456")) as server:
            move(server, shared)
        back = str(tmp_path / "back.sqlite3")
        with closing(open_session(shared, "boss", "123456")) as office:
            move(office, back)
        for url in (mariadb_url, shared, back):
            same(session, url, deleted)
        with pytest.raises(UserError):
            move(session, mariadb_url)


class Stop:
    """Cancels after some steps."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, _done: int, _total: int) -> None:
        self.after -= 1
        if self.after < 0:
            raise Cancelled


def until(share: float) -> Callable[[int, int], None]:
    """Cancel from a share of the work on."""

    def step(done: int, total: int) -> None:
        if done >= total * share:
            raise Cancelled

    return step


@pytest.mark.usefixtures("kept")
def test_what_is_stopped_leaves_nothing_and_can_be_repeated(db_url: str, tmp_path: Path) -> None:
    with closing(open_session(str(tmp_path / "origin.sqlite3"))) as session:
        for share in (0, 0.4, 0.6, 1):
            with pytest.raises(Cancelled):
                move(session, db_url, step=until(share))
            with pytest.raises(UserError):
                open_session(db_url)
        move(session, db_url)
        with closing(open_session(db_url)) as copy:
            assert texts(copy) == texts(session)
    assert left(tmp_path) == []


def test_a_sealed_backup_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        for after in (0, 2):
            with pytest.raises(Cancelled):
                backup_to(session, tmp_path / "x.crmbackup", password="geheim", step=Stop(after))
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".crmbackup"] == left(tmp_path) == []


def test_a_killed_copy_into_a_server_is_no_company_and_is_begun_anew(kept: Path, mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A killed program clears nothing.
    monkeypatch.setattr("desktop_crm.models.filling.clear", lambda _store: None)
    with pytest.raises(Cancelled):
        restore(kept, mariadb_url, step=until(0.4))
    monkeypatch.undo()
    with pytest.raises(UserError, match=r"broken off|中断"):
        open_session(mariadb_url)
    restore(kept, mariadb_url)
    with closing(open_session(mariadb_url)) as session:
        assert check(session) == []


def test_only_an_administrator_copies_and_only_where_nothing_is_lost(tmp_path: Path) -> None:
    db = tmp_path / "company.sqlite3"
    with company(str(db)) as session:
        users.add_user(session, {"login": "zhaoting", "name": "赵婷", "role": "finance"})
        with closing(open_session(str(db), "zhaoting")) as finance:
            with pytest.raises(NotAllowed):
                backup_to(finance, tmp_path / "x.crmbackup")
            with pytest.raises(NotAllowed):
                move(finance, str(tmp_path / "x.sqlite3"))
        for refused in (db, tmp_path / "none" / "x.crmbackup", tmp_path, tmp_path / "x.sqlite3"):
            with pytest.raises(UserError):
                backup_to(session, refused)
        kept = tmp_path / "b.crmbackup"
        backup_to(session, kept)
        for source, target in ((tmp_path / "nothing", tmp_path / "y.sqlite3"), (kept, db), (kept, tmp_path / "no" / "y.sqlite3")):
            with pytest.raises(UserError):
                restore(source, str(target))
    assert set(tmp_path.glob("[xyz].*")) == set()
    assert left(tmp_path) == []


def test_a_backup_of_an_earlier_version_is_brought_up(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = tmp_path / "later"
    shutil.copytree(migrate.FOLDER, later)
    (later / "9001_later.py").write_text(
        "from desktop_crm.models.schema import Column, add_column\n\ndef up(_migrator, db):\n    add_column(db, 'customer', Column('later', 'count'))\n"
        "    db.execute_sql('UPDATE customer SET later = id')\n", encoding="utf-8",
    )
    monkeypatch.setattr("desktop_crm.models.migrate.FOLDER", later)
    restore(kept, str(tmp_path / "up.sqlite3"))
    with closing(open_session(str(tmp_path / "up.sqlite3"))) as session:
        assert session.store.sql("SELECT later FROM customer ORDER BY id").fetchall() == [(1,), (2,), (3,)]
        backup_to(session, tmp_path / "newer.crmbackup")
    monkeypatch.undo()
    with pytest.raises(NewerDatabase):
        read_manifest(tmp_path / "newer.crmbackup")
    with pytest.raises(NewerDatabase):
        restore(tmp_path / "newer.crmbackup", str(tmp_path / "no.sqlite3"))
    assert not (tmp_path / "no.sqlite3").exists()


def test_a_company_file_is_taken_as_a_backup(tmp_path: Path) -> None:
    db = tmp_path / "company.sqlite3"
    with company(str(db)) as session:
        deleted = fill(session)
        with closing(sqlite3.connect(db)) as origin, closing(sqlite3.connect(tmp_path / "old.sqlite3")) as copy:
            origin.backup(copy)
        before = (tmp_path / "old.sqlite3").read_bytes()
        assert read_manifest(tmp_path / "old.sqlite3").company == "恒信商贸"
        restore(tmp_path / "old.sqlite3", str(tmp_path / "again.sqlite3"))
        assert (tmp_path / "old.sqlite3").read_bytes() == before
        same(session, str(tmp_path / "again.sqlite3"), deleted)


def repacked(kept: Path, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return the archive with other members, as somebody makes it who knows the format."""
    with zipfile.ZipFile(kept) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def manifest_with(members: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(members["manifest.json"])
    change(content)
    members["manifest.json"] = json.dumps(content).encode()


def broken(kept: Path) -> Iterator[tuple[str, bytes]]:
    """Yield archives that are none, damaged, hostile or another program's."""
    whole = kept.read_bytes()
    yield "empty", b""
    yield "text", b"hello\n" * 100
    yield "half", whole[: len(whole) // 2]
    yield "cut", whole[:-30]
    yield "other database", b"SQLite format 3\0" + b"x" * 4096
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("word/document.xml", "<w/>")
    yield "other zip", other.getvalue()

    def row(members: dict[str, bytes]) -> None:
        members["tables/customer.ndjson"] = members["tables/customer.ndjson"].replace("公司".encode(), "司公".encode(), 1)

    def missing(members: dict[str, bytes]) -> None:
        del members["tables/contact.ndjson"]

    def outside(members: dict[str, bytes]) -> None:
        members["../../escape.txt"] = b"x"

    def bomb(members: dict[str, bytes]) -> None:
        members["tables/contact.ndjson"] = b"[" * (300 << 20)
        manifest_with(members, lambda content: content["tables"]["contact"].update(bytes=300 << 20))

    def typed(value: str) -> Callable[[dict[str, bytes]], None]:
        def change(members: dict[str, bytes]) -> None:
            rows = members["tables/counter.ndjson"] = f"[1,{value},5]\n".encode()
            manifest_with(members, lambda content: content["tables"]["counter"].update(bytes=len(rows), rows=1))

        return change

    for what, change in (
        ("a changed row", row), ("a table less", missing), ("a path", outside), ("a bomb", bomb), ("a float", typed("1.5")), ("a list", typed("[1]")),
        ("a huge number", typed("1" + "0" * 30)), ("nesting", typed("[" * 100000 + "]" * 100000)), ("NaN", typed("NaN")),
        ("no manifest", lambda members: manifest_with(members, lambda content: content.pop("tables"))),
        ("a strange table", lambda members: manifest_with(members, lambda content: content["tables"].update({"x`; DROP": content["tables"]["contact"]}))),
        ("a negative length", lambda members: manifest_with(members, lambda content: content["tables"]["contact"].update(bytes=-1))),
        ("a strange column", lambda members: manifest_with(members, lambda content: content["tables"]["contact"].update(columns=["id", "1; --"]))),
        ("the wrong sums", lambda members: manifest_with(members, lambda content: content["tables"]["receivable"]["sums"].update(amount=1))),
    ):
        yield what, repacked(kept, change)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as file:
        for number in range(70_000):
            file.writestr(f"tables/t{number}.ndjson", b"")
    yield "many members", many.getvalue()


def test_a_broken_or_hostile_archive_is_refused_in_little_memory_and_leaves_nothing(kept: Path, tmp_path: Path) -> None:
    file, target = tmp_path / "broken.crmbackup", tmp_path / "target.sqlite3"
    for what, content in broken(kept):
        file.write_bytes(content)
        tracemalloc.start()
        refused = ""
        with suppress(UserError):
            restore(file, str(target))
            refused = what
        assert not refused
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 150 << 20, what
        assert not target.exists(), what
        assert left(tmp_path) == [], what
    assert not list(tmp_path.parent.glob("escape*"))


@pytest.mark.parametrize("password", ["", "geheim"])
def test_no_flipped_bit_goes_unnoticed(kept: Path, tmp_path: Path, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_crm.base.age.LOG_WORK_LIMIT", 12)
    if password:
        from desktop_crm.base import age

        sealed = tmp_path / "sealed.crmbackup"
        with sealed.open("wb") as raw:
            writer = age.Sealing(raw, password, log_work=5)
            writer.write(kept.read_bytes())
            writer.close()
        kept = sealed
    whole = kept.read_bytes()
    drawn = random.Random(7)  # noqa: S311 - the positions to try
    file, target = tmp_path / "flipped.crmbackup", tmp_path / "target.sqlite3"
    restore(kept, str(target), password=password)
    good = target.read_bytes()
    positions = [*drawn.sample(range(len(whole)), 12), *range(len(whole) - 60, len(whole), 9), *range(0, 60, 7)]
    for position in positions:
        target.unlink(missing_ok=True)
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 1 << drawn.randrange(8)]) + whole[position + 1 :])
        try:
            restore(file, str(target), password=password)
        except UserError:
            assert not target.exists()
        else:
            assert len(target.read_bytes()) == len(good)
            with closing(open_session(str(target))) as one, closing(open_session(str(tmp_path / "origin.sqlite3"))) as other:
                assert texts(one) == texts(other), position


def test_manifests_survive_writing_and_reading(kept: Path) -> None:
    manifest = read_manifest(kept)
    assert archive._manifest_of(json.loads(manifest.text())) == manifest
    assert kept.suffix == archives.EXTENSION
