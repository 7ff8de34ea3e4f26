"""Document numbers by rule: ``HT-{yyyy}-{seq:4}`` gives HT-2026-0001, counted anew every year."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import pattern

if TYPE_CHECKING:
    from datetime import date

_TOKEN: Final = pattern(r"\{([^{}]*)\}")
_SEQUENCE: Final = pattern(r"seq:([1-9])")
_LONGEST_RULE: Final = 60
_DATES: Final = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}
_KNOWN: Final = "{yyyy} {yy} {mm} {dd} {seq:4}"


@lru_cache(maxsize=100)
def check_rule(rule: str) -> None:
    """Raise UserError where the rule can't number documents without repeating itself."""
    tokens = _TOKEN.findall(rule)
    text = _TOKEN.sub("", rule)
    if "{" in text or "}" in text:
        raise UserError(_("The number rule has a bracket without its partner."))
    if len(rule) > _LONGEST_RULE or not text.isprintable():
        raise UserError(_("The number rule is too long or holds characters that can't be printed."))
    for token in tokens:
        if token not in _DATES and not _SEQUENCE.fullmatch(token):
            raise UserError(_("The number rule doesn't know {token}. It knows {known}.").format(token=f"{{{token}}}", known=_KNOWN))
    if sum(token not in _DATES for token in tokens) != 1:
        raise UserError(_("The number rule needs the running number once, like {example}.").format(example="{seq:4}"))
    if ("mm" in tokens and not {"yyyy", "yy"} & set(tokens)) or ("dd" in tokens and "mm" not in tokens):
        raise UserError(_("A number with a month needs the year too, and one with a day the month: it would come again otherwise."))


@lru_cache(maxsize=100)
def _tokens(rule: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(rule))


def period_key(rule: str, day: date) -> str:
    """Return the period whose counter the rule uses: ``2026``, ``2026-01``, ``2026-01-05``, or nothing where it never starts anew."""
    tokens = _tokens(rule)
    if "dd" in tokens:
        return f"{day.year:04}-{day.month:02}-{day.day:02}"
    if "mm" in tokens:
        return f"{day.year:04}-{day.month:02}"
    return f"{day.year:04}" if tokens & {"yyyy", "yy"} else ""


@lru_cache(maxsize=1000)
def around_number(rule: str, day: date) -> tuple[str, int, str]:
    """Return what stands before the running number in the numbers of a day, how many places that has at least, and what stands behind it."""
    check_rule(rule)
    dated = _TOKEN.sub(lambda match: f"{day:{_DATES[match[1]]}}" if match[1] in _DATES else match[0], rule)
    before, places, behind = _TOKEN.split(dated)
    return before, int(places.removeprefix("seq:")), behind


def format_number(rule: str, day: date, seq: int) -> str:
    """Return the number of the `seq`-th document of the period; a number wider than the rule's places keeps all its digits."""
    before, places, behind = around_number(rule, day)
    return f"{before}{seq:0{places}}{behind}"


_BY_KIND: Final = pattern(r"[0-9]{20}|[0-9]{8}|(?:[0-9]{10}|[0-9]{12})[ \-/]?[0-9]{8}")


def invoice_number_remark(number: str, _day: date) -> str | None:
    """Return that a text is no usual number of a Chinese invoice, or None: a remark, since there are others.

    A 数电票 has 20 digits (国家税务总局公告 2024 年第 11 号), any other 发票 8, with its 发票代码 of 10 or 12 digits before it where both are kept.
    """
    if _BY_KIND.fullmatch(number.strip()):
        return None
    return _("Not the usual number of an invoice: a digital one has 20 digits, any other 8, with or without its code of 10 or 12 before it")
