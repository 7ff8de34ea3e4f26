"""Backup, restore and moving a company to another place: always every row, every change and every password, proven by comparing.

A backup is a company file of its own, whichever database the company is on: it can be opened as it is.
"""

from __future__ import annotations

import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.models import transfer
from desktop_crm.models.database import Store, parse_url, server_reachable
from desktop_crm.services import sign_in
from desktop_crm.services.records import silent
from desktop_crm.services.session import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]


def backup(session: Session, path: Path, *, step: Step = silent) -> Path:
    """Write the whole company to the file `path`, proven sound, and return it; an older file there is replaced at the very end.

    Raises NotAllowed for anybody but an administrator, UserError where it can't be written; an older file is kept then.
    """
    _require_admin(session)
    target = path.expanduser().absolute()
    if session.store.location.path == target.resolve():
        raise UserError(_("The backup can't be written over the company file itself"))
    _write_file(session.store, target, step)
    return target


def restore(path: Path, url: str, *, server_password: str = "", step: Step = silent) -> None:
    """Make the company in the backup `path` anew at `url`, where nothing may be yet; an older backup is brought up to this program.

    Raises UserError where `path` is no company, or `url` is taken; nothing is changed then.
    """
    if not path.is_file():
        raise UserError(_("There is no file {path}").format(path=path))
    location = parse_url(url)
    if location.path is not None:
        if location.path.exists():
            raise UserError(_("{path} is there already. Restore to another name, or move it away first").format(path=location.path))
        source = Store(parse_url(str(path)))
        with closing(source):
            source.connect()
            _write_file(source, location.path, step)
        try:
            connect(url).close()
        except UserError:
            location.path.unlink(missing_ok=True)
            raise
        return
    scratch = path.with_name(f".~{uuid.uuid4().hex}{path.suffix}")
    try:
        with closing(Store(parse_url(str(path)))) as original:
            _write_file(original, scratch, silent)
        with closing(connect(str(scratch))) as source:
            _to_database(source, url, server_password, step)
    finally:
        _discard(scratch)


def move(session: Session, url: str, *, server_password: str = "", step: Step = silent) -> None:
    """Copy the company to `url`, an empty place on any engine; the old one stays as it is. Raises NotAllowed, UserError."""
    _require_admin(session)
    location = parse_url(url)
    if location.path is None:
        _to_database(session.store, url, server_password, step)
    elif location.path.exists():
        raise UserError(_("{path} is there already. Restore to another name, or move it away first").format(path=location.path))
    else:
        _write_file(session.store, location.path, step)


def _require_admin(session: Session) -> None:
    if session.person.role != "admin":
        raise NotAllowed(_("Only an administrator may copy the whole company"))


def _to_database(source: Store, url: str, server_password: str, step: Step) -> None:
    location = parse_url(url)
    if location.kind == "mysql":
        server_reachable(location, server_password or location.password)
    with closing(Store(location, server_password)) as target:
        transfer.copy_company(source, target, step)
        sign_in.rebuild_visibility(target)


def _write_file(source: Store, target: Path, step: Step) -> None:
    """Write a company file beside `target` and put it in its place when it is complete and proven."""
    if not target.parent.is_dir():
        raise UserError(_("The folder {path} doesn't exist").format(path=target.parent))
    if target.is_dir():
        raise UserError(_("{path} is a folder, not a company file").format(path=target))
    part = target.with_name(f".~{uuid.uuid4().hex}{target.suffix}")
    try:
        if source.mysql:
            _to_database(source, str(part), "", step)
        else:
            transfer.copy_file(source, part)
        part.replace(target)
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=target, reason=problem.strerror)) from problem
    finally:
        _discard(part)


def _discard(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
