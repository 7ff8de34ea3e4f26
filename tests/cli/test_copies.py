"""backup, restore and move as scripts use them."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_crm.base.plans import default_plan, load_plan, save_plan
from desktop_crm.services.session import open_session
from tests.cli.support import Shell
from tests.support.children import python
from tests.support.company import company, make

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    db = str(tmp_path / "company.sqlite3")
    with company(db) as session:
        for name in ("一", "二", "三"):
            make(session, "customer", name=name)
    return Shell(capsys, db)


def test_backup_and_restore(shell: Shell, tmp_path: Path) -> None:
    db, kept = shell.db, tmp_path / "backup.crmbackup"
    answer = shell.json("backup", str(kept))
    assert (answer["bytes"], answer["records"]["customer"], answer["company"]) == (kept.stat().st_size, 3, "恒信商贸")
    assert shell.json("restore", str(kept), code=1)["ok"] is False, "a company is never overwritten"
    shell.db = str(tmp_path / "again.sqlite3")
    assert shell.json("restore", str(kept))["records"]["customer"] == 3
    assert shell.json("list", "customer")["count"] == 3
    assert shell.json("check")["ok"] is True
    damaged = tmp_path / "damaged.crmbackup"
    damaged.write_bytes(kept.read_bytes()[:3000])
    shell.db = str(tmp_path / "third.sqlite3")
    shell.run("restore", str(damaged))
    assert (shell.code, (tmp_path / "third.sqlite3").exists()) == (1, False)
    shell.db = db
    for refused in (tmp_path / "no folder" / "x.crmbackup", tmp_path / "x.sqlite3"):
        shell.run("backup", str(refused))
        assert shell.code == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".~")) == []


def test_a_backup_is_shown_without_a_company(shell: Shell, tmp_path: Path) -> None:
    kept = str(tmp_path / "backup.crmbackup")
    shell.run("backup", kept)
    shell.db = ""
    shown = shell.json("restore", kept, "--show")
    assert (shown["company"], shown["records"]["customer"], shown["last_change"]["user"]) == ("恒信商贸", 3, "boss")
    assert "恒信商贸" in shell.run("restore", kept, "--show")


def test_a_sealed_backup_asks_for_its_password(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, file = str(tmp_path / "sealed.crmbackup"), tmp_path / "password"
    file.write_text("封存的密码\n", encoding="utf-8")
    shell.json("backup", kept, "--password-from", str(file))
    shell.db = str(tmp_path / "again.sqlite3")
    for wrong in ("", "wrong-one"):
        monkeypatch.setenv("DESKTOP_CRM_BACKUP_PASSWORD", wrong)
        assert "密码" in shell.json("restore", kept, "--lang", "zh_CN", code=1)["error"]
    monkeypatch.setenv("DESKTOP_CRM_BACKUP_PASSWORD", "封存的密码")
    assert shell.json("restore", kept)["records"]["customer"] == 3


def test_a_scheduled_task_backs_up_by_the_plan(shell: Shell, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'company.sqlite3'}"
    first = shell.json("backup")
    assert (first["new"], Path(first["file"]).parent) == (True, tmp_path / "backups")
    assert shell.json("backup")["new"] is False, "nothing was changed"
    save_plan(url, replace(load_plan(url), second_folder=str(tmp_path / "stick")))
    assert "stick" in shell.json("backup", code=1)["second_folder"]
    (tmp_path / "stick").mkdir()
    shell.json("backup")
    assert (tmp_path / "stick" / Path(first["file"]).name).is_file()
    listed = shell.json("backup", "--list")
    assert [(row["proven"], row["second"], row["protected"]) for row in listed["rows"]] in ([(True, False, False), (True, True, False)], [(True, True, False), (True, False, False)])
    assert default_plan(url).at_exit


def test_restoring_in_place_keeps_what_was_there(shell: Shell, tmp_path: Path) -> None:
    kept = str(tmp_path / "backup.crmbackup")
    shell.json("backup", kept)
    with closing(open_session(shell.db)) as session:
        make(session, "customer", name="四")
        shell.json("restore", kept, "--replace", code=1)
    answer = shell.json("restore", kept, "--replace")
    assert shell.json("list", "customer")["count"] == 3
    for before in (answer["before"], answer["backup"]):
        assert Path(before).is_file()
    there = shell.db
    shell.db = str(answer["before"])
    assert shell.json("list", "customer")["count"] == 4
    shell.db = there
    Path(there).write_bytes(b"\x00" * 9000)
    answer = shell.json("restore", kept, "--replace")
    assert (answer["backup"], shell.json("list", "customer")["count"]) == (None, 3)
    shell.db = str(tmp_path / "none.sqlite3")
    shell.run("restore", kept, "--replace")
    assert shell.code == 1


def test_a_company_moves_to_a_server_and_back(shell: Shell, mariadb_url: str, tmp_path: Path) -> None:
    moved = shell.json("move", "--to", mariadb_url)
    assert moved["records"]["customer"] == 3
    assert shell.json("move", "--to", mariadb_url, code=1)["ok"] is False
    shell.db = ""
    back = str(tmp_path / "back.sqlite3")
    shell.json("move", "--from", mariadb_url, "--to", back)
    shell.db = back
    assert shell.json("check")["ok"] is True
    shell.run("move", "--to", "ftp://x/y")
    assert shell.code == 2


def test_copies_by_script(shell: Shell, tmp_path: Path, home: Path) -> None:
    environment = os.environ | {"DESKTOP_CRM_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    run = python(
        ["-m", "desktop_crm", "backup", str(tmp_path / "x.crmbackup"), "--db", shell.db, "--json", "--password-from", "-"],
        cwd=ROOT, env=environment, stdin="geheim\n",
    )
    assert (run.returncode, json.loads(run.stdout)["records"]["customer"], run.stderr) == (0, 3, "")
