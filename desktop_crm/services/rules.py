"""What is special about an entity hooks in here, so that every way of writing (form, import, mass update, undo) obeys it.

A rule is registered in the file of its entity (`contracts.py`, `receipts.py` …); the engines only look it up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.domain.catalog import Values
from desktop_crm.domain.conditions import EVERYTHING, Condition

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

BeforeSave = Callable[["Session", Sequence[Values]], None]
AfterSave = Callable[["Session", Sequence[int]], None]

BEFORE_SAVE: Final[dict[str, list[BeforeSave]]] = defaultdict(list)
AFTER_SAVE: Final[dict[str, list[AfterSave]]] = defaultdict(list)
BEFORE_DELETE: Final[dict[str, list[AfterSave]]] = defaultdict(list)


@dataclass(frozen=True)
class Along:
    """Records of `entity` whose `link` points to a deleted record and that fulfil `condition`: they are deleted with it."""

    entity: str
    link: str
    condition: Condition = EVERYTHING


ALONG: Final[dict[str, list[Along]]] = defaultdict(list)
"""What goes with an entity's records beside their lines."""


def before_save(entity: str) -> Callable[[BeforeSave], BeforeSave]:
    """Register a rule that completes rows before they are checked and written; it may fill in what is empty."""

    def enter(rule: BeforeSave) -> BeforeSave:
        BEFORE_SAVE[entity].append(rule)
        return rule

    return enter


def after_save(entity: str) -> Callable[[AfterSave], AfterSave]:
    """Register a rule that runs in the same change set after records with the given ids were added or changed."""

    def enter(rule: AfterSave) -> AfterSave:
        AFTER_SAVE[entity].append(rule)
        return rule

    return enter


def before_delete(entity: str) -> Callable[[AfterSave], AfterSave]:
    """Register a rule that runs before records are deleted; it raises UserError where the books forbid it."""

    def enter(rule: AfterSave) -> AfterSave:
        BEFORE_DELETE[entity].append(rule)
        return rule

    return enter


def goes_along(entity: str, along: Along) -> None:
    """Declare what is deleted with the records of an entity beside their lines; a deletion's preview counts it too."""
    ALONG[entity].append(along)
