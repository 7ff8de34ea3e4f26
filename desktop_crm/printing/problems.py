"""What is wrong with a template or with a document laid out in it, each at its element."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]
ERROR: Final = "error"
WARNING: Final = "warning"
_INDEX: Final = re.compile(r"/(\d+)")


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
    """A template that can't be used, or a document that can't be laid out in it; `problem` says why and where."""

    def __init__(self, problem: TemplateProblem) -> None:
        super().__init__(_("The template can't be used. {problem}").format(problem=problem))
        self.problem = problem


def shown_place(path: str) -> str:
    """Return a path as people count: ``bands/x/elements/0/text`` becomes ``bands.x.elements[1].text``."""
    return _INDEX.sub(lambda found: f"[{int(found[1]) + 1}]", path).replace("/", ".")


def first_error(problems: Iterable[TemplateProblem]) -> TemplateProblem | None:
    """Return the first problem that forbids printing, or None."""
    return next((problem for problem in problems if problem.severity == ERROR), None)
