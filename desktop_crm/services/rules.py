"""What is special about an entity hooks in here, so that every way of writing (form, import, mass update, undo) obeys it.

A rule is registered in the file of its entity (`contracts.py`, `receipts.py` …); the engines only look it up.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import Values
from desktop_crm.domain.conditions import EVERYTHING, Condition

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

BeforeSave = Callable[["Session", Sequence[Values]], None]
AfterSave = Callable[["Session", Sequence[int]], None]

T = TypeVar("T")

_lock: Final = threading.RLock()
_loaded = threading.Event()


class Book(defaultdict[str, list[T]]):
    """The rules of one moment, by entity. The files that enter them are read when the first one is looked up: nobody who only reads waits for them."""

    def __init__(self) -> None:
        super().__init__(list)

    def __getitem__(self, entity: str) -> list[T]:
        if not _loaded.is_set():
            with _lock:
                import_module("desktop_crm.services.rulebook")
                _loaded.set()
        return super().__getitem__(entity)

    def enter(self, entity: str, rule: T) -> None:
        """Add a rule. Takes no lock: it runs while a file is being imported, which another thread may be waiting for."""
        super().__getitem__(entity).append(rule)


BEFORE_SAVE: Final[Book[BeforeSave]] = Book()
AFTER_SAVE: Final[Book[AfterSave]] = Book()
BEFORE_DELETE: Final[Book[AfterSave]] = Book()


@dataclass(frozen=True)
class Along:
    """Records of `entity` whose `link` points to a deleted record and that fulfil `condition`: they are deleted with it."""

    entity: str
    link: str
    condition: Condition = EVERYTHING


ALONG: Final[Book[Along]] = Book()
"""What goes with an entity's records beside their lines."""

ONLY: Final[dict[AfterSave, frozenset[str]]] = {}
"""Rules after a save that look at some fields only: a change of many records that leaves these alone doesn't run them, nor do new records that leave them empty."""
ABOUT: Final[dict[AfterSave, Callable[[Values], object]]] = {}
"""Which new records a rule after a save says anything of, by the values they are added with; of what changed it may say something in any case."""

_later: ContextVar[dict[str, dict[int, None]] | None] = ContextVar("_later", default=None)


@contextmanager
def postponed(entities: Iterable[str]) -> Iterator[dict[str, dict[int, None]]]:
    """Run no rules after writes to `entities` meanwhile, and give whose they would have been, for the caller to run once.

    A contract, its lines and its plan may come from different sheets: what its rules ask of it holds when all of them are there.
    """
    token = _later.set({name: {} for name in entities})
    try:
        yield _later.get() or {}
    finally:
        _later.reset(token)


def postpone(entity: str, ids: Sequence[int]) -> bool:
    """Tell whether the rules after writes to these records run later, and remember them."""
    waiting = (_later.get() or {}).get(entity)
    if waiting is None:
        return False
    waiting.update(dict.fromkeys(ids))
    return True


def before_save(entity: str) -> Callable[[BeforeSave], BeforeSave]:
    """Register a rule that completes rows before they are checked and written; it may fill in what is empty."""

    def enter(rule: BeforeSave) -> BeforeSave:
        BEFORE_SAVE.enter(entity, rule)
        return rule

    return enter


def after_save(entity: str, *, only: Iterable[str] = (), about: Callable[[Values], object] | None = None) -> Callable[[AfterSave], AfterSave]:
    """Register a rule that runs in the same change set after records with the given ids were added or changed.

    `only` are the fields whose change it looks at; where none are given it is run after every change. Of new records it is run for those that it is
    `about`, by the values they are added with.
    """

    def enter(rule: AfterSave) -> AfterSave:
        AFTER_SAVE.enter(entity, rule)
        if only:
            ONLY[rule] = frozenset(only)
        if about:
            ABOUT[rule] = about
        return rule

    return enter


def before_delete(entity: str) -> Callable[[AfterSave], AfterSave]:
    """Register a rule that runs before records are deleted; it raises UserError where the books forbid it."""

    def enter(rule: AfterSave) -> AfterSave:
        BEFORE_DELETE.enter(entity, rule)
        return rule

    return enter


def goes_along(entity: str, along: Along) -> None:
    """Declare what is deleted with the records of an entity beside their lines; a deletion's preview counts it too."""
    ALONG.enter(entity, along)
