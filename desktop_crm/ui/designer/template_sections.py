"""The properties of the template as a whole, of its bands and its tables: paper, margins, copies, pages, watermark, the scan of a form."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.ui.designer import groups
from desktop_crm.ui.designer.contents import names_in
from desktop_crm.ui.designer.doc_rows import DocRows
from desktop_crm.ui.designer.document import (
    LINES,
    LINES_TABLE,
    Doc,
    at,
    elements,
    get,
    is_band,
    is_element,
    place_in_list,
    put,
    tidy,
    without,
)
from desktop_crm.ui.designer.group_sections import GroupSection
from desktop_crm.ui.designer.groups import CLOSING
from desktop_crm.ui.designer.paper_section import PaperSection
from desktop_crm.ui.designer.papers import margin_of, paper_size
from desktop_crm.ui.designer.rows import Pair, Row, choice_editor, segment
from desktop_crm.ui.kit.fields import LineEditor, TextEditor
from desktop_crm.ui.kit.widgets import Button, CheckBox, Label, Switch, column, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.ui.designer.acts import Acts
    from desktop_crm.ui.designer.panel import Section

BAND_LABELS: Final = {
    "page_header": N_("Page header"), "document_header": N_("Document header"), "lines": N_("Lines"), "subtotal": N_("Subtotal"), "closing": N_("Closing text"),
    "document_footer": N_("Document footer"), "page_footer": N_("Page footer"),
}
NEW_BAND: Final = 15


def band_label(path: str) -> str:
    """Return what a band is called."""
    steps = path.split("/")
    name = _(BAND_LABELS.get(steps[1], "")) if len(steps) > 1 else ""
    return _("{name} {number}").format(name=name, number=int(steps[2]) + 1) if len(steps) > 2 and steps[2].isdigit() else name or path  # noqa: PLR2004 - the step that is a place


class TemplateSections:
    """Makes the sections for the template, a band or a table. `choose_background` asks for the picture of a scanned form."""

    def __init__(self, acts: Acts, title: Callable[[], str], prints: Callable[[], str], choose_background: Callable[[], None],
                 fields: Callable[[], Mapping[str, TemplateField]]) -> None:
        self.acts, self.design = acts, acts.design
        self.rows = DocRows(acts.design)
        self._fields, self._groups, self._paper = fields, GroupSection(acts.design, fields), PaperSection(self.rows)
        self._title, self._prints, self._choose_background = title, prints, choose_background

    def __call__(self, path: str) -> list[Section]:
        """Return the sections for a band or a table at `path`, or for the template."""
        if path and is_element(path):
            return [(_("Table"), partial(self._table, path))]
        if path == LINES or path.startswith(f"{LINES}/table"):
            return [(_("Lines"), self._lines), (_("Groups"), self._groups), (_("Table"), partial(self._table, LINES_TABLE))]
        if path and is_band(path):
            return [(_("Band"), partial(self._band, path))]
        made: list[Section] = [
            (_("Template"), self._head), (_("Paper"), self._paper), (_("Bands"), self._bands), (_("Copies"), self._copies), (_("Preprinted form"), self._form),
        ]  # fmt: skip
        if get(self.design.doc, LINES_TABLE) is not None:
            made[3:3] = [(_("Lines"), self._lines), (_("Groups"), self._groups)]
        return made

    # ---- the template

    def _head(self) -> list[QWidget]:
        def rename(value: Any) -> None:
            if value:
                self.design.edit(_("Name"), put(self.design.doc, "label", value), series="label")

        label = Row(_("Name"), LineEditor(name="property.label"), read=self._title, write=rename, path="label")
        prints = holder(row(Label(_("Prints"), "small", "text2"), (Label(self._prints(), "body", "text"), 1), gap=8))
        mark = self.rows.row(_("Watermark"), "watermark/text", LineEditor(name="property.watermark", placeholder=_("such as: draft")), None)
        return [label, prints, mark]

    def _bands(self) -> list[QWidget]:
        """Return a tick for each band that can be there or not; below the closing bands there are, one for the next."""
        made: list[QWidget] = []
        for name in BAND_LABELS:
            many = range(len(groups.items(self.design.doc, CLOSING)) + 1) if name == "closing" else ()
            for path in [f"{CLOSING}/{place}" for place in many] or [f"bands/{name}"]:
                if name == "lines":
                    continue
                tick = CheckBox(band_label(path), name=f"property.band.{path.partition('/')[2].replace('/', '.')}", checked=get(self.design.doc, path) is not None)
                tick.toggled.connect(lambda on, path=path: self._set_band(path, on=on))
                made.append(tick)
        return [holder(column(*made, gap=2))]

    def _set_band(self, path: str, *, on: bool) -> None:
        doc = self.design.doc
        if path.startswith(f"{CLOSING}/"):
            done = self._with_closing(doc) if on else groups.closing_removed(doc, place_in_list(path))
        else:
            done = put(doc, path, {"height": NEW_BAND, "elements": []}) if on else without(doc, path)
        self.design.edit(_("Bands"), done)

    def _with_closing(self, doc: Doc) -> Doc:
        """Return the document with one more closing band: of the document's note where that isn't printed yet, else of words to write over."""
        note = self._fields().get("note")
        fresh = note is not None and "note" not in {name for _path, one in elements(doc) for name in names_in(one)}
        width = paper_size(doc)[0] - margin_of(doc, "left") - margin_of(doc, "right")
        return groups.closing_added(doc, note.placeholder if note is not None and fresh else _("Closing text"), tidy(width))

    def _copies(self) -> list[QWidget]:
        """Return the marks of the copies, one a line."""

        def shown() -> str:
            found = get(self.design.shown, "copies", [])
            return "\n".join(str(one.get("mark", "")) if isinstance(one, dict) else str(one) for one in (found if isinstance(found, list) else []))

        def write(value: Any) -> None:
            kept = {str(one.get("mark", "")): one for one in get(self.design.doc, "copies", []) or [] if isinstance(one, dict)}
            marks = [kept.get(line.strip(), line.strip()) for line in str(value).splitlines() if line.strip()]
            doc = put(self.design.doc, "copies", marks) if marks else without(self.design.doc, "copies")
            self.design.edit(_("Copies"), doc, series="copies")

        editor = TextEditor(name="property.copies", lines=1, most=4, placeholder=_("one mark a line, such as: file copy"))
        return [Row(_("Marks of the copies"), editor, read=shown, write=write, path="copies")]

    def _form(self) -> list[QWidget]:
        """Return what concerns the scan of a form, which is shown and never printed."""
        there = get(self.design.doc, "background") is not None
        choose = Button(_("Choose a scan…") if not there else _("Another scan…"), icon="image", size="small", name="property.background", on_click=self._choose_background)
        made: list[QWidget] = [Label(_("A picture of the form, shown on the screen only"), "small", "text3", wrap=True)]
        if there:
            drop = Button("", "ghost", icon="trash-2", size="small", tip=_("Take the scan away"), name="property.background.remove", on_click=self._drop_background)
            made.append(holder(row(choose, drop, None, gap=4)))
            made.append(Pair(self.rows.number("X", "background/x", -500, 500, 0), self.rows.number("Y", "background/y", -500, 500, 0)))
            made.append(Pair(self.rows.number(_("W"), "background/width", 1, 2000, 100), self.rows.number(_("H"), "background/height", 1, 2000, 100)))
        else:
            made.append(holder(row(choose, None)))
        return made

    def _drop_background(self) -> None:
        self.design.edit(_("Preprinted form"), without(self.design.doc, "background"))

    def set_background(self, data: bytes) -> None:
        """Take the scan of a form: as large as the paper at first."""
        width, height = paper_size(self.design.doc)
        old = get(self.design.doc, "background", {"x": 0, "y": 0, "width": tidy(width), "height": tidy(height)})
        self.design.edit(_("Preprinted form"), put(self.design.doc, "background", {**old, "data": base64.b64encode(data).decode()}))

    # ---- bands and tables

    def _band(self, path: str) -> list[QWidget]:
        rows: list[QWidget] = [self.rows.number(_("Height"), f"{path}/height", 0, 2000, 0)]
        rows.append(self.rows.row(_("Printed when"), f"{path}/when", LineEditor(name="property.when", placeholder=_("always")), None))
        if path.startswith(f"{CLOSING}/"):
            lists = [(one.path, one.label) for one in self._fields().values() if one.kind == "list"]
            rows.append(self.rows.row(_("Once for each of"), f"{path}/list", choice_editor("property.band_list", [(None, _("Only once")), *lists])))
        if path == "bands/document_footer":
            rows.append(self.rows.row(_("At the foot of the page"), f"{path}/at_bottom", Switch(name="property.at_bottom", tip=_("At the foot of the page")), default=False))
        return rows

    def _lines(self) -> list[QWidget]:
        path = LINES
        rows = [
            self.rows.number(_("Lines a page"), f"{path}/rows_per_page", 0, 500, 0, whole=True, unit=_("(0: as many as fit)")),
            self.rows.row(_("Fill with blank lines"), f"{path}/pad", Switch(name="property.pad", tip=_("Fill with blank lines")), default=False),
            self.rows.row(_("Titles on each page"), f"{path}/repeat_header", Switch(name="property.repeat_header", tip=_("Titles on each page")), default=True),
            self.rows.number(_("Kept with the total"), f"{path}/keep", 0, 500, 1, whole=True, unit=_("lines")),
        ]
        return [*rows, *self._summaries()]

    def _summaries(self) -> list[QWidget]:
        names = {"page_total": _("Total of the page"), "carry_in": _("Carried in from the page before"), "carry_out": _("Carried over to the next page")}
        made: list[QWidget] = []
        for name, label in names.items():
            tick = CheckBox(label, name=f"property.{name}", checked=get(self.design.doc, f"{LINES}/{name}") is not None)
            tick.setEnabled(get(self.design.doc, f"{LINES}/total/cells") is not None)
            tick.toggled.connect(lambda on, name=name, label=label: self._set_summary(name, label, on=on))
            made.append(tick)
        return [holder(column(*made, gap=2))]

    def _set_summary(self, name: str, label: str, *, on: bool) -> None:
        """Make a row of sums after the model of the total, or take it away."""
        path = f"{LINES}/{name}"
        if not on:
            self.design.edit(label, without(self.design.doc, path))
            return
        sums = {"page_total": "page_sum.", "carry_in": "carried.", "carry_out": "running."}[name]
        words = {"page_total": _("Page total"), "carry_in": _("Carried in"), "carry_out": _("Carried over")}[name]
        total = at(self.design.doc, f"{LINES}/total")
        cells = []
        for place, cell in enumerate(total.get("cells", [])):
            text = str(cell.get("text", ""))
            cells.append({**cell, "text": text.replace("grand.", sums) if "grand." in text else words if not place else ""})
        kept = {key: value for key, value in total.items() if key not in {"cells", "when"}}
        made = {**kept, "cells": cells, **({"when": "page.count > 1"} if name == "page_total" else {})}
        self.design.edit(label, put(self.design.doc, path, made))

    def _table(self, path: str) -> list[QWidget]:
        holder_path = LINES if path == LINES_TABLE else path
        borders = segment("property.border", _("Rules"), [("grid", _("All")), ("rows", _("Rows")), ("none", _("None"))])
        return [
            self.rows.row(_("Lines from"), f"{holder_path}/list", LineEditor(name="property.list")),
            Pair(self.rows.number(_("Title height"), f"{path}/header_height", 0, 200, 7), self.rows.number(_("Row height"), f"{path}/row_height", 1, 500, 6)),
            self.rows.number(_("Font size"), f"{path}/size", 3, 200, 9, unit="pt"),
            self.rows.row(_("Rules"), f"{path}/border", borders, "grid"),
            Pair(self.rows.number(_("Rule width"), f"{path}/thickness", 0.01, 5, 0.2), self.rows.number(_("Frame"), f"{path}/outline", 0, 5, 0)),
            self.rows.number(_("Padding"), f"{path}/padding", 0, 20, 1),
        ]
