"""Grams: whatever stands in a text is found by the grams asked for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.grams import asked, grams

LETTERS = st.text(alphabet="华信恒𬭎ab1-_é ", max_size=12)


def holds(text: str, word: str) -> bool:
    (one,) = asked([word])
    there = grams(text)
    return there >= set(one.grams) if one.grams else any(gram.startswith(one.beginning) for gram in there)


def test_a_chinese_character_goes_with_its_neighbour_and_others_by_three() -> None:
    assert grams("华信 hxk 1") == {"华信", "信", "hxk", "xk", "k", "1"}
    assert grams("动abc") == {"动a", "abc", "bc", "c"}
    assert asked(["华信恒", "138", "h", "a动"]) == [(("华信", "信恒"), "华信恒"), (("138",), "138"), ((), "h"), ((), "a动")]


@given(LETTERS, LETTERS, LETTERS)
def test_every_part_of_a_text_is_found(before: str, part: str, after: str) -> None:
    assert all(holds(before + part + after, word) for word in part.split())
