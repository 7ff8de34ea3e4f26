"""Where a company's data is, and the URL that says so.

A URL is a path or ``sqlite:///path`` (a local file), ``sqlite:///path?shared=1`` (a file on a network folder) or
``mysql://user@host[,host2]/name``. The password is passed beside it and never stands in a URL that is kept.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass


@dataclass(frozen=True)
class Location:
    """Where a company's data is: `kind` is ``sqlite`` or ``mysql``."""

    kind: str
    path: Path | None = None
    shared: bool = False
    hosts: tuple[str, ...] = ()
    port: int = 3306
    user: str = ""
    password: str = ""
    name: str = ""

    @property
    def url(self) -> str:
        """The URL without a password."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.path}" + ("?shared=1" if self.shared else "")
        return f"mysql://{self.user}@{','.join(self.hosts)}:{self.port}/{self.name}"


def parse_url(url: str) -> Location:
    """Read a database URL; raises UserError where it is none."""
    if url.startswith(("mysql://", "mariadb://")):
        parts = urlsplit(url)
        credentials, _at, address = parts.netloc.rpartition("@")
        user, _colon, password = credentials.partition(":")
        names, _colon, port = address.partition(":")
        name = parts.path.strip("/")
        if not names or not name or (port and not port.isdigit()):
            raise UserError(_("“{url}” is no server address; write it like mysql://user@server/database").format(url=f"{parts.scheme}://{names}/{name}"))
        return Location("mysql", hosts=tuple(names.split(",")), port=int(port or 3306), user=unquote(user or "root"), password=unquote(password), name=name)
    shared = False
    if url.startswith("sqlite:///"):
        text, _mark, query = url.removeprefix("sqlite:///").partition("?")
        shared = parse_qs(query).get("shared") == ["1"]
        url = text
    elif "://" in url:
        raise UserError(_("“{url}” is no database this program knows").format(url=url.split("://")[0]))
    return Location("sqlite", path=Path(url).expanduser().resolve(), shared=shared)
