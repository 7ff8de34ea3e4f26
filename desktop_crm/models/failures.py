"""What a database's refusals mean to the people in the office: which failure it is, and what they can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Busy, ConnectionLost, NoAccess, StorageFailed, UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from desktop_crm.models.location import Location

# Numbers of errors of MySQL and MariaDB, and of their client libraries.
LOST: Final = {0, 2002, 2003, 2006, 2013, 2014, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1927, 4031}
UNREACHED: Final = {2002, 2003}
RETRY: Final = {1205, 1213}
REFUSED: Final = {1044, 1045, 1698}
NO_DATABASE: Final = 1049
FULL: Final = {3, 20, 28, 1021, 1026, 1041, 1114, 1878}
READ_ONLY: Final = {1036, 1290, 1792, 1836}
ENGINE: Final = {1016, 1017, 1030, 1033, 1034, 1035, 1194, 1712, 1877}

DAMAGED: Final = ("file is not a database", "malformed", "unsupported file format")


def server_failure(location: Location, problem: Exception) -> UserError | None:
    """Return what a user is told of a server's failure; None where it is a defect of the program."""
    code = problem.args[0] if problem.args else None
    host = location.hosts[0]
    if code in UNREACHED:
        return ConnectionLost(_("The server {host} can't be reached at port {port}. Check the address, the port and the network; what you typed is kept").format(host=host, port=location.port))
    if code in LOST:
        return ConnectionLost(_("The server {host} doesn't answer. What you typed is kept; try again in a moment").format(host=host))
    if code in RETRY:
        return busy()
    if code == NO_DATABASE:
        return NoAccess(_("The server {host} has no database {name}. Check the name, or make a new company there").format(host=host, name=location.name))
    if code in REFUSED:
        return NoAccess(_("The server {host} refused to sign in {user} to {name}. Check the name and the password").format(
            host=host, user=location.user, name=location.name))
    if code in FULL or (code in ENGINE and "No space left" in str(problem)):
        return StorageFailed(_("The disk of the server {host} is full; nothing was changed. Ask whoever keeps the server to make room").format(host=host))
    if code in READ_ONLY:
        return StorageFailed(_("The server {host} takes no changes just now; nothing was changed. Ask whoever keeps the server").format(host=host))
    if code in ENGINE:
        return StorageFailed(_("The server {host} can't read or write its data ({detail}); nothing was changed. Ask whoever keeps the server").format(
            host=host, detail=problem))
    return None


def file_failure(location: Location, problem: Exception) -> UserError | None:
    """Return what a user is told of a company file's failure; None where it is a defect of the program."""
    text, path = str(problem), location.path
    if "unable to open database file" in text:
        return StorageFailed(_("The company file {path} can't be opened. Check that the folder is there and may be written to").format(path=path))
    if "readonly" in text or "read-only" in text:
        return StorageFailed(_("The company file {path} is read-only; nothing was changed. Move it to a folder you may write to").format(path=path))
    if any(part in text for part in DAMAGED) or isinstance(problem, UnicodeDecodeError):
        return damaged(location)
    if "Could not decode to UTF-8" in text:
        return StorageFailed(_("A text in the company file {path} is damaged and can't be read. Have the company file checked, which names the record").format(path=path))
    if "disk is full" in text:
        return StorageFailed(_("The disk is full; nothing was changed. Make room and try again"))
    if "disk I/O error" in text:
        return StorageFailed(_("The disk refused to read or write {path}; nothing was changed. Check the disk or the network folder, then try again").format(path=path))
    return busy() if "is locked" in text else None


def damaged(location: Location) -> StorageFailed:
    """Return what is told of a file that can't be read as a company."""
    return StorageFailed(_("{path} is not a company file, or it is damaged. Nothing was changed").format(path=location.path))


def busy() -> Busy:
    """Return what is told where somebody else holds what is to be written."""
    return Busy(_("Somebody else is writing to the company file just now; nothing was changed. Try again"))
