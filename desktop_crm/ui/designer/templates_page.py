"""The company's printed documents: every template with a picture of it, and what can be done with one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.printing import store
from desktop_crm.ui.designer.documents import prints_label
from desktop_crm.ui.designer.template_files import export_document, filters
from desktop_crm.ui.designer.thumbnails import HEIGHT, WIDTH, thumbnail
from desktop_crm.ui.designer.toolbar import menu_of
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.files import ask_open
from desktop_crm.ui.kit.dialogs import confirm
from desktop_crm.ui.kit.flow import Flow
from desktop_crm.ui.kit.paint import fill, frame, ring, smooth
from desktop_crm.ui.kit.tokens import theme_notifier
from desktop_crm.ui.kit.widgets import Button, ElidedLabel, Label, Pill, SearchBox, Skeleton, box, clear, column, hline, holder, row, scroll
from desktop_crm.ui.page_problem import PageProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from desktop_crm.printing.store import Stored

PAD: Final = 12


class _Picture(QWidget):
    """A template on its desk."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setFixedSize(WIDTH + 2 * PAD, HEIGHT + 2 * PAD)
        theme_notifier().changed.connect(self.update)

    def show_image(self, image: QImage | None) -> None:
        """Show another picture."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the desk and the paper on it."""
        del event
        painter = QPainter(self)
        smooth(painter)
        fill(painter, QRectF(self.rect()), "pressed", 6)
        if self._image is None:
            return
        size = self._image.deviceIndependentSize()
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
        frame(painter, QRectF(left, top, size.width(), size.height()), "border", 1)


class TemplateCard(QWidget):
    """One template. Signals: `opened`, `menu_wanted(point on the screen)`."""

    opened = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, held: Stored, prints: str) -> None:
        super().__init__()
        self.held = held
        self.setObjectName(f"template.{held.name}")
        self.setAccessibleName(held.label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.picture = _Picture()
        self.more = Button("", "ghost", icon="ellipsis", size="mini", tip=_("More"), name=f"template.{held.name}.more")
        self.more.clicked.connect(lambda: self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        if held.number:
            state = Pill(_("Version {number}").format(number=held.number), "success")
        else:
            state = Pill(_("Not published"), "neutral") if held.own else Pill(_("Shipped"), "info")
        marks: list[QWidget] = [state]
        if held.draft and held.number:
            marks.append(Pill(_("Changes not published"), "warn"))
        if not held.active:
            marks.append(Pill(_("Put aside"), "neutral"))
        title = row((ElidedLabel(held.label, "strong", bold=True), 1), self.more, gap=4)
        words = ElidedLabel(f"{prints} · {held.paper}", "small", "text2")
        self.setLayout(column(self.picture, title, words, row(*marks, None, gap=6), gap=6, margins=(10, 10, 10, 10)))

    def sizeHint(self) -> QSize:
        """Keep the picture's width."""
        return QSize(WIDTH + 2 * PAD + 20, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        del event
        painter = QPainter(self)
        smooth(painter)
        frame(painter, QRectF(self.rect()), "edge" if self.underMouse() else "line", 8, inside="surface")
        if self.hasFocus():
            ring(painter, QRectF(self.rect()), 8)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def contextMenuEvent(self, event: object) -> None:
        """Show what can be done with it."""
        self.menu_wanted.emit(event.globalPos())  # type: ignore[attr-defined]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open it with Enter or Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class TemplatesPage(Page):
    """All templates, those put aside and never published included, by what they print."""

    place = "templates"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("page.templates")
        self.setWindowTitle(_("Print templates"))
        self.cards: list[TemplateCard] = []
        self._found: list[Stored] | None = None
        self._pictures: dict[tuple[str, int, int], QImage | None] = {}
        self.search = SearchBox(_("Find a template"), name="templates.search")
        self.search.setFixedWidth(240)
        self.search.searched.connect(lambda _text: self._fill())
        self.take = Button(_("Import from a file…"), icon="file-down", name="action.import_template", on_click=self.import_file)
        self.new = Button(_("New template"), "primary", icon="plus", name="action.new_template", on_click=self._new)
        self.body = column(gap=14, margins=(20, 14, 20, 20))
        self.body.addWidget(Skeleton(6))
        self.status = Label("", "small", "text3")
        self.problem = PageProblem(name="templates.problem")
        head = row(Label(self.windowTitle(), "page"), 12, self.search, None, self.take, self.new, margins=(20, 12, 20, 12))
        foot = row(self.status, None, Label(_("Enter opens the designer"), "small", "text3"), margins=(20, 6, 16, 6))
        self.setLayout(column(box(column(head, gap=0), "surface"), hline(), self.problem, (scroll(holder(self.body), name="templates.body"), 1), hline(), foot, gap=0))
        self.load()

    # ---- reading

    def load(self) -> None:
        """Read the templates."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: store.list_templates(session, unpublished=True), self._came, key="templates", failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        message = Desk.message(problem)
        self.problem.tell(message or "")
        if message is None:
            self.desk.fail(problem)

    def _came(self, found: list[Stored]) -> None:
        self._found = found
        self._fill()

    def _fill(self) -> None:
        if self._found is None:
            return
        wanted = self.search.text().strip().casefold()
        session = self.desk.session
        named = [(one, prints_label(session, one.prints)) for one in self._found]
        shown = [(one, prints) for one, prints in named if wanted in f"{one.label} {prints} {one.name}".casefold()]
        cards = self.cards = list[TemplateCard]()
        self.status.setText(ngettext("{count} template", "{count} templates", len(shown)).format(count=len(shown)))

        def work() -> Iterator[None]:
            clear(self.body)
            self.body.addStretch(1)
            for prints in dict.fromkeys(prints for _one, prints in shown):
                flow = Flow(gap=12, line_gap=12)
                for part in (Label(prints, "strong", bold=True), holder_of(flow)):
                    self.body.insertWidget(self.body.count() - 1, part)
                for one, what in shown:
                    if self.cards is not cards:  # somebody typed on
                        return
                    if what == prints:
                        flow.addWidget(self._card(one, what))
                        yield
            self._paint_next()

        self.make(work())

    def _card(self, held: Stored, prints: str) -> TemplateCard:
        made = TemplateCard(held, prints)
        made.opened.connect(partial(self.open, held))
        made.menu_wanted.connect(partial(self._menu, held))
        made.picture.show_image(self._pictures.get(_key(held)))
        self.cards.append(made)
        return made

    def _paint_next(self) -> None:
        """Have the next missing picture painted; one at a time, so that other work gets its turn."""
        card = next((one for one in self.cards if _key(one.held) not in self._pictures), None)
        if card is None:
            return
        held, session = card.held, self.desk.session

        def came(image: QImage | None) -> None:
            self._pictures[_key(held)] = image
            for one in self.cards:
                if one.held is held:
                    one.picture.show_image(image)
            self._paint_next()

        def failed(problem: BaseException) -> None:
            if Desk.message(problem) is None:
                self.desk.fail(problem)
                return
            came(None)

        self.desk.operations.file(self, lambda _step: thumbnail(session, held), came, failed=failed, waited_for=False)

    # ---- acting

    def open(self, held: Stored) -> None:
        """Open a template in the designer."""
        self.desk.show_page("designer", name=held.name)

    def _menu(self, held: Stored, where: QPoint) -> None:
        entries: list[tuple[str, str, Callable[[], object]] | None] = [
            (_("Open in the designer"), "square-pen", lambda: self.open(held)), (_("Start a new one from it"), "files", lambda: self.duplicate(held)),
            (_("Export to a file…"), "file-up", lambda: self.export(held)),
        ]  # fmt: skip
        if held.own:
            entries.append((_("Put aside") if held.active else _("Use again"), "archive" if held.active else "archive-restore", lambda: self.put_aside(held)))
            entries += [None, (_("Back to the shipped one") if held.shipped else _("Delete"), "trash-2", lambda: self.delete(held))]
        menu_of(self, entries).popup(where)

    def _new(self) -> None:
        """Offer every template of the library to start from."""
        found = self._found or []
        session = self.desk.session
        entries: list[tuple[str, str, Callable[[], object]] | None] = [
            (_("From “{name}” ({prints})").format(name=one.label, prints=prints_label(session, one.prints)), "file-text", partial(self.duplicate, one)) for one in found if one.active
        ]
        menu_of(self, entries).popup(self.new.mapToGlobal(QPoint(0, self.new.height())))

    def duplicate(self, held: Stored) -> None:
        """Start a template from another one and open it."""
        session = self.desk.session
        self.desk.write(self, lambda: store.duplicate(session, held.name), lambda changes: self.open(changes.result))

    def put_aside(self, held: Stored) -> None:
        """Offer a template no more, or again."""
        session = self.desk.session
        self.desk.write(self, lambda: store.change(session, held.name, active=not held.active), lambda _changes: self.load())

    def delete(self, held: Stored) -> None:
        """Delete a template of the company's own; it can be brought back from the recycle bin."""
        session = self.desk.session
        text = _("Its versions go with it. It can be put back from the recycle bin.")
        if confirm(self, _("Delete “{name}”?").format(name=held.label), text, _("Delete “{name}”").format(name=held.label)):
            self.desk.write(self, lambda: store.delete(session, held.name), lambda _changes: self.load())

    def export(self, held: Stored) -> None:
        """Write a template to a file."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: store.draft(session, held.name), lambda doc: export_document(self, self.desk, {**doc, "label": held.label}), key="export", failed=self.desk.fail)

    def import_file(self) -> None:
        """Take a template over from a file; rubbish is refused with the place of what is wrong."""
        path = ask_open(self, _("Import a template"), filters())
        if path is not None:
            self._import(path)

    def _import(self, path: Path) -> None:
        session = self.desk.session
        self.problem.tell("")
        self.desk.write(self, lambda: store.import_template(session, path), lambda changes: self.open(changes.result), failed=self._failed)

    # ---- the page

    def is_there(self) -> bool:
        """Tell whether the templates have been read and shown."""
        return self._found is not None and not self.is_being_made()

    def take_focus(self) -> None:
        """Begin in the search line."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, entities: set[str]) -> None:
        """Read anew after a template was changed."""
        if not entities or entities & {store.ENTITY, store.VERSION}:
            self.load()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Answer to the keys: new with Ctrl+N, find with Ctrl+F, import with Ctrl+I, read anew with F5."""
        return {"new": self._new, "find": lambda: self.search.setFocus(Qt.FocusReason.ShortcutFocusReason), "import": self.import_file, "refresh": self.load}


def holder_of(flow: Flow) -> QWidget:
    """Return a widget as high as a flow asks for at its width."""
    made = holder(flow)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    return made


def _key(held: Stored) -> tuple[str, int, int]:
    return held.name, held.number, held.seen
