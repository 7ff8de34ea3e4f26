from __future__ import annotations

from datetime import date

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.domain.credit_code import check_credit_code, normalise_credit_code
from desktop_crm.domain.numbering import check_rule, format_number, invoice_number_remark, period_key
from desktop_crm.domain.phones import normalise_phone, phone_digits
from tests.domain.vectors import facts, vectors

DAY = date(2026, 1, 5)


def test_phone_examples() -> None:
    for raw, kind, normal in vectors("phones"):
        phone = normalise_phone(raw)
        assert (phone.kind, phone.normal, phone.raw) == (kind, normal, raw)


@pytest.mark.parametrize(
    ("raw", "kind", "normal"),
    [
        ("+86 138-0013-8000", "mobile", "13800138000"), ("１３８００１３８０００", "mobile", "13800138000"), ("0086 13800138000", "mobile", "13800138000"),
        ("013800138000", "mobile", "13800138000"), ("010-62345678", "landline", "010-62345678"), ("+86 755 2676 0000", "landline", "0755-26760000"),
        ("0755-26760000-123", "landline", "0755-26760000-123"), ("0755-26760000转8", "landline", "0755-26760000-8"), ("62345678", "landline", "62345678"),
        ("8008208820", "service", "800-820-8820"), ("95588", "service", "95588"), ("10086", "service", "10086"), ("+1 415 555 2671", "unknown", "14155552671"),
        ("待补", "unknown", ""), ("", "unknown", ""), ("13800138000/13900139000", "unknown", "1380013800013900139000"),
    ],
)  # fmt: skip
def test_phones(raw: str, kind: str, normal: str) -> None:
    phone = normalise_phone(raw)
    assert (phone.kind, phone.normal) == (kind, normal)


def test_two_writings_of_a_phone_share_the_digits() -> None:
    assert phone_digits("(0755) 2676 0000") == phone_digits("+86-755-26760000") == "075526760000"
    assert phone_digits("138 0013 8000") == phone_digits("8613800138000")


def test_credit_codes() -> None:
    for code in vectors("uscc_valid"):
        assert check_credit_code(code) is None
    for code in vectors("uscc_invalid"):
        assert check_credit_code(code)
    rows = facts("uscc.csv")
    assert len(rows) > 100
    for row in rows:
        assert (check_credit_code(row["code"]) is None) == row["expect"].startswith("valid"), row


def test_the_warning_names_the_trouble() -> None:
    assert "3" in str(check_credit_code("123"))
    assert "9" in str(check_credit_code("91350100I000100Y43"))
    assert "I" in str(check_credit_code("91350100I000100Y43"))
    assert check_credit_code("") is None
    assert normalise_credit_code(" 9135 0100-m000100y43　") == normalise_credit_code("９1350100M000100Y43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("rule", "number", "period"),
    [
        ("HT-{yyyy}-{seq:4}", "HT-2026-0007", "2026"), ("{yy}{mm}{seq:3}", "2601007", "2026-01"), ("收{yyyy}{mm}{dd}{seq:2}号", "收2026010507号", "2026-01-05"),
        ("K{seq:6}", "K000007", ""),
    ],
)  # fmt: skip
def test_numbers(rule: str, number: str, period: str) -> None:
    check_rule(rule)
    assert format_number(rule, DAY, 7) == number
    assert period_key(rule, DAY) == period


def test_a_full_counter_grows_instead_of_repeating() -> None:
    assert format_number("{yyyy}-{seq:2}", DAY, 123) == "2026-123"


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "HT",
        "{yyyy}",
        "{seq}",
        "{seq:0}",
        "{seq:4}{seq:4}",
        "{mm}{seq:4}",
        "{yyyy}{dd}{seq:4}",
        "{x}{seq:4}",
        "{seq:4",
        "}{seq:4}",
        "{seq:4}\n",
        "a" * 60 + "{seq:4}",
    ],
)
def test_rules_that_would_repeat_or_make_no_sense_are_refused(rule: str) -> None:
    with pytest.raises(UserError):
        check_rule(rule)


@pytest.mark.parametrize(("number", "usual"), [("26312000000012345678", True), ("12345678", True), ("3100234130 12345678", True), ("031002300111-12345678", True), ("1234567", False), ("2631200000001234567", False), ("INV-1", False)])
def test_what_looks_like_the_number_of_an_invoice(number: str, usual: bool) -> None:  # noqa: FBT001 - a case of the table
    assert (invoice_number_remark(number, date(2026, 1, 1)) is None) == usual
