"""Laying a document out for the canvas, away from the window's thread: one layout at a time, the latest state of the document next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_crm.base.errors import UserError
from desktop_crm.printing.check import check_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.marks import FrameMark, Page
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.ui.designer.contents import PLACEHOLDER, content_of, labelled, text_key
from desktop_crm.ui.designer.document import LINES, LINES_TABLE, Box, Doc, around, is_band
from desktop_crm.ui.designer.sheets import Frame, Sheets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.template import Template
    from desktop_crm.ui.designer.design import Design
    from desktop_crm.ui.desk import Desk

WAIT_MS: Final = 25
CODES: Final = {"barcode": "123456789012", "qrcode": "https://example.com"}
MOST_PAGES: Final = 40
"""Sheets the canvas shows; a longer document is looked at in the print preview."""


@dataclass(frozen=True)
class Laid:
    """A document laid out: sheets for the canvas, what is wrong, the parsed template, how many pages it has, and characters no font has."""

    sheets: Sheets
    problems: tuple[TemplateProblem, ...] = ()
    template: Template | None = None
    pages: int = 0
    missing: frozenset[str] = field(default=frozenset())


def as_design(doc: Doc, labels: Mapping[str, str]) -> Doc:
    """Return a document in which every placeholder is the name of its field and everything is shown whatever its condition."""
    return {**doc, "bands": _named(doc.get("bands"), labels), "copies": []}


def _named(node: Any, labels: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_named(one, labels) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _named(value, labels) for key, value in node.items() if key != "when"}
    kind = str(node.get("type", ""))
    if kind in CODES:
        made = {key: value for key, value in made.items() if key not in {"field", "format", "empty"}} | {"value": CODES[kind]}
    elif "field" in node:
        made = {key: value for key, value in made.items() if key not in {"field", "format", "empty"}}
        made[text_key(node)] = f"‹{labels.get(content_of(node).field, content_of(node).field)}›"
    elif isinstance(node.get("text"), str) and PLACEHOLDER.search(node["text"]):
        made["text"] = labelled(node["text"], labels).replace("{", "").replace("}", "")
    return made


def lay(doc: Doc, values: Mapping[str, Any], labels: Mapping[str, str] | None = None, fields: tuple[TemplateField, ...] | None = None, fonts: FontBook | None = None) -> Laid:
    """Return a document laid out with values, or with the names of its fields where `labels` are given; raises nothing, whatever the document is.

    The problems are those of the document itself, with the `fields` unknown names among them, and what doesn't fit in this layout of a real one.
    A book of `fonts` that is used again remembers the measures of texts.
    """
    wrong = check_template(doc, fields)
    shown = doc if labels is None else as_design(doc, labels)
    template, _problems = parse_leniently(shown)
    fonts = fonts or FontBook()
    fonts.missing.clear()
    try:
        made = compose(template, values, fonts=fonts, lenient=True, frames=True)
    except UserError:
        # A template beyond any layout, such as one whose margins leave no paper; what is wrong with it is among the problems.
        return Laid(Sheets(doc), tuple(wrong), template)
    pages, frames = made.pages[:MOST_PAGES], defaultdict[str, list[Frame]](list)
    bare = []
    inner = template.paper.inner_width
    for number, page in enumerate(pages):
        for mark in page.marks:
            if isinstance(mark, FrameMark):
                width = inner if is_band(mark.source) and not mark.width else mark.width
                frames[mark.source].append(Frame(number, Box(mark.x, mark.y, width, mark.height)))
        bare.append(Page(page.width, page.height, tuple(mark for mark in page.marks if not isinstance(mark, FrameMark))))
    _frame_lines(frames)
    sheets = Sheets(doc, tuple(bare), {path: tuple(found) for path, found in frames.items()}, template.paper.kind == "continuous")
    if labels is None:
        known = {(one.path, one.message) for one in wrong}
        wrong += [one for one in made.problems if (one.path, one.message) not in known]
    return Laid(sheets, tuple(wrong), template, len(made.pages), frozenset(fonts.missing))


def _frame_lines(frames: dict[str, list[Frame]]) -> None:
    """Add the frame of the lines' table on each page: around its columns."""
    found: dict[int, list[Box]] = defaultdict(list)
    for path, places in list(frames.items()):
        if path.startswith(f"{LINES_TABLE}/columns/"):
            for one in places:
                found[one.page].append(one.box)
    if found:
        frames[LINES] = [Frame(page, around(boxes)) for page, boxes in found.items()]


class Laying(QObject):
    """Lays the design out whenever it changed. Signal: `laid(Laid)`.

    `values` and `labels` are what the next layout takes; without labels the values of a real document are shown.
    """

    laid = Signal(object)

    def __init__(self, desk: Desk, design: Design, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._design = desk, design
        self.values: Mapping[str, Any] = {}
        self.labels: Mapping[str, str] | None = {}
        self.fields: tuple[TemplateField, ...] | None = None
        self._fonts = FontBook()
        self._busy = False
        self._again = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._begin)
        design.changed.connect(self.ask)

    def ask(self) -> None:
        """Have the present document laid out soon."""
        if self._busy:
            self._again = True
        elif not self._wait.isActive():
            self._wait.start()

    def settled(self) -> bool:
        """Tell whether what is shown is the present document."""
        return not self._busy and not self._wait.isActive()

    def _begin(self) -> None:
        self._busy, self._again = True, False
        doc, values, labels, fields = self._design.shown, self.values, self.labels, self.fields
        self._desk.operations.file(self, lambda _step: lay(doc, values, labels, fields, self._fonts), self._done, failed=self._failed, waited_for=False)

    def _done(self, laid: Laid | None) -> None:
        self._busy = False
        if laid is None:  # the window is closing: the lane let go of it
            return
        self.laid.emit(laid)
        if self._again:
            self.ask()

    def _failed(self, problem: BaseException) -> None:
        self._busy = False
        self._desk.fail(problem)
