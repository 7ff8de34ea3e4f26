"""The virtual list: it reads as it is looked at, never asks from the window's thread, and never shows an overtaken answer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop_crm.domain.conditions import EVERYTHING, Matching, Query, Where
from desktop_crm.services import records, writing
from desktop_crm.ui.kit.cells import LOADING, CellRole
from desktop_crm.ui.rows import KEPT_PAGES, PAGE, RowsModel

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

COUNT = 350


@pytest.fixture
def customers(session: Session) -> list[int]:
    rows = [{"name": f"客户{number:04}", "status": "active" if number % 2 else "new"} for number in range(COUNT)]
    return session.write("add", "add", lambda: writing.insert_rows(session, "customer", rows)).result


def text(model: RowsModel, row: int, column: int = 0) -> Any:
    return model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole)


def model_of(bench: Bench, condition: Any = EVERYTHING) -> RowsModel:
    model = RowsModel(bench.session, bench.operations, Query("customer", condition, "name", columns=("name", "status", "balance", "overdue")), bench.window)
    model.failed.connect(bench.failures.append)
    return model


def test_rows_are_read_where_they_are_looked_at_and_only_off_the_windows_thread(bench: Bench, customers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    real = bench.session.store.execute

    def watched(*given: Any, **named: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(*given, **named)

    monkeypatch.setattr(bench.session.store, "execute", watched)
    model = model_of(bench)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.rowCount() == 0
    model.load()
    bench.settle()
    assert model.rowCount() == len(customers)
    assert [text(model, 0), text(model, 1)] == ["客户0000", "客户0001"]
    assert text(model, 320) is LOADING
    assert model.id_at(320) is None
    bench.settle()
    assert text(model, 320) == "客户0320"
    assert text(model, 150) is LOADING, "pages nobody looked at are not read"
    assert set(threads) == {"read-0"}


def test_an_answer_that_was_overtaken_is_not_shown(bench: Bench, customers: list[int]) -> None:
    assert customers
    model = model_of(bench)
    model.load()
    model.set_query(Query("customer", Matching("客户034"), "name"))
    model.set_query(Query("customer", Matching("客户0123"), "name"))
    bench.settle()
    assert model.rowCount() == 1
    assert text(model, 0) == "客户0123"


def test_a_refresh_keeps_the_old_rows_until_the_new_ones_are_there(bench: Bench, customers: list[int]) -> None:
    model = model_of(bench)
    model.load()
    bench.settle()
    records.delete(bench.session, "customer", customers[:1])
    model.load(keep=True)
    assert text(model, 0) == "客户0000"
    moved: list[bool] = []
    model.moved.connect(lambda: moved.append(True))
    bench.settle()
    assert text(model, 0) == "客户0001"
    assert model.rowCount() == COUNT - 1
    assert moved


def test_pages_kept_are_bounded_and_those_in_view_stay(bench: Bench, customers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert customers
    assert KEPT_PAGES * PAGE >= 1000
    monkeypatch.setattr("desktop_crm.ui.rows.KEPT_PAGES", 2)
    model = model_of(bench)
    model.load()
    for row in (0, 110, 210, 310):
        text(model, row)
        bench.settle()
    assert text(model, 310) == "客户0310"
    assert len(model.loaded_ids()) <= 2 * PAGE
    assert text(model, 0) is LOADING


def test_totals_are_those_of_everything_that_matches(bench: Bench, session: Session) -> None:
    key = records.save(session, "customer", {"name": "甲"}).result.id
    from datetime import date
    from decimal import Decimal

    for amount in ("100.10", "0.20"):
        records.save(session, "receivable", {"customer": key, "amount": Decimal(amount), "document_on": date(2026, 1, 1), "due_on": date(2026, 2, 1)})
    model = model_of(bench, Where("name", "eq", "甲"))
    model.load()
    bench.settle()
    assert model.totals["balance"] == Decimal("100.30")
    place = model.index(0, 3)
    assert model.data(place, CellRole.TONE) == "danger"
    assert model.data(place, CellRole.RAW) == "100.30"
