"""Values as the services hand them to printing, and a small template to vary."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader

from desktop_crm.printing.parse import parse_template

if TYPE_CHECKING:
    from desktop_crm.printing.template import Template

COMPANY = {"name": "杭州恒泰自动化科技有限公司", "address": "杭州市滨江区江南大道 588 号", "phone": "0571-87654321",
           "tax_number": "91330108MA2B1C3D4E", "bank": "中国工商银行杭州滨江支行", "account": "1202021509900123456"}  # fmt: skip
PRINT = {"date": date(2026, 6, 30), "user": "王晓梅"}
CUSTOMER = {"name": "苏州新锐精密机械制造有限公司", "short_name": "苏州新锐", "phone": "0512-62881199",
            "address": "苏州市工业园区星湖街 328 号", "credit_code": "91320594MA1XYZ8K3P"}  # fmt: skip


def contract(count: int, **changes: Any) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        net = Decimal("100.00") * number
        tax = Decimal("13.00") * number
        lines.append({"no": number, "product_name": f"产品 {number}", "specification": f"S-{number}", "unit": "台", "quantity": Decimal(number),
                      "price": Decimal("100.0000"), "tax_rate": Decimal("0.13"), "net": net, "tax": tax, "total": net + tax, "note": None})  # fmt: skip
    sums: dict[str, Any] = {name: sum((line[name] for line in lines), Decimal(0)) for name in ("net", "tax", "total")}
    values = {"company": COMPANY, "print": PRINT, "number": "HT-2026-0618", "title": "备件采购合同", "signed_on": date(2026, 6, 18),
              "delivery_on": date(2026, 6, 29), "delivery_address": "苏州市星湖街 328 号 5 栋", "note": "随货附检验报告。", "discount_total": Decimal(0),
              "owner": {"name": "陈立", "phone": "13805712233"}, "customer": CUSTOMER, "contact": {"name": "李建国", "mobile": "13962158866"},
              "invoice_title": {"title": "苏州新锐开票抬头", "tax_number": "91320594MA1XYZ8K3P", "address": "苏州", "phone": "0512-1",
                                "bank": "建设银行苏州分行", "account": "3220198823605150"}, "lines": lines, "instalments": [], **sums}  # fmt: skip
    return values | changes


def statement(count: int, *, opening: Decimal = Decimal("12800.00")) -> dict[str, Any]:
    balance, movements = opening, []
    increases = decreases = Decimal(0)
    for index in range(count):
        amount = Decimal("3456.78") + index
        receipt = index % 3 == 2
        balance += -amount if receipt else amount
        increases += Decimal(0) if receipt else amount
        decreases += amount if receipt else Decimal(0)
        movements.append({"date": date(2026, 4, 1) + timedelta(days=index), "kind": "收款" if receipt else "应收款", "number": f"N{index + 1:04}",
                          "summary": "银行转账" if receipt else "设备款", "increase": None if receipt else amount,
                          "decrease": amount if receipt else None, "balance": balance})  # fmt: skip
    return {"company": COMPANY, "print": PRINT, "customer": CUSTOMER, "period_from": date(2026, 4, 1), "period_to": date(2026, 6, 30),
            "opening": opening, "increases": increases, "decreases": decreases, "closing": balance, "prepaid": None, "movements": movements}  # fmt: skip


def text_element(text: str, **options: Any) -> dict[str, Any]:
    return {"type": "text", "x": 0, "y": 0, "width": 50, "height": 5, "text": text} | options


def template_data(*elements: dict[str, Any], **parts: Any) -> dict[str, Any]:
    bands = {"document_header": {"height": 20, "elements": list(elements)}} | parts.pop("bands", {})
    return {"format": 1, "name": "sample", "label": "Sample", "prints": "contract", "paper": {"size": "A4"}, "bands": bands} | parts


def template(*elements: dict[str, Any], **parts: Any) -> Template:
    return parse_template(json.dumps(template_data(*elements, **parts)))


def pdf_texts(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
