"""The colour roles of both themes and the theme in use; widgets name a role, never a colour value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Mapping

Density = Literal["compact", "comfortable"]
Tone = Literal["success", "warn", "danger", "info", "neutral", "violet", "teal"]
TONES: Final[tuple[Tone, ...]] = ("success", "warn", "danger", "info", "neutral", "violet", "teal")

LIGHT: Final[Mapping[str, str]] = {
    "app": "#F3F4F7", "surface": "#FFFFFF", "sunken": "#F8F9FB", "raised": "#FFFFFF",
    "hover": "#F1F4F9", "pressed": "#E6EAF1", "selected": "#E3ECFD", "selhover": "#D8E5FC",
    "line": "#E7E9EE", "border": "#D3D8E1", "edge": "#868F9F",
    "text": "#1A2230", "text2": "#4A5465", "text3": "#5A6475", "disabled": "#A3ABB8",
    "accent": "#2257D0", "accenthover": "#1B49B3", "accentpress": "#163D98", "onaccent": "#FFFFFF", "accentsoft": "#E8EFFD",
    "focus": "#2257D0",
    "success": "#0B6A3C", "successbg": "#E2F4E9", "successfill": "#2E9E62",
    "warn": "#875200", "warnbg": "#FCF0DA", "warnfill": "#CC851C",
    "danger": "#B3261E", "dangerbg": "#FDE8E6", "dangerfill": "#D9483E",
    "info": "#1E4FB5", "infobg": "#E5EDFD", "infofill": "#4B7FEA",
    "neutral": "#4A5465", "neutralbg": "#ECEEF2", "neutralfill": "#98A1B0",
    "violet": "#5D35B0", "violetbg": "#EFE9FB", "violetfill": "#8B66D9",
    "teal": "#0D626F", "tealbg": "#DDF2F4", "tealfill": "#2C9AAA",
    "tip": "#232B38", "ontip": "#F4F6FA", "tipmuted": "#D9DDE4", "tipaccent": "#9DBBFF",
    "star": "#C48A00", "staroff": "#D9DDE4", "brand": "#2257D0", "onbrand": "#FFFFFF",
    "c1": "#336BE0", "c2": "#8FB1F3", "c3": "#F0B849", "c4": "#E98A3C", "c5": "#D9483E", "grid": "#EBEDF1",
    "scrim": "#660F1724", "shadow": "#0F1724",
}
DARK: Final[Mapping[str, str]] = {
    "app": "#13161B", "surface": "#1A1E25", "sunken": "#161A20", "raised": "#222731",
    "hover": "#232933", "pressed": "#2B323E", "selected": "#20325A", "selhover": "#25375F",
    "line": "#282E38", "border": "#39414E", "edge": "#778192",
    "text": "#E6E9EF", "text2": "#B4BCC9", "text3": "#9EA8B7", "disabled": "#5D6675",
    "accent": "#7AA5FF", "accenthover": "#94B7FF", "accentpress": "#5F90F5", "onaccent": "#0C1526", "accentsoft": "#1E2C4B",
    "focus": "#8DB3FF",
    "success": "#6FD49B", "successbg": "#173426", "successfill": "#3FAE73",
    "warn": "#F0BC62", "warnbg": "#3A2C12", "warnfill": "#D9982F",
    "danger": "#FF8F86", "dangerbg": "#43201F", "dangerfill": "#E0574D",
    "info": "#92B4FF", "infobg": "#1D2C4C", "infofill": "#5B8DF0",
    "neutral": "#B4BCC9", "neutralbg": "#2B313C", "neutralfill": "#737D8E",
    "violet": "#BFA3FB", "violetbg": "#2E2447", "violetfill": "#9273E0",
    "teal": "#74CEDB", "tealbg": "#15343A", "tealfill": "#35A3B3",
    "tip": "#E6E9EF", "ontip": "#1A1E25", "tipmuted": "#5A6475", "tipaccent": "#2257D0",
    "star": "#F2BE3E", "staroff": "#3A414D", "brand": "#2257D0", "onbrand": "#FFFFFF",
    "c1": "#5B8DF0", "c2": "#36538F", "c3": "#D9A53C", "c4": "#DB7F35", "c5": "#E0574D", "grid": "#282E38",
    "scrim": "#A6080A0E", "shadow": "#000000",
}


def contrast_roles(palette: QPalette) -> dict[str, str]:
    """Return the roles as the system's high contrast palette has them: its own colours, no tints of ours."""
    def name(role: QPalette.ColorRole, group: QPalette.ColorGroup = QPalette.ColorGroup.Active) -> str:
        return palette.color(group, role).name()

    role = QPalette.ColorRole
    window, text, button = name(role.Window), name(role.WindowText), name(role.ButtonText)
    roles = dict.fromkeys(LIGHT, text)
    roles |= dict.fromkeys(("app", "surface", "sunken", "raised", "hover", "pressed", "accentsoft", "onaccent", "ontip", "shadow", "grid"), window)
    roles |= dict.fromkeys((f"{tone}bg" for tone in TONES), window)
    roles |= dict.fromkeys(("selected", "selhover", "accent", "accenthover", "accentpress", "focus", "brand"), name(role.Highlight))
    roles |= {"accent": name(role.Link), "onbrand": name(role.HighlightedText), "border": button, "edge": button, "line": button,
              "disabled": name(role.WindowText, QPalette.ColorGroup.Disabled), "staroff": name(role.Mid), "selected": name(role.Mid),
              "selhover": name(role.Mid), "scrim": "#A6000000"}
    return roles


class Theme:
    """One look: colours by role and the sizes that follow from text size and density.

    `name` is ``light``, ``dark`` or ``contrast``; `text_scale` is in per cent of the type table.
    """

    def __init__(self, name: str, roles: Mapping[str, str], *, text_scale: int = 100, density: Density = "compact") -> None:
        self.name = name
        self.text_scale = text_scale
        self.density = density
        self._hex = dict(roles)
        self._colors = {role: QColor(value) for role, value in roles.items()}

    @property
    def dark(self) -> bool:
        """Whether text is lighter than what it stands on."""
        return self._colors["text"].lightness() > self._colors["surface"].lightness()

    def color(self, role: str) -> QColor:
        """Return the colour of `role`, shared: copy it before changing it. Raises KeyError for a role that does not exist."""
        return self._colors[role]

    def hex(self, role: str) -> str:
        """Return the colour of `role` as Qt's style sheets write it."""
        return self._hex[role]

    def px(self, size: float) -> int:
        """Return a height or a width that holds text, in logical pixels at the chosen text size."""
        return round(size * max(100, self.text_scale) / 100)

    @property
    def sizes(self) -> tuple[int, str]:
        """What all fonts, heights and widths follow from: between two themes alike in it only colours differ."""
        return self.text_scale, self.density

    @property
    def row_height(self) -> int:
        """Height of a table row, in logical pixels."""
        return self.px(32 if self.density == "compact" else 40)

    @property
    def control_height(self) -> int:
        """Height of an input, in logical pixels."""
        return self.px(28 if self.density == "compact" else 32)


class ThemeNotifier(QObject):
    """Tells painted widgets that the theme changed. Signal: `changed`."""

    changed = Signal()


class _Current:
    theme: Theme = Theme("light", LIGHT)
    notifier: ThemeNotifier | None = None


def theme() -> Theme:
    """Return the theme in use."""
    return _Current.theme


def use_theme(chosen: Theme) -> None:
    """Make `chosen` the theme in use, without telling anyone; `theme.apply_theme` does the rest."""
    _Current.theme = chosen


def theme_notifier() -> ThemeNotifier:
    """Return the one object that says the theme changed."""
    if _Current.notifier is None:
        _Current.notifier = ThemeNotifier()
    return _Current.notifier


class Dressed(Protocol):
    """What Qt paints in fonts and colours that `dress` gives it."""

    def dress(self) -> None:
        """Take the fonts, colours and sizes of the theme in use."""


_dressed: WeakSet[Dressed] = WeakSet()


def follow_theme(widget: Dressed) -> None:
    """Dress a widget now, and again whenever the theme changes."""
    widget.dress()
    _dressed.add(widget)


def dress_all() -> None:
    """Dress everything that follows the theme."""
    for one in list(_dressed):
        if isValid(one):
            one.dress()


def color(role: str) -> QColor:
    """Return the colour of `role` in the theme in use."""
    return _Current.theme.color(role)
