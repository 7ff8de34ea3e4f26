"""Putting pages as large as a label on sheets of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.printing.marks import Mark, Page, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop_crm.printing.template import Template


def imposed(pages: Iterable[Page], template: Template, *, start: int | None = None) -> Iterator[Page]:
    """Yield the sheets to print: `pages` as they are, or put on the template's sheets of labels, row by row.

    `start` is the place of the first label, from 1, so that a sheet begun can be used up; without it the template's. Sheets are yielded as they fill.
    """
    labels = template.labels
    if labels is None:
        yield from pages
        return
    sheet, places = labels.sheet, labels.across * labels.down
    place = min(max(labels.start if start is None else start, 1), places) - 1
    marks: list[Mark] = []
    for page in pages:
        x = sheet.left + place % labels.across * (template.paper.width + labels.gap_x)
        y = sheet.top + place // labels.across * (template.paper.height + labels.gap_y)
        marks.extend(moved(mark, x, y) for mark in page.marks)
        place += 1
        if place == places:
            yield Page(sheet.width, sheet.height, tuple(marks))
            place, marks = 0, []
    if place and marks:
        yield Page(sheet.width, sheet.height, tuple(marks))
