"""What all papers are drawn with: texts, rules, grids of labelled fields, tables and feet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Element = dict[str, Any]
Band = dict[str, Any]

GREY: Final = "#555555"
PALE: Final = "#777777"
FILL: Final = "#f2f4f7"
INK: Final = "#1f3a5f"
"""The one colour of headings; it prints as a dark grey."""
A4: Final = {"size": "A4", "margins": {"top": 13, "right": 12, "bottom": 9, "left": 12}}
WIDE: Final = 186.0
"""Millimetres between the margins of A4."""


class Words:
    """Gives the Chinese or the English of two texts."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, chinese: str, english: str) -> str:
        """Return the text in the language of the template."""
        return chinese if self.language == "zh" else english

    @property
    def chinese(self) -> bool:
        """Whether the template is a Chinese one."""
        return self.language == "zh"

    def day(self, value: str) -> str:
        """Return a placeholder for a date as letters write it."""
        return f"{{{{ {value}|{'chinese_date' if self.chinese else 'english_date'} }}}}"

    def capitals(self, value: str) -> str:
        """Return a placeholder for an amount in words."""
        return f"{{{{ {value}|{'rmb' if self.chinese else 'words'} }}}}"

    def label(self, chinese: str, english: str) -> str:
        """Return a label that something stands behind, with the colon of the language."""
        return f"{chinese}：" if self.chinese else f"{english} " if english.endswith(".") else f"{english}: "

    def words_row(self, label: tuple[str, str], value: str, wide: float = WIDE - 34) -> list[Element]:
        """Return the row with an amount in words; English ones are long."""
        return grid(0, 8.5, (self(*label), 34, self.capitals(value), wide), size=9.5 if self.chinese else 8.5, fill=FILL, bold=True)

    @property
    def pages(self) -> str:
        """Page n of m."""
        return self("第 {{ page.number }} 页　共 {{ page.count }} 页", "Page {{ page.number }} of {{ page.count }}")


def text(x: float, y: float, width: float, height: float, content: str, size: float = 9, **more: Any) -> Element:
    """Return a text that is set smaller where it doesn't fit, unless `more` says otherwise."""
    found = {"type": "text", "x": x, "y": y, "width": width, "height": height, "text": content, "size": size, "overflow": "shrink"} | more
    return {key: value for key, value in found.items() if value is not None}


def wrapped(x: float, y: float, width: float, height: float, content: str, size: float = 9, **more: Any) -> Element:
    """Return a text of as many lines as it needs."""
    return text(x, y, width, height, content, size, **{"overflow": "wrap", "valign": "top"} | more)


def line(x: float, y: float, x2: float, y2: float, thickness: float = 0.2, **more: Any) -> Element:
    """Return a line."""
    return {"type": "line", "x": x, "y": y, "x2": x2, "y2": y2, "thickness": thickness} | more


def box(x: float, y: float, width: float, height: float, **more: Any) -> Element:
    """Return a rectangle."""
    return {"type": "box", "x": x, "y": y, "width": width, "height": height, "thickness": 0.2} | more


def band(height: float, *elements: Element | list[Element], **more: Any) -> Band:
    """Return a band; lists of elements are taken apart."""
    flat: list[Element] = []
    for element in elements:
        flat.extend(element if isinstance(element, list) else [element])
    return {"height": height, "elements": flat} | more


def grid(y: float, height: float, *cells: tuple[str, float, str, float], x: float = 0, size: float = 9, fill: str = "", **more: Any) -> list[Element]:
    """Return a row of labelled boxes: (label, its width, content, its width) each."""
    found: list[Element] = []
    for label, narrow, content, wide in cells:
        found.append(box(x, y, narrow, height, **({"fill": fill} if fill else {})))
        found.append(box(x + narrow, y, wide, height))
        found.append(text(x + 0.8, y, narrow - 1.6, height, label, size, align="center"))
        found.append(text(x + narrow + 1.5, y, wide - 3, height, content, size, **more))
        x += narrow + wide
    return found


def pairs(y: float, step: float, rows: list[tuple[str, str]], *, x: float = 0, narrow: float = 18, wide: float = 74, size: float = 9, bold: int = -1) -> list[Element]:
    """Return labels with what stands behind them, one below the other; `bold` is the row set bold."""
    found: list[Element] = []
    for index, (label, content) in enumerate(rows):
        top = round(y + index * step, 2)
        found.append(text(x, top, narrow, step, label, size, color=GREY))
        found.append(text(x + narrow, top, wide, step, content, size, **({"bold": True} if index == bold else {})))
    return found


def signs(y: float, places: list[tuple[float, float, str]], size: float = 9) -> list[Element]:
    """Return places to sign, (x, width, label) each: the label and a line behind it."""
    found: list[Element] = []
    for x, width, label in places:
        narrow = sum(size * 0.3528 * (1.0 if sign > "⺀" else 0.52) for sign in label) + 0.5
        found.append(text(x, y, min(narrow + 0.5, width), 5, label, size))
        found.append(line(round(x + narrow, 2), y + 4.8, x + width, y + 4.8, 0.15))
    return found


def column(title: str, width: float, content: str, align: str = "left", overflow: str = "", **more: Any) -> Element:
    """Return a column; figures and short texts are set smaller where they don't fit, others wrap."""
    found: Element = {"title": title, "width": width, "text": content, "align": align}
    wanted = overflow or ("shrink" if align != "left" else "")
    return found | ({"overflow": wanted} if wanted else {}) | more


def table(*columns: Element, **more: Any) -> Element:
    """Return a table with grey titles and thin rules."""
    look = {"size": 9, "header_height": 7.5, "row_height": 6.5, "header_fill": FILL, "thickness": 0.15}
    return look | more | {"columns": list(columns)}


def cells(*found: Element | str, height: float = 7.5, fill: str = FILL, **more: Any) -> Element:
    """Return a row of sums; a text alone is a figure."""
    row = [{"text": one, "align": "right"} if isinstance(one, str) and one else (one or {}) for one in found]
    return {"height": height, "cells": row} | ({"fill": fill} if fill else {}) | more


def squeezed(part: Any, by: float) -> Any:
    """Return a band with everything narrower by a factor, for a narrower paper."""
    if isinstance(part, list):
        return [squeezed(one, by) for one in part]
    if isinstance(part, dict):
        return {key: round(value * by, 2) if key in {"x", "x2", "width"} else squeezed(value, by) for key, value in part.items()}
    return part


def span(count: int, content: str, align: str = "center") -> Element:
    """Return a cell over some columns."""
    return {"span": count, "text": content, "align": align}


def foot(t: Words, left: str = "{{ company.name }}", width: float = WIDE) -> Band:
    """Return the foot of a page: who and which page."""
    half = width / 2 - 3
    return band(
        7,
        text(0, 3, half, 4, left, 8, color=PALE),
        text(width - half, 3, half, 4, t.pages, 8, color=PALE, align="right"),
    )


def onward(title: str, width: float = WIDE) -> Band:
    """Return what the second and further pages begin with."""
    return band(7.5, text(0, 0, width, 5, title, 9, color=GREY), when="page.number > 1")


def template(t: Words, name: str, label: str, prints: str, paper: Element, bands: Mapping[str, Any], **more: Any) -> Element:
    """Return a whole template; `label` is the English name of the Chinese one."""
    whole = {"format": 1, "name": name if t.chinese else f"{name}_en", "label": label if t.chinese else f"{label} (English)", "prints": prints}
    return whole | {"language": t.language, "paper": paper} | more | {"bands": bands}


def reprint(t: Words, x: float, y: float, width: float = 18) -> Element:
    """Return the small framed-in word on forms that were printed before; a pale one across them would be dots on a matrix printer."""
    return text(x, y, width, 5, t("【补打】", "[REPRINT]"), 10, bold=True, when="print.times")


MARK: Final = "{{ '%s' if codes.state == '%s' else '%s' if codes.state == '%s' else '%s' if print.times else '' }}"


def watermark(t: Words, void: str, draft: str) -> Element:
    """Return the pale word across a page: void or draft by the state of the record, else reprint where it was printed before."""
    return {"text": MARK % (t("作废", "VOID"), void, t("草稿", "DRAFT"), draft, t("补打", "REPRINT")), "size": 96 if t.chinese else 84, "color": "#ebebeb"}
