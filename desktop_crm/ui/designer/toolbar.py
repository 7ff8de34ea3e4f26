"""The tool bar of the designer: steps back and forth, text style, new elements, arranging, snapping, zoom."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.ui.designer.rows import choice_editor
from desktop_crm.ui.designer.sections import POINTS
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.icons import icon
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Button, Label, row, vline

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenu, QWidget

    from desktop_crm.ui.designer.acts import Acts

NEW: Final = (
    ("text", "type", N_("Text element")), ("line", "minus", N_("Line")), ("box", "square", N_("Box")), ("table", "table-2", N_("Table")), ("image", "image", N_("Picture")),
    ("qrcode", "qr-code", N_("QR code")), ("barcode", "barcode", N_("Bar code")),
)
WIDE: Final = 1080
"""The width from which the words beside the icons are shown."""


class Toggle(Button):
    """A tool that is on or off: soft while it is on."""

    def __init__(self, text: str, *, icon: str, tip: str, name: str, on_click: Callable[[bool], object]) -> None:
        super().__init__(text, "ghost", icon=icon, size="small", tip=tip, name=name)
        self.setCheckable(True)
        self.toggled.connect(self._dress)
        self.clicked.connect(lambda *_state: on_click(self.isChecked()))

    def _dress(self, on: bool) -> None:  # noqa: FBT001 - Qt's own signal
        self.kind = "soft" if on else "ghost"
        self.update()

    def show_on(self, *, on: bool) -> None:
        """Show a state without acting."""
        blocked = self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(blocked)
        self._dress(on)


def menu_of(parent: QWidget, entries: list[tuple[str, str, Callable[[], object]] | None]) -> QMenu:
    """Return a menu of (text, icon, act); None is a separator."""
    made = Menu(parent)
    actions: list[tuple[QAction, str]] = []
    for entry in entries:
        if entry is None:
            made.addSeparator()
            continue
        text, name, act = entry
        action = made.addAction(text)
        action.triggered.connect(lambda *_checked, act=act: act())
        if name:
            actions.append((action, name))

    def tint() -> None:
        for action, name in actions:
            action.setIcon(icon(name))

    # Its icons have the colours of the theme in which it is opened.
    made.aboutToShow.connect(tint)
    return made


class Toolbar(Ground):
    """The bar. `insert` adds an element of a kind."""

    def __init__(self, acts: Acts, insert: Callable[[str], object]) -> None:
        super().__init__("sunken")
        self.setObjectName("designer.toolbar")
        self.setAccessibleName(_("Tools"))
        self.acts, self.design, self.canvas = acts, acts.design, acts.canvas
        stack = self.design.stack
        self.undo = self._tool("undo-2", _("Undo (Ctrl+Z)"), "undo", stack.undo)
        self.redo = self._tool("redo-2", _("Redo (Ctrl+Y)"), "redo", stack.redo)
        self.sizes = choice_editor("designer.size", [(float(one), _("{size} pt").format(size=f"{one:g}")) for one in POINTS])
        self.sizes.set_label(_("Font size"))
        self.sizes.line.setProperty("look", "small")
        self.sizes.setFixedWidth(92)
        self.sizes.changed.connect(self._set_size)
        self.bold = Toggle("", icon="bold", tip=_("Bold (Ctrl+B)"), name="designer.bold", on_click=lambda on: acts.style({"bold": on or None}))
        words = {"left": _("Text to the left"), "center": _("Text in the middle"), "right": _("Text to the right")}
        self.aligns = {key: self._align_tool(key, label) for key, label in words.items()}
        new = [self._tool(name, _("New: {entity}").format(entity=_(label)), f"new_{kind}", partial(insert, kind)) for kind, name, label in NEW]
        self.arrange = self._menu_tool("align-start-vertical", _("Align and distribute"), "arrange", self._arrange_menu())
        self.order = self._menu_tool("bring-to-front", _("Order"), "order", self._order_menu())
        self.grid_wanted: Callable[[], object] = lambda: None
        self.snap = Toggle(_("Snap 0.5 mm"), icon="magnet", tip=_("Snap to the grid of 0.5 mm, to other elements and to guides (Alt turns it round)"), name="designer.snap", on_click=self._set_snap)
        self.snap.setChecked(True)
        self.grid = Toggle(_("Grid"), icon="grid-3x3", tip=_("Show a grid of 5 mm"), name="designer.grid", on_click=lambda _on: self.grid_wanted())
        self.zoom = Label("100%", "small", "text2")
        self.fit = Button(_("Fit the width"), "ghost", size="small", name="designer.fit", on_click=self.canvas.fit_width)
        self.setLayout(row(
            self.undo, self.redo, vline(18), self.sizes, self.bold, *self.aligns.values(), vline(18), *new, vline(18), self.arrange, self.order, vline(18), self.snap, self.grid,
            None, self._tool("zoom-out", _("Smaller (Ctrl+wheel)"), "zoom_out", lambda: self.canvas.zoom_by(-1)), self.zoom,
            self._tool("zoom-in", _("Larger (Ctrl+wheel)"), "zoom_in", lambda: self.canvas.zoom_by(1)), self.fit, gap=2, margins=(16, 4, 12, 4)))
        self.canvas.zoom_changed.connect(self._zoomed)
        self.design.edited.connect(self.refresh)
        self.design.changed.connect(self.refresh)
        self.design.selection_changed.connect(self.refresh)
        self.refresh()

    def _align_tool(self, key: str, label: str) -> Toggle:
        return Toggle("", icon=f"align-{key}", tip=label, name=f"designer.text_{key}", on_click=lambda _on: self.acts.style({"align": key}))

    def _tool(self, name: str, tip: str, key: str, act: Callable[[], Any]) -> Button:
        return Button("", "ghost", icon=name, size="small", tip=tip, name=f"designer.{key}", on_click=act)

    def _menu_tool(self, name: str, tip: str, key: str, menu: QMenu) -> Button:
        made = Button("", "ghost", icon=name, size="small", tip=tip, name=f"designer.{key}", trailing="chevron-down")
        made.clicked.connect(lambda: menu.popup(made.mapToGlobal(made.rect().bottomLeft())))
        return made

    def _arrange_menu(self) -> QMenu:
        acts = self.acts
        return menu_of(self, [
            (_("Align left"), "align-start-vertical", lambda: acts.align("left")), (_("Align centres across"), "align-center-vertical", lambda: acts.align("center")),
            (_("Align right"), "align-end-vertical", lambda: acts.align("right")), None,
            (_("Align top"), "align-start-horizontal", lambda: acts.align("top")), (_("Align centres down"), "align-center-horizontal", lambda: acts.align("middle")),
            (_("Align bottom"), "align-end-horizontal", lambda: acts.align("bottom")), None,
            (_("Equal gaps across"), "align-horizontal-space-between", lambda: acts.distribute("across")),
            (_("Equal gaps down"), "align-vertical-space-between", lambda: acts.distribute("down")), None,
            (_("Same width"), "stretch-horizontal", lambda: acts.same_size(width=True, height=False)),
            (_("Same height"), "stretch-vertical", lambda: acts.same_size(width=False, height=True)),
            (_("Same size"), "maximize", lambda: acts.same_size(width=True, height=True)),
        ])  # fmt: skip

    def _order_menu(self) -> QMenu:
        acts = self.acts
        return menu_of(self, [
            (_("Bring to the front"), "bring-to-front", lambda: acts.order("front")), (_("One forward"), "arrow-up", lambda: acts.order("up")),
            (_("One back"), "arrow-down", lambda: acts.order("down")), (_("Send to the back"), "send-to-back", lambda: acts.order("back")),
        ])  # fmt: skip

    def _set_size(self) -> None:
        value = self.sizes.value()
        if value is not None:
            self.acts.style({"size": value})

    def _set_snap(self, on: bool) -> None:  # noqa: FBT001 - what the button says
        self.canvas.gestures.snap = on

    def _zoomed(self, factor: float) -> None:
        self.zoom.setText(f"{factor * 100:.0f}%")

    def refresh(self) -> None:
        """Show what can be done and how the selection is set."""
        if self.design.dragging:
            return
        stack = self.design.stack
        self.undo.setEnabled(stack.canUndo())
        self.redo.setEnabled(stack.canRedo())
        self.undo.setToolTip(f"{_('Undo (Ctrl+Z)')}: {stack.undoText()}" if stack.canUndo() else _("Undo (Ctrl+Z)"))
        self.redo.setToolTip(f"{_('Redo (Ctrl+Y)')}: {stack.redoText()}" if stack.canRedo() else _("Redo (Ctrl+Y)"))
        styled = self.acts.styled()
        for one in (self.bold, *self.aligns.values()):
            one.setEnabled(styled is not None)
        self.sizes.line.setEnabled(styled is not None)
        count = len(self.design.elements())
        self.arrange.setEnabled(count > 0)
        self.order.setEnabled(count > 0)
        self.sizes.set_value(float(styled.get("size", 9)) if styled is not None else None)
        self.bold.show_on(on=bool(styled and styled.get("bold")))
        for key, one in self.aligns.items():
            one.show_on(on=styled is not None and styled.get("align", "left") == key)

    def resizeEvent(self, event: object) -> None:
        """Leave words out where there is no room for them."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        wide = self.width() >= WIDE
        self.snap.setText(_("Snap 0.5 mm") if wide else "")
        self.grid.setText(_("Grid") if wide else "")
