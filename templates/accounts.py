"""Papers of what is owed and paid: statement, dunning letters, open items, receipts."""

from __future__ import annotations

from typing import Final

from templates.kit import (
    A4,
    FILL,
    GREY,
    WIDE,
    Element,
    Words,
    band,
    box,
    cells,
    column,
    foot,
    line,
    onward,
    pairs,
    reprint,
    signs,
    span,
    table,
    template,
    text,
    wrapped,
)

THIRD: Final = {"size": "continuous-1/3", "margins": {"top": 5, "right": 16, "bottom": 4, "left": 16}}
THIRD_WIDE: Final = 209.0
METHODS: Final = (("transfer", "银行转账", "Transfer"), ("cash", "现金", "Cash"), ("cheque", "支票", "Cheque"), ("acceptance", "承兑汇票", "Bill"), ("wechat", "微信", "WeChat"), ("alipay", "支付宝", "Alipay"))
ACCOUNT_ZH: Final = "收款账户：{{ company.name }}　{{ company.bank }}　账号 {{ company.account }}"
ACCOUNT_EN: Final = "Please pay to: {{ company.name }}   {{ company.bank }}   Account {{ company.account }}"


def _tiles(figures: list[tuple[str, str]]) -> list[Element]:
    """Return a row of labelled figures, the last of them the one that counts."""
    found: list[Element] = []
    wide, gap = 44.25, 3.0
    for at, (label, content) in enumerate(figures):
        x = round(at * (wide + gap), 2)
        found.append(box(x, 39, wide, 14, color="#c5ccd6", fill="#e4eaf3" if at == len(figures) - 1 else FILL))
        found.append(text(x + 3, 40.3, wide - 6, 5, label, 8.5, color=GREY))
        found.append(text(x + 3, 45.6, wide - 6, 6.5, content, 13, bold=True, align="right"))
    return found


def _stamps(t: Words, x: float, who: str) -> list[Element]:
    return [
        box(x, 49, 93, 24),
        text(x + 3, 50.5, 86, 5, who, 9),
        text(x + 3, 65.5, 86, 5, t("经办人：　　　　　　　　日期：　　　年　　月　　日", "Signed by:                                   Date:"), 9),
    ]


def statement(t: Words) -> Element:
    """Return the statement of account with the slip to sign and send back."""
    head = band(
        57,
        text(0, 0, WIDE, 10, t("对　账　单", "STATEMENT OF ACCOUNT"), 20, bold=True, align="center"),
        text(0, 10.5, WIDE, 5, t("{{ period_from|chinese_date }}　至　{{ period_to|chinese_date }}", "{{ period_from|english_date }}  –  {{ period_to|english_date }}"), 10, align="center", color="#333333"),
        pairs(19, 6, [(t("客户", "Customer"), "{{ customer.name }}"), (t("地址", "Address"), "{{ customer.address }}"), (t("电话", "Phone"), "{{ customer.phone }}")], narrow=18, wide=82, bold=0),
        pairs(19, 6, [(t("供方", "Supplier"), "{{ company.name }}"), (t("电话", "Phone"), "{{ company.phone }}"), (t("制单", "Prepared"), "{{ print.user }}　{{ print.date|date }}")], x=106, narrow=18, wide=62),
        line(0, 18, WIDE, 18, 0.4),
        _tiles([(t("期初余额", "Opening balance"), "{{ opening|money }}"), (t("本期增加", "Charges"), "{{ increases|money }}"), (t("本期减少", "Payments and credits"), "{{ decreases|money }}"), (t("期末余额", "Closing balance"), "{{ closing|money }}")]),
    )  # fmt: skip
    lines = {
        "list": "movements", "sums": {"increase": "line.increase", "decrease": "line.decrease"}, "keep": 2,
        "table": table(
            column(t("日期", "Date"), 21, "{{ line.date|date }}", "center"), column(t("类型", "Kind"), 16, "{{ line.kind }}", "center"),
            column(t("单号", "Number"), 28, "{{ line.number }}", overflow="shrink"), column(t("摘要", "Details"), 0, "{{ line.summary }}"),
            column(t("增加", "Charge"), 24, "{{ line.increase|amount }}", "right"), column(t("减少", "Payment"), 24, "{{ line.decrease|amount }}", "right"),
            column(t("余额", "Balance"), 26, "{{ line.balance|money }}", "right"), column(t("差异", "Query"), 16, "", "right"),
            size=8.5, header_size=9,
        ),
        "opening": cells(span(4, t("期初余额", "Opening balance")), "", "", "{{ opening|money }}", "", height=6.5, fill=""),
        "carry_in": cells(span(4, t("承前页", "Brought forward")), "{{ carried.increase|money }}", "{{ carried.decrease|money }}", "{{ previous.balance|default(opening)|money }}", "", height=6.5, fill=""),
        "page_total": cells(span(4, t("本页小计", "Page total")), "{{ page_sum.increase|money }}", "{{ page_sum.decrease|money }}", "", "", height=6.5, fill="", bold=False, when="page.count > 1"),
        "carry_out": cells(span(4, t("过次页", "Carried forward")), "{{ running.increase|money }}", "{{ running.decrease|money }}", "{{ last.balance|default(opening)|money }}", "", height=6.5, fill=""),
        "total": cells(span(4, t("本期合计", "Total of the period")), "{{ grand.increase|money }}", "{{ grand.decrease|money }}", "{{ closing|money }}", ""),
    }  # fmt: skip
    below = band(
        28,
        t.words_row(("期末余额（大写）", "In words"), "closing"),
        text(0, 11, WIDE, 5, t(ACCOUNT_ZH, ACCOUNT_EN), 9, when="company.account"),
        text(0, 16.5, WIDE, 5, t("请核对以上往来；如有不符，请在回签联中注明差异，并于收到之日起七日内寄回或传回。", "Please check the entries above, note any difference on the slip below and return it within seven days of receipt."), 9),
        text(0, 22, WIDE, 5, t("期末余额已扣除截至 {{ period_to|chinese_date }} 尚未核销的预收款 {{ prepaid|money('¥') }}。", "The closing balance is after a prepayment of {{ prepaid|money('¥') }}, not applied as of {{ period_to|english_date }}."), 9, when="prepaid"),
        when="page.number == page.count",
    )  # fmt: skip
    slip = band(
        74,
        line(0, 3, 76, 3, dash=1.5, color="#666666"), line(110, 3, WIDE, 3, dash=1.5, color="#666666"),
        text(76, 0.5, 34, 5, t("沿虚线裁下", "cut here"), 8, align="center", color="#666666"),
        text(0, 7, WIDE, 8, t("回　签　联", "CONFIRMATION"), 14, bold=True, align="center"),
        text(0, 17, WIDE, 6, t("致：{{ company.name }}", "To: {{ company.name }}"), 10),
        wrapped(0, 24, WIDE, 7, t("　　经核对，截至 {{ period_to|chinese_date }}，我方应付贵方余额为 {{ closing|money('¥') }}（{{ closing|rmb }}）。", "We confirm that as of {{ period_to|english_date }} the balance we owe you is {{ closing|money('¥') }} ({{ closing|words }})."), 10),
        text(0, 35, WIDE, 6, t("　　☐ 核对无误　　　☐ 与我方账面不符，我方账面余额为 ______________________ 元，差异说明：", "☐ Agreed      ☐ Not agreed: according to our books the balance is RMB ______________________ , because:"), 10),
        line(9 if t.chinese else 0, 45.5, WIDE, 45.5, 0.15),
        _stamps(t, 0, t("需方（盖章）：{{ customer.name }}", "Buyer (stamp): {{ customer.name }}")), _stamps(t, 93, t("供方（盖章）：{{ company.name }}", "Seller (stamp): {{ company.name }}")),
        at_bottom=True,
    )  # fmt: skip
    ahead = band(
        7.5,
        text(0, 0, 110, 5, t("对账单（续）　{{ customer.name }}", "Statement (continued)   {{ customer.name }}"), 9),
        text(110, 0, 76, 5, t("{{ period_from|date }} 至 {{ period_to|date }}", "{{ period_from|date }} – {{ period_to|date }}"), 9, align="right"),
        when="page.number > 1",
    )
    return template(t, "statement", "Statement", "statement", A4, {"page_header": ahead, "document_header": head, "lines": lines, "subtotal": below, "document_footer": slip, "page_footer": foot(t)})


LETTERS: Final = (
    ("付款提醒函", "PAYMENT REMINDER",
     "　　承蒙贵方一直以来的支持与合作。经核对，截至 {{ as_of|chinese_date }}，贵方尚有以下 {{ count }} 笔款项已过约定付款日，{{ '扣除贵方尚未核销的款项后' if credit }}合计 {{ total|money('¥') }}（{{ total|rmb }}）。",
     "Thank you for your continued business. According to our records, as of {{ as_of|english_date }} the {{ count }} item(s) below have passed the agreed date of payment, {{ total|money('¥') }} in all{{ ' after what stands to your credit' if credit }} ({{ total|words }}).",
     "　　可能因工作繁忙未及安排，特此提醒，烦请于收到本函后尽快核对并安排付款。如款项已付，请忽略本函，并将付款凭证告知我方。",
     "This may have been overlooked, so we kindly ask you to check and arrange payment at your earliest convenience. If you have paid already, please disregard this letter and send us the particulars of your payment."),
    ("催　款　函", "SECOND REMINDER",
     "　　截至 {{ as_of|chinese_date }}，贵方尚欠我方以下 {{ count }} 笔到期款项，{{ '扣除贵方尚未核销的款项后' if credit }}合计 {{ total|money('¥') }}（{{ total|rmb }}），最长已逾期 {{ days }} 天。此前我方已作提醒，至今未收到款项。",
     "As of {{ as_of|english_date }} the {{ count }} item(s) below are still unpaid, {{ total|money('¥') }} in all{{ ' after what stands to your credit' if credit }} ({{ total|words }}), the oldest {{ days }} days overdue. We have reminded you before and have not received payment.",
     "　　请贵方于收到本函之日起七日内付清上述款项，或书面告知付款计划。如对金额有异议，请于同一期限内提出。",
     "Please settle this amount within seven days of receipt of this letter, or let us have a plan of payment in writing. Any objection to the amounts should reach us within the same time."),
    ("最终催款函", "FINAL DEMAND",
     "　　截至 {{ as_of|chinese_date }}，贵方尚欠我方以下 {{ count }} 笔到期款项，{{ '扣除贵方尚未核销的款项后' if credit }}合计 {{ total|money('¥') }}（{{ total|rmb }}），最长已逾期 {{ days }} 天。我方多次催告，贵方仍未履行付款义务。",
     "As of {{ as_of|english_date }} you owe us the {{ count }} item(s) below, {{ total|money('¥') }} in all{{ ' after what stands to your credit' if credit }} ({{ total|words }}), the oldest {{ days }} days overdue. In spite of repeated reminders you have not met your obligation to pay.",
     "　　请贵方于收到本函之日起五日内付清全部款项。逾期仍未付清的，我方将暂停供货，并依合同约定及法律规定追究违约责任，由此产生的利息及费用由贵方承担。",
     "We demand payment in full within five days of receipt of this letter. Failing this we shall suspend deliveries and pursue our claims under the contract and the law; interest and costs will be at your expense."),
)  # fmt: skip


def dunning(t: Words, step: int) -> Element:
    """Return the letter of a step, from 1 to 3."""
    title, english, told, said, asked, wanted = LETTERS[step - 1]
    plain = title.replace("　", "")
    head = band(
        67,
        text(0, 2, WIDE, 10, t(title, english), 20, bold=True, align="center"),
        line(0, 15, WIDE, 15, 0.4),
        text(0, 20, WIDE, 6, t("致：{{ customer.name }}", "To: {{ customer.name }}"), 11, bold=True),
        text(0, 27, WIDE, 5, t("地址：{{ customer.address }}", "{{ customer.address }}"), 9.5, when="customer.address"),
        wrapped(0, 36, WIDE, 11.5, t(told, said), 10.5, leading=1.5),
        wrapped(0, 50.5, WIDE, 11.5, t(asked, wanted), 10.5, leading=1.5),
    )
    lines = {
        "list": "items", "sums": {"remaining": "line.remaining"}, "keep": 2,
        "table": table(
            column(t("序号", "No."), 12, "{{ line.no }}", "center"), column(t("单号", "Number"), 34, "{{ line.number }}", overflow="shrink"), column(t("摘要", "Details"), 0, "{{ line.name }}"),
            column(t("到期日", "Due"), 23, "{{ line.due|date }}", "center"), column(t("逾期天数", "Days"), 18, "{{ line.days }}", "right"),
            column(t("应收金额", "Amount"), 27, "{{ line.amount|money }}", "right"), column(t("未收金额", "Unpaid"), 27, "{{ line.remaining|money }}", "right"),
        ),
        "total": cells(span(6, t("合计", "Total")), "{{ grand.remaining|money }}"),
    }  # fmt: skip
    end = band(
        52,
        text(0, 1, WIDE, 6, t("减：贵方尚未核销的款项 {{ credit|money('¥') }}，应付 {{ total|money('¥') }}", "Less what stands to your credit: {{ credit|money('¥') }}. To be paid: {{ total|money('¥') }}"), 10, bold=True, align="right", when="credit"),
        text(0, 8, WIDE, 6, t(ACCOUNT_ZH, ACCOUNT_EN), 10, when="company.account"),
        text(0, 15, WIDE, 6, t("联系人：{{ print.user }}　电话：{{ company.phone }}", "Contact: {{ print.user }}   Tel. {{ company.phone }}"), 10),
        text(96, 30, 90, 6, t("{{ company.name }}（盖章）", "{{ company.name }} (stamp)"), 10.5, align="right"),
        text(96, 38, 90, 6, t.day("as_of"), 10.5, align="right"),
    )
    ahead = onward(t(f"{plain}（续）　{{{{ customer.name }}}}", f"{english.capitalize()} (continued)   {{{{ customer.name }}}}"))
    return template(t, f"dunning_{step}", f"Dunning letter {step}", "dunning", A4, {"page_header": ahead, "document_header": head, "lines": lines, "document_footer": end, "page_footer": foot(t)})


def open_items(t: Words) -> Element:
    """Return what a customer owes, document by document."""
    head = band(
        37,
        text(0, 0, WIDE, 10, t("应 收 明 细 表", "OPEN ITEMS"), 20, bold=True, align="center"),
        text(0, 10.5, WIDE, 5, t("截至 {{ print.date|chinese_date }}", "as of {{ print.date|english_date }}"), 10, align="center", color="#333333"),
        line(0, 17.5, WIDE, 17.5, 0.4),
        pairs(19.5, 5.6, [(t("客户", "Customer"), "{{ name }}"), (t("结算方式", "Terms"), "{{ payment_terms }}")], narrow=18, wide=88, bold=0),
        pairs(19.5, 5.6, [(t("联系人", "Contact"), "{{ contact_person }}　{{ mobile|default(phone) }}"), (t("信用额度", "Credit limit"), "{{ credit_limit|money }}")], x=112, narrow=20, wide=54),
    )  # fmt: skip
    lines = {
        "list": "open_items", "sums": {"amount": "line.amount", "settled": "line.settled", "remaining": "line.remaining"}, "keep": 2,
        "table": table(
            column(t("序号", "No."), 11, "{{ line.no }}", "center"), column(t("单号", "Number"), 27, "{{ line.number }}", overflow="shrink"), column(t("摘要", "Details"), 0, "{{ line.name }}"),
            column(t("单据日期", "Date"), 21, "{{ line.document_on|date }}", "center"), column(t("到期日", "Due"), 21, "{{ line.falls_due|date }}", "center"),
            column(t("逾期天数", "Overdue"), 15, "{{ line.overdue_days }}", "right"),
            column(t("应收金额", "Amount"), 24, "{{ line.amount|money }}", "right"), column(t("已收金额", "Settled"), 24, "{{ line.settled|amount }}", "right"), column(t("未收金额", "Unpaid"), 24, "{{ line.remaining|money }}", "right"),
            size=8.5, header_size=8.5,
        ),
        "carry_in": cells(span(6, t("承前页", "Brought forward")), "{{ carried.amount|money }}", "{{ carried.settled|money }}", "{{ carried.remaining|money }}", height=6.5, fill=""),
        "page_total": cells(span(6, t("本页小计", "Page total")), "{{ page_sum.amount|money }}", "{{ page_sum.settled|money }}", "{{ page_sum.remaining|money }}", height=6.5, fill="", bold=False, when="page.count > 1"),
        "carry_out": cells(span(6, t("过次页", "Carried forward")), "{{ running.amount|money }}", "{{ running.settled|money }}", "{{ running.remaining|money }}", height=6.5, fill=""),
        "total": cells(span(6, t("合　计", "Total")), "{{ grand.amount|money }}", "{{ grand.settled|money }}", "{{ grand.remaining|money }}"),
    }  # fmt: skip
    end = band(
        38,
        t.words_row(("未收合计（大写）", "In words"), "balance"),
        text(0, 11, WIDE, 5, t("另有预收款 {{ prepaid|money('¥') }} 尚未抵扣。", "A prepayment of {{ prepaid|money('¥') }} has not been applied yet."), 9, when="prepaid"),
        text(0, 17, WIDE, 5, t(ACCOUNT_ZH, ACCOUNT_EN), 9, when="company.account"),
        signs(29, [(0, 56, t("制表：", "Prepared:")), (65, 56, t("复核：", "Checked:")), (130, 56, t("客户确认：", "Confirmed:"))], 9.5),
    )
    bands = {"page_header": onward(t("应收明细表（续）　{{ name }}", "Open items (continued)   {{ name }}")), "document_header": head, "lines": lines, "document_footer": end, "page_footer": foot(t)}
    return template(t, "open_items", "Open items", "customer", A4, bands)


def _methods(t: Words) -> str:
    """Return the ways of paying, the one used marked."""
    return t("　", "   ").join(f"{{{{ '☑' if codes.method == '{code}' else '☐' }}}} {t(chinese, english)}" for code, chinese, english in METHODS)


def receipt(t: Words) -> Element:
    """Return the receipt for money (收款收据) on a third of a continuous form, as the receipt books of the trade have it."""
    wide = THIRD_WIDE - 8
    head = band(
        62,
        text(40, 0, wide - 80, 9, t("收　款　收　据", "OFFICIAL RECEIPT"), 18, bold=True, align="center"),
        line(wide / 2 - 38, 9.4, wide / 2 + 38, 9.4, 0.25), line(wide / 2 - 38, 10.2, wide / 2 + 38, 10.2, 0.25),
        text(40, 10.6, wide - 80, 5, t.day("received_on"), 10, align="center"),
        text(wide - 66, 2, 66, 6, "No. {{ number }}", 11, bold=True, align="right"),
        text(0, 2, 60, 6, "{{ company.name }}", 9),
        reprint(t, wide / 2 + 36, 2.5),
        box(0, 16.5, wide, 43.5, thickness=0.35),
        text(4, 18.5, 26, 7.5, t("今收到", "Received from"), 10.5, color=GREY), text(32, 18.5, wide - 36, 7.5, "{{ payer|default(customer.name) }}", 12, bold=True), line(31, 26, wide - 4, 26, 0.15),
        text(4, 27, 26, 7.5, t("交　来", "In payment of"), 10.5, color=GREY),
        text(32, 27, wide - 36, 7.5, t("{{ note|default('货款') }}{{ '（结清单据：' if settled_numbers }}{{ settled_numbers|shorten(120) }}{{ '）' if settled_numbers }}", "{{ note|default('goods supplied') }}{{ ' (documents: ' if settled_numbers }}{{ settled_numbers|shorten(120) }}{{ ')' if settled_numbers }}"), 10.5),
        line(31, 34.5, wide - 4, 34.5, 0.15),
        text(4, 35.5, 26, 8.5, t("金额（大写）", "The sum of"), 10.5, color=GREY), text(32, 35.5, wide - 90, 8.5, t.capitals("amount"), 11.5, bold=True), line(31, 44, wide - 56, 44, 0.15),
        box(wide - 52, 35.5, 48, 9, thickness=0.25), text(wide - 50, 35.5, 44, 9, "{{ amount|money('¥') }}", 13, bold=True, align="right"),
        text(4, 46, 26, 6, t("收款方式", "Paid by"), 10.5, color=GREY), text(32, 46, wide - 36, 6, _methods(t), 10),
        text(4, 52.5, 26, 6, t("收款账户", "Into account"), 10.5, color=GREY), text(32, 52.5, 80, 6, "{{ account|default(company.bank) }}", 10),
        text(116, 52.5, wide - 120, 6, t("银行流水号：{{ reference }}", "Bank reference: {{ reference }}"), 10, when="reference"),
        text(THIRD_WIDE - 5, 16.5, 4.5, 43.5, t("①存根\n\n②客户\n\n③记账", "1 file   2 customer   3 books"), 8, rotate=0 if t.chinese else 90, align="center", color=GREY),
    )  # fmt: skip
    end = band(12, signs(3, [(0, 58, t("收款单位（盖章）：", "Stamp:")), (64, 38, t("会计：", "Accountant:")), (108, 38, t("出纳：", "Cashier:")), (152, 49, t("经手人：", "Handled by:"))], 9.5))
    bands = {"document_header": head, "document_footer": end}
    return template(t, "receipt", "Receipt voucher", "receipt", THIRD, bands, tear_lines=[{"x": 12.7}, {"x": 228.3}])


def receipt_slip(t: Words) -> Element:
    """Return the receipt on a roll of 80 mm, as long as what it settles."""
    wide = 72.0
    head = band(
        41,
        text(0, 0, wide, 6, "{{ company.name }}", 11, bold=True, align="center"),
        text(0, 6.5, wide, 6, t("收款小票", "Receipt"), 12, bold=True, align="center"),
        line(0, 14, wide, 14, dash=1),
        pairs(15, 5, [(t("单号", "No."), "{{ number }}"), (t("日期", "Date"), "{{ received_on|date }}"), (t("客户", "Customer"), "{{ customer.name }}"), (t("方式", "Paid by"), _method(t)), (t("经手", "By"), "{{ owner.name }}")], narrow=16, wide=56),
    )  # fmt: skip
    lines = {
        "list": "settled", "keep": 0,
        "table": {"size": 8, "header_height": 6, "header_size": 8, "row_height": 5, "border": "rows", "thickness": 0.1, "padding": 0.5, "columns": [
            column(t("单号", "Number"), 26, "{{ line.number }}", overflow="shrink"), column(t("摘要", "Details"), 0, "{{ line.name }}"), column(t("核销", "Settled"), 20, "{{ line.allocated|money }}", "right"),
        ]},
    }  # fmt: skip
    end = band(
        31,
        text(0, 2, 26, 8, t("实收金额", "Received"), 11, bold=True), text(24, 2, 48, 8, "{{ amount|money('¥') }}", 15, bold=True, align="right"),
        wrapped(0, 10.5, wide, 4.5, t.capitals("amount"), 8.5),
        text(0, 16, wide, 4.5, t("其中预收：{{ unallocated|money }}", "of which prepayment: {{ unallocated|money }}"), 8.5, when="unallocated"),
        line(0, 21.5, wide, 21.5, dash=1),
        text(0, 22.5, wide, 4, t("{{ company.phone }}　谢谢惠顾", "{{ company.phone }}   Thank you"), 8, align="center"),
        text(0, 26.5, wide, 4, "{{ print.date|date }}  {{ print.user }}", 8, align="center", color=GREY),
    )
    paper = {"size": "receipt-80", "margins": {"top": 4, "right": 4, "bottom": 6, "left": 4}}
    return template(t, "receipt_slip", "Receipt slip", "receipt", paper, {"document_header": head, "lines": lines, "document_footer": end})


def _method(t: Words) -> str:
    return "{{ " + " else ".join(f"'{t(chinese, english)}' if codes.method == '{code}'" for code, chinese, english in METHODS) + f" else '{t('其他', 'Other')}' }}}}"

