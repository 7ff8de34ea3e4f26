from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.ui.kit.fields import (
    AmountEditor,
    CheckEditor,
    Choice,
    ComboEditor,
    DateEditor,
    FieldFrame,
    LineEditor,
    LinkEditor,
    StarsEditor,
    TextEditor,
)
from desktop_crm.ui.kit.pickers import iso_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from desktop_crm.ui.kit.fields import Editor


class Form(QWidget):
    """A window with the editors given and another one to leave them for."""

    def __init__(self, *editors: Editor) -> None:
        super().__init__()
        self.other = LineEditor(name="other")
        layout = QVBoxLayout(self)
        for one in (*editors, self.other):
            layout.addWidget(one)
        self.resize(400, 500)


def show(qtbot: QtBot, *editors: Editor) -> Form:
    form = Form(*editors)
    qtbot.addWidget(form)
    form.show()
    with qtbot.waitActive(form):
        form.activateWindow()
    editors[0].setFocus()
    return form


def test_a_date_may_be_missing_and_typed_in_the_users_way(qtbot: QtBot) -> None:
    def parse(text: str) -> dt.date:
        if text == "today":
            return dt.date(2026, 7, 29)
        return iso_date(text)

    editor = DateEditor(parse)
    form = show(qtbot, editor)
    assert editor.value() is None
    qtbot.keyClicks(editor.line, "today")
    assert editor.value() == dt.date(2026, 7, 29)
    with qtbot.waitSignal(editor.left):
        form.other.setFocus()
    assert editor.text() == "2026-07-29"
    editor.setFocus()
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    assert editor.value() == dt.date(2026, 7, 30)
    editor.line.clear()
    form.other.setFocus()
    assert editor.value() is None
    assert editor.problem() == ""


def test_a_text_that_is_no_date_is_kept_and_marked(qtbot: QtBot) -> None:
    editor = DateEditor(label="Due")
    frame = FieldFrame("Due", editor)
    qtbot.addWidget(frame)
    form = show(qtbot, editor)
    qtbot.keyClicks(editor.line, "31 June")
    assert editor.problem() == ""
    form.other.setFocus()
    assert "31 June" in editor.problem()
    assert frame.message.text() == editor.problem()
    assert editor.text() == "31 June"
    with pytest.raises(ValueProblem):
        editor.value()
    editor.setFocus()
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    assert editor.problem() == ""


def test_the_calendar_opens_picks_and_clears(qtbot: QtBot) -> None:
    editor = DateEditor()
    _form = show(qtbot, editor)
    qtbot.keyClick(editor.line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    popup = editor._popup
    assert popup is not None
    assert popup.isVisible()
    popup.calendar.clicked.emit(popup.calendar.selectedDate())
    assert not popup.isVisible()
    assert isinstance(editor.value(), dt.date)
    editor.open()
    qtbot.keyClick(popup.calendar, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_an_amount_is_written_in_full_on_leaving(qtbot: QtBot) -> None:
    editor = AmountEditor()
    form = show(qtbot, editor)
    qtbot.keyClicks(editor.line, "128400.5")
    form.other.setFocus()
    assert editor.text() == "128,400.50"
    assert editor.value() == Decimal("128400.50")
    editor.line.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: editor.line.selectedText() == "128,400.50")
    qtbot.keyClicks(editor.line, "x")
    form.other.setFocus()
    assert "x" in editor.problem()


def test_nothing_is_checked_while_a_word_is_being_composed(qtbot: QtBot) -> None:
    editor = AmountEditor()
    form = show(qtbot, editor)
    left: list[bool] = []
    editor.left.connect(lambda: left.append(True))
    QApplication.sendEvent(editor.line, QInputMethodEvent("ni", []))
    assert editor.line.composing
    form.other.setFocus()
    assert left == []
    assert editor.problem() == ""


def test_setting_by_code_says_nothing_and_typing_says_changed(qtbot: QtBot) -> None:
    line, text, check, stars = LineEditor(), TextEditor(), CheckEditor("Paid"), StarsEditor()
    _form = show(qtbot, line, text, check, stars)
    said: list[str] = []
    for name, editor in (("line", line), ("text", text), ("check", check), ("stars", stars)):
        editor.changed.connect(lambda name=name: said.append(name))
    line.set_value("a")
    text.set_value("b")
    check.set_value(True)
    stars.set_value(3)
    assert said == []
    line.line.end(False)
    qtbot.keyClicks(line.line, "x")
    qtbot.keyClicks(text.box, "y")
    qtbot.keyClick(check.box, Qt.Key.Key_Space)
    qtbot.keyClick(stars.stars, Qt.Key.Key_Right)
    assert said == ["line", "text", "check", "stars"]
    assert (line.value(), check.value(), stars.value()) == ("ax", False, 4)


def test_a_combo_searches_takes_enter_and_brings_the_chosen_one_back(qtbot: QtBot) -> None:
    combo = ComboEditor([("m", "Monthly"), ("i", "Instalments"), ("c", "Cash")], empty="None")
    form = show(qtbot, combo)
    combo.line.selectAll()
    qtbot.keyClicks(combo.line, "inst")
    with qtbot.waitSignal(combo.changed):
        qtbot.keyClick(combo.line, Qt.Key.Key_Return)
    assert combo.value() == "i"
    combo.line.selectAll()
    qtbot.keyClicks(combo.line, "rubbish")
    form.other.setFocus()
    assert combo.line.text() == "Instalments"
    combo.setFocus()
    combo.line.selectAll()
    qtbot.keyClicks(combo.line, "cash")
    form.other.setFocus()
    assert combo.value() == "c"
    combo.set_value("retired")
    assert (combo.value(), combo.line.text()) == ("retired", "retired")


def test_a_link_drops_overtaken_answers_and_opens_makes_and_clears(qtbot: QtBot) -> None:
    asked: list[tuple[str, Callable[[list[Choice]], None]]] = []
    made: list[str] = []
    opened: list[object] = []
    link = LinkEditor(lambda text, reply: asked.append((text, reply)), create=made.append, open_record=opened.append)
    form = show(qtbot, link)
    qtbot.keyClicks(link.line, "hua")
    qtbot.waitUntil(lambda: len(asked) == 1)
    qtbot.keyClicks(link.line, "x")
    qtbot.waitUntil(lambda: len(asked) == 2)
    asked[1][1]([Choice(7, "Huaxin")])
    asked[0][1]([Choice(1, "Overtaken")])
    with qtbot.waitSignal(link.changed):
        qtbot.keyClick(link.line, Qt.Key.Key_Return)
    assert link.value() == 7
    assert link.line.text() == "Huaxin"
    link._open_mark.trigger()
    assert opened == [7]
    link.line.selectAll()
    qtbot.keyClicks(link.line, "new one")
    qtbot.waitUntil(lambda: len(asked) == 3)
    asked[2][1]([])
    qtbot.keyClick(link.line, Qt.Key.Key_Return)
    assert made == ["new one"]
    link._clear_mark.trigger()
    assert link.value() is None
    form.other.setFocus()
    assert link.line.text() == ""


def test_enter_before_the_answer_takes_what_was_typed_and_never_an_older_answer(qtbot: QtBot) -> None:
    asked: list[tuple[str, Callable[[list[Choice]], None]]] = []
    made: list[str] = []
    link = LinkEditor(lambda text, reply: asked.append((text, reply)), create=made.append)
    _form = show(qtbot, link)
    qtbot.keyClicks(link.line, "hua")
    qtbot.waitUntil(lambda: len(asked) == 1)
    asked[0][1]([])
    qtbot.keyClicks(link.line, "xin")
    qtbot.keyClick(link.line, Qt.Key.Key_Down)
    qtbot.keyClick(link.line, Qt.Key.Key_Return)
    assert made == []
    assert asked[-1][0] == "huaxin"
    asked[-1][1]([Choice(7, "Huaxin"), Choice(8, "Huaxin 2")])
    assert link.value() == 7
    assert made == []


def test_read_only_fields_keep_their_value_and_take_no_keys(qtbot: QtBot) -> None:
    line, date, combo = LineEditor(), DateEditor(), ComboEditor([("a", "A"), ("b", "B")])
    _form = show(qtbot, line, date, combo)
    line.set_value("KH-0107")
    date.set_value(dt.date(2026, 7, 29))
    combo.set_value("a")
    for one in (line, date, combo):
        one.set_read_only(True)
    qtbot.keyClicks(line.line, "x")
    qtbot.keyClick(date.line, Qt.Key.Key_Up)
    combo.open()
    assert (line.value(), date.value(), combo.value()) == ("KH-0107", dt.date(2026, 7, 29), "a")
    assert not combo._list.isVisible()


def test_the_frame_names_its_input_and_shows_hint_warning_and_error(qtbot: QtBot) -> None:
    editor = LineEditor(name="form.customer.name")
    frame = FieldFrame("Name", editor, required=True, hint="As on the licence")
    qtbot.addWidget(frame)
    assert editor.line.accessibleName() == "Name"
    assert editor.line.objectName() == "form.customer.name.input"
    assert frame.message.text() == "As on the licence"
    editor.set_problem("Looks short", warning=True)
    assert (frame.message.text(), editor.problem_level()) == ("Looks short", "warning")
    editor.set_problem("Is missing")
    assert editor.line.property("problem") == "error"
    editor.set_problem(None)
    assert frame.message.text() == "As on the licence"
