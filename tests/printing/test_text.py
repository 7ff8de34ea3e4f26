from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.printing.fonts import REPLACEMENT, FontBook
from desktop_crm.printing.linebreak import NEVER_FIRST, NEVER_LAST, break_lines, shorten_to
from desktop_crm.printing.setting import set_text, text_marks
from desktop_crm.printing.template import TextStyle


def _measure(text: str) -> list[float]:
    return [1.0 if ord(sign) < 0x2E80 and sign not in "“”…—" else 2.0 for sign in text]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("送货单据，请核对", 8, ["送货单", "据，请核", "对"]),
        ("请核对（合同）数量", 8, ["请核对", "（合同）", "数量"]),
        ("金额 1,234.50 元整", 12, ["金额 ", "1,234.50 元", "整"]),
        ("model ABC-123 new", 8, ["model", "ABC-123", "new"]),
        ("\u3000\u3000首行缩进", 8, ["\u3000\u3000首行", "缩进"]),
        ("第一行\n\n第三行", 20, ["第一行", "", "第三行"]),
        ("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"]),
        ("好", 1, ["好"]),
        ("", 5, [""]),
    ],
)
def test_line_breaks(text: str, width: float, lines: list[str]) -> None:
    assert [line.rstrip(" ") for line in break_lines(text, _measure, width)] == [line.rstrip(" ") for line in lines]


@settings(max_examples=200)
@given(st.text(alphabet="送货单核对，。（）《》“”abc 123.,%\u3000", max_size=80), st.integers(8, 30))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    lines = break_lines(text, _measure, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(sum(_measure(line)) <= width for line in lines)


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["送", "货", "单", "核，", "对。", "（件）", "“型”", "率12.5%，", "《约》："]), max_size=40),
    st.integers(12, 30),
)
def test_no_line_begins_or_ends_with_the_wrong_sign(parts: list[str], width: int) -> None:
    for line in break_lines("".join(parts), _measure, width):
        assert line[:1] not in NEVER_FIRST
        assert line[-1:] not in NEVER_LAST


def test_shortening_ends_with_an_ellipsis() -> None:
    assert shorten_to("苏州新锐精密", _measure, 12) == "苏州新锐精密"
    assert shorten_to("苏州新锐精密机械", _measure, 12) == "苏州新锐精…"


@pytest.mark.parametrize("overflow", ["wrap", "shrink", "cut"])
def test_a_long_text_by_its_rule(overflow: str, fonts: FontBook) -> None:
    text = "苏州新锐精密机械制造有限公司苏州工业园区分公司"
    style = TextStyle(size=10, overflow=overflow)  # type: ignore[arg-type]
    done = set_text(text, style, 50, 5, fonts)
    marks = text_marks(done, style, (10, 20, 50, 5), fonts)
    assert all(mark.x >= 10 and mark.x + mark.width <= 60.01 for mark in marks)
    if overflow == "wrap":
        assert "".join(done.lines) == text
        assert done.size == 10
        assert len(done.lines) == 2
    elif overflow == "shrink":
        assert done.lines == (text,)
        assert 5 <= done.size < 10
    else:
        assert len(done.lines) == 1
        assert done.lines[0].endswith("…")
        assert text.startswith(done.lines[0][:-1])


def test_shrinking_stops_at_half_and_then_cuts(fonts: FontBook) -> None:
    done = set_text("很长" * 200, TextStyle(size=10, overflow="shrink"), 30, 5, fonts)
    assert done.size == 5
    assert done.lines[-1].endswith("…")


@pytest.mark.parametrize("overflow", ["wrap", "shrink"])
def test_a_figure_is_set_smaller_before_it_is_broken(overflow: str, fonts: FontBook) -> None:
    style = TextStyle(size=10, overflow=overflow)  # type: ignore[arg-type]
    done = set_text("123,456,789,012.34", style, 28, 12, fonts)
    assert done.lines == ("123,456,789,012.34",)
    assert done.size < 10
    assert fonts.width(done.lines[0], done.font, done.size) <= 28.01


def test_alignment_and_baseline(fonts: FontBook) -> None:
    style = TextStyle(size=10, align="right")
    mark = text_marks(set_text("1,234.50", style, 40, 6, fonts), style, (10, 20, 40, 6), fonts)[0]
    assert mark.x + mark.width == pytest.approx(50, abs=0.01)
    # The em square of 3.53 mm stands in the middle of the 6 mm: its baseline is 0.88 of it below its top.
    assert mark.y == pytest.approx(20 + (6 - 3.528) / 2 + 0.88 * 3.528, abs=0.01)


def test_rare_characters_fall_back_or_are_reported(fonts: FontBook) -> None:
    assert [run[0] for run in fonts.runs("李䶮与张𬭎", "bold", 10)] == ["bold"]
    assert [run[0] for run in fonts.runs("王㐂☑", "bold", 10)] == ["bold", "rare", "symbols"]
    assert not fonts.missing
    name = "陈\U0003134a"
    assert "".join(run[1] for run in fonts.runs(name, "regular", 10)) == f"陈{REPLACEMENT}"
    assert fonts.missing == {"\U0003134a"}


def test_every_character_of_gbk_has_a_shape(fonts: FontBook) -> None:
    signs = []
    for code in range(0x20, 0x10000):
        try:
            chr(code).encode("gbk")
        except UnicodeEncodeError:
            continue
        signs.append(chr(code))
    assert len(signs) > 21_000
    for font in ("regular", "bold"):
        fonts.advances("".join(sign for sign in signs if sign.isprintable()), font, 10)
    assert fonts.missing == set()
