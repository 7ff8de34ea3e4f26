"""A restored company takes the place of the present one: killed at whatever step, there is the one or the other, whole, and it can be done again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from desktop_crm.services.check import check
from desktop_crm.services.session import open_session
from tests.faults.switcher import ALIVE, KILLED
from tests.support.children import HANGS
from tests.support.company import company, make

ROOT = Path(__file__).resolve().parents[2]


def name_in(path: Path) -> str:
    with closing(open_session(str(path))) as session:
        assert check(session) == []
        return str(session.store.scalar("SELECT name FROM customer"))


def test_killed_at_any_step_there_is_a_company(tmp_path: Path) -> None:
    for name in ("旧", "新"):
        with company(str(tmp_path / f"{name}.sqlite3")) as session:
            make(session, "customer", name=name)
    seen: set[str] = set()
    for moment in range(20):
        folder = tmp_path / str(moment)
        folder.mkdir()
        present, new = folder / "company.sqlite3", folder / "new.sqlite3"
        shutil.copyfile(tmp_path / "旧.sqlite3", present)
        shutil.copyfile(tmp_path / "新.sqlite3", new)
        run = subprocess.run([sys.executable, "-m", "tests.faults.switcher", str(new), str(present), str(moment)], cwd=ROOT, check=False, timeout=HANGS)
        assert run.returncode in (ALIVE, KILLED)
        there = name_in(present)
        seen.add(there)
        assert there == "新" or run.returncode == KILLED
        if there == "新":
            kept = list(folder.glob("company.before-restore-*.sqlite3"))
            assert [name_in(path) for path in kept] == ["旧"], "what was there is kept"
        else:
            assert new.exists(), "it can be done again"
        if run.returncode == ALIVE:
            break
    else:
        raise AssertionError("it never ended by itself")
    assert seen == {"旧", "新"}
