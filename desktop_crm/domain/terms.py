"""Payment terms as a short code, and the due dates they give.

Codes are ``net30``, ``net2m``, ``net10wd``, ``delivery30``, ``invoice15``, ``statement30``, ``eom30``, ``eow7``, ``eot7``, ``eoh7``, ``eob30``, ``eoq30``, ``eohy30``, ``eoy30``, ``eom30day10``, ``each25``, ``next25``, ``second10``, ``invoice:eom30`` and ``cod``.

Rules: 月结30 is 30 days after the end of the document's month, 周结, 旬结, 半月结, 双月结, 季结, 半年结 and 年结 after the end of its week (Sunday), of its ten days (上旬, 中旬, 下旬: the 10th, the 20th, the
last day), of its half of the month (the 15th or the last day), of its two months (January and February, and so on), of its quarter, half-year and year. 每月N日 is the next such day after the document, 次月N日 the Nth day of the next month or its last, 隔月N日 of the
month after it. 月结60天次月10日 is the 10th of the month after the credit ends: 60 days are the two months after the month of the document, as whole months are
settled; only what is no multiple of 30 is counted by days. In English trade usage "net 30 EOM", "30 days end of month" and "EOM+30" are 30 days after the end of the
month of the invoice, and "10 MFI" (month following invoice) and "10th prox." the 10th of the next month. Paying in advance (预付, 款到发货) is due on the document's day. Terms that count from
the delivery, the invoice or the customer's signed statement (货到30天, 票到30天, 对账后30天) have no due date before that day is known; so have those that reckon any of the above from it
(票到月结30天 is 30 days after the end of the month of the invoice, 验收后次月25日 the 25th of the month after the delivery). 10个工作日 are ten days that are worked, by the same calendar as below. Months
end on the day of the same number or the last (民法典 art. 202); days are calendar days, the day of
the document not counted (民法典 art. 201). A due date on a day off moves on to the next workday (民法典 art. 203), where a calendar is given: the
State Council's notice for each year (国务院办公厅关于部分节假日安排的通知), as the package chinese_calendar ships it, see `known_until`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, Protocol

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import N_, _, in_every_language
from desktop_crm.base.lazily import dataclass, pattern
from desktop_crm.domain.dates import add_months, month_end
from desktop_crm.domain.text import narrow

if TYPE_CHECKING:
    from collections.abc import Mapping

TermsKind = Literal["net", "months", "eom", "week", "ten_days", "half", "two_months", "quarter", "half_year", "year", "closing", "each", "next", "second", "workdays", "cod"]
Event = Literal["", "delivery", "invoice", "statement"]

EVENTS: Final[tuple[Event, ...]] = ("delivery", "invoice", "statement")
_COUNTED: Final[Mapping[TermsKind, str]] = {"net": "", "months": "m", "workdays": "wd"}
"""Kinds that count from a day on, and what their code ends with."""
_MOST_DAYS: Final = 999
_MOST_MONTHS: Final = 60
_LAST_DAY: Final = 31
_SATURDAY: Final = 5

NET_LABEL: Final = N_("{days} days after the document date")
DELIVERY_LABEL: Final = N_("{days} days after delivery")
INVOICE_LABEL: Final = N_("{days} days after the invoice")
STATEMENT_LABEL: Final = N_("{days} days after the statement was signed")
END_LABEL: Final = N_("{days} days after the end of the month")
END_NOW_LABEL: Final = N_("End of the month")
QUARTER_LABEL: Final = N_("{days} days after the end of the quarter")
QUARTER_NOW_LABEL: Final = N_("End of the quarter")
HALF_YEAR_LABEL: Final = N_("{days} days after the end of the half-year")
HALF_YEAR_NOW_LABEL: Final = N_("End of the half-year")
YEAR_LABEL: Final = N_("{days} days after the end of the year")
YEAR_NOW_LABEL: Final = N_("End of the year")
WEEK_LABEL: Final = N_("{days} days after the end of the week")
WEEK_NOW_LABEL: Final = N_("End of the week")
TEN_DAYS_LABEL: Final = N_("{days} days after the end of the ten days")
TEN_DAYS_NOW_LABEL: Final = N_("End of the ten days")
HALF_LABEL: Final = N_("{days} days after the end of the half-month")
HALF_NOW_LABEL: Final = N_("End of the half-month")
TWO_MONTHS_LABEL: Final = N_("{days} days after the end of the two months")
TWO_MONTHS_NOW_LABEL: Final = N_("End of the two months")
EACH_LABEL: Final = N_("Day {day} of each month")
CLOSING_LABEL: Final = N_("{days} days from the end of the month, paid on day {day} of the month after")
MONTHS_LABEL: Final = N_("{months} months after the document date")
DELIVERY_MONTHS_LABEL: Final = N_("{months} months after delivery")
INVOICE_MONTHS_LABEL: Final = N_("{months} months after the invoice")
STATEMENT_MONTHS_LABEL: Final = N_("{months} months after the statement was signed")
SECOND_LABEL: Final = N_("Day {day} of the month after next")
SECOND_END_LABEL: Final = N_("End of the month after next")
NEXT_LABEL: Final = N_("Day {day} of the next month")
NEXT_END_LABEL: Final = N_("End of the next month")
COD_LABEL: Final = N_("On the document date")
EVENT_LABELS: Final[Mapping[Event, Mapping[TermsKind, str]]] = {
    "": {"net": NET_LABEL, "months": MONTHS_LABEL, "workdays": N_("{days} working days after the document date")},
    "delivery": {"net": DELIVERY_LABEL, "months": DELIVERY_MONTHS_LABEL, "workdays": N_("{days} working days after delivery")},
    "invoice": {"net": INVOICE_LABEL, "months": INVOICE_MONTHS_LABEL, "workdays": N_("{days} working days after the invoice")},
    "statement": {"net": STATEMENT_LABEL, "months": STATEMENT_MONTHS_LABEL, "workdays": N_("{days} working days after the statement was signed")},
}
"""The labels in days, in months and in working days of what terms count from."""
AT_LABELS: Final[Mapping[Event, str]] = {"delivery": N_("On delivery"), "invoice": N_("On the invoice"), "statement": N_("On the signed statement")}
"""The labels of no days after an event."""
RECKONED_LABELS: Final[Mapping[Event, str]] = {
    "delivery": N_("From the delivery: {terms}"), "invoice": N_("From the invoice: {terms}"), "statement": N_("From the signed statement: {terms}")
}
"""The labels of all other terms that are reckoned from an event and not from the document."""
PERIODS: Final[Mapping[TermsKind, tuple[str, str, str]]] = {
    "week": ("eow", WEEK_LABEL, WEEK_NOW_LABEL),
    "ten_days": ("eot", TEN_DAYS_LABEL, TEN_DAYS_NOW_LABEL),
    "half": ("eoh", HALF_LABEL, HALF_NOW_LABEL),
    "eom": ("eom", END_LABEL, END_NOW_LABEL),
    "two_months": ("eob", TWO_MONTHS_LABEL, TWO_MONTHS_NOW_LABEL),
    "quarter": ("eoq", QUARTER_LABEL, QUARTER_NOW_LABEL),
    "half_year": ("eohy", HALF_YEAR_LABEL, HALF_YEAR_NOW_LABEL),
    "year": ("eoy", YEAR_LABEL, YEAR_NOW_LABEL),
}
"""Kinds that count days from the end of the document's period: the beginning of their code, their label, and that of no days."""

_SIMPLE: Final = str.maketrans("結貨現後開驗預個號單據無當發賬帳帐週雙兩對簽確認誤見電匯從內約", "结货现后开验预个号单据无当发账账账周双两对签确认误见电汇从内约")
_NUMERALS: Final = "零一二三四五六七八九"
_PLAIN_NUMERALS: Final = str.maketrans("〇壹贰貳叁參肆伍陆陸柒捌玖拾佰", "零一二二三三四五六六七八九十百")
_MONTH_DAYS: Final = 30
_MID_MONTH: Final = 15
_TEN_DAYS: Final = (10, 20)
_PAID: Final = r"(?:之?前|付款|付清|结清|结算|结)*"
_THEN: Final = r"(?:[之以]?[内后]|账期|付款|付清|支付|结清|net)*"
_DAYS: Final = r"([0-9]{1,3})(?:天|日|days?)?"
_AT_ONCE: Final = "即付|付款|付清|现[结付款]|结清"
_BY: Final[dict[str, Event]] = {**{event: event for event in EVENTS}, "bill": "invoice", "goods": "delivery"}
"""What terms are reckoned from, by the names in the patterns: `bill` and `goods` are what is paid at once when it is there."""
_FROM: Final = r"(?P<delivery>货到|到货|收货|发货|出货|送货|提货|(?:货到)?验收(?:合格)?|签收|交货|delivery)|(?P<invoice>票到|到票|收票|收到发票|开票|发票开具|发票(?:日期?)?|invoice)|(?P<statement>对账(?:单)?(?:确认|签字|签章|盖章|回签|无误)*|(?:账单)?(?:回签|签回)|账单确认|statement)|单据日?|(?:合同)?签[约订署]|合同生效|账期|赊销|net|n/|duein|within"
_PATTERNS: Final[tuple[tuple[TermsKind, re.Pattern[str]], ...]] = (
    (
        "cod",
        pattern(
            r"cod|cash|现[结金付款]|现金结算|现款现货|现货现款|即[付结]|款到发货|先款后货|(?:全款)?预付(?:全款|货款|款)?|当[天日]|见票即付|(?:due)?(?:on|upon)receipt|无账期"
        ),
    ),
    ("week", pattern(rf"eow\+?(?:{_DAYS})?|(?:按|每|当|本|一)?(?:周|星期)一?结(?:算)?\+?(?:{_DAYS})?|endofweek")),
    ("ten_days", pattern(rf"eot\+?(?:{_DAYS})?|(?:按|每|当|本)?(?:旬|10[天日])一?结(?:算)?\+?(?:{_DAYS})?|[当本每]?旬[底末](?:之?后{_DAYS})?")),
    ("half", pattern(rf"eoh\+?(?:{_DAYS})?|(?:按|每)?半个?月一?结(?:算)?\+?(?:{_DAYS})?")),
    ("two_months", pattern(rf"eob\+?(?:{_DAYS})?|(?:按|每)?(?:双月|[两二]月|2个月)一?结(?:算)?\+?(?:{_DAYS})?")),
    ("quarter", pattern(rf"eoq\+?(?:{_DAYS})?|(?:按|本)?季度?结(?:算)?\+?(?:{_DAYS})?|{_DAYS}季结|[当本]?季度?[底末](?:之?后{_DAYS})?结?|endofquarter")),
    ("half_year", pattern(rf"eohy\+?(?:{_DAYS})?|(?:按|每)?6个月一?结(?:算)?\+?(?:{_DAYS})?")),
    ("year", pattern(rf"eoy\+?(?:{_DAYS})?|(?:按|每|本|一)?年度?一?结(?:算)?\+?(?:{_DAYS})?|[当本每]?年[底末](?:之?后{_DAYS})?{_PAID}|endofyear")),
    ("closing", pattern(rf"eom{_DAYS}day(?P<day>[0-9]{{1,2}})|当?月结{_DAYS}[;；、+]?[次下]个?月(?P<on>[0-9]{{1,2}})[日号]?(?:之?前|付款|付清)*")),
    ("eom", pattern(rf"eom(?:\+|net)?(?:{_DAYS})?|当?月结\+?(?:{_DAYS})?|{_DAYS}月结|[当本每]?月[底末](?:之?后{_DAYS})?{_PAID}|(?:net)?{_DAYS}(?:eom|(?:from)?endofmonth)|endofmonth")),
    ("each", pattern(r"each([0-9]{1,2})|每个?月(?:的)?([0-9]{1,2})[日号]?(?:之?前|付款|付清|结算?)*")),
    ("next", pattern(
        r"next([0-9]{1,2})|(?:月结)?[次下]个?月([0-9]{1,2})[日号]?(?:之?前|付款|付清)*|(?:eom)?([0-9]{1,2})mfi|(?:net)?([0-9]{1,2})(?:th|st|nd|rd)?(?:prox\.?|(?:of)?(?:the)?(?:following|next)month)")),
    ("second", pattern(r"second([0-9]{1,2})|(?:隔|次次|下下)个?月([0-9]{1,2})[日号]?(?:之?前|付款|付清)*")),
    ("months", pattern(rf"(?:(?:{_FROM})(?:之?后|以后|(?:之?日)?起)?)?([0-9]{{1,2}})(?:个月|months?|m){_THEN}")),
    ("workdays", pattern(rf"(?:(?:{_FROM})(?:之?后|以后|(?:之?日)?起)?)?([0-9]{{1,3}})(?:wd|个?工作[日天]|(?:working|business)days?){_THEN}")),
    ("net", pattern(rf"(?:(?:{_FROM})(?:之?后|以后|(?:之?日)?起)?)?{_DAYS}(?:net)?{_THEN}|(?P<bill>(?:票到|到票|收票)(?:{_AT_ONCE}))|(?P<goods>(?:货到|到货|收货|(?:货到)?验收(?:合格)?|签收)(?:之?后)?(?:{_AT_ONCE}))")),
)
_RECKONED: Final = pattern(rf"(?:{_FROM})(?:之?后|以后|(?:之?日)?起|:)?(?:的|按)?(?P<rest>.+)")
# What says nothing of the day: the tax, a transfer, what is done about days off anyway. A bill (承兑) falls due some time after it is given, so that is refused.
_BESIDE: Final = pattern(r"(?:不?含税|(?:[若如]?遇(?:法定)?节?假日|节假日).{0,4}顺延.*|(?:银行)?(?:转账|电汇))$")
_SHORT_TIMES: Final = pattern(r"(半个?月|([1-9一二两三四五六七八])个?(?:周|星期))(?=[之以]?[内后]|付|支付|结清|账期|$)")
# How it is paid, and the words that only lead up to the day: T/T 30 days, 自发票日起60天.
_HOW: Final = pattern(r"^(?:t/?t|电汇)(?=.)|^[以自从](?=发票|开票|收|到|货|验|签|对账)")
_AFTER: Final = pattern(r"^(?:net)?([0-9]{1,3}(?:(?:working|business)?days?|months?))(?:after|from)(?:the)?(?:dateof)?(?:the)?(invoice|delivery|statement)(?:date)?$")
_SECOND_END: Final = pattern(r"(?:隔|次次|下下)个?月月?[底末结](?:之?前|付款|付清)*")
_NEXT_END: Final = pattern(r"[次下]个?月月?[底末结]算?(?:之?前|付款|付清)*")


class WorkCalendar(Protocol):
    """Knows which days are worked."""

    def is_workday(self, day: date) -> bool:
        """Tell whether offices and banks work on this day."""

    def known_until(self) -> date:
        """Return the last day whose holidays are known; later only weekends are."""


class _ChinaCalendar:
    def is_workday(self, day: date) -> bool:
        import chinese_calendar

        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            # The State Council names the holidays a year at a time; until then weekends are all that is known.
            return day.weekday() < _SATURDAY

    def known_until(self) -> date:
        from chinese_calendar.constants import holidays

        return date(max(holidays).year, 12, 31)


@cache
def china_calendar() -> WorkCalendar:
    """Return the mainland's calendar with its moved workdays; in years not yet announced weekends are the only days off."""
    return _ChinaCalendar()


@dataclass(frozen=True)
class Terms:
    """When a document is due.

    `kind` is "net" (`number` days after the document date), "months" (so many months after it), "eom" (`number` days after the end of its month, 月结), "week", "half",
    "ten_days", "two_months", "quarter", "half_year", "year" (of its week, ten days, half-month, two months and so on), "closing" (`number` days from the end of the month, then on `day` of the month after), "each" (the next day
    `number` of a month after it), "next" (day `number` of the next month), "second" (of the month after that), "workdays" (`number` days that are worked after the document date) or "cod" (on the document date). All but "cod" count from the document, or
    from the delivery, the invoice or the day the signed statement came back (`event`), where they stand for the document's date.
    """

    kind: TermsKind
    number: int = 0
    event: Event = ""
    day: int = 0

    @property
    def code(self) -> str:
        """The form kept in records."""
        if self.event and self.kind not in _COUNTED:
            return f"{self.event}:{replace(self, event='').code}"
        if self.kind == "cod":
            return self.kind
        if self.kind == "closing":
            return f"eom{self.number}day{self.day}"
        if self.kind in PERIODS:
            return f"{PERIODS[self.kind][0]}{self.number}"
        if self.kind in _COUNTED:
            return f"{self.event or 'net'}{self.number}{_COUNTED[self.kind]}"
        return f"{self.kind}{self.number}"

    @property
    def label(self) -> str:
        """What the user reads."""
        if self.kind == "net" and self.event and not self.number:
            return _(AT_LABELS[self.event])
        if self.kind in _COUNTED:
            return _(EVENT_LABELS[self.event][self.kind]).format(days=self.number, months=self.number)
        if self.event:
            return _(RECKONED_LABELS[self.event]).format(terms=replace(self, event="").label)
        if self.kind == "cod":
            return _(COD_LABEL)
        if self.kind == "next":
            return _(NEXT_END_LABEL) if self.number == _LAST_DAY else _(NEXT_LABEL).format(day=self.number)
        if self.kind == "second":
            return _(SECOND_END_LABEL) if self.number == _LAST_DAY else _(SECOND_LABEL).format(day=self.number)
        if self.kind in PERIODS:
            _code, some, none = PERIODS[self.kind]
            return _(some).format(days=self.number) if self.number else _(none)
        if self.kind == "each":
            return _(EACH_LABEL).format(day=self.number)
        return _(CLOSING_LABEL).format(days=self.number, day=self.day)


COMMON_TERMS: Final = (
    Terms("cod"),
    Terms("net", 30),
    Terms("net", 60),
    Terms("eom", 30),
    Terms("eom", 60),
    Terms("eom", 90),
    Terms("next", 25),
)


def parse_terms(text: str) -> Terms:
    """Read the code, a label in any language, or a usual writing: 月结30天, 货到三十天, 次月25日前, 次月底, 现结. Raises ValueProblem."""
    tidy = re.sub(r"[\s,，。()（）]+", "", narrow(text)).casefold().translate(_SIMPLE).translate(_PLAIN_NUMERALS)
    tidy = re.sub(r"半年", "6个月", re.sub(r"([一两二三])年(?=$|[内后付])", lambda match: f"{'一二三'.index(match[1].replace('两', '二')) * 12 + 12}个月", tidy))
    tidy = re.sub(r"个?(?:自然日|日历日|日历天)", "天", _BESIDE.sub("", tidy))
    tidy = _SHORT_TIMES.sub(lambda match: f"{_numeral(match[2]) * 7 if match[2] else _MID_MONTH}天", tidy)
    tidy = _AFTER.sub(r"\2\1", _HOW.sub("", tidy))
    tidy = re.sub(r"[零一二两三四五六七八九十百]+(?=[天日号]|个月|个?工作[日天])", lambda match: str(_numeral(match[0])), tidy)
    found = _plain(tidy) or _labelled(" ".join(text.split()))
    if found is None or not _possible(found):
        raise ValueProblem(
            _("“{text}” is not a payment term. Write it like {examples}.").format(
                text=text.strip(), examples="月结30天, 季结, 旬结, 周结, 每月25日, 货到30天, 票到30天, 对账后30天, 次月25日, 月结30天次月10日, 票到月结30天, 10个工作日, net 30 EOM, 现结"
            )
        )
    return found


def due_date(
    terms: Terms, document_date: date, *, calendar: WorkCalendar | None = None, delivered_on: date | None = None, invoiced_on: date | None = None,
    agreed_on: date | None = None,
) -> date:
    """Return the day a document of `document_date` is due; with a `calendar` it is moved on to the next workday. Working days are counted by the mainland's without one.

    Terms that count from the delivery, the invoice or the signed statement (`agreed_on`) count from the document where that day isn't known: who must not
    guess asks `begins` first.
    """
    begin = begins(terms, document_date, delivered_on=delivered_on, invoiced_on=invoiced_on, agreed_on=agreed_on) or document_date
    due = begin
    if terms.kind == "net":
        due = begin + timedelta(days=terms.number)
    elif terms.kind == "workdays":
        for _day in range(terms.number):
            due = roll(due + timedelta(days=1), calendar or china_calendar())
    elif terms.kind == "months":
        due = add_months(begin, terms.number)
    elif terms.kind in PERIODS:
        due = _period_end(terms.kind, begin) + timedelta(days=terms.number)
    elif terms.kind == "each":
        months = (begin, month_end(begin) + timedelta(days=1))
        due = next(day for day in (last.replace(day=min(terms.number, last.day)) for last in map(month_end, months)) if day > begin)
    elif terms.kind == "closing":
        whole, rest = divmod(terms.number, _MONTH_DAYS)
        ends = month_end(begin) + timedelta(days=terms.number) if rest else month_end(add_months(begin.replace(day=1), whole))
        last = month_end(add_months(ends.replace(day=1), 1))
        due = last.replace(day=min(terms.day, last.day))
    elif terms.kind in {"next", "second"}:
        last = month_end(add_months(begin, 1 if terms.kind == "next" else 2))
        due = last.replace(day=min(terms.number, last.day))
    return due if calendar is None else roll(due, calendar)


def begins(terms: Terms, document_date: date, *, delivered_on: date | None = None, invoiced_on: date | None = None, agreed_on: date | None = None) -> date | None:
    """Return the day that terms count from; None where they wait for a day that isn't known yet."""
    return {"": document_date, "delivery": delivered_on, "invoice": invoiced_on, "statement": agreed_on}[terms.event]


def _period_end(kind: TermsKind, day: date) -> date:
    """Return the last day of the period, one of PERIODS, that a day lies in."""
    if kind == "week":
        return day + timedelta(days=6 - day.weekday())
    if kind == "ten_days" and day.day <= _TEN_DAYS[-1]:
        return day.replace(day=next(last for last in _TEN_DAYS if day.day <= last))
    if kind == "half" and day.day <= _MID_MONTH:
        return day.replace(day=_MID_MONTH)
    months = {"two_months": 2, "quarter": 3, "half_year": 6, "year": 12}.get(kind, 1)
    return month_end(add_months(day.replace(day=1), -day.month % months))


def _possible(terms: Terms) -> bool:
    if terms.kind in {"each", "next", "second"}:
        return 1 <= terms.number <= _LAST_DAY
    if terms.kind == "closing" and not 1 <= terms.day <= _LAST_DAY:
        return False
    return terms.number <= (_MOST_MONTHS if terms.kind == "months" else _MOST_DAYS)


def roll(day: date, calendar: WorkCalendar) -> date:
    """Return `day`, or the next day that is worked."""
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return day


def calendar_remark(day: date, calendar: WorkCalendar) -> str | None:
    """Return that the holidays of a day's year are not known yet, or None: a date rolled there minds weekends only."""
    if day <= calendar.known_until():
        return None
    return _("Holidays are known until {day}; after that only weekends are minded. Update the program once the next year's are announced").format(day=calendar.known_until())


def _plain(tidy: str) -> Terms | None:
    return _written(tidy) or _reckoned(tidy)


def _reckoned(tidy: str) -> Terms | None:
    """Read terms that are reckoned from an event, which is named before them."""
    match = _RECKONED.fullmatch(tidy)
    found = _written(match["rest"]) if match else None
    if match is None or found is None or found.kind == "cod" or found.event:
        return None
    return replace(found, event=next((name for name in EVENTS if match[name]), ""))


def _written(tidy: str) -> Terms | None:
    for kind, written in _PATTERNS:
        if match := written.fullmatch(tidy):
            named = match.groupdict()
            event: Event = next((event for name, event in _BY.items() if named.get(name)), "")
            number = int(next((group for group in match.groups() if group and group.isdecimal()), 0))
            return Terms(kind, number, event, int(named.get("day") or named.get("on") or 0))
    if _SECOND_END.fullmatch(tidy):
        return Terms("second", _LAST_DAY)
    return Terms("next", _LAST_DAY) if _NEXT_END.fullmatch(tidy) else None


def _labelled(text: str) -> Terms | None:
    """Read a label as the program itself shows it, so that what was exported can be imported in any language."""
    labels: list[tuple[str, TermsKind, int | None, Event]] = [
        *((label, kind, None, event) for event, labels in EVENT_LABELS.items() for kind, label in labels.items()),
        *((label, "net", 0, event) for event, label in AT_LABELS.items()),
        (EACH_LABEL, "each", None, ""), *((some, kind, None, "") for kind, (_code, some, _none) in PERIODS.items()), *((none, kind, 0, "") for kind, (_code, _some, none) in PERIODS.items()), (CLOSING_LABEL, "closing", None, ""), (NEXT_LABEL, "next", None, ""), (NEXT_END_LABEL, "next", _LAST_DAY, ""),
        (SECOND_LABEL, "second", None, ""),
        (SECOND_END_LABEL, "second", _LAST_DAY, ""), (COD_LABEL, "cod", 0, ""),
    ]  # fmt: skip
    for label, kind, fixed, event in labels:
        for shown in in_every_language(label):
            written = re.sub(r"\\\{\w+\\\}", "([0-9]{1,3})", re.escape(shown))
            if match := re.fullmatch(written, text, re.IGNORECASE):
                return Terms(kind, int(match[1]) if fixed is None else fixed, event, int(match[2]) if kind == "closing" else 0)
    for event, label in RECKONED_LABELS.items():
        for shown in in_every_language(label):
            if (match := re.fullmatch(re.escape(shown).replace(re.escape("{terms}"), "(.+)"), text, re.IGNORECASE)) and (found := _labelled(match[1])):
                return replace(found, event=event)
    return None


def _numeral(words: str) -> int:
    if words.isdecimal() and words.isascii():
        return int(words)
    hundreds, hundred, words = words.replace("两", "二").rpartition("百")
    if hundred:
        return (_NUMERALS.find(hundreds) if hundreds else 1) * 100 + (_numeral(words) if words else 0)
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return int("".join(str(_NUMERALS.index(char)) for char in words))
    return (_NUMERALS.find(tens) if tens else 1) * 10 + (_NUMERALS.find(ones) if ones else 0)
