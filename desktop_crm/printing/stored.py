"""What is known of a template without opening it, and why one can't be published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.documents import BUILTIN
from desktop_crm.printing.problems import ERROR

if TYPE_CHECKING:
    from datetime import datetime

    from desktop_crm.printing.documents import TemplateInfo
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.template import Template

TOLD: Final = 8
"""Problems that a message names; the rest are counted."""


@dataclass(frozen=True)
class Stored:
    """A template to choose from.

    `name` is what the program knows it by, `prints` the entity or report it takes its values from, `paper` its size in words. `id` is its record,
    None for a shipped one that nobody changed; `number` its published version, 0 where nothing is; `draft` tells of unpublished changes; `base`
    names the template it was started from; `seen` is the record's version, for `save_draft`.
    """

    name: str
    label: str
    prints: str
    paper: str
    id: int | None = None
    number: int = 0
    active: bool = True
    draft: bool = False
    base: str = ""
    seen: int = 0

    @property
    def size(self) -> tuple[float, float] | None:
        """Its paper's width and height in mm, as far as they are known."""
        found = re.search(r"([\d.]+) × ([\d.]+) mm", self.paper)
        return (float(found[1]), float(found[2])) if found else None

    @property
    def labels(self) -> int:
        """How many labels are on a sheet; 0 where it is no sheet of labels."""
        found = re.search(r"mm · (\d+) × (\d+)$", self.paper)
        return int(found[1]) * int(found[2]) if found else 0

    @property
    def shipped(self) -> bool:
        """Whether the program brings a template of this name along."""
        return self.name in BUILTIN

    @property
    def own(self) -> bool:
        """Whether it is the company's."""
        return self.id is not None


@dataclass(frozen=True)
class Version:
    """A published version: its number in the template, when and by whom, and what was said of it."""

    number: int
    at: datetime | None
    publisher: str
    remark: str


class PublishRefused(UserError):
    """A template that can't be published; `problems` says why, each at its element."""

    def __init__(self, message: str, problems: list[TemplateProblem]) -> None:
        super().__init__(message)
        self.problems = problems


def refuse_wrong(problems: list[TemplateProblem], label: str) -> None:
    """Raise PublishRefused where one of the problems keeps its element from being printed."""
    errors = [problem for problem in problems if problem.severity == ERROR]
    if errors:
        told = "\n".join(str(problem) for problem in errors[:TOLD])
        more = "\n" + _("and {count} more").format(count=len(errors) - TOLD) if len(errors) > TOLD else ""
        raise PublishRefused(_("The template “{name}” can't be published:").format(name=label) + f"\n{told}{more}", errors)


def paper_words(template: Template | TemplateInfo) -> str:
    """Return the paper that goes into the printer in words that need no translation, with how many labels are on it."""
    paper = template.labels.sheet if template.labels is not None else template.paper
    size = f"{paper.width:g} × {paper.height:g} mm"
    name = paper.name.partition("-")[0]
    if re.fullmatch(r"[A-C]\d", name):
        size = f"{name} · {size}"
    return f"{size} · {template.labels.across} × {template.labels.down}" if template.labels is not None else size
