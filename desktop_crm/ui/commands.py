"""What the palette offers beside records: every list and page, new records, imports, and the rarer ways."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.services.policy import may_merge
from desktop_crm.ui.pages import BOTTOM_PAGES, PAGES
from desktop_crm.ui.searching import Command

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk


def commands(desk: Desk) -> list[Command]:
    """Return what the palette offers beside records."""
    session = desk.session
    found = [Command(f"list.{spec.name}", spec.plural, spec.icon, partial(desk.show_list, spec.name)) for spec in session.catalog.values() if spec.group]
    found += [Command(f"page.{key}", _(info.label), info.icon, partial(desk.show_page, key)) for key, info in {**PAGES, **BOTTOM_PAGES}.items() if info.visible(session)]
    for spec in session.catalog.values():
        if spec.group and session.may_write(spec.name):
            found.append(Command(f"new.{spec.name}", _("New: {entity}").format(entity=spec.singular), "plus", partial(desk.new_record, spec.name)))
            found.append(Command(f"import.{spec.name}", _("Import: {entity}").format(entity=spec.plural), "import", partial(desk.show_page, "import", entity=spec.name)))
    found += [Command(f"duplicates.{spec.name}", _("Find duplicates: {entity}").format(entity=in_sentence(spec.plural)), "merge", partial(desk.show_page, "duplicates", entity=spec.name))
              for spec in session.catalog.values() if spec.group and may_merge(session, spec.name)]
    if any(spec.sheet is not None and session.may_write(spec.name) for spec in session.catalog.values()):
        found.append(Command("import_company", _("Import a whole workbook"), "import", partial(desk.show_page, "import_company")))
    found.append(Command("drafts", _("Unsaved drafts"), "history", partial(desk.show_page, "drafts")))
    found.append(Command("guide", _("User guide"), "circle-question-mark", partial(desk.show_page, "guide"), "F1"))
    return found
