"""Papers of a sale: quotation, contract, delivery note and return note. All of them print contracts; a quotation is a contract in draft."""

from __future__ import annotations

from typing import Any, Final

from templates.clauses import clauses
from templates.kit import (
    A4,
    GREY,
    INK,
    WIDE,
    Element,
    Words,
    band,
    box,
    cells,
    column,
    foot,
    grid,
    line,
    onward,
    pairs,
    reprint,
    signs,
    span,
    squeezed,
    table,
    template,
    text,
    watermark,
    wrapped,
)

FORM: Final = {"size": "continuous-1/2", "margins": {"top": 5, "right": 14, "bottom": 4.5, "left": 14}}
FORM_WIDE: Final = 213.0
A5_WIDE: Final = 190.0
STRIPS: Final = [{"x": 12.7}, {"x": 228.3}]
"""Where the strips with the sprocket holes are torn off."""
PRICED: Final = "not copy.priceless"


def _goods(t: Words, *, discount: bool) -> list[Element]:
    """Return the columns of goods sold on A4."""
    found = [
        column(t("序号", "No."), 11, "{{ line.no|default(row.number) }}", "center"),
        column(t("产品名称", "Product"), 0, "{{ line.product_name }}"),
        column(t("规格型号", "Specification"), 34, "{{ line.specification }}"),
        column(t("单位", "Unit"), 13, "{{ line.unit }}", "center"),
        column(t("数量", "Quantity"), 18, "{{ line.quantity|quantity }}", "right"),
        column(t("含税单价", "Unit price"), 24, "{{ line.price|price }}", "right"),
    ]
    if discount:
        found.append(column(t("折扣", "Discount"), 16, "{{ line.discount|percent if line.discount != 1 }}", "center", when="discount_total"))
    return [*found, column(t("含税金额", "Amount"), 28, "{{ line.total|money }}", "right")]


def quotation(t: Words) -> Element:
    """Return the offer of a contract in draft: goods, terms, and how long it holds."""
    head = band(
        52,
        text(0, 0, 120, 8, "{{ company.name }}", 14, bold=True, color=INK),
        text(0, 8.5, 120, 5, t("地址：{{ company.address }}", "{{ company.address }}"), 8.5, color=GREY, when="company.address"),
        text(0, 13, 120, 5, t("电话：{{ company.phone }}　邮箱：{{ company.email }}", "Tel. {{ company.phone }}   {{ company.email }}"), 8.5, color=GREY),
        text(120, 0, 66, 12, t("报　价　单", "QUOTATION"), 22, bold=True, align="right", color=INK),
        text(120, 13, 66, 5, t.label("单号", "No.") + "{{ number }}", 9, align="right"),
        line(0, 19.5, WIDE, 19.5, 0.5, color=INK),
        pairs(22.5, 5.6, [(t("客户", "To"), "{{ customer.name }}"), (t("联系人", "Attention"), t("{{ contact.name }}　{{ contact.mobile|default(contact.phone) }}", "{{ contact.name }}   {{ contact.mobile|default(contact.phone) }}")),
                          (t("地址", "Address"), "{{ delivery_address|default(customer.address) }}")], narrow=18, wide=88, bold=0),
        pairs(22.5, 5.6, [(t("报价日期", "Date"), "{{ signed_on|date }}"), (t("有效期", "Valid for"), t("自报价之日起 30 天", "30 days from the date above")),
                          (t("报价人", "Offered by"), "{{ owner.name }}　{{ owner.phone }}")], x=112, narrow=20, wide=54),
        wrapped(0, 42.5, WIDE, 6, t("承蒙垂询，谨就贵公司所需产品报价如下（单位：人民币元，含税）：",
                                   "Thank you for your enquiry. We are pleased to offer as follows (prices in RMB, tax included):"), 9.5),
    )  # fmt: skip
    lines = {
        "list": "lines", "sums": {"quantity": "line.quantity", "total": "line.total"}, "keep": 2,
        "table": table(*_goods(t, discount=True)),
        "page_total": cells(span(4, t("本页小计", "Page total")), "{{ page_sum.quantity|quantity }}", "", "", "{{ page_sum.total|money }}", height=6.5, fill="", bold=False, when="page.count > 1"),
        "total": cells(span(4, t("合　计", "Total")), "{{ grand.quantity|quantity }}", "", "", "{{ total|money }}"),
    }  # fmt: skip
    words = t.words_row(("合计（大写）", "In words"), "total")
    terms = [
        t("一、以上报价含增值税，{{ '其中优惠 ' if discount_total }}{{ discount_total|amount }}{{ ' 元。' if discount_total else '不含现场安装费用。' }}",
          "1. Prices include VAT{{ ' and a discount of RMB ' if discount_total }}{{ discount_total|amount }}. On-site installation is not included."),
        t("二、交货期：{{ '不晚于 ' if delivery_on }}{{ delivery_on|chinese_date|default('收到订单后另行确认') }}。",
          "2. Delivery: {{ 'not later than ' if delivery_on }}{{ delivery_on|english_date|default('to be confirmed on receipt of order') }}."),
        t("三、交货地点：{{ delivery_address|default('需方指定地点') }}，运费由供方承担。", "3. Place of delivery: {{ delivery_address|default('as advised by the buyer') }}, freight paid by the seller."),
        t("四、付款方式：{{ payment_terms|default('双方协商确定') }}。", "4. Payment: {{ payment_terms|default('to be agreed') }}."),
        t("五、质保期：自验收合格之日起十二个月，人为损坏除外。", "5. Warranty: twelve months from acceptance, damage caused by misuse excepted."),
    ]  # fmt: skip
    note = wrapped(0, 2 + 5.8 * len(terms), WIDE, 5, t("六、备注：{{ note }}", "6. Remarks: {{ note }}"), 9, when="note")
    texts = [wrapped(0, 2 + 5.8 * at, WIDE, 5, term, 9) for at, term in enumerate(terms)]
    sign = band(
        32,
        text(0, 4, 86, 5, t("需方确认（签字、盖章）：", "Accepted by the buyer (signature and stamp):"), 9.5),
        text(100, 4, 86, 5, t("供方（盖章）：{{ company.name }}", "For the seller: {{ company.name }}"), 9.5),
        signs(20, [(0, 70, t("日期：", "Date:")), (100, 86, t("经办人：", "Signed by:"))], 9.5),
    )
    bands = {
        "page_header": onward(t("报价单（续）　{{ number }}　{{ customer.name }}", "Quotation (continued)   {{ number }}   {{ customer.name }}")),
        "document_header": head, "lines": lines, "closing": [band(10, words), band(3 + 5.8 * (len(terms) + 1), texts, note)], "document_footer": sign, "page_footer": foot(t),
    }  # fmt: skip
    mark = {"text": f"{{{{ '{t('作废', 'VOID')}' if codes.state == 'ended' else '{t('补打', 'REPRINT')}' if print.times }}}}", "size": 96, "color": "#ebebeb"}
    return template(t, "quotation", "Quotation", "contract", A4, bands, watermark=mark)


def _party(t: Words, x: float, who: str, rows: list[tuple[str, str]]) -> list[Element]:
    """Return one half of a contract's signatures."""
    found = [box(x, 4, 93, 58), text(x + 2.5, 5.5, 88, 6, who, 10, bold=True)]
    return [*found, *pairs(12.5, 6, rows, x=x + 2.5, narrow=26 if t.chinese else 30, wide=62 if t.chinese else 58, size=9)]


def sales_contract(t: Words) -> Element:
    """Return a contract of sale: the goods, twelve clauses that flow over the pages, and both parties' particulars to sign."""
    head = band(
        55,
        text(0, 0, WIDE, 11, t("产 品 购 销 合 同", "SALES CONTRACT"), 22, bold=True, align="center"),
        pairs(15, 6, [(t("需方（甲方）", "Buyer"), "{{ customer.name }}"), (t("供方（乙方）", "Seller"), "{{ company.name }}")], narrow=26, wide=86, size=10),
        pairs(15, 6, [(t("合同编号", "Contract no."), "{{ number }}"), (t("签订日期", "Date"), t.day("signed_on"))], x=118, narrow=24, wide=44, size=10),
        text(0, 27, WIDE, 6, t("项目名称：{{ title }}", "Subject: {{ title }}"), 10, when="title"),
        wrapped(0, 34, WIDE, 12, t("　　根据《中华人民共和国民法典》及有关法律规定，甲乙双方本着平等自愿、诚实信用的原则，经协商一致，订立本合同，共同遵守。",
                                  "In accordance with the Civil Code of the People's Republic of China and other applicable law, the parties have agreed on an equal and voluntary basis to conclude this contract as follows."), 10, leading=1.5),
        text(0, 47.5, WIDE, 6, t("一、产品名称、规格、数量及价款（单位：人民币元，含增值税）", "1. Goods, quantities and prices (RMB, VAT included)"), 10, bold=True),
    )  # fmt: skip
    lines = {
        "list": "lines", "sums": {"quantity": "line.quantity", "total": "line.total"}, "keep": 1,
        "table": table(*_goods(t, discount=False), header_height=7.5),
        "total": cells(span(4, t("合　计", "Total")), "{{ grand.quantity|quantity }}", "", "{{ total|money }}"),
    }  # fmt: skip
    words = band(10, t.words_row(("合计（大写）", "In words"), "total"))
    rows = [(t("单位地址", "Address"), "{{ invoice_title.address|default(customer.address) }}"), (t("法定代表人", "Represented by"), ""), (t("委托代理人", "Agent"), "{{ contact.name }}"),
            (t("电话", "Phone"), "{{ invoice_title.phone|default(customer.phone) }}"), (t("开户银行", "Bank"), "{{ invoice_title.bank }}"), (t("账号", "Account"), "{{ invoice_title.account }}"),
            (t("税号", "Tax number"), "{{ invoice_title.tax_number|default(customer.credit_code) }}"), (t("日期", "Date"), t("　　　年　　月　　日", ""))]  # fmt: skip
    ours = [(t("单位地址", "Address"), "{{ company.address }}"), (t("法定代表人", "Represented by"), ""), (t("委托代理人", "Agent"), "{{ owner.name }}"), (t("电话", "Phone"), "{{ company.phone }}"),
            (t("开户银行", "Bank"), "{{ company.bank }}"), (t("账号", "Account"), "{{ company.account }}"), (t("税号", "Tax number"), "{{ company.tax_number }}"), (t("日期", "Date"), t("　　　年　　月　　日", ""))]  # fmt: skip
    sign = band(
        64,
        _party(t, 0, t("需方（甲方，盖章）：{{ customer.name }}", "Buyer: {{ customer.name }}"), rows),
        _party(t, 93, t("供方（乙方，盖章）：{{ company.name }}", "Seller: {{ company.name }}"), ours),
    )
    bands = {
        "page_header": onward(t("产品购销合同　{{ number }}", "Sales contract   {{ number }}")),
        "document_header": head, "lines": lines, "closing": [words, *clauses(t)], "document_footer": sign, "page_footer": foot(t, "{{ number }}　{{ company.name }}"),
    }  # fmt: skip
    return template(t, "sales_contract", "Sales contract", "contract", A4, bands, watermark=watermark(t, "ended", "draft"))


def _form_head(t: Words, title: str, number: str, date: str) -> list[Element]:
    """Return the head of a continuous form: company and title in the middle, number and date on the right."""
    label = 20 if t.chinese else 24
    return [
        text(62, 0, 89, 6.5, "{{ company.name }}", 13, align="center"),
        text(46, 6.5, 121, 7.5, title, 16, bold=True, align="center"),
        reprint(t, 133, 8),
        text(0, 7.5, 62, 4.5, t.label("电话", "Tel.") + "{{ company.phone }}", 8, when="company.phone"),
        text(0, 0, 46, 5, t.pages, 8, when="page.count > 1"),
        text(151, 2.5, 62, 5, t.label("单号", "No.") + number, 9.5, align="right"),
        text(151, 8.5, 62, 5, t.label("日期", "Date") + date, 9.5, align="right"),
        *grid(15.5, 6.5, (t("客户名称", "Customer"), label, "{{ customer.name }}", 98 - label), (t("联系人", "Contact"), 18, "{{ contact.name }}", 40),
              (t("电话", "Phone"), 16, "{{ contact.mobile|default(customer.phone) }}", 41)),
        *grid(22, 6.5, (t("送货地址", "Deliver to"), label, "{{ delivery_address|default(customer.address) }}", 156 - label), (t("业务员", "Sales"), 16, "{{ owner.name }}  {{ owner.phone }}", 41)),
    ]  # fmt: skip


def _plies(t: Words, *, right: str = "{{ company.address }}") -> dict[str, Any]:
    """Return the foot of a form of three plies."""
    return band(
        5,
        text(0, 0.8, 86, 4, t("第一联（白）存根　　第二联（红）客户　　第三联（黄）回单", "1 (white) file    2 (pink) customer    3 (yellow) signed copy"), 7.5),
        text(86, 0.8, 41, 4, t("（转下页）", "(continued)"), 8, align="center", when="page.number < page.count"),
        text(130, 0.8, 83, 4, right, 7.5, align="right"),
    )


def delivery_note(t: Words) -> Element:
    """Return the delivery note for 241 × 140 forms of three plies; a priceless copy leaves prices and amounts out."""
    lines = {
        "list": "lines", "sums": {"quantity": "line.quantity", "total": "line.total"}, "rows_per_page": 8, "pad": True,
        "table": {"size": 9, "header_height": 6.5, "row_height": 6, "columns": [
            column(t("序号", "No."), 11, "{{ line.no|default(row.number) }}", "center"),
            column(t("品名", "Product"), 0, "{{ line.product_name }}"),
            column(t("规格型号", "Specification"), 38, "{{ line.specification }}"),
            column(t("单位", "Unit"), 13, "{{ line.unit }}", "center"),
            column(t("数量", "Quantity"), 21, "{{ line.quantity|quantity }}", "right"),
            column(t("单价", "Unit price"), 23, "{{ line.price|price }}", "right", when=PRICED),
            column(t("金额（含税）", "Amount"), 28, "{{ line.total|money }}", "right", when=PRICED),
            column(t("备注", "Remarks"), 27, "{{ line.note }}", "left", "shrink", size=8),
        ]},
        "page_total": cells(span(4, t("本页小计", "Page total")), "{{ page_sum.quantity|quantity }}", "", "{{ page_sum.total|money }}", "", height=6, fill="", bold=False, when="page.count > 1"),
        "total": cells(span(4, t("合　计", "Total")), "{{ grand.quantity|quantity }}", "", "{{ total|money }}", "", height=6, fill=""),
    }  # fmt: skip
    end = band(
        27.5,
        box(0, 0, FORM_WIDE, 7),
        text(2, 0, 148, 7, t("合计金额（大写）：", "In words: ") + t.capitals("total"), 9.5, when=PRICED),
        text(152, 0, 59, 7, t("（小写）：{{ total|money('¥') }}", "{{ total|money('¥') }}"), 9.5, align="right", when=PRICED),
        box(0, 7, FORM_WIDE, 8),
        text(2, 7, 209, 8, t.label("备注", "Remarks") + "{{ note }}", 8.5),
        text(0, 16, FORM_WIDE, 4.5, t("请收货人当面核对品名、规格与数量后签字；签字即表示已收到上列货物。", "Please check goods and quantities before signing; the signature confirms receipt of the goods above."), 8),
        signs(22, [(42, 39, t("发货：", "Issued:")), (84, 39, t("送货：", "Driver:")), (126, 45, t("收货人（签字）：", "Received by:")), (174, 39, t("收货日期：", "Date:"))]),
        text(0, 22, 40, 5, t.label("制单", "Prepared by") + "{{ print.user }}", 9),
    )  # fmt: skip
    head = band(28.5, _form_head(t, t("送　货　单", "DELIVERY NOTE"), "{{ number }}", "{{ (delivery_on|default(print.date))|date }}"))
    bands = {"page_header": head, "lines": lines, "document_footer": end, "page_footer": _plies(t)}
    return template(t, "delivery_note", "Delivery note", "contract", FORM, bands, tear_lines=STRIPS)


def delivery_note_a5(t: Words) -> Element:
    """Return the delivery note for laser printers: a sheet of A5 for each copy with its own mark, that of the store without prices."""
    made = delivery_note(t)
    bands = {name: squeezed(one, A5_WIDE / FORM_WIDE) for name, one in made["bands"].items()}
    bands["page_header"]["elements"].append(text(0, 2.5, 40, 5, t("【{{ copy.mark }}】", "{{ copy.mark }}"), 10, bold=True, when="copy.mark and page.count == 1"))
    bands["lines"]["rows_per_page"] = 9
    bands["page_footer"] = band(
        5,
        text(0, 0.8, 60, 4, t("{{ copy.mark }}联　共 {{ copy.count }} 联", "{{ copy.mark }}, copy {{ copy.number }} of {{ copy.count }}"), 7.5),
        text(70, 0.8, 50, 4, t("（转下页）", "(continued)"), 8, align="center", when="page.number < page.count"),
        text(110, 0.8, 80, 4, "{{ company.address }}", 7.5, align="right"),
    )
    copies = [t("存根", "File"), t("客户", "Customer"), t("回单", "Signed copy"), {"mark": t("仓库", "Store"), "priceless": True}]
    paper = {"size": "A5-landscape", "margins": {"top": 8, "right": 10, "bottom": 6, "left": 10}}
    return template(t, "delivery_note_a5", "Delivery note A5", "contract", paper, bands, copies=copies)


def return_note(t: Words) -> Element:
    """Return the note for goods that come back: what was delivered is printed, what comes back and why is filled in by hand."""
    lines = {
        "list": "lines", "sums": {"quantity": "line.quantity"}, "rows_per_page": 7, "pad": True,
        "table": {"size": 9, "header_height": 6.5, "row_height": 6, "columns": [
            column(t("序号", "No."), 11, "{{ line.no|default(row.number) }}", "center"),
            column(t("品名", "Product"), 0, "{{ line.product_name }}"),
            column(t("规格型号", "Specification"), 38, "{{ line.specification }}"),
            column(t("单位", "Unit"), 13, "{{ line.unit }}", "center"),
            column(t("原发数量", "Delivered"), 20, "{{ line.quantity|quantity }}", "right"),
            column(t("退货数量", "Returned"), 20, "", "right"),
            column(t("含税单价", "Unit price"), 22, "{{ line.price|price }}", "right", when=PRICED),
            column(t("退货原因", "Reason"), 36, "", "left"),
        ]},
        "total": cells(span(4, t("合　计", "Total")), "{{ grand.quantity|quantity }}", "", "", "", height=6, fill=""),
    }  # fmt: skip
    end = band(
        34,
        box(0, 0, FORM_WIDE, 14),
        text(2, 0.5, 209, 6.5, t("退货类别：　☐ 质量问题　　☐ 发错货　　☐ 多发　　☐ 客户不再需要　　☐ 其他 ____________________", "Kind:   ☐ defective    ☐ wrong goods    ☐ too many    ☐ no longer needed    ☐ other ____________________"), 9),
        text(2, 7, 209, 6.5, t("处理方式：　☐ 换货　　☐ 维修后发回　　☐ 退款　　☐ 冲抵货款　　金额（元）____________________", "Settled by:   ☐ exchange    ☐ repair    ☐ refund    ☐ credit against the account    Amount (RMB) ____________________"), 9),
        text(0, 15.5, FORM_WIDE, 4.5, t("退货须附原包装及随货单据；经我方质检确认后按上列方式处理。", "Please return goods in their packing with their papers; they are settled as above after inspection."), 8),
        signs(28, [(0, 48, t("退货人（客户签字）：", "Returned by:")), (52, 48, t("收货人：", "Received by:")), (104, 50, t("质检：", "Inspected by:")), (158, 55, t("日期：", "Date:"))]),
    )  # fmt: skip
    head = band(28.5, _form_head(t, t("退　货　单", "RETURN NOTE"), "{{ number }}", "{{ print.date|date }}"))
    bands = {"page_header": head, "lines": lines, "document_footer": end, "page_footer": _plies(t)}
    return template(t, "return_note", "Return note", "contract", FORM, bands, tear_lines=STRIPS)
