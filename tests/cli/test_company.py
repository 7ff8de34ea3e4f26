from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base import secrets
from desktop_crm.base.settings import Settings, load_settings, save_settings
from desktop_crm.cli import main
from desktop_crm.services.session import open_session
from tests.cli.support import Shell
from tests.support.children import python
from tests.support.company import company

if TYPE_CHECKING:
    import subprocess

    from tests.conftest import MemoryKeyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def db(tmp_path: Path) -> str:
    path = str(tmp_path / "company.sqlite3")
    with company(path):
        pass
    return path


@pytest.fixture
def shell(db: str, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys, db)


def start(*arguments: str, home: Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a script does, in a process of its own and on another code page."""
    environment = os.environ | {"DESKTOP_CRM_HOME": str(home), "PYTHONIOENCODING": "gb18030", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"} | variables
    return python(["-m", "desktop_crm", *arguments], cwd=ROOT, env=environment, stdin=stdin)


def test_a_company_from_nothing_by_script(tmp_path: Path, home: Path) -> None:
    db = str(tmp_path / "新公司.sqlite3")
    made = start("init", "--db", db, "--admin", "老板", "--json", home=home, DESKTOP_CRM_PASSWORD="geheim123")
    assert (made.returncode, json.loads(made.stdout)["admin"], made.stderr) == (0, "老板", "")
    again = start("--db", db, "init", home=home)
    assert (again.returncode, again.stdout) == (1, "")
    refused = start("list", "customer", "--db", db, "--user", "老板", "--json", home=home)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["ok"] is False
    wrong = start("--user", "老板", "list", "customer", "--db", db, home=home, DESKTOP_CRM_PASSWORD="falsch123")
    assert wrong.returncode == 1
    filled = start("--user", "老板", "sample", "--customers", "3", "--json", "--db", db, home=home, DESKTOP_CRM_PASSWORD="geheim123")
    assert (filled.returncode, json.loads(filled.stdout)["added"]["contact"]) == (0, 6)
    listed = start("list", "customer", "--db", db, "--user", "老板", "--json", home=home, DESKTOP_CRM_PASSWORD="geheim123")
    assert json.loads(listed.stdout)["count"] == 3


def test_the_last_company_is_the_default(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(capsys)
    shell.run("list", "customer")
    assert shell.code == 2
    save_settings(Settings(last_company=db))
    assert shell.json("list", "customer") == {"count": 0, "rows": []}


def test_the_password_comes_from_the_environment_or_the_store(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password_store: MemoryKeyring) -> None:
    new = tmp_path / "password"
    new.write_text("123456\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", None)
    assert shell.json("user", "password", "boss", "--password-from", str(new))["has_password"] is True
    assert shell.json("--user", "boss", "check", code=1)["ok"] is False
    monkeypatch.setenv("DESKTOP_CRM_PASSWORD", "wrong-one")
    assert shell.json("--user", "boss", "check", code=1)["error"]
    monkeypatch.setenv("DESKTOP_CRM_PASSWORD", "123456")
    assert shell.json("check", "--user", "boss")["ok"] is True
    monkeypatch.delenv("DESKTOP_CRM_PASSWORD")
    secrets.set_password(f"{shell.db}#boss", "123456")
    assert password_store.passwords
    assert shell.json("check", "--user", "boss")["ok"] is True


def test_users_are_added_and_disabled(shell: Shell, tmp_path: Path) -> None:
    added = shell.json("user", "add", "wangmin", "--name", "王敏", "--role", "sales")
    shell.run("list", "customer")
    assert shell.code == 1, "of several users one must say who one is"
    assert shell.json("list", "customer", "--user", "wangmin")["count"] == 0
    shell.run("--user", "wangmin", "user", "add", "other")
    assert shell.code == 1
    shell.run("--user", "boss", "user", "add", "wangmin")
    assert shell.code == 1
    (_boss, wangmin) = sorted(shell.json("user", "list", "--user", "boss")["rows"], key=lambda row: row["id"])
    assert (wangmin["id"], wangmin["name"], wangmin["role"], wangmin["active"]) == (added["id"], "王敏", "sales", True)
    shell.json("user", "disable", "wangmin", "--user", "boss")
    assert shell.json("--user", "wangmin", "list", "customer", code=1)["ok"] is False
    shell.run("user", "disable", "boss")
    assert shell.code == 1, "the last administrator stays"
    short = tmp_path / "short"
    short.write_text("12", encoding="utf-8")
    shell.run("user", "password", "boss", "--password-from", str(short))
    assert shell.code == 1


def test_what_cannot_be_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        shell = Shell(capsys, f"mysql://nobody@127.0.0.1:{port}/crm")
        began = time.monotonic()
        assert shell.json("list", "customer", code=3)["ok"] is False
        shell.run("init")
        assert shell.code == 3
        assert time.monotonic() - began < 30
    for missing in (tmp_path / "nothing.sqlite3", tmp_path / "no" / "folder.sqlite3"):
        shell.db = str(missing)
        shell.run("list", "customer")
        assert (shell.code, missing.exists()) == (3, False)


def test_what_is_no_company_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], db: str) -> None:
    shell = Shell(capsys, "ftp://somewhere/x")
    shell.run("list", "customer")
    assert shell.code == 2
    session = open_session(db)
    session.store.sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01 00:00:00')")
    session.close()
    shell.db = db
    assert "9999_future" in shell.json("list", "customer", code=1)["error"]
    shell.db = str(tmp_path)
    shell.run("list", "customer")
    assert shell.code == 1


def test_a_broken_company_is_reported_and_repaired(shell: Shell) -> None:
    shell.json("sample", "--customers", 4)
    assert shell.json("check") == {"ok": True, "problems": []}
    session = open_session(shell.db)
    session.store.sql("UPDATE receivable SET settled = settled + 1 WHERE id = 1")
    session.close()
    found = shell.json("check", code=1)
    assert found["ok"] is False
    assert ("receivable", [1]) in [(problem["entity"], problem["ids"]) for problem in found["problems"]]
    assert shell.json("check", "--repair")["ok"] is True


def test_help_is_in_the_chosen_language(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "list", "--help"])
    assert ended.value.code == 0
    assert "list records" in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    shell.run("export", "customer", str(folder / "x.csv"))
    assert shell.code == 1
    shell.db = str(folder / "new.sqlite3")
    shell.run("init")
    assert shell.code == 1


def test_the_program_proves_itself_and_leaves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window's part is run by the build, in a process of its own."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    found = Shell(capsys).json("self-test", "--no-window")
    assert [one["step"] for one in found["steps"]] == ["init", "sample", "list", "export", "import", "report", "print", "backup", "restore", "check"]
    assert list(scratch.iterdir()) == []
    assert load_settings().last_company == ""


def test_a_step_that_fails_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_crm.cli.self_test.STEPS", ("init --db {db}", "print nothing --db {db} --id 1 --pdf {folder}/x.pdf"))
    shell = Shell(capsys)
    shell.run("self-test", "--no-window")
    assert shell.code == 1
    assert "print" in shell.err
