"""Blocks of cells on the clipboard, as Excel and WPS write and read them.

As text, cells are separated by tabs and rows by line breaks; a cell that holds either of them, or begins with a quotation mark, stands in
quotation marks, with those inside doubled. As HTML, a text keeps its zeros and never becomes a formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_IN_HTML: Final = 100_000
"""Cells that are put there as HTML too: it takes several times the room."""
LOOKED_AT: Final = 100
_TEXT: Final = "<td style='mso-number-format:\"\\@\"'>"


def cell_text(value: object) -> str:
    """Return a cell as it stands in a block of text: numbers and dates raw."""
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text or "\n" in text or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text


def block_text(rows: Sequence[Sequence[object]]) -> str:
    """Return a block as text."""
    return "\n".join("\t".join(map(cell_text, row)) for row in rows)


def texts_block(rows: Sequence[Sequence[str]]) -> str:
    """Return a block of texts as one, a hundred thousand rows as well: cells are looked at one by one only near one that needs quotation marks."""
    return "\n".join(_quick(rows[start : start + LOOKED_AT]) for start in range(0, len(rows), LOOKED_AT))


def _quick(rows: Sequence[Sequence[str]]) -> str:
    text = "\n".join(map("\t".join, rows))
    told = sum(map(len, rows)) - 1
    return block_text(rows) if '"' in text or "\r" in text or text.count("\t") + text.count("\n") != told else text


def block_html(rows: Sequence[Sequence[object]], texts: Sequence[bool]) -> str:
    """Return a block as a table of HTML; `texts` says of each column whether it holds texts, whatever they look like."""
    openings = [_TEXT if text else "<td>" for text in texts]
    lines = ["".join(f"{opening}{_html(value)}</td>" for opening, value in zip(openings, row, strict=True)) for row in rows]
    return f"<html><head><meta charset='utf-8'></head><body><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></body></html>"


def _html(value: object) -> str:
    text = "" if value is None else str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r\n", "\n").replace("\n", "<br style='mso-data-placement:same-cell'>")


def parse_block(text: str) -> list[list[str]]:
    """Read a block of text: its rows with their cells, line breaks inside quoted cells kept; the break at its end begins no row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    rows: list[list[str]] = [[]]
    at = 0
    while at <= len(text):
        cell, at = _cell(text, at)
        rows[-1].append(cell)
        if at < len(text) and text[at] == "\n":
            rows.append([])
        at += 1
    return rows


def _cell(text: str, at: int) -> tuple[str, int]:
    """Return the cell that begins at `at`, and where it ends."""
    if text.startswith('"', at):
        end = at + 1
        while (quote := text.find('"', end)) >= 0 and text.startswith('""', quote):
            end = quote + 2
        # A lone mark at the beginning, as of inches, quotes nothing.
        if quote >= 0 and (quote + 1 == len(text) or text[quote + 1] in "\t\n"):
            return text[at + 1 : quote].replace('""', '"'), quote + 1
    ends = [place for place in (text.find("\t", at), text.find("\n", at)) if place >= 0]
    end = min(ends, default=len(text))
    return text[at:end], end


def put_block(rows: Sequence[Sequence[object]], texts: Sequence[bool]) -> None:
    """Put a block on the clipboard."""
    put_made(*made_block(rows, texts))


def made_block(rows: Sequence[Sequence[object]], texts: Sequence[bool]) -> tuple[str, str]:
    """Return a block as text and as HTML, "" where it is too large for that."""
    return block_text(rows), block_html(rows, texts) if len(rows) * len(texts) <= MOST_IN_HTML else ""


def put_made(text: str, html: str) -> None:
    """Put on the clipboard what `made_block` made."""
    data = QMimeData()
    data.setText(text)
    if html:
        data.setHtml(html)
    QGuiApplication.clipboard().setMimeData(data)
