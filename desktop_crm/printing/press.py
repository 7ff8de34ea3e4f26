"""What laying out needs beside template and values: the fonts, and somebody to tell what doesn't fit or can't be filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.problems import WARNING, TemplateError, TemplateProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.values import Formula, Text

MOST_TOLD: Final = 200
T = TypeVar("T")


@dataclass
class Press:
    """Fills texts and notes problems. A `lenient` one leaves out what can't be filled; another raises TemplateError there.

    With `frames` the places of bands, elements and columns are among the marks.
    """

    fonts: FontBook
    lenient: bool = False
    frames: bool = False
    problems: list[TemplateProblem] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def note(self, problem: TemplateProblem) -> None:
        """Keep a problem, once for each place and message."""
        key = problem.path, problem.message
        if key not in self._told and len(self.problems) < MOST_TOLD:
            self._told.add(key)
            self.problems.append(problem)

    def failed(self, source: str, message: str) -> None:
        """Note an error at `source`; raises TemplateError unless lenient."""
        problem = TemplateProblem(source, message)
        if not self.lenient:
            raise TemplateError(problem)
        self.note(problem)

    def overflow(self, source: str, wanted: float, place: float) -> None:
        """Note that a text was cut, since it takes `wanted` mm of height or width and has `place`."""
        self.note(TemplateProblem(source, _("the text doesn't fit its place and was cut."), WARNING, wanted, place))

    def attempt(self, source: str, work: Callable[[], T], otherwise: T) -> T:
        """Return what `work` yields, or `otherwise` where it can't be done and the press is lenient."""
        try:
            return work()
        except TemplateError:
            if not self.lenient:
                raise
        except UserError as error:
            self.failed(source, error.message)
        return otherwise

    def render(self, text: Text, values: Mapping[str, Any], source: str) -> str:
        """Return a text filled."""
        try:
            return text.render(values)
        except UserError as error:
            self.failed(source, error.message)
        return ""

    def holds(self, when: Formula | None, values: Mapping[str, Any], source: str) -> bool:
        """Tell whether there is no condition or it is fulfilled."""
        if when is None:
            return True
        try:
            return when.holds(values)
        except UserError as error:
            self.failed(f"{source}/when", error.message)
        return False
