"""Web pages that call themselves .xls, as many office and accounting systems export them: their tables become sheets."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from desktop_crm.services.workbooks.cells import Cell, Merge

_HEAD: Final = 1 << 16
_WIDEST: Final = 1000
_TALLEST: Final = 10_000
_CHARSET: Final = re.compile(rb"""(?:charset|<\?xml[^>]*encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_ARCHIVED: Final = re.compile(rb"\s*(?:MIME-Version|From|Subject|Content-Type)\s*:", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding a page or an XML file names in its head."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii") if found else None


def is_archived(data: bytes) -> bool:
    """Say whether a file is a web page with its parts in one file (.mht), as Excel saves one."""
    return _ARCHIVED.match(data) is not None and b"text/html" in data[:_HEAD] and b"multipart/related" in data[:_HEAD]


def page_of_archive(data: bytes) -> bytes:
    """Return the page with the most tables of such a file, the file itself where there is none."""
    import email

    parts = [part.get_payload(decode=True) for part in email.message_from_bytes(data).walk() if part.get_content_type() == "text/html"]
    pages = [page for page in parts if isinstance(page, bytes)]
    return max(pages, key=lambda page: page.lower().count(b"<td"), default=data)


class _Table:
    """One table while it is read; cells that span rows keep their place in the rows below."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.merged: list[Merge] = []
        self.text: list[str] | None = None
        self._span = (1, 1)
        self._taken: dict[int, int] = {}

    def open_row(self) -> None:
        self.close_cell()
        self.rows.append([])
        self._taken = {column: left - 1 for column, left in self._taken.items() if left > 1}

    def open_cell(self, attributes: dict[str, str | None]) -> None:
        self.close_cell()
        if not self.rows:
            self.open_row()
        self.text = []
        self._span = (_span(attributes.get("rowspan"), _TALLEST), _span(attributes.get("colspan"), _WIDEST))

    def close_cell(self) -> None:
        if self.text is None:
            return
        row = self.rows[-1]
        while self._taken.get(len(row), 0):
            row.append(None)
        lines = (_BLANKS.sub(" ", line).strip(" \xa0") for line in "".join(self.text).split("\x00"))
        down, across = self._span
        top, left = len(self.rows) - 1, len(row)
        row.extend([("\n".join(lines).strip("\n") or None), *[None] * (across - 1)])
        if down > 1:
            # The row being read takes one off when the next is opened.
            self._taken.update(dict.fromkeys(range(left, left + across), down))
        if down > 1 or across > 1:
            self.merged.append(Merge(top, left, top + down - 1, left + across - 1))
        self.text = None


def _span(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.strip().isdecimal() else 1


class _Page(HTMLParser):
    """Collects the tables of a page in the order they open; a table inside a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._unseen += 1
        elif tag == "table":
            table = _Table()
            self.tables.append(table)
            self._open.append(table)
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].open_row()
        elif tag in {"td", "th"}:
            self._open[-1].open_cell(dict(attrs))
        elif tag in {"br", "p", "div"} and self._open[-1].text:
            self._open[-1].text.append("\x00")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._unseen = max(0, self._unseen - 1)
        elif self._open and tag in {"td", "th", "tr"}:
            self._open[-1].close_cell()
        elif self._open and tag == "table":
            self._open.pop().close_cell()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].text is not None and not self._unseen:
            self._open[-1].text.append(data.replace("\x00", ""))

    def close(self) -> None:
        super().close()
        for table in self._open:
            table.close_cell()


def read_tables(text: str) -> list[tuple[list[list[Cell]], list[Merge]]]:
    """Return the rows and merged ranges of each table of a page that holds anything; all cells are texts."""
    page = _Page()
    page.feed(text)
    page.close()
    found = []
    for table in page.tables:
        while table.rows and not any(table.rows[-1]):
            table.rows.pop()
        if table.rows:
            found.append((table.rows, table.merged))
    return found
