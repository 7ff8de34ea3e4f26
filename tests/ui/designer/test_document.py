"""Operations on the document of a template: what they leave alone stays, and what they promise holds for any document."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.resources import resource
from desktop_crm.printing.parse import parse_template
from desktop_crm.ui.designer import arrange, groups, tables
from desktop_crm.ui.designer.document import (
    LINES_TABLE,
    Box,
    Doc,
    at,
    bands,
    box_of,
    elements,
    get,
    inserted,
    put,
    set_keys,
    with_box,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Callable

measures = st.floats(-50, 250).map(lambda value: round(value, 2))
sides = st.floats(1, 120).map(lambda value: round(value, 2))


@st.composite
def a_text(draw: st.DrawFn) -> Doc:
    return {"type": "text", "x": draw(measures), "y": draw(measures), "width": draw(sides), "height": draw(sides), "text": "{{ number }}"}


@st.composite
def a_line(draw: st.DrawFn) -> Doc:
    return {"type": "line", "x": draw(measures), "y": draw(measures), "x2": draw(measures), "y2": draw(measures)}


@st.composite
def a_template(draw: st.DrawFn) -> Doc:
    band = st.builds(lambda found: {"height": 30, "elements": found}, st.lists(a_text() | a_line(), max_size=6))
    return {"format": 1, "bands": {"page_header": draw(band), "lines": {"list": "lines", "table": {"columns": [{"title": "a", "text": "", "width": 10}]}}, "page_footer": draw(band)}}


def shipped() -> Doc:
    done: Doc = json.loads(resource("templates/delivery_note.json").read_bytes())
    return done


def test_bands_and_elements_are_found_in_the_order_of_the_page() -> None:
    doc = shipped()
    assert bands(doc)[0] == "bands/page_header"
    assert len(list(elements(doc))) > 15
    assert bands({"bands": {"lines": {"list": "x", "item": {"height": 5, "elements": []}}}}) == ["bands/lines/item"]
    assert bands({"bands": "rubbish"}) == []


def test_a_place_that_is_not_there_is_told() -> None:
    doc = shipped()
    for path in ("bands/nowhere/height", "bands/page_header/elements/999", "bands/page_header/height/deeper"):
        with pytest.raises(LookupError):
            at(doc, path)
        assert get(doc, path) is None
    assert without(doc, "bands/nowhere/height") is doc
    assert at(put(doc, "background/x", 3), "background") == {"x": 3}
    assert "when" not in at(set_keys(doc, "bands/page_header/elements/2", {"when": None}), "bands/page_header/elements/2")


@given(a_template(), st.data())
def test_no_operation_touches_the_document_it_is_given(doc: Doc, data: st.DataObject) -> None:
    paths = [path for path, _one in elements(doc)]
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    before = copy.deepcopy(doc)
    tops = {"bands/page_header": 5.0, "bands/page_footer": 200.0}
    steps: list[Callable[[], object]] = [
        lambda: arrange.moved(doc, chosen, 1.5, -2), lambda: arrange.deleted(doc, chosen), lambda: arrange.reordered(doc, chosen, "front"),
        lambda: arrange.aligned(doc, chosen, "left", tops), lambda: arrange.distributed(doc, chosen, "across", tops), lambda: arrange.same_size(doc, chosen, width=True, height=True),
        lambda: arrange.resized(doc, chosen, "se", 3, 4, tops), lambda: arrange.rehomed(doc, chosen, dict.fromkeys(chosen, ("bands/page_footer", 1.0))),
        lambda: tables.column_added(doc, "bands/lines/table", 0, {"title": "b", "text": ""}),
    ]  # fmt: skip
    for step in steps:
        step()
        assert doc == before


@given(a_template(), st.sampled_from(["left", "center", "right", "top", "middle", "bottom"]))
def test_aligned_elements_share_the_edge_on_the_paper(doc: Doc, edge: Any) -> None:
    paths = [path for path, _one in elements(doc)]
    tops = {"bands/page_header": 5.0, "bands/page_footer": 200.0}
    done = arrange.aligned(doc, paths, edge, tops)
    boxes = [box_of(at(done, path)).moved(0, tops[path.rpartition("/elements")[0]]) for path in paths]
    lines = {"left": [box.x for box in boxes], "center": [box.middle[0] for box in boxes], "right": [box.right for box in boxes],
             "top": [box.y for box in boxes], "middle": [box.middle[1] for box in boxes], "bottom": [box.bottom for box in boxes]}[edge]  # fmt: skip
    assert all(line == pytest.approx(lines[0], abs=0.02) for line in lines)
    sizes = [(box_of(at(doc, path)).width, box_of(at(doc, path)).height) for path in paths]
    for path, (width, height) in zip(paths, sizes, strict=True):
        box = box_of(at(done, path))
        assert box.width == pytest.approx(width, abs=0.02)
        assert box.height == pytest.approx(height, abs=0.02)


@given(st.lists(a_text(), min_size=3, max_size=7))
def test_distributed_elements_have_equal_gaps(found: list[Doc]) -> None:
    doc: Doc = {"bands": {"page_header": {"height": 50, "elements": found}}}
    paths = [path for path, _one in elements(doc)]
    done = arrange.distributed(doc, paths, "across", {})
    boxes = sorted((box_of(at(done, path)) for path in paths), key=lambda box: (box.x, box.width))
    order = sorted((box_of(one) for one in found), key=lambda box: (box.x, box.width))
    assert {(box.x, box.right) for box in (order[0], order[-1])} <= {(box.x, box.right) for box in boxes}
    total = sum(box.width for box in boxes)
    gap = (order[-1].x - order[0].x - total + order[-1].width) / (len(boxes) - 1)
    spot = order[0].right + gap
    for box in order[1:-1]:
        assert any(one.x == pytest.approx(spot, abs=0.02) and one.width == box.width for one in boxes)
        spot += box.width + gap


@given(a_template(), st.data(), st.sampled_from(["front", "back", "up", "down"]))
def test_ordering_keeps_every_element_and_follows_the_selection(doc: Doc, data: st.DataObject, where: Any) -> None:
    paths = [path for path, _one in elements(doc)]
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True, min_size=1)) if paths else []
    done, after = arrange.reordered(doc, chosen, where)
    assert [at(done, path) for path in after] == [at(doc, path) for path in chosen]
    assert sorted(map(str, (one for _path, one in elements(done)))) == sorted(map(str, (one for _path, one in elements(doc))))


@given(a_template(), st.data())
def test_taking_elements_to_another_band_loses_none(doc: Doc, data: st.DataObject) -> None:
    paths = [path for path, _one in elements(doc)]
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True, min_size=1)) if paths else []
    homes = {path: ("bands/page_footer", 2.5) for path in chosen if data.draw(st.booleans())}
    done, after = arrange.rehomed(doc, chosen, homes)
    assert len(list(elements(done))) == len(paths)
    for old, new in zip(chosen, after, strict=True):
        assert at(done, new).get("text") == at(doc, old).get("text")
        assert box_of(at(done, new)).width == pytest.approx(box_of(at(doc, old)).width, abs=0.02)
        if old in homes and not old.startswith("bands/page_footer"):
            assert box_of(at(done, new)).y == pytest.approx(2.5)


@given(a_text() | a_line(), st.sampled_from(arrange.HANDLES), measures, measures)
def test_a_resized_element_keeps_the_opposite_edge_and_a_least_size(element: Doc, handle: arrange.Handle, dx: float, dy: float) -> None:
    doc: Doc = {"bands": {"page_header": {"height": 50, "elements": [element]}}}
    path = "bands/page_header/elements/0"
    old, new = box_of(element), box_of(at(arrange.resized(doc, [path], handle, dx, dy, {}), path))
    if element["type"] == "text":
        assert new.width >= 0.5
        assert new.height >= 0.5
        if "w" not in handle:
            assert new.x == pytest.approx(old.x, abs=0.02)
        if "n" not in handle:
            assert new.y == pytest.approx(old.y, abs=0.02)


def test_locked_elements_stay() -> None:
    doc: Doc = {"bands": {"page_header": {"height": 9, "elements": [{"type": "box", "x": 1, "y": 1, "width": 5, "height": 5, "locked": True}]}}}
    path = "bands/page_header/elements/0"
    assert arrange.moved(doc, [path], 5, 5) == doc
    assert arrange.deleted(doc, [path]) == doc
    assert arrange.resized(doc, [path], "se", 5, 5, {}) == doc


def test_a_qr_code_stays_square_and_a_line_stays_level() -> None:
    code = with_box({"type": "qrcode", "x": 0, "y": 0, "width": 20}, Box(0, 0, 30, 20))
    assert code["width"] == 30
    assert "height" not in code
    line = with_box({"type": "line", "x": 50, "y": 3, "x2": 0, "y2": 3}, Box(10, 8, 70, 0))
    assert (line["x"], line["x2"], line["y"], line["y2"]) == (80, 10, 8, 8)


def test_snapping_prefers_what_stands_near_and_falls_back_to_the_grid() -> None:
    own = arrange.lines_of([Box(10.3, 20.2, 30, 6)])
    near = arrange.snapped(own, arrange.lines_of([Box(10, 80, 50, 5)]), reach=1.0)
    assert near.dx == pytest.approx(-0.3)
    assert arrange.Guide(True, 10) in near.guides
    assert near.dy == pytest.approx(-0.2)
    assert not [guide for guide in near.guides if not guide.upright]
    centred = arrange.snapped(own, arrange.lines_of([Box(20.1, 100, 10, 10)]), reach=0.6)
    assert centred.dx == pytest.approx(-0.2)
    assert arrange.Guide(True, 25.1) in centred.guides
    free = arrange.snapped(own, (([], []), ([], [])), reach=1.0, grid=None)
    assert (free.dx, free.dy, free.guides) == (0.0, 0.0, ())


widths = st.lists(st.floats(4, 60).map(lambda value: round(value, 1)), min_size=2, max_size=6)


@given(widths, st.data())
def test_a_border_of_columns_takes_from_one_and_gives_to_the_other(found: list[float], data: st.DataObject) -> None:
    rest = data.draw(st.integers(-1, len(found) - 1))
    listed = [{"title": "x", "text": "", **({} if place == rest else {"width": width})} for place, width in enumerate(found)]
    doc: Doc = {"bands": {"lines": {"list": "lines", "table": {"columns": listed}}}}
    column = data.draw(st.integers(0, len(found) - 2))
    by = data.draw(st.floats(-30, 30))
    done = tables.border_moved(doc, LINES_TABLE, column, by, found)
    new: list[Any] = [one.get("width") for one in tables.columns(done, LINES_TABLE)]
    if rest >= 0:
        assert new[rest] is None
    kept = [place for place in range(len(found)) if place not in {column, column + 1, rest}]
    assert all(new[place] == pytest.approx(found[place]) for place in kept)
    if rest not in {column, column + 1}:
        assert new[column] + new[column + 1] == pytest.approx(found[column] + found[column + 1], abs=0.02)
    assert all(width is None or width >= tables.NARROWEST - 0.01 for width in new)


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "move", "sum", "unsum", "group", "ungroup", "of group"]), st.integers(0, 30), st.integers(0, 30)), max_size=12))
def test_the_rows_of_sums_always_span_all_columns(steps: list[tuple[str, int, int]]) -> None:
    doc = shipped()
    for what, first, second in steps:
        count = len(tables.columns(doc, LINES_TABLE))
        if what == "add":
            doc = tables.column_added(doc, LINES_TABLE, first % (count + 1), tables.new_column("重量", "{{ line.weight|quantity }}", "quantity"))
        elif what == "remove":
            doc = tables.column_removed(doc, LINES_TABLE, first % count)
        elif what == "move":
            doc = tables.column_moved(doc, LINES_TABLE, first % count, second % count)
        elif what == "group":
            doc = groups.regrouped(doc, first % 3, "line.unit", {})
        elif what == "ungroup":
            doc = groups.regrouped(doc, first % 3, None, {})
        elif what == "of group":
            row = f"{groups.GROUPS}/{first % 3}/total"
            if get(doc, row) is not None:
                doc = tables.column_summed(doc, second % count, on=first % 2 == 0, label="小计", row=row, of="group")
        else:
            doc = tables.column_summed(doc, first % count, on=what == "sum", label="合计")
        assert tables.spans_right(doc)
    parse_template(json.dumps(doc))


def test_a_column_is_summed_in_the_total_and_the_template_still_reads() -> None:
    doc = shipped()
    place = next(place for place, one in enumerate(tables.columns(doc, LINES_TABLE)) if "line.quantity" in one["text"])
    bare = without(doc, "bands/lines/total")
    done = tables.column_summed(bare, place, on=True, label="合计")
    assert tables.is_summed(done, place)
    assert "grand.quantity" in str(at(done, "bands/lines/total/cells"))
    parse_template(json.dumps(done))
    assert not tables.is_summed(tables.column_summed(done, place, on=False, label=""), place)


def test_inserting_keeps_the_order() -> None:
    assert inserted({"a": [1, 2]}, "a", 1, 8, 9) == {"a": [1, 8, 9, 2]}
    assert inserted({}, "a", 5, 8) == {"a": [8]}
