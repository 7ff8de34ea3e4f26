"""The designer's bench: fields and layers at the left, the paper with its rulers in the middle, properties at the right, tools above."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.printing.filters import FILTERS
from desktop_crm.ui.designer import arrange
from desktop_crm.ui.designer.acts import Acts
from desktop_crm.ui.designer.canvas import Canvas
from desktop_crm.ui.designer.contents import has_values, names_in
from desktop_crm.ui.designer.document import Box, at, bands, elements, get, is_column, is_element, put
from desktop_crm.ui.designer.documents import prints_label
from desktop_crm.ui.designer.field_tree import FieldTree, field_in
from desktop_crm.ui.designer.layers import LayerList
from desktop_crm.ui.designer.panel import PropertyPanel
from desktop_crm.ui.designer.paper_item import Look
from desktop_crm.ui.designer.papers import margin_of
from desktop_crm.ui.designer.rulers import THICK, WIDE, Ruler
from desktop_crm.ui.designer.sections import Sections
from desktop_crm.ui.designer.template_sections import TemplateSections, band_label
from desktop_crm.ui.designer.toolbar import Toolbar, menu_of
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Label, SearchBox, Skeleton, TabItem, Tabs, box, column, hline, holder, row, vline
from desktop_crm.ui.mark_painter import read_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtGui import QResizeEvent

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.ui.designer.design import Design
    from desktop_crm.ui.designer.laying import Laid
    from desktop_crm.ui.desk import Desk

LEFT_WIDTH: Final = 208
NARROW: Final = 1040
"""Below this width the properties are a tab at the left."""
ARROWS: Final = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class Workbench(QWidget):
    """Everything that works on `design`, made by `build`. `title` names the template; `notice` stands between the tools and the paper."""

    def __init__(self, desk: Desk, design: Design, title: Callable[[], str], notice: QWidget) -> None:
        super().__init__()
        self.desk, self.design, self.title = desk, design, title
        self.fields: Mapping[str, TemplateField] = {}
        self.labels: Mapping[str, str] = {}
        self.laid: Laid | None = None
        self._notice = notice

    def build(self) -> Iterator[None]:
        """Make the parts in small steps."""
        self.canvas = Canvas(self.design, accepts=lambda data: isinstance(data, QMimeData) and field_in(data, self.fields) is not None, band_label=band_label)
        self.canvas.fields = self._tinted
        self.acts = Acts(self.canvas)
        yield
        self.toolbar = Toolbar(self.acts, self._insert)
        yield
        self.tree = FieldTree()
        self.search = SearchBox(_("Find a field"), name="designer.search")
        self.layers = LayerList(self.design, labels=lambda: self.labels, band_label=band_label)
        yield
        template = TemplateSections(self.acts, self.title, lambda: prints_label(self.desk.session, str(self.design.doc.get("prints", ""))), self.choose_background, lambda: self.fields)
        self.template_sections = template
        sections = Sections(self.acts, lambda: self.fields, lambda: list(FILTERS), template, self.choose_picture)
        self.panel = PropertyPanel(self.design, sections=sections, labels=lambda: self.labels, band_label=band_label, title=self.title)
        yield
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
        yield
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
        # What stands in for the paper while it is read must not keep the window from being low.
        self.paper.setMinimumHeight(theme().px(160))
        self.below = column(gap=0)
        yield
        middle = holder(column((self.paper, 1), self.below, gap=0))
        body = row(self.left_side, vline(), (middle, 1), vline(), self.right_side, gap=0)
        self.setLayout(column(self.toolbar, hline(), self._notice, (holder(body), 1), gap=0))
        self._narrow: bool | None = None
        self._connect()
        yield
        yield from read_faces()

    def _connect(self) -> None:
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
        self.design.edited.connect(self.mark_used)
        self.tree.insert_wanted.connect(self.acts.insert_field)
        self.search.searched.connect(self.tree.search)
        self.search.textChanged.connect(self.tree.search)
        self.search.down.connect(lambda: self.tree.setFocus(Qt.FocusReason.TabFocusReason))
        self.panel.problem_wanted.connect(self.show_problem)
        self.toolbar.grid_wanted = self._show_look
        top, left = self.rulers
        top.pulled.connect(lambda spot, done: self._pull(upright=False, spot=spot, done=done))
        left.pulled.connect(lambda spot, done: self._pull(upright=True, spot=spot, done=done))

    # ---- what is shown

    def show_fields(self, fields: tuple[TemplateField, ...]) -> None:
        """Show the fields of what the template prints."""
        self.fields = {one.path: one for field in fields for one in field.walk()}
        made: dict[str, str] = {}
        for field in fields:
            for child in field.children:
                made[child.path] = f"{field.label}·{child.label}" if field.kind == "link" else child.label
        self.labels = made
        self.tree.show_fields(fields)
        self.mark_used()

    def show_laid(self, laid: Laid, copies: int) -> None:
        """Show a layout of the document."""
        self.laid = laid
        self.paper.setCurrentIndex(1)
        self.canvas.show_sheets(laid.sheets, self._look())
        self.panel.show_problems(laid.problems, laid.pages, copies)
        if not self.design.dragging:
            self.panel.refresh()
        self._rule()
        self.tabs.set_count("layers", str(self.layers.count_elements()))

    def mark_used(self) -> None:
        """Mark the fields that the template prints."""
        doc = self.design.doc
        used: set[str] = set()
        for _path, element in elements(doc):
            used |= names_in(element)
            for one in element.get("columns", []) or []:
                used |= names_in(one) if isinstance(one, dict) else set()
        text = json.dumps(get(doc, "bands/lines", {}), ensure_ascii=False)
        used |= {path for path in self.fields if path in text}
        self.tree.mark_used(used)

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
