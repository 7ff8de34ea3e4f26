"""Requests for invoices (开票申请): for a contract, and for the requests the program keeps."""

from __future__ import annotations

from templates.kit import A4, FILL, GREY, WIDE, Element, Words, band, box, cells, column, foot, grid, onward, span, table, template, text


def _side(t: Words, x: float, who: str, rows: list[tuple[str, str]]) -> list[Element]:
    """Return the particulars of buyer or seller in a box, the side's name upright beside them."""
    narrow = 24 if t.chinese else 26
    found = [box(x, 26.5, 8, 38, fill=FILL), box(x + 8, 26.5, 85, 38), text(x + 1, 27, 6, 37, who, 9.5, bold=True, align="center", rotate=0 if t.chinese else 270, overflow="wrap" if t.chinese else "shrink")]
    for at, (label, content) in enumerate(rows):
        top = round(27.5 + at * 7.3, 2)
        found.append(text(x + 10, top, narrow, 7, label, 8.5, color=GREY))
        found.append(text(x + 10 + narrow, top, 82 - narrow, 7, content, 9))
    return found


def _steps(t: Words, asked_by: str) -> list[Element]:
    """Return the four places to sign."""
    found: list[Element] = []
    labels = (t("申请人", "Requested by"), t("部门负责人", "Department"), t("财务审核", "Finance"), t("开票人", "Issued by"))
    for at, label in enumerate(labels):
        x = at * 46.5
        found += [box(x, 24, 46.5, 24), text(x + 2, 25.5, 42, 5, label, 9, color=GREY), text(x + 2, 42, 42, 5, t("日期：　　　年　　月　　日", "Date:"), 8.5, color=GREY)]
        if not at:
            found.append(text(x + 2, 32.5, 42, 6, asked_by, 10, align="center"))
    return found


def _whole(t: Words, name: str, label: str, prints: str, head: list[Element], lines: Element, foot_words: list[Element], asked_by: str) -> Element:
    title = [text(0, 0, WIDE, 6, "{{ company.name }}", 11, align="center", color="#333333"), text(0, 6, WIDE, 9, t("开 票 申 请 单", "INVOICE REQUEST"), 20, bold=True, align="center")]
    shifted = [element | {"y": round(element["y"] + 23.5, 2)} for element in head]
    bands = {
        "page_header": onward(t("开票申请单（续）　{{ number }}　{{ customer.name }}", "Invoice request (continued)   {{ number }}   {{ customer.name }}")),
        "document_header": band(88, title, shifted), "lines": lines, "document_footer": band(49, foot_words, _steps(t, asked_by)),
        "page_footer": foot(t, t("打印：{{ print.user }}　{{ print.date|date }}", "Printed: {{ print.user }}   {{ print.date|date }}")),
    }  # fmt: skip
    mark = {"text": t("补打", "REPRINT"), "size": 96 if t.chinese else 84, "color": "#ebebeb", "when": "print.times"}
    return template(t, name, label, prints, A4, bands, watermark=mark)


def _seller(t: Words) -> list[tuple[str, str]]:
    return [(t("名称", "Name"), "{{ company.name }}"), (t("纳税人识别号", "Tax number"), "{{ company.tax_number }}"), (t("地址、电话", "Address, phone"), "{{ company.address }} {{ company.phone }}"),
            (t("开户银行", "Bank"), "{{ company.bank }}"), (t("银行账号", "Account"), "{{ company.account }}")]  # fmt: skip


def _buyer(t: Words, title: str) -> list[tuple[str, str]]:
    return [(t("名称", "Name"), f"{{{{ {title}.title|default(customer.name) }}}}"), (t("纳税人识别号", "Tax number"), f"{{{{ {title}.tax_number|default(customer.credit_code) }}}}"),
            (t("地址、电话", "Address, phone"), f"{{{{ {title}.address }}}} {{{{ {title}.phone }}}}"), (t("开户银行", "Bank"), f"{{{{ {title}.bank }}}}"), (t("银行账号", "Account"), f"{{{{ {title}.account }}}}")]  # fmt: skip


def _sums(t: Words) -> list[Element]:
    return [
        *t.words_row(("价税合计（大写）", "In words"), "total", 104),
        box(138, 0, 48, 8.5), text(139.5, 0, 45, 8.5, t("（小写）{{ total|money('¥') }}", "{{ total|money('¥') }}"), 10, bold=True, align="right"),
        *grid(8.5, 13, (t("备　注", "Remarks"), 34, "{{ note }}", WIDE - 34), fill=FILL),
    ]  # fmt: skip


def invoice_request(t: Words) -> Element:
    """Return the request to invoice a contract, with every field an invoice of the tax bureau asks for."""
    head = [
        text(0, -6.5, 93, 5, t("申请日期：{{ print.date|chinese_date }}", "Date: {{ print.date|english_date }}"), 9), text(93, -6.5, 93, 5, t("合同编号：{{ number }}", "Contract no. {{ number }}"), 9, align="right"),
        *grid(0, 7, (t("合同名称", "Subject"), 24, "{{ title }}", 69), (t("客户", "Customer"), 24, "{{ customer.name }}", 69), fill=FILL),
        *grid(7, 7, (t("签订日期", "Signed on"), 24, "{{ signed_on|date }}", 38), (t("联系人", "Contact"), 18, "{{ contact.name }} {{ contact.mobile }}", 44), (t("业务员", "Sales"), 18, "{{ owner.name }} {{ owner.phone }}", 44), fill=FILL),
        *grid(14, 7, (t("发票类型", "Kind"), 24, t("☐ 数电专用发票　　☐ 数电普通发票　　　　交付方式：☐ 电子邮箱　☐ 手机短信　☐ 自取", "☐ VAT special    ☐ VAT ordinary        Delivered by:  ☐ e-mail   ☐ text message   ☐ collected"), WIDE - 24), fill=FILL),
        *[element | {"y": element["y"] - 3} for element in (*_side(t, 0, t("购买方", "Buyer"), _buyer(t, "invoice_title")), *_side(t, 93, t("销售方", "Seller"), _seller(t)))],
    ]  # fmt: skip
    lines = {
        "list": "lines", "sums": {"net": "line.net", "tax": "line.tax", "total": "line.total"}, "keep": 2,
        "table": table(
            column(t("序号", "No."), 10, "{{ line.no|default(row.number) }}", "center"), column(t("项目名称", "Item"), 0, "{{ line.product_name }}"), column(t("规格型号", "Specification"), 26, "{{ line.specification }}"),
            column(t("单位", "Unit"), 11, "{{ line.unit }}", "center"), column(t("数量", "Quantity"), 15, "{{ line.quantity|quantity }}", "right"), column(t("含税单价", "Price"), 19, "{{ line.price|price }}", "right"),
            column(t("金额", "Net"), 23, "{{ line.net|money }}", "right"), column(t("税率", "Rate"), 11, "{{ line.tax_rate|percent }}", "center"), column(t("税额", "VAT"), 19, "{{ line.tax|money }}", "right"), column(t("价税合计", "Total"), 23, "{{ line.total|money }}", "right"),
            size=8.5, header_size=8.5,
        ),
        "total": cells(span(6, t("合　计", "Total")), "{{ grand.net|money }}", "", "{{ grand.tax|money }}", "{{ total|money }}"),
    }  # fmt: skip
    return _whole(t, "invoice_request", "Invoice request", "contract", head, lines, _sums(t), "{{ owner.name }}")


def invoice_request_sheet(t: Words) -> Element:
    """Return a request for an invoice as the program keeps it, with the tax codes of its lines."""
    kind = t("{{ '☑' if codes.kind == 'e_special' else '☐' }} 数电专用发票　　{{ '☑' if codes.kind == 'e_ordinary' else '☐' }} 数电普通发票",
             "{{ '☑' if codes.kind == 'e_special' else '☐' }} VAT special    {{ '☑' if codes.kind == 'e_ordinary' else '☐' }} VAT ordinary")  # fmt: skip
    head = [
        text(0, -6.5, 93, 5, t("申请日期：{{ requested_on|chinese_date }}", "Date: {{ requested_on|english_date }}"), 9), text(93, -6.5, 93, 5, t("申请单号：{{ number }}", "Request no. {{ number }}"), 9, align="right"),
        *grid(0, 7, (t("客户", "Customer"), 24, "{{ customer.name }}", 69), (t("合同编号", "Contract no."), 24, "{{ contract.number }}", 69), fill=FILL),
        *grid(7, 7, (t("申请人", "Asked by"), 24, "{{ owner.name }} {{ owner.phone }}", 69), (t("电子邮箱", "E-mail"), 24, "{{ customer.email }}", 69), fill=FILL),
        *grid(14, 7, (t("发票类型", "Kind"), 24, kind, WIDE - 24), fill=FILL),
        *[element | {"y": element["y"] - 3} for element in (*_side(t, 0, t("购买方", "Buyer"), _buyer(t, "title")), *_side(t, 93, t("销售方", "Seller"), _seller(t)))],
    ]  # fmt: skip
    lines = {
        "list": "lines", "sums": {"amount": "line.amount", "tax": "line.tax"}, "keep": 2,
        "table": table(
            column(t("序号", "No."), 10, "{{ line.no|default(row.number) }}", "center"), column(t("项目名称", "Item"), 0, "{{ line.item }}"), column(t("税收编码", "Tax code"), 30, "{{ line.tax_code }}", overflow="shrink"),
            column(t("规格型号", "Specification"), 23, "{{ line.specification }}"), column(t("单位", "Unit"), 11, "{{ line.unit }}", "center"), column(t("数量", "Quantity"), 15, "{{ line.quantity|quantity }}", "right"),
            column(t("含税单价", "Price"), 17, "{{ line.price|price }}", "right"), column(t("税率", "Rate"), 11, "{{ line.tax_rate|percent }}", "center"), column(t("税额", "VAT"), 18, "{{ line.tax|money }}", "right"), column(t("含税金额", "Amount"), 22, "{{ line.amount|money }}", "right"),
            size=8.5, header_size=8.5,
        ),
        "total": cells(span(8, t("合　计", "Total")), "{{ grand.tax|money }}", "{{ grand.amount|money }}"),
    }  # fmt: skip
    return _whole(t, "invoice_request_sheet", "Invoice request sheet", "invoice_request", head, lines, _sums(t), "{{ owner.name }}")
