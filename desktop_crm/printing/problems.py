"""What is wrong with a template or with a document laid out in it, each at its element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]
ERROR: Final = "error"
WARNING: Final = "warning"
PLACES: Final = {
    "paper": N_("paper"), "margins": N_("margins"), "page_header": N_("page header"), "document_header": N_("document header"), "lines": N_("lines of the list"),
    "subtotal": N_("band below the lines"), "document_footer": N_("document footer"), "page_footer": N_("page footer"), "table": N_("table"), "sums": N_("sums"),
    "item": N_("band of an item"), "opening": N_("row of the opening balance"), "carry_in": N_("row brought forward"), "page_total": N_("row of the page total"),
    "carry_out": N_("row carried forward"), "total": N_("row of the total"), "watermark": N_("watermark"),
    "background": N_("background picture"), "labels": N_("labels on a sheet"),
}  # fmt: skip
NUMBERED: Final = {
    "elements": N_("element {number}"), "columns": N_("column {number}"), "cells": N_("cell {number}"), "groups": N_("group {number}"),
    "closing": N_("closing band {number}"), "copies": N_("copy {number}"), "tear_lines": N_("tear line {number}"),
    "guides": N_("guide {number}"),
}  # fmt: skip


@dataclass(frozen=True)
class TemplateProblem:
    """One thing wrong, at `path` in the template's JSON, such as ``bands/page_header/elements/3/text``; empty for the whole template.

    An *error* keeps its element from being printed; a *warning* is told and printed all the same. Where a text doesn't fit, `wanted` and
    `place` are the millimetres it takes and has.
    """

    path: str
    message: str
    severity: Severity = ERROR
    wanted: float = 0.0
    place: float = 0.0

    @property
    def overflow(self) -> bool:
        """Tell whether this is a text that doesn't fit."""
        return self.wanted > self.place

    def __str__(self) -> str:
        """Return place and message as one sentence."""
        return f"{shown_place(self.path) or _('the template')}: {self.message}"


class TemplateError(UserError):
    """A template that can't be used, or a `document` that can't be laid out in it; `problem` says why and where."""

    def __init__(self, problem: TemplateProblem, document: str = "") -> None:
        told = _("The template can't be used. {problem}").format(problem=problem)
        super().__init__(f"{document}: {told}" if document else told)
        self.problem = problem


def shown_place(path: str) -> str:
    """Return a path as people say it: ``bands/page_header/elements/0/text`` is the page header's first element and its text."""
    parts = path.split("/")
    found: list[str] = []
    for at, part in enumerate(parts):
        if part.isdigit():
            continue
        number = int(parts[at + 1]) + 1 if at + 1 < len(parts) and parts[at + 1].isdigit() else None
        if number is not None and part in NUMBERED:
            found.append(_(NUMBERED[part]).format(number=number))
        elif part and part != "bands":
            found.append(_(PLACES[part]) if part in PLACES else part if number is None else f"{part} {number}")
    return " · ".join(found)


def first_error(problems: Iterable[TemplateProblem]) -> TemplateProblem | None:
    """Return the first problem that forbids printing, or None."""
    return next((problem for problem in problems if problem.severity == ERROR), None)
