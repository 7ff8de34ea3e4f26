"""What the start window does away from the window's thread: make, open and test companies. Each closes its connection at the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from desktop_crm.base import secrets
from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.settings import demo_company_path
from desktop_crm.services import archives, restoring
from desktop_crm.services.session import Session, connect, create_company, open_session
from desktop_crm.services.sign_in import SignInNeeded, sign_in_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.restoring import Prepared

    Step = Callable[[int, int], None]

DEFAULT_PORT = 3306
SUFFIX = ".sqlite3"
FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True)
class SignIn:
    """A company that asks who somebody is: the names to choose from, and why a password is asked for."""

    url: str
    server_password: str
    names: list[str]


@dataclass(frozen=True)
class Server:
    """A database on a server, as it was typed."""

    host: str
    port: str
    database: str
    user: str
    password: str
    remember: bool = False

    @property
    def url(self) -> str:
        """The URL without the password."""
        return f"mysql://{quote(self.user, safe='')}@{self.host}:{self.port or DEFAULT_PORT}/{self.database}"


def server_of(url: str) -> Server:
    """Return the parts of a server's URL, to be shown in the fields."""
    parts = urlsplit(url)
    account, _at, address = parts.netloc.rpartition("@")
    host, _colon, port = address.partition(":")
    return Server(host, port or str(DEFAULT_PORT), parts.path.strip("/"), unquote(account.partition(":")[0]), "")


def file_name(company: str) -> str:
    """Return a file name for a company that every system accepts."""
    name = "".join("_" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in company).strip(" .")
    return (name or "company") + SUFFIX


def company_title(url: str) -> tuple[str, str]:
    """Return what a company opened before is called in a list, and where it is."""
    if url.startswith("mysql"):
        server = server_of(url)
        return server.database, f"{server.host}:{server.port}"
    path = url.removeprefix("sqlite:///").partition("?")[0]
    name = path.replace("\\", "/").rpartition("/")[2]
    return name.removesuffix(SUFFIX), path


def parse_path(url: str) -> Path | None:
    """Return the company file of a URL that there is, None for a server or where nothing is."""
    path = None if url.startswith(("mysql", "mariadb")) else Path(url.removeprefix("sqlite:///").partition("?")[0])
    return path if path is not None and path.is_file() else None


def new_company(url: str, name: str, password: str, company: str, step: Step) -> Session:
    """Make an empty company file and open it; raises UserError, and Cancelled where `step` does: nothing is left of it then."""
    session = create_company(url, admin=name, password=password, company=company, step=step)
    session.close()
    return session


def sign_in(asked: SignIn, name: str, password: str | None) -> Session:
    """Open a company as the person who says so; raises UserError where that is wrong, SignInNeeded where a password is missing."""
    session = open_session(asked.url, name, password, server_password=asked.server_password)
    session.close()
    return session


def open_company(url: str, user: str | None = None, server_password: str = "") -> Session | SignIn:
    """Open a company, as `user` where one is named, or return what has to be asked first; raises UserError."""
    if url.startswith("mysql") and not server_password:
        server_password = secrets.get_password(url) or ""
    try:
        session = open_session(url, user, server_password=server_password)
    except SignInNeeded:
        store = connect(url, server_password=server_password)
        try:
            return SignIn(url, server_password, sign_in_names(store))
        finally:
            store.close()
    session.close()
    return session


def open_server(server: Server) -> tuple[Session | SignIn, bool]:
    """Open a company on a server; returns also whether its password could be remembered, if that was asked for. Raises UserError."""
    return open_company(server.url, server_password=server.password), _kept(server)


def new_on_server(server: Server, name: str, password: str, company: str, step: Step) -> tuple[Session, bool]:
    """Make a company in an empty database, which is made where it is missing; returns as `open_server` does.

    Raises CompanyThere where there is one, UserError, and Cancelled where `step` does: the server is as it was then.
    """
    session = create_company(server.url, admin=name, password=password, company=company, server_password=server.password, step=step)
    session.close()
    return session, _kept(server)


def _kept(server: Server) -> bool:
    return secrets.set_password(server.url, server.password) if server.remember else True


def test_server(server: Server) -> str:
    """Return what a server says to these words; raises UserError where it doesn't answer or holds no company."""
    store = connect(server.url, server_password=server.password)
    try:
        count = len(sign_in_names(store))
    finally:
        store.close()
    return _("The server answers, and {count} people use the company there").format(count=count)


def demo_company(step: Step) -> Session | SignIn:
    """Open the demo company as its administrator, making it at the first time; raises UserError, and Cancelled where `step` does."""
    from desktop_crm.services.demo import build_demo

    path = demo_company_path()
    if path.exists():
        return open_company(f"sqlite:///{path}")
    unfinished = path.with_name(f"unfinished-{path.name}")
    remove(unfinished)
    try:
        session = build_demo(f"sqlite:///{unfinished}", step=step)
        session.close()
        unfinished.replace(path)
    except OSError as problem:
        raise UserError(_("The demo company can't be written to {path}: {reason}").format(path=path, reason=disk_reason(problem))) from problem
    finally:
        remove(unfinished)
    return open_company(f"sqlite:///{path}", session.person.name)


def remove(path: Path) -> None:
    """Delete a company file and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def restore_company(backup: Path, url: str, *, password: str, server_password: str, step: Step) -> str:
    """Make the company in a backup anew at a free place and return its URL; raises UserError, WrongPassword, Cancelled."""
    archives.restore(backup, url, password=password, server_password=server_password, step=step)
    return url


def restore_instead(backup: Path, present: Path, *, password: str, step: Step) -> str:
    """Put the company in a backup in the place of a damaged file and return its URL; raises UserError, WrongPassword, Cancelled."""
    restoring.replace_by_backup(backup, present, password=password, step=step)
    return f"sqlite:///{present}"


def change_over(prepared: Prepared, url: str) -> str:
    """Give a restored company that waits beside the present one its place, and return the URL; raises UserError."""
    restoring.switch(prepared)
    return url
