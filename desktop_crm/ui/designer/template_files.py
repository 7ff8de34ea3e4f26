"""Templates to and from files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason, write_atomically
from desktop_crm.base.i18n import _
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.desk import Desk


def write_document(doc: Doc, path: Path) -> None:
    """Write a template as a file; raises UserError where the disk refuses."""
    try:
        write_atomically(path, (json.dumps(doc, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as problem:
        raise UserError(_("“{file}” can't be written: {reason}. Close it if it is open elsewhere, or choose another place.").format(file=path, reason=disk_reason(problem))) from problem


def filters() -> str:
    """Return the kinds of files a template is in, as Qt's dialogs take them."""
    return f"{_('Template')} (*.json)"


def export_document(parent: QWidget, desk: Desk, doc: Doc) -> None:
    """Ask for a file and write a template to it."""
    path = ask_save(parent, _("Export the template"), f"{doc.get('label') or 'template'}.json", filters())
    if path is not None:
        target = path if path.suffix.lower() == ".json" else path.with_name(path.name + ".json")
        desk.operations.file(parent, lambda _step: write_document(doc, target), lambda _none: tell_file(parent, _("Template exported"), target), title=_("Export"), failed=desk.fail)
