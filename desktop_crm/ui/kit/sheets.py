"""The style sheets of the few things that have one: menus, boxes of text, calendars. Each is its widget's own, so that it costs nothing elsewhere."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QApplication, QMenu

from desktop_crm.ui.kit.tokens import Theme, theme


def bar_sheet() -> str:
    """Return the rules for scroll bars that Qt made itself; `style.ScrollBar` looks the same."""
    hexa = theme().hex
    return f"""
QScrollBar:vertical {{ background:transparent; width:12px; margin:0; }}
QScrollBar:horizontal {{ background:transparent; height:12px; margin:0; }}
QScrollBar::handle {{ background:{hexa("border")}; border-radius:4px; margin:2px; }}
QScrollBar::handle:vertical {{ min-height:32px; }}
QScrollBar::handle:horizontal {{ min-width:32px; }}
QScrollBar::handle:hover {{ background:{hexa("edge")}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width:0; height:0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background:transparent; }}
"""


def menu_sheet() -> str:
    """Return the rules for menus."""
    hexa = theme().hex
    return f"""
QMenu {{ background:{hexa("raised")}; color:{hexa("text")}; border:1px solid {hexa("border")}; padding:4px; }}
QMenu::item {{ padding:5px 24px 5px 10px; border-radius:4px; min-height:{theme().px(18)}px; }}
QMenu::item:selected {{ background:{hexa("selected")}; }}
QMenu::item:disabled {{ color:{hexa("disabled")}; }}
QMenu::icon {{ padding-left:10px; }}
QMenu::separator {{ height:1px; background:{hexa("line")}; margin:4px 6px; }}
"""


def text_sheet() -> str:
    """Return the rules for a box of text: as an input, sunken, with a problem, and ``bare``."""
    hexa = theme().hex
    return f"""
QPlainTextEdit {{ background:{hexa("surface")}; border:1px solid {hexa("border")}; border-bottom:1px solid {hexa("edge")};
  border-radius:6px; padding:4px 5px; color:{hexa("text")}; selection-background-color:{hexa("accent")}; selection-color:{hexa("onaccent")}; }}
QPlainTextEdit:hover {{ border-color:{hexa("edge")}; }}
QPlainTextEdit:focus {{ border:1px solid {hexa("focus")}; }}
QPlainTextEdit[problem="warning"] {{ border:1px solid {hexa("warnfill")}; }}
QPlainTextEdit[problem="error"] {{ border:1px solid {hexa("dangerfill")}; }}
QPlainTextEdit[fixed="true"] {{ background:{hexa("sunken")}; border:1px solid {hexa("line")}; color:{hexa("text2")}; }}
QPlainTextEdit:disabled {{ background:{hexa("sunken")}; border:1px solid {hexa("line")}; color:{hexa("disabled")}; }}
QPlainTextEdit[look="bare"] {{ border:0; background:transparent; }}
""" + bar_sheet() + menu_sheet()


def calendar_sheet() -> str:
    """Return the rules for a calendar."""
    hexa = theme().hex
    return f"""
QCalendarWidget QWidget {{ background:{hexa("raised")}; color:{hexa("text")}; alternate-background-color:{hexa("raised")}; }}
QCalendarWidget QTableView {{ border:0; outline:0; }}
QCalendarWidget QAbstractItemView {{ background:{hexa("raised")}; selection-background-color:{hexa("accent")}; selection-color:{hexa("onaccent")}; outline:0; }}
QCalendarWidget QAbstractItemView:disabled {{ color:{hexa("disabled")}; }}
QCalendarWidget QToolButton {{ background:transparent; color:{hexa("text")}; border:0; border-radius:4px; padding:3px 8px; font-weight:600; }}
QCalendarWidget QToolButton:hover {{ background:{hexa("hover")}; }}
QCalendarWidget QToolButton::menu-indicator {{ image:none; width:0; }}
""" + menu_sheet()


class Menu(QMenu):
    """A menu in the colours of the theme at the moment it opens; what it opens further looks the same."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._dressed: Theme | None = None
        self.aboutToShow.connect(self._dress)

    def _dress(self) -> None:
        if self._dressed is not theme():
            self._dressed = theme()
            self.setStyleSheet(menu_sheet())


def literal(text: str) -> str:
    """Return a user's text as an entry of a menu, which takes an & for the mark of a key."""
    return text.replace("&", "&&")


def dress_open_menu() -> None:
    """Dress the menu that Qt just opened by itself, as for what is marked in a line."""
    menu = QApplication.activePopupWidget()
    if isinstance(menu, QMenu):
        menu.setStyleSheet(menu_sheet())
