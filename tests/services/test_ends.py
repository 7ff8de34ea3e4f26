from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_crm.base.settings import data_folder
from desktop_crm.services import ends

if TYPE_CHECKING:
    from datetime import datetime

ROOT = Path(__file__).resolve().parents[2]
URL = "sqlite:///company.sqlite3"
RUN = "import sys; from desktop_crm.services import ends; run = ends.opened(sys.argv[1]); print(run.unclean, flush=True); sys.stdin.read(); {end}"


def start(end: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(end=end), URL], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ}
    )


def unclean(url: str = URL) -> datetime | None:
    """Return what a run that begins and ends now is told."""
    with closing(ends.opened(url)) as run:
        return run.unclean


def test_a_run_that_was_killed_is_told_until_it_is_settled() -> None:
    assert unclean() is None
    with start("pass") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "None\n", "a run that is under way is no unclean one"
        mine = ends.opened(URL)
        assert mine.unclean is None
        mine.close()
        mine.close()
        other.send_signal(signal.SIGKILL)
    told = unclean()
    assert told is not None
    assert unclean("sqlite:///another.sqlite3") is None
    with closing(ends.opened(URL)) as later:
        assert later.unclean == told
        later.settle()
        assert later.unclean is None
    assert unclean() is None


def test_a_run_that_ends_by_itself_is_clean() -> None:
    with start("run.close()") as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert other.stdin is not None
        other.stdin.close()
        other.wait()
    assert unclean() is None


def test_a_mark_by_half_is_an_unclean_end_too_and_no_place_for_one_is_no_failure() -> None:
    run = ends.opened(URL)
    (mark,) = (data_folder() / "runs").iterdir()
    half = mark.with_name(f"{mark.name.partition('-')[0]}-half.json")
    half.write_bytes(b' {"ur')
    assert unclean() is not None
    run.close()
    half.unlink()
    for path in (data_folder() / "runs").iterdir():
        path.unlink()
    (data_folder() / "runs").rmdir()
    (data_folder() / "runs").write_bytes(b"")
    assert unclean() is None
