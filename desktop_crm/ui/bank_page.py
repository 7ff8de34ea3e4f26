"""Posting bank lines: a statement is read, each line shows whose money it is and what it pays, and what is ticked is posted in one action."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import N_, _, ngettext
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.domain.money import show_money
from desktop_crm.services import receipts, records
from desktop_crm.services.bank import lines, matching, posting, reading
from desktop_crm.services.bank.matching import Choice
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.bank_columns import BankColumns
from desktop_crm.ui.bank_lines import LineDetails, WaitingTable, summary
from desktop_crm.ui.bank_split import SplitDialog
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.import_choose import ChooseStep
from desktop_crm.ui.kit.popup import Choice as Offered
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Button, EmptyState, Label, box, column, hline, holder, row, scroll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    from PySide6.QtGui import QShowEvent

    from desktop_crm.services.bank.lines import Kept
    from desktop_crm.services.bank.matching import Proposal
    from desktop_crm.services.bank.reading import Statement
    from desktop_crm.services.session import Changes

REVIEW, CHOOSE, COLUMNS = range(3)
REASONS: Final = (N_("Bank fees"), N_("Interest"), N_("Transfer between our own accounts"), N_("Payment to a supplier"), N_("Wages, taxes and insurance"))
MOST: Final = 1000
"""Lines looked at together, the oldest first; the next come once these are posted or set aside."""


class BankPage(Page):
    """The lines that wait, with the way to read further statements. Nothing is posted before the button."""

    place = "bank"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("page.bank")
        self.setWindowTitle(_("Post bank lines"))
        self.proposals: list[Proposal] = []
        self.choices: dict[int, Choice] = {}
        self.ticked: set[int] = set()
        self._seen: set[int] = set()
        self._path: Path | None = None
        self._reading = 0
        self._unread = False
        self._waiting = 0
        self._late = False
        self.build_up(self._build(), self.load)

    # ---- how it is built

    def _build(self) -> Iterator[None]:
        self.read_button = Button(_("Read a statement…"), icon="folder-open", name="action.read_statement", on_click=self.show_choose)
        self.aside = Button(_("Set aside"), "ghost", name="action.set_aside", tip=_("The current line is no receipt of a customer"), trailing="chevron-down", on_click=self.ask_reason)
        self.split_button = Button(_("Divide…"), "ghost", name="action.split", tip=_("Divide the current line among several customers"), on_click=self.split)
        self.post_button = Button(_("Post"), "primary", icon="check", name="action.post", on_click=self.post)
        self.back = Button(_("Back"), name="action.back_to_lines", on_click=self.show_review)
        self.keep_button = Button(_("Take over"), "primary", icon="check", name="action.keep_lines", on_click=self.keep)
        buttons = (self.aside, self.split_button, self.read_button, self.post_button, self.back, self.keep_button)
        head = row(Label(self.windowTitle(), "page"), None, *buttons, gap=8, margins=(20, 10, 20, 10))
        yield
        self.table = WaitingTable(self._suggest)
        yield
        self.details = LineDetails(self.desk.session.today)
        yield
        self.nothing = EmptyState("landmark", _("No bank lines wait"), _("Read a statement of your bank: Excel or CSV, as its online banking exports it"),
                                  [Button(_("Read a statement…"), "primary", name="action.read_first", on_click=self.show_choose)])
        ticks = row(
            Button(_("Tick the sure ones"), "ghost", size="small", name="action.tick_sure", on_click=lambda: self.tick({"sure"})),
            Button(_("Tick likely ones too"), "ghost", size="small", name="action.tick_likely", on_click=lambda: self.tick({"sure", "likely"})),
            Button(_("Tick none"), "ghost", size="small", name="action.tick_none", on_click=lambda: self.tick(set())), gap=4)  # fmt: skip
        self.status = Label("", "small", "text2")
        yield
        self.work = holder(column((self.table, 3), row(ticks, None, self.status, gap=8, margins=(16, 4, 20, 4)), hline(), (box(column(self.details, gap=0), "app"), 2), gap=0))
        yield
        self.choose = ChooseStep(_("Bank lines"), foreign=True)
        yield
        self.columns = BankColumns()
        yield
        self.stack = QStackedWidget()
        for page in (holder(column(self.nothing, (self.work, 1), gap=0)), scroll(self.choose), scroll(self.columns)):
            self.stack.addWidget(page)
        self.setLayout(column(box(head), hline(), (box(column((self.stack, 1), gap=0), "surface"), 1), gap=0))
        self.choose.chosen.connect(self.open)
        self.columns.changed.connect(self._columns_changed)
        self.table.cell_changed.connect(self._cell_changed)
        self.table.current_changed.connect(lambda _row: self._show_current())
        self.details.customer_chosen.connect(lambda line, customer: self._decide(line, Choice(customer)))
        self.details.allocated.connect(self._allocated)
        self._turn(REVIEW)
        self.setFocusProxy(self.table)
        yield

    def _turn(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        for button, steps in ((self.aside, {REVIEW}), (self.split_button, {REVIEW}), (self.read_button, {REVIEW}), (self.post_button, {REVIEW}), (self.back, {CHOOSE, COLUMNS}), (self.keep_button, {COLUMNS})):
            button.setVisible(step in steps)

    # ---- the lines that wait

    def load(self) -> None:
        """Ask for the lines that wait and what is proposed for them."""
        session, choices = self.desk.session, dict(self.choices)

        def work() -> tuple[list[Proposal], int]:
            waiting = matching.open_lines(session)
            return matching.propose(session, waiting[:MOST], choices), len(waiting)

        self.desk.operations.read(self, work, lambda found: self._came(*found), key="proposals", failed=self.desk.fail)

    def _came(self, proposals: list[Proposal], waiting: int) -> None:
        self.proposals, self._waiting = proposals, waiting
        there = {one.line["id"] for one in proposals}
        self.choices = {key: choice for key, choice in self.choices.items() if key in there}
        # A proposal that is sure is ticked once; what somebody unticked stays so.
        self.ticked = {one.line["id"] for one in proposals if one.customer is not None and (one.line["id"] in self.ticked or (one.line["id"] not in self._seen and one.sureness == "sure"))}
        self._seen |= there
        self.nothing.setVisible(not proposals)
        self.work.setVisible(bool(proposals))
        self.table.show_proposals(proposals, self.ticked)
        if proposals and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.table.lines.index(0, self.table.lines.column_of("payer")))
        self._show_sums()
        self._show_current()

    def _show_sums(self) -> None:
        text, amount = summary(self.proposals, self.ticked, self._waiting)
        self.status.setText(text)
        count = len(self.ticked)
        self.post_button.set_text(ngettext("Post {count} line, ¥{amount}", "Post {count} lines, ¥{amount}", count).format(count=f"{count:,}", amount=show_money(amount)) if count else _("Post"))
        self.post_button.setEnabled(bool(count))
        self.aside.setEnabled(bool(self.proposals))

    def current(self) -> Proposal | None:
        """Return the proposal of the current line."""
        place = self.table.currentIndex().row()
        return self.proposals[place] if 0 <= place < len(self.proposals) else None

    def _show_current(self) -> None:
        proposal = self.current()
        shown = self.details.proposal
        if proposal is not None and shown is not None and proposal.line["id"] == shown.line["id"] and proposal.chosen and proposal.customer == shown.customer and \
                {part.receivable: part.amount for part in proposal.parts} == self.details.grid.parts():
            self.details.proposal = proposal  # typed by hand just now: the grid keeps its place
            return
        self.split_button.setEnabled(proposal is not None and proposal.amount > 0 and proposal.entered is None)
        if proposal is None or proposal.customer is None or proposal.amount < 0:
            self.details.show_line(proposal, [])
            return
        session, customer = self.desk.session, int(proposal.customer)
        self.desk.operations.read(self, lambda: receipts.open_receivables(session, customer), lambda debts: self._debts_came(proposal, debts), key="debts", failed=self.desk.fail)

    def _debts_came(self, proposal: Proposal, debts: list[Any]) -> None:
        if proposal is self.current():
            self.details.show_line(proposal, debts)

    # ---- deciding

    def tick(self, sureness: set[str]) -> None:
        """Tick every line that is as sure as that."""
        self.ticked = {one.line["id"] for one in self.proposals if one.customer is not None and one.sureness in sureness}
        self.table.show_proposals(self.proposals, self.ticked)
        self._show_sums()

    def _suggest(self, text: str, reply: Callable[[list[Offered]], None]) -> None:
        session = self.desk.session

        def work() -> list[Offered]:
            return [Offered(int(one), one.title) for one in records.suggest(session, "customer", text)]

        def came(found: list[Offered]) -> None:
            self.table.titles |= {int(str(one.value)): one.title for one in found}
            reply(found)

        self.desk.operations.read(self, work, came, key="suggest.customer")

    def _cell_changed(self, place: int, key: str) -> None:
        line = self.proposals[place].line["id"]
        values = self.table.rows()[place]
        if key == "on":
            self.ticked = self.ticked | {line} if values.get("on") else self.ticked - {line}
            self._show_sums()
        elif key == "customer":
            customer = values.get("customer")
            self._decide(line, Choice(int(str(customer)) if customer is not None else None))

    def _decide(self, line: int, choice: Choice) -> None:
        self.choices[line] = choice
        self.ticked = self.ticked | {line} if choice.customer is not None else self.ticked - {line}
        self.load()

    def _allocated(self, line: int, parts: dict[int, Decimal]) -> None:
        proposal = next(one for one in self.proposals if one.line["id"] == line)
        if proposal.customer is not None:
            self._decide(line, Choice(int(proposal.customer), parts))

    def ask_reason(self) -> None:
        """Offer the reasons below the button."""
        menu = self.reasons()
        menu.popup(self.aside.mapToGlobal(self.aside.rect().bottomLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    def reasons(self) -> Menu:
        """Return the reasons for which a line is no receipt of a customer."""
        menu = Menu(self)
        menu.setObjectName("bank.reasons")
        for reason in REASONS:
            menu.addAction(_(reason), partial(self.set_aside, _(reason)))
        menu.addAction(_("Other reason…"), self._ask_other_reason)
        return menu

    def _ask_other_reason(self) -> None:
        proposal, session = self.current(), self.desk.session
        if proposal is None:
            return
        key = proposal.line["id"]
        reason = FieldSpec("aside_reason", kinds.TEXT, N_("Why set aside"), required=True, scale=60)
        AskDialog(self, self.desk, _("Set aside"), _("The line waits no more; it is kept with this reason and can be taken back in the list of bank lines"), (reason,), {}, button=_("Set aside"),
                  act=lambda typed: posting.set_aside(session, [key], reason=typed["aside_reason"]), done=lambda _changes: self.load(), name="bank.reason").show()

    def set_aside(self, reason: str = "") -> None:
        """Set the current line aside: it waits no more, and can be taken back in the list of bank lines."""
        proposal, session = self.current(), self.desk.session
        if proposal is not None:
            key = proposal.line["id"]
            self.desk.write(self, lambda: posting.set_aside(session, [key], reason=reason), lambda _changes: self.load(), failed=self.desk.fail)

    def split(self) -> None:
        """Divide the current line among several customers."""
        proposal = self.current()
        if proposal is not None and proposal.amount > 0:
            SplitDialog(self, self.desk, proposal, self._suggest, self.table.titles, self.load).show()

    def post(self) -> None:
        """Post what is ticked, all of it as one action."""
        chosen = [posting.accepted(one) for one in self.proposals if one.line["id"] in self.ticked and one.customer is not None]
        if not chosen:
            return
        session = self.desk.session
        self.post_button.setEnabled(False)

        def failed(problem: BaseException) -> None:
            self.load()
            if not isinstance(problem, Cancelled):
                self.desk.fail(problem)

        self.desk.write_long(self, lambda step: posting.post(session, chosen, progress=step), lambda _changes: self.load(), title=_("Posting bank lines"), failed=failed)

    # ---- reading a statement

    def show_choose(self) -> None:
        """Ask for a statement."""
        self.choose.tell("")
        self._turn(CHOOSE)

    def show_review(self) -> None:
        """Go back to the lines that wait."""
        self._turn(REVIEW)
        self.load()

    def open(self, path: Path, password: str = "", encoding: str = "") -> None:
        """Read a file and show its columns."""
        self._path = path
        self.choose.set_busy(_("Reading…"))
        self.choose.tell("")
        session = self.desk.session

        def work(_step: Callable[[int, int], None]) -> tuple[Statement, int]:
            statement = reading.read_statement(session, path, password=password or None, encoding=encoding or None)
            return statement, len(lines.known(session, statement.lines))

        self.desk.operations.look(self, work, lambda found: self._opened(*found), failed=self._not_opened)

    def _not_opened(self, problem: BaseException) -> None:
        self.choose.set_busy(None)
        if isinstance(problem, UserError):
            self.choose.tell(problem.message, password=isinstance(problem, PasswordNeeded))
        elif not isinstance(problem, Cancelled):
            self.desk.fail(problem)

    def _opened(self, statement: Statement, known: int) -> None:
        self.choose.set_busy(None)
        self.columns.show_statement(statement)
        self._turn(COLUMNS)
        self._show_new(known)

    def _columns_changed(self) -> None:
        statement, session = self.columns.statement, self.desk.session
        if statement is None:
            return
        self.keep_button.setEnabled(False)
        self._reading += 1
        number = self._reading

        def work(_step: Callable[[int, int], None]) -> int:
            reading.read_lines(statement)
            return len(lines.known(session, statement.lines))

        def came(known: int) -> None:
            if number == self._reading:
                self._show_new(known)

        def failed(problem: BaseException) -> None:
            if number == self._reading:
                self._unread = True
                self.keep_button.set_text(_("Read again"))
                self.keep_button.setEnabled(True)
            self.desk.fail(problem)

        self.desk.operations.look(self, work, came, failed=failed)

    def _show_new(self, known: int) -> None:
        statement = self.columns.statement
        if statement is None:
            return
        self._unread = False
        self.columns.show_lines(known)
        new = len(statement.lines) - known
        self.keep_button.set_text(ngettext("Take over {count} new line", "Take over {count} new lines", new).format(count=f"{new:,}") if new else _("Show the lines that wait"))
        self.keep_button.setEnabled(not statement.missing())

    def keep(self) -> None:
        """Keep the lines of the file, remember its columns, and show what is proposed; where it couldn't be read as its columns are now, read it again."""
        statement, session = self.columns.statement, self.desk.session
        if statement is None:
            return
        if self._unread:
            self._columns_changed()
            return
        self.keep_button.setEnabled(False)

        def work(step: Callable[[int, int], None]) -> Changes[Kept]:
            if session.may_write("file_layout"):
                statement.remember(session)
            return lines.keep(session, statement.lines, progress=step)

        def failed(problem: BaseException) -> None:
            self.keep_button.setEnabled(True)
            if not isinstance(problem, Cancelled):
                self.desk.fail(problem)

        self.desk.write_long(self, work, lambda _changes: self.show_review(), title=_("Reading bank lines"), failed=failed)

    # ---- what the window asks of a page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the list of bank lines, then this page."""
        return [(self.desk.session.spec("bank_line").plural, lambda: self.desk.show_list("bank_line")), (self.windowTitle(), None)]

    def refresh(self, entities: set[str]) -> None:
        """Propose anew once lines, receipts, receivables or customers changed."""
        if self.built and (not entities or entities & {"bank_line", "receipt", "receivable", "customer", "allocation"}):
            self._late = not self.isVisible()
            if not self._late:
                self.load()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed meanwhile."""
        super().showEvent(event)
        if self._late:
            self.refresh(set())

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """F5 proposes anew, Ctrl+Enter posts, Ctrl+I reads a statement."""
        return {"refresh": self.load, "submit": self.post, "import": self.show_choose} if self.built else {}
