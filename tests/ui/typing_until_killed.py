"""A program with a form in which something is typed, for a test that kills it: ``python -m … URL FORM``.

It prints the path of the draft once that is on the disk, and then goes on as if the user were still there.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.app import build
from desktop_crm.services.session import open_session
from desktop_crm.ui.kit.timeline import Composer

if TYPE_CHECKING:
    from desktop_crm.ui.main_window import MainWindow

TYPED: Final = {
    "edit": "编辑到一半", "inline": "就地改到一半", "new": "新客户录到一半", "contract": "合同录到一半", "cell": "没按回车的格子", "receipt": "收款备注",
    "quick": "快速新建", "company": "我们公司改名", "composer": "跟进写到一半",
}
"""What is typed into each kind of form."""


def settle(window: MainWindow) -> None:
    for _round in range(3):
        QTest.qWait(120)
        while not window.operations.idle():
            QTest.qWait(10)


def line(window: QWidget, name: str) -> QWidget:
    """Return the input inside the editor with an objectName."""
    found = window.findChild(QWidget, name)
    assert found is not None, name
    inner = getattr(found, "line", None) or getattr(found, "box", None)
    return inner if isinstance(inner, QWidget) else found


def put(window: QWidget, name: str, text: str) -> None:
    """Type over what an editor holds."""
    target = line(window, name)
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(target, text)


def type_into(window: MainWindow, form: str, text: str) -> None:  # noqa: C901 - one case a form
    desk = window.desk
    match form:
        case "edit":
            desk.open_record("customer", 1)
            settle(window)
            window.page().begin_edit()  # type: ignore[union-attr]
            put(window, "form.customer.city", text)
        case "inline":
            desk.open_record("customer", 1)
            settle(window)
            window.page().cards[1].fields["city"].edit()  # type: ignore[union-attr]
            put(window, "inline.customer.city", text)
        case "new":
            desk.new_record("customer")
            settle(window)
            put(window, "form.customer.name", text)
        case "contract":
            desk.show_page("edit", entity="contract", key=1)
            settle(window)
            put(window, "form.contract.title", text)
        case "cell":
            desk.show_page("edit", entity="contract", key=1)
            settle(window)
            table = window.page().lines.table  # type: ignore[union-attr]
            table.setFocus()
            table.show_cell(0, "note" if "note" in [one.key for one in table.lines.columns] else "specification")
            table.edit(table.currentIndex())
            QTest.keyClicks(table.findChild(QWidget, f"{table.objectName()}.editor"), text)
        case "receipt":
            desk.new_record("receipt")
            settle(window)
            put(window, "form.receipt.note", text)
        case "quick":
            desk.new_record("contact")
            settle(window)
            window.page().edit._create_link("customer", "")  # type: ignore[union-attr]
            settle(window)
            put(window.page().edit.creator, "form.customer.name", text)  # type: ignore[union-attr]
        case "company":
            desk.show_page("settings")
            settle(window)
            put(window, "form.company.name", text)
        case "composer":
            desk.open_record("customer", 1)
            settle(window)
            composer = window.findChild(Composer)
            assert composer is not None
            QTest.keyClicks(composer.text.box, text)


def main(url: str, form: str) -> None:
    window = build(open_session(url))
    window.show()
    settle(window)
    type_into(window, form, TYPED[form])
    from desktop_crm.base.settings import drafts_folder

    while not list(drafts_folder().glob("*.json")):
        QTest.qWait(10)
    print("kept", flush=True)  # noqa: T201 - the test waits for this line
    app = QApplication.instance()
    assert app is not None
    app.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
