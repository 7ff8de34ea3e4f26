"""Verbs about copies of the whole company: backup, restore and move."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.plans import load_plan
from desktop_crm.cli.answers import Answer, Percent, Usage, first_line, table
from desktop_crm.models.location import parse_url
from desktop_crm.services import archives, backups, restoring
from desktop_crm.services.backup_record import load_record

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from datetime import datetime

    from desktop_crm.services.archives import Manifest
    from desktop_crm.services.session import Session

    Passwords = Callable[[str], str]

BACKUP_PASSWORD: Final = "DESKTOP_CRM_BACKUP_PASSWORD"  # noqa: S105 - the name of a variable


def _password(options: Namespace) -> str:
    """Return the password that seals or opens a backup; empty where none is given."""
    return first_line(options.password_from) if options.password_from else os.environ.get(BACKUP_PASSWORD, "")


def _shown(instant: datetime) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def backup(session: Session, options: Namespace) -> Answer:
    """Write the whole company to a file; without one by the plan of this computer, if anything changed since the last time."""
    if options.list:
        return _listed(session)
    if not options.file:
        return _by_plan(session, _password(options))
    path = Path(options.file).expanduser().absolute()
    manifest = archives.backup_to(session, path, password=_password(options), step=Percent())
    data = {"file": str(path), "bytes": path.stat().st_size, **_held(manifest)}
    return Answer(data, [_("The backup is in {path}").format(path=path)])


def _by_plan(session: Session, password: str) -> Answer:
    url = session.url
    plan, record = load_plan(url), load_record(url)
    unchanged = record.last if not backups.changed(session, record) and record.last is not None and record.last.path.is_file() else None
    if unchanged is None:
        made, line = backups.run_backup(session, plan, password=password or None, step=Percent()), _("The backup is in {path}")
    else:
        backups.copy_to_second(url, plan, session.now)
        made, line = unchanged, _("Nothing was changed since the backup {path}")
    data: dict[str, Any] = {"file": str(made.path), "bytes": made.size, "made_at": made.at, "new": unchanged is None}
    lines, owed = [line.format(path=made.path)], load_record(url).second_failure
    if owed is not None:
        data["second_folder"] = owed.message
        lines.append(owed.message)
    return Answer(data, lines, refused=owed is not None)


def _listed(session: Session) -> Answer:
    found = backups.list_backups(load_plan(session.url), session.url)
    rows = [
        {"file": str(entry.path), "at": entry.at, "bytes": entry.size, "proven": entry.made is not None, "protected": entry.protected, "second": entry.second}
        for entry in found
    ]
    yes, no = _("Yes"), _("No")
    lines = table(
        [_("Made"), _("Size in bytes"), _("Proven here"), _("Password"), _("File")],
        [[_shown(entry.at), str(entry.size), yes if entry.made else no, yes if entry.protected else no, str(entry.path)] for entry in found],
    )
    return Answer({"count": len(rows), "rows": rows}, lines)


def _held(manifest: Manifest) -> dict[str, Any]:
    """Return what an archive holds, for programs."""
    last = manifest.last_change
    return {
        "company": manifest.company, "made_at": manifest.made_at, "version": manifest.version, "rows": manifest.rows,
        "records": {content.entity: content.records for content in archives.contents(manifest)},
        "last_change": None if last is None else {"id": last.id, "at": last.at, "user": last.user, "label": last.label},
    }


def show(options: Namespace) -> Answer:
    """Say what a backup holds."""
    manifest = archives.read_manifest(Path(options.file).expanduser(), _password(options))
    lines = [_("{company}, backed up {at}").format(company=manifest.company, at=_shown(manifest.made_at))]
    if manifest.last_change is not None:
        last = manifest.last_change
        lines.append(_("Last change: {label} ({user}, {at})").format(label=last.label, user=last.user, at=_shown(last.at)))
    lines += [
        "\t".join([content.label, str(content.records), *(f"{label} {total}" for label, total in content.sums.items())])
        for content in archives.contents(manifest)
    ]
    return Answer(_held(manifest), lines)


def restore(url: str, options: Namespace, passwords: Passwords, sign_in: Callable[[], Session]) -> Answer:
    """Make a company from a backup; with ``--replace`` in the place of the one that is there."""
    file, password = Path(options.file).expanduser(), _password(options)
    if not options.replace:
        manifest = archives.restore(file, url, password=password, server_password=passwords(url), step=Percent())
        return Answer({"db": url, **_held(manifest)}, [_("The company is back at {db}").format(db=url)])
    present = parse_url(url).path
    if present is None:
        raise Usage(_("A company on a server is restored to a new database. Name one, and open it afterwards"))
    if not present.is_file():
        raise UserError(_("There is no company file {path}. Restore without --replace").format(path=present))
    if restoring.is_damaged(present):
        aside = restoring.replace_by_backup(file, present, password=password, step=Percent())
        return _replaced(url, aside, None)
    with contextlib.closing(sign_in()) as session:
        prepared = restoring.prepare_restore(session, file, load_plan(session.url), password=password, step=Percent())
    try:
        aside = restoring.switch(prepared)
    except BaseException:
        restoring.discard(prepared)
        raise
    return _replaced(url, aside, prepared.backup.path)


def _replaced(url: str, aside: Path, kept: Path | None) -> Answer:
    data = {"db": url, "before": str(aside), "backup": None if kept is None else str(kept)}
    return Answer(data, [_("The company is back at {db}").format(db=url), _("What was there before is kept as {path}").format(path=aside)])


def move(session: Session, options: Namespace, passwords: Passwords) -> Answer:
    """Copy the company to another place or server."""
    manifest = archives.move(session, options.target, server_password=passwords(options.target), step=Percent())
    data = {"from": session.url, "to": options.target, **_held(manifest)}
    return Answer(data, [_("The company is now at {db} too. Use that one from now on").format(db=options.target)])
