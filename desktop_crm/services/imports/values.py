"""Values of a list that nobody knows here yet – choices, people, customers – each with what may be meant by it.

What is similar is offered and never taken by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _, in_every_language
from desktop_crm.services.imports.alike import suggestions
from desktop_crm.services.imports.links import LinkBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.services.imports.types import ImportResult, Source
    from desktop_crm.services.session import Session

MOST: Final = 100
"""Different values of one field that are offered something; a list with more of them rather names a wrong column."""
KINDS: Final = frozenset({"choice", "link", "boolean", "stars"})
"""The kinds of fields whose values are settled one by one."""


@dataclass(frozen=True)
class Suggestion:
    """What may be meant: the text to put in the place of the unknown one, as people read it, and how near it is in per cent."""

    text: str
    title: str
    similarity: int


@dataclass(frozen=True)
class Unknown:
    """A text in a column that nobody knows, the rows it stands in, and what may be meant by it, the nearest first."""

    field: str
    text: str
    rows: int
    suggestions: tuple[Suggestion, ...] = ()


def unknown_values(session: Session, source: Source, result: ImportResult, name: str, step: Callable[[int, int], None]) -> list[Unknown]:
    """Return the texts of a field that a trial could not read, those in most rows first; `step` may break it off."""
    field = source.spec.fields[name]
    texts = Counter(problem.value.strip() for problem in result.problems if problem.field == name and problem.value.strip())
    names = known_names(session, field) if texts else []
    found = []
    for done, (text, rows) in enumerate(texts.most_common()):
        step(done, len(texts))
        near = suggestions(text, names) if done < MOST else []
        once = {key: (title, share) for key, title, share in reversed(near)}
        best = sorted((Suggestion(key, title, share) for key, (title, share) in once.items()), key=lambda one: -one.similarity)
        found.append(Unknown(name, text, rows, tuple(best)))
    return found


def known_names(session: Session, field: FieldSpec) -> list[tuple[str, str]]:
    """Return what a field can be told to be: (text to read, name as people know it); a choice by all its names, a record as ``#id``."""
    if field.link:
        return [(f"#{key}", title) for key, title in LinkBook(session, field.link).titles.items()] if field.link in session.catalog else []
    return choices_of(field)


def choices_of(field: FieldSpec) -> list[tuple[str, str]]:
    """Return the same of a field that isn't a link; of a choice its label in the language in use comes first."""
    if field.kind.name == "boolean":
        return [("1", _("Yes")), ("0", _("No"))]
    if field.kind.name == "stars":
        return [(str(count), field.show(count)) for count in range(5, 0, -1)]
    return [(choice.code, text) for choice in field.choices for text in dict.fromkeys((_(choice.label), *in_every_language(choice.label), *choice.aliases))]
