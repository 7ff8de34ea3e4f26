"""Text files as tables: the encoding, the separator and the rows of a CSV or TXT file."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.workbooks.cells import Cell

SEPARATORS: Final = (",", "\t", ";", "|")
_NAMED: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a user or a web page calls an encoding, and the superset of it that is used.
_SUPERSETS: Final = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "hz": "gb18030", "big5": "cp950", "ascii": "utf-8"}
_LONGEST_CELL: Final = 1 << 20
_PROBE: Final = 1 << 16
_FOR_A_BROKEN: Final = 20
"""Characters beyond ASCII that a broken one is forgiven among."""
_MOSTLY: Final = 0.9
_CLEARLY: Final = 0.15
_ASCII: Final = re.compile("[\x00-\x7f]+")
_WESTERN: Final = re.compile(rb"(?:(?<=[A-Za-z '.\"(])|(?<![\x80-\xff]))[\x80\x85\x91-\x97\xa0-\xff](?=[A-Za-z0-9 ,;.'\"\t\r\n)|-])")
# No list holds these; a text that does was decoded wrongly.
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_DIRECTIVE: Final = re.compile(r"\ufeff?sep=(.)(\r\n|\r|\n|$)", re.IGNORECASE)
_SCIENTIFIC: Final = re.compile(r"\s*([+-]?)(\d)(?:\.(\d+))?[eE]\+(\d{2,3})\s*")
_NEUTRALISED: Final = ("'=", "'+", "'-", "'@", "'\t", "'\r")


def canonical(encoding: str) -> str:
    """Return the codec that is used for an encoding's name: always GB18030 for GBK and GB2312; refuses unknown names."""
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise Refused("encoding-missing", encoding=encoding) from error
    return _SUPERSETS.get(name, name.removesuffix("-sig").removesuffix("_sig"))


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return the text and the encoding it was read with.

    A byte order mark decides, then the encoding asked for, then UTF-16 (zero bytes), UTF-8, and what the pairs of bytes of the whole file are most like:
    GB18030, Big5 or a Western code page. A few bytes that fit nowhere, as at the end of a file that was cut off, become U+FFFD; many are refused.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], name), name
    if encoding:
        name = canonical(encoding)
        return _decoded(data, name), name
    if b"\x00" in data[:_PROBE]:
        wide = _utf16(data)
        if wide is not None:
            return wide
        data = _without_zeros(data)
    text = _tolerant(data, "utf-8")
    if text is not None and not _is_rather_chinese(text, data):
        return _plain_text(text), "utf-8"
    name = _legacy(data)
    text = _tolerant(data, name)
    if text is None:
        raise Refused("encoding-unknown")
    return _plain_text(text), name


def _plain_text(text: str) -> str:
    if _CONTROL.search(text):
        raise Refused("unknown")
    return text


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = _tolerant(data, encoding)
    except LookupError:
        text = None
    if text is None:
        raise Refused("encoding-wrong", encoding=encoding)
    return text


def _tolerant(data: bytes, encoding: str) -> str | None:
    """Return the text, with U+FFFD for a few broken bytes; None where there are too many of them for it to be this encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return text if broken * _FOR_A_BROKEN <= len(_ASCII.sub("", text)) else None


def _without_zeros(data: bytes) -> bytes:
    """Take out the zero bytes that a crash or an old program left in a text; a file with many of them is none."""
    kept = data.replace(b"\x00", b"")
    if (len(data.rstrip(b"\x00")) - len(kept)) * _FOR_A_BROKEN > len(kept):
        raise Refused("unknown")
    return kept


def _utf16(data: bytes) -> tuple[str, str] | None:
    """Decode UTF-16 without a mark: the byte order that gives the line ends and separators of a list, and no controls."""
    if data.count(0) * _FOR_A_BROKEN < len(data) and _tolerant(data.replace(b"\x00", b""), "utf-8") is not None:
        return None
    best = (0, "", "")
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            best = max(best, (sum(text.count(character) for character in ",\t;\r\n 0123456789"), name, text))
    return (best[2], best[1]) if best[0] else None


def _is_rather_chinese(text: str, data: bytes) -> bool:
    """Say whether a short text that is valid UTF-8 is GB2312 by accident: letters no office list has, and all common hanzi in GB2312."""
    foreign = [character for character in text if character > "\x7f"]
    if not foreign or any(character < "\u0250" or character > "\u07ff" for character in foreign):
        return False
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _legacy(data: bytes) -> str:
    """Return the encoding of a text that isn't Unicode.

    Chinese bytes come in pairs, Western letters beyond ASCII stand alone among others. Lists in GB18030 are nearly all of GB2312's characters, lists in Big5
    of its first level; read the wrong way a third of them and more are none of these.
    """
    runs = re.findall(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x80-\xff]+", data[:_PROBE])  # GB18030 has characters of four bytes too
    alone = sum(len(run) == 1 for run in runs)
    if runs and alone >= _MOSTLY * len(runs) and len(_WESTERN.findall(data[:_PROBE])) >= _MOSTLY * alone:
        return "cp1252"
    chinese, traditional = _share(data, "gb18030", _is_gb2312), _share(data, "cp950", _is_first_level)
    return "cp950" if traditional > chinese + _CLEARLY else "gb18030"


def _share(data: bytes, encoding: str, common: Callable[[bytes], bool]) -> float:
    """Return how many of the characters beyond ASCII are common ones, of those in the beginning of the file; 0 where they aren't this encoding."""
    text = _tolerant(data, encoding)
    if text is None:
        return 0.0
    letters = Counter(_ASCII.sub("", text[:_PROBE]).replace("\ufffd", ""))
    found = sum(count for letter, count in letters.items() if common(letter.encode(encoding)))
    return found / max(letters.total(), 1)


def _is_gb2312(code: bytes) -> bool:
    return len(code) == 2 and 0xA1 <= code[0] <= 0xF7 and code[1] >= 0xA1  # noqa: PLR2004 - the standard's range


def _is_first_level(code: bytes) -> bool:
    return len(code) == 2 and 0xA1 <= code[0] <= 0xC6  # noqa: PLR2004 - signs and the 5,401 frequent characters


def find_separator(text: str) -> str:
    """Return the separator that cuts the whole text into the most regular rows; a comma where none does.

    A tab before a comma separates nothing: it ends a number that a spreadsheet must not shorten, as 支付宝 writes it.
    """
    text = re.sub("\t+(?=,)", "", text)
    best = (0.0, 0, ",")
    for separator in SEPARATORS:
        if separator not in text:
            continue
        widths = Counter(len(row) for row in csv.reader(StringIO(text, newline=""), delimiter=separator) if any(row))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        best = max(best, (round(count / widths.total(), 2), width, separator), key=lambda found: found[:2])
    return best[2]


def _check_closed(text: str, separator: str, line: int, dropped: int) -> None:
    """Refuse a text whose last row, from `line` on, opens a quotation mark it never closes: it would swallow all the rows after it.

    `dropped` lines stood before the text.
    """
    rest = "".join(StringIO(text, newline="").readlines()[line:])
    try:
        for _row in csv.reader(StringIO(rest, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise Refused("quote-open", row=line + dropped + 1) from error


def _cell(text: str) -> Cell:
    # The mark that write_csv puts in front of what a spreadsheet would take for a formula isn't part of the text.
    return (text[1:] if text.startswith(_NEUTRALISED) else text) or None


def read_rows(text: str, separator: str | None = None) -> tuple[list[list[Cell]], str]:
    """Return the rows of a text as they are written, of any length, and the separator between their cells.

    A first line ``sep=;`` decides and is dropped. Line ends may be CRLF, LF or CR, and stand inside quotation marks.
    """
    csv.field_size_limit(_LONGEST_CELL)
    directive = _DIRECTIVE.match(text)
    if directive:
        separator = separator or directive[1]
        text = text[directive.end() :]
    try:
        separator = _NAMED.get(separator.lower(), separator) if separator else find_separator(text)
        if len(separator) != 1 or separator in '\r\n"':
            raise Refused("separator-wrong")
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
        rows: list[list[Cell]] = []
        line = before = 0
        for row in reader:
            rows.append([_cell(cell) for cell in row])
            before, line = line, reader.line_num
    except csv.Error as error:
        raise Refused("damaged") from error
    if rows and '"' in text:
        _check_closed(text, separator, before, 1 if directive else 0)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows, separator


def written_out(text: str) -> str | None:
    """Return a number in Excel's scientific notation with all its digits, "" where it has lost some, None for any other text.

    1.3812345678E+10 has all of them; 1.38E+10 may have been any number that begins so.
    """
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return None
    digits, places = found[2] + (found[3] or ""), int(found[4])
    return found[1].strip("+") + digits if len(digits) == places + 1 else ""
