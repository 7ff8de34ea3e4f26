"""The designer driven with mouse and keys, as an office person does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from desktop_crm.printing import store
from desktop_crm.printing.check import check_template
from desktop_crm.printing.documents import load_template
from desktop_crm.ui.designer import tables
from desktop_crm.ui.designer.canvas import Canvas
from desktop_crm.ui.designer.contents import content_of
from desktop_crm.ui.designer.document import LINES_TABLE, Box, at, elements, get, put
from desktop_crm.ui.designer.field_tree import FIELD, mime_of
from desktop_crm.ui.designer.keeping import place_of
from desktop_crm.ui.designer.overflow import OverflowDialog
from desktop_crm.ui.designer.page import DesignerPage
from desktop_crm.ui.designer.trial import pdf_of
from desktop_crm.ui.designer.versions import VersionsDialog
from desktop_crm.ui.drafts import kept_drafts, read_draft
from desktop_crm.ui.print_calibration import CalibrationPanel
from desktop_crm.ui.print_setup import PrintSetupDialog
from tests.support.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles
    from tests.ui.designer.conftest import Hand
    from tests.ui.printer_support import PaperPrinters

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def texts(hand: Hand) -> str:
    """Return all that stands on the paper."""
    return " ".join(text for page in hand.page.canvas.sheets.pages for text in page.texts())


def test_the_paper_shows_the_document_as_it_is_printed(hand: Hand) -> None:
    assert "苏州明远精密机械有限公司" in texts(hand)
    hand.page.head.set_mode("design")
    hand.settle()
    assert "‹" in texts(hand)
    assert "苏州明远精密机械有限公司" not in texts(hand)
    assert hand.page.canvas.sheets.continuous


def test_an_element_is_moved_with_the_mouse_and_back_with_undo(hand: Hand, customer_path: str) -> None:
    before = hand.page.design.doc
    hand.drag(hand.middle(customer_path), (7.0, 4.0))
    box, old = hand.box(customer_path), hand.box_before(before, customer_path)
    assert box.x == pytest.approx(old.x + 7, abs=1.0)
    assert box.y == pytest.approx(old.y + 4, abs=1.0)
    assert (box.x * 2) % 1 == pytest.approx(0, abs=0.01) or box.x != old.x + 7
    assert hand.page.design.selected == (customer_path,)
    hand.page.shortcuts()["undo"]()
    assert hand.page.design.doc == before
    hand.page.shortcuts()["redo"]()
    assert hand.box(customer_path) == box


def test_while_dragging_the_read_out_stands_at_the_element_and_esc_gives_up(hand: Hand, customer_path: str) -> None:
    before = hand.page.design.doc
    hand.drag(hand.middle(customer_path), (10, 6), let_go=False)
    assert "mm" in hand.page.canvas.overlay.badge
    assert hand.page.design.dragging
    hand.key(Qt.Key.Key_Escape)
    assert hand.page.design.doc is before
    assert not hand.page.design.dragging
    assert not hand.page.canvas.overlay.badge


def test_edges_snap_to_other_elements_with_a_guide(hand: Hand, customer_path: str) -> None:
    hand.page.canvas.set_factor(3.0)
    box = hand.page.canvas.boxes(customer_path)[0]
    other = next(path for path, one in elements(hand.page.design.doc) if one.get("type") == "text" and abs(hand.page.canvas.boxes(path)[0].x - box.x) > 20)
    target = hand.page.canvas.boxes(other)[0]
    hand.drag(hand.middle(customer_path), (target.x - box.x + 0.4, 1.0), let_go=False)
    assert any(guide.upright for guide in hand.page.canvas.overlay.guides)
    hand.key(Qt.Key.Key_Escape)


def test_a_handle_resizes(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    frame = hand.page.canvas.frame()
    assert frame is not None
    old = hand.box(customer_path)
    hand.drag((frame.right, frame.middle[1]), (-10.0, 0.0))
    box = hand.box(customer_path)
    assert box.width == pytest.approx(old.width - 10, abs=1.0)
    assert box.height == old.height
    assert box.x == old.x


def test_arrows_nudge_and_a_row_of_them_is_one_step(hand: Hand, customer_path: str) -> None:
    before, old = hand.page.design.doc, hand.box(customer_path)
    hand.click(*hand.middle(customer_path))
    for _time in range(3):
        hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert hand.box(customer_path).x == pytest.approx(old.x + 0.3)
    assert hand.box(customer_path).y == pytest.approx(old.y + 1)
    hand.page.design.stack.undo()
    assert hand.page.design.doc == before


def test_a_frame_selects_several_which_are_aligned_and_kept_apart(hand: Hand) -> None:
    doc = put(hand.page.design.doc, "bands/document_footer", {"height": 40, "elements": [{"type": "box", "x": 10 + 30 * n, "y": 3 + 4 * n, "width": 10 + n, "height": 6} for n in range(3)]})
    hand.page.design.edit("three boxes", doc, [])
    hand.settle()
    paths = [f"bands/document_footer/elements/{n}" for n in range(3)]
    boxes = [hand.page.canvas.boxes(path)[0] for path in paths]
    first, last = boxes[0], boxes[-1]
    hand.drag((first.x - 3, first.y - 2), (last.right - first.x + 6, last.bottom - first.y + 4))
    assert set(hand.page.design.selected) == set(paths)
    hand.page.bench.acts.align("top")
    assert len({hand.box(path).y for path in paths}) == 1
    hand.page.bench.acts.same_size(width=True, height=True)
    assert len({hand.box(path).width for path in paths}) == 1
    hand.page.bench.acts.distribute("across")
    placed = sorted((hand.box(path) for path in paths), key=lambda box: box.x)
    assert placed[1].x - placed[0].right == pytest.approx(placed[2].x - placed[1].right, abs=0.02)
    hand.key(Qt.Key.Key_Delete)
    assert at(hand.page.design.doc, "bands/document_footer/elements") == []
    for _step in range(5):
        hand.page.design.stack.undo()
    hand.click(0.5, 0.5)
    assert hand.page.design.selected == ()


def test_shift_adds_to_the_selection(hand: Hand, customer_path: str) -> None:
    other = next(path for path, one in elements(hand.page.design.doc) if content_of(one).text == "送　货　单")
    hand.click(*hand.middle(customer_path))
    hand.click(*hand.middle(other), SHIFT)
    assert set(hand.page.design.selected) == {customer_path, other}
    hand.click(*hand.middle(other), SHIFT)
    assert hand.page.design.selected == (customer_path,)


def test_the_border_of_a_column_is_dragged_on_the_paper(hand: Hand) -> None:
    first = hand.page.canvas.boxes(f"{LINES_TABLE}/columns/2")[0]
    before = [hand.page.canvas.boxes(f"{LINES_TABLE}/columns/{n}")[0].width for n in range(len(tables.columns(hand.page.design.doc, LINES_TABLE)))]
    hand.drag((first.right, first.middle[1]), (6.0, 0.0))
    after = [hand.page.canvas.boxes(f"{LINES_TABLE}/columns/{n}")[0].width for n in range(len(before))]
    assert after[2] == pytest.approx(before[2] + 6, abs=0.8)
    assert after[3] == pytest.approx(before[3] - 6, abs=0.8)
    assert sum(after) == pytest.approx(sum(before), abs=0.1)


def test_a_column_is_selected_summed_moved_and_removed(hand: Hand) -> None:
    count = len(tables.columns(hand.page.design.doc, LINES_TABLE))
    box = hand.page.canvas.boxes(f"{LINES_TABLE}/columns/5")[0]
    hand.click(*box.middle)
    assert hand.page.design.selected == (f"{LINES_TABLE}/columns/5",)
    title = at(hand.page.design.doc, f"{LINES_TABLE}/columns/5/title")
    hand.drag(box.middle, (-box.width - 4, 0))
    assert at(hand.page.design.doc, f"{LINES_TABLE}/columns/4/title") == title
    hand.key(Qt.Key.Key_Delete)
    hand.settle()
    assert len(tables.columns(hand.page.design.doc, LINES_TABLE)) == count - 1
    assert tables.spans_right(hand.page.design.doc)
    assert not [one for one in hand.page.bench.laid.problems if one.severity == "error"] if hand.page.bench.laid else False


def test_a_field_is_dropped_onto_the_paper_and_onto_the_table(hand: Hand) -> None:
    field = hand.page.bench.fields["number"]

    def drop(path: str, x: float, y: float) -> None:
        data = mime_of(hand.page.bench.fields[path])
        spot = QPointF(hand.spot(x, y))
        event = QDropEvent(spot, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        Canvas.dropEvent(hand.page.canvas, event)
        hand.settle()

    drop("number", 60.0, 12.0)
    path = hand.page.design.single()
    assert path.startswith("bands/page_header/elements/")
    assert hand.element(path)["field"] == "number"
    assert hand.page.canvas.boxes(path)[0].holds(60, 12, 22)
    assert field.label in hand.page.panel._title.text()
    count = len(tables.columns(hand.page.design.doc, LINES_TABLE))
    column = hand.page.canvas.boxes(f"{LINES_TABLE}/columns/3")[0]
    drop("line.note", column.x + 1, column.middle[1])
    listed = tables.columns(hand.page.design.doc, LINES_TABLE)
    assert len(listed) == count + 1
    assert listed[3]["field"] == "line.note"
    assert tables.spans_right(hand.page.design.doc)


def test_enter_in_the_tree_inserts_and_search_finds_by_pinyin(hand: Hand) -> None:
    page = hand.page
    page.bench.search.setText("khmc")
    hand.bench.qtbot.waitUntil(lambda: page.bench.tree.field() is not None)
    found = page.bench.tree.currentItem()
    assert found is not None
    assert "customer" in found.data(0, FIELD).path or "客户" in found.text(0) or "ustomer" in found.text(0)
    before = len(list(elements(page.design.doc)))
    QTest.keyClick(page.bench.tree, Qt.Key.Key_Return)
    assert len(list(elements(page.design.doc))) == before + 1
    page.bench.search.clear()


def test_copy_and_paste_between_templates_and_rubbish_is_refused(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    hand.key(Qt.Key.Key_C, CONTROL)
    other = DesignerPage(hand.bench.desk, "invoice_request")
    hand.bench.show(other)
    hand.bench.qtbot.waitUntil(other.laying.settled)
    hand.bench.settle()
    count = len(list(elements(other.design.doc)))
    QTest.keyClick(other.canvas, Qt.Key.Key_V, CONTROL)
    assert len(list(elements(other.design.doc))) == count + 1
    assert content_of(at(other.design.doc, other.design.single())).field == "customer.name"
    for rubbish in ("hello", "{}", json.dumps({"elements": [{"type": "text", "text": "{{ x.__class__ }}", "x": 0, "y": 0, "width": 5}]}), json.dumps({"elements": [{"type": "virus"}]}), "[" * 100_000):
        QGuiApplication.clipboard().setText(rubbish)
        QTest.keyClick(other.canvas, Qt.Key.Key_V, CONTROL)
        assert len(list(elements(other.design.doc))) == count + 1
        assert hand.bench.said[-1][0]
    other.keeping.drop()


def test_duplicate_lock_and_delete(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    hand.key(Qt.Key.Key_D, CONTROL)
    copy = hand.page.design.single()
    assert copy != customer_path
    assert hand.element(copy)["text"] == hand.element(customer_path)["text"]
    hand.page.bench.acts.toggle("locked", "lock")
    hand.key(Qt.Key.Key_Delete)
    assert get(hand.page.design.doc, copy) is not None
    hand.key(Qt.Key.Key_Right)
    assert "locked" in hand.element(copy)
    hand.page.bench.acts.toggle("locked", "lock")
    hand.page.design.select([copy])
    hand.key(Qt.Key.Key_Delete)
    assert get(hand.page.design.doc, copy) is None


def test_numbers_are_typed_and_wrong_ones_refused_at_the_field(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    hand.settle()
    hand.write("property.width", "60")
    assert hand.box(customer_path).width == 60
    hand.write("property.width", "6o")
    assert hand.box(customer_path).width == 60
    assert hand.row("property.width").problem()
    assert hand.row("property.width").line.text() == "6o"
    hand.write("property.width", "99999")
    assert hand.box(customer_path).width == 60
    hand.write("property.width", "55.5")
    assert not hand.row("property.width").problem()
    hand.write("property.x", "50")
    assert hand.page.canvas.boxes(customer_path)[0].x == pytest.approx(50)
    line = hand.row("property.height").line
    line.setFocus()
    line.setText("")
    QTest.keyClicks(line, "9")
    assert hand.box(customer_path).height != 9
    hand.page.save()
    assert hand.box(customer_path).height == 9
    hand.settle()


def test_an_expression_is_checked_as_it_is_typed(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    hand.settle()
    box = hand.row("property.text").box
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "{{ customer.nam }}")
    hand.settle()
    row = next(one for one in hand.page.panel.rows if one.widget.objectName() == "property.text")
    assert row.problem()
    box.selectAll()
    QTest.keyClicks(box, "{{ customer.name|shorten(4 }}")
    hand.settle()
    assert row.problem()
    box.selectAll()
    QTest.keyClicks(box, "{{ customer.name|shorten(4) }}")
    hand.settle()
    assert not row.problem()
    assert content_of(hand.element(customer_path)).format == "shorten(4)"
    hand.page.design.stack.undo()
    assert content_of(hand.element(customer_path)).format == ""


def test_an_element_off_the_paper_is_told_and_not_published(hand: Hand, session: Session, customer_path: str) -> None:
    hand.page.design.edit("off", put(hand.page.design.doc, f"{customer_path}/text", "{{ nothing }"), [])
    hand.settle()
    hand.page.publish()
    hand.settle()
    assert hand.page.problem.text()
    assert hand.page.design.selected == (customer_path,)
    assert not store.versions(session, "delivery_note")
    hand.page.design.stack.undo()
    hand.drag(hand.middle(customer_path), (220.0, 0.0))
    assert any(problem.path.startswith(customer_path) for problem in hand.page.bench.laid.problems) if hand.page.bench.laid else False


def test_saving_publishing_and_going_back_to_a_version(hand: Hand, session: Session, customer_path: str) -> None:
    page = hand.page
    page.design.edit("title", put(page.design.doc, "label", "我们的送货单"), [])
    page.shortcuts()["save"]()
    hand.settle()
    assert not page.keeping.dirty
    assert store.find(session, "delivery_note").draft
    assert load_template("delivery_note") == store.load(session, "delivery_note")
    page.head.publish.click()
    hand.settle()
    assert store.find(session, "delivery_note").number == 1
    hand.drag(hand.middle(customer_path), (5.0, 0.0))
    moved = hand.box(customer_path)
    page.shortcuts()["submit"]()
    hand.settle()
    assert store.find(session, "delivery_note").number == 2
    assert not page.keeping.unpublished
    dialog = VersionsDialog(page)
    dialog.show()
    hand.bench.settle()
    dialog.take(1)
    hand.settle()
    assert hand.box(customer_path).x != moved.x
    page.design.stack.undo()
    assert hand.box(customer_path) == moved


def test_what_is_designed_survives_a_crash(hand: Hand, session: Session, bench: Bench, customer_path: str) -> None:
    held = hand.page.keeping.held
    assert held is not None
    hand.drag(hand.middle(customer_path), (5.0, 0.0))
    place = place_of(bench.desk, held)
    hand.page.keeping.keep()
    bench.qtbot.waitUntil(bench.operations.idle)
    assert read_draft(place) is not None
    kept, _damaged = kept_drafts(session.url, session.person.id)
    assert [one.entity for one in kept] == ["print_template"]
    again = DesignerPage(bench.desk)
    bench.show(again)
    again.resume(kept[0])
    bench.qtbot.waitUntil(lambda: again.keeping.held is not None)
    bench.settle()
    assert again.design.doc == hand.page.design.doc
    assert again.problem.text()
    again.design.stack.undo()
    assert again.design.doc != hand.page.design.doc
    again.design.stack.redo()
    again.save()
    bench.settle()
    assert read_draft(place) is None


def test_leaving_saves_the_draft(hand: Hand, session: Session, customer_path: str) -> None:
    hand.drag(hand.middle(customer_path), (5.0, 0.0))
    assert hand.page.may_leave()
    hand.settle()
    assert store.find(session, "delivery_note").draft
    assert store.draft(session, "delivery_note") == hand.page.design.doc


def test_a_save_asked_for_while_one_is_under_way_is_done_after_it(hand: Hand, session: Session, customer_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was changed since is in it, and what was to come after it comes, once."""
    page, gate, told = hand.page, Gate(monkeypatch), list[str]()
    hand.drag(hand.middle(customer_path), (5.0, 0.0))
    with gate.shut():
        page.keeping.save(lambda: told.append("first"))
        page.design.edit("title", put(page.design.doc, "label", "我们的送货单"), [])
        page.keeping.save(lambda: told.append("second"))
        page.keeping.save(lambda: told.append("third"))
        assert not told
    hand.bench.qtbot.waitUntil(lambda: told == ["first", "second", "third"])
    hand.settle()
    assert not page.keeping.dirty
    assert store.draft(session, "delivery_note") == page.design.doc


def test_bands_are_dragged_higher(hand: Hand) -> None:
    hand.page.head.set_mode("design")
    hand.settle()
    old = at(hand.page.design.doc, "bands/page_header/height")
    band = hand.page.canvas.boxes("bands/page_header")[0]
    hand.drag((band.x - 1.5, band.bottom), (0.0, 5.0))
    assert at(hand.page.design.doc, "bands/page_header/height") == pytest.approx(old + 5, abs=0.8)


def test_an_element_dragged_into_another_band_belongs_to_it(hand: Hand, customer_path: str) -> None:
    footer = hand.page.canvas.boxes("bands/page_footer")[0]
    start = hand.middle(customer_path)
    hand.drag(start, (0.0, footer.middle[1] - start[1]))
    path = hand.page.design.single()
    assert path.startswith("bands/page_footer/elements/")
    assert content_of(hand.element(path)).field == "customer.name"


def test_the_check_of_recent_documents_names_what_does_not_fit(hand: Hand, customer_path: str) -> None:
    hand.page.design.edit("narrow", put(put(hand.page.design.doc, f"{customer_path}/width", 8), f"{customer_path}/overflow", "cut"), [])
    hand.settle()
    dialog = OverflowDialog(hand.page)
    dialog.show()
    hand.bench.qtbot.waitUntil(lambda: dialog.found is not None)
    assert dialog.found is not None
    count, found = dialog.found
    assert count == 1
    assert [problem.path for problem in found[0].problems] == [customer_path]
    dialog.reject()


def test_what_is_seen_is_what_is_printed(hand: Hand, customer_path: str, tmp_path: Path) -> None:
    from pypdf import PdfReader

    hand.drag(hand.middle(customer_path), (9.0, 0.0))
    seen = [text for page in hand.page.canvas.sheets.pages for text in page.texts()]
    path = tmp_path / "trial.pdf"
    path.write_bytes(pdf_of(hand.page.design.doc, hand.page.shown_values()))
    reader = PdfReader(path)
    printed = "".join(page.extract_text() for page in reader.pages)
    assert all(text.strip() in printed for text in seen if text.strip())
    assert float(reader.pages[0].mediabox.width) == pytest.approx(241 / 25.4 * 72, abs=0.5)


def test_export_writes_a_file_that_can_be_taken_over(hand: Hand, session: Session, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles], customer_path: str) -> None:
    hand.drag(hand.middle(customer_path), (5.0, 0.0))
    answer_files(tmp_path / "我们的")
    hand.page.export()
    hand.settle()
    file = tmp_path / "我们的.json"
    assert json.loads(file.read_text("utf-8")) == hand.page.design.doc
    assert store.import_template(session, file).result.name != "delivery_note"


def test_zoom_and_fit(hand: Hand) -> None:
    canvas = hand.page.canvas
    before = canvas.factor()
    hand.key(Qt.Key.Key_Plus, CONTROL)
    assert canvas.factor() == pytest.approx(before * 1.2, rel=0.01)
    hand.page.bench.toolbar.fit.click()
    assert canvas.factor() == pytest.approx(before, rel=0.05)
    assert canvas.viewport().width() >= canvas.to_view(Box(0, 0, 241, 1)).width()
    QTest.mouseMove(canvas.viewport(), QPoint(5, 5))
    QApplication.processEvents()


def test_a_guide_is_pulled_out_of_the_ruler_moved_kept_with_the_template_and_thrown_away(hand: Hand, session: Session) -> None:
    canvas, ruler, before = hand.page.canvas, hand.page.bench.rulers[1], hand.page.design.doc
    start = QPoint(8, 200)
    QTest.mousePress(ruler, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=start + QPoint(300, 0))
    (_place, guide), = canvas.own_guides()
    assert guide.upright
    assert 0 < guide.spot < 241
    hand.drag((guide.spot, 137.0), (10.0, 0.0), let_go=False)
    hand.key(Qt.Key.Key_Escape)
    assert canvas.own_guides()[0][1] == guide
    hand.drag((guide.spot, 137.0), (10.0, 0.0))
    assert canvas.own_guides()[0][1].spot == pytest.approx(guide.spot + 10, abs=0.6)
    level, first = hand.page.bench.rulers[0], QPoint(200, 8)
    QTest.mousePress(level, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseRelease(level, Qt.MouseButton.LeftButton, pos=first + QPoint(0, 200))
    assert [set(one) for one in hand.page.design.doc["guides"]] == [{"x"}, {"y"}]
    hand.page.shortcuts()["save"]()
    hand.bench.qtbot.waitUntil(lambda: not hand.page.keeping.dirty)
    hand.settle()
    assert store.draft(session, "delivery_note")["guides"] == hand.page.design.doc["guides"]
    assert check_template(hand.page.design.doc) == []
    hand.page.design.stack.undo()
    hand.drag((canvas.own_guides()[0][1].spot, 137.0), (600.0, 0.0))
    assert canvas.own_guides() == []
    assert hand.page.design.doc == before


def test_the_layers_name_hide_and_order(hand: Hand, customer_path: str) -> None:
    page = hand.page
    page.bench.tabs.set_current("layers")
    hand.settle()
    layers = page.bench.layers
    number = next(row for row in range(layers.count()) if layers.item(row).data(Qt.ItemDataRole.UserRole) == customer_path)
    rect = layers.visualItemRect(layers.item(number))
    layers.scrollToItem(layers.item(number))
    rect = layers.visualItemRect(layers.item(number))
    QTest.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() - QPoint(40, 0))
    assert page.design.selected == (customer_path,)
    QTest.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(layers.viewport().width() - 10, rect.center().y()))
    hand.settle()
    assert hand.element(customer_path)["hidden"]
    assert "苏州明远精密机械有限公司" not in texts(hand)
    page.bench.layers.order_wanted.emit(customer_path, "bands/page_header", 0)
    assert page.design.selected == ("bands/page_header/elements/0",)
    page.design.stack.undo()
    page.design.stack.undo()
    hand.settle()
    assert "苏州明远精密机械有限公司" in texts(hand)


def test_a_scan_of_the_form_is_seen_and_not_printed(hand: Hand, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    from PIL import Image
    from pypdf import PdfReader

    Image.new("RGB", (300, 170), "#ffd0d0").save(tmp_path / "scan.png")
    answer_files(tmp_path / "scan.png")
    hand.page.bench.choose_background()
    hand.settle()
    marks = [mark for mark in hand.page.canvas.sheets.pages[0].marks if mark.source == "background"]
    assert marks
    (tmp_path / "x.pdf").write_bytes(pdf_of(hand.page.design.doc, hand.page.shown_values()))
    assert not PdfReader(tmp_path / "x.pdf").pages[0].images
    answer_files(tmp_path / "x.pdf")
    hand.page.bench.choose_background()
    hand.bench.qtbot.waitUntil(lambda: bool(hand.bench.failures))
    assert "scan" not in str(hand.bench.failures.pop())


def test_repeat_on_every_page_takes_an_element_into_the_page_header(hand: Hand, customer_path: str) -> None:
    hand.click(*hand.middle(customer_path))
    hand.settle()
    switch = hand.row("property.repeat")
    assert switch.isChecked()
    top = hand.page.canvas.boxes(customer_path)[0]
    switch.click()
    hand.settle()
    path = hand.page.design.single()
    assert path.startswith("bands/document_header/elements/")
    assert hand.page.canvas.boxes(path)[0].x == pytest.approx(top.x)
    hand.page.design.stack.undo()
    assert hand.page.design.single() == customer_path


def test_copies_paper_and_bands_are_properties_of_the_template(hand: Hand) -> None:
    page = hand.page
    hand.click(1.0, 1.0)
    hand.settle()
    copies = hand.row("property.copies").box
    copies.setFocus()
    QTest.keyClicks(copies, "A")
    QTest.keyClick(copies, Qt.Key.Key_Return)
    QTest.keyClicks(copies, "B")
    hand.settle()
    assert page.design.doc["copies"][-2:] == ["A", "B"] or len(page.design.doc["copies"]) >= 2
    pages = len(page.canvas.sheets.pages)
    assert pages >= 2
    tick = page.panel.findChild(QAbstractButton, "property.band.document_header")
    assert tick is not None
    tick.click()
    hand.settle()
    assert get(page.design.doc, "bands/document_header") is not None
    page.design.stack.undo()
    hand.settle()
    hand.write("property.paper_height", "93.1")
    assert page.design.doc["paper"]["height"] == pytest.approx(93.1)
    assert page.canvas.sheets.pages[0].height == pytest.approx(93.1)
    hand.write("property.margin_left", "-3")
    assert hand.row("property.margin_left").problem()


def test_a_trial_print_goes_to_the_chosen_printer(hand: Hand, tmp_path: Path, print_to: Callable[..., PaperPrinters], customer_path: str) -> None:
    from pypdf import PdfReader

    path = tmp_path / "trial.pdf"
    print_to(path)
    hand.drag(hand.middle(customer_path), (9.0, 0.0))
    hand.page.shortcuts()["print"]()
    hand.bench.qtbot.waitUntil(lambda: hand.bench.window.findChild(PrintSetupDialog) is not None)
    dialog = hand.bench.window.findChild(PrintSetupDialog)
    assert dialog is not None
    hand.bench.qtbot.waitUntil(lambda: dialog.fields.facts() is not None)
    dialog.accept_button.click()
    hand.bench.qtbot.waitUntil(lambda: bool(hand.bench.said))
    assert "EPSON" in hand.bench.said[-1][0]
    page = PdfReader(path).pages[0]
    assert float(page.mediabox.width) == pytest.approx(241 / 25.4 * 72, abs=1)
    assert "苏州明远精密机械有限公司" in page.extract_text().replace("\n", "")


def test_the_calibration_of_printers_opens_below_the_paper(hand: Hand, tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    print_to(tmp_path / "page.pdf")
    hand.page.toggle_calibration()
    panel = hand.page.findChild(CalibrationPanel)
    assert panel is not None
    hand.bench.qtbot.waitUntil(lambda: panel.printer.value() == "EPSON LQ-630KII")
    assert panel.paper == (241, 139.7)
    assert panel.isVisible()
    hand.page.toggle_calibration()
    assert not panel.isVisible()


def test_what_somebody_else_changed_is_shown_and_never_overwritten(hand: Hand, session: Session, customer_path: str) -> None:
    page = hand.page
    theirs = put(store.draft(session, "delivery_note"), f"{customer_path}/width", 44)
    store.save_draft(session, "delivery_note", theirs, seen=0)
    hand.bench.desk.changed.emit({"print_template"})
    hand.bench.qtbot.waitUntil(lambda: hand.page.design.doc == theirs)
    hand.settle()
    hand.drag(hand.middle(customer_path), (6.0, 0.0))
    mine = page.design.doc
    again = put(theirs, f"{customer_path}/width", 33)
    store.save_draft(session, "delivery_note", again)
    hand.bench.desk.changed.emit({"print_template"})
    hand.bench.qtbot.waitUntil(lambda: bool(page.problem.text()))
    assert page.design.doc is mine
    page.save()
    hand.settle()
    assert store.draft(session, "delivery_note") == again
    page._show_theirs()
    hand.bench.qtbot.waitUntil(lambda: page.design.doc == again)
    page.design.stack.undo()
    assert page.design.doc == mine
    page.save()
    hand.settle()
    assert store.draft(session, "delivery_note") == mine
