"""What rates can be, and how they are written: VAT and discounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass, pattern
from desktop_crm.domain.money import round_scale
from desktop_crm.domain.number_kinds import Percent
from desktop_crm.domain.text import fold

HIGHEST_VAT: Final = Decimal("0.17")
"""No Chinese VAT rate was ever higher (17 % until 2018-05-01, 13 % since 2019-04-01, 财政部 税务总局 海关总署公告 2019 年第 39 号)."""


@dataclass(frozen=True)
class VatRate:
    """A rate and the days it holds, both included; `source` is the announcement. `small` rates are levied on small-scale taxpayers (征收率)."""

    rate: Decimal
    first: date
    last: date | None
    source: str
    small: bool = False


_1994, _2018, _2019 = date(1994, 1, 1), date(2018, 5, 1), date(2019, 4, 1)
_BEFORE: Final = "增值税暂行条例"
VAT_RATES: Final = (
    VatRate(Decimal("0.17"), _1994, date(2018, 4, 30), _BEFORE),
    VatRate(Decimal("0.13"), _1994, date(2017, 6, 30), _BEFORE),
    VatRate(Decimal("0.11"), date(2014, 1, 1), date(2018, 4, 30), "财税〔2013〕106 号, 财税〔2017〕37 号"),
    VatRate(Decimal("0.16"), _2018, date(2019, 3, 31), "财税〔2018〕32 号"),
    VatRate(Decimal("0.10"), _2018, date(2019, 3, 31), "财税〔2018〕32 号"),
    VatRate(Decimal("0.13"), _2019, None, "财政部 税务总局 海关总署公告 2019 年第 39 号; 增值税法 (2026)"),
    VatRate(Decimal("0.09"), _2019, None, "财政部 税务总局 海关总署公告 2019 年第 39 号; 增值税法 (2026)"),
    VatRate(Decimal("0.06"), date(2012, 1, 1), None, "财税〔2011〕110 号; 增值税法 (2026)"),
    VatRate(Decimal(0), _1994, None, "出口零税率和免税"),
    VatRate(Decimal("0.03"), date(2009, 1, 1), None, "增值税暂行条例 (2008); 增值税法 (2026)", small=True),
    VatRate(Decimal("0.05"), date(2016, 5, 1), None, "财税〔2016〕36 号", small=True),
    VatRate(Decimal("0.01"), date(2020, 3, 1), date(2022, 3, 31), "财政部 税务总局公告 2020 年第 13 号, 2021 年第 7 号, 2022 年第 15 号", small=True),
    VatRate(Decimal("0.01"), date(2023, 1, 1), date(2027, 12, 31), "财政部 税务总局公告 2023 年第 1 号, 第 19 号", small=True),
)
"""The VAT rates of goods and services by date; a new announcement is a new line, and an old one gets its last day."""


@lru_cache(maxsize=64)
def rates_on(day: date) -> tuple[VatRate, ...]:
    """Return the rates that hold on a day, the highest first."""
    return tuple(sorted((rate for rate in VAT_RATES if rate.first <= day and (rate.last is None or day <= rate.last)), key=lambda rate: -rate.rate))


def rate_remark(rate: Decimal | None, day: date) -> str | None:
    """Return that no VAT rate is like this one on a day, with those there are, or None: a remark, since special rates exist."""
    if rate is None or any(one.rate == rate for one in rates_on(day)):
        return None
    known = _(", ").join(f"{(one.rate * 100).normalize():f}%" for one in rates_on(day))
    return _("{rate} was no VAT rate on {day}; there were {known}").format(rate=f"{(rate * 100).normalize():f}%", day=day.isoformat(), known=known)


def check_tax_rate(rate: Decimal | None) -> str | None:
    """Return what is wrong with a VAT rate, or None: a whole 1 was meant as 1 %."""
    if rate is not None and not 0 <= rate <= HIGHEST_VAT:
        return _("A tax rate lies between 0% and 17%; write 1% for one per cent")
    return None


def check_discount(rate: Decimal | None) -> str | None:
    """Return what is wrong with a discount rate (折扣率: 95 % leaves 95 % of the price), or None."""
    if rate is not None and not 0 <= rate <= 1:
        return _("A discount rate lies between 0% and 100%")
    return None


_FOLDS: Final = pattern(r"([0-9]+(?:\.[0-9]+)?)折")
_NUMERALS: Final = str.maketrans("零一二三四五六七八九", "0123456789")
_TENTHS: Final = 10


class Discount(Percent):
    """The share of the price that is paid: 0.95, 95%, 9.5折, 95折, 九五折 and 9.5 are all 5 % off."""

    def parse(self, raw: Any, spec: Any) -> Decimal | None:
        """Read the share paid; a figure above 1 and below 10 is counted in tenths, as nobody grants 90.5 % off as a matter of course."""
        text = fold(raw).strip() if isinstance(raw, str) else ""
        match = _FOLDS.fullmatch(text.translate(_NUMERALS))
        if match is None and text.endswith("%"):
            return super().parse(raw, spec)
        value = Decimal(match[1]) if match is not None else self.plain(raw, spec)
        if value is None or (match is None and value <= 1):
            return value
        return round_scale(value / (_TENTHS if value <= _TENTHS and (match is not None or value < _TENTHS) else 100), self.places)

    def plain(self, raw: Any, spec: Any) -> Decimal | None:
        """Read the figure as it stands."""
        return super(Percent, self).parse(raw, spec)

    def parse_opposite(self, raw: Any, spec: Any) -> Decimal | None:
        """Read the share taken off, as other programs keep it: 0.15, 15 and 15% leave 85 % to pay."""
        off = super().parse(raw, spec)
        return None if off is None else 1 - off


DISCOUNT: Final = Discount()
