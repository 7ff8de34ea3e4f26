"""Pages that do not scroll sideways fit a window of 1024 × 700 in English, whose words are the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_crm.base.i18n import current_language, use_language
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.flow import Apart
from desktop_crm.ui.kit.layouts import holder, row
from desktop_crm.ui.pages import PAGES, make_new, make_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Bench

RAIL, HEIGHT = 52, 650
"""What is left of the window's width and height: the rail is folded, the top bar stands above."""
NEW = ("contract", "receipt", "customer", "invoice_request")
OWN = ("settings", "guide", "import")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = current_language()
    use_language("en")
    yield
    use_language(before)


@pytest.mark.parametrize("name", [*NEW, *OWN, *(key for key, info in PAGES.items() if key.startswith("report.") or info.group != "company")])
def test_nothing_is_cut_at_the_right(bench: Bench, name: str) -> None:
    page = make_new(bench.desk, name, {}) if name in NEW else make_page(bench.desk, name, {"entity": "customer"} if name == "import" else {})
    bench.window.resize(1024 - RAIL, HEIGHT)
    bench.show(page)
    areas = [one for one in page.findChildren(QScrollArea) if one.isVisible() and one.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff]
    inner = [(area.objectName(), widget.width() - area.viewport().width()) for area in areas if (widget := area.widget()) is not None]
    assert [(name, over) for name, over in inner if over > 0] == []
    cut = {one.objectName(): one.width() - one.minimumSizeHint().width() for one in page.findChildren(Button) if one.isVisible() and one.width() < one.minimumSizeHint().width()}
    assert cut == {}


def test_two_groups_stand_in_one_line_or_one_below_the_other(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    for one, width in ((first, 200), (second, 120)):
        one.setFixedSize(width, 30)
    outer = holder(Apart(row(first, None), row(second), gap=10, line_gap=6))
    qtbot.addWidget(outer)
    layout = outer.layout()
    assert layout is not None
    assert (layout.heightForWidth(330), layout.heightForWidth(329)) == (30, 66)
    outer.resize(400, 30)
    outer.show()
    assert (first.x(), second.geometry().right()) == (0, 399)
    outer.resize(250, 66)
    qtbot.waitUntil(lambda: second.y() == 36)
    assert second.x() == 0
