"""A program that is killed at any moment loses nothing it had acknowledged and leaves nothing by half; in full by ``dev.py faults``."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.operations import OPERATIONS
from tests.support.children import python

ROOT = Path(__file__).resolve().parents[2]


def killed(engine: str, kills: int, *more: str) -> None:
    """Kill each operation a few times, in a process of its own: it forks, which a test's process with threads must not."""
    command = ["-m", "tests.faults", "--engine", engine, "--kills", str(kills), "--seed", "7", *more]
    done = python(command, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("lost 0") == (more.count("--operation") or len(OPERATIONS))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows doesn't fork")
class TestKills:
    def test_on_a_local_file(self) -> None:
        killed("local", 3)

    def test_on_a_file_in_a_network_folder(self) -> None:
        killed("shared", 3, "--operation", "import", "--operation", "posting", "--operation", "migration")

    def test_on_a_server(self, mariadb_url: str) -> None:
        port = urlsplit(mariadb_url).port
        killed("mysql", 2, "--mariadb", f"tests:{port}", "--operation", "posting", "--operation", "undo", "--operation", "restore")
