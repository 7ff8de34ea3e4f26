"""What was typed and not saved: kept within two seconds, given back after a kill, also where the record changed or went meanwhile."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_crm.app import build
from desktop_crm.base.settings import Settings, drafts_folder, save_settings
from desktop_crm.domain.conditions import Where
from desktop_crm.services import records
from desktop_crm.services.session import Session, open_session
from desktop_crm.ui.drafts import kept_drafts, read_draft
from desktop_crm.ui.drafts_page import DraftCard, DraftsPage
from desktop_crm.ui.editor_draft import DRAFT_MS
from desktop_crm.ui.kit.timeline import Composer
from desktop_crm.ui.lines import LinesPanel
from desktop_crm.ui.record_page import RecordPage
from tests.support.company import company, make
from tests.support.settling import settle as wait_until_settled
from tests.ui.typing_until_killed import TYPED, commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from desktop_crm.ui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6
FROM_EACH = 40
"""Drafts written at most before a kill."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Make a company with three customers and two contracts."""
    made = f"sqlite:///{tmp_path / 'company.sqlite3'}"
    with company(made) as session:
        customers = [make(session, "customer", name=name, city="上海") for name in ("甲公司", "乙公司", "丙公司")]
        line = {"product_name": "货", "quantity": Decimal(1), "price": Decimal(7)}
        for _number in range(2):
            values = records.new(session, "contract", customer=customers[0], signed_on=session.today)
            records.save(session, "contract", values, lines={"contract_line": [line]})
    save_settings(Settings(language="zh_CN"))
    return made


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Callable[[str], MainWindow]]:
    """Call it with a URL to start the program's window."""
    made: list[MainWindow] = []

    def begin(url: str) -> MainWindow:
        window = build(open_session(url))
        made.append(window)
        qtbot.addWidget(window)
        window.show()
        settle(qtbot, window)
        return window

    yield begin
    for window in made:
        if shiboken6.isValid(window):
            window.close()


def settle(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_settled(qtbot, window.operations.idle)


def named(window: QWidget, name: str) -> QWidget:
    found = [one for one in window.findChildren(QWidget, name) if one.isVisible()]
    assert found, name
    return found[0]


def click(window: QWidget, name: str) -> None:
    QTest.mouseClick(named(window, name), Qt.MouseButton.LeftButton, pos=QPoint(6, 6))


def cards(window: MainWindow) -> list[DraftCard]:
    page = window.page()
    assert isinstance(page, DraftsPage)
    return page.cards


def look(qtbot: QtBot, window: MainWindow) -> list[DraftCard]:
    click(window, "strip.drafts.show")
    settle(qtbot, window)
    return cards(window)


def values_shown(window: MainWindow) -> str:
    """Return the texts of every input on the page."""
    page: Any = window.page()
    texts = []
    for one in page.findChildren(QWidget):
        for ask in ("text", "toPlainText"):
            call = getattr(one, ask, None)
            if callable(call) and one.isVisible():
                texts.append(str(call()))
    texts += [str(panel.rows()) for panel in page.findChildren(LinesPanel)]
    return "\n".join(texts)


def type_until_killed(url: str, forms: list[str]) -> None:
    """Let another program type into the forms, and kill it once every draft is on the disk."""
    command = [sys.executable, "-m", "tests.ui.typing_until_killed", url, *forms]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8") as typist:
        assert typist.stdout is not None
        for form in forms:
            assert typist.stdout.readline().strip() == form, "the program ended by itself"
        typist.kill()


@pytest.mark.parametrize("forms", [[form for form in TYPED if form != "company"], ["company"]], ids=["records", "company"])
def test_every_form_is_given_back_after_a_kill_as_it_was_typed(url: str, start: Callable[[str], MainWindow], qtbot: QtBot, forms: list[str]) -> None:
    type_until_killed(url, forms)
    window = start(url)
    shown = look(qtbot, window)
    told = {form: [card.kept for card in shown if TYPED[form] in json.dumps(card.kept.draft, ensure_ascii=False)] for form in forms}
    assert {form: len(found) for form, found in told.items()} == dict.fromkeys(forms, 1)
    for form in forms:
        window.desk.show_page("drafts")
        settle(qtbot, window)
        card = next(card for card in cards(window) if card.kept.path == told[form][0].path)
        QTest.mouseClick(card.open, Qt.MouseButton.LeftButton)
        settle(qtbot, window)
        assert TYPED[form] in values_shown(window), form
    if "composer" in forms:
        window.desk.open_record("customer", 3)
        settle(qtbot, window)
        page: Any = window.page()
        composer = page.findChild(Composer)
        assert (composer.kind(), composer.text.value()) == ("visit", TYPED["composer"]), "also on the record itself"


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_draft_can_be_read_whenever_its_writer_was_killed(home: Path, seed: int) -> None:
    """One of the drafts that were acknowledged, or the one being written: never a half, never an older one."""
    del home
    path = drafts_folder() / "place.1.customer.7.json"
    code = (
        "import sys; from pathlib import Path; from desktop_crm.ui.drafts import keep_draft\n"
        "for number in range(10**9):\n"
        "    keep_draft(Path(sys.argv[1]), {'fields': {'note': '字' * 20000}, 'lines': {}, 'number': number}); print(number, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _line in range(1 + seed * FROM_EACH // KILLS):
            assert writer.stdout.readline(), "the writer ended by itself"
        writer.kill()
        told = [line for line in writer.stdout.read().split("\n") if line]
    draft = read_draft(path)
    assert draft is not None
    assert len(draft["fields"]["note"]) == 20000
    assert not told or int(told[-1]) <= draft["number"] <= int(told[-1]) + 1
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def typed(window: MainWindow, qtbot: QtBot, key: int, field: str, text: str) -> Path:
    """Type into the editor of a customer and wait for its draft: two seconds at most."""
    window.desk.open_record("customer", key)
    settle(qtbot, window)
    page = window.page()
    assert isinstance(page, RecordPage)
    page.begin_edit()
    settle(qtbot, window)
    assert page.edit is not None
    page.edit.form.editors[field].setFocus()
    line = getattr(page.edit.form.editors[field], "line", None) or page.edit.form.editors[field]
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    commit(line, text)
    path: Path = page.edit.drafts.path
    qtbot.waitUntil(path.exists)
    return path


def test_a_draft_is_kept_within_two_seconds_even_while_somebody_goes_on_typing(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    path = typed(window, qtbot, 1, "city", "杭")
    assert DRAFT_MS <= 1500
    page: Any = window.page()
    line = page.edit.form.editors["city"].line
    before = read_draft(path)
    commit(line, "州")
    timer = page.edit.drafts._timer
    left = timer.remainingTime()
    commit(line, "市")
    assert 0 < timer.remainingTime() <= left, "typing on doesn't put it off"
    qtbot.waitUntil(lambda: read_draft(path) != before)
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    commit(line, "上海")
    qtbot.waitUntil(lambda: not path.exists())


def test_a_slow_database_keeps_no_draft_waiting(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    """The lane that writes is held, as by a network that doesn't answer; the draft is on the disk all the same."""
    window = start(url)
    answer = threading.Event()
    window.operations.write(window, answer.wait, lambda _done: None)
    window.desk.new_record("product")
    qtbot.waitUntil(lambda: isinstance(window.page(), RecordPage) and window.page().edit is not None)  # type: ignore[union-attr]
    page: Any = window.page()
    page.edit.form.set_value("name", "打到一半")
    qtbot.waitUntil(page.edit.drafts.path.exists)
    answer.set()
    settle(qtbot, window)


def leave(window: MainWindow) -> None:
    window.close()


def other(url: str, work: Callable[[Session], Any]) -> None:
    """Let a colleague do something meanwhile."""
    session = open_session(url)
    try:
        work(session)
    finally:
        session.close()


def test_a_record_changed_meanwhile_is_decided_field_by_field(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    typed(window, qtbot, 1, "city", "杭州")
    page: Any = window.page()
    page.edit.form.set_value("note", "我的备注")
    leave(window)
    other(url, lambda session: records.save(session, "customer", {"city": "广州", "industry": "物流"}, key=1))
    window = start(url)
    (card,) = look(qtbot, window)
    assert (card.now.state, card.now.who) == ("changed", "boss")
    QTest.mouseClick(card.open, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    page = window.page()
    assert page.edit.form.current()["city"] == "杭州"
    page.edit.save()
    settle(qtbot, window)
    dialog = page.edit.saver.dialog
    assert [row.field.name for row in dialog.rows] == ["city"]
    click(dialog, "conflict.city.mine")
    click(dialog, "conflict.save")
    settle(qtbot, window)
    found = window.desk.session.records.rows(window.desk.session.entity("customer"), [1], ["city", "industry", "note"])[0]
    assert (found["city"], found["industry"], found["note"]) == ("杭州", "物流", "我的备注")
    assert kept_drafts(url, 1) == ([], [])


def test_a_record_deleted_meanwhile_is_offered_as_a_new_one(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    typed(window, qtbot, 3, "city", "杭州")
    leave(window)
    other(url, lambda session: records.delete(session, "customer", [3]))
    window = start(url)
    (card,) = look(qtbot, window)
    assert card.now.state == "gone"
    QTest.mouseClick(card.open, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    page: Any = window.page()
    assert page.key is None
    page.edit.save()
    settle(qtbot, window)
    session = window.desk.session
    (made,) = session.records.find(session.entity("customer"), Where("city", "eq", "杭州"), ["name", "code"])
    assert made["name"] == "丙公司"
    assert kept_drafts(url, 1) == ([], [])


def test_a_damaged_draft_is_told_and_kept_aside(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    path = typed(window, qtbot, 1, "city", "杭州")
    leave(window)
    path.write_bytes(path.read_bytes()[:20])
    window = start(url)
    told = [toast.text.text() for toast in window.shell.toasts.shown() if toast.tone == "danger"]
    (aside,) = drafts_folder().glob("*.damaged")
    assert [aside.name in text for text in told] == [True]
    assert not path.exists()
    window.desk.open_record("customer", 1)
    settle(qtbot, window)
    page: Any = window.page()
    assert not page.banner.isVisible()


def test_what_is_discarded_comes_back_with_the_toast_and_others_see_nothing_of_it(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    typed(window, qtbot, 1, "city", "杭州")
    leave(window)
    window = start(url)
    (card,) = look(qtbot, window)
    QTest.mouseClick(card.drop, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert cards(window) == []
    assert kept_drafts(url, 1) == ([], [])
    click(window.shell.toasts.shown()[-1], "toast.action_1")
    settle(qtbot, window)
    assert len(cards(window)) == 1
    assert kept_drafts(url, 2) == ([], [])
    assert kept_drafts(url.replace("company", "other"), 1) == ([], [])


def test_new_records_have_a_draft_each(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    for name in ("第一个", "第二个"):
        window.desk.new_record("customer")
        settle(qtbot, window)
        page: Any = window.page()
        page.edit.banner.hide()
        page.edit.form.set_value("name", name)
        assert page.may_leave()
    assert sorted(one.draft["fields"]["name"] for one in kept_drafts(url, 1)[0]) == sorted(("第一个", "第二个"))


def test_a_follow_up_is_kept_when_its_page_is_left_at_once_and_goes_once_it_is_sent(url: str, start: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = start(url)
    window.desk.open_record("customer", 2)
    settle(qtbot, window)
    composer: Any = window.findChild(Composer)
    commit(composer.text.box, "电话里说")
    window.ways.go_back()
    settle(qtbot, window)
    (kept,) = kept_drafts(url, 1)[0]
    assert kept.draft["fields"]["content"] == "电话里说"
    window.desk.open_record("customer", 2)
    settle(qtbot, window)
    page: Any = window.page()
    composer = page.findChild(Composer)
    assert composer.text.value() == "电话里说"
    QTest.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert kept_drafts(url, 1) == ([], [])
    session = window.desk.session
    assert session.records.count(session.entity("activity"), Where("customer", "eq", 2)) == 1
