"""Blocks on the clipboard: what Excel and WPS write is read, and what is written keeps its zeros and is no formula there."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.ui.kit.blocks import block_html, block_text, parse_block

CELLS = st.text(st.sampled_from('ab1 \t\n"=,甲'), max_size=6)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=4)))
def test_any_block_is_read_again_as_it_was(rows: list[list[str]]) -> None:
    text = block_text(rows)
    assert parse_block(text + "\n") == rows
    assert parse_block(text.replace("\n", "\r\n") + "\r\n") == rows
    # As any other reader of the same writing has it; rows of one empty cell are nothing to it.
    read = [row or [""] for row in csv.reader(io.StringIO(text + "\n", newline=""), delimiter="\t")]
    assert read == rows


@pytest.mark.parametrize(("text", "rows"), [
    ("甲\t乙\r\n1\t2\r\n", [["甲", "乙"], ["1", "2"]]),
    ('"第一行\n第二行"\t3', [["第一行\n第二行", "3"]]),
    ('19" 机架\t2', [['19" 机架', "2"]]),
    ('"19"" 机架"\t2', [['19" 机架', "2"]]),
    ('"open\tx', [['"open', "x"]]),
    ("\t\n", [["", ""]]),
    ("a\n\nb", [["a"], [""], ["b"]]),
])  # fmt: skip
def test_what_others_write_is_read(text: str, rows: list[list[str]]) -> None:
    assert parse_block(text) == rows


def test_texts_stay_texts_in_a_spreadsheet() -> None:
    html = block_html([["00123", Decimal("12.50")], ["=1+1 <b>", None]], [True, False])
    assert html.count('mso-number-format:"\\@"') == 2
    assert "<td>12.50</td>" in html
    assert "=1+1 &lt;b&gt;" in html
    assert "a<br style" in block_html([["a\nb"]], [True])
