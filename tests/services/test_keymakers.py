"""Search texts that helpers work out are those of the program, also where a helper dies."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from desktop_crm.models.insertion import keys_of
from desktop_crm.services.imports import keymakers
from desktop_crm.services.imports.keymakers import ROWS, KeyMakers

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCHES = [[(f"苏州恒泰{batch}{row}有限公司", "", f"1380000{batch}{row:03}", "重庆路 单先生") for row in range(50)] for batch in range(5)]
NUMBER = 1


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyMakers]:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    made = KeyMakers(ROWS, NUMBER)
    yield made
    made.close()


def _numbered(texts: tuple[str, ...], number: str) -> tuple[str, ...]:
    return (*texts[:NUMBER], number, *texts[NUMBER + 1 :])


def test_keys_are_the_same_with_the_number_given_out_later(makers: KeyMakers) -> None:
    for batch in BATCHES:
        makers.ahead(batch)
    for batch in BATCHES:
        makers.take()
        assert makers._known
        for row, texts in enumerate(batch):
            numbered = _numbered(texts, f"KH-{row:05}")
            assert makers(numbered) == keys_of(numbered)
            assert makers(texts) == keys_of(texts)


def test_a_helper_that_dies_costs_nothing_but_time(makers: KeyMakers) -> None:
    makers.ahead(BATCHES[0])
    makers.take()
    for batch in BATCHES[1:]:
        makers.ahead(batch)
    process = makers._helpers[0]._process
    process.kill()
    process.wait()
    for batch in BATCHES[1:]:
        makers.take()
        assert [makers(texts) for texts in batch] == [keys_of(texts) for texts in batch]
    makers.ahead(BATCHES[0])
    makers.take()
    assert not makers._helpers
    assert makers(BATCHES[0][0]) == keys_of(BATCHES[0][0])


def test_short_lists_and_single_processors_start_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert keys_of(BATCHES[0][0]) == KeyMakers(ROWS - 1)(BATCHES[0][0])
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert keys_of(BATCHES[0][0]) == KeyMakers(ROWS)(BATCHES[0][0])
    assert keymakers.MOST >= 1
