"""The log file: it keeps no passwords and doesn't grow without end."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base import log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    monkeypatch.setattr(log, "LOG_BYTES", 2_000)
    root = logging.getLogger()
    level = root.level
    handler = log.start_log()
    yield logging.getLogger("desktop_crm.example")
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def test_no_password_reaches_the_file_not_even_in_a_traceback(logger: logging.Logger) -> None:
    def connect() -> None:
        raise ConnectionError("mysql://anna:p@ss:w0rd@db.office/crm refused")

    try:
        connect()
    except ConnectionError:
        logger.info("opening %s", "mysql://anna:p@ss:w0rd@db.office/crm?shared=1", exc_info=True)
    text = log.log_file().read_text(encoding="utf-8")
    assert "w0rd" not in text
    assert "mysql://anna:***@db.office/crm?shared=1" in text
    assert "ConnectionError: mysql://anna:***@db.office/crm refused" in text
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO MainThread desktop_crm\.example: opening", text)


@pytest.mark.parametrize("text", ["mysql://anna@db.office/crm", "see https://example.org:8080/a@b", "sqlite:///C:/data/a@b.sqlite3", "12:30 anna@office"])
def test_an_address_without_a_password_stays_as_it_is(text: str) -> None:
    assert log.mask_passwords(text) == text


def test_old_files_are_dropped(logger: logging.Logger) -> None:
    for number in range(200):
        logger.info("line %d of a long day", number)
    files = sorted(path.name for path in log.log_file().parent.iterdir())
    assert files == ["desktop-crm.log", *(f"desktop-crm.log.{number}" for number in range(1, log.LOG_FILES + 1))]
    assert "line 199 of a long day" in log.log_file().read_text(encoding="utf-8")
