from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.printing.values import Formula, Text

VALUES = {
    "total": Decimal("16409.02"), "tax": Decimal("0.00"), "rate": Decimal("0.1300"), "quantity": Decimal("1200.5000"), "price": Decimal("8.5000"),
    "day": date(2026, 1, 5), "name": "恒泰Tech", "nothing": None, "customer": {"name": "新锐", "phone": None, "items": "键"}, "flag": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("单号", "单号"),
        ("{{ total|money }}", "16,409.02"),
        ("{{ total|money('¥') }}", "¥16,409.02"),
        ("{{ total|rmb }}", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("{{ total|rmb_traditional }}", "人民幣壹萬陸仟肆佰零玖元零貳分"),
        ("{{ rate|percent }}", "13%"),
        ("{{ quantity|quantity }}", "1,200.5"),
        ("{{ price|price }}", "8.50"),
        ("{{ tax|amount }}", ""),
        ("{{ day|date }} {{ day|chinese_date }} {{ day }}", "2026-01-05 2026年1月5日 2026-01-05"),
        ("{{ name|upper }} {{ name|shorten(3) }}", "恒泰TECH 恒泰…"),
        ("{{ customer.name }}/{{ customer['name'] }}", "新锐/新锐"),
        ("{{ (total * 0.5)|money }} {{ total - 1 }} {{ -total }}", "8,204.51 16408.02 -16409.02"),
        ("{{ '有' if tax else '无' }}{{ '大' if total > 100 and flag }}", "无大"),
        ("{{ nothing|default(name) }}{{ customer.phone|default('无') }}", "恒泰Tech无"),
        # A key is a key, even where dictionaries have a method of that name.
        ("{{ customer.items }}{{ customer.keys }}", "键"),
    ],
)
def test_placeholders(source: str, shown: str) -> None:
    assert Text(source).render(VALUES) == shown


@pytest.mark.parametrize(
    "source",
    ["{{ nothing }}", "{{ missing }}", "{{ missing.deeper.still }}", "{{ customer.phone|upper }}", "{{ nothing|money }}", "{{ missing|rmb }}",
     "{{ total + nothing }}", "{{ nothing * 2 }}", "{{ -missing }}", "{{ 'x' if missing > 3 }}", "{{ nothing|date }}", "{{ name.first }}",
     "{{ customer }}", "{{ flag }}"],
)  # fmt: skip
def test_what_is_missing_is_empty(source: str) -> None:
    assert Text(source).render(VALUES) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'].__mro__ }}",
        "{{ name.__init__.__globals__ }}",
        "{{ _private }}",
        "{{ name.format() }}",
        "{{ range(1000000) }}",
        "{{ cycler }}{{ cycler() }}",
        "{{ 9 ** 9 }}",
        "{{ 9999999999999999999999 * 2 }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ name[0:2] }}",
        "{{ 7 // 2 }}",
        "{% for x in name %}{{ x }}{% endfor %}",
        "{% set a = 1 %}",
        "{% include 'x' %}",
        "{% if name %}x{% endif %}",
        "{{ name|attr('upper') }}",
        "{{ name|map('upper') }}",
        "{{ name is string }}",
        "{{ name",
        "{{ " + "(" * 60 + "1" + ")" * 60 + " }}",
        "{{ " + "not " * 240 + "1 }}",
        "{{ name }}" * 200,
    ],
)
def test_what_is_not_a_plain_expression_is_refused(source: str) -> None:
    try:
        shown = Text(source).render(VALUES)
    except UserError:
        return
    # Reading a key that no mapping has is harmless and empty; deep negation is only a condition.
    assert shown == ""


@pytest.mark.parametrize(
    "source", ["{{ ''.__class__ }}", "{{ range(9) }}", "{% for x in name %}{% endfor %}", "{{ name.format() }}", "{{ 9 ** 9 }}"]
)
def test_escapes_are_refused_before_anything_runs(source: str) -> None:
    with pytest.raises(UserError):
        Text(source)


@pytest.mark.parametrize(
    "source",
    ["{{ name * 999999999 }}", "{{ 'a' * 999999999 }}", "{{ total + name }}", "{{ name|money }}", "{{ total|date }}", "{{ 1 / 0 }}"],
)
def test_wrong_kinds_are_named_not_crashed_on(source: str) -> None:
    with pytest.raises(UserError, match="can't be filled"):
        Text(source).render(VALUES)


def test_formulas() -> None:
    assert Formula("customer.name").value(VALUES) == "新锐"
    assert Formula("total").number(VALUES) == Decimal("16409.02")
    assert Formula("nothing").number(VALUES) == 0
    assert Formula("total > 100").holds(VALUES)
    assert not Formula("nothing").holds(VALUES)
    for source in ("a }} {{ b", "a }}{% for x in y %}{% endfor %}{{ b", ""):
        with pytest.raises(UserError):
            Formula(source)
