"""What rates can be: VAT and discounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from desktop_crm.base.i18n import _

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
