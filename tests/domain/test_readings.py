from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain import pinyin, text


def test_the_table_is_what_the_dictionaries_give() -> None:
    readings = pytest.importorskip("readings")
    assert readings.TABLE.read_text(encoding="utf-8") == readings.text(), "run: python readings.py"


@pytest.mark.parametrize("name", ["重庆银行", "华信长乐行", "会计", "盛兴", "单雄信", "查良镛", "〇八四厂", "上海a3长b行有限公司", "长长", "𠮷野家"])
def test_what_is_read_as_usual_has_the_keys_of_what_is_read_with_care(name: str) -> None:
    assert text.part_keys(name) == with_care(name)


@given(st.text(alphabet="华信恒泰东海长行乐重庆单查区会计兴合银 有限公司盛科技A3-（）〇", max_size=14))
def test_keys_are_the_same_whichever_way_they_are_made(name: str) -> None:
    assert text.part_keys(name) == with_care(name)


def with_care(name: str) -> list[str]:
    """Return the keys of a text as if phrases or a surname stood in each."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pinyin, "reads_as_usual", lambda _text: False)
        return text.part_keys(name)
