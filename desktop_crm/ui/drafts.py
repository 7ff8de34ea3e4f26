"""What was typed and not saved, kept on this computer: a crash or a power cut gives it back."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from desktop_crm.base.files import write_atomically
from desktop_crm.base.settings import drafts_folder

if TYPE_CHECKING:
    from pathlib import Path

Draft = dict[str, Any]
"""``fields`` by name, ``lines`` by line entity, ``version`` of the record it began from, ``at`` as ISO text."""


def draft_path(company: str, person: int, entity: str, key: int | None) -> Path:
    """Return where the draft of a record, or of a new one, is kept; `company` is the database's URL."""
    place = hashlib.sha256(company.encode()).hexdigest()[:12]
    return drafts_folder() / f"{place}.{person}.{entity}.{'new' if key is None else key}.json"


def keep_draft(path: Path, draft: Draft) -> None:
    """Write a draft, whole or not at all; raises OSError when the disk refuses."""
    write_atomically(path, json.dumps(draft, ensure_ascii=False).encode())


def read_draft(path: Path) -> Draft | None:
    """Return the draft kept at `path`, None where there is none that can be read."""
    try:
        draft = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return draft if isinstance(draft, dict) and isinstance(draft.get("fields"), dict) and isinstance(draft.get("lines"), dict) else None


def drop_draft(path: Path) -> None:
    """Remove a draft."""
    path.unlink(missing_ok=True)
