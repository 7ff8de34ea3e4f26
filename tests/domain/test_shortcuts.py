"""Shortcuts for what most lists hold say the same as the long way."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.cn.uscc import calc_check_digit

from desktop_crm.domain import phones
from desktop_crm.domain.credit_code import check_credit_code

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.from_regex(r"(1[2-9][0-9]{9,10}|0[0-9]{2,3}-?[0-9]{6,8}(-[0-9]{1,3})?)", fullmatch=True) | st.text("0123456789-+ 转x", max_size=16))
@example("010-62345678")
@example("0755-26760000")
def test_a_number_in_its_usual_writing_is_known_at_once(text: str) -> None:
    assert phones.normalise_phone(text) == phones._worked_out(text)


@given(st.from_regex(rf"[{SIGNS}]{{2}}[0-9]{{6}}[{SIGNS}]{{9}}", fullmatch=True), st.sampled_from(SIGNS))
def test_the_check_digit_is_that_of_the_standard(code: str, last: str) -> None:
    assert check_credit_code(code + calc_check_digit(code)) is None
    assert (check_credit_code(code + last) is None) == (calc_check_digit(code) == last)
