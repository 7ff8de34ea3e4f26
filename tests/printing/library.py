"""Documents to print each shipped template with: an empty, a usual and a huge one with long names and rare characters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

COMPANY: Final = {
    "name": "杭州恒泰自动化科技有限公司", "address": "杭州市滨江区江南大道 588 号恒泰大厦 12 层", "phone": "0571-87654321", "email": "sales@hengtai.example",
    "tax_number": "91330108MA2B1C3D4E", "bank": "中国工商银行杭州滨江支行", "account": "1202021509900123456",
}  # fmt: skip
PRINT: Final = {"date": date(2026, 6, 30), "user": "王晓梅", "times": 0}
CUSTOMER: Final = {
    "name": "苏州新锐精密机械制造有限公司", "title": "苏州新锐精密机械制造有限公司", "short_name": "苏州新锐", "phone": "0512-62881199", "mobile": "13962158866",
    "contact_person": "李建国", "province": "江苏省", "city": "苏州市", "district": "工业园区", "address": "星湖街 328 号创意产业园 5 栋 2 层", "postal_code": "215021", "full_address": "江苏省苏州市工业园区星湖街 328 号创意产业园 5 栋 2 层",
    "credit_code": "91320594MA1XYZ8K3P", "email": "caiwu@xinrui.example", "payment_terms": "月结30天", "credit_limit": Decimal("500000.00"),
    "balance": Decimal("126410.00"), "prepaid": Decimal("5000.00"), "country": "中国",
}  # fmt: skip
TITLE: Final = {
    "title": "苏州新锐精密机械制造有限公司", "tax_number": "91320594MA1XYZ8K3P", "address": "苏州市工业园区星湖街 328 号", "phone": "0512-62881199",
    "bank": "中国建设银行苏州工业园区支行", "account": "32201988236051500000",
}  # fmt: skip
GOODS: Final = (
    ("智能网关", "G3 / 8 口千兆 / 双电源", "台", "2680.00"), ("温湿度传感器", "TH-20 / RS485 / IP65", "只", "186.00"), ("工业交换机", "SW-16 / 16 口 / 导轨式", "台", "3450.00"),
    ("屏蔽网线", "CAT6 / 305 米每箱", "箱", "720.00"), ("可编程控制器", "PLC-1200 / DC24V", "台", "4980.50"), ("伺服驱动器", "SD-400W", "台", "1865.75"),
)  # fmt: skip
RARE: Final = "䶮𬭎"
LONG: Final = f"内蒙古自治区呼和浩特市新城区{RARE}精密机械设备制造与自动化系统集成（集团）股份有限公司第二分公司"
HUGE: Final = 300


ENGLISH: Final = {
    COMPANY["name"]: "Hengtai Automation Co., Ltd.", COMPANY["address"]: "12F Hengtai Tower, 588 Jiangnan Avenue, Hangzhou 310052", COMPANY["bank"]: "ICBC Hangzhou Binjiang Branch",
    PRINT["user"]: "Wang Xiaomei", CUSTOMER["name"]: "Northwind Machinery GmbH", CUSTOMER["address"]: "Hafenstrasse 28", CUSTOMER["city"]: "Hamburg", CUSTOMER["country"]: "Germany",
    CUSTOMER["contact_person"]: "Anna Schmidt", CUSTOMER["payment_terms"]: "30 days net", TITLE["address"]: "Hafenstrasse 28, 20457 Hamburg", TITLE["bank"]: "Deutsche Bank Hamburg",
    "215021": "20457", "智能网关": "Smart gateway", "温湿度传感器": "Temperature and humidity sensor", "工业交换机": "Industrial switch", "屏蔽网线": "Shielded network cable",
    "可编程控制器": "Programmable controller", "伺服驱动器": "Servo drive", "G3 / 8 口千兆 / 双电源": "G3 / 8 ports / dual power", "SW-16 / 16 口 / 导轨式": "SW-16 / 16 ports / DIN rail",
    "CAT6 / 305 米每箱": "CAT6 / 305 m a box", "台": "pc", "只": "pc", "箱": "box", "陈立": "Chen Li", "李建国": "Anna Schmidt", "王晓梅": "Wang Xiaomei", "急件": "urgent",
    "二期产线自动化改造备件采购": "Spare parts for production line 2", "预付 50%，验收后付 50%": "50 % in advance, 50 % after acceptance", "随货附出厂检验报告。": "Works test reports are enclosed.",
    "苏州市工业园区星湖街 328 号 5 栋 1 层收货处": "Hafenstrasse 28, 20457 Hamburg, Germany", "预付款": "Advance", "尾款": "Balance", "合同签订后 5 个工作日内": "within 5 working days of signing",
    "验收合格后 30 日内": "within 30 days of acceptance", "设备款": "Equipment", "银行转账": "Bank transfer", "收款": "Payment", "应收款": "Invoice", "6 月货款": "Goods supplied in June",
    "工商银行杭州滨江支行": "ICBC Hangzhou Binjiang",
}  # fmt: skip


def in_english(values: Any) -> Any:
    """Return the values of a document with its Chinese texts in English, as far as they are in the list above."""
    if isinstance(values, dict):
        return {key: in_english(value) for key, value in values.items()}
    if isinstance(values, list):
        return [in_english(value) for value in values]
    return ENGLISH.get(values, str(values).replace("*工业自动化设备*", "")) if isinstance(values, str) else values


def document(prints: str, size: str) -> dict[str, Any]:
    """Return the values of a document of ``empty``, ``usual`` or ``huge`` size."""
    if size == "empty":
        return {"company": {}, "print": PRINT}
    many = size == "huge"
    values: dict[str, Any] = {"company": COMPANY, "print": PRINT, **_MADE[prints](HUGE if many else 5)}
    return _lengthened(values) if many else values


def _lengthened(values: dict[str, Any]) -> dict[str, Any]:
    long: dict[str, Any] = values | {"note": "　".join([f"特别约定：货到现场后由{RARE}工程师指导安装调试。"] * 6), "name": LONG if isinstance(values.get("name"), str) else values.get("name")}
    for key in ("customer", "company", "invoice_title", "title"):
        if isinstance(long.get(key), dict):
            long[key] = {name: LONG if name in {"name", "title", "address", "bank"} else value for name, value in long[key].items()}
    for key in ("address", "full_address", "delivery_address", "contact_person", "payer"):
        if key in long:
            long[key] = LONG
    return long


def _lines(count: int) -> list[dict[str, Any]]:
    lines = []
    for number in range(1, count + 1):
        name, specification, unit, price = GOODS[(number - 1) % len(GOODS)]
        quantity = Decimal(number * 7 % 60 + 1)
        total = (quantity * Decimal(price)).quantize(Decimal("0.01"))
        net = (total / Decimal("1.13")).quantize(Decimal("0.01"))
        long = count > 100 and number % 9 == 0
        lines.append({
            "no": number, "position": number, "product_name": f"{LONG}专用{name}" if long else name, "item": f"*工业自动化设备*{name}", "tax_code": "1090511030000000000",
            "specification": "ABC-" * 12 + "9" if long else specification, "unit": unit, "quantity": quantity, "price": Decimal(price), "discount": Decimal(1),
            "tax_rate": Decimal("0.13"), "net": net, "tax": total - net, "total": total, "amount": total, "note": "急件" if number == 2 else "",
        })  # fmt: skip
    return lines


def _contract(count: int) -> dict[str, Any]:
    lines = _lines(count)
    sums = {name: sum((line[name] for line in lines), Decimal(0)) for name in ("net", "tax", "total")}
    half = (sums["total"] / 2).quantize(Decimal("0.01"))
    plan = [
        {"no": 1, "name": "预付款", "condition": "合同签订后 5 个工作日内", "due_on": date(2026, 6, 25), "ratio": Decimal("0.5"), "amount": half},
        {"no": 2, "name": "尾款", "condition": "验收合格后 30 日内", "due_on": date(2026, 8, 31), "ratio": Decimal("0.5"), "amount": sums["total"] - half},
    ]
    return {
        "number": "HT-2026-0618", "title": "二期产线自动化改造备件采购", "signed_on": date(2026, 6, 18), "delivery_on": date(2026, 7, 10), "payment_terms": "预付 50%，验收后付 50%",
        "delivery_address": "苏州市工业园区星湖街 328 号 5 栋 1 层收货处", "note": "随货附出厂检验报告。", "discount_total": Decimal(0), "state": "执行中", "codes": {"state": "active"},
        "owner": {"name": "陈立", "phone": "13805712233"}, "customer": CUSTOMER, "contact": {"name": "李建国", "mobile": "13962158866"}, "invoice_title": TITLE,
        "lines": lines, "instalments": plan, **sums,
    }  # fmt: skip


def _request(count: int) -> dict[str, Any]:
    made = _contract(count)
    return made | {"number": "KP2606-0012", "title": TITLE, "contract": {"number": "HT-2026-0618"}, "requested_on": date(2026, 6, 30), "codes": {"kind": "e_special"}}


def _open(count: int) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, count + 1):
        amount, settled = Decimal("8600.50") * number, Decimal("1200.00") if number % 3 == 0 else Decimal(0)
        rows.append({
            "no": number, "number": f"YS-26-{number:04}", "name": f"{LONG}设备款" if count > 100 and number % 9 == 0 else "设备款", "contract": "HT-2026-0618", "document_on": date(2026, 3, number % 28 + 1),
            "falls_due": date(2026, 5, number % 28 + 1), "due": date(2026, 5, number % 28 + 1), "days": 40, "overdue_days": 40, "amount": amount, "settled": settled,
            "remaining": amount - settled, "allocated": amount - settled,
        })  # fmt: skip
    return rows


def _receipt(count: int) -> dict[str, Any]:
    settled = _open(count if count > 100 else 2)
    return {
        "number": "SK-26-0231", "received_on": date(2026, 6, 28), "customer": CUSTOMER, "payer": "苏州新锐精密机械制造有限公司", "amount": Decimal("126410.00"), "method": "银行转账",
        "codes": {"method": "transfer", "kind": "receipt"}, "account": "工商银行杭州滨江支行", "reference": "2026062800123456", "note": "6 月货款", "unallocated": Decimal("0.00"),
        "owner": {"name": "王晓梅", "phone": "13805712233"}, "settled": settled, "settled_numbers": "、".join(row["number"] for row in settled[:40]),
    }  # fmt: skip


def _statement(count: int) -> dict[str, Any]:
    balance, movements = Decimal("12800.00"), []
    sums = {"increase": Decimal(0), "decrease": Decimal(0)}
    for index in range(count if count > 100 else 8):
        side, amount = ("decrease" if index % 3 == 2 else "increase"), Decimal("3456.78") + index
        balance += amount if side == "increase" else -amount
        sums[side] += amount
        movements.append({
            "date": date(2026, 4 + index % 3, index % 28 + 1), "kind": "收款" if side == "decrease" else "应收款", "number": f"YS-26-{index + 1:04}",
            "summary": LONG if count > 100 and index % 9 == 0 else "银行转账" if side == "decrease" else "设备款",
            "increase": amount if side == "increase" else None, "decrease": amount if side == "decrease" else None, "balance": balance,
        })  # fmt: skip
    return {
        "customer": CUSTOMER, "period_from": date(2026, 4, 1), "period_to": date(2026, 6, 30), "opening": Decimal("12800.00"), "increases": sums["increase"], "decreases": sums["decrease"],
        "closing": balance, "closing_words": "", "prepaid": Decimal("5000.00"), "movements": movements,
    }  # fmt: skip


def _dunning(count: int) -> dict[str, Any]:
    items = _open(count if count > 100 else 4)
    total = sum((item["remaining"] for item in items), Decimal(0)) - Decimal(1000)
    return {"customer": CUSTOMER, "as_of": date(2026, 6, 30), "step": 1, "count": len(items), "credit": Decimal(1000), "total": total, "days": 60,
            "total_words": "人民币捌万叁仟捌佰零伍元整", "items": items}  # fmt: skip


def _customer(count: int) -> dict[str, Any]:
    items = _open(count)
    return CUSTOMER | {"open_items": items, "contacts": [], "balance": sum((item["remaining"] for item in items), Decimal(0))}


_MADE: Final = {"contract": _contract, "invoice_request": _request, "receipt": _receipt, "statement": _statement, "dunning": _dunning, "customer": _customer}
