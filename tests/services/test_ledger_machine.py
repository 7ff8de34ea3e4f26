"""Whatever two people do to the ledger in whatever order, it adds up after every step, what is refused changes nothing, and an undo restores it exactly."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from desktop_crm.base.errors import UserError
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.domain.sources import RELIEF
from desktop_crm.reports.outstanding import owed_by, prepaid_by
from desktop_crm.reports.statement import account
from desktop_crm.services import closing, importing, invoices, receipts, records, settlements, undoing
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, company, customer, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

ZERO = Decimal("0.00")
NUMBERS = count(1)
AMOUNTS = st.one_of(st.integers(1, 40).map(lambda yuan: Decimal(yuan * 10)), st.integers(1, 30000).map(lambda cents: Decimal(cents).scaleb(-2)))
DAYS = st.integers(0, 120).map(lambda back: TODAY - timedelta(days=back))
BOOKS = ("receivable", "receipt", "allocation", "invoice", "invoice_cover")


class Ledger(RuleBasedStateMachine):
    """A head office and a branch it pays for, and two people who work on their accounts from two connections."""

    def __init__(self, sessions: list[Session], folder: Path) -> None:
        super().__init__()
        self.sessions, self.folder = sessions, folder
        self.sets: list[int] = []
        self.printed: tuple[date, Any] | None = None

    @initialize()
    def begin(self) -> None:
        self.head = customer(self.sessions[0], f"集团{next(NUMBERS)}")
        self.branch = customer(self.sessions[0], f"分公司{next(NUMBERS)}", payer=self.head)
        values = records.new(self.sessions[0], "contract", customer=self.head, signed_on=TODAY - timedelta(days=60), amount=Decimal(120), state="active")
        self.contract = records.save(self.sessions[0], "contract", values).result.id

    # ---- what there is

    @property
    def own(self) -> Where:
        return Where("customer", "in", (self.head, self.branch))

    def rows(self, name: str, *names: str) -> list[Values]:
        session = self.sessions[0]
        own = {"allocation": Where("receipt.customer", "in", (self.head, self.branch)), "invoice_cover": Where("invoice.customer", "in", (self.head, self.branch))}
        wanted = names or tuple(set(session.entity(name).stored()) - {"version", "updated_at"})
        return session.records.find(session.entity(name), own.get(name, self.own), wanted, sort="id")

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = {name: [{key: value for key, value in row.items() if key != "version"} for row in self.rows(name)] for name in BOOKS}
        session = self.sessions[0]
        found["customer"] = [
            {key: value for key, value in row.items() if key != "version"}
            for row in session.records.rows(session.entity("customer"), [self.head, self.branch], ["balance", "prepaid", "exposure", "receivable_total", "received_total"])
        ]
        (row,) = session.records.rows(session.entity("contract"), [self.contract], ["received", "settled", "prepaid", "receivable_total"])
        found["contract"] = {key: value for key, value in row.items() if key != "version"}
        return found

    def unchanged(self, before: dict[str, Any]) -> None:
        assert self.state() == before

    def one(self, data: st.DataObject, name: str) -> int:
        """Return one of what there is, or what isn't there."""
        keys = [row["id"] for row in self.rows(name, "id")]
        return data.draw(st.sampled_from(keys), name) if keys else 10**9

    def parts(self, data: st.DataObject, name: str = "receivable") -> dict[int, Decimal]:
        keys = [row["id"] for row in self.rows(name, "id")]
        return data.draw(st.dictionaries(st.sampled_from(keys), AMOUNTS, max_size=3), "parts") if keys else {}

    def act(self, data: st.DataObject, work: Callable[[Session], Changes[Any]]) -> None:
        """Do it as one of the two; what is refused changes nothing, and what was done can be undone and done again."""
        before = self.state()
        who = data.draw(st.sampled_from(self.sessions), "who")
        try:
            changes = work(who)
        except UserError:
            self.unchanged(before)
            return
        if changes.change_set is None:
            return
        self.sets.append(changes.change_set)
        if data.draw(st.integers(0, 3), "undo") == 0:
            after = self.state()
            undone = undoing.undo(self.sessions[0], changes.change_set).change_set
            assert self.state() == before
            assert undone is not None
            undoing.undo(self.sessions[1], undone)
            assert self.state() == after

    # ---- what is done

    @rule(data=st.data(), amount=AMOUNTS, on=DAYS, late=st.integers(0, 60))
    def owe(self, data: st.DataObject, amount: Decimal, on: date, late: int) -> None:
        of = data.draw(st.sampled_from((self.head, self.branch)))
        self.act(data, lambda session: records.save(
            session, "receivable", records.new(session, "receivable", customer=of, amount=amount, document_on=on, due_on=on + timedelta(days=late))))

    @rule(data=st.data(), amount=AMOUNTS, on=DAYS)
    def pay(self, data: st.DataObject, amount: Decimal, on: date) -> None:
        parts, contract = self.parts(data), data.draw(st.sampled_from((None, self.contract)))
        self.act(data, lambda session: receipts.post_receipt(
            session, values=records.new(session, "receipt", customer=self.head, contract=contract, amount=amount, received_on=on), allocations=parts))

    @rule(data=st.data(), amount=AMOUNTS, way=st.sampled_from(("due", "exact", "ratio")), on=DAYS)
    def pay_as_suggested(self, data: st.DataObject, amount: Decimal, way: Any, on: date) -> None:
        def work(session: Session) -> Changes[Any]:
            parts = receipts.suggest_allocation(session, self.branch, amount, by=way)
            return receipts.post_receipt(session, values=records.new(session, "receipt", customer=self.branch, amount=amount, received_on=on), allocations=parts)

        self.act(data, work)

    @rule(data=st.data(), kind=st.sampled_from(RELIEF), on=DAYS)
    def relieve(self, data: st.DataObject, kind: str, on: date) -> None:
        parts = self.parts(data)
        self.act(data, lambda session: settlements.settle_without_money(session, kind=kind, allocations=parts, on=on))

    @rule(data=st.data())
    def use_prepayment(self, data: st.DataObject) -> None:
        key, parts = self.one(data, "receipt"), self.parts(data)
        self.act(data, lambda session: receipts.apply_prepayment(session, key, parts))

    @rule(data=st.data(), amount=AMOUNTS)
    def edit(self, data: st.DataObject, amount: Decimal) -> None:
        name = data.draw(st.sampled_from(("receivable", "receipt")))
        key = self.one(data, name)
        self.act(data, lambda session: records.save(session, name, {"amount": amount}, key=key))

    @rule(data=st.data(), on=DAYS, use=st.sampled_from((settlements.refund, settlements.keep_difference, None)), amount=st.none() | AMOUNTS)
    def use_up(self, data: st.DataObject, on: date, use: Any, amount: Decimal | None) -> None:
        key = self.one(data, "receipt")
        to = data.draw(st.sampled_from((self.head, self.branch)))
        work = use or partial(settlements.transfer_prepayment, customer=to)
        self.act(data, lambda session: work(session, receipt=key, amount=amount, on=on))

    @rule(data=st.data(), amount=st.none() | AMOUNTS)
    def take_back(self, data: st.DataObject, amount: Decimal | None) -> None:
        key, target = self.one(data, "allocation"), self.one(data, "receivable")
        if data.draw(st.booleans(), "move"):
            self.act(data, lambda session: settlements.move_allocation(session, allocation=key, receivable=target, amount=amount))
        else:
            self.act(data, lambda session: settlements.release_allocation(session, allocation=key))

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from((*BOOKS[:4],)))
        key = self.one(data, name)
        self.act(data, lambda session: records.delete(session, name, [key]))

    @rule(data=st.data(), on=DAYS)
    def invoice(self, data: st.DataObject, on: date) -> None:
        parts, number = self.parts(data), str(next(NUMBERS))
        self.act(data, lambda session: invoices.issue_invoice(session, values={"number": number, "issued_on": on}, receivables=parts))

    @rule(data=st.data(), amount=st.none() | AMOUNTS)
    def red_letter(self, data: st.DataObject, amount: Decimal | None) -> None:
        key, number = self.one(data, "invoice"), str(next(NUMBERS))
        self.act(data, lambda session: invoices.red_letter(session, invoice=key, number=number, total=amount))

    @rule(data=st.data(), amounts=st.lists(AMOUNTS, min_size=1, max_size=3), on=DAYS)
    def bring_in(self, data: st.DataObject, amounts: list[Decimal], on: date) -> None:
        numbers = [row["number"] for row in self.rows("receivable", "number")] or [""]
        path = self.folder / f"{next(NUMBERS)}.csv"
        lines = [f"{data.draw(st.sampled_from(numbers))},{on.isoformat()},{amount}" for amount in amounts]
        path.write_text("\n".join(["核销单号,收款日期,收款金额", *lines]), encoding="utf-8")

        def work(session: Session) -> Changes[Any]:
            source = importing.open_source(session, "receipt", path)
            return importing.run_import(session, source, importing.Options(importing.mapping_of(importing.guess_mapping(session, source)), keep_good=True))

        self.act(data, work)

    @precondition(lambda self: self.sets)
    @rule(data=st.data(), later=st.booleans())
    def undo(self, data: st.DataObject, *, later: bool) -> None:
        chosen = data.draw(st.sampled_from(self.sets), "undo")
        self.act(data, lambda session: undoing.undo(session, chosen, with_later=later))

    @rule(data=st.data(), back=st.integers(10, 120), open_again=st.integers(0, 3))
    def close(self, data: st.DataObject, back: int, open_again: int) -> None:
        """Close the books through a day, keeping what was printed for it, or open them again."""
        session = data.draw(st.sampled_from(self.sessions), "who")
        if open_again == 0 and self.printed is not None:
            closing.reopen_books(session)
            self.printed = None
        elif self.printed is None:
            day = TODAY - timedelta(days=back)
            closing.close_books(session, through=day)
            self.printed = day, self.aged(day)

    def aged(self, day: date) -> Any:
        session = self.sessions[0]
        return owed_by(session, day, "customer", (), self.own), prepaid_by(session, day, "customer", self.own)

    # ---- what always holds

    @invariant()
    def a_closed_day_says_what_was_printed(self) -> None:
        if self.printed is not None:
            assert self.aged(self.printed[0]) == self.printed[1]

    @invariant()
    def every_allocation_fits_and_every_balance_is_the_sum_of_its_rows(self) -> None:
        if not hasattr(self, "head"):
            return
        debts, sources = ({row["id"]: row for row in self.rows(name)} for name in ("receivable", "receipt"))
        settled, used = dict.fromkeys(debts, ZERO), dict.fromkeys(sources, ZERO)
        pairs: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
        for row in sorted(self.rows("allocation"), key=lambda row: (row["allocated_on"], row["amount"] < 0)):
            pairs[row["receipt"], row["receivable"]] += row["amount"]
            assert row["amount"]
            assert pairs[row["receipt"], row["receivable"]] >= ZERO
            settled[row["receivable"]] += row["amount"]
            used[row["receipt"]] += row["amount"]
            assert debts[row["receivable"]]["customer"] == sources[row["receipt"]]["customer"]
        invoiced = dict.fromkeys(debts, ZERO)
        for row in self.rows("invoice_cover"):
            invoiced[row["receivable"]] += row["amount"]
        for key, debt in debts.items():
            assert ZERO <= settled[key] == debt["settled"] <= debt["amount"]
            assert ZERO <= invoiced[key] == debt["invoiced"] <= debt["amount"]
        for key, source in sources.items():
            assert ZERO <= used[key] == source["allocated"] <= source["amount"]
        (contract,) = self.sessions[1].records.rows(self.sessions[1].entity("contract"), [self.contract], ["prepaid", "settled"])
        assert contract["prepaid"] == sum((row["unallocated"] for row in sources.values() if row["contract"] == self.contract and row["kind"] not in RELIEF), ZERO)
        assert contract["settled"] == sum((row["settled"] for row in debts.values() if row["contract"] == self.contract), ZERO)
        for of in (self.head, self.branch):
            (figures,) = self.sessions[1].records.rows(self.sessions[1].entity("customer"), [of], ["balance", "prepaid"])
            assert figures["balance"] == sum((row["remaining"] for row in debts.values() if row["customer"] == of), ZERO) >= ZERO
            assert figures["prepaid"] == sum((row["unallocated"] for row in sources.values() if row["customer"] == of), ZERO) >= ZERO

    def teardown(self) -> None:
        """Replay the ledger to some days, and compare what reports, list and statement say."""
        if not hasattr(self, "head"):
            return
        if self.printed is not None:
            closing.reopen_books(self.sessions[0])
        session = self.sessions[0]
        debts, sources = self.rows("receivable"), self.rows("receipt")
        day_of = {("receivable", row["id"]): row["document_on"] for row in debts} | {("receipt", row["id"]): row["received_on"] for row in sources}
        allocated = [(max(row["allocated_on"], day_of["receivable", row["receivable"]], day_of["receipt", row["receipt"]]), row) for row in self.rows("allocation")]
        whose = {row["id"]: row["customer"] for row in sources}
        for as_of in (TODAY, TODAY - timedelta(days=45), TODAY - timedelta(days=90), TODAY + timedelta(days=30)):
            owed = {group.key: group.left for group in owed_by(session, as_of, "customer", (), self.own)}
            ahead = {group.key: group.left for group in prepaid_by(session, as_of, "customer", self.own)}
            for of in (self.head, self.branch):
                settled = sum((row["amount"] for on, row in allocated if on <= as_of and whose[row["receipt"]] == of), ZERO)
                due = sum((row["amount"] for row in debts if row["customer"] == of and row["document_on"] <= as_of), ZERO)
                paid = sum((row["amount"] for row in sources if row["customer"] == of and row["received_on"] <= as_of), ZERO)
                assert (owed.get(of, ZERO), ahead.get(of, ZERO)) == (due - settled, paid - settled)
                assert min(due - settled, paid - settled) >= ZERO
                assert account(session, of, TODAY - timedelta(days=150), as_of).closing == due - paid
        for of in (self.head, self.branch):
            listed = records.totals(session, "receivable", Every((Where("customer", "eq", of),)))["remaining"]
            late = owed_by(session, TODAY + timedelta(days=999), "customer", (), self.own)
            assert listed == sum((group.left for group in late if group.key == of), ZERO)


def test_the_ledger_adds_up_whatever_is_done(db_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(company(db_url))
        second = stack.enter_context(signed_in(db_url, "boss"))
        run_state_machine_as_test(
            lambda: Ledger([first, second], tmp_path),  # type: ignore[arg-type]  # a factory serves as well
            settings=settings(max_examples=15, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
        )
        assert check(first) == []
