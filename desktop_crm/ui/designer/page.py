"""The designer's page: fields and layers at the left, the paper in the middle, properties at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.printing.check import check_template
from desktop_crm.printing.documents import BUILTIN
from desktop_crm.printing.fields import sample_values, template_fields
from desktop_crm.printing.problems import TemplateError
from desktop_crm.ui.designer.design import Design
from desktop_crm.ui.designer.documents import entity_of, recent, title_of, values_of
from desktop_crm.ui.designer.head import Head
from desktop_crm.ui.designer.keeping import Keeping, template_in
from desktop_crm.ui.designer.laying import Laid, Laying
from desktop_crm.ui.designer.workbench import Workbench
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.widgets import Button, box, column, hline
from desktop_crm.ui.page_problem import PageProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.store import Stored
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.drafts import Kept


class DesignerPage(Page):
    """The template `name` being designed; without one it waits for a draft it is to go on with."""

    place = "templates"

    def __init__(self, desk: Desk, name: str = "") -> None:
        super().__init__(desk)
        self.setObjectName("page.designer")
        self.setWindowTitle(_("Template"))
        self.name = name
        self.fields: tuple[TemplateField, ...] = ()
        self.design = Design({}, self)
        self.keeping = Keeping(desk, self.design, self)
        self.laying = Laying(desk, self.design, self)
        self._sample: Mapping[str, Any] = {}
        self._real: Mapping[str, Any] | None = None
        self._instead: Doc | None = None
        self.build_up(self._build(), self._begin)

    # ---- building

    def _build(self) -> Iterator[None]:
        self.problem = PageProblem(name="designer.page_problem")
        self.bench = Workbench(self.desk, self.design, self.label, self.problem)
        yield from self.bench.build()
        self.canvas, self.panel = self.bench.canvas, self.bench.panel
        self.head = Head(self)
        yield
        self._calibration: QWidget | None = None
        self.setLayout(column(box(column(self.head, gap=0), "surface"), hline(), (self.bench, 1), gap=0))
        self.laying.laid.connect(self._laid)
        self.design.edited.connect(self._edited)
        self.keeping.state_changed.connect(self.head.refresh)
        self.keeping.failed.connect(self.refused)
        self.keeping.overtaken.connect(self._overtaken)
        yield

    def _begin(self) -> None:
        if self.name:
            self._load(self.name, self._instead)

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

        self.desk.operations.read(self, work, lambda found: self.make(self._loaded(*found)), key="template", failed=self._not_loaded)

    def _not_loaded(self, problem: BaseException) -> None:
        self.problem.tell(Desk.message(problem) or "")
        if Desk.message(problem) is None:
            self.desk.fail(problem)

    def _loaded(self, held: Stored, doc: Doc, fields: tuple[TemplateField, ...], kept: Doc | None, latest: list[tuple[int, str]]) -> Iterator[None]:
        self.fields, self._sample = fields, sample_values(fields)
        self.bench.show_fields(fields)
        yield
        self.laying.labels, self.laying.values, self.laying.fields = self.bench.labels, self._sample, fields
        self.keeping.begin(held, doc)
        self.design.replace(doc)
        self.setWindowTitle(self.label())
        yield
        if kept is not None and kept != doc:
            self.design.edit(_("Unsaved work"), kept, [])
            self.problem.tell(_("Unsaved work on this template was brought back. Undo (Ctrl+Z) shows it as it was saved"), "info")
        self.head.show_document(latest[0] if latest else None)
        self.desk.crumbs_changed.emit()
        self.canvas.fit_width()

    def resume(self, kept: Kept) -> None:
        """Go on with a draft that this computer kept."""
        found = template_in(kept.draft)
        if found is not None and not self.name:
            self.name, self._instead = found
            if self.built:
                self._begin()

    # ---- looking at it

    def show_mode(self, mode: str) -> None:
        """Show the names of the fields (``design``) or the chosen document (``live``)."""
        self.canvas.bands_shown = mode != "live"
        if mode == "live" and self._real is not None:
            self.laying.labels, self.laying.values = None, self._real
        elif mode == "live":
            self.laying.labels, self.laying.values = None, self._sample
        else:
            self.laying.labels, self.laying.values = self.bench.labels, self._sample
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
        self.bench.show_laid(laid, len(self.design.doc.get("copies", []) or []) if self.laying.labels is None else 0)

    def _edited(self) -> None:
        label = self.label()
        if label != self.windowTitle():
            self.setWindowTitle(label)
            self.desk.crumbs_changed.emit()
        self.head.refresh()

    # ---- keys

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Undo and redo, save the draft with Ctrl+S, publish with Ctrl+Enter, a trial print with Ctrl+P, a field with Ctrl+F."""
        return {} if not self.built else {
            "undo": self.design.stack.undo, "redo": self.design.stack.redo, "save": self.save, "submit": self.publish, "print": self.head.test_print,
            "find": lambda: self.bench.search.setFocus(Qt.FocusReason.ShortcutFocusReason), "next_problem": self._next_problem, "delete": self.bench.acts.delete,
        }  # fmt: skip

    def _next_problem(self) -> None:
        laid = self.bench.laid
        if laid and laid.problems:
            self.bench.show_problem(laid.problems[0].path)

    # ---- saving

    def save(self) -> None:
        """Save the draft in the company."""
        self.panel.commit()
        self.keeping.save(lambda: self.desk.say(_("Draft saved. Publish it to print with it"), "success"))

    def publish(self) -> None:
        """Make what is shown print from now on; a template with errors is refused, and the first one is shown."""
        if self.keeping.held is None:
            return
        self.panel.commit()
        doc, fields = self.design.doc, self.fields
        self.desk.operations.look(self, lambda _step: [one for one in check_template(doc, fields) if one.severity == "error"], self._checked, failed=self.desk.fail)

    def _checked(self, wrong: list[TemplateProblem]) -> None:
        if wrong:
            self.bench.show_problem(wrong[0].path)
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
            self.bench.below.addWidget(self._calibration)
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
            self.bench.show_problem(problem.problem.path)

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the templates."""
        return [(_("Print templates"), lambda: self.desk.show_page("templates")), (self.windowTitle(), None)]

    def is_there(self) -> bool:
        """Tell whether the template has been read."""
        return self.keeping.held is not None

    def take_focus(self) -> None:
        """Begin on the paper."""
        (self.canvas if self.built else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def may_leave(self) -> bool:
        """Save what was done as the company's draft; it is kept on this computer meanwhile, so that nothing is lost where that fails."""
        if not self.built:
            return True
        self.design.give_up()
        self.panel.commit()
        if self.keeping.dirty:
            self.keeping.keep()
            self.keeping.save()
        return True

    def refresh(self, entities: set[str]) -> None:
        """Read anew how the template stands, once somebody changed templates."""
        if self.built and store.ENTITY in entities:
            self.keeping.look_again()

    def _overtaken(self) -> None:
        """Show what somebody else made of the template; where something is unsaved here, say so and leave the choice."""
        if not self.keeping.dirty:
            self._load(self.name)
            return
        self.problem.tell(
            _("Somebody else changed this template meanwhile. Your changes are kept on this computer"), "warn",
            actions=[Button(_("Make a copy of mine"), "secondary", size="small", name="designer.copy_mine", on_click=self.duplicate),
                     Button(_("Show theirs"), "secondary", size="small", name="designer.show_theirs", on_click=self._show_theirs)])  # fmt: skip

    def _show_theirs(self) -> None:
        """Go on with what the company has; what was done here comes back with one step."""
        session, name = self.desk.session, self.name

        def came(found: tuple[Stored, Doc]) -> None:
            mine = self.design.doc
            self.keeping.begin(*found)
            self.design.replace(mine)
            self.take_over(found[1], _("Show theirs"))
            self.problem.tell("")

        self.desk.operations.read(self, lambda: (store.find(session, name), store.draft(session, name)), came, key="theirs", failed=self.refused)
