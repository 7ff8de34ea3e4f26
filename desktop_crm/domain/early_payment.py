"""Early-payment discount (现金折扣) in payment terms: ``2/10 net 30`` gives 2 % where the whole is paid within 10 days of the document.

Written as accountants do (``2/10, 1/20, n/30``) or in words (10天内付款2%). The discount is taken of the amount with tax, as a cost of finance
of its own (企业会计准则第14号 treats it as variable consideration; the invoice stays as it is).
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import dataclass, pattern
from desktop_crm.domain.money import round_money
from desktop_crm.domain.text import narrow

if TYPE_CHECKING:
    from datetime import date

_SHORT: Final = pattern(r"(?<![\d/.-])(\d{1,2}(?:\.\d+)?)%?/(\d{1,3})(?![\d/-])")
_WORDS: Final = pattern(r"(\d{1,3})[天日](?:之?内|以内)(?:付款|付清|回款)?(?:给予|享受|优惠|折扣|返|减|让利)*(\d{1,2}(?:\.\d+)?)%(?:的?(?:现金)?(?:折扣|优惠))?")
_NET: Final = pattern(r"\bn/?(\d{1,3})\b", re.IGNORECASE)
_ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class EarlyPayment:
    """A share of the amount that may be kept back by whoever pays within `days` of the document."""

    rate: Decimal
    days: int


def early_payment(terms: str) -> tuple[list[EarlyPayment], str]:
    """Return the discounts in payment terms, the earliest first, and the terms without them, such as ``net 30``."""
    text = narrow(terms)
    found = [EarlyPayment(Decimal(rate) / 100, int(days)) for rate, days in _SHORT.findall(text)]
    found += [EarlyPayment(Decimal(rate) / 100, int(days)) for days, rate in _WORDS.findall(text)]
    if not found:
        return [], terms
    rest = _NET.sub(r"net \1", _WORDS.sub(" ", _SHORT.sub(" ", text)))
    return sorted(found, key=lambda one: one.days), rest.strip(" ,，;；、")


def discount_of(amount: Decimal, terms: str, document_on: date, paid_on: date) -> Decimal:
    """Return what may be kept back of a whole amount that is paid on a day, rounded half up; zero where it is too late or nothing was agreed."""
    for one in early_payment(terms)[0]:
        if document_on <= paid_on <= document_on + timedelta(days=one.days):
            return max(round_money(amount * one.rate), _ZERO)
    return _ZERO
