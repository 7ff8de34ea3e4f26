"""A program that is killed while what it printed gets its places: each file that is there has its entry in the log of prints once the next one has started, and never two."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from desktop_crm.base.settings import data_folder
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import print_log, print_promises
from desktop_crm.services.session import open_session
from tests.support.children import python
from tests.support.company import company, make

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

ROOT: Final = Path(__file__).resolve().parents[2]
KILLED: Final = 9
PRINTING: Final = """
import os, sys
from pathlib import Path
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.printing import kept
from desktop_crm.printing.batch import to_folder, to_pdf
from desktop_crm.services import print_log
from desktop_crm.services.print_sources import Asked
from desktop_crm.services.session import open_session

url, target, way, moment = sys.argv[1:]
session = open_session(url)
asked = Asked("receipt", tuple(session.records.ids_where(session.entity("receipt"), EVERYTHING)), "receipt")
note, replace, places = print_log.note, Path.replace, []

def noted(*given, **named):
    if moment == "after":
        note(*given, **named)
    os._exit(9)

def placed(part, name):
    if name.parent == Path(target):
        if places:
            os._exit(9)
        places.append(name)
    return replace(part, name)

if moment == "before":
    kept.in_their_places = lambda _places: os._exit(9)
elif moment == "between":
    Path.replace = placed
else:
    print_log.note = noted
if way == "file":
    kept.keep_file(session, Path(target), lambda part: to_pdf(session, asked, part, silent))
else:
    kept.keep_folder(session, Path(target), lambda part: to_folder(session, asked, part, silent))
"""


def entries(session: Session) -> list[tuple[str, str, int]]:
    names = ["document", "target", "owner"]
    return [(row["document"], row["target"], int(row["owner"])) for row in session.records.find(session.entity("print_log"), EVERYTHING, names, sort="id")]


@pytest.mark.parametrize(("way", "moment", "there", "noted", "missing"), [
    ("file", "before", 0, 0, 0), ("file", "committing", 1, 3, 3), ("file", "after", 1, 3, 0),
    ("folder", "before", 0, 0, 0), ("folder", "between", 1, 1, 1), ("folder", "committing", 3, 3, 3), ("folder", "after", 3, 3, 0),
])  # fmt: skip
def test_a_file_whose_program_was_killed_has_its_entry_after_the_next_start(tmp_path: Path, way: str, moment: str, there: int, noted: int, missing: int) -> None:
    url, target = f"sqlite:///{tmp_path / 'company.sqlite3'}", tmp_path / "printed" / ("all.pdf" if way == "file" else "each")
    target.parent.mkdir()
    with company(url) as session:
        for name in ("恒泰科技有限公司", "华信机电有限公司", "友谊商店"):
            make(session, "receipt", customer=make(session, "customer", name=name), amount=Decimal(10), kind="receipt")
    done = python(["-c", PRINTING, url, str(target), way, moment], cwd=ROOT)
    assert done.returncode == KILLED, done.stderr
    made = [path for path in target.parent.rglob("*.pdf") if not any(part.startswith(".~") for part in path.parts)]
    assert len(made) == there
    session = open_session(url)
    try:
        assert print_promises.settle(session) == missing
        assert [(name, owner) for _document, name, owner in entries(session)] == [(str(target), session.person.id)] * noted
        assert print_promises.settle(session) == 0, "a promise is kept once"
        assert len(entries(session)) == noted
    finally:
        session.close()


def test_a_program_that_lives_is_left_alone_and_a_file_that_was_replaced_has_no_entry(tmp_path: Path) -> None:
    url, part, place = f"sqlite:///{tmp_path / 'company.sqlite3'}", tmp_path / "part", tmp_path / "all.pdf"
    part.write_bytes(b"%PDF")
    with company(url) as session:
        printed = [print_log.Printed("receipt", 1, "收据", "receipt", "收据", 1, 1)]
        with print_promises.promised(session, printed, place, {part: place}):
            place.write_bytes(b"%PDF")
            (mark,) = (data_folder() / "prints").iterdir()
            assert print_promises.settle(session) == 0, "its program is alive, and notes it itself"
            left = mark.read_bytes()
        assert not mark.exists()
        place.write_bytes(b"something else")
        for content in (left, b"{"):
            mark.write_bytes(content)
            assert print_promises.settle(session) == 0
            assert not mark.exists()
        assert entries(session) == []
