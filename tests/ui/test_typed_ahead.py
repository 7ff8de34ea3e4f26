"""Pages that are made in small steps: what is typed meanwhile arrives, and one that is left half-made ends quietly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_crm.base.settings import drafts_folder
from desktop_crm.services import records
from desktop_crm.ui.contracts import ContractEditor
from desktop_crm.ui.guide import GuidePage
from desktop_crm.ui.kit.tokens import theme_notifier
from desktop_crm.ui.pages import make_page
from desktop_crm.ui.receipts import ReceiptEditor
from desktop_crm.ui.record_feed import RecordFeed
from desktop_crm.ui.record_page import RecordPage
from tests.support.company import make

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk, Page
    from tests.ui.conftest import Bench

PAGES: dict[str, Callable[[Desk], Page]] = {
    "receipt": lambda desk: ReceiptEditor(desk, None, {}), "contract": lambda desk: ContractEditor(desk, None, {}), "customer": lambda desk: RecordPage(desk, "customer", None),
}


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every turn make one step only, so that a page is still half-made when the test goes on."""
    monkeypatch.setattr("desktop_crm.ui.steps.SLICE_S", 0.0)


def put(bench: Bench, page: Page) -> None:
    """Show a page that is being made, with the focus as the window gives it."""
    bench.window.setCentralWidget(page)
    bench.window.show()
    bench.window.activateWindow()
    page.take_focus()


def text_in_focus() -> str:
    focus: Any = QApplication.focusWidget()
    return str(focus.text())


@pytest.mark.parametrize("name", PAGES)
def test_what_is_typed_ahead_of_a_new_form_stands_in_its_first_field(bench: Bench, name: str) -> None:
    page = PAGES[name](bench.desk)
    put(bench, page)
    assert page.holds_keys()
    QTest.keyClicks(page, "ab")
    bench.settle()
    assert text_in_focus() == "ab"
    assert not page.holds_keys()


def test_what_is_typed_ahead_of_the_editor_of_a_record_stands_in_it(bench: Bench, session: Session) -> None:
    key = records.save(session, "customer", {"name": "恒泰轴承"}).result.id
    page = RecordPage(bench.desk, "customer", key)
    put(bench, page)
    bench.settle()
    page.begin_edit()
    page.begin_edit()
    assert page.edit is None
    QTest.keyClick(page, Qt.Key.Key_End)
    QTest.keyClicks(page, "AB")
    page.load()  # somebody else changed something
    bench.settle()
    assert page.edit is not None
    assert text_in_focus() == "恒泰轴承AB"


@pytest.mark.parametrize("name", [*PAGES, "settings", "bank", "guide", "designer", "report.aging", "report.dunning"])
def test_a_page_that_is_left_half_made_ends_quietly(bench: Bench, name: str) -> None:
    page = PAGES[name](bench.desk) if name in PAGES else make_page(bench.desk, name, {})
    put(bench, page)
    page.refresh(set())
    for act in ("save", "submit", "next_problem", "edit", "undo"):
        page.shortcuts().get(act, str)()
    page.crumbs()
    assert page.may_leave()
    bench.window.takeCentralWidget()
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    bench.settle()


def test_the_guide_takes_another_theme_when_it_is_seen_and_stays_where_it_was_read(bench: Bench) -> None:
    page = GuidePage(bench.desk)
    bench.show(page)
    bar, shown = page.text.verticalScrollBar(), page.text.document()
    text = shown.toPlainText()
    assert "F1" in text
    bar.setValue(300)
    page.text.hide()
    theme_notifier().changed.emit()
    bench.settle()
    assert page.text.document() is shown
    page.text.show()
    bench.settle()
    assert page.text.document() is not shown
    assert page.text.toPlainText() == text
    assert bar.value() == 300


def test_what_is_written_before_its_record_is_shown_is_kept_too(bench: Bench) -> None:
    customer = make(bench.session, "customer", name="华信机电有限公司")
    feed = RecordFeed(bench.desk, bench.session.catalog["customer"])
    bench.show(feed)
    assert feed.composer is not None
    feed.composer.text.set_value("电话里说下周付款")
    feed.show_record(records.get(bench.session, "customer", customer))
    bench.settle()
    bench.qtbot.waitUntil(lambda: any("电话里说下周付款" in path.read_text(encoding="utf-8") for path in drafts_folder().glob("*.json")))
