"""Finding everything that is wrong with a template before anything is printed with it."""

from __future__ import annotations

import math
from dataclasses import fields as parts_of
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.parse import decoded, parse_leniently
from desktop_crm.printing.problems import ERROR, WARNING, TemplateError, TemplateProblem
from desktop_crm.printing.template import Band, LineElement, TableElement, Template
from desktop_crm.printing.values import Formula, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.printing.template import Element, Paper

NEAR: Final = 0.05
ENGINE: Final = frozenset({
    "page", "page.number", "page.count", "copy", "copy.mark", "copy.number", "copy.count", "copy.priceless", "row", "row.number", "row.count",
    "print", "print.date", "print.user", "print.times", "group", "group.value", "group.number", "group.count", "true", "false", "none",
})  # fmt: skip
"""What every template may ask for beside the fields of what it prints."""
SUMMED: Final = ("page_sum", "carried", "running", "grand", "group")
LINES: Final = ("first", "last", "previous", "group.first")


def check_template(data: Mapping[str, Any] | str | bytes, fields: tuple[TemplateField, ...] | None = None) -> list[TemplateProblem]:
    """Return all that is wrong with a raw template (or the text of its file), in no particular order; an empty list where it is sound.

    With the `fields` of what it prints, names that don't exist are found too. Nothing is raised, whatever `data` is.
    """
    try:
        raw = decoded(data) if isinstance(data, (str, bytes)) else data
    except TemplateError as error:
        return [error.problem]
    template, problems = parse_leniently(raw)
    problems += _outside(template)
    problems += _circular(template)
    if fields is not None:
        known = _known(template, fields)
        problems += [problem for source, text, inner in _expressions(template) for problem in _unknown(source, text, known, inner)]
    return problems


def bands_of(template: Template) -> Iterator[Band]:
    """Yield the bands with elements, those repeated for each item included."""
    frames = (template.page_header, template.document_header, template.subtotal, template.document_footer, template.page_footer)
    yield from (band for band in frames if band is not None)
    yield from template.closing
    if template.lines is not None and template.lines.item is not None:
        yield template.lines.item


def _outside(template: Template) -> Iterator[TemplateProblem]:
    """Yield what stands outside the paper or below its band, and bands that leave no room."""
    paper = template.paper
    for band in bands_of(template):
        for element in band.elements:
            if not element.hidden:
                yield from _element_outside(element, band, paper, _room(template, band))
    taken = sum(band.height for band in (template.page_header, template.document_header, template.page_footer) if band is not None)
    if not paper.grows and taken > paper.height - paper.top - paper.bottom + NEAR:
        yield TemplateProblem("bands", _("The headers and footers are higher together than the page."))
    for line in template.tear_lines:
        if line.at > (paper.width if line.upright else paper.height) + NEAR and not (paper.grows and not line.upright):
            yield TemplateProblem(line.source, _("this stands outside the paper."), WARNING)


def _room(template: Template, band: Band) -> tuple[float, float]:
    """Return how far in mm the paper reaches above and below the top of a band; of one without a fixed place, the most there can be."""
    paper = template.paper
    high = math.inf if paper.grows else paper.height
    if band is template.page_header:
        return paper.top, high - paper.top
    if band is template.page_footer and not paper.grows:
        return high - paper.bottom - band.height, band.height + paper.bottom
    return high, high


def _element_outside(element: Element, band: Band, paper: Paper, room: tuple[float, float]) -> Iterator[TemplateProblem]:
    """Yield what is wrong with the place of an element: off the paper nothing that prints may stand, in the margin and beside its band it is remarked."""
    if isinstance(element, LineElement):
        left, right = sorted((element.x, element.x2))
        top, bottom = sorted((element.y, element.y2))
    else:
        left, right, top, bottom = element.x, element.x + element.width, element.y, element.y + element.height
    above, below = room
    if left < -paper.left - NEAR or right > paper.width - paper.left + NEAR or top < -above - NEAR or bottom > below + NEAR:
        # What stands on the form already is only shown.
        yield TemplateProblem(element.source, _("this stands outside the paper."), WARNING if element.preprinted else ERROR)
    elif bottom > band.height + NEAR or top < -NEAR:
        yield TemplateProblem(element.source, _("this stands outside its band and may cover what is beside the band."), WARNING)
    elif (left < -NEAR or right > paper.inner_width + NEAR) and not element.preprinted:
        yield TemplateProblem(element.source, _("this reaches into the margin, where many printers print nothing."), WARNING)


def _circular(template: Template) -> Iterator[TemplateProblem]:
    """Yield sums that are made of sums: they would have to be known before they are added up."""
    for name, formula in template.lines.sums if template.lines else ():
        if any(used.partition(".")[0] in SUMMED for used in formula.names()):
            yield TemplateProblem(f"bands/lines/sums/{name}", _("a sum can't be made of sums: it would go round in a circle."))
    for at, group in enumerate(template.lines.groups if template.lines else ()):
        if any(used.partition(".")[0] in SUMMED for used in group.by.names()):
            yield TemplateProblem(f"bands/lines/groups/{at}/by", _("a group can't be made by sums: it would go round in a circle."))


def _expressions(template: Template) -> Iterator[tuple[str, Text | Formula, str]]:
    """Yield each text and expression with the path of its part and the list whose items are ``line`` in it (empty: those of the document)."""
    if template.watermark is not None:
        yield from _inside(template.watermark, "watermark", "")
    if template.lines is not None:
        yield from _inside(template.lines, "bands/lines", template.lines.values.source)
    frames = (template.page_header, template.document_header, template.subtotal, template.document_footer, template.page_footer)
    for band in (*frames, *template.closing):
        yield from _inside(band, "bands", "")


def _inside(part: Any, source: str, inner: str) -> Iterator[tuple[str, Text | Formula, str]]:
    if isinstance(part, (Text, Formula)):
        yield source, part, inner
    elif isinstance(part, tuple):
        for item in part:
            yield from _inside(item, source, inner)
    elif hasattr(part, "__dataclass_fields__"):
        here = getattr(part, "source", "") or source
        within = part.values.source if isinstance(part, (TableElement, Band)) and part.values else inner
        for field in parts_of(part):
            # The list of a table and its condition are asked for outside of it.
            outer = isinstance(part, (TableElement, Band)) and field.name in {"values", "when"}
            yield from _inside(getattr(part, field.name), here, inner if outer else within)


def fields_used(template: Template) -> set[str]:
    """Return the names of all values a template asks for, such as ``customer.name`` and ``line.price``."""
    return {name for _source, text, _inner in _expressions(template) for name in text.names()}


def _known(template: Template, fields: tuple[TemplateField, ...]) -> dict[str, set[str]]:
    """Return the names a template may ask for: those of the document under "", and for each list those of its items."""
    lists: dict[str, set[str]] = {}
    document = set(ENGINE)

    def enter(field: TemplateField, inside: str) -> None:
        names = lists[inside] if inside else document
        names.add(field.path)
        for part in range(1, field.path.count(".") + 1):
            names.add(".".join(field.path.split(".")[:part]))
        if field.kind == "choice" and not inside and "." not in field.path:
            names |= {"codes", f"codes.{field.path}"}
        if field.kind == "list":
            lists.setdefault(field.path, {"line"})
        for child in field.children:
            enter(child, field.path if field.kind == "list" else inside)

    for field in fields:
        enter(field, "")
    lines = template.lines
    own = lists.get(lines.values.source, set()) if lines else set()
    for name, _formula in lines.sums if lines else ():
        document |= {f"{kind}.{name}" for kind in SUMMED}
    for name in own:
        document |= {place + name.removeprefix("line") for place in LINES}
    return {"": document, **{name: document | names for name, names in lists.items()}}


def _unknown(source: str, text: Text | Formula, known: Mapping[str, set[str]], inner: str) -> Iterator[TemplateProblem]:
    try:
        used = text.names()
    except UserError:
        return
    for name in sorted(used):
        # Of a list that an expression chooses nobody knows the items.
        if name not in known.get(inner, known[""]) and not (inner not in known and name.startswith("line.")):
            yield TemplateProblem(source, _("there is no field “{name}”.").format(name=name))
