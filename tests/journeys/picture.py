"""Makes the picture of the README, ``docs/images/list.png``, on the demo company: ``python -m tests.journeys.picture``."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop_crm.app import application, build
from desktop_crm.base.settings import HOME_VARIABLE, load_settings, save_settings
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records
from desktop_crm.services.demo import build_demo
from desktop_crm.ui.kit.table import DataTable
from tests.journeys.driver import Driver
from tests.journeys.tour import SIZE, Tour

PICTURE: Final = Path(__file__).resolve().parents[2] / "docs" / "images" / "list.png"


def main() -> int:
    """Build the demo company, show its customers by what they owe with the first one's preview, and keep the picture."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ[HOME_VARIABLE] = folder
        save_settings(replace(load_settings(), language="zh_CN", theme="light"))
        drive = Driver(application(), Path(folder))
        session = build_demo(f"sqlite:///{Path(folder) / 'demo.sqlite3'}")
        window = build(session)
        window.resize(*SIZE)
        window.show()
        drive.window = window
        table = drive.see_a(DataTable, "list.customer.table")
        drive.settle()
        balance = session.catalog["customer"].columns.index("balance")
        drive.click_heading(table, balance)
        drive.settle()
        if Tour.cell(table, 0, 0) != records.page(session, Query("customer", sort="balance", descending=True), limit=1)[0]["name"]:
            drive.click_heading(table, balance)
            drive.settle()
        drive.click_cell(table, 0, 0)
        drive.key("Space")
        made = drive.shot("list")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_bytes(made.read_bytes())
        window.close()
        drive.release()
    sys.stdout.write(f"{PICTURE}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
