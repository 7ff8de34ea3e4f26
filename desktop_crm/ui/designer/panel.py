"""The property panel: what is selected with its properties, and below what is wrong with the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.ui.designer.contents import icon_of, kind_of, title_of
from desktop_crm.ui.designer.document import LINES_TABLE, band_of, get, is_band, is_column, is_element
from desktop_crm.ui.designer.groups import CLOSING, GROUPS, items
from desktop_crm.ui.designer.rows import Row
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.widgets import Button, ElidedLabel, IconLabel, Label, box, clear, column, hline, holder, row, scroll
from desktop_crm.ui.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.ui.designer.design import Design

WIDTH: Final = 272
Section = tuple[str, "Callable[[], list[QWidget]]"]
"""A title, and what makes the rows below it."""


class PropertyPanel(QWidget):
    """Shows the `sections` of the selection, made in small steps. Signal: `problem_wanted(path)` when a problem was clicked."""

    problem_wanted = Signal(str)

    def __init__(self, design: Design, *, sections: Callable[[], Sequence[Section]], labels: Callable[[], Mapping[str, str]], band_label: Callable[[str], str],
                 title: Callable[[], str]) -> None:
        super().__init__()
        self.setObjectName("designer.properties")
        self.setAccessibleName(_("Properties"))
        self.design = design
        self._sections, self._labels, self._band_label, self._template_title = sections, labels, band_label, title
        self._rows: list[Row] = []
        self._making: Steps | None = None
        self._problems: Sequence[TemplateProblem] = ()
        self._pages = 0
        self._copies = 0
        self._icon = IconLabel("type", "accent")
        self._title = ElidedLabel("", "strong", bold=True)
        self._kind = Label("", "small", "text3")
        self._body = column(gap=10, margins=(14, 10, 14, 14))
        self._state = column(gap=6, margins=(14, 0, 14, 14))
        head = row(self._icon, (self._title, 1), self._kind, gap=8, margins=(14, 12, 14, 10))
        inside = holder(column(self._body, self._state, None, gap=0))
        self.area = scroll(inside, name="designer.properties.area")
        self.setLayout(column(head, hline(), (self.area, 1), gap=0))
        self.setMinimumWidth(WIDTH)
        design.selection_changed.connect(self._selected)
        design.changed.connect(self.refresh)
        self._shape: tuple[Any, ...] | None = None

    @property
    def rows(self) -> list[Row]:
        """The rows there are, all of them."""
        self.finish_making()
        return self._rows

    def finish_making(self) -> None:
        """Make the rows that are still to come at once."""
        if self._making is not None and self._making.under_way():
            self._making.finish()

    def settled(self) -> bool:
        """Tell whether all rows are there."""
        return self._making is None or not self._making.under_way()

    def _selected(self) -> None:
        """Show another selection, with the rows there are where they fit it."""
        if self._shape != self._shape_now():
            self.rebuild()
            return
        for one in self.rows:
            one.forget()
        self.refresh()

    def _what(self) -> tuple[str, str, str]:
        """Return icon, title and kind of what is selected."""
        design = self.design
        if len(design.selected) > 1:
            count = len(design.selected)
            return "boxes", ngettext("{count} element", "{count} elements", count).format(count=count), _("Selected elements")
        path = design.single()
        found = get(design.shown, path) if path else None
        if not isinstance(found, dict) or not path:
            return "file-text", self._template_title() or _("Template"), _("Template")
        if is_column(path):
            return "columns-3", str(found.get("title") or _("Column")), _("Column")
        if is_element(path):
            return icon_of(found), title_of(found, self._labels()), kind_of(found)
        return "rows-3", self._band_label(path), _("Band")

    def rebuild(self) -> None:
        """Make the rows anew: of another selection in small steps, or of the same with more or fewer of them at once, where place and focus stay."""
        before, self._shape = self._shape, self._shape_now()
        same = before is not None and before[0] == self._shape[0]
        focus, spot = (self._focused(), self.area.verticalScrollBar().value()) if same else ("", 0)
        if self._making is not None and self._making.under_way():
            self._making.cancel()
        # Rows of what isn't selected any more would write into what is; their picture may stand until the others are there.
        self.area.setUpdatesEnabled(False)
        self._rows = []
        clear(self._body)
        self._making = Steps(self, self._made(focus, spot))
        if same:
            self.finish_making()

    def _made(self, focus: str, spot: int) -> Iterator[None]:
        made: list[QWidget] = []
        for number, (title, rows_of) in enumerate(self._sections()):
            if number:
                made.append(hline())
            if title:
                made.append(Label(title, "strong", bold=True))
            made += rows_of()
            yield
        # As one widget: each that is put in by itself has all that are there laid out anew.
        rows = holder(column(*made, gap=10))
        self._rows = rows.findChildren(Row)
        yield
        self._body.addWidget(rows)
        rows.show()  # at once, so that how high they are is known when the place is found again
        for one in self._rows:
            one.settled.connect(self._settled)
        self.area.setUpdatesEnabled(True)
        self.refresh()
        # How high the rows are is known once they were laid out, and only what is shown takes the keyboard.
        later(self, lambda: self._go_on(focus, spot))

    def _go_on(self, focus: str, spot: int) -> None:
        """Give the editor of this name the keyboard and scroll to where the panel was."""
        again = self.findChildren(QWidget, focus) if focus else []
        if again:
            again[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        self.area.verticalScrollBar().setValue(spot)

    def _focused(self) -> str:
        """Return the name of the editor in the panel that has the keyboard, or nothing."""
        found = QApplication.focusWidget()
        while found is not None and found is not self:
            if found.objectName().startswith("property."):
                return found.objectName() if self.isAncestorOf(found) else ""
            found = found.parentWidget()
        return ""

    def _shape_now(self) -> tuple[Any, ...]:
        """Return what decides which rows there are; their values do not."""
        doc = self.design.shown
        chosen = self.design.selected
        # The rows of an element ask for what is selected, so that another one of its kind needs no others.
        kinds = tuple((band_of(path) if is_element(path) else path, (get(doc, path) or {}).get("type")) for path in chosen)
        held = doc.get("bands")
        rows = get(doc, "bands/lines")
        many = (len(items(doc, CLOSING)), tuple(tuple(one) for one in items(doc, GROUPS) if isinstance(one, dict)), len(items(doc, f"{LINES_TABLE}/columns")))
        return (kinds, tuple(held) if isinstance(held, dict) else (), doc.get("background") is None, doc.get("labels") is None, tuple(rows) if isinstance(rows, dict) else (), many)

    def _settled(self) -> None:
        self.design.pause()
        self.refresh()

    def commit(self) -> None:
        """Take over what is being typed."""
        for one in self.rows:
            one.commit()

    def refresh(self) -> None:
        """Show the present values."""
        icon, title, kind = self._what()
        self._icon.set_icon(icon)
        self._title.setText(title)
        self._kind.setText(kind)
        if any(get(self.design.shown, path) is None for path in self.design.selected):
            return
        if self._shape != self._shape_now() and not self.design.dragging:
            self.rebuild()
        elif self.settled():
            for one in self._rows:
                one.refresh()
            self._tell_rows()

    def show_problems(self, problems: Sequence[TemplateProblem], pages: int, copies: int) -> None:
        """Show what is wrong with the template, at the rows concerned and below them all."""
        if (tuple(problems), pages, copies) == (tuple(self._problems), self._pages, self._copies) and self._state.count():
            self._tell_rows()
            return
        self._problems, self._pages, self._copies = tuple(problems), pages, copies
        self._tell_rows()
        clear(self._state)
        if not problems:
            text = _("Nothing overflows; {copies} copies, {pages} pages in all").format(copies=copies, pages=pages) if copies > 1 else (
                ngettext("Nothing overflows; {count} page", "Nothing overflows; {count} pages", pages).format(count=pages))
            line = box(row(IconLabel("circle-check", "success", 14), (Label(text, "small", "success", wrap=True), 1), gap=6, margins=(10, 7, 10, 7)), "success", name="designer.sound")
            self._state.addWidget(line)
            return
        for problem in list(problems)[:12]:
            self._state.addWidget(self._problem_line(problem))
        rest = len(problems) - 12
        if rest > 0:
            self._state.addWidget(Label(ngettext("and {count} more problem", "and {count} more problems", rest).format(count=rest), "small", "text3"))

    def _problem_line(self, problem: TemplateProblem) -> QWidget:
        tone = "danger" if problem.severity == "error" else "warn"
        words = column(Label(self.name_of(problem.path), "small", tone, bold=True, wrap=True), Label(problem.message, "small", tone, wrap=True), gap=2)
        show = Button("", "ghost", icon="crosshair", size="mini", tip=_("Show it"), name="designer.problem.show", on_click=lambda: self.problem_wanted.emit(problem.path))
        return box(row(IconLabel("circle-alert" if tone == "danger" else "triangle-alert", tone, 14), (words, 1), show, gap=6, margins=(10, 7, 6, 7)), tone, name="designer.problem")

    def name_of(self, path: str) -> str:
        """Return what a path of the document is called: its element, column or band."""
        steps = path.split("/")
        for count in range(len(steps), 0, -1):
            one = "/".join(steps[:count])
            found: Any = get(self.design.shown, one)
            if not isinstance(found, dict):
                continue
            if is_element(one):
                return title_of(found, self._labels())
            if is_column(one):
                return _("Column “{title}”").format(title=found.get("title", ""))
            if is_band(one) and count > 1:
                return self._band_label(one)
        return _("Template")

    def _tell_rows(self) -> None:
        path = self.design.single()
        for one in self._rows:
            found = next((problem.message for problem in self._problems if one.path and self._concerns(problem.path, path, one.path)), "")
            one.tell(found)

    def _concerns(self, where: str, selected: str, own: str) -> bool:
        """Tell whether a problem belongs to a row: to its key, or to the element as a whole where the row is what it prints."""
        for key in own.split("|"):
            if where == key or (selected and where == f"{selected}/{key}"):
                return True
            if selected and where == selected and key in {"text", "value"}:
                return True
        return False
