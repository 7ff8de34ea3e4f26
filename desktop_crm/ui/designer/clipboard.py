"""Elements on the clipboard, so that they can be taken from one template to another. What is pasted may come from anyone and is checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.printing.problems import first_error
from desktop_crm.ui.designer.document import Doc, at, is_element, place_in_list

if TYPE_CHECKING:
    from collections.abc import Iterable

MIME: Final = "application/x-desktop-crm-elements"
MOST: Final = 5_000_000
MOST_ELEMENTS: Final = 500


def to_text(doc: Doc, paths: Iterable[str]) -> str:
    """Return elements as the text that is put on the clipboard, in their drawing order."""
    chosen = sorted((path for path in paths if is_element(path)), key=lambda path: (path.rpartition("/elements/")[0], place_in_list(path)))
    return json.dumps({"elements": [at(doc, path) for path in chosen]}, ensure_ascii=False)


def from_text(text: str) -> list[Doc]:
    """Return the elements a text holds; raises UserError where it holds none, or any that can't be used."""
    if len(text) > MOST:
        raise UserError(_("What is on the clipboard is too large"))
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    found = data.get("elements") if isinstance(data, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise UserError(_("There are no elements of a template on the clipboard"))
    if len(found) > MOST_ELEMENTS:
        raise UserError(_("A band can take {count} elements at most").format(count=MOST_ELEMENTS))
    trial = {"format": 1, "name": "pasted", "label": "pasted", "prints": "", "paper": {"size": "A4"}, "bands": {"page_header": {"height": 100, "elements": found}}}
    _template, problems = parse_leniently(trial)
    wrong = first_error(problems)
    if wrong is not None:
        raise UserError(_("What is on the clipboard can't be used. {problem}").format(problem=wrong))
    return found
