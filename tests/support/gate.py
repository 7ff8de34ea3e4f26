"""A database that doesn't answer, or is slow: every statement of the lanes waits until it is let through, or for a while."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.models.database import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

PATIENCE_S: Final = 60


class Gate:
    """Holds every statement of the lanes up while it is shut, or answers it with `failure`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.open.set()
        self.failure: Exception | None = None
        told = Store._told

        def held(store: Store, statement: Any, *given: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                assert self.open.wait(PATIENCE_S)
                if self.failure is not None:
                    raise self.failure
            return told(store, statement, *given)

        monkeypatch.setattr(Store, "_told", held)

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Answer nothing meanwhile."""
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    @contextmanager
    def failing(self, failure: Exception) -> Iterator[None]:
        """Answer everything with a failure meanwhile."""
        self.failure = failure
        try:
            yield
        finally:
            self.failure = None


@contextmanager
def slowed(seconds: float) -> Iterator[None]:
    """Make every statement of the lanes take longer."""
    told = Store._told

    def slow(self: Store, statement: Callable[..., Any], *given: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(seconds)
        return told(self, statement, *given)

    Store._told = slow  # type: ignore[method-assign]  # every statement passes it
    try:
        yield
    finally:
        Store._told = told  # type: ignore[method-assign]
