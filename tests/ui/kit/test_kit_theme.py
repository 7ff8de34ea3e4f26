from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QPalette

import desktop_crm.ui.kit
from desktop_crm.base.i18n import LANGUAGES, use_language
from desktop_crm.base.resources import resource
from desktop_crm.ui.kit.editor_base import Line
from desktop_crm.ui.kit.fonts import families, font, line_height, text_width
from desktop_crm.ui.kit.icons import icon, pixmap
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.layouts import box, column, hline, holder, scroll
from desktop_crm.ui.kit.theme import apply_theme, theme, theme_notifier
from desktop_crm.ui.kit.tokens import DARK, LIGHT, TONES, color, contrast_roles

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication, QWidget
    from pytestqt.qtbot import QtBot


def luminance(hexa: str) -> float:
    parts = [int(hexa[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("roles", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(roles: dict[str, str]) -> None:
    for ink in ("text", "text2", "text3", "accent", "danger"):
        for ground in ("app", "surface", "sunken", "raised", "hover", "selected", "selhover"):
            assert contrast(roles[ink], roles[ground]) >= 4.5, (ink, ground)
    for tone in TONES:
        assert contrast(roles[tone], roles[tone + "bg"]) >= 4.5, tone
    for mark in ("edge", "focus"):
        assert contrast(roles[mark], roles["surface"]) >= 3, mark


def test_every_theme_knows_the_same_roles() -> None:
    assert set(LIGHT) == set(DARK) == set(contrast_roles(QPalette()))


def test_switching_changes_colours_icons_and_sizes_and_tells_widgets(qapp: QApplication, qtbot: QtBot) -> None:
    label = Label("abc", "title")
    qtbot.addWidget(label)
    light = pixmap("users").toImage()
    with qtbot.waitSignal(theme_notifier().changed):
        apply_theme(qapp, "dark", 125, "comfortable")
    assert theme().dark
    assert theme().row_height == 50
    assert theme().control_height == 40
    assert font("body").pixelSize() == 16
    assert label.height() == line_height("title") == 30
    assert pixmap("users").toImage() != light
    assert qapp.palette().color(QPalette.ColorRole.Base) == QColor(DARK["surface"])


def test_system_follows_the_systems_colours_while_it_is_chosen(qapp: QApplication) -> None:
    apply_theme(qapp, "system")
    assert theme().dark == (qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark)
    apply_theme(qapp, "light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme().dark


def test_measured_widths_follow_the_text_size(qapp: QApplication) -> None:
    before = text_width("128,400.00")
    apply_theme(qapp, "light", 125)
    assert text_width("128,400.00") > before


def test_digits_are_as_wide_as_each_other() -> None:
    assert len({text_width(digit * 8) for digit in "0123456789"}) == 1


def test_an_unknown_icon_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icon("no-such-icon")


def test_every_icon_the_kit_names_is_shipped() -> None:
    folder = Path(desktop_crm.ui.kit.__file__).parent
    calls = re.compile(r'(?:pixmap|icon|set_icon|IconLabel|add_mark)\(\s*"([a-z0-9-]+)"|icon="([a-z0-9-]+)"')
    named = {name for file in folder.glob("*.py") for pair in calls.findall(file.read_text(encoding="utf-8")) for name in pair if name}
    assert len(named) > 10
    for name in sorted(named):
        resource(f"icons/{name}.svg")
    resource("icons/LICENSE")


def test_colours_are_named_by_role_outside_the_tokens() -> None:
    folder = Path(desktop_crm.ui.kit.__file__).parent
    hexa = re.compile(r'"#[0-9A-Fa-f]{3,8}"')
    assert [file.name for file in folder.glob("*.py") if file.name != "tokens.py" and hexa.search(file.read_text(encoding="utf-8"))] == []


def test_building_a_page_dresses_each_widget_once(qapp: QApplication, qtbot: QtBot) -> None:
    """With a style sheet for the application Qt dresses all that is in a box again for each box around it."""
    assert qapp.styleSheet() == ""
    dressed = []

    class Watched(Label):
        def changeEvent(self, event: QEvent) -> None:
            super().changeEvent(event)
            if event.type() == QEvent.Type.StyleChange:
                dressed.append(event.type())

    page = holder(column(Watched("abc")))
    for _depth in range(5):
        page = box(column(scroll(page)), "card")
    qtbot.addWidget(page)
    page.show()
    assert dressed == []


def test_only_the_kit_makes_menus_and_sheets() -> None:
    """A plain menu would show the system's colours, and a sheet costs what it contains."""
    screens = Path(desktop_crm.ui.kit.__file__).parent.parent
    texts = {path.relative_to(screens).as_posix(): path.read_text(encoding="utf-8") for path in screens.rglob("*.py")}
    assert [name for name, text in texts.items() if re.search(r"\bQMenu\(", text) and name != "kit/sheets.py"] == []
    assert {name for name, text in texts.items() if "setStyleSheet(" in text and not name.startswith("kit/")} <= {"guide.py"}


def test_labels_lines_and_grounds_follow_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    words = {role: Label("█" * 8, "body", role) for role in ("text", "text2", "text3", "accent", "danger", "ontip")}
    line, card, plain, rule = Line("█" * 8), box(look="card"), box(look="sunken"), hline()
    page = box(column(*words.values(), line, card, plain, rule))
    card.setMinimumHeight(20)
    plain.setMinimumHeight(20)
    page.resize(300, 400)
    qtbot.addWidget(page)
    page.show()
    for name in ("light", "dark", "light"):
        apply_theme(qapp, name)
        qapp.processEvents()
        seen = page.grab().toImage()

        def at(widget: QWidget, x: int, y: int, seen: QImage = seen) -> str:
            place = widget.mapTo(page, QPoint(x, y)) * seen.devicePixelRatio()
            return seen.pixelColor(place).name()

        for role, label in words.items():
            assert at(label, 12, label.height() // 2) == color(role).name(), (name, role)
        assert at(line, 20, line.height() // 2) == color("text").name()
        assert at(line, line.width() - 20, line.height() // 2) == color("surface").name()
        assert at(plain, 100, 10) == color("sunken").name()
        assert at(card, 100, 10) == color("surface").name()
        assert at(rule, 100, 0) == color("line").name()
        assert at(card, 100, 0) == color("line").name()


def test_a_disabled_line_is_sunken(qtbot: QtBot) -> None:
    line = Line("")
    line.setEnabled(False)
    line.resize(100, line.height())
    qtbot.addWidget(line)
    line.show()
    assert line.grab().toImage().pixelColor(50, line.height() // 2).name() == color("sunken").name()


def test_each_language_is_drawn_with_families_of_its_own(qapp: QApplication) -> None:
    drawn = {}
    for language in LANGUAGES:
        use_language(language)
        apply_theme(qapp, "light")
        assert qapp.font().families() == font("strong").families() == families()
        drawn[language] = families()
    assert drawn["zh_TW"] != drawn["zh_CN"], "characters that both write, each in its own way"
