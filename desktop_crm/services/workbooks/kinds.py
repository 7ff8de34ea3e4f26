"""What a file really is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from typing import Final

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SIGNATURES: Final = (
    (ZIP, "zip"),
    (b"PK\x05\x06", "zip"),
    (OLE, "ole"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF", "pdf"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x7fELF", "program"),
    (b"{\\rtf", "word"),
)
# Workbooks of Excel 2 to 4 are a bare stream: record number, then the record's short length.
_BIFF: Final = re.compile(rb"\x09[\x00\x02\x04]\x04\x00|\x09[\x00\x02\x04]\x06\x00", re.DOTALL)
_DOS: Final = re.compile(rb"MZ.{58}..\x00\x00", re.DOTALL)
_BMP: Final = re.compile(rb"BM.{4}\x00{4}", re.DOTALL)

EXTENSIONS: Final = {
    "xlsx": {".xlsx", ".xlsm", ".xltx", ".xltm", ".et"},
    "xls": {".xls", ".xlt", ".et", ".ett"},
    "xlsb": {".xlsb"},
    "ods": {".ods", ".ots"},
    "csv": {".csv", ".txt", ".tsv", ".tab"},
    "html": {".htm", ".html"},
    "xml": {".xml"},
    "vcf": {".vcf", ".vcard"},
}
SPREADSHEET_EXTENSIONS: Final = frozenset().union(*EXTENSIONS.values()) - EXTENSIONS["csv"] - EXTENSIONS["vcf"]


def signature(data: bytes) -> str:
    """Return what the first bytes say: "zip", "ole", a key of refusal.KINDS, or "" for what may be text."""
    for start, kind in _SIGNATURES:
        if data.startswith(start):
            return kind
    if _BIFF.match(data):
        return "xls"
    if _DOS.match(data):
        return "program"
    return "bmp" if _BMP.match(data) else ""


def zip_kind(names: set[str], mimetype: bytes) -> str:
    """Return the kind of document a ZIP archive is by the names of its parts and the OpenDocument `mimetype` part."""
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        if b"spreadsheet" in mimetype:
            return "ods"
        return "word" if b"text" in mimetype else "powerpoint" if b"presentation" in mimetype else "zip"
    folded = {name.replace("\\", "/").lower() for name in names}
    if "xl/workbook.bin" in folded:
        return "xlsb"
    if any(name.startswith("xl/") for name in folded):
        return "xlsx"
    if "_rels/.rels" in folded and any("/worksheets/" in name for name in folded):
        return "xlsx"
    if any(name.startswith("word/") for name in folded):
        return "word"
    return "powerpoint" if any(name.startswith("ppt/") for name in folded) else "zip"


def markup_kind(text: str) -> str:
    """Return "html", "xml" or "" for a decoded text that may be either of them or a plain list."""
    start = text[:65536].lstrip("\ufeff \t\r\n").lower()
    if not start.startswith("<"):
        return ""
    if re.search(r"<(table|html)[\s>]", start):
        return "html"
    return "xml" if re.match(r"<(\?xml|!doctype|!--|[a-z][\w:-]*[\s/>])", start) else ""
