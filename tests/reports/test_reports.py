"""The reports beside aging and a single statement: each adds up, leads to its rows, and says the same on screen, in Excel and on paper."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.terms import china_calendar
from desktop_crm.printing.listing import ListColumn, print_list
from desktop_crm.reports import REPORTS, run, to_json
from desktop_crm.reports.collection import collection
from desktop_crm.reports.dunning import letter_values, letters
from desktop_crm.reports.export import export, texts, total_texts
from desktop_crm.services import activities, records, reminding, undoing, users
from desktop_crm.services.dunning import Sent, note_letters, note_statements
from desktop_crm.services.workbooks.reader import read_workbook
from tests.printing.sample_documents import pdf_texts
from tests.services.ledger import TODAY, add, company, customer, debt, money, receive, rows, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.reports import Report
    from desktop_crm.services.session import Session

YEAR = {"date_from": date(2026, 1, 1), "date_to": date(2026, 12, 31)}


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def column(report: Report, name: str) -> list[Any]:
    return [row.values.get(name) for row in report.rows]


def titles(report: Report, name: str) -> list[str | None]:
    return [value.title if isinstance(value, Ref) else None for value in column(report, name)]


def books(session: Session) -> dict[str, int]:
    """甲 owes 600 of two contracts' receivables and paid 400 of them; 乙 owes 1,000 and prepaid 50; 乙 is the boss's."""
    department = add(session, "department", name="销售部")
    seller = users.add_user(session, {"name": "李", "login": "li", "role": "sales", "department": department}).result.id
    first, second = customer(session, "甲公司", owner=seller), customer(session, "乙公司")
    contract = add(session, "contract", customer=first, number="HT-1", amount=Decimal(1000), signed_on=date(2026, 1, 5), state="active", owner=seller)
    # What a contract in force makes by itself is put aside: the figures here are entered one by one.
    records.delete(session, "receivable", [key for key, in rows(session, "receivable", "id", contract=contract)])
    old = debt(session, first, "700", date(2026, 4, 1), on=date(2026, 1, 10), owner=seller, contract=contract, kind="delivery")
    debt(session, first, "300", date(2026, 7, 15), on=date(2026, 6, 1), owner=seller, contract=contract, kind="manual")
    debt(session, second, "1000", None, on=date(2026, 5, 20))
    receive(session, first, "400", {old: "400"}, on=date(2026, 3, 1), owner=seller, method="cash")
    receive(session, second, "50", on=date(2026, 6, 2))
    return {"first": first, "second": second, "contract": contract, "old": old, "seller": seller, "department": department}


def test_aging_by_owner_department_and_contract_adds_up_to_the_same(session: Session) -> None:
    made = books(session)
    whole = to_json(run(session, "aging"))["totals"]
    for by, named in (("owner", ["boss", "李"]), ("department", [None, "销售部"]), ("contract", [None, "HT-1"]), ("customer", ["甲公司", "乙公司"])):
        report = run(session, "aging", by=by)
        assert sorted(titles(report, by), key=str) == sorted(named, key=str)
        data = to_json(report)
        assert data["totals"] == whole
        assert set(data["rows"][0]) == {by, "current", "buckets", "prepaid", "balance"}
        for row in report.rows:
            behind = row.drills["balance"]
            assert sum(values["remaining"] for values in session.records.find(session.entity("receivable"), behind.condition, ["remaining"])) == row.values["balance"]
    narrowed = run(session, "aging", department=made["department"])
    assert [titles(narrowed, "customer"), column(narrowed, "balance")] == [["甲公司"], [money("600")]]
    assert column(run(session, "aging", owner=made["seller"], customer=made["second"]), "balance") == []


def test_aging_by_document_date_overdue_only_and_less_prepayments(session: Session) -> None:
    books(session)
    by_due, by_document = run(session, "aging"), run(session, "aging", basis="document")
    assert by_due.totals["current"] == 300
    assert by_document.totals["current"] == 0
    assert by_document.totals["overdue_1"] == 300
    assert by_due.notes == ("1 笔应收没有到期日，按单据日期计算",)
    late = run(session, "aging", overdue_only=True, less_prepaid=True)
    assert (late.totals["current"], late.totals["balance"], late.totals["prepaid"], late.totals["net"]) == (0, 1300, 50, 1250)
    assert [spec.name for spec in late.columns][-1] == "net"
    (row,) = [row for row in by_due.rows if row.values["customer"].title == "甲公司"]
    assert row.under is not None
    under = row.under(session)
    assert [(one.values["balance"], one.values["days"]) for one in under] == [(300, 90), (300, -15)]
    assert sum(one.values["balance"] for one in under) == row.values["balance"]


def test_statements_of_all_are_the_statements_of_each(session: Session) -> None:
    books(session)
    report = run(session, "statements", **YEAR)
    for row in report.rows:
        one = run(session, "statement", customer=int(row.values["customer"]), **YEAR)
        assert (row.values["opening"], row.values["increase"], row.values["decrease"], row.values["closing"]) == (
            one.facts["opening"], one.facts["increases"], one.facts["decreases"], one.facts["closing"])
        assert column(run(session, "ledger", customer=int(row.values["customer"]), **YEAR), "balance") == column(one, "balance")
    assert report.totals["closing"] == money("1550")


def test_what_is_still_open_in_the_ledger_is_the_closing_balance(session: Session) -> None:
    made = books(session)
    ledger = run(session, "ledger", customer=made["first"], **YEAR)
    assert sum(value for value in column(ledger, "open") if value is not None) == ledger.facts["closing"] == 600
    assert titles(ledger, "contract")[1:3] == ["HT-1", None]


def test_a_signed_copy_comes_back_with_a_difference_and_can_be_undone(session: Session) -> None:
    made = books(session)
    sent = note_statements(session, [Sent(made["first"], YEAR["date_from"], YEAR["date_to"], money("600")), Sent(made["second"], YEAR["date_from"], YEAR["date_to"], money("950"))])
    assert column(run(session, "statements", **YEAR), "state") == ["out", "out"]
    ((key,),) = rows(session, "confirmation", "id", customer=made["first"])
    changes = {"returned_on": TODAY, "their_balance": money("590"), "kept_at": "扫描件/2026/甲.pdf"}
    base = records.get(session, "confirmation", key)
    records.save(session, "confirmation", {**base, **changes}, key=key, base=base)
    values = {row.values["customer"].title: row.values for row in run(session, "statements", **YEAR).rows}
    assert (values["甲公司"]["state"], values["甲公司"]["difference"]) == ("differs", money("-10"))
    assert "10.00" in run(session, "statement", customer=made["first"], **YEAR).notes[0]
    debt(session, made["second"], "1", on=date(2026, 6, 3))
    for name in ("statement", "ledger"):
        assert "期末余额已扣除尚未核销的预收款 ¥50.00" in run(session, name, customer=made["second"], **YEAR).notes
    assert any("951.00" in note for note in run(session, "statement", customer=made["second"], **YEAR).notes)
    assert sent.change_set is not None
    undoing.undo(session, sent.change_set, with_later=True)
    assert column(run(session, "statements", **YEAR), "state") == ["none", "none"]


def test_due_shows_what_comes_and_the_promise_made_last(session: Session) -> None:
    made = books(session)
    for day, contract in ((3, None), (9, None), (20, made["contract"])):
        values = records.new(session, "activity", customer=made["first"], contract=contract, content="电话", kind="call", promised_on=date(2026, 7, day),
                             happened_at=datetime(2026, 6, day, tzinfo=UTC))
        records.save(session, "activity", values)
    report = run(session, "due")
    assert column(report, "days") == [90, 41, -15]
    assert column(report, "promised") == [date(2026, 7, 20), None, date(2026, 7, 20)]
    assert (report.facts["overdue"], report.facts["coming"]) == (1300, 300)
    assert report.notes == ("其中已逾期 ¥1,300.00，未到期 ¥300.00",)
    assert column(run(session, "due", ahead=10), "days") == [90, 41]
    assert column(run(session, "due", owner=made["seller"], ahead=0), "days") == [90]
    assert column(run(session, "overdue"), "days") == [90, 41]


@pytest.mark.parametrize(("by", "expected"), [
    ("month", {"2026-03": 400, "2026-06": 50}), ("day", {date(2026, 3, 1): 400, date(2026, 6, 2): 50}), ("customer", {"甲公司": 400, "乙公司": 50}),
    ("owner", {"boss": 50, "李": 400}), ("method", {"transfer": 50, "cash": 400}),
])  # fmt: skip
def test_receipts_by_any_grouping(session: Session, by: str, expected: dict[Any, int]) -> None:
    made = books(session)
    report = run(session, "receipts", by=by, **YEAR)
    assert {value.title if isinstance(value, Ref) else value: amount for value, amount in zip(column(report, by), column(report, "amount"), strict=True)} == expected
    assert (report.totals["count"], report.totals["amount"], report.totals["allocated"], report.totals["unallocated"]) == (2, 450, 400, 50)
    for row in report.rows:
        assert records.count(session, "receipt", row.drills["amount"].condition) == row.values["count"]
    assert run(session, "receipts", by=by, customer=made["second"], **YEAR).totals["amount"] == 50


def test_contract_progress_in_percent(session: Session) -> None:
    made = books(session)
    add(session, "invoice", customer=made["first"], contract=made["contract"], number="1", issued_on=date(2026, 2, 1), total=money("333.33"))
    add(session, "contract", customer=made["second"], number="HT-0", signed_on=date(2026, 1, 1), state="done")
    add(session, "contract", customer=made["second"], number="HT-2", signed_on=date(2026, 2, 1), state="draft", amount=Decimal(9))
    report = run(session, "invoiced")
    assert titles(report, "contract") == ["HT-1", "HT-0"]
    values = report.rows[0].values
    assert [values[name] for name in ("total", "delivered", "invoiced", "received")] == [1000, 700, money("333.33"), 400]
    assert [values[f"{name}_share"] for name in ("delivered", "invoiced", "received")] == [Decimal("0.7"), Decimal("0.3333"), Decimal("0.4")]
    assert report.rows[1].values["received_share"] is None
    assert titles(run(session, "invoiced", state="all", date_from=date(2026, 1, 3)), "contract") == ["HT-2", "HT-1"]


def test_days_sales_outstanding_of_now_and_a_month_ago(session: Session) -> None:
    books(session)
    found = collection(session, TODAY)
    # 1,600 owed, 1,300 charged in 90 days; a month before 1,300 owed, 1,000 charged.
    assert (found.days, found.before) == (Decimal("110.8"), Decimal("117.0"))
    assert collection(session, date(2025, 1, 1)).days is None


def test_letters_are_chosen_by_age_and_noted_as_follow_ups(session: Session) -> None:
    made = books(session)
    report = run(session, "dunning")
    assert list(zip(titles(report, "customer"), column(report, "step"), column(report, "amount"), column(report, "demand"), strict=True)) == [
        ("甲公司", "3", 300, 300), ("乙公司", "2", 1000, 950)]
    found = list(letter_values(session, [made["first"], made["second"]], TODAY))
    assert [(letter.step, values["total_words"], len(values["items"])) for letter, values in found] == [(3, "人民币叁佰元整", 1), (2, "人民币玖佰伍拾元整", 1)]
    assert [(values["total"], values["credit"]) for _letter, values in found] == [(300, 0), (950, 50)]
    assert [letter.step for letter, _values in letter_values(session, [made["first"]], TODAY, 1)] == [1]
    assert list(letter_values(session, [made["first"]], date(2026, 3, 1))) == []
    noted = note_letters(session, [letter for letter, _values in found])
    assert [content for content, in rows(session, "activity", "content", kind="dunning")] == [
        "第 3 次催款函：1 笔应收，合计 ¥300.00，最长逾期 90 天", "第 2 次催款函：1 笔应收，合计 ¥950.00，最长逾期 41 天"]
    assert all(column(run(session, "dunning"), "sent"))
    assert column(run(session, "dunning"), "step") == ["sent", "sent"], "the same letter isn't sent twice"
    assert [letter.due for letter in letters(session, TODAY).values()] == [False, False]
    assert [letter.due for letter in letters(session, TODAY + timedelta(days=25)).values()] == [False, True], "the second customer's third letter comes"
    assert noted.change_set is not None
    undoing.undo(session, noted.change_set)
    assert rows(session, "activity", "id", kind="dunning") == []


def test_who_has_paid_is_not_asked_again(session: Session) -> None:
    ahead, part, kept = (customer(session, name) for name in ("预付公司", "部分公司", "专款公司"))
    debt(session, ahead, "100", date(2026, 3, 1))
    receive(session, ahead, "150")
    debt(session, part, "100", date(2026, 3, 1))
    debt(session, part, "60", date(2026, 6, 20))
    debt(session, part, "-110", date(2026, 9, 1))
    first, second = (add(session, "contract", customer=kept, number=number, signed_on=date(2026, 1, 1), amount=Decimal(500)) for number in ("HT-7", "HT-8"))
    debt(session, kept, "200", date(2026, 3, 1), contract=first)
    receive(session, kept, "300", contract=second)
    report = run(session, "dunning")
    names = ("amount", "prepaid", "credits", "demand", "days", "step")
    found = {title: tuple(row.values[name] for name in names) for title, row in zip(titles(report, "customer"), report.rows, strict=True)}
    assert found == {
        "预付公司": (100, 150, 0, 0, 121, "covered"), "部分公司": (160, 0, 110, 50, 10, "1"), "专款公司": (200, 300, 0, 200, 121, "3"),
    }
    assert report.notes == ("1 家客户另有指定用于其他合同的预收款，此处不予抵扣",)
    assert {key for key, letter in letters(session, TODAY).items() if letter.due} == {part, kept}
    made = {letter.customer: (letter.step, letter.count, values["credit"], values["total"]) for letter, values in letter_values(session, [ahead, part, kept], TODAY)}
    assert made == {part: (1, 1, 10, 50), kept: (3, 1, 0, 200)}, "nothing is asked of who has paid ahead"
    aging = run(session, "aging")
    assert aging.notes == ("上表已扣除未结清的负数应收，合计 -¥110.00；到期和逾期清单不含这些",)


def test_reminders_follow_the_companys_rules(session: Session) -> None:
    made = books(session)
    found = {one.key: (one.count, one.amount) for one in reminding.reminders(session)}
    assert found == {"overdue": (2, money("1300"))}
    key = session.records.ids_where(session.entity("company"), EVERYTHING)[0]
    base = records.get(session, "company", key)
    records.save(session, "company", {**base, "remind_before": 15, "remind_after": 60, "dunning_first": 10, "dunning_second": 45, "dunning_third": 100}, key=key, base=base)
    activities.follow_up(session, made["first"], "答应月底付")
    ((activity,),) = rows(session, "activity", "id")
    base = records.get(session, "activity", activity)
    records.save(session, "activity", {**base, "promised_on": TODAY - timedelta(days=1)}, key=activity, base=base)
    found = {one.key: (one.count, one.amount) for one in reminding.reminders(session)}
    assert found == {"overdue": (1, money("300")), "soon": (1, money("300")), "promised": (1, money("300"))}
    assert column(run(session, "dunning"), "step") == ["2", "1"]


def test_a_sales_person_sees_only_own_figures_in_every_report(session: Session, db_url: str) -> None:
    made = books(session)
    debt(session, customer(session, "老板的客户"), "5000", date(2026, 1, 1))
    with signed_in(db_url, "li") as seller:
        assert titles(run(seller, "dunning"), "customer") == ["甲公司"]
        assert run(seller, "statements", **YEAR).totals["closing"] == 600
        assert run(seller, "due").totals["remaining"] == 600
        assert sum(one.amount for one in reminding.reminders(seller)) == 300
        assert run(seller, "receipts", by="owner", **YEAR).totals["amount"] == 400
        assert titles(run(seller, "invoiced"), "contract") == ["HT-1"]
        assert to_json(run(seller, "aging", by="owner"))["totals"]["balance"] == "600.00"
    assert made["seller"]


def test_screen_excel_and_paper_have_the_same_totals(session: Session, tmp_path: Path) -> None:
    made = books(session)
    given: dict[str, dict[str, Any]] = {
        "statement": {"customer": made["first"], **YEAR}, "ledger": {"customer": made["first"], **YEAR}, "statements": YEAR, "receipts": YEAR,
    }  # fmt: skip
    for name in REPORTS:
        report = run(session, name, **given.get(name, {}))
        json.dumps(to_json(report))
        assert_written(report, tmp_path)


DAYS = st.integers(0, 200).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))


@settings(max_examples=8)
@given(debts=st.lists(st.tuples(st.integers(0, 2), CENTS, DAYS, st.none() | st.integers(0, 60)), max_size=6), paid=st.lists(st.tuples(st.integers(0, 2), CENTS, DAYS), max_size=4), as_of=DAYS)
def test_every_report_tells_the_same_balance(
    session: Session, debts: list[tuple[int, Decimal, date, int | None]], paid: list[tuple[int, Decimal, date]], as_of: date
) -> None:
    before = run(session, "statements", date_from=date(2000, 1, 1), date_to=as_of).totals["closing"]
    people = [customer(session, name) for name in ("甲", "乙", "丙")]
    for who, amount, day, terms in debts:
        debt(session, people[who], str(amount), None if terms is None else day + timedelta(days=terms), on=day)
    for who, amount, day in paid:
        numbers = ",".join(number for (number,) in rows(session, "receivable", "number", customer=people[who]))
        receive(session, people[who], str(amount), on=day, settles=numbers)
    owed = sum((amount for _who, amount, day, _terms in debts if day <= as_of), Decimal(0)) - sum((amount for _who, amount, day in paid if day <= as_of), Decimal(0))
    assert run(session, "statements", date_from=date(2000, 1, 1), date_to=as_of).totals["closing"] == before + owed
    for by in ("customer", "owner", "department", "contract"):
        totals = run(session, "aging", as_of=as_of, by=by, basis="document").totals
        assert totals["balance"] - totals["prepaid"] == before + owed
        assert totals["balance"] == sum(value for name, value in totals.items() if name == "current" or name.startswith("overdue_"))
    aged = run(session, "aging", as_of=as_of)
    assert run(session, "due", as_of=as_of, ahead=3650).totals["remaining"] == aged.totals["balance"]
    assert run(session, "overdue", as_of=as_of).totals["remaining"] == aged.totals["balance"] - aged.totals["current"]


def test_due_items_beyond_the_known_holidays_say_so_where_due_dates_move_on(session: Session) -> None:
    debt(session, customer(session, "甲"), "10", date(2031, 2, 3), on=date(2026, 1, 1))
    assert not run(session, "due", as_of=date(2031, 1, 1), ahead=60).notes
    (company,) = session.records.ids_where(session.entity("company"), EVERYTHING)
    records.save(session, "company", {"roll_due": True}, key=company)
    (note,) = run(session, "due", as_of=date(2031, 1, 1), ahead=60).notes
    assert china_calendar().known_until().isoformat() in note


@settings(max_examples=4)
@given(debts=st.lists(st.tuples(st.integers(0, 1), CENTS, DAYS, st.none() | st.integers(0, 60)), min_size=1, max_size=5), paid=st.lists(st.tuples(st.integers(0, 1), CENTS, DAYS), max_size=3))
def test_report_list_statement_workbook_and_paper_have_the_same_totals(
    session: Session, tmp_path: Path, debts: list[tuple[int, Decimal, date, int | None]], paid: list[tuple[int, Decimal, date]]
) -> None:
    people = [customer(session, name) for name in ("甲", "乙")]
    for who, amount, day, terms in debts:
        debt(session, people[who], str(amount), None if terms is None else day + timedelta(days=terms), on=day)
    for who, amount, day in paid:
        receive(session, people[who], str(amount), on=day, settles=",".join(number for (number,) in rows(session, "receivable", "number", customer=people[who])))
    last = date(2026, 12, 31)
    listed = records.totals(session, "customer")
    assert records.totals(session, "receivable")["remaining"] == listed["balance"]
    assert records.totals(session, "receipt")["unallocated"] == listed["prepaid"]
    aged, accounts = run(session, "aging", as_of=last), run(session, "statements", date_from=date(2000, 1, 1), date_to=last)
    assert (aged.totals["balance"], aged.totals["prepaid"]) == (listed["balance"], listed["prepaid"])
    assert accounts.totals["closing"] == listed["balance"] - listed["prepaid"]
    for key in people:
        account = run(session, "statement", customer=key, date_from=date(2000, 1, 1), date_to=last)
        own = records.get(session, "customer", key)
        assert account.facts["closing"] == own["balance"] - own["prepaid"]
        assert_written(account, tmp_path)
    for report in (aged, accounts):
        assert_written(report, tmp_path)


def assert_written(report: Report, folder: Path) -> None:
    """Read a report's totals back from a workbook and from paper."""
    path, paper = folder / "report.xlsx", folder / "report.pdf"
    export(report, path)
    last = list(read_workbook(path).sheets[0].rows[-1])
    print_list(paper, title=report.title, about="", columns=[ListColumn(spec.title, spec.kind.align == "right") for spec in report.columns], rows=texts(report), totals=total_texts(report) or None)
    written = "".join(pdf_texts(paper.read_bytes())).replace(" ", "")
    for place, spec in enumerate(report.columns):
        if spec.kind.name == "money" and report.totals.get(spec.name) is not None:
            assert Decimal(str(last[place])) == report.totals[spec.name], (report.name, spec.name)
            assert spec.show(report.totals[spec.name]) in written, (report.name, spec.name)
