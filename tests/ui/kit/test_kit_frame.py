from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from desktop_crm.ui.kit.charts import BarChart, BarList, Mark, steps
from desktop_crm.ui.kit.palette import CommandPalette, Hit
from desktop_crm.ui.kit.shell import NavEntry, Shell
from desktop_crm.ui.kit.timeline import Composer, Event, Timeline
from desktop_crm.ui.kit.widgets import Banner, Button, CheckBox, FilterChip, FocusRing, Label, SearchBox, Segment, TabItem, Tabs, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytestqt.qtbot import QtBot

ENTRIES = [NavEntry("home", "Desk", "layout-dashboard"), NavEntry("customer", "Customers", "users", "Sales"), NavEntry("lead", "Leads", "filter", "Sales"),
           NavEntry("receipt", "Receipts", "wallet", "Finance")]


@pytest.fixture
def shell(qtbot: QtBot) -> Shell:
    made = Shell(company="Hengxin", user="Wang Min")
    made.set_entries(ENTRIES, [NavEntry("settings", "Settings", "settings")])
    made.add_page("customer", Label("Customers"))
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def test_tabs_move_with_the_arrow_keys_and_keep_their_choice(qtbot: QtBot) -> None:
    tabs = Tabs([TabItem("all", "All", "1,286"), TabItem("mine", "Mine"), TabItem("late", "Overdue", "23", "danger")], label="Views")
    qtbot.addWidget(tabs)
    tabs.show()
    tabs.setFocus()
    with qtbot.waitSignal(tabs.chosen) as said:
        qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert said.args == ["mine"]
    tabs.set_items([TabItem("late", "Overdue"), TabItem("mine", "Mine", "5"), TabItem("all", "All")])
    assert tabs.current() == "mine"
    assert tabs.accessibleTabName(1) == "Mine 5"
    with pytest.raises(KeyError):
        tabs.set_current("gone")


def test_the_scroll_buttons_of_tabs_are_no_stop_of_the_tab_key(qtbot: QtBot) -> None:
    tabs = Tabs([TabItem(str(number), f"A rather long view {number}") for number in range(12)], label="Views")
    qtbot.addWidget(tabs)
    tabs.resize(300, 32)
    tabs.show()
    arrows = [one for one in tabs.findChildren(QToolButton) if one.isVisible()]
    assert arrows
    assert all(one.focusPolicy() == Qt.FocusPolicy.NoFocus for one in arrows)


def test_a_segment_chooses_by_click_and_key(qtbot: QtBot) -> None:
    segment = Segment([TabItem("amount", "Amount"), TabItem("count", "Count")])
    qtbot.addWidget(segment)
    segment.show()
    qtbot.mouseClick(segment, Qt.MouseButton.LeftButton, pos=segment.tabRect(1).center())
    assert segment.current() == "count"
    segment.setFocus()
    qtbot.keyClick(segment, Qt.Key.Key_Left)
    assert segment.current() == "amount"


def test_a_busy_button_takes_no_clicks(qtbot: QtBot) -> None:
    clicks: list[int] = []
    button = Button("Save", "primary", icon="save", name="action.save", on_click=lambda: clicks.append(1))
    qtbot.addWidget(button)
    button.show()
    button.set_busy("Saving…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert clicks == []
    button.set_busy(None)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert clicks == [1]


def test_a_filter_chip_is_edited_and_removed_by_mouse_and_key(qtbot: QtBot) -> None:
    said: list[str] = []
    chip = FilterChip("Region: East")
    chip.clicked.connect(lambda: said.append("edit"))
    chip.removed.connect(lambda: said.append("remove"))
    qtbot.addWidget(chip)
    chip.show()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 12, 12))
    qtbot.keyClick(chip, Qt.Key.Key_Return)
    qtbot.keyClick(chip, Qt.Key.Key_Delete)
    assert said == ["edit", "remove", "edit", "remove"]


def test_a_check_box_goes_from_partly_to_fully(qtbot: QtBot) -> None:
    box = CheckBox("All")
    qtbot.addWidget(box)
    said: list[bool] = []
    box.toggled.connect(said.append)
    box.set_state(Qt.CheckState.PartiallyChecked)
    assert said == []
    box.click()
    assert box.state() == Qt.CheckState.Checked
    assert said == [True]


def test_the_search_box_searches_clears_and_hands_over_to_the_list(qtbot: QtBot) -> None:
    box = SearchBox(name="list.customer.search")
    qtbot.addWidget(box)
    box.show()
    with qtbot.waitSignal(box.searched) as said:
        qtbot.keyClicks(box, "hua")
    assert said.args == ["hua"]
    with qtbot.waitSignal(box.searched) as said:
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert said.args == [""]
    with qtbot.waitSignal(box.down):
        qtbot.keyClick(box, Qt.Key.Key_Down)


def test_a_banners_links_run(qtbot: QtBot) -> None:
    ran: list[int] = []
    banner = Banner("Two things are missing", "danger", links=[("First", lambda: ran.append(1)), ("Second", lambda: ran.append(2))], name="problems")
    qtbot.addWidget(banner)
    banner.show()
    link = banner.findChild(QWidget, "problems.link_2")
    assert link is not None
    qtbot.keyClick(link, Qt.Key.Key_Return)
    assert ran == [2]


def test_the_focus_ring_shows_for_keys_and_not_for_clicks(qtbot: QtBot, qapp: QApplication) -> None:
    ring = FocusRing.install(qapp)
    window, first, second = QWidget(), Button("One"), Button("Two")
    window.setLayout(row(first, second))
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    # Another test may have left its window with a button held down.
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton)
    first.setFocus()
    ring.keyboard = False
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()
    mark = window.findChild(QWidget, "focus_ring")
    assert mark is not None
    assert mark.isVisible()
    assert mark.geometry().contains(second.geometry())
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert not mark.isVisible()


def test_the_rail_chooses_shows_badges_folds_and_collapses(qtbot: QtBot, shell: Shell) -> None:
    item = shell.findChild(QWidget, "nav.customer")
    assert item is not None
    with qtbot.waitSignal(shell.chosen) as said:
        qtbot.mouseClick(item, Qt.MouseButton.LeftButton)
    assert said.args == ["customer"]
    shell.rail.set_badge("customer", "23", "danger")
    assert item.accessibleName() == "Customers 23"
    shell.rail.fold_groups(["Sales"])
    assert not item.isVisible()
    assert shell.rail.folded_groups() == ["Sales"]
    qtbot.keyClick(shell, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert shell.rail.width() == 56
    assert item.isVisible()
    assert item.toolTip() == "Customers 23"


def test_a_narrow_window_collapses_the_rail_and_a_wide_one_opens_it(shell: Shell) -> None:
    shell.resize(1200, 700)
    assert shell.rail.is_collapsed()
    shell.resize(1400, 700)
    assert not shell.rail.is_collapsed()


def test_pages_are_shown_with_their_crumbs_and_replaced(qtbot: QtBot, shell: Shell) -> None:
    shell.show_page("customer", [("sales", "Sales"), ("", "Customers")])
    assert shell.stack.currentWidget() is shell.page("customer")
    crumb = shell.findChild(QWidget, "crumb.sales")
    assert crumb is not None
    with qtbot.waitSignal(shell.top_bar.crumb_clicked):
        qtbot.mouseClick(crumb, Qt.MouseButton.LeftButton)
    shell.add_page("customer", Label("Again"))
    assert shell.stack.count() == 1
    with pytest.raises(KeyError):
        shell.show_page("gone")


def test_the_palette_marks_opens_and_drops_overtaken_answers(qtbot: QtBot, shell: Shell) -> None:
    asked: list[tuple[str, Callable[[Sequence[Hit]], None]]] = []
    palette = CommandPalette(shell, lambda text, reply: asked.append((text, reply)), [("customer", "Customers"), ("command", "Commands")])
    hits = [Hit(1, "Beijing Huaxin", "Customers", "customer", matches=((0, 7),)), Hit("new", "New customer", "Commands", "command", "plus")]
    shell.setFocus()
    palette.open("b")
    qtbot.keyClicks(palette.input, "j")
    qtbot.waitUntil(lambda: len(asked) > 1)
    asked[-1][1](hits)
    asked[0][1]([])
    assert palette.hits() == hits
    qtbot.keyClick(palette.input, Qt.Key.Key_Down)
    qtbot.keyClick(palette.input, Qt.Key.Key_Tab)
    assert palette.input.hasFocus()
    with qtbot.waitSignal(palette.chosen) as said:
        qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert said.args == ["new"]
    assert not palette.isVisible()


def test_enter_typed_ahead_of_the_answer_opens_what_was_meant(qtbot: QtBot, shell: Shell) -> None:
    asked: list[tuple[str, Callable[[Sequence[Hit]], None]]] = []
    palette = CommandPalette(shell, lambda text, reply: asked.append((text, reply)))
    palette.open()
    asked[-1][1]([Hit("old", "Old", "Commands", "command")])
    qtbot.keyClicks(palette.input, "bj")
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert palette.isVisible(), "the answer to “bj” isn't there yet"
    with qtbot.waitSignal(palette.chosen) as said:
        asked[-1][1]([Hit("meant", "Beijing", "Customers", "customer")])
    assert said.args == ["meant"]


def test_the_palette_keeps_the_pages_shortcuts_away_and_closes_on_esc(qtbot: QtBot, shell: Shell) -> None:
    fired: list[int] = []
    QShortcut(QKeySequence("Ctrl+S"), shell).activated.connect(lambda: fired.append(1))
    palette = CommandPalette(shell, lambda _text, reply: reply([Hit(1, "One", "All", "a"), Hit(2, "Two", "All", "b")]), [("a", "A"), ("b", "B")])
    palette.open()
    palette.set_scope("b")
    assert [hit.key for hit in palette.hits()] == [2]
    qtbot.keyClick(palette.input, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert fired == []
    with qtbot.waitSignal(palette.closed):
        qtbot.keyClick(palette.input, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_charts_choose_by_key_and_click_and_speak_their_values(qtbot: QtBot) -> None:
    marks = [Mark("a", "Not due", 1376440, "1,376,440.50"), Mark("b", "1-30", 264490, "264,490.80"), Mark("c", "31-60", 0, "0.00")]
    for chart in (BarChart(label="Ageing"), BarList(label="Top")):
        qtbot.addWidget(chart)
        chart.set_marks(marks)
        chart.resize(400, 200)
        chart.show()
        chart.setFocus()
        assert "1-30 264,490.80" in chart.accessibleDescription()
        qtbot.keyClick(chart, Qt.Key.Key_Right)
        with qtbot.waitSignal(chart.chosen) as said:
            qtbot.keyClick(chart, Qt.Key.Key_Return)
        assert said.args == ["b"]
        with qtbot.waitSignal(chart.chosen) as said:
            qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.area(0).center().toPoint())
        assert said.args == ["a"]


@pytest.mark.parametrize("most", [0, 0.4, 1, 7, 96, 1_376_440.5, 98_765_432])
def test_axis_steps_are_few_even_and_reach_the_largest_value(most: float) -> None:
    made = steps(most)
    assert made[0] == 0
    assert made[-1] >= most
    assert 2 <= len(made) <= 7


def test_the_timeline_shows_changes_and_asks_for_more(qtbot: QtBot) -> None:
    timeline = Timeline(name="timeline")
    qtbot.addWidget(timeline)
    timeline.set_events([Event("1", "Today", "Wang", "10:12", "", "pencil", "info", (("Limit", "300", "400"),)), Event("2", "Today", "Zhao", "09:00", "Called")],
                        more=True)
    texts = [label.text() for label in timeline.findChildren(Label)]
    assert texts.count("Today") == 1
    assert "Limit: 300 → 400" in texts
    more = timeline.findChild(QWidget, "timeline.more")
    assert more is not None
    with qtbot.waitSignal(timeline.more_wanted):
        qtbot.keyClick(more, Qt.Key.Key_Return)


def test_the_composer_sends_with_ctrl_enter_and_never_nothing(qtbot: QtBot) -> None:
    composer = Composer([("call", "Call", "phone"), ("visit", "Visit", "map-pin")])
    qtbot.addWidget(composer)
    composer.show()
    sent: list[tuple[str, str]] = []
    composer.sent.connect(lambda kind, text: sent.append((kind, text)))
    qtbot.keyClick(composer.text.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    composer.clear()
    assert not composer.send.isEnabled()
    qtbot.mouseClick(composer.kinds["visit"], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(composer.text.box, "Met them")
    qtbot.keyClick(composer.text.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sent == [("visit", "Met them")]
