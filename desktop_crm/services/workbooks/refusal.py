"""Why a file can't be read, and what is said about one that can: codes inside the reading process, texts outside of it."""

from __future__ import annotations

from typing import Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _

PASSWORD_NEEDED: Final = "password-needed"  # noqa: S105 - a code, no password
PASSWORD_WRONG: Final = "password-wrong"  # noqa: S105 - a code, no password

REASONS: Final = {
    "missing": N_("The file isn't there any more."),
    "folder": N_("This is a folder, not a file."),
    "locked": N_("The file can't be opened. Close it in Excel or WPS, or check that you may read it, then try again."),
    "too-big": N_("The file is larger than {limit} MB. Split it and read the parts one after the other."),
    "empty-file": N_("The file is empty (0 bytes). Export or copy it again."),
    "no-data": N_("The file holds no data. Choose another one, or check that it was saved."),
    "truncated": N_(
        "The file is damaged or was only partly copied. Copy or download it again, or open it in Excel or WPS and save it anew."
    ),
    "checksum": N_("The file is damaged: its checksum is wrong. Copy or download it again."),
    "damaged": N_("The file is damaged and can't be read. Open it in Excel or WPS and save it anew."),
    "too-many-rows": N_(
        "The sheet “{sheet}” goes down to row {count}; a sheet of Excel ends at row {limit}, and Excel doesn't open this one either. "
        "Have the program it comes from write a CSV file, or several sheets, and read that."
    ),
    "too-many-columns": N_("The sheet “{sheet}” has more than {limit} columns, more than Excel opens. Have the program it comes from write fewer."),
    "bomb": N_("The file unpacks to an extraordinary size and isn't read. Delete its empty rows and columns and save it anew."),
    "entities": N_(
        "The file holds declarations that don't belong in a spreadsheet (DOCTYPE) and isn't read. Save it anew in Excel or WPS."
    ),
    "too-long": N_("Reading the file takes too long. Delete what isn't needed in it, or split it."),
    "too-much": N_("The file needs more memory than it may take. Delete its empty rows and columns, or split it."),
    "not-a-sheet": N_("This is no spreadsheet but {kind}. Choose a file saved as .xlsx or .csv."),
    "unknown": N_("The kind of this file isn't known. Save it as .xlsx or .csv."),
    "encoding-unknown": N_("The characters of this text file can't be recognised. Choose its encoding."),
    "encoding-wrong": N_("The file isn't written in {encoding}. Choose another encoding."),
    "encoding-missing": N_("The encoding {encoding} isn't known."),
    "separator-wrong": N_("The separator must be one character."),
    "quote-open": N_("A quotation mark that opens in row {row} is never closed. Correct that row."),
    "ods-password": N_("The file has a password. Save it without a password, then read it again."),
    PASSWORD_NEEDED: N_("The file has a password. Save it without one in Excel or WPS, or type it where it is asked for."),
    PASSWORD_WRONG: N_("The password is wrong."),
}

KINDS: Final = {
    "xlsx": N_("an Excel workbook (.xlsx)"),
    "xls": N_("an old Excel workbook (.xls)"),
    "xlsb": N_("a binary Excel workbook (.xlsb)"),
    "ods": N_("an OpenDocument spreadsheet (.ods)"),
    "csv": N_("a text file (CSV)"),
    "html": N_("a web page (HTML)"),
    "vcf": N_("a file of business cards (vCard)"),
    "text": N_("plain text"),
    "xml": N_("an XML file"),
    "png": N_("a PNG picture"),
    "jpeg": N_("a JPEG picture"),
    "gif": N_("a GIF picture"),
    "bmp": N_("a BMP picture"),
    "pdf": N_("a PDF document"),
    "word": N_("a Word document"),
    "powerpoint": N_("a PowerPoint presentation"),
    "zip": N_("a ZIP archive"),
    "rar": N_("a RAR archive"),
    "7z": N_("a 7z archive"),
    "gzip": N_("a GZIP archive"),
    "sqlite": N_("an SQLite database"),
    "program": N_("a program"),
}

NOTES: Final = {
    "really": N_("The file is really {kind}."),
    "broken": N_("{count} characters of the file are damaged or not written in {encoding}; they show as �."),
    "sheet-lost": N_("The file names a sheet {name} that isn't in it."),
    "pictures": N_("{count} pictures on the cards are left out."),
}


class UnreadableFile(UserError):
    """A file that isn't read; the message says why and what to do."""


class PasswordNeeded(UnreadableFile):
    """A file behind a password: ask for it and read again."""


class Refused(Exception):
    """A file that won't be read: a code of REASONS and the values its text takes."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def _filled(text: str, values: dict[str, str | int]) -> str:
    """Return the translated text with its values, naming a kind of file in the user's language."""
    shown = dict(values)
    if "kind" in shown:
        shown["kind"] = _(KINDS[str(shown["kind"])])
    return _(text).format(**shown)


def refusal(code: str, values: dict[str, str | int]) -> UnreadableFile:
    """Return the error to raise for a refusal."""
    kind = PasswordNeeded if code in {PASSWORD_NEEDED, PASSWORD_WRONG} else UnreadableFile
    return kind(_filled(REASONS[code], values))


def note(code: str, values: dict[str, str | int]) -> str:
    """Return a remark in the user's language."""
    return _filled(NOTES[code], values)
