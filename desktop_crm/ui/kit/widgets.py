"""The small widgets pages are made of, in one place to import from."""

from desktop_crm.ui.kit.buttons import AddFilterChip, Button, CheckBox, Chip, FilterChip, Switch
from desktop_crm.ui.kit.focus import FocusRing, keyboard_in_use
from desktop_crm.ui.kit.labels import Avatar, Card, ElidedLabel, IconLabel, KeyHint, Label, LinkLabel, Pill, Stars, Tag
from desktop_crm.ui.kit.layouts import box, clear, column, hline, holder, row, scroll, vline
from desktop_crm.ui.kit.notices import Banner, EmptyState, KeyFigure, ProgressBar, Skeleton, StackBar, Status
from desktop_crm.ui.kit.search_box import SearchBox
from desktop_crm.ui.kit.tabs import Segment, TabItem, Tabs

__all__ = ["AddFilterChip", "Avatar", "Banner", "Button", "Card", "CheckBox", "Chip", "ElidedLabel", "EmptyState", "FilterChip", "FocusRing",
           "IconLabel", "KeyFigure", "KeyHint", "Label", "LinkLabel", "Pill", "ProgressBar", "SearchBox", "Segment", "Skeleton", "StackBar",
           "Stars", "Status", "Switch", "TabItem", "Tabs", "Tag", "box", "clear", "column", "hline", "holder", "keyboard_in_use", "row",
           "scroll", "vline"]
