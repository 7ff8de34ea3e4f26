"""Placing the elements of a band; a text that grows pushes down what stands below it and stretches the boxes around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.marks import BarsMark, FrameMark, ImageMark, LineMark, Mark, RectMark, moved, on_screen
from desktop_crm.printing.pictures import bars, checked_picture, turned_bars, turned_picture
from desktop_crm.printing.setting import TOLERANCE, line_height, set_text, text_marks, turned_marks
from desktop_crm.printing.tables import Block, TableSetter, items_of
from desktop_crm.printing.template import BarElement, BoxElement, ImageElement, LineElement, TableElement, TextElement, TextStyle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.press import Press
    from desktop_crm.printing.setting import SetText
    from desktop_crm.printing.template import Band, Element

NEAR: Final = 0.01
CAPTION: Final = TextStyle(size=7, align="center", valign="bottom", overflow="shrink")


class _Growth:
    """How far each height of a band moves down because of what grew above it."""

    def __init__(self) -> None:
        self._steps: list[tuple[float, float]] = []

    def add(self, top: float, bottom: float, by: float) -> None:
        if by > 0:
            self._steps.append((bottom, self.of(top) + by))

    def of(self, y: float) -> float:
        return max((shift for bottom, shift in self._steps if bottom <= y + NEAR), default=0.0)

    def at(self, y: float) -> float:
        return y + self.of(y)


def place_band(band: Band | None, context: Mapping[str, Any], press: Press) -> Block:
    """Return the marks of `band` filled with `context`; nothing where there is no band or its condition doesn't hold."""
    if band is None or not press.holds(band.when, context, band.source):
        return Block(0.0)
    shown = [element for element in band.elements if not element.hidden and press.holds(element.when, context, element.source)]
    texts: dict[int, SetText] = {}
    tables: dict[int, Block] = {}
    growth = _Growth()
    growing = [element for element in shown if isinstance(element, (TextElement, TableElement))]
    for element in sorted(growing, key=lambda item: item.y):
        if isinstance(element, TextElement):
            done = texts[id(element)] = _set(element, context, press)
            grown = done.height - element.height if not element.rotate and len(done.lines) > 1 and done.height > element.height + TOLERANCE else 0.0
        else:
            tables[id(element)] = _table(element, context, press)
            grown = tables[id(element)].height - element.height
        growth.add(element.y, element.y + element.height, grown)
    marks: list[Mark] = [FrameMark(0.0, 0.0, 0.0, growth.at(band.height), band.source)] if press.frames else []
    for item in shown:
        if press.frames:
            marks.append(_frame(item, growth))
        if isinstance(item, TextElement):
            top = growth.at(item.y)
            height = max(item.height, growth.at(item.y + item.height) - top)
            found = _text(item, texts[id(item)], (item.x, top, item.width, height), press)
        elif isinstance(item, TableElement):
            found = [moved(mark, 0.0, growth.at(item.y)) for mark in tables[id(item)].marks]
        else:
            found = _place(item, growth, context, press)
        marks.extend(on_screen(found) if item.preprinted else found)
    return Block(growth.at(band.height), tuple(marks))


def _frame(element: Element, growth: _Growth) -> FrameMark:
    if isinstance(element, LineElement):
        top, bottom = growth.at(min(element.y, element.y2)), growth.at(max(element.y, element.y2))
        return FrameMark(min(element.x, element.x2), top, abs(element.x2 - element.x), bottom - top, element.source)
    top = growth.at(element.y)
    height = element.height if isinstance(element, (ImageElement, BarElement)) else max(element.height, growth.at(element.y + element.height) - top)
    return FrameMark(element.x, top, element.width, height, element.source)


def _set(element: TextElement, context: Mapping[str, Any], press: Press) -> SetText:
    """Return an element's text set; a turned text can't push anything down, so it is set smaller where it doesn't fit."""
    text, style = press.render(element.text, context, element.source), element.style
    width, height = (element.height, element.width) if element.rotate in {90, 270} else (element.width, element.height)
    if element.rotate and style.overflow == "wrap":
        style = replace(style, overflow="shrink")
    done = set_text(text, style, width, height, press.fonts)
    if done.wanted:
        press.overflow(element.source, done.wanted, height)
    return done


def _text(element: TextElement, done: SetText, place: tuple[float, float, float, float], press: Press) -> list[Mark]:
    if element.rotate:
        return [*turned_marks(done, element.style, (element.x, place[1], element.width, element.height), press.fonts, element.rotate, element.source)]
    return [*text_marks(done, element.style, place, press.fonts, element.source)]


def _table(element: TableElement, context: Mapping[str, Any], press: Press) -> Block:
    setter = TableSetter(element.table, context, press, element.x, element.width)
    items: list[Mapping[str, Any]] = press.attempt(f"{element.source}/list", lambda: items_of(element.values, context), [])
    return setter.whole(items, context)


def _place(element: Element, growth: _Growth, context: Mapping[str, Any], press: Press) -> list[Mark]:
    top, source = growth.at(element.y), element.source
    match element:
        case LineElement():
            return [LineMark(element.x, top, element.x2, growth.at(element.y2), element.thickness, element.color, element.dash, source)]
        case BoxElement():
            height = growth.at(element.y + element.height) - top
            return [RectMark(element.x, top, element.width, height, element.thickness, element.color, element.fill, source)]
        case ImageElement():
            return press.attempt(source, lambda: picture_marks(element, top, context), [])
        case BarElement():
            return press.attempt(source, lambda: _bars(element, top, context, press), [])
        case _:
            return []


def picture_marks(element: ImageElement, top: float, context: Mapping[str, Any]) -> list[Mark]:
    """Return the mark of a picture, fitted into its place; raises UserError where it is none."""
    data = element.data if element.value is None else element.value.value(context)
    if not data:
        return []
    if not isinstance(data, bytes):
        raise UserError(_("“{source}” isn't a picture.").format(source=element.value.source if element.value else ""))
    width, height = checked_picture(data)
    if element.rotate:
        data = turned_picture(data, element.rotate)
        width, height = (height, width) if element.rotate in {90, 270} else (width, height)
    scale = min(element.width / width, element.height / height)
    free_x, free_y = element.width - width * scale, element.height - height * scale
    return [ImageMark(element.x + free_x / 2, top + free_y / 2, width * scale, height * scale, data, element.source)]


def _bars(element: BarElement, top: float, context: Mapping[str, Any], press: Press) -> list[Mark]:
    value = element.value.render(context).strip()
    if not value:
        return []
    shapes, encoded = bars(element.kind, value)
    turned = element.rotate in {90, 270}
    width, height = (element.height, element.width) if turned else (element.width, element.height)
    caption = line_height(CAPTION.size) if element.caption else 0.0
    part = (height - caption) / height
    if part <= 0:
        raise UserError(_("The bar code is too low for its figures below."))
    flat = tuple((x, y * part, wide, tall * part) for x, y, wide, tall in shapes)
    scaled = tuple((x * element.width, y * element.height, wide * element.width, tall * element.height) for x, y, wide, tall in turned_bars(flat, element.rotate))
    marks: list[Mark] = [BarsMark(element.x, top, scaled, encoded, element.source)]
    if caption:
        # The figures stand below the bars, or where the turning takes them.
        done = set_text(encoded, CAPTION, width, caption, press.fonts)
        x, y = {0: (0.0, height - caption), 90: (0.0, 0.0), 180: (0.0, 0.0), 270: (element.width - caption, 0.0)}[element.rotate]
        place = (element.x + x, top + y, caption if turned else width, width if turned else caption)
        if element.rotate:
            marks.extend(turned_marks(done, CAPTION, place, press.fonts, element.rotate, element.source))
        else:
            marks.extend(text_marks(done, CAPTION, place, press.fonts, element.source))
    return marks
