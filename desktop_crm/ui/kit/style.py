"""The palette and the style sheet of a theme: only what Qt draws itself; the kit's own widgets paint by role."""

from __future__ import annotations

from PySide6.QtGui import QPalette

from desktop_crm.ui.kit.fonts import TYPE, pixels
from desktop_crm.ui.kit.tokens import TONES, Theme

TEXT_ROLES = ("text", "text2", "text3", "disabled", "accent", "onaccent", "ontip", "tipmuted", *TONES)


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette in the theme's colours."""
    made, role, group = QPalette(), QPalette.ColorRole, QPalette.ColorGroup
    pairs = ((role.Window, "app"), (role.Base, "surface"), (role.AlternateBase, "sunken"), (role.Text, "text"), (role.WindowText, "text"),
             (role.ButtonText, "text"), (role.Button, "surface"), (role.Highlight, "accent"), (role.HighlightedText, "onaccent"),
             (role.PlaceholderText, "text3"), (role.ToolTipBase, "tip"), (role.ToolTipText, "ontip"), (role.Link, "accent"),
             (role.LinkVisited, "accent"), (role.Mid, "border"), (role.Light, "surface"), (role.Midlight, "hover"), (role.Dark, "edge"),
             (role.Accent, "accent"))
    for which, name in pairs:
        made.setColor(which, theme.color(name))
    for which in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(group.Disabled, which, theme.color("disabled"))
    return made


def _labels(theme: Theme) -> str:
    sizes = "".join(f'QLabel[textstyle="{name}"] {{ font-size:{pixels(name)}px; font-weight:{600 if bold else 400}; }}\n'
                    for name, (_size, _line, bold) in TYPE.items())
    roles = "".join(f'QLabel[role="{role}"] {{ color:{theme.hex(role)}; }}\n' for role in TEXT_ROLES)
    return f'QLabel {{ background:transparent; }}\n{sizes}QLabel[bold="true"] {{ font-weight:600; }}\n{roles}'


def _boxes(theme: Theme) -> str:
    hexa = theme.hex
    plain = "".join(f'QFrame[box="{role}"] {{ background:{hexa(role)}; border:0; }}\n' for role in ("app", "surface", "sunken"))
    tones = "".join(f'QFrame[box="{tone}"] {{ background:{hexa(tone + "bg")}; border:0; border-radius:6px; }}\n' for tone in TONES)
    return plain + tones + f"""
QFrame[box="card"] {{ background:{hexa("surface")}; border:1px solid {hexa("line")}; border-radius:8px; }}
QFrame[box="inset"] {{ background:{hexa("sunken")}; border:1px solid {hexa("line")}; border-radius:6px; }}
QFrame[rule="h"] {{ background:{hexa("line")}; border:0; min-height:1px; max-height:1px; }}
QFrame[rule="v"] {{ background:{hexa("line")}; border:0; min-width:1px; max-width:1px; }}
QScrollArea {{ background:transparent; border:0; }}
QScrollArea > QWidget > QWidget[plain="true"] {{ background:transparent; }}
QToolTip {{ background:{hexa("tip")}; color:{hexa("ontip")}; border:0; padding:4px 8px; font-size:{pixels("small")}px; }}
QSplitter::handle {{ background:{hexa("line")}; }}
"""


def _inputs(theme: Theme) -> str:
    hexa, inner = theme.hex, theme.control_height - 2
    return f"""
QLineEdit, QPlainTextEdit {{ background:{hexa("surface")}; border:1px solid {hexa("border")}; border-bottom:1px solid {hexa("edge")};
  border-radius:6px; padding:0 9px; color:{hexa("text")}; selection-background-color:{hexa("accent")}; selection-color:{hexa("onaccent")}; }}
QLineEdit {{ min-height:{inner}px; max-height:{inner}px; }}
QLineEdit[look="small"] {{ min-height:{theme.px(26)}px; max-height:{theme.px(26)}px; font-size:{pixels("small")}px; }}
QLineEdit[look="large"] {{ min-height:{theme.px(36)}px; max-height:{theme.px(36)}px; font-size:{pixels("title")}px; font-weight:600; }}
QPlainTextEdit {{ padding:4px 5px; }}
QLineEdit:hover, QPlainTextEdit:hover {{ border-color:{hexa("edge")}; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border:1px solid {hexa("focus")}; }}
QLineEdit[problem="warning"], QPlainTextEdit[problem="warning"] {{ border:1px solid {hexa("warnfill")}; }}
QLineEdit[problem="error"], QPlainTextEdit[problem="error"] {{ border:1px solid {hexa("dangerfill")}; }}
QLineEdit[fixed="true"], QPlainTextEdit[fixed="true"] {{ background:{hexa("sunken")}; border:1px solid {hexa("line")}; color:{hexa("text2")}; }}
QLineEdit:disabled, QPlainTextEdit:disabled {{ background:{hexa("sunken")}; border:1px solid {hexa("line")}; color:{hexa("disabled")}; }}
QLineEdit[look="bare"] {{ border:0; background:transparent; padding:0; min-height:0; max-height:999px; }}
QLineEdit[look="cell"] {{ border:2px solid {hexa("focus")}; border-radius:4px; background:{hexa("surface")}; padding:0 5px; min-height:0; max-height:999px; }}
"""


def _lists(theme: Theme) -> str:
    hexa = theme.hex
    return f"""
QTableView, QListView {{ background:{hexa("surface")}; border:0; outline:0; selection-background-color:{hexa("selected")}; selection-color:{hexa("text")}; }}
QHeaderView {{ background:{hexa("sunken")}; border:0; }}
QMenu {{ background:{hexa("raised")}; color:{hexa("text")}; border:1px solid {hexa("border")}; padding:4px; }}
QMenu::item {{ padding:5px 24px 5px 10px; border-radius:4px; min-height:{theme.px(18)}px; }}
QMenu::item:selected {{ background:{hexa("selected")}; }}
QMenu::item:disabled {{ color:{hexa("disabled")}; }}
QMenu::icon {{ padding-left:10px; }}
QMenu::separator {{ height:1px; background:{hexa("line")}; margin:4px 6px; }}
QAbstractScrollArea::corner {{ background:{hexa("surface")}; border:0; }}
QTabBar QToolButton {{ background:{hexa("surface")}; border:0; }}
QScrollBar:vertical {{ background:transparent; width:12px; margin:0; }}
QScrollBar:horizontal {{ background:transparent; height:12px; margin:0; }}
QScrollBar::handle {{ background:{hexa("border")}; border-radius:4px; margin:2px; }}
QScrollBar::handle:vertical {{ min-height:32px; }}
QScrollBar::handle:horizontal {{ min-width:32px; }}
QScrollBar::handle:hover {{ background:{hexa("edge")}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width:0; height:0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background:transparent; }}
QCalendarWidget QWidget {{ background:{hexa("raised")}; color:{hexa("text")}; alternate-background-color:{hexa("raised")}; }}
QCalendarWidget QAbstractItemView {{ background:{hexa("raised")}; selection-background-color:{hexa("accent")}; selection-color:{hexa("onaccent")}; outline:0; }}
QCalendarWidget QAbstractItemView:disabled {{ color:{hexa("disabled")}; }}
QCalendarWidget QToolButton {{ background:transparent; color:{hexa("text")}; border:0; border-radius:4px; padding:3px 8px; font-weight:600; }}
QCalendarWidget QToolButton:hover {{ background:{hexa("hover")}; }}
QCalendarWidget QToolButton::menu-indicator {{ image:none; width:0; }}
"""


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet in the theme's colours; every rule names the kind of widget it is for."""
    return _labels(theme) + _boxes(theme) + _inputs(theme) + _lists(theme)
