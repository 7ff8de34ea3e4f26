from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.base.resources import resource
from desktop_crm.domain.conditions import EVERYTHING, Query, Where
from desktop_crm.services import records
from desktop_crm.services.check import check
from desktop_crm.services.demo import build_demo
from desktop_crm.services.session import open_session
from tests.support.children import HANGS

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demo_company_is_in_order_and_looks_like_today(tmp_path: Path) -> None:
    url = str(tmp_path / "demo.sqlite3")
    with closing(build_demo(url)) as session:
        assert check(session) == []
        counts = {name: records.count(session, name) for name in ("customer", "contract", "receipt", "activity", "product")}
        assert counts["customer"] == 300
        assert all(counts.values())
        for entity, field in (("opportunity", "stage"), ("contract", "state"), ("receivable", "state"), ("customer", "status")):
            used = {row[0] for row in session.records.groups(session.entity(entity), EVERYTHING, field)}
            assert used == {choice.code for choice in session.spec(entity).fields[field].choices}, entity
        for entity, view in (("receivable", "overdue"), ("receivable", "next"), ("contract", "expiring"), ("customer", "this_week"), ("customer", "unowned"), ("activity", "due")):
            condition = next(found.condition for found in session.spec(entity).views if found.key == view)
            assert records.count(session, entity, condition), view
        assert records.totals(session, "receipt")["unallocated"] > Decimal(0)
        (newest,) = records.page(session, Query("contract", sort="signed_on", descending=True, columns=("signed_on", "number")), limit=1)
        assert timedelta(0) <= session.today - newest["signed_on"] < timedelta(days=20)
        assert newest["number"].startswith(f"HT-{newest['signed_on'].year}-")
        assert records.count(session, "receipt", Where("received_on", "gt", session.today)) == 0
        with pytest.raises(UserError):
            build_demo(url)
    with closing(open_session(url, "王敏")) as sales:
        assert 0 < records.count(sales, "customer") < counts["customer"]
    with closing(open_session(url, "周立")) as manager:
        assert records.count(manager, "customer") == counts["customer"]


def test_the_workbooks_are_what_the_generator_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(resource("demo/generate.py")), str(tmp_path)], check=True, timeout=HANGS)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in resource("demo").glob("*.xlsx"))
    for name in made:
        fresh, shipped = (openpyxl.load_workbook(folder / name, read_only=True) for folder in (tmp_path, resource("demo")))
        assert fresh.sheetnames == shipped.sheetnames
        for sheet in fresh.sheetnames:
            assert list(fresh[sheet].values) == list(shipped[sheet].values), (name, sheet)
        fresh.close()
        shipped.close()
