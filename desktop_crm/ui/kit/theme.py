"""Applying a theme: palette, style sheet, fonts and icons at once; follows the system's colours while asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt

from desktop_crm.ui.kit.fonts import families, font, forget_fonts
from desktop_crm.ui.kit.icons import forget_icons
from desktop_crm.ui.kit.style import KitStyle, dress_tips, forget_inks, palette
from desktop_crm.ui.kit.tokens import (
    DARK,
    LIGHT,
    TONES,
    Density,
    Theme,
    Tone,
    color,
    contrast_roles,
    dress_all,
    theme,
    theme_notifier,
    use_theme,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

__all__ = ["TONES", "Density", "Theme", "ThemeName", "Tone", "apply_theme", "color", "theme", "theme_notifier"]

ThemeName = Literal["light", "dark", "system"]


class _Follower(QObject):
    """Remembers what the user chose and applies it again when the system's colours change."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("theme_follower")
        self.app = app
        self.name: ThemeName = "system"
        self.text_scale = 100
        self.density: Density = "compact"
        self._busy = False
        # Both are kept: PySide forgets what belongs to the hints as soon as nobody holds the hints themselves.
        self._hints = app.styleHints()
        self._access = self._hints.accessibility()
        self._hints.colorSchemeChanged.connect(self.system_changed)
        self._access.contrastPreferenceChanged.connect(self.system_changed)

    def system_changed(self) -> None:
        """Apply the user's choice to the system's new colours."""
        if not self._busy and (self.name == "system" or theme().name == "contrast" or self.high_contrast()):
            self.apply()

    def high_contrast(self) -> bool:
        """Tell whether the system asks for high contrast."""
        return self._access.contrastPreference() == Qt.ContrastPreference.HighContrast

    def apply(self) -> None:
        """Build and show the theme that was chosen."""
        self._busy = True
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}[self.name]
        self._hints.setColorScheme(wanted)
        dark = self.name == "dark" or (self.name == "system" and self._hints.colorScheme() == Qt.ColorScheme.Dark)
        if self.high_contrast():
            chosen = Theme("contrast", contrast_roles(self.app.style().standardPalette()), text_scale=self.text_scale, density=self.density)
        else:
            chosen = Theme("dark" if dark else "light", DARK if dark else LIGHT, text_scale=self.text_scale, density=self.density)
        if chosen.text_scale != theme().text_scale or self.app.font().families() != families():
            forget_fonts()
        use_theme(chosen)
        forget_icons()
        forget_inks()
        self.app.setFont(font("body"))
        self.app.setPalette(palette(chosen))
        dress_tips(chosen)
        dress_all()
        self._busy = False
        theme_notifier().changed.emit()


def apply_theme(app: QApplication, name: ThemeName, text_scale: int = 100, density: Density = "compact") -> None:
    """Show the application in the theme `name`; ``system`` follows the system's light and dark live.

    `text_scale` is 90, 100, 110 or 125 per cent; `density` sets the height of rows and inputs. Where the system asks for high contrast,
    its own colours are used whatever was chosen.
    """
    follower = app.findChild(_Follower, "theme_follower")
    if follower is None:
        app.setStyle(KitStyle())
        follower = _Follower(app)
    follower.name, follower.text_scale, follower.density = name, text_scale, density
    follower.apply()
