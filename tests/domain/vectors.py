"""Worked examples kept beside the project; where they are absent the tests that need them are skipped."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "../shared"


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path


def vectors(name: str) -> list[Any]:
    found: list[Any] = json.loads(shared("vectors.json").read_text(encoding="utf-8"))[name]
    return found


def facts(name: str) -> list[dict[str, Any]]:
    path = shared(f"data/peer_facts/{name}")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def sheet(name: str) -> list[tuple[Any, ...]]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(shared(f"data/awkward_crm_shaped/{name}"))
    return list(book.active.iter_rows(min_row=2, values_only=True))
