"""Placing the elements of a band; a text that grows pushes down what stands below it and stretches the boxes around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.marks import BarsMark, ImageMark, LineMark, Mark, RectMark, moved
from desktop_crm.printing.pictures import bars, checked_picture
from desktop_crm.printing.setting import TOLERANCE, line_height, set_text, text_marks
from desktop_crm.printing.tables import Block, TableSetter, items_of
from desktop_crm.printing.template import BarElement, BoxElement, ImageElement, LineElement, TableElement, TextElement, TextStyle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.fonts import FontBook
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


def place_band(band: Band | None, context: Mapping[str, Any], fonts: FontBook) -> Block:
    """Return the marks of `band` filled with `context`; nothing where there is no band or its condition doesn't hold."""
    if band is None or not (band.when is None or band.when.holds(context)):
        return Block(0.0)
    shown = [element for element in band.elements if element.when is None or element.when.holds(context)]
    texts: dict[int, SetText] = {}
    tables: dict[int, Block] = {}
    growth = _Growth()
    growing = [element for element in shown if isinstance(element, (TextElement, TableElement))]
    for element in sorted(growing, key=lambda item: item.y):
        if isinstance(element, TextElement):
            done = set_text(element.text.render(context), element.style, element.width, element.height, fonts)
            texts[id(element)] = done
            grown = done.height - element.height if len(done.lines) > 1 and done.height > element.height + TOLERANCE else 0.0
        else:
            setter = TableSetter(element.table, context, fonts, element.x, element.width)
            tables[id(element)] = setter.whole(items_of(element.values, context), context)
            grown = tables[id(element)].height - element.height
        growth.add(element.y, element.y + element.height, grown)
    marks: list[Mark] = []
    for item in shown:
        if isinstance(item, TextElement):
            top = growth.at(item.y)
            height = max(item.height, growth.at(item.y + item.height) - top)
            marks.extend(text_marks(texts[id(item)], item.style, (item.x, top, item.width, height), fonts))
        elif isinstance(item, TableElement):
            marks.extend(moved(mark, 0.0, growth.at(item.y)) for mark in tables[id(item)].marks)
        else:
            marks.extend(_place(item, growth, context, fonts))
    return Block(growth.at(band.height), tuple(marks))


def _place(element: Element, growth: _Growth, context: Mapping[str, Any], fonts: FontBook) -> list[Mark]:
    match element:
        case LineElement():
            return [
                LineMark(element.x, growth.at(element.y), element.x2, growth.at(element.y2), element.thickness, element.color, element.dash)
            ]
        case BoxElement():
            top = growth.at(element.y)
            height = growth.at(element.y + element.height) - top
            return [RectMark(element.x, top, element.width, height, element.thickness, element.color, element.fill)]
        case ImageElement():
            return _image(element, growth.at(element.y), context)
        case BarElement():
            return _bars(element, growth.at(element.y), context, fonts)
        case _:
            return []


def _image(element: ImageElement, top: float, context: Mapping[str, Any]) -> list[Mark]:
    data = element.data if element.value is None else element.value.value(context)
    if not data:
        return []
    if not isinstance(data, bytes):
        raise UserError(_("“{source}” isn't a picture.").format(source=element.value.source if element.value else ""))
    width, height = checked_picture(data, element.value.source if element.value else "")
    scale = min(element.width / width, element.height / height)
    free_x, free_y = element.width - width * scale, element.height - height * scale
    return [ImageMark(element.x + free_x / 2, top + free_y / 2, width * scale, height * scale, data, element.screen_only)]


def _bars(element: BarElement, top: float, context: Mapping[str, Any], fonts: FontBook) -> list[Mark]:
    value = element.value.render(context).strip()
    if not value:
        return []
    shapes, encoded = bars(element.kind, value)
    caption = line_height(CAPTION.size) if element.caption else 0.0
    height = element.height - caption
    if height <= 0:
        raise UserError(_("The bar code is too low for its figures below."))
    scaled = tuple((x * element.width, y * height, width * element.width, tall * height) for x, y, width, tall in shapes)
    marks: list[Mark] = [BarsMark(element.x, top, scaled, encoded)]
    if caption:
        done = set_text(encoded, CAPTION, element.width, caption, fonts)
        marks.extend(text_marks(done, CAPTION, (element.x, top + height, element.width, caption), fonts))
    return marks
