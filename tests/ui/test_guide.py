"""The user guide: every page of the window has its section, in every language, and F1 opens it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.models.registry import REGISTER
from desktop_crm.ui.guide import GuidePage
from desktop_crm.ui.guide_sections import read_guide, section_of
from desktop_crm.ui.pages import BOTTOM_PAGES, PAGES

if TYPE_CHECKING:
    from tests.ui.conftest import Bench

LANGUAGES = ("zh_CN", "zh_TW", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_navigation_has_its_section(language: str) -> None:
    text, sections = read_guide(language)
    assert "<!--" not in text
    places = {*PAGES, *BOTTOM_PAGES, "import", "merge", "print", "designer", "drafts", *(name for name, one in REGISTER.items() if one.spec.group)}
    assert {place for place in places if not section_of(sections, place)} == set()


def test_the_guides_have_the_same_sections() -> None:
    shapes = [[(one.level, one.topics) for one in read_guide(language)[1]] for language in LANGUAGES]
    assert shapes[0] == shapes[1] == shapes[2]


def test_a_topic_opens_the_guide_at_its_section_and_enter_finds_the_next_place(bench: Bench) -> None:
    page = GuidePage(bench.desk, "safety")
    bench.show(page)
    _text, sections = read_guide("zh_CN")
    number = section_of(sections, "safety")
    bench.qtbot.waitUntil(lambda: page.text.verticalScrollBar().value() > 0)
    top = page.text.cursorForPosition(page.text.viewport().rect().topLeft()).block()
    while not top.text().strip():
        top = top.next()
    assert top.text() == sections[number].title
    page.search.searched.emit("备份")
    first = page.text.textCursor().position()
    page.search.searched.emit("备份")
    assert page.text.textCursor().position() > first > 0
