"""Bank lines: kept once, matched, posted at most once, undone in one step."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from desktop_crm.base.errors import Blocked, NotAllowed, UserError
from desktop_crm.domain.bank import identities
from desktop_crm.domain.conditions import Condition, Where
from desktop_crm.services import closing, records, undoing, users
from desktop_crm.services.bank import lines, matching, posting, reading
from desktop_crm.services.bank.matching import Choice
from desktop_crm.services.session import Session, open_session
from tests.services.bank_support import BANKS, Entry, write
from tests.services.ledger import add, company, customer, debt, figures, noon, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.domain.catalog import Values

NUMBERS = count(1)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def line(amount: str, payer: str = "恒泰科技有限公司", remark: str = "", serial: str = "", on: date = date(2026, 6, 2), **more: Any) -> dict[str, Any]:
    made = {"booked_on": on, "amount": Decimal(amount), "payer": payer, "payer_account": "", "remark": remark, "serial": serial, "balance": None, "account": "6222", "time": "", **more}
    return {**made, "identity": identities([made])[0]}


def kept(session: Session, *wanted: dict[str, Any]) -> list[int]:
    return lines.keep(session, wanted).result.ids


def one(session: Session, **given: Any) -> matching.Proposal:
    return matching.propose(session, kept(session, line(**given)))[0]


def parts(proposal: matching.Proposal) -> dict[int, Decimal]:
    return {part.receivable: part.amount for part in proposal.parts}


# ---- kept once


@pytest.mark.parametrize("bank", list(BANKS))
def test_a_file_read_twice_is_kept_once(session: Session, tmp_path: Path, bank: str) -> None:
    entries = [Entry(datetime.fromisoformat(f"2026-06-{day:02} 09:00:{day:02}"), Decimal(day) * 100, "恒泰科技有限公司", "货款", f"S{day}", balance=Decimal(day)) for day in range(1, 8)]
    first = reading.read_statement(session, write(tmp_path / "a.xlsx", BANKS[bank](entries[:5])))
    more = reading.read_statement(session, write(tmp_path / "b.csv", BANKS[bank](entries[2:])))
    assert len(lines.keep(session, first.lines).result.added) == 5
    again = lines.keep(session, more.lines).result
    assert (len(again.added), again.known) == (2, 3)
    assert lines.keep(session, first.lines).change_set is None, "nothing new is no action"
    assert records.totals(session, "bank_line")["amount"] == sum(one.amount for one in entries)


def test_a_posted_line_stays_posted_when_its_file_comes_again_and_after_an_undo(session: Session) -> None:
    customer(session)
    ids = kept(session, line("100", serial="S1"))
    posted = posting.post(session, [posting.accepted(one) for one in matching.propose(session, ids)])
    assert kept(session, line("100", serial="S1", remark="another spelling")) == ids
    assert matching.open_lines(session) == []
    undoing.undo(session, posted.change_set or 0)
    assert rows(session, "receipt", "id") == []
    assert kept(session, line("100", serial="S1")) == ids
    assert matching.open_lines(session) == ids


def test_posting_again_after_an_undo_cannot_be_doubled_by_a_redo(session: Session) -> None:
    customer(session)
    ids = kept(session, line("100", serial="S1"))
    first = posting.post(session, [posting.accepted(one) for one in matching.propose(session, ids)])
    back = undoing.undo(session, first.change_set or 0)
    posting.post(session, [posting.accepted(one) for one in matching.propose(session, ids)])
    with pytest.raises(UserError):
        undoing.undo(session, back.change_set or 0)
    assert figures(session, "bank_line", ids[0], "posted", "state") == (Decimal(100), "posted")


def test_an_import_with_posted_lines_is_not_undone_under_them(session: Session) -> None:
    customer(session)
    kept_now = lines.keep(session, [line("100", serial="S1")])
    posting.post(session, [posting.accepted(one) for one in matching.propose(session, kept_now.result.ids)])
    with pytest.raises(Blocked):
        undoing.undo(session, kept_now.change_set or 0)
    with pytest.raises(Blocked):
        records.delete(session, "bank_line", kept_now.result.ids)


def test_deleting_the_receipt_makes_the_line_wait_again(session: Session) -> None:
    customer(session)
    ids = kept(session, line("100"))
    receipt = posting.post(session, [posting.accepted(one) for one in matching.propose(session, ids)]).result.receipts[0]
    records.delete(session, "receipt", [receipt])
    assert figures(session, "bank_line", ids[0], "posted", "state") == (Decimal(0), "open")


# ---- matched


def test_who_paid_is_told_by_name_whatever_its_brackets(session: Session) -> None:
    key = customer(session, "恒泰科技（上海）有限公司")
    customer(session, "恒泰科技（北京）有限公司")
    debt(session, key, "100")
    found = one(session, amount="100", payer="恒泰科技(上海)有限公司")
    assert (found.customer, found.sureness) == (key, "sure")
    assert found.customer is not None
    assert found.customer.title == "恒泰科技（上海）有限公司"
    assert found.reasons


def test_other_ways_to_tell_who_paid(session: Session) -> None:
    key = customer(session, "上海恒泰机电设备制造有限公司", short_name="恒泰机电")
    add(session, "invoice_title", customer=key, title="恒泰机电第二工厂", account="6222 0001")
    add(session, "contact", name="王小明", customer=key)
    receive(session, key, "1", payer="老板本人", on=date(2025, 1, 1))
    assert one(session, amount="7", payer="恒泰机电第二工厂").sureness == "likely"
    assert one(session, amount="8", payer="谁", payer_account="62220001").customer == key
    assert one(session, amount="9", payer="老板本人").customer == key
    assert (one(session, amount="10", payer="上海恒泰机电设备制造公司").customer, one(session, amount="10", payer="上海恒泰机电设备制造公司").sureness) == (key, "doubtful")
    assert one(session, amount="11", payer="恒泰机电").customer == key
    assert one(session, amount="12", payer="上海恒泰机电设备制造有").customer == key
    assert one(session, amount="13", payer="王小明").sureness == "doubtful"
    assert (one(session, amount="14", payer="张三").customer, one(session, amount="14", payer="张三").sureness) == (None, "none")


def test_an_account_that_paid_before_is_known(session: Session) -> None:
    key = customer(session)
    first = kept(session, line("5", payer="个人", payer_account="620011"))
    posting.post(session, [posting.Posting(first[0], key)])
    found = one(session, amount="6", payer="别人", payer_account="620011", on=date(2026, 6, 20))
    assert (found.customer, found.sureness) == (key, "likely")


def test_who_passes_money_on_is_nobody(session: Session) -> None:
    key = customer(session)
    debt(session, key, "30")
    alipay = "支付宝（中国）网络技术有限公司"
    first = kept(session, line("5", payer=alipay, payer_account="2150"))
    posting.post(session, [posting.Posting(first[0], key)])
    assert one(session, amount="6", payer=alipay, payer_account="2150").customer is None
    records.save(session, "company", {"name": "恒信商贸（上海）有限公司"}, key=rows(session, "company", "id")[0][0])
    ours = one(session, amount="30", payer="恒信商贸(上海)有限公司")
    assert (ours.customer, len(ours.reasons)) == (None, 1)


def test_a_number_in_the_remark_says_who_and_what(session: Session) -> None:
    key = customer(session)
    debt(session, key, "100", date(2026, 1, 1))
    named = debt(session, key, "100", date(2026, 5, 1))
    number = figures(session, "receivable", named, "number")[0]
    found = one(session, amount="100", payer="个人", remark=f"付{number.replace('-', '')}款 {number}")
    assert (found.customer, found.sureness, parts(found)) == (key, "sure", {named: Decimal(100)})


def test_a_number_of_another_customer_than_the_payer_is_doubtful_unless_it_pays_for_it(session: Session) -> None:
    head, branch = customer(session, "恒泰集团有限公司"), customer(session, "恒泰无锡分公司")
    named = debt(session, branch, "100")
    number = figures(session, "receivable", named, "number")[0]
    found = one(session, amount="100", payer="恒泰集团有限公司", remark=number)
    assert (found.customer, found.sureness, found.others) == (branch, "doubtful", [head])
    records.save(session, "customer", {"payer": head}, key=branch)
    assert one(session, amount="100", payer="恒泰集团有限公司", remark=number, on=date(2026, 6, 9)).sureness == "sure"


def test_an_exact_sum_goes_before_the_oldest(session: Session) -> None:
    key = customer(session)
    debts = [debt(session, key, amount, date(2026, 1, day)) for day, amount in enumerate(("500", "120.50", "79.50", "33"), 1)]
    assert parts(one(session, amount="33")) == {debts[3]: Decimal(33)}
    assert parts(one(session, amount="200")) == {debts[1]: Decimal("120.50"), debts[2]: Decimal("79.50")}
    oldest = one(session, amount="510")
    assert (parts(oldest), oldest.sureness) == ({debts[0]: Decimal(500), debts[1]: Decimal(10)}, "likely")
    more = one(session, amount="1000")
    assert (sum(parts(more).values()), more.prepaid) == (Decimal(733), Decimal(267))


def test_only_the_amount_is_no_more_than_a_guess(session: Session) -> None:
    key = customer(session)
    target = debt(session, key, "4321.09")
    found = one(session, amount="4321.09", payer="不认识")
    assert (found.customer, found.sureness, parts(found)) == (key, "doubtful", {target: Decimal("4321.09")})
    debt(session, customer(session, "另一家"), "4321.09")
    assert one(session, amount="4321.09", payer="不认识", on=date(2026, 6, 9)).customer is None


def test_two_customers_of_one_name_are_told_apart_by_what_they_owe(session: Session) -> None:
    first, second = customer(session, "永新"), customer(session, "永新")
    found = one(session, amount="10", payer="永新")
    assert found.sureness == "doubtful"
    assert {found.customer, *found.others} == {first, second}
    debt(session, second, "88")
    assert (one(session, amount="88", payer="永新").customer, one(session, amount="88", payer="永新").sureness) == (second, "sure")


def test_lines_of_one_file_do_not_pay_the_same_twice(session: Session) -> None:
    key = customer(session)
    debts = [debt(session, key, "100", date(2026, 1, day)) for day in (1, 2)]
    ids = kept(session, line("100", serial="1"), line("100", serial="2"), line("100", serial="3"))
    found = matching.propose(session, ids)
    assert [parts(one) for one in found] == [{debts[0]: Decimal(100)}, {debts[1]: Decimal(100)}, {}]
    assert posting.post(session, [posting.accepted(one) for one in found]).result.prepaid == 100


def test_a_choice_goes_before_any_proposal(session: Session) -> None:
    key, other = customer(session), customer(session, "另一家")
    target, mine = debt(session, key, "100"), debt(session, other, "60")
    ids = kept(session, line("100", serial="1"), line("100", serial="2"))
    found = matching.propose(session, ids, {ids[1]: Choice(key), ids[0]: Choice(other, {mine: Decimal(50)})})
    assert [parts(one) for one in found] == [{mine: Decimal(50)}, {target: Decimal(100)}]
    assert found[0].prepaid == 50


def test_a_receipt_entered_by_hand_is_joined_and_not_posted_again(session: Session) -> None:
    key = customer(session)
    target = debt(session, key, "100")
    entered = receive(session, key, "100", {target: "100"}, on=date(2026, 6, 1), reference="S1").id
    ids = kept(session, line("100", serial="S1"))
    found = matching.propose(session, ids)
    assert (found[0].entered, found[0].sureness) == (entered, "sure")
    done = posting.post(session, [posting.accepted(found[0])]).result
    assert (done.receipts, done.joined, done.prepaid) == ([], [entered], Decimal(0))
    assert figures(session, "receipt", entered, "bank_line", "payer") == (ids[0], "恒泰科技有限公司")
    assert figures(session, "bank_line", ids[0], "state") == ("posted",)


# ---- posted


def test_all_accepted_lines_are_one_action(session: Session) -> None:
    key = customer(session)
    target = debt(session, key, "150")
    ids = kept(session, line("100", serial="1", remark="货款"), line("80", serial="2"), line("-5", serial="3"), line("9", payer="不认识", serial="4"))
    found = [proposal for proposal in matching.propose(session, ids) if proposal.customer is not None]
    done = posting.post(session, [posting.accepted(proposal) for proposal in found])
    assert (done.result.amount, done.result.allocated, done.result.prepaid) == (Decimal(180), Decimal(150), Decimal(30))
    assert rows(session, "receipt", "amount", "received_on", "payer", "reference", "account", "method", "note") == [
        (Decimal("100.00"), date(2026, 6, 2), "恒泰科技有限公司", "1", "6222", "transfer", "货款"),
        (Decimal("80.00"), date(2026, 6, 2), "恒泰科技有限公司", "2", "6222", "transfer", "")]
    assert figures(session, "receivable", target, "remaining") == (Decimal(0),)
    assert rows(session, "bank_line", "state") == [("posted",), ("posted",), ("outgoing",), ("open",)]
    undoing.undo(session, done.change_set or 0)
    assert rows(session, "receipt", "id") == []
    assert figures(session, "receivable", target, "remaining") == (Decimal(150),)
    assert [row[0] for row in rows(session, "bank_line", "state")] == ["open", "open", "outgoing", "open"]


def test_one_refused_line_leaves_nothing_posted(session: Session) -> None:
    key = customer(session)
    target = debt(session, key, "100")
    ids = kept(session, line("100", serial="1"), line("50", serial="2"))
    with pytest.raises(UserError):
        posting.post(session, [posting.Posting(ids[0], key, {target: Decimal(100)}), posting.Posting(ids[1], key, {target: Decimal(50)})])
    assert rows(session, "receipt", "id") == []


def test_a_line_is_split_among_customers_of_one_payer(session: Session) -> None:
    first, second = customer(session), customer(session, "另一家")
    ids = kept(session, line("100"))
    posting.post(session, [posting.Posting(ids[0], first, {}, Decimal(30))])
    assert figures(session, "bank_line", ids[0], "state", "posted") == ("partial", Decimal(30))
    assert matching.propose(session, ids)[0].amount == 70
    posting.post(session, [posting.Posting(ids[0], second)])
    assert figures(session, "bank_line", ids[0], "state") == ("posted",)
    assert rows(session, "receipt", "customer", "amount") == [(first, Decimal(30)), (second, Decimal(70))]


@pytest.mark.parametrize(("amount", "aside", "words"), [("-5", False, "支出"), ("5", True, "搁置")])
def test_money_out_and_lines_set_aside_are_no_receipts(session: Session, amount: str, aside: bool, words: str) -> None:  # noqa: FBT001 - a case of the table
    key = customer(session)
    ids = kept(session, line(amount))
    if aside:
        posting.set_aside(session, ids)
    with pytest.raises(UserError, match=words):
        posting.post(session, [posting.Posting(ids[0], key, {}, Decimal(5))])


def test_money_out_to_a_customer_is_a_refund_of_what_is_left(session: Session) -> None:
    key = customer(session)
    first, second = (receive(session, key, amount, on=date(2026, 5, day)).id for day, amount in ((2, "30"), (3, "50")))
    ids = kept(session, line("-50", serial="R1"), line("-20", serial="R2"), line("-99", payer="供应商", serial="R3"))
    assert matching.open_lines(session) == ids[:2], "only what went to a customer with a prepayment"
    exact, part = matching.propose(session, ids)
    assert [(back.receipt, back.amount) for back in exact.backs] == [(second, Decimal(50))]
    assert [(back.receipt, back.amount) for back in part.backs] == [(first, Decimal(20))]
    assert {exact.sureness, part.sureness} == {"likely"}, "it may be something else, so it is never ticked by itself"
    posted = posting.post(session, [posting.accepted(exact), posting.accepted(part)])
    assert posted.result.amount == -70
    assert [figures(session, "bank_line", one, "state", "refunded") for one in ids[:2]] == [("posted", Decimal(50)), ("posted", Decimal(20))]
    assert figures(session, "customer", key, "prepaid") == (Decimal(10),)
    assert rows(session, "receivable", "kind", "bank_line", "amount") == [("refund", ids[0], Decimal(50)), ("refund", ids[1], Decimal(20))]
    with pytest.raises(UserError):
        posting.post(session, [posting.accepted(exact)])
    undoing.undo(session, posted.change_set or 0)
    assert figures(session, "bank_line", ids[0], "state", "refunded") == ("outgoing", Decimal(0))
    (short,) = matching.propose(session, [kept(session, line("-81", serial="R4"))[0]], {kept(session, line("-81", serial="R4"))[0]: Choice(key)})
    assert not short.backs
    with pytest.raises(UserError, match="支出"):
        posting.post(session, [posting.accepted(short)])


def test_money_out_under_another_name_is_refunded_to_the_customer_chosen(session: Session) -> None:
    key, other = customer(session), customer(session, "没有余款的客户")
    receive(session, key, "30")
    ids = kept(session, line("-20", payer="张三", serial="Q1"))
    assert matching.open_lines(session) == []
    with pytest.raises(UserError, match="可退"):
        posting.refund_line(session, ids[0], other)
    posting.refund_line(session, ids[0], key)
    assert figures(session, "bank_line", ids[0], "state") == ("posted",)
    assert figures(session, "customer", key, "prepaid") == (Decimal(10),)
    with pytest.raises(UserError):
        posting.refund_line(session, ids[0], key)


def test_a_line_is_divided_in_one_action_and_says_which_contract_it_is_for(session: Session) -> None:
    first, second = customer(session), customer(session, "另一家")
    owed, exact = debt(session, first, "25"), debt(session, second, "60")
    made = records.save(session, "contract", records.new(session, "contract", customer=first, number="HT-2026-0077", signed_on=date(2026, 5, 1), amount=Decimal(500), state="active"))
    ids = kept(session, line("100", serial="P1"), line("15", remark="预付款 HT-2026-0077", serial="P2"))
    change = posting.split(session, ids[0], [(first, Decimal(30)), (second, Decimal(60)), (first, Decimal(5))])
    assert figures(session, "bank_line", ids[0], "state", "posted") == ("partial", Decimal(95))
    assert rows(session, "receipt", "customer", "amount", "allocated") == [(first, Decimal(35), Decimal(35)), (second, Decimal(60), Decimal(60))]
    assert figures(session, "receivable", exact, "state") == ("settled",)
    assert figures(session, "receivable", owed, "state") == ("settled",)
    with pytest.raises(UserError):
        posting.split(session, ids[0], [(first, Decimal("5.01"))])
    (named,) = matching.propose(session, ids[1:])
    posting.post(session, [posting.accepted(named)])
    assert rows(session, "receipt", "contract", contract=made.result.id) == [(made.result.id,)]
    assert change.change_set


def test_a_line_set_aside_keeps_the_reason_until_it_is_taken_back(session: Session) -> None:
    ids = kept(session, line("-12.5", payer="", remark="手续费"))
    posting.set_aside(session, ids, reason="银行手续费")
    assert figures(session, "bank_line", ids[0], "state", "aside_reason") == ("aside", "银行手续费")
    posting.set_aside(session, ids, aside=False)
    assert figures(session, "bank_line", ids[0], "state", "aside_reason") == ("outgoing", "")


def test_two_people_cannot_post_one_line(session: Session) -> None:
    key = customer(session)
    ids = kept(session, line("100"))
    other = open_session(session.url)
    try:
        posting.post(other, [posting.Posting(ids[0], key)])
    finally:
        other.close()
    with pytest.raises(UserError, match="已"):
        posting.post(session, [posting.Posting(ids[0], key)])
    with pytest.raises(UserError):
        receive(session, key, "1", bank_line=ids[0])
    assert records.count(session, "receipt") == 1


def test_a_line_of_a_closed_period_is_refused_and_waits(session: Session) -> None:
    key = customer(session)
    ids = kept(session, line("100", serial="1", on=date(2026, 5, 20)), line("50", serial="2", on=date(2026, 6, 20)))
    closing.close_books(session, through=date(2026, 5, 31))
    with pytest.raises(UserError, match="2026-05-31"):
        posting.post(session, [posting.Posting(one, key) for one in ids])
    assert rows(session, "receipt", "id") == []
    assert posting.post(session, [posting.Posting(ids[1], key)]).result.amount == 50


def test_who_may_not_post_sees_no_lines(session: Session) -> None:
    kept(session, line("100"))
    users.add_user(session, {"login": "sam", "name": "Sam", "role": "sales"}, "secret-1")
    sales = open_session(session.url, "sam", "secret-1")
    sales.clock = noon
    try:
        assert records.count(sales, "bank_line") == 0
        for attempt in (lambda: lines.keep(sales, []), lambda: posting.post(sales, [])):
            with pytest.raises(NotAllowed):
                attempt()
    finally:
        sales.close()


# ---- whatever happens


class Money(RuleBasedStateMachine):
    """Statements that overlap, posts, undos, redos and deletions in any order, of two customers of their own."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.done: list[int] = []

    @initialize()
    def begin(self) -> None:
        self.mark = next(NUMBERS)
        self.names = [f"甲{self.mark}公司", f"乙{self.mark}公司"]
        self.customers = [customer(self.session, name) for name in self.names]
        for number, amount in enumerate(("30", "20", "50", "10")):
            debt(self.session, self.customers[number % 2], amount)

    def waiting(self) -> list[int]:
        own = {row["id"] for row in self.of("bank_line")}
        return [key for key in matching.open_lines(self.session) if key in own]

    @rule(first=st.integers(0, 6), many=st.integers(1, 5))
    def read(self, first: int, many: int) -> None:
        made = [line(str(10 + 10 * (n % 4)), payer=self.names[1 - n % 2], serial=f"S{self.mark}-{n}") for n in range(first, first + many)]
        change = lines.keep(self.session, made)
        if change.change_set is not None:
            self.done.append(change.change_set)

    @rule(some=st.integers(1, 4))
    def post(self, some: int) -> None:
        found = [one for one in matching.propose(self.session, self.waiting()) if one.customer is not None][:some]
        if found:
            change = posting.post(self.session, [posting.accepted(one) for one in found])
            self.done.append(change.change_set or 0)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.done))
        try:
            change = undoing.undo(self.session, chosen)
        except UserError:
            return
        self.done.remove(chosen)
        self.done.append(change.change_set or 0)

    @rule()
    def delete(self) -> None:
        found = self.of("receipt", "id")
        if found:
            self.done.append(records.delete(self.session, "receipt", [found[0]["id"]]).change_set or 0)

    def of(self, name: str, *names: str) -> list[Values]:
        """Return what belongs to the two customers."""
        session = self.session
        own = Where("receipt.customer" if name == "allocation" else "customer", "in", tuple(self.customers))
        chosen: Condition = Where("serial", "contains", f"S{self.mark}-") if name == "bank_line" else own
        return session.records.find(session.entity(name), chosen, names, sort="id")

    @invariant()
    def every_line_is_posted_at_most_once(self) -> None:
        if not hasattr(self, "mark"):
            return
        held, receipts = self.of("bank_line", "amount", "posted", "identity"), self.of("receipt", "bank_line", "amount", "allocated")
        assert len({row["identity"] for row in held}) == len(held)
        for row in held:
            assert row["posted"] == sum(one["amount"] for one in receipts if one["bank_line"] == row["id"])
            assert 0 <= row["posted"] <= row["amount"]
        assert all(0 <= row["allocated"] <= row["amount"] for row in receipts)
        assert sum(row["amount"] for row in self.of("allocation", "amount")) == sum(row["allocated"] for row in receipts)
        assert all(0 <= row["settled"] <= row["amount"] for row in self.of("receivable", "settled", "amount"))


def test_money_is_posted_once_whatever_happens(session: Session) -> None:
    run_state_machine_as_test(
        lambda: Money(session),  # type: ignore[arg-type]  # a factory serves as well
        settings=settings(max_examples=8, stateful_step_count=12, suppress_health_check=list(HealthCheck)),
    )
