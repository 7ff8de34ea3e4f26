"""Long work of the window's thread in steps, and the watch that says how long a turn took."""

from __future__ import annotations

import gc
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QTimer

from desktop_crm.ui.steps import PARTED, Steps, let_go
from tests.support import loop_watch
from tests.support.loop_watch import too_long, watching_loop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Bench


def busy(milliseconds: float) -> None:
    """Work for so many ms of the processor."""
    until = time.thread_time() + milliseconds / 1000
    while time.thread_time() < until:
        pass


def test_others_get_between_steps(qtbot: QtBot) -> None:
    owner, seen = QObject(), []

    def work() -> Iterator[None]:
        for number in range(4):
            busy(20)
            seen.append(str(number))
            yield

    QTimer.singleShot(0, owner, lambda: seen.append("key"))
    steps = Steps(owner, work())
    assert seen == ["0"]
    qtbot.waitUntil(lambda: not steps.under_way())
    assert seen.index("key") == 1
    assert seen[-1] == "3"


def test_two_works_never_share_a_turn(qtbot: QtBot) -> None:
    owner, worked = QObject(), list[int]()

    def work() -> Iterator[None]:
        for _number in range(4):
            busy(20)
            worked.append(watch.turns)
            yield

    with watching_loop() as watch:
        both = [Steps(owner, work()), Steps(owner, work())]
        qtbot.waitUntil(lambda: not any(steps.under_way() for steps in both))
    assert len(worked) == 8
    if watch.turns:  # elsewhere than on GLib's loop they can't be told apart
        assert len(set(worked[2:])) == 6, "all but those that begin at once"


def test_what_begins_inside_a_slice_ends_with_it(qtbot: QtBot) -> None:
    owner, seen = QObject(), list[str]()

    def inner() -> Iterator[None]:
        for number in range(3):
            seen.append(f"inner {number}")
            busy(1)
            yield

    def outer() -> Iterator[None]:
        busy(20)
        Steps(owner, inner())
        yield

    Steps(owner, outer())
    assert seen == ["inner 0"]
    qtbot.waitUntil(lambda: len(seen) == 3)


def test_the_rest_can_be_done_at_once(qtbot: QtBot) -> None:
    owner, seen = QObject(), []

    def work() -> Iterator[None]:
        for number in range(3):
            busy(20)
            seen.append(number)
            yield

    steps = Steps(owner, work())
    assert seen == [0]
    steps.finish()
    assert seen == [0, 1, 2]
    assert not steps.under_way()
    qtbot.wait(1)


def test_a_step_that_fails_is_the_last(qtbot: QtBot) -> None:
    owner = QObject()

    def work() -> Iterator[None]:
        yield
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        Steps(owner, work())
    qtbot.wait(1)


def test_the_watch_sees_a_block_of_80_ms(qtbot: QtBot) -> None:
    with watching_loop() as watch:
        QTimer.singleShot(0, lambda: busy(80))
        qtbot.wait(150)
    if watch.turns:  # elsewhere than on GLib's loop nothing is measured
        assert watch.work >= 79


def test_looking_for_garbage_is_left_out_of_tests(qtbot: QtBot) -> None:
    kept = [[number] for number in range(300_000)]

    def look() -> None:
        for _round in range(4):
            gc.collect()

    with watching_loop() as all_of_it, watching_loop(garbage=0) as rest:
        QTimer.singleShot(0, look)
        qtbot.wait(50)
    assert len(kept) == 300_000
    if rest.turns:
        assert rest.work < all_of_it.work / 2


def test_tests_let_pass_what_a_loaded_machine_makes_of_50_ms_and_nothing_like_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_watch, "pace", lambda: loop_watch.USUAL_MS)
    assert too_long(120) == ""
    assert "1000 ms" in too_long(1000)
    monkeypatch.setattr(loop_watch, "pace", lambda: 4 * loop_watch.USUAL_MS)
    assert too_long(500) == ""
    assert too_long(2000)


def test_a_page_comes_with_its_module(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "desktop_crm.ui.guide")
    there: list[bool] = []
    bench.operations.load(bench.window, "desktop_crm.ui.guide", lambda: there.append("desktop_crm.ui.guide" in sys.modules))
    bench.settle()
    assert there == [True]
    assert import_module("desktop_crm.ui.guide").GuidePage


def test_many_things_are_given_up_a_part_at_a_time(qtbot: QtBot) -> None:
    owner, left = QObject(), 3 * PARTED

    class Thing:
        def __del__(self) -> None:
            nonlocal left
            left -= 1
            if left % PARTED == 0:
                busy(20)

    things = [Thing() for _number in range(left)]
    let_go(owner, things)
    assert left == 2 * PARTED, "the rest comes in other turns"
    qtbot.waitUntil(lambda: not left)
