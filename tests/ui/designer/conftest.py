"""A designer on the delivery note of a company with one contract, and a hand that works on its paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from desktop_crm.services import records
from desktop_crm.ui.designer.document import Box, at, box_of
from desktop_crm.ui.designer.page import DesignerPage

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def contract(session: Session) -> int:
    customer = records.save(session, "customer", records.new(session, "customer", name="苏州明远精密机械有限公司", phone="0512-62881199")).result.id
    lines = [{"product_name": f"产品 {number}", "unit": "台", "quantity": Decimal(number), "price": Decimal("9.99")} for number in range(1, 4)]
    values = records.new(session, "contract", customer=customer, signed_on=date(2026, 6, 18), delivery_on=date(2026, 7, 29))
    return records.save(session, "contract", values, lines={"contract_line": lines}).result.id


@dataclass
class Hand:
    """A hand on the paper: drags in mm of the scene, presses keys."""

    bench: Bench
    page: DesignerPage

    def settle(self) -> None:
        """Wait until the paper shows the present document, and the panel what is selected."""
        self.bench.qtbot.waitUntil(lambda: self.page.built and self.page.panel.settled() and self.page.laying.settled() and self.bench.operations.idle())

    def spot(self, x: float, y: float) -> QPoint:
        """Return where a point of the paper is in the view, brought into it."""
        canvas = self.page.canvas
        canvas.ensureVisible(x, y, 1, 1, 30, 30)
        return canvas.to_view(Box(x, y, 0, 0)).topLeft().toPoint()

    def middle(self, path: str) -> tuple[float, float]:
        return self.page.canvas.boxes(path)[0].middle

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.page.canvas.viewport(), LEFT, keys, self.spot(x, y))

    def drag(self, start: tuple[float, float], by: tuple[float, float], keys: Qt.KeyboardModifier = NONE, *, steps: int = 4, let_go: bool = True) -> None:
        """Press, move in steps and let go."""
        view = self.page.canvas.viewport()
        first = self.spot(*start)
        scale = self.page.canvas.to_view(Box(0, 0, 1, 1)).width()
        QTest.mousePress(view, LEFT, keys, first)
        for step in range(1, steps + 1):
            self.to(first, by, scale, step / steps, keys)
        if let_go:
            QTest.mouseRelease(view, LEFT, keys, first + QPointF(by[0] * scale, by[1] * scale).toPoint())
            self.settle()

    def to(self, first: QPoint, by: tuple[float, float], scale: float, part: float, keys: Qt.KeyboardModifier) -> None:
        from PySide6.QtCore import QEvent
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        view = self.page.canvas.viewport()
        spot = QPointF(first) + QPointF(by[0] * scale * part, by[1] * scale * part)
        event = QMouseEvent(QEvent.Type.MouseMove, spot, view.mapToGlobal(spot), Qt.MouseButton.NoButton, LEFT, keys)
        QApplication.sendEvent(view, event)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.page.canvas, key, keys)

    def box(self, path: str) -> Box:
        return box_of(at(self.page.design.doc, path))

    @staticmethod
    def box_before(doc: dict[str, Any], path: str) -> Box:
        return box_of(at(doc, path))

    def element(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = at(self.page.design.doc, path)
        return found

    def row(self, name: str) -> Any:
        """Return the editor of a property."""
        return next(one.widget for one in self.page.panel.rows if one.widget.objectName() == name)

    def write(self, name: str, text: str) -> None:
        """Type over a property and leave it."""
        line = self.row(name).line
        line.setFocus()
        self.bench.qtbot.wait(20)
        line.selectAll()
        QTest.keyClicks(line, text)
        line.clearFocus()
        self.settle()


@pytest.fixture
def hand(bench: Bench, contract: int) -> Hand:
    del contract
    page = DesignerPage(bench.desk, "delivery_note")
    made = Hand(bench, page)
    bench.window.resize(1440, 900)
    bench.show(page)
    made.settle()
    page.head.set_mode("live")
    made.settle()
    return made


CUSTOMER = "bands/page_header/elements/9"


@pytest.fixture
def customer_path(hand: Hand) -> str:
    """Return the path of the customer's name, which tests move about."""
    from desktop_crm.ui.designer.contents import content_of
    from desktop_crm.ui.designer.document import elements

    return next(path for path, one in elements(hand.page.design.doc) if content_of(one).field == "customer.name")
