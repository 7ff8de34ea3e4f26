"""The page of all templates: pictures, new ones, copies, files, putting aside and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_crm.printing import store
from desktop_crm.printing.documents import BUILTIN
from desktop_crm.ui.designer import templates_page
from desktop_crm.ui.designer.templates_page import TemplateCard, TemplatesPage
from desktop_crm.ui.designer.thumbnails import thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> TemplatesPage:
    """Return the page without its pictures, which one test paints."""
    monkeypatch.setattr(templates_page, "thumbnail", lambda _session, _held: None)
    made = TemplatesPage(bench.desk)
    bench.show(made)
    bench.qtbot.waitUntil(made.is_there)
    return made


def card(page: TemplatesPage, name: str) -> TemplateCard:
    return next(one for one in page.cards if one.held.name == name)


def opened(bench: Bench) -> dict[str, Any]:
    way, key, given = bench.opened[-1]
    assert (way, key) == ("page", "designer")
    return dict(given)


def test_every_template_has_its_card_and_opens(page: TemplatesPage, bench: Bench) -> None:
    assert {one.held.name for one in page.cards} == set(BUILTIN)
    one = card(page, "statement")
    QTest.mouseClick(one, Qt.MouseButton.LeftButton)
    assert opened(bench) == {"name": "statement"}
    other = card(page, "delivery_note")
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_Return)
    assert opened(bench) == {"name": "delivery_note"}


def test_search_leaves_what_matches(page: TemplatesPage) -> None:
    page.search.setText("statement")
    page.search.searched.emit("statement")
    assert {one.held.name for one in page.cards} <= {name for name in BUILTIN if "statement" in name}
    assert page.cards


def test_a_new_one_is_started_put_aside_and_deleted(page: TemplatesPage, bench: Bench, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    page.duplicate(card(page, "delivery_note").held)
    bench.settle()
    name = opened(bench)["name"]
    assert store.find(session, name).base == "delivery_note"
    page.load()
    bench.settle()
    own = card(page, name).held
    page.put_aside(own)
    bench.settle()
    assert not store.find(session, name).active
    monkeypatch.setattr(templates_page, "confirm", lambda *_given, **_more: True)
    page.delete(own)
    bench.settle()
    assert name not in {one.held.name for one in page.cards}


def test_rubbish_is_not_taken_over(page: TemplatesPage, bench: Bench, session: Session, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    before = len(store.list_templates(session, unpublished=True))
    for number, content in enumerate((b"", b"{}", b"\xff\xfe\x00", b'{"format": 1, "name": "x", "label": "x", "prints": "contract", "paper": {"size": "A4"}, "bands": {"page_header": {"height": 5, "elements": [{"type": "text", "x": 0, "y": 0, "width": 9, "text": "{{ ().__class__ }}"}]}}}')):
        path = tmp_path / f"{number}.json"
        path.write_bytes(content)
        answer_files(path)
        page.take.click()
        bench.settle()
        assert page.problem.text()
    assert len(store.list_templates(session, unpublished=True)) == before
    answer_files(None)
    page.take.click()


def test_a_template_goes_out_as_a_file_and_comes_back(page: TemplatesPage, bench: Bench, session: Session, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    answer_files(tmp_path / "x.json")
    page.export(card(page, "receipt").held)
    bench.settle()
    assert (tmp_path / "x.json").is_file()
    page.take.click()
    bench.settle()
    name = opened(bench)["name"]
    assert name != "receipt"
    assert store.draft(session, name)["bands"] == store.draft(session, "receipt")["bands"]


def test_the_picture_of_a_template_is_painted(session: Session) -> None:
    held = next(one for one in store.list_templates(session) if one.name == "delivery_note")
    image = thumbnail(session, held)
    assert image is not None
    assert image.width() > image.height()
    colours = {image.pixelColor(x, y).lightness() // 32 for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colours) > 2
