"""Documents written to files together with their entries in the log of prints: a file that is there has its entry, one that isn't has none.

Files get their places before the entries are committed. Who is killed in between has promised the entries, and the next start writes them (`services/print_promises.py`).
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.scratch import in_their_places, part_beside
from desktop_crm.services import print_log, print_promises
from desktop_crm.services.session import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from desktop_crm.printing.batch import Outcome
    from desktop_crm.services.session import Session

    Make = Callable[[Path], Outcome]


def keep_file(session: Session, target: Path, make: Make) -> tuple[Outcome, Changes[int]]:
    """Have `make` write a PDF, put it at `target` and note it, all of it or nothing; an older file stays until then. Raises UserError and what `make` raises."""
    with _told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _told(target), part_beside(target) as part:
        outcome = make(part)
        outcome.files = [target]
        return outcome, _given(session, outcome, target, {part: target})


def keep_folder(session: Session, folder: Path, make: Make) -> tuple[Outcome, Changes[int]]:
    """Have `make` write a PDF for each document, put them into `folder` and note them, all of them or nothing.

    Where `make` was stopped on the way, what it had written by then is kept and noted, which nobody stops any more. Raises UserError and what `make` raises.
    """
    with _told(folder), ExitStack() as stack:
        if not folder.is_dir():
            # Emptied of the part again, it goes as well where nothing came into it.
            stack.callback(_remove_empty, folder)
        with part_beside(folder / "pdf") as part:
            outcome = make(part)
            places = {file: folder / file.name for file in outcome.files}
            outcome.files = [*places.values()]
            if not outcome.stopped:
                return outcome, _given(session, outcome, folder, places)
            with session.store.watched(lambda: None):
                return outcome, _given(session, outcome, folder, places)


def _given(session: Session, outcome: Outcome, target: Path, places: Mapping[Path, Path]) -> Changes[int]:
    """Give files their places and note them."""
    with print_promises.promised(session, outcome.printed, target, places) as at, in_their_places(places):
        return print_log.note(session, outcome.printed, print_log.PDF, str(target), at=at) if outcome.printed else Changes(0, None, "")


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UserError(
            _("“{file}” can't be written: {reason}. Close it if it is open elsewhere, or choose another place.").format(file=target, reason=disk_reason(problem))
        ) from problem
