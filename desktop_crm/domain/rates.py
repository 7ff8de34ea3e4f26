"""What rates can be, and how they are written: VAT and discounts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.kinds import Percent
from desktop_crm.domain.money import round_scale
from desktop_crm.domain.text import fold

HIGHEST_VAT: Final = Decimal("0.17")
"""No Chinese VAT rate was ever higher (17 % until 2018-05-01, 13 % since 2019-04-01, 财政部 税务总局 海关总署公告 2019 年第 39 号)."""


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


_FOLDS: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)折")
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
