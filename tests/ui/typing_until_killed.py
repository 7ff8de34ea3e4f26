"""A program in whose forms something is typed, for a test that kills it: ``python -m tests.ui.typing_until_killed URL FORM …``.

It says each form's name once its draft is on the disk, and then goes on as if the user were still there.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_crm.app import application, build
from desktop_crm.base.settings import drafts_folder
from desktop_crm.services.session import open_session
from desktop_crm.ui.kit.timeline import Composer
from desktop_crm.ui.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.ui.main_window import MainWindow

TYPED: Final = {
    "edit": "编辑到一半", "inline": "就地改到一半", "composer": "跟进写到一半", "new": "新客户录到一半", "contract": "合同录到一半",
    "cell": "没按回车的格子", "receipt": "收款备注", "quick": "快速新建", "company": "我们公司改名",
}
"""What is typed into each kind of form. Nothing else can be typed while the dialog (quick) is open; the company's is saved when it is left."""

LOOKS: Final = 6_000
"""How often a draft is looked for, ten milliseconds apart."""


def wait(milliseconds: int) -> None:
    """Let the window live for a while; unlike QTest.qWait this lets other threads run meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def settle(window: MainWindow) -> None:
    """Wait until nothing is read and every page is made: what is typed into a form before that is typed into nothing."""
    for _round in range(3):
        wait(100)
        while not window.operations.idle() or any(steps.under_way() for steps in window.findChildren(Steps)):
            wait(10)


def commit(target: QWidget, text: str) -> None:
    """Type a text as an input method does."""
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    application().sendEvent(target, event)


def put(within: QWidget, name: str, text: str) -> None:
    """Type over what the editor `name` holds."""
    found = within.findChild(QWidget, name)
    assert found is not None, name
    target = getattr(found, "line", None) or getattr(found, "box", None) or found
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    commit(target, text)


class Typist:
    """Types into one form after the other; each method is one of TYPED."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.desk = window, window.desk

    def page(self) -> Any:
        settle(self.window)
        return self.window.page()

    def edit(self, text: str) -> None:
        self.desk.open_record("customer", 1)
        self.page().begin_edit()
        settle(self.window)
        put(self.page(), "form.customer.city", text)

    def inline(self, text: str) -> None:
        self.desk.open_record("customer", 2)
        page = self.page()
        next(card.fields["city"] for card in page.cards if "city" in card.fields).edit()
        put(page, "inline.customer.city", text)

    def composer(self, text: str) -> None:
        self.desk.open_record("customer", 3)
        composer = self.page().findChild(Composer)
        composer.set_kind("visit")
        commit(composer.text.box, text)

    def new(self, text: str) -> None:
        self.desk.new_record("customer")
        put(self.page(), "form.customer.name", text)

    def contract(self, text: str) -> None:
        self.desk.show_page("edit", entity="contract", key=1)
        put(self.page(), "form.contract.title", text)

    def cell(self, text: str) -> None:
        self.desk.show_page("edit", entity="contract", key=2)
        table = self.page().lines.table
        table.setFocus()
        table.show_cell(0, "specification")
        table.edit(table.currentIndex())
        editor = table.findChild(QWidget, f"{table.objectName()}.editor")
        commit(editor, text)

    def receipt(self, text: str) -> None:
        self.desk.new_record("receipt")
        put(self.page(), "form.receipt.note", text)

    def company(self, text: str) -> None:
        self.desk.show_page("settings")
        put(self.page(), "form.company.name", text)

    def quick(self, text: str) -> None:
        self.desk.new_record("contact")
        page = self.page()
        page.edit._create_link("customer", "")
        settle(self.window)
        put(page.edit.creator, "form.customer.name", text)


def main(url: str, *forms: str) -> None:
    window = build(open_session(url))
    window.show()
    settle(window)
    typist = Typist(window)
    for form in forms:
        text = TYPED[form]
        type_into: Callable[[str], None] = getattr(typist, form)
        type_into(text)
        for _look in range(LOOKS):
            if any(text in path.read_text(encoding="utf-8") for path in drafts_folder().glob("*.json")):
                break
            wait(10)
        else:
            sys.exit(f"no draft of {form} came")  # and the test fails instead of waiting for ever
        print(form, flush=True)
    application().exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
