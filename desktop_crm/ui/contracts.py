"""What is special about contracts on screen: their editor with product lines, instalments and totals, and their actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Invalid, UserError, ValueProblem
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.catalog import Ref, Values
from desktop_crm.domain.early_payment import early_payment
from desktop_crm.domain.terms import begins, calendar_remark, due_date, parse_terms
from desktop_crm.services import contracts, records
from desktop_crm.ui.contract_lines import ProductLines
from desktop_crm.ui.contract_plan import PlanLines, balance_words
from desktop_crm.ui.contract_totals import TotalsCard
from desktop_crm.ui.contract_work import credit_words, customer_credit, put_in_force, save_contract
from desktop_crm.ui.editor_notes import Trouble
from desktop_crm.ui.editor_page import EditorPage
from desktop_crm.ui.extras import ACTIONS, EDITORS, Action
from desktop_crm.ui.kit.widgets import Button, Card, column, holder, row
from desktop_crm.ui.laid_form import names_in
from desktop_crm.ui.memory import recall, remember
from desktop_crm.ui.quick_create import started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.domain.terms import WorkCalendar
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_table import LineTable

HEAD: Final = ((("customer", 2), ("title", 2)), (("signed_on", 1), ("delivery_on", 1), ("payment_terms", 1), ("owner", 1)))
MORE: Final = (
    (("contact", 1), ("invoice_title", 1), ("opportunity", 1), ("number", 1)),
    (("delivery_address", 2), ("expires_on", 1), ("state", 1)),
    (("note", 4),),
)
OF_CUSTOMER: Final = ("contact", "invoice_title", "opportunity")
"""Links that belong to the customer and are emptied when another one is chosen."""
MORE_KEY: Final = "contract.editor.more"


class ContractEditor(EditorPage):
    """A contract with its product lines, its plan of instalments and its totals."""

    def __init__(self, desk: Desk, key: int | None, given: Mapping[str, Any]) -> None:
        super().__init__(desk, "contract", key, given, [*names_in(HEAD, MORE), "amount"])
        self._customer: int | None = None
        self._credit: Values = {}
        self._filled: dict[str, Any] = {}
        self._after: Callable[[], object] | None = None
        self._forcing = False
        self._calendar: WorkCalendar | None = None
        self.begin()

    def build(self) -> Iterator[None]:
        """Make the fields' card, the lines, the plan and the totals."""
        self.more = self.form.grid(MORE)
        self.more.setContentsMargins(0, 8, 0, 4)
        self.more_button = Button("", "ghost", size="small", name="contract.more", on_click=lambda: self.show_more(self.more.isHidden()))
        head = Card("", "", self.form.grid((*HEAD, *self.form.own_rows())), self.more, row(self.more_button, None, margins=(0, 0, 0, 0)))
        head.body.setContentsMargins(16, 12, 16, 6)
        head.body.setSpacing(4)
        self.show_more(bool(recall(self.desk, MORE_KEY, default=False)), keep=False)
        yield
        self.lines = ProductLines(self.desk)
        yield
        self.plan = PlanLines(self.desk)
        yield
        self.totals = TotalsCard(self.form.frames["amount"])
        self._content = holder(column(head, self.lines, row((self.plan, 1), self.totals, gap=12), None, gap=12, margins=(20, 12, 20, 16)))
        self._connect()
        yield
        self.preview_button = Button(_("Print preview"), icon="printer", name="action.preview", tip=_("Print preview (Ctrl+P)"), on_click=self.preview)
        self.save_button = Button(_("Save draft"), icon="save", name="action.save", tip=_("Save (Ctrl+S)"), on_click=self.save)
        self.submit_button = Button(_("Save and put in force"), "primary", icon="send", name="action.submit", tip=_("Save and put in force (Ctrl+Enter)"), on_click=self.submit)
        self.finish(self._content, [self.cancel_button(), self.preview_button, self.save_button, self.submit_button])
        yield

    def _connect(self) -> None:
        self.form.changed.connect(self._field_changed)
        self.form.filled.connect(self._fields_filled)
        self.lines.edited.connect(self._figures_changed)
        self.plan.edited.connect(self.touch)
        for panel in (self.lines, self.plan):
            panel.table.current_changed.connect(partial(self._follow, panel.table))

    def _follow(self, table: LineTable, _row: int) -> None:
        """Keep the current cell in view: the page scrolls, not the table."""
        index = table.currentIndex()
        if index.isValid() and table.hasFocus():
            place = table.viewport().mapTo(self._content, table.visualRect(index).center())
            self.area.ensureVisible(place.x(), place.y(), 0, 60)

    def show_more(self, shown: bool, *, keep: bool = True) -> None:  # noqa: FBT001 - a state, not an option
        """Show or fold away the fields that are seldom filled in."""
        self.more.setVisible(shown)
        self.more_button.set_icon("chevron-up" if shown else "chevron-down")
        self.more_button.set_text(_("Fewer fields") if shown else _("More: contact, invoice title, delivery address, number, note"))
        if keep:
            remember(self.desk, MORE_KEY, shown)

    # ---- reading

    def read(self) -> tuple[Values, dict[str, list[Values]]]:
        """Read the contract with its lines, or what a new one starts with."""
        session = self.desk.session
        if self.key is not None:
            return records.get(session, "contract", self.key), records.lines(session, "contract", self.key)
        if set(self.given) == {"opportunity"}:
            made = contracts.from_opportunity(session, int(self.given["opportunity"]))
            links = [field.name for field in self.spec.fields.values() if field.link]
            return records.with_titles(session, self.spec, [{**dict.fromkeys(links), **made}], links)[0], {}
        return started(self.desk, self.spec, {"signed_on": session.today, **self.given}), {}

    def take(self, state: tuple[Values, dict[str, list[Values]]]) -> Iterator[None]:
        """Show a contract."""
        values, lines = state
        self.base = values
        self.form.set_values(values)
        yield
        self.lines.set_rows(lines.get("contract_line", []))
        yield
        self.plan.set_rows(lines.get("instalment", []))
        yield
        self._customer, self._filled, self._forcing = values.get("customer"), {}, False
        self._show_state()
        session = self.desk.session
        self.desk.operations.read(self, lambda: contracts.due_calendar(session), self._calendar_came, key="calendar", failed=self.desk.fail)
        self._show_terms()
        self._show_credit()
        self._figures_changed()

    def _show_state(self) -> None:
        state = self.base.get("state") or "draft"
        choice = self.spec.fields["state"].choice(state)
        number = self.base.get("number") or ""
        self.set_title(_("Edit contract {number}").format(number=number) if self.key else _("New contract"), number or _("New contract"))
        self.pill.set(_(choice.label) if choice else state, choice.tone if choice else "neutral")
        self.pill.show()
        draft = state == "draft"
        self.save_button.setVisible(draft)
        self.submit_button.set_text(_("Save and put in force") if draft else _("Save"))
        self.submit_button.setToolTip(_("Save and put in force (Ctrl+Enter)") if draft else _("Save (Ctrl+S)"))

    def first_focus(self) -> None:
        """Begin with the customer of a new contract, with the lines of another."""
        if self.form.get("customer") is None:
            self.form.go_to("customer")
        else:
            self.lines.table.setFocus()

    # ---- what follows from what was typed

    def _field_changed(self, name: str) -> None:
        if name == "customer":
            self._customer_changed()
        if name in {"", "signed_on", "delivery_on", "payment_terms"}:
            self._show_terms()
        if name in {"", "amount", "signed_on"}:
            self._figures_changed()
        self.touch()

    def _customer_changed(self) -> None:
        """Empty what belonged to another customer, then fill in what the new one brings along."""
        customer = self.form.get("customer")
        if customer == self._customer:
            return
        self._customer = customer
        stale = [name for name in OF_CUSTOMER if self.form.get(name) is not None]
        stale += [name for name, value in self._filled.items() if self.form.get(name) == value]
        self._filled = {}
        for name in stale:
            self.form.set_value(name, None)
        if stale and isinstance(customer, Ref):
            self.form.set_link("customer", customer)
        self._show_credit()

    def _fields_filled(self, names: list[str]) -> None:
        self._filled = {name: self.form.get(name) for name in names if name != "owner"}
        self._show_terms()

    def _show_credit(self) -> None:
        customer, session = self.form.get("customer"), self.desk.session
        self._credit_came({})
        if customer is not None and "customer" in session.catalog:
            self.desk.operations.read(self, lambda: customer_credit(session, int(customer)), self._credit_came, key="credit", failed=self.desk.fail)

    def _credit_came(self, found: Values) -> None:
        self._credit = found
        self._weigh_credit()

    def _weigh_credit(self) -> None:
        """Say what credit is left, or how far this contract goes beyond it; one that is in force is in use already."""
        counted = self.base.get("state") in contracts.IN_FORCE and self.base.get("customer") == self._customer
        words, warns = credit_words(self._credit, self.total() - (self.base.get("total") or Decimal(0) if counted else 0))
        self.form.frames["customer"].set_hint(words, warning=warns)

    def _calendar_came(self, calendar: WorkCalendar | None) -> None:
        self._calendar = calendar
        self.plan.set_calendar(calendar)
        self._show_terms()

    def _show_terms(self) -> None:
        text, signed, delivered = str(self.form.get("payment_terms") or "").strip(), self.form.get("signed_on"), self.form.get("delivery_on")
        hint = ""
        if text:
            try:
                terms = parse_terms(early_payment(text)[1])
                hint = terms.label
                known = delivered if isinstance(delivered, date) else None
                if isinstance(signed, date) and begins(terms, signed, delivered_on=known) is None:
                    hint = _("{terms}: the due date comes with that day; until then there is none").format(terms=terms.label)
                elif isinstance(signed, date):
                    day = due_date(terms, signed, calendar=self._calendar, delivered_on=known)
                    hint = _("{terms}: due {day}").format(terms=terms.label, day=day.isoformat())
                    remark = calendar_remark(day, self._calendar) if self._calendar is not None else None
                    hint = f"{hint}. {remark}" if remark else hint
            except ValueProblem:
                hint = _("Not a term with a date: without a plan it falls due when signed")
        if "payment_terms" in self.form.frames:
            self.form.frames["payment_terms"].set_hint(hint)

    def _figures_changed(self) -> None:
        rows, total = self.lines.rows(), self.total()
        signed = self.form.get("signed_on")
        self.totals.show_totals(rows, self.lines.gross(), total)
        self.lines.set_day(signed if isinstance(signed, date) else self.desk.session.today)
        self.plan.set_start(signed if isinstance(signed, date) else self.desk.session.today)
        self.plan.set_total(total)
        self._weigh_credit()
        self.touch()

    def total(self) -> Decimal:
        """Return what the contract costs: the sum of its lines, or the amount typed where it has none."""
        lines = self.lines.total("total")
        return lines or self.form.get("amount") or Decimal(0)

    # ---- what EditorPage asks

    def tables(self) -> list[LineTable]:
        """Return lines and instalments."""
        return [self.lines.table, self.plan.table]

    def changed(self) -> bool:
        """Tell whether anything differs from what was read."""
        return self.form.dirty() or self.lines.dirty() or self.plan.dirty()

    def lines_draft(self) -> dict[str, Any]:
        """Return what a draft keeps of lines and instalments."""
        return {panel.spec.name: panel.draft() for panel in (self.lines, self.plan) if panel.dirty()}

    def restore_lines(self, kept: dict[str, Any]) -> None:
        """Show what a draft kept."""
        for panel in (self.lines, self.plan):
            if panel.spec.name in kept:
                panel.restore(kept[panel.spec.name])
        self._customer = self.form.get("customer")
        self._figures_changed()
        self._show_credit()

    def go_to(self, field: str) -> bool:
        """Go to a field or a cell."""
        if field in names_in(MORE):
            self.show_more(shown=True)
        return self.form.go_to(field) or self.lines.go_to(field) or self.plan.go_to(field)

    def troubles(self) -> list[Trouble]:
        """Check fields, lines and, where the contract is in force, the balance of the plan."""
        problems = [*self.form.problems(), *self.lines.problems(), *self.plan.problems()]
        found = [Trouble(one.message, partial(self.go_to, one.field)) for one in problems]
        if self._in_force():
            found += self._plan_troubles()
        return found

    def _in_force(self) -> bool:
        return self._forcing or self.form.get("state") in contracts.IN_FORCE

    def _plan_troubles(self) -> list[Trouble]:
        missing = self.plan.missing()
        return [Trouble(balance_words(missing), self._go_to_balance)] if missing else []

    def _go_to_balance(self) -> None:
        self.plan.table.show_cell(max(0, len(self.plan.table.lines.entries) - 1), "amount")
        self.area.ensureWidgetVisible(self.plan)

    def refuse(self, problem: UserError) -> list[Trouble]:
        """Mark what was refused in fields and cells."""
        if isinstance(problem, Invalid):
            self.lines.mark(problem.problems)
            self.plan.mark(problem.problems)
        return super().refuse(problem)

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Put in force and print, beside what every editor does."""
        return {**super().shortcuts(), "submit": self.submit, "print": self.preview} if self.ready else {}

    # ---- saving

    def save(self) -> None:
        """Save the contract in the state it has."""
        button = self.submit_button if self.save_button.isHidden() else self.save_button
        self._save(button, "")

    def submit(self) -> None:
        """Save a draft and put it in force: its receivables follow from the plan. A contract in force is just saved."""
        if self.save_button.isHidden():
            self.save()
        else:
            self._save(self.submit_button, "active")

    def _save(self, button: Button, state: str) -> None:
        self.commit_cells()
        self.lines.tidy()
        self.plan.tidy()
        self._forcing = bool(state)
        if not self.checked():
            return
        session, key = self.desk.session, self.key
        forced = self._in_force() and self.base.get("state") not in contracts.IN_FORCE

        def prepare() -> Callable[[], Changes[records.Saved]]:
            values, base = self.typed() | ({"state": state} if state else {}), self.base if key is not None else None
            lines = {panel.spec.name: panel.rows() for panel in (self.lines, self.plan) if key is None or panel.dirty()}
            return lambda: save_contract(session, values, key=key, base=base, lines=lines)

        self.write(button, prepare, partial(self._saved, forced))

    def _saved(self, forced: bool, changes: Changes[records.Saved]) -> None:  # noqa: FBT001 - bound in advance
        after, self._after = self._after, None
        new, self.key = self.key is None, changes.result.id
        if forced:
            self.desk.go_back()
            self.desk.open_record("contract", self.key)
            return
        if new:
            self.drafts.set_key(self.key)
        self.load()
        if after is not None:
            after()

    def preview(self) -> None:
        """Show the delivery note; unsaved changes are saved first."""
        if self.dirty or self.key is None:
            self._after = self._show_preview
            self.save()
            return
        self._show_preview()

    def _show_preview(self) -> None:
        self.desk.show_page("preview", prints="contract", ids=(self.key,), template="delivery_note")


def _may(session: Session, _values: Values) -> bool:
    return session.may_write("contract")


def _is_draft(session: Session, values: Values) -> bool:
    return session.may_write("contract") and values.get("state") == "draft"


def _print(template: str, desk: Desk, values: Values) -> None:
    desk.show_page("preview", prints="contract", ids=(int(values["id"]),), template=template)


def _takes_money(session: Session, values: Values) -> bool:
    return session.may_write("receipt") and values.get("state") in contracts.IN_FORCE


EDITORS["contract"] = ContractEditor

ACTIONS.setdefault("contract", []).extend([
    Action("receipt", N_("Register receipt"), "wallet", lambda desk, values: desk.new_record("receipt", customer=values["customer"], contract=int(values["id"])), _takes_money),
    Action("delivery_note", N_("Print delivery note"), "printer", partial(_print, "delivery_note"), prints=True),
    Action("invoice_request", N_("Print invoice request"), "receipt", partial(_print, "invoice_request"), prints=True),
    Action("in_force", N_("Put in force"), "send", put_in_force, _is_draft, primary=True),
])
ACTIONS.setdefault("opportunity", []).append(
    Action("contract", N_("Make contract"), "file-text", lambda desk, values: desk.new_record("contract", opportunity=int(values["id"])),
           lambda session, values: session.may_write("contract") and values.get("stage") != "lost"),
)
ACTIONS.setdefault("customer", []).extend([
    Action("contract", N_("New contract"), "file-text", lambda desk, values: desk.new_record("contract", customer=Ref(int(values["id"]), str(values.get("name", "")))), _may),
    Action("receipt", N_("Register receipt"), "wallet", lambda desk, values: desk.new_record("receipt", customer=Ref(int(values["id"]), str(values.get("name", "")))),
           lambda session, _values: session.may_write("receipt")),
    Action("statement", N_("Statement"), "file-check", lambda desk, values: desk.show_page("report.statement", customer=Ref(int(values["id"]), str(values.get("name", "")))),
           lambda session, _values: "receivable" in session.catalog, prints=True),
])
