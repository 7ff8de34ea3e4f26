"""Backups by the plan: when one is due, what is made, told, copied and forgotten; and restoring in the place of the open company."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.age import WrongPassword
from desktop_crm.base.errors import Cancelled, NotAllowed, UserError
from desktop_crm.base.plans import BackupPlan, company_file, default_plan, load_plan, save_plan
from desktop_crm.models import filling
from desktop_crm.services import archives, backup_record, backups, policy, records, restoring, users
from desktop_crm.services.backup_record import BackupRecord, Failure, Made, load_record
from desktop_crm.services.backups import due, due_at_exit, health, list_backups, run_backup
from desktop_crm.services.check import check
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import MemoryKeyring

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC).astimezone()


def made(at: datetime, number: int = 1, seconds: float = 1) -> Made:
    return Made(number, f"{number}.crmbackup", "/nowhere", at, 1000, seconds, 7)


def test_a_plan_comes_back_and_nonsense_does_not(expect_log: Callable[[str], None]) -> None:
    url = "mysql://root@server/crm"
    assert load_plan(url) == default_plan(url)
    assert default_plan("sqlite:////data/x.sqlite3").at_exit
    assert not default_plan(url).at_exit
    plan = BackupPlan("hours", 3, "23:59", at_exit=True, folder="D:\\备份", second_folder="E:\\", all_days=3, protected=True)
    save_plan(url, plan)
    assert load_plan(url) == plan
    for wrong in (replace(plan, at="24:00"), replace(plan, hours=0), replace(plan, all_days=0)):
        with pytest.raises(ValueError, match="="):
            save_plan(url, wrong)
    for text in ("", "[]", '{"hours": "x"}'):
        company_file(url, "plan").write_text(text, encoding="utf-8")
        expect_log("backup plan")
        assert load_plan(url) == default_plan(url)


def test_when_a_backup_is_due() -> None:
    hours, daily = BackupPlan("hours", hours=4), BackupPlan("daily", at="12:00")
    assert due(daily, BackupRecord(), NOW, changed=True)
    assert not due(daily, BackupRecord(), NOW, changed=False)
    assert not due(BackupPlan("off"), BackupRecord(), NOW, changed=True)
    for age, expected in ((3.9, False), (4, True), (100, True)):
        assert due(hours, BackupRecord((made(NOW - timedelta(hours=age)),)), NOW, changed=True) is expected
    noon = NOW.replace(hour=12, minute=0)
    for last, now, expected in (
        (noon - timedelta(hours=20), noon - timedelta(minutes=1), False),
        (noon - timedelta(hours=20), noon, True),
        (noon + timedelta(minutes=1), noon + timedelta(hours=8), False),
        (noon - timedelta(hours=25), noon - timedelta(hours=3), True),
    ):
        assert due(daily, BackupRecord((made(last),)), now, changed=True) is expected
    failed = BackupRecord((), Failure(NOW, "x"))
    assert not due(daily, failed, NOW + timedelta(minutes=14), changed=True)
    assert due(daily, failed, NOW + timedelta(minutes=15), changed=True)


@given(st.sampled_from([BackupPlan("hours", hours=5), BackupPlan("daily", at="06:30")]), st.integers(10, 10**7))
def test_a_clock_that_was_set_back_never_stops_backups(plan: BackupPlan, minutes: int) -> None:
    later = NOW + timedelta(minutes=minutes)
    record = BackupRecord((made(later),))
    assert due(plan, record, NOW, changed=True)
    assert due(plan, replace(record, failure=Failure(later, "x")), NOW, changed=True)
    assert not due(plan, record.with_made(made(NOW, 2)), NOW, changed=True), "the newest by number counts"


def test_what_is_made_at_exit() -> None:
    plan = BackupPlan(at_exit=True, exit_seconds=20)
    assert due_at_exit(plan, BackupRecord(), changed=True)
    assert not due_at_exit(plan, BackupRecord(), changed=False)
    assert not due_at_exit(plan, BackupRecord((made(NOW, seconds=21),)), changed=True)
    assert not due_at_exit(replace(plan, at_exit=False), BackupRecord(), changed=True)
    with pytest.raises(Cancelled):
        backups.until(0)(1, 2)


@pytest.fixture
def filled(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        make(session, "customer", name="恒泰")
        yield session


def test_a_backup_by_plan_is_made_once_a_change_copied_and_told(filled: Session, tmp_path: Path) -> None:
    url, second = filled.url, tmp_path / "stick"
    plan = BackupPlan(folder=str(tmp_path), second_folder=str(second))
    assert backups.changed(filled, load_record(url))
    first = run_backup(filled, plan)
    record = load_record(url)
    assert (record.last, first.copied, first.size) == (first, False, first.path.stat().st_size)
    assert not backups.changed(filled, record)
    assert record.second_failure is not None
    assert str(second) in record.second_failure.message
    second.mkdir()
    make(filled, "customer", name="华信")
    assert backups.changed(filled, record)
    run_backup(filled, plan)
    record = load_record(url)
    assert [entry.copied for entry in record.made] == [True, True]
    assert record.second_failure is None
    assert {path.name for path in second.iterdir()} == {entry.name for entry in record.made}
    assert first.path.read_bytes() == (second / first.name).read_bytes()
    found = list_backups(plan, url)
    assert sorted((entry.path.parent == second, entry.made is not None) for entry in found) == [(False, True), (False, True), (True, True), (True, True)]
    assert health(plan, record, filled.now, False, url).level == "good"
    held = archives.read_manifest(record.made[-1].path)
    assert {content.entity: content.records for content in archives.contents(held)}["customer"] == 2


def test_a_failed_backup_is_recorded_and_told_and_leaves_nothing(filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, url = BackupPlan(folder=str(tmp_path / "gone")), filled.url
    with pytest.raises(UserError):
        run_backup(filled, plan)
    record = load_record(url)
    assert record.failure is not None
    assert "gone" in record.failure.message
    assert health(plan, record, filled.now, True, url).level == "alarm"
    folder = tmp_path / "folder"
    folder.mkdir()
    plan = replace(plan, folder=str(folder))
    monkeypatch.setattr(filling, "differences", lambda *_args: ["customer: 1/2"])
    with pytest.raises(UserError, match="customer: 1/2"):
        run_backup(filled, plan)
    monkeypatch.undo()
    assert list(folder.iterdir()) == []
    with pytest.raises(Cancelled):
        run_backup(filled, plan, step=backups.until(0))
    assert list(folder.iterdir()) == []
    run_backup(filled, plan)
    assert load_record(url).failure is None


def test_backups_are_sealed_by_the_kept_password_or_not_made_at_all(filled: Session, tmp_path: Path, password_store: MemoryKeyring) -> None:
    plan = BackupPlan(folder=str(tmp_path), protected=True)
    with pytest.raises(UserError):
        run_backup(filled, plan)
    assert backups.keep_backup_password(filled.url, "geheim123")
    assert password_store.passwords
    sealed = run_backup(filled, plan)
    assert [entry.protected for entry in list_backups(plan, filled.url)] == [True]
    with pytest.raises(WrongPassword):
        archives.read_manifest(sealed.path)
    assert archives.read_manifest(sealed.path, "geheim123").company == "恒信商贸"
    assert b"geheim123" not in company_file(filled.url, "plan").parent.joinpath(company_file(filled.url, "backups").name).read_bytes()


def test_old_backups_go_by_the_rule_and_nothing_else_does(tmp_path: Path) -> None:
    clock = [datetime(2026, 1, 1, 10, tzinfo=UTC)]
    with company(str(tmp_path / "company.sqlite3")) as session:
        session.clock = lambda: clock[0]
        plan = BackupPlan(all_days=2, weekly_weeks=1)
        folder = tmp_path / "backups"
        for day in range(13):
            clock[0] = datetime(2026, 1, 1, 10, tzinfo=UTC) + timedelta(days=day)
            make(session, "customer", name=f"客户{day}")
            run_backup(session, plan)
            if day == 3:
                (folder / "手工.crmbackup").write_bytes(b"PK")
        names = sorted(path.name for path in folder.iterdir())
        record = load_record(session.url)
        assert names == sorted([*(entry.name for entry in record.made), "手工.crmbackup"])
        assert [entry.at.day for entry in record.made] == [4, 11, 12, 13]
        clock[0] -= timedelta(days=300)
        make(session, "customer", name="钟表拨回")
        back = run_backup(session, plan)
        assert load_record(session.url).last == back
        assert len(load_record(session.url).made) == 5, "a clock set back deletes nothing"


def test_what_is_rotated_out_goes_from_the_second_folder_when_it_is_there_again(tmp_path: Path) -> None:
    clock = [datetime(2026, 1, 5, 10, tzinfo=UTC)]
    stick, away = tmp_path / "stick", tmp_path / "away"
    stick.mkdir()
    with company(str(tmp_path / "company.sqlite3")) as session:
        session.clock = lambda: clock[0]
        plan = BackupPlan(all_days=1, second_folder=str(stick))

        def day(name: str) -> Made:
            clock[0] += timedelta(days=1)
            make(session, "customer", name=name)
            return run_backup(session, plan)

        first, second = day("一"), day("二")
        stick.rename(away)
        third = day("三")
        assert not first.path.exists()
        assert (away / first.name).exists()
        away.rename(stick)
        fourth = day("四")
        assert {path.name for path in stick.iterdir()} == {third.name, fourth.name}
        assert [entry.number for entry in load_record(session.url).made] == [third.number, fourth.number]
        assert not second.path.exists()


def test_only_an_administrator_backs_a_server_up(db_url: str, tmp_path: Path) -> None:
    with company(db_url) as session:
        users.add_user(session, {"login": "zhaoting", "name": "赵婷", "role": "sales"})
        with closing(open_session(db_url, "zhaoting")) as sales:
            plan = BackupPlan(folder=str(tmp_path))
            assert policy.may_back_up(sales) is (not session.store.mysql)
            if session.store.mysql:
                with pytest.raises(NotAllowed):
                    run_backup(sales, plan)
            else:
                run_backup(sales, plan)
                with pytest.raises(NotAllowed):
                    restoring.prepare_restore(sales, tmp_path / "x", plan)


def test_an_old_backup_a_full_disk_and_a_missing_file_are_said_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "1.crmbackup"
    path.write_bytes(b"x")
    plan = BackupPlan(folder=str(tmp_path))
    record = BackupRecord((replace(made(NOW - timedelta(days=2)), folder=str(tmp_path)),))
    url = "sqlite:////x"
    assert health(plan, record, NOW, True, url).level == "good"
    assert health(plan, record, NOW + timedelta(days=9), False, url).level == "good", "nothing was changed since"
    old = health(plan, record, NOW + timedelta(days=9), True, url)
    assert (old.level, "11" in old.messages[0]) == ("alarm", True)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: os.statvfs_result((0,) * 10) and type("Usage", (), {"free": 2000})())
    assert health(plan, record, NOW, False, url).level == "alarm"
    monkeypatch.undo()
    path.unlink()
    assert health(plan, record, NOW, False, url).level == "alarm"
    assert health(BackupPlan("off"), record, NOW, False, url).messages[-1]


@pytest.fixture
def present(tmp_path: Path) -> Path:
    """Make a company file, and a backup of it with one customer less."""
    path = tmp_path / "company.sqlite3"
    with company(str(path)) as session:
        make(session, "customer", name="一")
        archives.backup_to(session, tmp_path / "kept.crmbackup")
        make(session, "customer", name="二")
    return path


def names(path: Path) -> list[str]:
    with closing(open_session(str(path))) as session:
        assert check(session) == []
        return sorted(row[0] for row in session.store.sql("SELECT name FROM customer").fetchall())


def test_a_restored_company_takes_the_place_of_the_open_one(present: Path, tmp_path: Path) -> None:
    session = open_session(str(present))
    prepared = restoring.prepare_restore(session, tmp_path / "kept.crmbackup", BackupPlan())
    with pytest.raises(UserError):
        restoring.switch(prepared)
    assert records.count(session, "customer") == 2, "while it is open nothing is changed"
    make(session, "customer", name="三")
    session.close()
    aside = restoring.switch(prepared)
    assert names(present) == ["一"]
    assert aside.name.startswith("company.before-restore-")
    assert names(aside) == ["一", "三", "二"], "what came after the backup isn't lost either"
    assert prepared.backup.path.is_file()
    assert not prepared.file.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(("company.sqlite3-", ".~"))] == []


def test_another_program_keeps_the_company_from_being_replaced(present: Path, tmp_path: Path) -> None:
    with closing(open_session(str(present))) as session:
        prepared = restoring.prepare_restore(session, tmp_path / "kept.crmbackup", BackupPlan())
    with closing(sqlite3.connect(present)) as other:
        other.execute("SELECT COUNT(*) FROM customer").fetchone()
        with pytest.raises(UserError):
            restoring.switch(prepared)
    assert [path.name for path in tmp_path.glob("*before-restore*")] == []
    restoring.discard(prepared)
    assert names(present) == ["一", "二"]


def refuse(*_args: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("broken", [("link", "copyfile"), ("replace",), ("link", "replace")])
def test_whatever_moment_it_breaks_there_is_a_company(present: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, ...]) -> None:
    with closing(open_session(str(present))) as session:
        prepared = restoring.prepare_restore(session, tmp_path / "kept.crmbackup", BackupPlan())
    for name in broken:
        monkeypatch.setattr({"link": os, "copyfile": shutil, "replace": Path}[name], name, refuse)
    with pytest.raises(UserError):
        restoring.switch(prepared)
    monkeypatch.undo()
    assert names(present) == ["一", "二"]
    monkeypatch.setattr(os, "link", refuse)
    aside = restoring.switch(prepared)
    monkeypatch.undo()
    assert names(present) == ["一"]
    assert names(aside) == ["一", "二"], "a copy where the disk has no links"


def test_a_damaged_company_is_replaced_by_its_backup_and_kept(present: Path, tmp_path: Path) -> None:
    assert not restoring.is_damaged(present)
    garbage = b"\x00" * 5000
    present.write_bytes(garbage)
    present.with_name("company.sqlite3-wal").write_bytes(b"what is left")
    assert restoring.is_damaged(present)
    aside = restoring.replace_by_backup(tmp_path / "kept.crmbackup", present)
    assert names(present) == ["一"]
    assert aside.read_bytes() == garbage
    assert not present.with_name("company.sqlite3-wal").exists(), "it would be taken for the new one's"


def test_a_company_on_a_server_is_restored_beside_it(mariadb_url: str, tmp_path: Path) -> None:
    with company(mariadb_url) as session, pytest.raises(UserError):
        restoring.prepare_restore(session, tmp_path / "x", BackupPlan())


def test_a_disk_too_full_for_the_record_is_told_once_and_remembered(filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]) -> None:
    """The usual company has one disk: when it is full, what is known of the backups can't be written either."""
    folder, url = tmp_path / "folder", filled.url
    folder.mkdir()
    plan = BackupPlan(folder=str(folder), schedule="hours")

    def full(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup_record, "write_atomically", full)
    monkeypatch.setattr(archives, "write_proven", full)
    with pytest.raises(UserError, match="磁盘已满"):
        run_backup(filled, plan)
    expect_log("could not be written")
    record = load_record(url)
    assert record.failure is not None
    assert not due(plan, record, filled.now, True), "and is not tried again every minute"
    monkeypatch.undo()
    run_backup(filled, plan)
    assert load_record(url).failure is None
    assert json.loads(company_file(url, "backups").read_text(encoding="utf-8"))["failure"] is None
