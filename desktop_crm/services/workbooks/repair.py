"""Packages that Excel opens and the cell reader doesn't: put together anew, from the parts a list needs.

Some programs leave out the package's own relationships, call the workbook or its folder otherwise, write paths with ``..`` or backslashes, parts in UTF-16
or GBK, a dimension that is none, or name sheets that aren't there (ECMA-376 part 2 allows most of it). Only such packages are copied.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks import texts
from desktop_crm.services.workbooks.parts import parse, relationships
from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from desktop_crm.services.workbooks.archive import Archive
    from desktop_crm.services.workbooks.parts import Attributes

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD: Final = "<?xml version='1.0' encoding='UTF-8'?>"
_USUAL: Final = "xl/workbook.xml"
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_DIMENSION: Final = re.compile(r"<(?:\w+:)?dimension\b[^>]*/>")
_RANGE: Final = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*ref\s*=\s*["']\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?["']""")
_ROOM: Final = 4096


class Package:
    """What of an .xlsx a list needs: its workbook, the parts it refers to, and (name, part, state) of each sheet that is there."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.workbook = _workbook_part(archive)
        self._targets = relationships(archive, self.workbook)
        self.date1904 = False
        self.named: list[tuple[str, str, str]] = []
        if self.workbook:
            parse([_utf8(archive.read(self.workbook)).encode()], self._start)
        self.sheets = [sheet for sheet in self.named if sheet[1].lower() in archive.parts]

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.date1904 = attributes.get("date1904") in {"1", "true", "on"}
        elif name == "sheet":
            reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.named.append((attributes.get("name", ""), self._targets.get(reference, ""), attributes.get("state", "visible")))

    def is_regular(self) -> bool:
        """Say whether the cell reader takes the package as it is."""
        archive = self._archive
        root = archive.read("_rels/.rels")
        plain = b".." not in (links := archive.read("xl/_rels/workbook.xml.rels")) and b"\\" not in links and b'"./' not in links
        return (
            self.workbook == _USUAL and bool(root) and plain and self.sheets == self.named
            and all(self._is_plain(part) for part in ("xl/sharedstrings.xml", "xl/styles.xml", *(sheet[1] for sheet in self.sheets)))
        )  # fmt: skip

    def _is_plain(self, part: str) -> bool:
        start = next(self._archive.chunks(part), b"")[:_ROOM]
        declared = _DECLARED.search(start)
        if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or (declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}):
            return False
        return b"dimension" not in start or _RANGE.search(start) is not None

    def put_together(self) -> bytes:
        """Return a package with the usual names, in UTF-8; raises Refused where there is no sheet in it."""
        from xml.sax.saxutils import quoteattr  # it loads urllib with all that comes along, which other files need not wait for

        if not self.sheets:
            raise Refused("damaged")
        others = [(kind, part) for kind in ("sharedStrings", "styles") if (part := self._part(kind))]
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            package.writestr("_rels/.rels", _relations([("rId1", "officeDocument", _USUAL)]))
            names = [f"worksheets/sheet{number}.xml" for number in range(1, len(self.sheets) + 1)]
            links = [(f"rId{number}", "worksheet", name) for number, name in enumerate(names, start=1)]
            package.writestr("xl/_rels/workbook.xml.rels", _relations([*links, *((kind, kind, f"{kind}.xml") for kind, _part in others)]))
            sheets = "".join(
                f'<sheet name={quoteattr(name)} sheetId="{number}" state={quoteattr(state)} r:id="rId{number}"/>'
                for number, (name, _part, state) in enumerate(self.sheets, start=1)
            )
            package.writestr(_USUAL, f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><workbookPr date1904="{int(self.date1904)}"/><sheets>{sheets}</sheets></workbook>')
            for name, part in [*zip(names, (sheet[1] for sheet in self.sheets), strict=True), *((f"{kind}.xml", part) for kind, part in others)]:
                text = _utf8(self._archive.read(part))
                package.writestr(f"xl/{name}", _DIMENSION.sub("", text[:_ROOM]) + text[_ROOM:])
        return made.getvalue()

    def _part(self, kind: str) -> str:
        """Return the part of shared texts or styles: the one the workbook refers to, or the one that is called so."""
        named = [part for part in (*self._targets.values(), *self._archive.parts) if part.lower().endswith(f"{kind.lower()}.xml")]
        return next((part for part in named if part.lower() in self._archive.parts), "")


def _workbook_part(archive: Archive) -> str:
    """Return the part the package calls its document, or the one that is called like a workbook; empty where there is none."""
    named = [part for part in relationships(archive, "").values() if part.lower().endswith(".xml")]
    likely = [part for part in archive.parts if re.fullmatch(r"(?:\w+/)*workbook\d*\.xml", part)]
    return next((part for part in (*named, *likely) if b"workbook" in archive.read(part)[:_ROOM].replace(b"\x00", b"")), "")


def _utf8(data: bytes) -> str:
    """Return an XML part's text without its declaration, by its mark, the encoding it names, or UTF-8."""
    declared = _DECLARED.search(data[:_ROOM])
    text, _encoding = texts.decode(data, declared[1].decode() if declared and declared[1].lower() != b"utf-16" else None)
    return _HEAD + re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))


def _relations(links: list[tuple[str, str, str]]) -> str:
    inside = "".join(f'<Relationship Id="{name}" Type="{_LINKS}/{kind}" Target="{target}"/>' for name, kind, target in links)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{inside}</Relationships>'
