"""What will be printed, before it is: pages on screen, the choice of template, a PDF file, a printer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.files import file_name, write_atomically
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.periods import period_range
from desktop_crm.printing import store
from desktop_crm.printing.batch import Outcome, to_pdf
from desktop_crm.printing.kept import keep_file
from desktop_crm.printing.problems import TemplateError
from desktop_crm.services import print_log
from desktop_crm.services.dunning import note_letters
from desktop_crm.services.mail import Attachment
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editing import LinkSource
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.kit.fields import Choice, ComboEditor, DateEditor, LinkEditor
from desktop_crm.ui.kit.widgets import Button, EmptyState, Label, Skeleton, box, column, hline, holder, row
from desktop_crm.ui.page_problem import PageProblem
from desktop_crm.ui.pages import PAGES
from desktop_crm.ui.pdf_view import PdfView
from desktop_crm.ui.print_adjust import AdjustCard
from desktop_crm.ui.print_job import PrintSetup, print_all, print_documents, setup_for
from desktop_crm.ui.print_setup import PrintSetupDialog, keep_printing
from desktop_crm.ui.print_sources import DUNNING, PREVIEWED, REPORT, STATEMENT, Made, Printable, make, templates_for
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from desktop_crm.printing.store import Stored
    from desktop_crm.reports import Report
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.operations import Job

WAIT_MS: Final = 150
ZOOMS: Final = ("50", "75", "100", "125", "150", "200", "300")
SHOWN_PROBLEMS: Final = 6
SHOWN_SIGNS: Final = 20
NOTED: Final = {"activity", print_log.ENTITY}
"""What the page notes itself, which changes no paper it hasn't made anew already."""


class PrintPreviewPage(Page):
    """The preview of records, of a report, of letters to customers, or of statements, where a single one's customer and period can be chosen here.

    `prints` is an entity, with the `ids` of its records; ``statement``, with `customer` (an id, a Ref) or the `ids` of many, and `period` (first
    and last day) as far as they are known; ``dunning`` with the `ids` of customers; or ``report`` with a `report`. `start` is the place of the first label.
    """

    topic = "print"

    def __init__(self, desk: Desk, prints: str, ids: Iterable[int] = (), *, template: str = "", customer: int | None = None,
                 period: tuple[date, date] | None = None, report: Report | None = None, start: int | None = None) -> None:
        super().__init__(desk)
        self.setObjectName("page.preview")
        self.setWindowTitle(_("Print preview"))
        self.place = f"report.{report.name}" if report is not None else f"report.{prints}" if prints in {STATEMENT, DUNNING} else prints
        month = period_range("this_month", desk.session.today)
        self.what = Printable(prints, tuple(ids), None if customer is None else int(customer), period or (month if prints == STATEMENT else None), report, start)
        self._noted: set[object] = set()
        self.made: Made | None = None
        self._job: Job | None = None
        self._wanted = template
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.load)
        self._build(customer)
        if prints_by_template(self.what):
            self._read_templates()
        else:
            self.load()

    def _build(self, customer: int | None) -> None:
        self.templates = ComboEditor(name="preview.template", label=_("Template"))
        self.templates.changed.connect(self._other_template)
        self.templates.setVisible(prints_by_template(self.what))
        self.view = PdfView(name="preview.pages", label=_("Print preview"))
        self.zooms = ComboEditor([("width", _("Fit the width")), ("page", _("Whole page")), *((one, f"{one} %") for one in ZOOMS)], name="preview.zoom", label=_("Zoom"))
        self.zooms.set_value("width")
        self.zooms.changed.connect(lambda: self.view.set_zoom(str(self.zooms.value())))
        self.view.zoom_changed.connect(self._zoomed)
        self.view.page_changed.connect(self._paged)
        self.back = Button("", "ghost", icon="chevron-left", size="small", tip=_("Previous page"), name="preview.previous", on_click=lambda: self.view.turn(-1))
        self.forth = Button("", "ghost", icon="chevron-right", size="small", tip=_("Next page"), name="preview.next", on_click=lambda: self.view.turn(1))
        self.number = Label("", "small", "text2")
        self.save_button = Button(_("Save PDF…"), icon="file-down", name="action.save_pdf", on_click=self.save)
        self.print_button = Button(_("Print…"), "primary", icon="printer", name="action.print", on_click=self.print)
        self.mail_button = Button(_("E-mail…"), icon="mail", name="action.mail", on_click=self.mail)
        self.mail_button.setVisible(prints_by_template(self.what))
        self.adjust = Button(_("Adjust…"), "ghost", icon="move", name="preview.adjust", tip=_("Shift the print where it misses the form"), on_click=self._adjust)
        head = row(Label(_("Print preview"), "page"), 8, self.templates, None, self.adjust, self.mail_button, self.save_button, self.print_button, margins=(20, 12, 20, 10))
        bar = row(*self._parameters(customer), None, self.back, self.number, self.forth, 8, self.zooms, margins=(20, 0, 20, 10))
        self.problem = PageProblem(name="preview.problem")
        self.stack = QStackedWidget()
        nothing = _("Choose a customer and a period") if self.what.prints == STATEMENT else _("There is nothing to print.")
        for page in (EmptyState("printer", nothing), holder(column(Skeleton(12), None, margins=(120, 40, 120, 40))), self.view):
            self.stack.addWidget(page)
        self.setLayout(column(box(column(head, bar, gap=0)), hline(), self.problem, (self.stack, 1), gap=0))

    def _parameters(self, customer: int | None) -> list[QWidget]:
        """Return the fields above a statement; a record's print has none."""
        if not self._asks():
            return []
        links = LinkSource(self.desk, self)
        spec = self.desk.session.spec("receivable").fields["customer"]
        self.customer = LinkEditor(lambda text, reply: links.suggest(spec, text, reply), name="preview.customer", label=_("Customer"), placeholder=_("Customer"))
        self.customer.setMinimumWidth(260)
        if customer is not None:
            self.customer.set_value(Choice(int(customer), customer.title if isinstance(customer, Ref) else str(customer)))
        self.first = DateEditor(name="preview.from", label=_("From"))
        self.last = DateEditor(name="preview.to", label=_("To"))
        if self.what.period:
            self.first.set_value(self.what.period[0])
            self.last.set_value(self.what.period[1])
        self.customer.changed.connect(self._chosen)
        for editor in (self.first, self.last):
            editor.left.connect(self._chosen)
            editor.changed.connect(self._wait.start)
        return [Label(_("Customer"), "small", "text2"), self.customer, Label(_("Period"), "small", "text2"), self.first, Label("–"), self.last]

    def _chosen(self) -> None:
        self._wait.start()

    def _asks(self) -> bool:
        """Tell whether customer and period are chosen here."""
        return self.what.prints == STATEMENT and not self.what.ids

    def _read_parameters(self) -> None:
        if not self._asks():
            return
        key, first, last = self.customer.value(), self.first.value(), self.last.value()
        period = (first, last) if isinstance(first, date) and isinstance(last, date) else None
        if period is not None and period[0] > period[1]:
            raise UserError(_("The period ends before it begins"))
        self.what = replace(self.what, customer=int(str(key)) if key is not None else None, period=period)

    # ---- making

    def _read_templates(self) -> None:
        session, prints = self.desk.session, self.what.prints
        self._show(1)
        self.desk.operations.read(self, lambda: templates_for(session, prints), self._templates_came, key="templates", failed=self._failed)

    def _templates_came(self, found: list[Stored]) -> None:
        self.templates.set_choices([(one.name, one.label) for one in found])
        names = [one.name for one in found]
        now = self.templates.value()
        self.templates.set_value(now if now in names else self._wanted if self._wanted in names else next(iter(names), None))
        if not names:
            self._show(0)
            self.problem.tell(_("There is no template for this yet"), "info", detail=_("Whoever may design makes one under “Print templates”"))
            return
        self.load()

    def _other_template(self) -> None:
        self.what = replace(self.what, anyway=False)
        self.load()

    def load(self) -> None:
        """Make the preview anew."""
        self._wait.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.problem.tell("")
        try:
            self._read_parameters()
        except UserError as problem:
            self._failed(problem)
            return
        template = self.templates.value()
        if not self.what.ready() or (prints_by_template(self.what) and not isinstance(template, str)):
            self.made = None
            self._show(0)
            return
        if self.made is None:
            self._show(1)
        session, what = self.desk.session, self.what

        def done(made: Made) -> None:
            if job is self._job:
                self._done(made)

        def failed(problem: BaseException) -> None:
            if job is self._job:
                self._failed(problem)

        job = self._job = self.desk.operations.look(
            self, lambda step: make(session, str(template), what, step), done, title=_("Making the preview…"), failed=failed)

    def _done(self, made: Made) -> None:
        self.made, self._job = made, None
        self.view.show_pdf(made.pdf)
        self._show(2)
        if made.missing:
            signs = " ".join(sorted(made.missing)[:SHOWN_SIGNS])
            self.problem.tell(
                _("No font has these characters, so 〓 stands in their place: {signs}").format(signs=signs), "warn",
                detail=_("Write them otherwise in the record, or install a font that has them"),
            )
        elif made.outcome.left_out:
            self.problem.tell(_("Printed without what is wrong in the template"), "warn", detail="\n".join(made.outcome.left_out[:SHOWN_PROBLEMS]))
        elif not made.whole:
            self.problem.tell(_("The first {shown} of {count} documents are shown; all of them are printed and saved").format(shown=PREVIEWED, count=f"{made.documents:,}"), "info")

    def _failed(self, problem: BaseException) -> None:
        self._job, self.made = None, None
        self._show(0)
        if isinstance(problem, Cancelled):
            again = Button(_("Read again"), size="small", name="preview.again", on_click=self.load)
            self.problem.tell(_("The preview was stopped"), "info", actions=[again])
            return
        message = Desk.message(problem)
        if message is None:
            self.desk.fail(problem)
            return
        without = Button(_("Print without it"), size="small", name="preview.anyway", on_click=self._print_anyway)
        self.problem.tell(message, actions=[without] if isinstance(problem, TemplateError) and not self.what.anyway else ())

    def _print_anyway(self) -> None:
        """Make the preview without what is wrong in the template."""
        self.what = replace(self.what, anyway=True)
        self.load()

    def _show(self, which: int) -> None:
        self.stack.setCurrentIndex(which)
        ready = self.made is not None
        for button in (self.save_button, self.mail_button, self.print_button):
            button.setEnabled(ready)
        if not ready:
            self.view.clear()

    def _paged(self, page: int, count: int) -> None:
        self.number.setText(_("Page {page} of {count}").format(page=page, count=count) if count else "")
        self.back.setEnabled(page > 1)
        self.forth.setEnabled(page < count)

    def _zoomed(self, zoom: str) -> None:
        self.zooms.set_value(zoom)
        if zoom not in {"width", "page", *ZOOMS}:
            self.zooms.line.setText(f"{zoom} %")

    # ---- what is done with it

    def save(self) -> None:
        """Write the PDF to a file."""
        made = self.made
        path = ask_save(self, _("Save PDF"), self._file_name(), "PDF (*.pdf)") if made else None
        if path is None or made is None:
            return
        target = path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")
        session, asked = self.desk.session, self.what.asked(str(self.templates.value()))

        def work(step: Callable[[int, int], None]) -> tuple[Outcome, Changes[int]]:
            return keep_file(session, target, lambda part: _copied(made, part) if made.whole else to_pdf(session, asked, part, step))

        def saved(answer: tuple[Outcome, Changes[int]]) -> None:
            outcome, changes = answer
            tell_file(self, _("PDF saved"), target)
            self.desk.tell(changes, say=False)
            self._note_letters(outcome)

        self.desk.operations.file(self, work, saved, title=_("Save PDF"), changes=True)

    def _note(self, outcome: Outcome, way: str, target: str, copies: int = 1) -> None:
        """Write down what left the house: in the log of prints, and dunning letters as follow-ups, once each."""
        session = self.desk.session
        # What is on paper now is a second print the next time.
        done = self.load if way == print_log.PRINTER else lambda: None
        if outcome.printed:
            self.desk.write(self, lambda: print_log.note(session, outcome.printed, way, target, copies=copies), lambda _changes: done(), say=False)
        self._note_letters(outcome)

    def _note_letters(self, outcome: Outcome) -> None:
        session = self.desk.session
        fresh = [letter for letter in outcome.about if letter not in self._noted]
        if fresh and session.may_write("activity"):
            self._noted |= set(fresh)
            self.desk.write(self, lambda: note_letters(session, fresh), lambda _changes: None)

    def _file_name(self) -> str:
        printed = self.made.outcome.printed if self.made is not None else []
        title = self.what.report.title if self.what.report is not None else self.templates.line.text()
        name = f"{title} {printed[0].document}" if len(printed) == 1 else f"{title} {self.desk.session.today.isoformat()}"
        return file_name(f"{name}.pdf")

    def print(self) -> None:
        """Ask for a printer and print."""
        made = self.made
        if made is None:
            return
        sheet = made.pages[0]
        self.dialog = PrintSetupDialog(self, self.desk, str(self.templates.value()), paper=(sheet.width, sheet.height), pages=len(made.pages) if made.whole else 1)
        self.dialog.taken.connect(lambda setup: self.print_as(made, setup))
        self.dialog.open()

    def print_as(self, made: Made, setup: PrintSetup) -> None:
        """Print as it was set up."""
        session, asked = self.desk.session, self.what.asked(str(self.templates.value()))

        def work(step: Callable[[int, int], None]) -> tuple[Outcome, int]:
            if made.whole:
                return made.outcome, print_all(setup, made.pages, step, total=len(made.pages))
            outcome = print_documents(session, asked, setup, step)
            return outcome, outcome.pages * setup.copies

        def sent(found: tuple[Outcome, int]) -> None:
            self.desk.say(_("{count} pages sent to the printer {printer}").format(count=found[1], printer=setup.printer), "success")
            self._note(found[0], print_log.PRINTER, setup.printer, setup.copies)

        self.desk.operations.file(self, work, sent, title=_("Printing"))

    def mail(self) -> None:
        """Send the document by e-mail; of several, each to its customer."""
        from desktop_crm.ui.print_mail import MailDialog, Mailed, send_each

        made = self.made
        first = made.outcome.first if made is not None else None
        if made is None or first is None:
            return
        name = str(self.templates.value())
        if made.documents > 1:
            asked = self.what.asked(name)
            send_each(self, self.desk, lambda: asked, first.stored.label, first.stored.name)
            return
        one = first.document
        mailed = Mailed(one.title, first.stored.name, first.stored.label, dict(one.values), one.customer, Attachment(self._file_name(), made.pdf))
        dialog = MailDialog(self, self.desk, mailed)
        dialog.sent.connect(lambda address: self._mailed(made, address))
        dialog.open()

    def _mailed(self, made: Made, address: str) -> None:
        self.desk.say(_("Sent to {address}").format(address=address), "success")
        self._note(made.outcome, print_log.EMAIL, address)

    def shift(self, template: str) -> tuple[float, float]:
        """Return how many mm the print of a template is shifted to the right and down on this computer's printer."""
        return setup_for(self.desk.settings, template).shift

    def _adjust(self) -> None:
        template = str(self.templates.value())
        card = AdjustCard(self.adjust, *self.shift(template))
        card.taken.connect(lambda dx, dy: keep_printing(self.desk, template, dx=dx, dy=dy))
        card.open()

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to what is printed."""
        catalog = self.desk.session.catalog
        info = PAGES.get(self.place)
        first = catalog[self.what.prints].plural if self.what.prints in catalog else _(info.label) if info is not None else _("Reports")
        return [(first, self.desk.go_back), (_("Print preview"), None)]

    def refresh(self, entities: set[str]) -> None:
        """Make the preview anew after a change; what it notes itself changes no paper."""
        if store.ENTITY in entities and prints_by_template(self.what):
            self._read_templates()
        elif not entities or entities - NOTED:
            self._wait.start()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Print with Ctrl+P, make anew with F5, save with Ctrl+S."""
        return {"print": self.print, "refresh": self.load, "save": self.save}


def prints_by_template(what: Printable) -> bool:
    """Tell whether there is a template to choose: a report is laid out from its own columns."""
    return what.prints != REPORT


def _copied(made: Made, path: Path) -> Outcome:
    write_atomically(path, made.pdf)
    return made.outcome
