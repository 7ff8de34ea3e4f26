"""Taking a picture from a file into a template: checked, and no larger than paper needs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.printing.pictures import checked_picture
from desktop_crm.ui.files import ask_open

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.desk import Desk

MOST: Final = 3_000_000


def read_picture(path: Path) -> str:
    """Return a picture file as Base64; raises UserError where it is none, or too large."""
    try:
        if path.stat().st_size > MOST:
            raise UserError(_("“{file}” is larger than {count} MB. Take a smaller picture").format(file=path.name, count=MOST // 1_000_000))
        data = path.read_bytes()
    except OSError as problem:
        raise UserError(_("“{file}” can't be read: {reason}").format(file=path.name, reason=disk_reason(problem))) from problem
    checked_picture(data)
    return base64.b64encode(data).decode()


def ask_picture(parent: QWidget, desk: Desk, then: Callable[[str], None]) -> None:
    """Ask for a picture file and hand it over as Base64."""
    path = ask_open(parent, _("Choose a picture"), f"{_('Pictures')} (*.png *.jpg *.jpeg)")
    if path is not None:
        desk.operations.look(parent, lambda _step: read_picture(path), then, failed=desk.fail)
