"""The log file: what happened, with UTC times, without passwords."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import pattern
from desktop_crm.base.settings import log_folder

if TYPE_CHECKING:
    from pathlib import Path

LOG_BYTES: Final = 1_000_000
LOG_FILES: Final = 5

_PASSWORD_IN_URL: Final = pattern(r"(\w://[^\s:/@]*):[^\s/]+@")


def mask_passwords(text: str) -> str:
    """Return `text` with the password of every URL in it replaced by ``***``."""
    return _PASSWORD_IN_URL.sub(r"\1:***@", text)


class _Formatter(logging.Formatter):
    """One line an event, traceback below, times in UTC."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        return mask_passwords(super().format(record))


class _Rolling(logging.FileHandler):
    """Like logging's own that keeps older files, which is loaded when one is full: it brings sockets, queues and pickle along."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.stream is not None and self.stream.tell() > LOG_BYTES:
            from logging.handlers import RotatingFileHandler

            self.close()
            older = RotatingFileHandler(self.baseFilename, backupCount=LOG_FILES, encoding="utf-8", delay=True)
            older.doRollover()
            older.close()


def log_file() -> Path:
    """Return the path of the current log file; it need not exist yet."""
    return log_folder() / "desktop-crm.log"


def start_log(level: int = logging.INFO) -> logging.Handler:
    """Log to the file from now on, keeping LOG_FILES older ones of LOG_BYTES each; returns the handler, so that it can be closed.

    Raises OSError when the log folder can't be made.
    """
    handler = _Rolling(log_file(), encoding="utf-8", delay=True)
    handler.setFormatter(_Formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler
