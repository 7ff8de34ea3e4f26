from __future__ import annotations

import os
from pathlib import Path

from tests.support.children import python

ROOT = Path(__file__).resolve().parents[2]


def test_what_nobody_expected_is_logged(home: Path) -> None:
    code = "import threading; from desktop_crm.__main__ import prepare; prepare(); t = threading.Thread(target=lambda: {}['in a thread']); t.start(); t.join(); {}['in front']"
    done = python(["-c", code], cwd=ROOT, env=os.environ | {"DESKTOP_CRM_HOME": str(home)})
    assert done.returncode == 1
    assert "KeyError: 'in front'" in done.stderr
    log = (home / "logs" / "desktop-crm.log").read_text(encoding="utf-8")
    assert "KeyError: 'in a thread'" in log
    assert "KeyError: 'in front'" in log


def test_the_command_line_starts_without_the_window_and_the_printer() -> None:
    code = "import sys; import desktop_crm.cli; print(sorted({name.partition('.')[0] for name in sys.modules} & {'PySide6', 'reportlab', 'peewee', 'xlsxwriter'}))"
    done = python(["-c", code], cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
