"""What settles a receivable, and what an allocation may join: the two sides of the receivables ledger.

On one side stands what the customer owes (receivables), on the other what takes it off (money, credit notes, discounts, write-offs).
Money that goes out again, or to another customer's account, stands on the side of what is owed, as in any ledger of debtors
(企业会计准则应用指南, 1122 应收账款: 借 what is due and paid back, 贷 what is received or written off). So every amount is above
zero, and an allocation is always of the one side to the other.
"""

from __future__ import annotations

from typing import Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import Choice

SOURCES: Final = (
    Choice("receipt", N_("Money received"), "success", aliases=("收款", "回款", "到账")),
    Choice("transfer", N_("Transferred prepayment"), "info", aliases=("预收转入", "转入")),
    Choice("discount", N_("Early-payment discount"), "teal", aliases=("现金折扣", "折扣")),
    Choice("bad_debt", N_("Bad debt written off"), "danger", aliases=("坏账", "坏账核销", "核销坏账")),
    Choice("difference", N_("Small difference"), "neutral", aliases=("抹零", "尾差", "小额差异")),
    Choice("credit", N_("Credit note"), "violet", aliases=("红字", "折让", "退货", "贷项")),
)
"""What kinds of document settle receivables."""

RELIEF: Final = ("credit", "discount", "bad_debt", "difference")
"""Kinds that settle without money."""

EXACT: Final = ("discount", "bad_debt", "difference")
"""Kinds that exist for what they settle alone: nothing of them is ever left as a prepayment."""

DEBITS: Final = (
    Choice("contract", N_("Contract instalment")),
    Choice("delivery", N_("Delivery")),
    Choice("opening", N_("Opening balance"), aliases=("期初",)),
    Choice("refund", N_("Refund"), aliases=("退款",)),
    Choice("transfer", N_("Prepayment transferred away"), aliases=("预收转出", "转出")),
    Choice("difference", N_("Small difference kept"), aliases=("多收抹零",)),
    Choice("reversal", N_("Discount or write-off taken back"), aliases=("冲回", "核销冲回")),
    Choice("manual", N_("Entered by hand")),
)
"""What a receivable comes from; refunds, transfers and differences use up what is left of a receipt or credit note, reversals what is left of a discount or write-off."""

REVERSAL: Final = "reversal"
USES: Final = ("refund", "transfer", "difference", REVERSAL)
"""Kinds of receivables that use up a remainder: nobody owes them, so they bear no contract and no invoice."""
