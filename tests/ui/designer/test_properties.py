"""What the panel adds to a template – groups, closing bands, labels, papers – by mouse and keys, and what is printed then."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.printing.check import check_template
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.labels import imposed
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import TextMark
from desktop_crm.printing.papers import PAPERS
from desktop_crm.printing.parse import parse_template
from desktop_crm.ui.designer.document import get, put
from desktop_crm.ui.designer.papers import OWN, SHEETS, as_labels, label_sheet, paper_size
from desktop_crm.ui.designer.trial import pdf_of

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.designer.conftest import Hand

LEFT = Qt.MouseButton.LeftButton
GROUPS = "bands/lines/groups"


@pytest.fixture
def whole(hand: Hand) -> Hand:
    """Return a hand on the properties of the template as a whole."""
    hand.page.design.select([])
    hand.settle()
    return hand


def shown(hand: Hand, name: str) -> Any:
    """Return a part of the panel, scrolled into view."""
    found = hand.page.panel.findChild(QWidget, name)
    assert found is not None, name
    hand.page.panel.area.ensureWidgetVisible(found)
    return found


def type_in(line: QWidget, text: str) -> None:
    """Type characters that no key of this keyboard has, as an input method does."""
    for one in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(line, QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, one))


def choose(hand: Hand, name: str, label: str) -> None:
    """Choose one of a few by typing what it is called."""
    shown(hand, name)
    line = hand.row(name).line
    line.setFocus()
    line.selectAll()
    type_in(line, label)
    QTest.keyClick(line, Qt.Key.Key_Return)
    hand.settle()


def label(hand: Hand, path: str) -> str:
    """Return what the program calls a field."""
    return next(one.label for field in hand.page.fields for one in field.walk() if one.path == path)


def click(hand: Hand, name: str) -> None:
    widget: QWidget = shown(hand, name)
    QTest.mouseClick(widget, LEFT)
    hand.settle()


def printed(hand: Hand) -> str:
    """Return the text of the PDF, page by page."""
    from pypdf import PdfReader

    values = dict(hand.page.shown_values())
    lines = [{**dict(line), "unit": "台" if place < 2 else "套"} for place, line in enumerate(values["lines"])]
    return "\f".join(page.extract_text() for page in PdfReader(BytesIO(pdf_of(hand.page.design.doc, values | {"lines": lines}))).pages)


def test_groups_come_with_their_heading_and_sums_and_are_printed_with_them(whole: Hand) -> None:
    hand, before = whole, whole.page.design.doc
    choose(hand, "property.group.0", label(hand, "line.unit"))
    (group,) = get(hand.page.design.doc, GROUPS)
    assert group["by"] == "line.unit"
    assert "line.unit" in group["header"]["cells"][0]["text"]
    assert check_template(hand.page.design.doc, hand.page.fields) == []
    lines = hand.page.shown_values()["lines"]
    sums = [sum((line["total"] for line in part), Decimal(0)) for part in (lines[:2], lines[2:])]
    text = printed(hand)
    assert _("{name}: {value}").format(name=label(hand, "line.unit"), value="台") in text
    assert _("{name}: {value}").format(name=label(hand, "line.unit"), value="套") in text
    assert all(f"{one:,.2f}" in text for one in sums)
    assert text.count(_("Group total")) >= 2
    choose(hand, "property.group.1", label(hand, "line.product_name"))
    assert [one["by"] for one in get(hand.page.design.doc, GROUPS)] == ["line.unit", "line.product_name"]
    choose(hand, "property.group.1", _("No group"))
    pages = text.count("\f")
    click(hand, "property.group.0.new_page")
    assert printed(hand).count("\f") > pages
    click(hand, "property.group.0.header")
    assert _("{name}: {value}").format(name=label(hand, "line.unit"), value="台") not in printed(hand)
    hand.page.canvas.setFocus()
    hand.page.shortcuts()["undo"]()
    hand.settle()
    assert _("{name}: {value}").format(name=label(hand, "line.unit"), value="台") in printed(hand)
    choose(hand, "property.group.0", _("No group"))
    assert get(hand.page.design.doc, GROUPS) is None
    while hand.page.design.stack.canUndo():
        hand.page.design.stack.undo()
    assert hand.page.design.doc == before


def test_the_sums_of_a_group_are_chosen(whole: Hand) -> None:
    hand = whole
    choose(hand, "property.group.0", label(hand, "line.unit"))
    columns = get(hand.page.design.doc, "bands/lines/table/columns")
    quantity = next(place for place, one in enumerate(columns) if "line.quantity" in str(one))
    switch = shown(hand, f"property.group.0.sum.{quantity}")
    was = switch.isChecked()
    click(hand, f"property.group.0.sum.{quantity}")
    assert switch.isChecked() != was
    assert ("group.quantity" in str(get(hand.page.design.doc, GROUPS))) != was
    assert check_template(hand.page.design.doc, hand.page.fields) == []
    hand.write("property.group.0.total.text", "of the unit")
    assert get(hand.page.design.doc, f"{GROUPS}/0/total/cells/0/text") == "of the unit"


def test_closing_bands_are_added_and_taken_away(whole: Hand) -> None:
    hand, before = whole, whole.page.design.doc
    held = len(get(before, "bands/closing", []))
    click(hand, f"property.band.closing.{held}")
    click(hand, f"property.band.closing.{held + 1}")
    bands = get(hand.page.design.doc, "bands/closing")
    assert len(bands) == held + 2
    assert bands[-1]["elements"]
    assert check_template(hand.page.design.doc, hand.page.fields) == []
    assert hand.page.canvas.boxes(f"bands/closing/{held + 1}")
    assert _("Closing text") in printed(hand)
    click(hand, f"property.band.closing.{held}")
    assert len(get(hand.page.design.doc, "bands/closing")) == held + 1
    click(hand, f"property.band.closing.{held}")
    assert get(hand.page.design.doc, "bands/closing") == get(before, "bands/closing")
    hand.page.shortcuts()["undo"]()
    hand.page.design.select([f"bands/closing/{held}"])
    hand.settle()
    assert hand.page.bench.acts.target_band() == f"bands/closing/{held}"
    choose(hand, "property.band_list", label(hand, "lines"))
    assert get(hand.page.design.doc, f"bands/closing/{held}/list")


def test_a_page_becomes_labels_and_a_page_again_with_its_elements(whole: Hand) -> None:
    hand, bands = whole, whole.page.design.doc["bands"]
    choose(hand, "property.labels", "3 × 7")
    doc = hand.page.design.doc
    assert paper_size(doc) == (63.5, 38.1)
    assert label_sheet(doc) == "3x7-63.5x38.1"
    assert doc["bands"] == bands
    assert check_template(doc)
    hand.write("property.gap_x", "3")
    assert label_sheet(hand.page.design.doc) == OWN
    hand.write("property.across", "4")
    assert any(one.path == "labels" for one in check_template(hand.page.design.doc))
    hand.write("property.across", "2")
    hand.write("property.sheet_margin_left", "12")
    assert get(hand.page.design.doc, "labels/sheet/margins/left") == 12
    choose(hand, "property.labels", _("One page on a sheet"))
    assert hand.page.design.doc["paper"] == {"size": "A4"}
    assert "labels" not in hand.page.design.doc
    assert hand.page.design.doc["bands"] == bands


def test_labels_are_printed_in_rows_on_their_sheet(whole: Hand) -> None:
    hand, page = whole, whole.page
    element = {"type": "text", "x": 0, "y": 0, "width": 40, "height": 8, "text": "{{ number }}"}
    page.design.edit("a label", {**page.design.doc, "bands": {"document_header": {"height": 20, "elements": [element]}}}, [])
    hand.settle()
    choose(hand, "property.labels", "2 × 5")
    assert check_template(page.design.doc, page.fields) == []
    made = parse_template(json.dumps(page.design.doc))
    one = lay_out(made, page.shown_values(), fonts=FontBook())[0]
    first, second = imposed([one] * 12, made)
    assert (first.width, first.height) == (210, 297)
    places = [(round(mark.x, 2), round(mark.y, 2)) for mark in first.marks if isinstance(mark, TextMark)]
    assert len(places) == 10
    assert places[1][0] - places[0][0] == pytest.approx(99.1 + 2.5)
    assert places[2][1] - places[0][1] == pytest.approx(57)
    assert len(second.marks) == len(one.marks) * 2
    hand.write("property.start", "10")
    assert len(list(imposed([one] * 2, parse_template(json.dumps(page.design.doc))))) == 2


def test_every_usual_sheet_holds_its_labels() -> None:
    doc = {"format": 1, "name": "x", "label": "x", "prints": "customer", "paper": {"size": "A4"}, "bands": {}}
    for key in SHEETS:
        made = as_labels(doc, key)
        assert label_sheet(made) == key
        assert check_template(made) == []
    for name in PAPERS:
        made = as_labels(put(doc, "paper", {"size": name}), OWN)
        assert not [one for one in check_template(made) if one.path != "labels"]
        assert label_sheet(made) in {OWN, *SHEETS}


def test_envelopes_and_sizes_of_its_own_keep_their_kind(whole: Hand) -> None:
    hand = whole
    hand.write("property.paper_height", "93")
    assert hand.page.design.doc["paper"]["kind"] == "continuous"
    assert hand.page.canvas.sheets.continuous
    choose(hand, "property.paper_kind", _("Envelope"))
    assert hand.page.design.doc["paper"]["kind"] == "envelope"
    choose(hand, "property.paper", _("Envelope DL 220 × 110"))
    paper = hand.page.design.doc["paper"]
    assert paper["size"] == "envelope-DL"
    assert set(paper) <= {"size", "margins"}
    assert not [one for one in check_template(hand.page.design.doc) if one.path.startswith("paper")]
    choose(hand, "property.paper", _("Size of its own"))
    assert paper_size(hand.page.design.doc) == (220, 110)
    assert hand.page.design.doc["paper"]["kind"] == "envelope"


def test_what_lies_off_the_paper_is_not_published_and_is_shown(hand: Hand, session: Session, customer_path: str) -> None:
    page = hand.page
    hand.drag(hand.middle(customer_path), (-80.0, 0.0))
    box = page.canvas.boxes(customer_path)[0]
    assert box.x < 0
    page.design.select([])
    QTest.mouseClick(page.head.publish, LEFT)
    hand.settle()
    assert page.design.selected == (customer_path,)
    assert page.problem.text()
    assert not store.find(session, "delivery_note").number
    hand.drag((2.0, box.middle[1]), (4.0 - box.x, 0.0))
    assert page.canvas.boxes(customer_path)[0].x > 0
    # In the margin it is remarked and printed all the same.
    assert [one.severity for one in check_template(page.design.doc) if one.path == customer_path] == ["warning"]
    QTest.mouseClick(page.head.publish, LEFT)
    hand.settle()
    hand.bench.qtbot.waitUntil(lambda: store.find(session, "delivery_note").number == 1)
