from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import LANGUAGES, use_language
from desktop_crm.domain.terms import EVENTS, Terms, TermsKind, begins, calendar_remark, china_calendar, due_date, parse_terms
from tests.domain.vectors import facts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("net30", "net30"), ("EOM30", "eom30"), ("next25", "next25"), ("cod", "cod"), ("月结30天", "eom30"), ("月结 60", "eom60"), ("30天月结", "eom30"),
        ("月结", "eom0"), ("月结九十天", "eom90"), ("货到30天", "delivery30"), ("货到后三十天付款", "delivery30"), ("票到15日内", "invoice15"), ("验收后60天内付清", "delivery60"), ("开票后45天", "invoice45"), ("delivery7", "delivery7"), ("invoice0", "invoice0"), ("30天", "net30"), ("账期45天", "net45"),
        ("次月25日前", "next25"), ("次月 25 号", "next25"), ("下个月十日", "next10"), ("次月底", "next31"), ("现结", "cod"), ("货到付款", "delivery0"), ("验收合格后付款", "delivery0"), ("货到现结", "delivery0"), ("收票付款", "invoice0"), ("款到发货", "cod"),
        ("1个月", "net1m"), ("三个月内付清", "net3m"), ("货到两个月", "delivery2m"), ("开票后1个月", "invoice1m"), ("半年", "net6m"), ("一年内付清", "net12m"), ("票到现结", "invoice0"), ("货到一百零五天", "delivery105"), ("月结一百二十天", "eom120"), ("开票后壹佰贰拾天", "invoice120"), ("百天", "net100"), ("签约后三十天", "net30"),
        ("旬结", "eot0"), ("每旬结三十天", "eot30"), ("旬末后7天", "eot7"), ("10天一结", "eot0"), ("对账后30天", "statement30"), ("对账单确认后三十天付款", "statement30"), ("回签后两个月", "statement2m"), ("對賬後30天", "statement30"),
        ("隔月25日", "second25"), ("次次月十号", "second10"), ("隔月底", "second31"), ("delivery3m", "delivery3m"),
        ("月結30天", "eom30"), ("貨到30天", "delivery30"), ("Net 30 days", "net30"), ("月底后45天", "eom45"), ("２０天", "net20"), ("30", "net30"), ("单据日后 30 天", "net30"), ("單據日後 30 天", "net30"), ("当月底", "eom0"), ("當月底", "eom0"), ("現結", "cod"),
        ("季结", "eoq0"), ("季結三十天", "eoq30"), ("本季度末后15天", "eoq15"), ("季结 ４５ 天", "eoq45"), ("net 30 EOM", "eom30"), ("EOM+30", "eom30"), ("30 days end of month", "eom30"), ("End of month", "eom0"), ("10 MFI", "next10"),
        ("net 10th prox.", "next10"), ("10th of the following month", "next10"), ("月结30天次月10日", "eom30day10"), ("月结六十天（次月十号）", "eom60day10"), ("月结次月10日", "next10"), ("月结陆拾天", "eom60"), ("票到付款", "invoice0"), ("验收合格后30天", "delivery30"),
        ("半年结", "eohy0"), ("半年結30天", "eohy30"), ("年结", "eoy0"), ("一年一结", "eoy0"), ("年底付清", "eoy0"), ("月末结清", "eom0"), ("出货后30天", "delivery30"), ("自发票日期起60天", "invoice60"), ("見票即付", "cod"),
        ("T/T 30 days", "net30"), ("电汇30天", "net30"), ("net 45 days from invoice date", "invoice45"), ("60 days after delivery", "delivery60"),
        ("周结", "eow0"), ("周结7天", "eow7"), ("週結", "eow0"), ("半月结", "eoh0"), ("双月结", "eob0"), ("兩個月結", "eob0"), ("每月25日", "each25"), ("每月十号付款", "each10"), ("每月底", "eom0"), ("季结+30", "eoq30"), ("月结+30天", "eom30"), ("n/30", "net30"), ("30 days net", "net30"), ("due in 30 days", "net30"),
        ("月结30天（含税）", "eom30"), ("月结 30 天，遇节假日顺延", "eom30"), ("月结60天转账", "eom60"), ("收货后两周内", "delivery14"), ("货到半个月", "delivery15"), ("一周", "net7"), ("一周一结", "eow0"),
        ("货到验收合格后15天", "delivery15"), ("发票开具之日起30个自然日", "invoice30"), ("自收到发票之日起15个工作日内支付", "invoice15wd"), ("合同签订后5日内", "net5"), ("月末结", "eom0"), ("季末结", "eoq0"), ("次月结算", "next31"), ("30天后", "net30"), ("0个工作日", "net0wd"),
        ("预付款", "cod"), ("due on receipt", "cod"), ("次月月底", "next31"), ("隔月结", "second31"),
        ("票到月结30天", "invoice:eom30"), ("票到月结", "invoice:eom0"), ("收票后次月10日付款", "invoice:next10"), ("验收合格后次月底", "delivery:next31"), ("货到季结", "delivery:eoq0"), ("对账后月结六十天（次月十号）", "statement:eom60day10"),
        ("对账后每月25日", "statement:each25"), ("发货后隔月10日", "delivery:second10"), ("invoice:eom30", "invoice:eom30"), ("签约后次月25日", "next25"),
        ("10个工作日", "net10wd"), ("十個工作日內付清", "net10wd"), ("货到5个工作日", "delivery5wd"), ("收到发票后15个工作日内付款", "invoice15wd"), ("对账后3工作日", "statement3wd"), ("5 business days after delivery", "delivery5wd"), ("net 10 working days", "net10wd"),
    ],
)  # fmt: skip
def test_writings(text: str, code: str) -> None:
    assert parse_terms(text).code == code


@pytest.mark.parametrize("text", ["", "尽快", "次月0日", "next32", "月结1000天", "-30天", "隔月32日", "61个月", "天", "月结30天次月32日", "季结1000天", "0 MFI", "旬结1000天", "每月32日", "对账", "票到", "票到货到30天", "票到次月32日", "1000个工作日", "十百天", "一百一百天", "invoice:cod", "月结60天承兑", "30天承兑", "预付30%", "货到票到30天", "验收后30天内付95%", "压一批付一批", "电汇"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_terms(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_and_labels_read_back(language: str) -> None:
    terms = [Terms("cod"), Terms("net", 0), Terms("net", 30), Terms("eom"), Terms("eom", 45), Terms("next", 1), Terms("next", 31), Terms("net", 30, "delivery"), Terms("net", 15, "invoice"), Terms("months", 1), Terms("months", 2, "delivery"),
             Terms("months", 3, "invoice"), Terms("second", 10), Terms("second", 31), Terms("quarter"), Terms("quarter", 30), Terms("week"), Terms("week", 7), Terms("half"), Terms("half", 5), Terms("ten_days"), Terms("ten_days", 7), Terms("net", 30, "statement"), Terms("months", 2, "statement"), Terms("two_months"), Terms("two_months", 30), Terms("each", 25), Terms("closing", 30, day=10),
             Terms("workdays", 10), Terms("workdays", 5, "delivery"), Terms("workdays", 0, "invoice"), Terms("workdays", 3, "statement"), *(Terms("net", 0, event) for event in EVENTS), Terms("eom", 30, "invoice"), Terms("eom", 0, "delivery"), Terms("next", 31, "statement"), Terms("closing", 60, "invoice", 10), Terms("each", 25, "delivery")]
    use_language(language)
    try:
        labels = [term.label for term in terms]
    finally:
        use_language("zh_CN")
    assert [parse_terms(label) for label in labels] == terms
    assert [parse_terms(term.code) for term in terms] == terms


@pytest.mark.parametrize(
    ("code", "day", "due"),
    [
        ("eom30", "2026-01-10", "2026-03-02"), ("next25", "2026-01-10", "2026-02-25"), ("next31", "2026-01-31", "2026-02-28"), ("net30", "2026-01-10", "2026-02-09"),
        ("cod", "2026-01-10", "2026-01-10"), ("eom0", "2024-02-10", "2024-02-29"), ("next15", "2026-12-31", "2027-01-15"), ("net1m", "2026-01-31", "2026-02-28"), ("net1m", "2024-01-31", "2024-02-29"), ("net12m", "2024-02-29", "2025-02-28"),
        ("second10", "2026-12-03", "2027-02-10"), ("second31", "2026-12-31", "2027-02-28"), ("eom60", "2025-12-31", "2026-03-01"), ("eom30", "2026-12-01", "2027-01-30"),
        ("eoq0", "2026-01-01", "2026-03-31"), ("eoq0", "2026-03-31", "2026-03-31"), ("eoq30", "2026-04-01", "2026-07-30"), ("eoq0", "2026-12-31", "2026-12-31"), ("eohy0", "2026-06-30", "2026-06-30"), ("eohy15", "2026-07-01", "2027-01-15"), ("eoy30", "2027-02-28", "2028-01-30"), ("eoq15", "2026-11-30", "2027-01-15"),
        ("eom30day10", "2026-01-10", "2026-03-10"), ("eom60day10", "2026-12-31", "2027-03-10"), ("eom30day31", "2026-12-05", "2027-02-28"), ("eom45day10", "2026-01-10", "2026-04-10"), ("eom0day10", "2026-01-31", "2026-02-10"),
    ],
)  # fmt: skip
def test_due_dates(code: str, day: str, due: str) -> None:
    assert due_date(parse_terms(code), date.fromisoformat(day)) == date.fromisoformat(due)


RULES = {
    "same day": "cod",
    "end of month + 45 days": "eom45",
    "last day of the invoice month": "eom0",
    "first day of the next month": "next1",
}


def test_due_dates_of_other_programs() -> None:
    for fact in facts("payment_terms.json"):
        rule = RULES.get(fact["given"].get("rule", ""))
        if rule is not None:
            day = date.fromisoformat(fact["given"]["invoice_date"])
            assert due_date(parse_terms(rule), day) == date.fromisoformat(fact["expect"]["due"])


def test_rolled_over_spring_festival_and_moved_workdays() -> None:
    calendar = china_calendar()
    assert due_date(Terms("cod"), date(2026, 2, 15), calendar=calendar) == date(2026, 2, 24)
    assert calendar.is_workday(date(2026, 2, 14))
    assert calendar.is_workday(date(2026, 2, 28))
    assert due_date(Terms("cod"), date(2026, 2, 28), calendar=calendar) == date(2026, 2, 28)


def test_years_not_yet_announced_know_weekends() -> None:
    calendar = china_calendar()
    assert due_date(Terms("cod"), date(2090, 7, 1), calendar=calendar) == date(2090, 7, 3)
    assert calendar.is_workday(date(2090, 7, 3))
    assert not calendar.is_workday(date(1990, 7, 1))


def test_days_after_the_delivery_or_the_invoice() -> None:
    signed, delivered, invoiced = date(2026, 1, 10), date(2026, 2, 1), date(2026, 3, 1)
    days = {"delivery": delivered, "invoice": invoiced}
    for text, due in (("货到30天", date(2026, 3, 3)), ("票到30天", date(2026, 3, 31)), ("30天", date(2026, 2, 9))):
        assert due_date(parse_terms(text), signed, delivered_on=days["delivery"], invoiced_on=days["invoice"]) == due
    assert due_date(parse_terms("货到30天"), signed) == date(2026, 2, 9)
    assert due_date(parse_terms("对账后30天"), signed, agreed_on=invoiced) == date(2026, 3, 31)
    for text in ("货到30天", "票到1个月", "对账后30天"):
        assert begins(parse_terms(text), signed) is None, "nobody knows yet"
    assert begins(parse_terms("月结30天"), signed) == signed


def test_what_is_reckoned_from_an_event_is_as_if_the_document_were_of_that_day() -> None:
    signed, event = date(2026, 1, 10), date(2026, 4, 20)
    for code in ("eom30", "next25", "second31", "each20", "eoq15", "eom60day10", "eow0"):
        terms = parse_terms(f"invoice:{code}")
        assert begins(terms, signed) is None
        assert due_date(terms, signed, invoiced_on=event) == due_date(parse_terms(code), event) > event
        assert due_date(terms, signed) == due_date(parse_terms(code), signed)


def test_working_days_mind_holidays_and_moved_workdays() -> None:
    """国庆节 2026: off from the 1st to the 7th of October, worked on Sunday 20 September and Saturday 10 October."""
    assert due_date(Terms("workdays", 1), date(2026, 9, 30)) == date(2026, 10, 8)
    assert due_date(Terms("workdays", 3), date(2026, 9, 30)) == date(2026, 10, 10)
    assert due_date(Terms("workdays", 4), date(2026, 9, 30), calendar=china_calendar()) == date(2026, 10, 12)
    assert due_date(Terms("workdays", 0), date(2026, 10, 3)) == date(2026, 10, 3)
    assert due_date(parse_terms("货到5个工作日"), date(2026, 1, 1), delivered_on=date(2026, 3, 6)) == date(2026, 3, 13)


def test_the_calendar_says_until_when_it_knows() -> None:
    calendar = china_calendar()
    assert calendar.known_until() >= date(2026, 12, 31)
    assert calendar_remark(date(2026, 12, 31), calendar) is None
    beyond = calendar.known_until() + timedelta(days=1)
    assert calendar.known_until().isoformat() in (calendar_remark(beyond, calendar) or "")


@given(st.dates(date(2000, 1, 1), date(2100, 12, 1)), st.integers(0, 6), st.integers(1, 28))
def test_a_quarter_and_a_closing_agree_with_whole_months(day: date, months: int, on: int) -> None:
    quarter = due_date(Terms("quarter"), day)
    assert day <= quarter < day + timedelta(days=92)
    assert quarter.month % 3 == 0
    assert (quarter + timedelta(days=1)).day == 1
    due = due_date(Terms("closing", 30 * months, day=on), day)
    assert due.day == on
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months + 1


kinds: st.SearchStrategy[TermsKind] = st.sampled_from(["net", "eom", "next", "cod"])


@given(kinds, st.integers(1, 31), st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_a_due_date_is_never_before_the_document_and_rolling_only_moves_on(kind: TermsKind, number: int, day: date) -> None:
    terms = Terms(kind, number)
    due = due_date(terms, day)
    rolled = due_date(terms, day, calendar=china_calendar())
    assert day <= due <= rolled <= due + timedelta(days=14)
    assert china_calendar().is_workday(rolled)
