"""Enumerations of Qt's are made quickly and are what Python would have made of them."""

from __future__ import annotations

import enum
import pickle
import re
from enum import EnumType
from inspect import getmembers
from typing import TYPE_CHECKING, Any

import pytest

import desktop_crm.ui  # noqa: F401 - loads Qt as the program does

# isort: split
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Qt

from desktop_crm.ui import quick_enums

if TYPE_CHECKING:
    from collections.abc import Iterator


def of_qt() -> Iterator[Any]:
    """Yield every enumeration of the modules the program is made with."""
    for module in (QtCore, QtGui, QtWidgets):
        for _name, found in getmembers(module, lambda one: isinstance(one, type)):
            yield from (one for _key, one in getmembers(found, lambda one: isinstance(one, EnumType)))


def test_each_is_what_python_makes_of_the_same_members() -> None:
    compared = 0
    for found in of_qt():
        kind, members = found.__base__, [(name, member.value) for name, member in found.__members__.items()]
        if kind not in quick_enums.KINDS or not members:
            continue
        compared += 1
        assert quick_enums.seen(quick_enums.create(kind, "Same", members)) == quick_enums.seen(quick_enums.create_slowly(kind, "Same", members)), found
    assert compared > 500


def test_they_are_made_so_and_behave() -> None:
    assert getattr(EnumType, "_create_") is quick_enums._create  # noqa: B009 - no checker knows it
    both = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    assert both & ~Qt.AlignmentFlag.AlignTop == Qt.AlignmentFlag.AlignLeft
    assert [one.name for one in both] == ["AlignLeft", "AlignTop"]
    assert Qt.Key(Qt.Key.Key_Return.value) is Qt.Key.Key_Return
    assert Qt.Key["Key_Return"] is Qt.Key.Key_Return
    assert pickle.loads(pickle.dumps(Qt.Orientation.Vertical)) is Qt.Orientation.Vertical  # noqa: S301 - written one line before
    with pytest.raises(AttributeError):
        getattr(Qt.Key, "Key_of_nothing")  # noqa: B009 - no checker knows it


@pytest.mark.parametrize("members", [[("name", 1)], [("ONE", "1")], [("ONE", 1), ("_two", 2)], "ONE TWO"])
def test_what_is_more_than_numbers_is_left_to_python(members: Any) -> None:
    def told(way: Any) -> str:
        try:
            return re.sub("0x[0-9a-f]+", "", repr(quick_enums.seen(way(enum.Enum, "Sample", members, module=__name__, boundary=enum.KEEP))))
        except (ValueError, TypeError) as problem:
            return repr(problem)

    assert told(quick_enums._create) == told(quick_enums._python)
