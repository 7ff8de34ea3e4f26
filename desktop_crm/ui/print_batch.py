"""Printing many documents at once, from any list: which template, which period, in which order, to a printer, into one PDF or one each, or by e-mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.periods import PERIODS, period_range
from desktop_crm.printing.batch import FILE_RULE, Outcome, rule_problem, to_folder, to_pdf
from desktop_crm.printing.kept import keep_file, keep_folder
from desktop_crm.services import print_log
from desktop_crm.services.dunning import note_letters
from desktop_crm.services.print_sources import SOURCES, Asked, day_of, ids_of, in_period, printed_for
from desktop_crm.ui.files import ask_folder, ask_save
from desktop_crm.ui.kit.editors import AmountEditor, LineEditor
from desktop_crm.ui.kit.fields import ComboEditor, FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.tabs import Segment, TabItem
from desktop_crm.ui.kit.widgets import Button, Label, column, holder, row
from desktop_crm.ui.print_job import print_documents
from desktop_crm.ui.print_list import list_report
from desktop_crm.ui.print_mail import send_each
from desktop_crm.ui.print_setup import PrinterFields, whole
from desktop_crm.ui.print_sources import REPORT, STATEMENT, templates_for
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.conditions import Query
    from desktop_crm.printing.store import Stored
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.print_job import PrintSetup

LIST: Final = "list"
"""Stands for the list itself as a table."""
AS_LISTED: Final = ""
MOST_LABELS: Final = 500
MONTHS: Final = ("this_month", "last_month", "this_quarter", "this_year", "last_year", "today", "this_week")
PRINTER, ONE, EACH, MAIL = "printer", "one", "each", "mail"


@dataclass(frozen=True)
class Wanted:
    """What the dialog asks to be printed: the records of a query, which of them, and with which template."""

    query: Query
    prints: str
    template: str
    period: tuple[date, date] | None
    sort: str
    start: int | None = None

    def asked(self, session: Session) -> Asked:
        """Return the documents, found anew: the list may have changed. Raises UserError where nothing is left, NotAllowed."""
        spec = session.spec(self.query.entity)
        narrowed = self.period if self.prints == spec.name else None
        condition = self.query.condition
        ids = ids_of(session, self.query.entity, condition, period=narrowed, sort=self.sort or self.query.sort, descending=not self.sort and self.query.descending)
        if not ids:
            raise UserError(_("No record of the list is in that period"))
        return Asked(self.prints, ids, self.template, self.period if self.prints != spec.name else None, self.start)

    def listed(self, session: Session) -> Query:
        """Return the list as it is to be printed."""
        spec = session.spec(self.query.entity)
        return self.query if self.period is None else replace(self.query, condition=in_period(spec, self.query.condition, self.period))


class BatchDialog(Dialog):
    """Asks how the records of a query are printed, and does it as a task that can be stopped."""

    def __init__(self, parent: QWidget, desk: Desk, query: Query, count: int) -> None:
        spec = desk.session.spec(query.entity)
        super().__init__(parent, _("Print {entity}").format(entity=in_sentence(spec.plural)), _("{count} records").format(count=f"{count:,}"), width=560, name="batch")
        self.desk, self.query, self.spec = desk, query, spec
        self.page = parent
        self.found: dict[str, Stored] = {}
        self.template = ComboEditor(name="batch.template", label=_("Template"))
        self.template.changed.connect(self._chosen)
        self.period = ComboEditor([(AS_LISTED, _("All in the list")), *((name, _(PERIODS[name])) for name in MONTHS)], name="batch.period", label=_("Period"))
        self.period.set_value(AS_LISTED)
        orders = [name for name in dict.fromkeys((spec.title, day_of(spec), *spec.columns)) if name in spec.fields and spec.fields[name].sortable]
        self.order = ComboEditor([(AS_LISTED, _("As in the list")), *((name, spec.fields[name].title) for name in orders)], name="batch.order", label=_("Sorted by"))
        self.order.set_value(AS_LISTED)
        self.way = Segment([TabItem(PRINTER, _("Printer")), TabItem(ONE, _("One PDF")), TabItem(EACH, _("One PDF each")), TabItem(MAIL, _("By e-mail"))], name="batch.way", label=_("Where to"))
        self.way.chosen.connect(lambda _key: self._chosen())
        self.rule = LineEditor(name="batch.rule", label=_("Files are called"))
        self.rule.set_value(str(desk.settings.printers.get(f"files.{query.entity}", {}).get("rule", "")) or FILE_RULE)
        self.fields = PrinterFields(desk, self, query.entity, None, "batch")
        self.start = AmountEditor(whole(1, MOST_LABELS), str, name="batch.start", label=_("First label"))
        self.start.set_value(1)
        self._build()
        session, names = desk.session, printed_for(query.entity)
        desk.operations.read(self, lambda: [one for name in names for one in templates_for(session, name)], self._came, key="batch", failed=desk.fail)

    def _build(self) -> None:
        self.add(FieldFrame(_("Template"), self.template))
        self.period_frame = FieldFrame(_("Period"), self.period)
        self.start_frame = FieldFrame(_("First label"), self.start)
        self.add(row((self.period_frame, 1), (FieldFrame(_("Sorted by"), self.order), 1), (self.start_frame, 1), gap=12))
        self.way_row = holder(row(self.way, None))
        self.add(self.way_row)
        tray = row((FieldFrame(_("Paper tray"), self.fields.tray), 2), (FieldFrame(_("Number of copies"), self.fields.copies), 1), gap=12)
        self.printer_box = holder(column(FieldFrame(_("Printer"), self.fields.printer), self.fields.missing, tray, self.fields.collate, self.fields.calibrate, self.fields.about, gap=10))
        self.add(self.printer_box)
        hint = _("Placeholders in double braces stand for fields, such as {example}; title, template and no are there as well").format(example="{{ number }}")
        self.files_box = holder(column(FieldFrame(_("Files are called"), self.rule, hint=hint), gap=4))
        self.add(self.files_box)
        self.about = Label("", "small", "text2", wrap=True)
        self.add(self.about)
        self.preview_button = Button(_("Preview"), icon="eye", name="batch.preview", on_click=self.preview)
        self.footer_left.addWidget(self.preview_button)
        self.add_button(Button(_("Cancel"), name="batch.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Print"), "primary", icon="printer", name="batch.accept", on_click=self.take))
        self.accept_button.setDefault(True)
        self.finished.connect(self.deleteLater)
        self.fields.collate.hide()
        self._chosen()

    def _came(self, found: list[Stored]) -> None:
        self.found = {one.name: one for one in found}
        self.template.set_choices([*((one.name, one.label) for one in found), (LIST, _("This list as a table"))])
        kept = self.desk.settings.printers.get(f"files.{self.query.entity}", {}).get("template")
        self.template.set_value(kept if kept in self.found else next(iter(self.found), LIST))
        self._chosen()

    def _chosen(self) -> None:
        """Show what goes with the choice."""
        listed = self.template.value() in {LIST, None}
        prints = self._prints()
        made = not listed and prints in SOURCES
        self.period_frame.setVisible(bool(day_of(self.spec)) or made)
        self.way_row.setVisible(not listed)
        one = self.found.get(str(self.template.value()))
        self.start_frame.setVisible(one is not None and bool(one.labels))
        self.printer_box.setVisible(not listed and self.way.current() == PRINTER)
        self.files_box.setVisible(not listed and self.way.current() == EACH)
        way = self.way.current()
        told = {MAIL: _("Each document goes to its customer's main contact, or to the customer's own address. Those without an address are named afterwards")}
        self.about.setText(_("The list is shown first, with its columns and order, and printed from there") if listed else told.get(way, ""))
        texts = {PRINTER: _("Print"), MAIL: _("Send")}
        self.accept_button.setText(_("Show list") if listed else texts.get(way, _("Write PDF…")))
        self.preview_button.setVisible(not listed)
        template = str(self.template.value() or "")
        if not listed and self.fields.template != template:
            self.fields.choose_template(template, self.found[template].size if template in self.found else None)
        self.refit()

    def _prints(self) -> str:
        one = self.found.get(str(self.template.value()))
        return one.prints if one is not None else self.query.entity

    def _period(self) -> tuple[date, date] | None:
        name = self.period.value()
        if not self.period_frame.isHidden() and isinstance(name, str) and name:
            return period_range(name, self.desk.session.today)
        return period_range("this_month", self.desk.session.today) if self._prints() == STATEMENT else None

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        return Wanted(self.query, self._prints(), str(self.template.value() or ""), self._period(), str(self.order.value() or ""), None if self.start_frame.isHidden() else int(str(self.start.value() or 1)))

    # ---- what is done

    def preview(self) -> None:
        """Show the documents before they are printed."""
        wanted, session, desk = self.wanted(), self.desk.session, self.desk

        def shown(asked: Asked) -> None:
            self.accept()
            desk.show_page("preview", prints=asked.prints, ids=asked.ids, template=asked.template, period=asked.period, start=asked.start)

        desk.operations.read(self, lambda: wanted.asked(session), shown, key="preview", failed=desk.fail)

    def take(self) -> None:
        """Print, or write the files."""
        wanted = self.wanted()
        if wanted.template in {LIST, ""}:
            self._show_list(wanted)
        elif self.way.current() == PRINTER:
            setup = self.fields.setup()
            if setup is not None:
                self.fields.keep(setup)
                self._print(wanted, setup)
        elif self.way.current() == MAIL:
            session = self.desk.session
            self.accept()
            send_each(self.page, self.desk, lambda: wanted.asked(session), self.template.line.text(), wanted.template)
        elif self.way.current() == ONE:
            name = f"{self.template.line.text()} {self.desk.session.today.isoformat()}.pdf"
            path = ask_save(self, _("Save PDF"), name, "PDF (*.pdf)")
            if path is not None:
                target = path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")
                self._write(wanted, lambda session, asked, step: keep_file(session, target, lambda part: to_pdf(session, asked, part, step)), target)
        else:
            self._each(wanted)

    def _each(self, wanted: Wanted) -> None:
        rule = self.rule.text().strip()
        wrong = rule_problem(rule)
        if wrong:
            self.rule.set_problem(wrong)
            return
        folder = ask_folder(self, _("One PDF each"))
        if folder is not None:
            self._keep(rule=rule)
            self._write(wanted, lambda session, asked, step: keep_folder(session, folder, lambda part: to_folder(session, asked, part, step, rule=rule)), folder)

    def _keep(self, **values: object) -> None:
        settings, key = self.desk.settings, f"files.{self.query.entity}"
        kept = {**settings.printers.get(key, {}), "template": self.template.value(), **values}
        self.desk.settings_changed.emit(replace(settings, printers={**settings.printers, key: kept}))

    def _show_list(self, wanted: Wanted) -> None:
        session, desk = self.desk.session, self.desk
        query = wanted.listed(session)
        sorted_query = replace(query, sort=wanted.sort, descending=False) if wanted.sort else query
        self.accept()
        desk.operations.file(self.page, lambda step: list_report(session, sorted_query, step), lambda report: desk.show_page("preview", prints=REPORT, report=report),
                             title=_("Print {entity}").format(entity=in_sentence(self.spec.plural)), failed=desk.fail)

    def _print(self, wanted: Wanted, setup: PrintSetup) -> None:
        desk, session, page = self.desk, self.desk.session, self.page
        self._keep()

        def sent(outcome: Outcome) -> None:
            desk.say(_("{count} documents sent to the printer {printer}").format(count=f"{len(outcome.printed):,}", printer=setup.printer), "success")
            note_outcome(desk, page, outcome, print_log.PRINTER, setup.printer, copies=setup.copies)

        self.accept()
        desk.operations.file(page, lambda step: print_documents(session, wanted.asked(session), setup, step), sent, title=_("Printing"), failed=desk.fail)

    def _write(self, wanted: Wanted, work: Callable[[Session, Asked, Any], tuple[Outcome, Changes[int]]], target: Path) -> None:
        desk, session, page = self.desk, self.desk.session, self.page

        def done(answer: tuple[Outcome, Changes[int]]) -> None:
            outcome, changes = answer
            text = _("{count} documents written").format(count=f"{len(outcome.printed):,}")
            tell_file(page, f"{text} · {outcome.stopped}" if outcome.stopped else text, target)
            desk.tell(changes, say=False)
            _note_letters(desk, page, outcome)

        self.accept()
        desk.operations.file(page, lambda step: work(session, wanted.asked(session), step), done, title=_("Printing"), failed=desk.fail, changes=True)


def note_outcome(desk: Desk, owner: QWidget, outcome: Outcome, way: str, target: str, *, copies: int = 1) -> None:
    """Write down what went out: in the log of prints, and dunning letters as follow-ups."""
    session = desk.session
    desk.write(owner, lambda: print_log.note(session, outcome.printed, way, target, copies=copies), lambda _changes: None, say=False)
    _note_letters(desk, owner, outcome)


def _note_letters(desk: Desk, owner: QWidget, outcome: Outcome) -> None:
    session = desk.session
    if outcome.about and session.may_write("activity"):
        desk.write(owner, lambda: note_letters(session, outcome.about), lambda _changes: None)
