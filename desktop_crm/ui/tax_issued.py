"""The bureau's list of issued invoices: each row with its request and what differs, taken over where it is ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import N_, _, in_sentence, ngettext
from desktop_crm.domain.money import show_money
from desktop_crm.services.tax import issued
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.column_card import ColumnCard
from desktop_crm.ui.import_choose import ChooseStep
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.widgets import Banner, Button, ElidedLabel, Label, column, holder, scroll

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.tax.issued import Issued, IssuedFile
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_model import Row

READY, DIFFERS, KNOWN, REFUSED = N_("Agrees"), N_("Differs"), N_("Taken over before"), N_("Can't be taken over")
TONES: Final = {READY: "success", DIFFERS: "warn", KNOWN: "neutral", REFUSED: "danger"}
ROWS_SHOWN: Final = 14


def verdict(one: Issued) -> str:
    """Return what is to be said of a row, to be translated."""
    return REFUSED if one.problem else KNOWN if one.known else DIFFERS if one.differences else READY


class IssuedTab(QWidget):
    """The list. `buttons` are shown in the page's header while this tab is. Signal: `taken_over` once invoices were made."""

    taken_over = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.file: IssuedFile | None = None
        self.ticked: set[int] = set()
        self._asked = 0
        self._unread = False
        self.other = Button(_("Another file…"), name="action.other_issued", on_click=self.show_choose)
        self.take_button = Button(_("Take over"), "primary", icon="check", name="action.take_over", on_click=self.take_over)
        self.buttons = (self.other, self.take_button)
        self.choose = ChooseStep(_("Issued invoices"), foreign=True)
        self.about = ElidedLabel("", "small", "text2")
        self.problem = Banner(name="tax.missing")
        self.columns = ColumnCard(name="tax.column")
        self.table = LineTable(self._columns(), name="tax.issued", label=_("Issued invoices"), numbered=False, stretch="words", menu=False)
        self.unread = Label("", "small", "danger", wrap=True, selectable=True)
        body = holder(column(self.about, self.problem, self.table, self.unread, self.columns, None, gap=12, margins=(20, 12, 20, 16)))
        self.stack = QStackedWidget()
        self.stack.addWidget(scroll(self.choose))
        self.stack.addWidget(scroll(body))
        self.setLayout(column((self.stack, 1), gap=0))
        self.choose.chosen.connect(self.open)
        self.columns.changed.connect(self._columns_changed)
        self.table.cell_changed.connect(self._ticked)
        self.show_choose()

    @staticmethod
    def _columns() -> list[LineColumn]:
        def cents(value: object) -> str:
            return show_money(value) if value is not None else ""  # type: ignore[arg-type]

        return [
            LineColumn("on", "", Kind.CHECK, 36, editable=lambda values: bool(values.get("open"))),
            LineColumn("row", _("Row"), Kind.NUMBER, 50, editable=False),
            LineColumn("serial", _("Request number"), Kind.TEXT, 120, editable=False),
            LineColumn("number", _("Invoice number"), Kind.TEXT, 180, editable=False),
            LineColumn("issued_on", _("Issued on"), Kind.DATE, 92, editable=False),
            LineColumn("total", _("Total with tax"), Kind.MONEY, 110, editable=False, show=cents, bold=True),
            LineColumn("verdict", _("Outcome"), Kind.PILL, 120, editable=False, tone=lambda values: str(values.get("tone", ""))),
            LineColumn("words", _("What differs"), Kind.TEXT, 200, editable=False),
        ]

    def show_choose(self) -> None:
        """Ask for the bureau's list."""
        self.choose.tell("")
        self.stack.setCurrentIndex(0)
        self.show_buttons()

    def show_buttons(self) -> None:
        """Show the buttons that this step has use for."""
        shown = self.stack.currentIndex() == 1 and not self.isHidden()
        self.other.setVisible(shown)
        self.take_button.setVisible(shown)

    def open(self, path: Path, password: str = "", encoding: str = "") -> None:
        """Read a list and join it to the requests."""
        session = self.desk.session
        self.choose.set_busy(_("Reading…"))
        self.choose.tell("")

        def work(_step: Callable[[int, int], None]) -> IssuedFile:
            return issued.read_issued(session, path, password=password or None, encoding=encoding or None)

        def failed(problem: BaseException) -> None:
            self.choose.set_busy(None)
            if isinstance(problem, UserError):
                self.choose.tell(problem.message, password=isinstance(problem, PasswordNeeded))
            elif not isinstance(problem, Cancelled):
                self.desk.fail(problem)

        self.desk.operations.look(self, work, self._opened, failed=failed)

    def _opened(self, file: IssuedFile) -> None:
        self.choose.set_busy(None)
        self.file = file
        self.columns.show_file(file)
        self.stack.setCurrentIndex(1)
        self.show_buttons()
        self._show()

    def _columns_changed(self) -> None:
        file, session = self.file, self.desk.session
        if file is None:
            return
        self._asked += 1
        number = self._asked
        self.take_button.setEnabled(False)

        def failed(problem: BaseException) -> None:
            if number == self._asked:
                self._unread = True
                self.take_button.set_text(_("Read again"))
                self.take_button.setEnabled(True)
            self.desk.fail(problem)

        self.desk.operations.look(self, lambda _step: issued.read_rows(session, file), lambda _none: self._show() if number == self._asked else None, failed=failed)

    def _show(self) -> None:
        file = self.file
        if file is None:
            return
        self._unread = False
        absent = file.missing()
        self.problem.setVisible(bool(absent))
        self.problem.show_text(_("Say which column is {columns}, or nothing can be read").format(columns=_(", ").join(absent)), "danger")
        self.ticked = {place for place, one in enumerate(file.rows) if one.ready}
        self.table.set_rows([self._row(place, one) for place, one in enumerate(file.rows)])
        height = self.table.header.height() + min(max(len(file.rows), 3), ROWS_SHOWN) * self.table.side.defaultSectionSize() + 2
        self.table.setFixedHeight(height)
        texts = [_("Row {row}, {column}: {message}").format(row=one.row, column=one.value, message=one.message) for one in file.problems]
        self.unread.setText("\n".join(texts))
        self.unread.setVisible(bool(texts))
        counts = [f"{_(word)} {sum(verdict(one) == word for one in file.rows)}" for word in TONES]
        self.about.setText(f"{file.workbook.path.name} · " + " · ".join(counts))
        self._show_sum()

    def _row(self, place: int, one: Issued) -> Row:
        word = verdict(one)
        return {
            "on": place in self.ticked, "open": word in {READY, DIFFERS}, "row": one.row, "serial": one.request["number"] if one.request else one.serial, "number": one.number,
            "issued_on": one.issued_on.isoformat() if one.issued_on else "", "total": one.total, "verdict": _(word), "tone": TONES[word],
            "words": one.problem or _("; ").join(one.differences) or (_("Takes back {number}").format(number=one.takes_back) if one.takes_back else ""),
        }  # fmt: skip

    def _ticked(self, place: int, key: str) -> None:
        if key == "on":
            self.ticked = self.ticked | {place} if self.table.rows()[place].get("on") else self.ticked - {place}
            self._show_sum()

    def _show_sum(self) -> None:
        count = len(self.ticked)
        self.take_button.set_text(ngettext("Take over {count} invoice", "Take over {count} invoices", count).format(count=count) if count else _("Take over"))
        self.take_button.setEnabled(bool(count))

    def take_over(self) -> None:
        """Make the invoices of the ticked rows, all of them as one action, and remember the columns; where the list couldn't be read as its columns are now, read it again."""
        file, session = self.file, self.desk.session
        if file is None:
            return
        if self._unread:
            self._columns_changed()
            return
        chosen = [file.rows[place] for place in sorted(self.ticked)]
        self.take_button.setEnabled(False)

        def done(_changes: object) -> None:
            self.show_choose()
            self.taken_over.emit()

        def failed(problem: BaseException) -> None:
            self._columns_changed()
            if not isinstance(problem, Cancelled):
                self.desk.fail(problem)

        def work(step: Callable[[int, int], None]) -> object:
            if session.may_write("file_layout"):
                file.remember(session)
            return issued.take_over(session, chosen, progress=step)

        self.desk.write_long(self, work, done, title=_("Taking over {entity}").format(entity=in_sentence(_("Issued invoices"))), failed=failed)  # type: ignore[arg-type]
