"""Editors that choose: from a list, from a calendar, from the records."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolButton

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, current_language
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.editor_base import Editor, Line, sink
from desktop_crm.ui.kit.editors import ParsedEditor
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.icons import icon
from desktop_crm.ui.kit.layouts import row
from desktop_crm.ui.kit.popup import Choice, DropList, Floating
from desktop_crm.ui.kit.sheets import calendar_sheet
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

OPEN_KEYS = {Qt.Key.Key_Down, Qt.Key.Key_F4}
CHOOSE_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)
WAIT_MS = 120
WIDEST_COMBO = 240


class ComboEditor(Editor):
    """One of a few choices; the value is the choice's code, None where nothing is chosen.

    Typing searches the labels; leaving with a text that is none of them brings the chosen one back. Choices are (code, label).
    """

    def __init__(self, choices: Sequence[tuple[object, str]] = (), *, name: str = "", label: str = "", placeholder: str = "", empty: str | None = None,
                 look: str = "", match: Callable[[str, str], bool] | None = None) -> None:
        super().__init__(name=name, label=label)
        self.line = Line(look=look)
        self.line.setPlaceholderText(placeholder)
        self._hold(self.line)
        self._empty = empty
        self._match = match or (lambda text, title: text.casefold() in title.casefold())
        self._value: object = None
        self._choices: list[Choice] = []
        self._list = DropList(self.line)
        self._list.chosen.connect(self._picked)
        self._mark_down = self.line.add_mark("chevron-down", _("Show the choices"), self._toggle)
        self.line.key_hook = self._key
        self.line.textEdited.connect(self._search)
        self.line.left.connect(self._left)
        self.line.entered.connect(self.line.selectAll)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[object, str]]) -> None:
        """Offer other choices; a chosen code that is still among them stays."""
        first = [Choice(None, self._empty)] if self._empty is not None else []
        self._choices = first + [Choice(code, title) for code, title in choices]
        widest = max((text_width(one.title) for one in self._choices), default=60)
        self.line.setMinimumWidth(min(widest, WIDEST_COMBO) + 48)
        self.set_value(self._value)

    def value(self) -> object:
        """Return the code that is chosen."""
        return self._value

    def set_value(self, value: object) -> None:
        """Choose a code; one that is not offered is shown as it is, so that nothing is lost by opening a form."""
        self._value = value
        title = next((one.title for one in self._choices if one.value == value), "" if value is None else str(value))
        self.line.setText(title)
        self.line.setCursorPosition(0)

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the choice sunken."""
        self.line.setReadOnly(read_only)
        self._mark_down.setVisible(not read_only)
        sink(self.line, read_only)

    def open(self) -> None:
        """Drop the whole list down."""
        if not self.line.isReadOnly():
            current = next((index for index, one in enumerate(self._choices) if one.value == self._value), 0)
            self._list.drop(self._choices, current)

    def _toggle(self) -> None:
        if self._list.isVisible():
            self._list.close_up()
        else:
            self.line.setFocus()
            self.open()

    def _search(self, text: str) -> None:
        found = [one for one in self._choices if self._match(text.strip(), one.title)] if text.strip() else self._choices
        self._list.drop(found)

    def _picked(self, choice: Choice) -> None:
        before = self._value
        self.set_value(choice.value)
        if choice.value != before:
            self.changed.emit()

    def _key(self, event: QKeyEvent) -> bool:
        if self._list.handle_key(event):
            return True
        if event.key() in OPEN_KEYS and not self.line.isReadOnly():
            self.open()
            return True
        return False

    def _left(self) -> None:
        text = self.line.text().strip()
        exact = next((one for one in self._choices if one.title.casefold() == text.casefold()), None)
        self._list.close_up()
        if exact is not None and exact.value != self._value:
            self._picked(exact)
        else:
            self.set_value(self._value)
        self.left.emit()


def iso_date(text: str) -> dt.date:
    """Read a date as yyyy-MM-dd; raises ValueProblem otherwise."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueProblem(_("“{text}” is not a date; write it like 2026-07-29").format(text=text)) from None


class _Calendar(Floating):
    """The calendar a date input drops down, with the two choices a calendar has no day for."""

    def __init__(self, anchor: Line, pick: Callable[[dt.date | None], None]) -> None:
        super().__init__(anchor, name="calendar_popup")
        self._pick = pick
        from PySide6.QtWidgets import QCalendarWidget  # brings three hundred names of Qt's along, and few lists show a calendar

        self.calendar = QCalendarWidget()
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.calendar.setGridVisible(False)
        self.calendar.setLocale(QLocale(current_language()))
        self.closed.connect(self._give_back)
        self.calendar.clicked.connect(self._clicked)
        self.calendar.activated.connect(self._clicked)
        today = Button(_("Today"), "ghost", size="small", name="calendar_popup.today", on_click=lambda: self._done(dt.date.today()))  # noqa: DTZ011 - the user's own day
        empty = Button(_("No date"), "ghost", size="small", name="calendar_popup.clear", on_click=lambda: self._done(None))
        self.content.addWidget(self.calendar)
        self.content.addLayout(row(today, None, empty))

    def drop(self, day: dt.date | None) -> None:
        """Open the calendar on a day, or on today."""
        self.calendar.setStyleSheet(calendar_sheet())
        self.calendar.setSelectedDate(QDate(day.year, day.month, day.day) if day else QDate.currentDate())
        for which, name in (("qt_calendar_prevmonth", "chevron-left"), ("qt_calendar_nextmonth", "chevron-right")):
            button = self.calendar.findChild(QToolButton, which)
            if button is not None:
                button.setIcon(icon(name))
        from PySide6.QtGui import QTextCharFormat

        head = QTextCharFormat()
        head.setForeground(color("text3"))
        self.calendar.setHeaderTextFormat(head)
        day_format = QTextCharFormat()
        day_format.setForeground(color("text"))
        for weekday in Qt.DayOfWeek:
            self.calendar.setWeekdayTextFormat(weekday, day_format)
        self.open_below()
        self.calendar.setFocus()

    def _clicked(self, day: QDate) -> None:
        self._done(dt.date(day.year(), day.month(), day.day()))

    def _give_back(self) -> None:
        focus = QApplication.focusWidget()
        if focus is None or self.isAncestorOf(focus):
            self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)

    def _done(self, day: dt.date | None) -> None:
        self.close_up()
        self._pick(day)


class DateEditor(ParsedEditor):
    """A date that may be missing; the value is a date or None.

    Typed dates go through `parse`; Up and Down change it by a day, Alt+Down opens the calendar.
    """

    def __init__(self, parse: Callable[[str], dt.date] = iso_date, *, name: str = "", label: str = "", placeholder: str = "", look: str = "") -> None:
        super().__init__(parse, str, name=name, label=label, placeholder=placeholder, look=look)
        self.line.setMinimumWidth(text_width("0000-00-00") + 56)
        self._button = self.line.add_mark("calendar", _("Open the calendar"), self.open)
        self._popup: _Calendar | None = None
        self.line.key_hook = self._key

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the date sunken."""
        super().set_read_only(read_only)
        self._button.setVisible(not read_only)

    def _day(self) -> dt.date | None:
        try:
            value = self.value()
        except ValueProblem:
            return None
        return value if isinstance(value, dt.date) else None

    def open(self) -> None:
        """Drop the calendar down."""
        if self._popup is None:
            self._popup = _Calendar(self.line, self._choose)
        if self._popup.isVisible():
            self._popup.close_up()
        else:
            self._popup.drop(self._day())

    def _choose(self, day: dt.date | None) -> None:
        self.set_problem(None)
        self.set_value(day)
        self.changed.emit()

    def _key(self, event: QKeyEvent) -> bool:
        key, step = event.key(), {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if self.line.isReadOnly():
            return False
        if key == Qt.Key.Key_F4 or (key == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier):
            self.open()
            return True
        day = self._day()
        if step is None or day is None:
            return False
        self._choose(day + dt.timedelta(days=step))
        return True


class LinkEditor(Editor):
    """A linked record; the value is its id, None where nothing is linked.

    `suggest(text, reply)` looks records up and calls `reply` with Choices, now or later; an overtaken answer is dropped.
    `create(text)` adds "New …" at the end of the list; `open_record(id)` adds a button that opens the linked record.
    """

    def __init__(self, suggest: Callable[[str, Callable[[list[Choice]], None]], None], *, name: str = "", label: str = "", placeholder: str = "",
                 create: Callable[[str], None] | None = None, open_record: Callable[[object], None] | None = None) -> None:
        super().__init__(name=name, label=label)
        self.line = Line()
        self.line.setPlaceholderText(placeholder)
        self._hold(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._suggest, self._create, self._open_record = suggest, create, open_record
        self._choice: Choice | None = None
        self._asked = 0
        self._answered, self._takes_first = True, False
        self._list = DropList(self.line)
        self._list.chosen.connect(self._picked)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self._search_mark = self.line.add_mark("search", _("Search"), self._begin)
        self._clear_mark = self.line.add_mark("x", _("Clear"), self._clear)
        self._open_mark = self.line.add_mark("arrow-up-right", _("Open"), self._open)
        self.line.key_hook = self._key
        self.line.textEdited.connect(self._typed)
        self.line.left.connect(self._left)
        self.line.entered.connect(self.line.selectAll)
        self._show()

    def value(self) -> object:
        """Return the id of the linked record."""
        return self._choice.value if self._choice else None

    def choice(self) -> Choice | None:
        """Return the linked record with its title."""
        return self._choice

    def set_value(self, value: object) -> None:
        """Link a Choice, or nothing with None."""
        if value is not None and not isinstance(value, Choice):
            raise TypeError(value)
        self._choice = value
        self._show()

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the title sunken; the record can still be opened."""
        self.line.setReadOnly(read_only)
        sink(self.line, read_only)
        self._show()

    def _show(self) -> None:
        self.line.setText(self._choice.title if self._choice else "")
        self.line.setCursorPosition(0)
        linked, fixed = self._choice is not None, self.line.isReadOnly()
        self._open_mark.setVisible(linked and self._open_record is not None)
        self._clear_mark.setVisible(linked and not fixed)
        self._search_mark.setVisible(not linked and not fixed)

    def _open(self) -> None:
        if self._choice is not None and self._open_record is not None:
            self._open_record(self._choice.value)

    def _clear(self) -> None:
        self._picked(None)
        self.line.setFocus()

    def _begin(self) -> None:
        self.line.setFocus()
        self._ask()

    def _typed(self) -> None:
        self._answered = False
        self._wait.start()

    def _ask(self) -> None:
        self._wait.stop()
        self._asked += 1
        asked, text = self._asked, "" if self._choice and self.line.text() == self._choice.title else self.line.text().strip()

        def reply(choices: list[Choice]) -> None:
            if asked == self._asked and self.line.hasFocus():
                extra = [Choice(NEW, _("New “{text}”").format(text=text) if text else _("New …"), icon="plus")] if self._create else []
                self._answered = True
                if self._takes_first and choices:
                    self._list.close_up()
                    self._picked(choices[0])
                else:
                    self._list.drop([*choices, *extra])
                self._takes_first = False

        self._suggest(text, reply)

    def _picked(self, choice: Choice | None) -> None:
        if choice is not None and choice.value is NEW:
            text = self.line.text().strip()
            self._show()
            if self._create is not None:
                self._create(text)
            return
        before = self.value()
        self._choice = choice
        self._show()
        if self.value() != before:
            self.changed.emit()

    def _key(self, event: QKeyEvent) -> bool:
        if not self._answered and event.key() in CHOOSE_KEYS:
            # What the list shows answers an older text: the choice waits for the right one.
            self._takes_first = self._takes_first or event.key() != Qt.Key.Key_Down
            if self._wait.isActive():
                self._ask()
            return True
        if self._list.handle_key(event):
            return True
        if event.key() in OPEN_KEYS and not self.line.isReadOnly():
            self._ask()
            return True
        return False

    def _left(self) -> None:
        self._answered, self._takes_first = True, False
        self._wait.stop()
        self._asked += 1
        self._list.close_up()
        if not self.line.text().strip() and self._choice is not None and not self.line.isReadOnly():
            self._picked(None)
        self._show()
        self.left.emit()


class _New:
    """Stands for the entry that makes a new record."""


NEW = _New()
