"""The designer's page: fields and layers at the left, the paper in the middle, properties at the right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.printing.check import check_template
from desktop_crm.printing.documents import BUILTIN
from desktop_crm.printing.fields import sample_values, template_fields
from desktop_crm.printing.filters import FILTERS
from desktop_crm.printing.problems import TemplateError
from desktop_crm.ui.designer import arrange
from desktop_crm.ui.designer.acts import Acts
from desktop_crm.ui.designer.canvas import Canvas
from desktop_crm.ui.designer.contents import has_values, names_in
from desktop_crm.ui.designer.design import Design
from desktop_crm.ui.designer.document import Box, Doc, at, bands, elements, get, is_column, is_element, put
from desktop_crm.ui.designer.documents import entity_of, prints_label, recent, title_of, values_of
from desktop_crm.ui.designer.field_tree import FieldTree, field_in
from desktop_crm.ui.designer.head import Head
from desktop_crm.ui.designer.keeping import Keeping, template_in
from desktop_crm.ui.designer.layers import LayerList
from desktop_crm.ui.designer.laying import Laid, Laying
from desktop_crm.ui.designer.panel import PropertyPanel
from desktop_crm.ui.designer.paper_item import Look
from desktop_crm.ui.designer.rulers import THICK, WIDE, Ruler
from desktop_crm.ui.designer.sections import Sections
from desktop_crm.ui.designer.template_sections import TemplateSections, band_label, margin_of
from desktop_crm.ui.designer.toolbar import Toolbar, menu_of
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Label, SearchBox, Skeleton, TabItem, Tabs, box, column, hline, holder, row, vline
from desktop_crm.ui.page_problem import PageProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QResizeEvent

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.store import Stored
    from desktop_crm.ui.drafts import Kept

LEFT_WIDTH: Final = 208
NARROW: Final = 1040
"""Below this width the properties are a tab at the left."""
ARROWS: Final = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class DesignerPage(Page):
    """The template `name` being designed; without one it waits for a draft it is to go on with."""

    place = "templates"

    def __init__(self, desk: Desk, name: str = "") -> None:
        super().__init__(desk)
        self.setObjectName("page.designer")
        self.setWindowTitle(_("Template"))
        self.name = name
        self.fields: Mapping[str, TemplateField] = {}
        self.labels: Mapping[str, str] = {}
        self.tree_fields: tuple[TemplateField, ...] = ()
        self.laid: Laid | None = None
        self.design = Design({}, self)
        self.keeping = Keeping(desk, self.design, self)
        self.laying = Laying(desk, self.design, self)
        self._sample: Mapping[str, Any] = {}
        self._real: Mapping[str, Any] | None = None
        self._build()
        self._connect()
        if name:
            self._load(name)

    # ---- building

    def _build(self) -> None:
        self.canvas = Canvas(self.design, accepts=lambda data: isinstance(data, QMimeData) and field_in(data, self.fields) is not None, band_label=band_label)
        self.canvas.fields = self._tinted
        self.acts = Acts(self.canvas)
        self.head = Head(self)
        self.toolbar = Toolbar(self.acts, self._insert)
        self.tree = FieldTree()
        self.search = SearchBox(_("Find a field"), name="designer.search")
        self.layers = LayerList(self.design, labels=lambda: self.labels, band_label=band_label)
        template = TemplateSections(self.acts, self.label, lambda: prints_label(self.desk.session, str(self.design.doc.get("prints", ""))), self.choose_background)
        self.template_sections = template
        sections = Sections(self.acts, lambda: self.fields, lambda: list(FILTERS), template, self.choose_picture)
        self.panel = PropertyPanel(self.design, sections=sections, labels=lambda: self.labels, band_label=band_label, title=self.label)
        self.problem = PageProblem(name="designer.page_problem")
        hint = Label(_("Drag onto the paper, or press Enter to insert"), "small", "text3", wrap=True)
        self.tabs = Tabs([TabItem("fields", _("Fields")), TabItem("layers", _("Layers"))], name="designer.tabs", label=_("Fields and layers"))
        self.tabs.chosen.connect(self._show_tab)
        self.left = QStackedWidget()
        self.left.addWidget(holder(column(row(self.search, margins=(10, 8, 10, 6)), (self.tree, 1), row((hint, 1), margins=(14, 6, 8, 8)), gap=0)))
        self.left.addWidget(self.layers)
        self.left_side = box(column(row(self.tabs, margins=(12, 2, 4, 0)), hline(), (self.left, 1), gap=0), "surface")
        self.left_side.setFixedWidth(theme().px(LEFT_WIDTH))
        self.right_side = box(column(self.panel, gap=0), "surface")
        self.right_side.setFixedWidth(theme().px(288))
        self.rulers = Ruler(upright=False), Ruler(upright=True)
        corner = Label("mm", "caption", "text3")
        corner.setAlignment(Qt.AlignmentFlag.AlignCenter)
        corner.setFixedSize(theme().px(WIDE), theme().px(THICK))
        grid = QGridLayout()
        grid.setSpacing(0)
        grid.setContentsMargins(0, 0, 0, 0)
        for item, where in ((corner, (0, 0)), (self.rulers[0], (0, 1)), (self.rulers[1], (1, 0)), (self.canvas, (1, 1))):
            grid.addWidget(item, *where)
        self.paper = QStackedWidget()
        self.paper.addWidget(holder(column(Skeleton(12), None, margins=(120, 40, 120, 40))))
        self.paper.addWidget(holder(grid))
        self.below = column(gap=0)
        middle = holder(column((self.paper, 1), self.below, gap=0))
        body = row(self.left_side, vline(), (middle, 1), vline(), self.right_side, gap=0)
        self.setLayout(column(box(column(self.head, gap=0), "surface"), hline(), self.toolbar, hline(), self.problem, (holder(body), 1), gap=0))
        self._narrow: bool | None = None
        self._calibration: QWidget | None = None

    def _connect(self) -> None:
        self.laying.laid.connect(self._laid)
        self.canvas.key_hook = self._key
        self.canvas.view_changed.connect(self._rule)
        self.canvas.edit_wanted.connect(self._edit_text)
        self.canvas.menu_wanted.connect(self._menu)
        self.canvas.dropped.connect(self._dropped)
        self.layers.menu_wanted.connect(self._menu)
        self.layers.flag_wanted.connect(self._flag)
        self.layers.order_wanted.connect(self._reorder)
        self.acts.refused.connect(lambda text: self.desk.say(text, "warn"))
        self.design.changed.connect(self._rule)
        self.design.selection_changed.connect(self._selected)
        self.design.edited.connect(self._mark_used)
        self.tree.insert_wanted.connect(self.acts.insert_field)
        self.search.searched.connect(self.tree.search)
        self.search.textChanged.connect(self.tree.search)
        self.search.down.connect(lambda: self.tree.setFocus(Qt.FocusReason.TabFocusReason))
        self.panel.problem_wanted.connect(self.show_problem)
        self.keeping.state_changed.connect(self.head.refresh)
        self.keeping.failed.connect(self.refused)
        self.toolbar.grid_wanted = self._show_look
        top, left = self.rulers
        top.pulled.connect(lambda spot, done: self._pull(upright=False, spot=spot, done=done))
        left.pulled.connect(lambda spot, done: self._pull(upright=True, spot=spot, done=done))

    # ---- reading

    def _load(self, name: str, instead: Doc | None = None) -> None:
        """Read a template and what may stand in it; `instead` is a draft of it to go on with."""
        session = self.desk.session

        def work() -> tuple[Stored, Doc, tuple[TemplateField, ...], Doc | None, list[tuple[int, str]]]:
            held = store.find(session, name)
            doc = store.draft(session, name)
            prints = str(doc.get("prints") or held.prints)
            latest = [(key, title_of(session, prints, key)) for key in recent(session, prints, 1)]
            return held, doc, template_fields(session.catalog, prints), self.keeping.look(held) if instead is None else instead, latest

        self.desk.operations.read(self, work, lambda found: self._loaded(*found), key="template", failed=self._not_loaded)

    def _not_loaded(self, problem: BaseException) -> None:
        self.problem.tell(Desk.message(problem) or "")
        if Desk.message(problem) is None:
            self.desk.fail(problem)

    def _loaded(self, held: Stored, doc: Doc, fields: tuple[TemplateField, ...], kept: Doc | None, latest: list[tuple[int, str]]) -> None:
        self.tree_fields = fields
        self.fields = {one.path: one for field in fields for one in field.walk()}
        self.labels = self._labels()
        self._sample = sample_values(fields)
        self.tree.show_fields(fields)
        self.laying.labels, self.laying.values, self.laying.fields = self.labels, self._sample, fields
        self.keeping.begin(held, doc)
        self.design.replace(doc)
        self.setWindowTitle(self.label())
        if kept is not None and kept != doc:
            self.design.edit(_("Unsaved work"), kept, [])
            self.problem.tell(_("Unsaved work on this template was brought back. Undo (Ctrl+Z) shows it as it was saved"), "info")
        self.paper.setCurrentIndex(1)
        self.head.show_document(latest[0] if latest else None)
        self._mark_used()
        self.desk.crumbs_changed.emit()
        self.canvas.fit_width()

    def _labels(self) -> dict[str, str]:
        made: dict[str, str] = {}
        for field in self.tree_fields:
            for child in field.children:
                made[child.path] = f"{field.label}·{child.label}" if field.kind == "link" else child.label
        return made

    def resume(self, kept: Kept) -> None:
        """Go on with a draft that this computer kept."""
        found = template_in(kept.draft)
        if found is not None and not self.name:
            self.name = found[0]
            self._load(self.name, found[1])

    # ---- looking at it

    def show_mode(self, mode: str) -> None:
        """Show the names of the fields (``design``) or the chosen document (``live``)."""
        self.canvas.bands_shown = mode != "live"
        if mode == "live" and self._real is not None:
            self.laying.labels, self.laying.values = None, self._real
        elif mode == "live":
            self.laying.labels, self.laying.values = None, self._sample
        else:
            self.laying.labels, self.laying.values = self.labels, self._sample
        self.laying.ask()

    def choose_document(self, key: int | None) -> None:
        """Take another document for the live preview."""
        session, prints = self.desk.session, str(self.design.doc.get("prints", ""))
        if key is None or not entity_of(session, prints):
            self._real = None
            self.show_mode(self.head.mode())
            return

        def came(values: Mapping[str, Any]) -> None:
            self._real = values
            self.show_mode(self.head.mode())

        self.desk.operations.read(self, lambda: values_of(session, prints, key, self.name), came, key="document", failed=self._no_document)

    def _no_document(self, problem: BaseException) -> None:
        self._real = None
        message = Desk.message(problem)
        if message is None:
            self.desk.fail(problem)
        else:
            self.desk.say(message, "warn")
        self.show_mode(self.head.mode())

    def _laid(self, laid: Laid) -> None:
        self.laid = laid
        self.canvas.show_sheets(laid.sheets, self._look())
        copies = len(self.design.doc.get("copies", []) or []) if self.laying.labels is None else 0
        self.panel.show_problems(laid.problems, laid.pages, copies)
        if not self.design.dragging:
            self.panel.refresh()
        self._rule()
        self.tabs.set_count("layers", str(self.layers.count_elements()))

    def _look(self) -> Look:
        doc = self.design.shown
        template = self.laid.template if self.laid else None
        margins = tuple(margin_of(doc, side) for side in ("left", "top", "right", "bottom"))
        return Look((margins[0], margins[1], margins[2], margins[3]), holes=template is not None and template.paper.kind == "continuous", grid=self.toolbar.grid.isChecked())

    def _show_look(self) -> None:
        if self.laid is not None:
            self.canvas.show_sheets(self.laid.sheets, self._look())

    def _tinted(self) -> dict[int, tuple[Box, ...]]:
        """Return the places of fields to tint, by page."""
        laid = self.laid
        made: dict[int, list[Box]] = {}
        if laid is None:
            return {}
        for path, element in elements(laid.sheets.doc):
            if has_values(element):
                for frame in laid.sheets.frames.get(path, ()):
                    made.setdefault(frame.page, []).append(frame.box)
        return {page: tuple(found) for page, found in made.items()}

    def _rule(self) -> None:
        canvas = self.canvas
        pages = canvas.sheets.pages
        scale = canvas.to_view(Box(0, 0, 1, 1)).width()
        origin = canvas.to_view(Box(0, 0, 0, 0)).topLeft()
        tops = [(canvas.sheets.top(number), page.height) for number, page in enumerate(pages)]
        self.rulers[0].show_range(origin.x(), scale, [(0.0, max((page.width for page in pages), default=0.0))])
        self.rulers[1].show_range(origin.y(), scale, tops)
        frame = canvas.frame()
        self.rulers[0].mark(frame.x if frame else None, frame.right if frame else 0.0)
        self.rulers[1].mark(frame.y if frame else None, frame.bottom if frame else 0.0)

    def _pull(self, *, upright: bool, spot: float, done: bool) -> None:
        ruler = self.rulers[1 if upright else 0]
        outer = ruler.parentWidget()
        if outer is not None:
            where = self.canvas.viewport().mapFrom(self, outer.mapTo(self, QPointF(spot, spot).toPoint()))
            self.canvas.pull_guide(upright=upright, spot=float(where.x() if upright else where.y()), done=done)

    # ---- what follows the selection

    def _selected(self) -> None:
        self._rule()
        path = self.design.single()
        if self._narrow and self.tabs.current() != "layers":
            self.tabs.set_current("properties" if self.design.selected else "fields")
        found = get(self.design.shown, path) if path else None
        if isinstance(found, dict) and (is_element(path) or is_column(path)):
            names = names_in(found)
            self.tree.choose(next((name for name in names if name in self.fields), ""))

    def _mark_used(self) -> None:
        doc = self.design.doc
        used: set[str] = set()
        for _path, element in elements(doc):
            used |= names_in(element)
            for one in element.get("columns", []) or []:
                used |= names_in(one) if isinstance(one, dict) else set()
        text = json.dumps(get(doc, "bands/lines", {}), ensure_ascii=False)
        used |= {path for path in self.fields if path in text}
        self.tree.mark_used(used)
        label = self.label()
        if label != self.windowTitle():
            self.setWindowTitle(label)
            self.desk.crumbs_changed.emit()
        self.head.refresh()

    def _show_tab(self, key: str) -> None:
        self.left.setCurrentIndex({"fields": 0, "layers": 1}.get(key, 2))

    def show_problem(self, path: str) -> None:
        """Select what a problem is about and bring it into view."""
        steps = path.split("/")
        for count in range(len(steps), 0, -1):
            one = "/".join(steps[:count])
            if is_element(one) or is_column(one) or one in bands(self.design.doc):
                self.design.select([one])
                self.canvas.reveal(one)
                break
        else:
            self.design.select([])
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- acting

    def _insert(self, kind: str) -> None:
        if kind == "image":
            self.choose_picture(new=True)
        else:
            self.acts.insert(kind)
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_picture(self, *, new: bool = False) -> None:
        """Take a picture from a file, for a new element or the selected one."""
        from desktop_crm.ui.designer.picture_files import ask_picture

        def came(data: str) -> None:
            if new:
                self.acts.insert("image", data=data)
            else:
                self.acts.set_keys({"data": data, "value": None}, _("Picture"))

        ask_picture(self, self.desk, came)

    def choose_background(self) -> None:
        """Take the scan of a preprinted form."""
        import base64

        from desktop_crm.ui.designer.picture_files import ask_picture

        ask_picture(self, self.desk, lambda data: self.template_sections.set_background(base64.b64decode(data)))

    def _dropped(self, data: object, x: float, y: float) -> None:
        field = field_in(data, self.fields) if isinstance(data, QMimeData) else None
        if field is not None:
            self.acts.insert_field(field, x, y)
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _flag(self, path: str, key: str) -> None:
        on = bool(get(self.design.doc, f"{path}/{key}"))
        doc = put(self.design.doc, path, {name: value for name, value in {**at(self.design.doc, path), key: not on}.items() if value is not False or name != key})
        self.design.edit({"locked": _("Lock"), "hidden": _("Hide element")}[key], doc)

    def _reorder(self, path: str, band: str, place: int) -> None:
        doc, selected = self.design.doc, [path]
        if not path.startswith(f"{band}/elements/"):
            doc, selected = arrange.rehomed(doc, [path], {path: (band, float(get(doc, f"{path}/y", 0)))})
        listed = at(doc, f"{band}/elements")
        old = int(selected[0].rpartition("/")[2])
        place = min(place, len(listed) - 1)
        rest = [*listed[:old], *listed[old + 1 :]]
        self.design.edit(_("Order"), put(doc, f"{band}/elements", [*rest[:place], listed[old], *rest[place:]]), [f"{band}/elements/{place}"])

    def _edit_text(self, path: str) -> None:
        self.design.select([path])
        target = next((one.widget for one in self.panel.rows if one.widget.objectName() in {"property.text", "property.title"}), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _menu(self, where: Any) -> None:
        acts = self.acts
        some = bool(self.design.elements())
        entries: list[tuple[str, str, Callable[[], object]] | None] = []
        if some:
            entries += [(_("Cut") + "\tCtrl+X", "scissors", acts.cut), (_("Copy") + "\tCtrl+C", "copy", acts.copy)]
        entries.append((_("Paste") + "\tCtrl+V", "clipboard-paste", acts.paste))
        if some:
            entries += [
                (_("Duplicate") + "\tCtrl+D", "files", acts.duplicate), (_("Delete") + "\tDel", "trash-2", acts.delete), None,
                (_("Bring to the front"), "bring-to-front", lambda: acts.order("front")), (_("Send to the back"), "send-to-back", lambda: acts.order("back")), None,
                (_("Lock or unlock"), "lock", lambda: acts.toggle("locked", _("Lock"))), (_("Hide element"), "eye-off", lambda: acts.toggle("hidden", _("Hide element"))),
            ]  # fmt: skip
        elif any(is_column(path) for path in self.design.selected):
            entries.append((_("Remove the column"), "trash-2", acts.delete))
        menu_of(self, entries).popup(where)

    # ---- keys

    def _key(self, event: QKeyEvent) -> bool:
        acts = self.acts
        key = Qt.Key(event.key())
        if key in ARROWS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step = arrange.BIG_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else arrange.STEP
            dx, dy = ARROWS[key]
            acts.nudge(dx * step, dy * step)
            return True
        standard = {
            QKeySequence.StandardKey.Copy: acts.copy, QKeySequence.StandardKey.Cut: acts.cut, QKeySequence.StandardKey.Paste: acts.paste,
            QKeySequence.StandardKey.SelectAll: acts.select_all,
        }  # fmt: skip
        for sequence, do in standard.items():
            if event.matches(sequence):
                do()
                return True
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        plain: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Delete: acts.delete, Qt.Key.Key_Backspace: acts.delete, Qt.Key.Key_Escape: lambda: self.design.select([]),
            Qt.Key.Key_Tab: lambda: acts.select_next(1), Qt.Key.Key_Backtab: lambda: acts.select_next(-1), Qt.Key.Key_F2: lambda: self._edit_text(self.design.single()),
        }  # fmt: skip
        held: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_D: acts.duplicate, Qt.Key.Key_B: lambda: acts.toggle("bold", _("Bold")), Qt.Key.Key_Plus: lambda: self.canvas.zoom_by(1),
            Qt.Key.Key_Equal: lambda: self.canvas.zoom_by(1), Qt.Key.Key_Minus: lambda: self.canvas.zoom_by(-1), Qt.Key.Key_0: lambda: self.canvas.set_factor(1.0),
        }  # fmt: skip
        act = (held if control else plain).get(key)
        if act is None:
            return False
        act()
        return True

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Undo and redo, save the draft with Ctrl+S, publish with Ctrl+Enter, a trial print with Ctrl+P, a field with Ctrl+F."""
        return {
            "undo": self.design.stack.undo, "redo": self.design.stack.redo, "save": self.save, "submit": self.publish, "print": self.head.test_print,
            "find": lambda: self.search.setFocus(Qt.FocusReason.ShortcutFocusReason), "next_problem": self._next_problem, "delete": self.acts.delete,
        }  # fmt: skip

    def _next_problem(self) -> None:
        if self.laid and self.laid.problems:
            self.show_problem(self.laid.problems[0].path)

    # ---- saving

    def save(self) -> None:
        """Save the draft in the company."""
        self.keeping.save(lambda: self.desk.say(_("Draft saved. Publish it to print with it"), "success"))

    def publish(self) -> None:
        """Make what is shown print from now on; a template with errors is refused, and the first one is shown."""
        if self.keeping.held is None:
            return
        doc, fields = self.design.doc, self.tree_fields
        self.desk.operations.file(self, lambda _step: [one for one in check_template(doc, fields) if one.severity == "error"], self._checked, title="", failed=self.desk.fail)

    def _checked(self, wrong: list[TemplateProblem]) -> None:
        if wrong:
            self.show_problem(wrong[0].path)
            name = self.panel.name_of(wrong[0].path)
            self.problem.tell(_("Not published: {place}: {problem}").format(place=name, problem=wrong[0].message))
            return
        self.problem.tell("")
        self.keeping.publish()

    def label(self) -> str:
        """Return what the template is called, one that ships in the user's language."""
        held = self.keeping.held
        label = str(self.design.shown.get("label") or "")
        if held is not None and (not label or label == BUILTIN.get(held.name)):
            return held.label
        return label

    def shown_values(self) -> Mapping[str, Any]:
        """Return the values of the chosen document, sample ones where none is chosen."""
        return self._sample if self._real is None else self._real

    def take_over(self, doc: Doc, text: str) -> None:
        """Go on with another document, as one step."""
        self.design.edit(text, doc, [])

    def discard(self) -> None:
        """Go back to what is published, or to the shipped template; the step can be undone."""
        from desktop_crm.ui.designer.versions import published_body

        held, session = self.keeping.held, self.desk.session
        if held is not None:
            self.desk.operations.read(self, lambda: published_body(session, held), lambda doc: self.take_over(doc, _("Drop the changes")), key="published", failed=self.desk.fail)

    def export(self) -> None:
        """Write the template to a file, as it is designed now."""
        from desktop_crm.ui.designer.template_files import export_document

        export_document(self, self.desk, self.design.doc)

    def duplicate(self) -> None:
        """Make a copy as it is designed now and go on with that."""
        held, session, doc = self.keeping.held, self.desk.session, self.design.doc
        if held is None:
            return
        label = _("{name} (copy)").format(name=self.label())
        self.desk.write(self, lambda: store.create(session, doc, label, base=held.name), lambda changes: self.desk.show_page("designer", name=changes.result.name))

    def toggle_calibration(self) -> None:
        """Show or hide the panel that adjusts the print to the printer."""
        from desktop_crm.ui.designer.adjusting import adjusting_panel

        if self._calibration is None:
            self._calibration = adjusting_panel(self, self.toggle_calibration)
            self.below.addWidget(self._calibration)
            self._calibration.show()
        else:
            self._calibration.setVisible(self._calibration.isHidden())

    def refused(self, problem: BaseException) -> None:
        """Say why something can't be done, and show the place in the template where it is that."""
        message = Desk.message(problem)
        if message is None:
            self.desk.fail(problem)
            return
        self.problem.tell(message)
        if isinstance(problem, TemplateError):
            self.show_problem(problem.problem.path)

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the templates."""
        return [(_("Print templates"), lambda: self.desk.show_page("templates")), (self.windowTitle(), None)]

    def is_there(self) -> bool:
        """Tell whether the template has been read."""
        return self.keeping.held is not None

    def take_focus(self) -> None:
        """Begin on the paper."""
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def may_leave(self) -> bool:
        """Save what was done as the company's draft; it is kept on this computer meanwhile, so that nothing is lost where that fails."""
        self.design.give_up()
        if self.keeping.dirty:
            self.keeping.keep()
            self.keeping.save()
        return True

    def refresh(self, entities: set[str]) -> None:
        """Read anew how the template stands, once somebody changed templates."""
        if store.ENTITY in entities:
            self.keeping.read_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the properties into a tab where there is no room for them."""
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        items = [TabItem("fields", _("Fields")), TabItem("layers", _("Layers"), str(self.layers.count_elements()))]
        if narrow:
            self.left.addWidget(self.panel)
            items.append(TabItem("properties", _("Properties")))
        else:
            layout = self.right_side.layout()
            if layout is not None:
                layout.addWidget(self.panel)
            self.panel.show()
        self.right_side.setVisible(not narrow)
        self.left_side.setFixedWidth(theme().px(288 if narrow else LEFT_WIDTH))
        self.tabs.set_items(items)
        self._show_tab(self.tabs.current())
