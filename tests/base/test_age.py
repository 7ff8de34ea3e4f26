"""The sealed file: the age format, so that other programs open it too, read in pieces, and no piece changed without notice."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base import age
from desktop_crm.base.age import PIECE, TAG, Sealing, WrongPassword, opened
from tests.conftest import HARD

WORK = 2
OPENED_BY_AGE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBmTnkzWjltSFZKdTBncW9rNXhYZFJBIDgKT3JMREtUOEZtWEJ1eW1tb1ZtemZpbFF2QXlVWmlHWEw5"
    "b0hlNGpGejFKQQotLS0gYjVMTlpEbVhydFIrcU0xYkVMNXpYQnh0a1dMb3JWamZDSWtPM3puVW5nTQrzCwcd98DnDsRQTrdNup+kjVgzepW4Gx4uyTG542/k"
    "IjHmdqQZGO0HaQcqWeQ="
)
"""Made by this program and opened by another implementation of the format: what is written must stay readable for ever."""


def sealed(content: bytes) -> bytes:
    raw = io.BytesIO()
    writer = Sealing(raw, "geheim", log_work=WORK)
    for start in range(0, len(content), 10_000):
        writer.write(content[start : start + 10_000])
    writer.close()
    return raw.getvalue()


def test_files_of_the_format_are_opened() -> None:
    raw = io.BytesIO(base64.b64decode(OPENED_BY_AGE))
    assert opened(raw, "备份密码").read().decode() == "恒泰科技\n"
    with pytest.raises(WrongPassword):
        opened(raw, "备份密吗")
    with pytest.raises(WrongPassword):
        opened(raw, "")


def test_the_programs_own_files_are_as_hard_to_guess_as_the_formats_own_tool_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "LOG_WORK", HARD[0])
    raw = io.BytesIO()
    writer = Sealing(raw, "geheim")
    writer.write(b"x")
    writer.close()
    assert raw.getvalue().splitlines()[1].endswith(b" 17")
    assert opened(raw, "geheim").read() == b"x"


@settings(max_examples=30)
@given(st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7]), st.integers(0, 3 * PIECE), st.integers(0, 100_000))
def test_any_part_comes_back(size: int, start: int, length: int) -> None:
    content = bytes(number * 7 % 251 for number in range(size))
    file = opened(io.BytesIO(sealed(content)), "geheim")
    file.seek(start)
    assert file.read(length) == content[start : start + length]
    assert file.seek(0, io.SEEK_END) == size


def test_what_was_cut_off_moved_or_changed_is_noticed() -> None:
    whole = sealed(b"x" * (3 * PIECE))
    head = len(whole) - 3 * (PIECE + TAG)
    pieces = [whole[head + number * (PIECE + TAG) :][: PIECE + TAG] for number in range(3)]
    broken = [
        whole[:-1], whole[: -(PIECE + TAG)], whole[:head], whole[: head - 20], b"".join([whole[:head], pieces[1], pieces[0], pieces[2]]),
        whole + pieces[2], b"".join([whole[:head], pieces[0], pieces[2]]), whole[: head + 9] + b"!" + whole[head + 10 :],
        whole.replace(b"scrypt ", b"scrypt  ", 1), whole.replace(b" 2\n", b" 63\n", 1), whole.replace(b"--- ", b"--- A", 1),
    ]
    for content in broken:
        with pytest.raises((ValueError, WrongPassword)):
            opened(io.BytesIO(content), "geheim").read()
    assert b"geheim" not in whole
