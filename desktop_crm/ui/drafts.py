"""What was typed and not saved, kept on this computer: a crash or a power cut gives it back.

One file a form, for one person in one company, written whole and readable by nobody else. A file says by itself what it is about.
"""

from __future__ import annotations

import json
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.digests import digest
from desktop_crm.base.errors import UserError
from desktop_crm.base.files import write_atomically
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.settings import drafts_folder, drafts_place

if TYPE_CHECKING:
    from pathlib import Path

Draft = dict[str, Any]
"""``fields`` that were changed and what they were (``base``), by name; ``whole`` the form's fields all of them; ``lines`` by line
entity; ``version`` of the record it began from; ``at`` as ISO text; and ``entity``, ``key``, ``title``, ``given``, ``page``."""

NEW: Final = "new"
STALE_SECONDS: Final = 24 * 3600
PARTS: Final = 4
"""Of a draft's file name: company, person, entity, record."""


class DamagedDraft(UserError):
    """A draft that can't be read; its file is kept aside."""

    def __init__(self, path: Path) -> None:
        super().__init__(_("A draft could not be read. Its file was kept aside as {path}; what was typed may still be found in it").format(path=path))
        self.path = path


@dataclass(frozen=True)
class Kept:
    """A draft on this computer and where it is."""

    path: Path
    draft: Draft

    @property
    def entity(self) -> str:
        """The entity of the record it is about."""
        return str(self.draft.get("entity") or self.path.name.split(".")[2])

    @property
    def key(self) -> int | None:
        """The record it is about, None for one that was never saved."""
        last = self.path.stem.rsplit(".", 1)[-1]
        return int(last) if last.isdigit() else None

    @property
    def title(self) -> str:
        """What the record was called when it was typed."""
        return str(self.draft.get("title") or "")

    @property
    def at(self) -> str:
        """When it was last kept: ISO text, which sorts."""
        return str(self.draft.get("at") or "")

    @property
    def page(self) -> str:
        """The page that brings it back, where that isn't the record's own."""
        return str(self.draft.get("page") or "")

    @property
    def given(self) -> dict[str, Any]:
        """What the form was opened with, links as [id, title]."""
        given = self.draft.get("given")
        return given if isinstance(given, dict) else {}

    def as_new(self) -> Kept:
        """Return it as the draft of a new record with everything the form held, for one that was deleted meanwhile."""
        draft = {**self.draft, "fields": {**self.draft.get("whole", {}), **self.draft["fields"]}, "base": {}, "version": None, "key": None, "given": {}, "page": ""}
        lines = {name: [{**one, "id": None} for one in rows] for name, rows in self.draft["lines"].items() if isinstance(rows, list)}
        company, person, entity, _key = self.path.stem.split(".", PARTS - 1)
        path = self.path.with_name(f"{company}.{person}.{entity}.{NEW}-{new_slot()}.json")
        return replace(self, path=path, draft={**draft, "lines": lines})


def new_slot() -> str:
    """Return what tells the draft of one new record from those of others."""
    return uuid.uuid4().hex[:12]


def prefix(company: str, person: int) -> str:
    """Return how the names of a person's drafts in a company begin; `company` is the database's URL."""
    return f"{digest(company)[:12]}.{person}."


def draft_path(company: str, person: int, entity: str, key: int | None) -> Path:
    """Return where the draft of a record is kept; each new one has a place of its own."""
    name = f"{NEW}-{new_slot()}" if key is None else str(key)
    return drafts_place() / f"{prefix(company, person)}{entity}.{name}.json"


def keep_draft(path: Path, draft: Draft) -> None:
    """Write a draft, whole or not at all; raises OSError when the disk refuses."""
    drafts_folder()
    write_atomically(path, json.dumps(draft, ensure_ascii=False).encode())


def read_draft(path: Path) -> Draft | None:
    """Return the draft kept at `path`, None where there is none; one that can't be read is kept aside and raises DamagedDraft."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        draft = json.loads(content.decode())
    except ValueError:
        draft = None
    if isinstance(draft, dict) and isinstance(draft.get("fields"), dict) and isinstance(draft.get("lines"), dict):
        return draft
    aside = path.with_name(f"{path.name}.{new_slot()}.damaged")
    path.replace(aside)
    raise DamagedDraft(aside)


def drop_draft(path: Path) -> None:
    """Remove a draft."""
    path.unlink(missing_ok=True)


def kept_drafts(company: str, person: int, *, entity: str = "", new: bool = False) -> tuple[list[Kept], list[DamagedDraft]]:
    """Return a person's drafts in a company, the latest first, and those that can't be read and were kept aside.

    With `entity` only those of it, with `new` only those of records that were never saved.
    """
    found: list[Kept] = []
    damaged: list[DamagedDraft] = []
    begin = prefix(company, person) + (f"{entity}." if entity else "") + (NEW if entity and new else "")
    for path in sorted(drafts_folder().glob(f"{begin}*.json")):
        try:
            draft = read_draft(path)
        except DamagedDraft as problem:
            damaged.append(problem)
            continue
        if draft is not None:
            found.append(Kept(path, draft))
    _sweep(begin)
    return sorted(found, key=lambda one: one.at, reverse=True), damaged


def _sweep(begin: str) -> None:
    """Remove halves of files that a kill left behind long ago."""
    for path in drafts_folder().glob(f".{begin}*"):
        with suppress(FileNotFoundError):  # a draft that is being written right now became whole
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
