"""Documents about to get their places as files, promised on this computer before that: a program that is killed before their entries in the log of prints are committed leaves its promise, which the next start keeps.

A promise is a small file in the data folder that its program keeps locked for as long as it lives. It names the entries and the files with their digests: settling writes the entries of those
files that came into their places and have none.
"""

from __future__ import annotations

import json
import logging
import uuid
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.digests import digest
from desktop_crm.base.scratch import sync_file
from desktop_crm.base.settings import data_folder
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.services import ends, print_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from desktop_crm.services.session import Session

log = logging.getLogger(__name__)


@contextmanager
def promised(session: Session, printed: Sequence[print_log.Printed], target: Path, places: Mapping[Path, Path]) -> Iterator[datetime]:
    """Promise that `printed` is noted as going to `target` once the files of `places`, by their parts, are there. Yield the time to note it with. Raises OSError.

    There is a file for each document, or one for all.
    """
    at = session.now
    folder = data_folder() / "prints"
    folder.mkdir(exist_ok=True)
    mark = folder / f"{digest(session.url)[:24]}-{uuid.uuid4().hex}.json"
    about = {
        "at": at.isoformat(), "owner": session.person.id, "target": str(target), "printed": [asdict(one) for one in printed],
        "files": [[str(place), _content(part)] for part, place in places.items()],
    }  # fmt: skip
    with mark.open("xb") as file:
        ends.lock(file)
        # A byte before what is read: Windows keeps others from reading what is locked.
        file.write(b" " + json.dumps(about).encode())
        file.flush()
        sync_file(mark)
        try:
            yield at
        finally:
            file.close()
            mark.unlink(missing_ok=True)


def settle(session: Session) -> int:
    """Write what programs promised that were killed on this computer; return how many entries were missing."""
    missing = 0
    for path in sorted((data_folder() / "prints").glob(f"{digest(session.url)[:24]}-*.json")):
        if ends.alive(path):
            continue
        about = _read(path)
        if about is not None:
            missing += _kept(session, about)
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return missing


def _kept(session: Session, about: Mapping[str, Any]) -> int:
    at, printed = datetime.fromisoformat(about["at"]), [print_log.Printed(**one) for one in about["printed"]]
    noted = Every((Where("printed_at", "eq", at), Where("owner", "eq", about["owner"]), Where("target", "eq", about["target"][: print_log.LONGEST])))
    if session.records.count(session.entity(print_log.ENTITY), noted):
        return 0
    there = [Path(place).is_file() and _content(Path(place)) == content for place, content in about["files"]]
    came = printed if there == [True] else [one for one, is_there in zip(printed, there, strict=False) if is_there]
    if came:
        print_log.note(session, came, print_log.PDF, about["target"], at=at, owner=about["owner"])
    return len(came)


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a promise says, None where its program was killed while it wrote it: nothing had its place yet."""
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError) as problem:
        log.info("A promise of prints can't be read: %s", problem)
        return None


def _content(path: Path) -> str:
    import hashlib  # with OpenSSL: 3 MB that a window that prints nothing needn't hold

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
