"""Offering drafts back: at the start of the window, and going on with one wherever it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain.catalog import Ref
from desktop_crm.ui.drafts import Kept, kept_drafts
from desktop_crm.ui.extras import EDITORS, load_special
from desktop_crm.ui.kit.widgets import Banner, Button
from desktop_crm.ui.pages import make_new, make_page, make_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Catalog
    from desktop_crm.ui.desk import Desk, Page
    from desktop_crm.ui.drafts import DamagedDraft

TOPIC: Final = "drafts"
"""The strip's topic, and the page that shows them."""
NAMED: Final = 3


def draft_title(catalog: Catalog, kept: Kept) -> str:
    """Return what a draft is of: the record by its name, or a new one."""
    spec = catalog[kept.entity]
    if kept.key is None:
        return _("New: {entity}").format(entity=f"{spec.singular} {kept.title}".strip())
    return f"{spec.singular} {kept.title}".strip()


def draft_page(desk: Desk, kept: Kept) -> tuple[str, Callable[[], Page]]:
    """Return the key of the page that a draft belongs to, and what makes it."""
    entity, key = kept.entity, kept.key
    if kept.page:
        return kept.page, lambda: make_page(desk, kept.page, {})
    if key is None:
        given: dict[str, Any] = {name: Ref(int(value[0]), str(value[1])) if value[1] else int(value[0]) for name, value in kept.given.items()}
        return f"new.{entity}.{kept.path.stem}", lambda: make_new(desk, entity, given)
    load_special()
    if entity in EDITORS:
        return f"edit.{entity}.{key}", lambda: make_page(desk, "edit", {"entity": entity, "key": key})
    return f"record.{entity}.{key}", lambda: make_record(desk, entity, key, ())


class DraftOffer(QObject):
    """Looks once for drafts from before and offers them in a strip over every page, until the user has looked or puts it off."""

    def __init__(self, desk: Desk, set_strip: Callable[[str, QWidget | None], None]) -> None:
        super().__init__(desk)
        self.desk, self._set_strip = desk, set_strip
        url, person = desk.session.url, desk.session.person.id
        desk.page_wanted.connect(lambda key, _parameters: self.put_off() if key == TOPIC else None)
        desk.operations.draft(self, lambda: kept_drafts(url, person), self._found, failed=desk.fail)

    def _found(self, found: tuple[list[Kept], list[DamagedDraft]]) -> None:
        kept, damaged = found
        for problem in damaged:
            self.desk.said.emit(problem.message, None, "danger", "")
        catalog = self.desk.session.catalog
        kept = [one for one in kept if one.entity in catalog]
        if not kept:
            return
        text = ngettext("{count} draft was not saved", "{count} drafts were not saved", len(kept)).format(count=len(kept))
        names = _(", ").join(draft_title(catalog, one) for one in kept[:NAMED]) + (_(" and {count} more").format(count=len(kept) - NAMED) if len(kept) > NAMED else "")
        buttons = [Button(_("Look at them"), "soft", size="small", name="strip.drafts.show", on_click=self._show),
                   Button(_("Later"), "ghost", size="small", name="strip.drafts.later", on_click=self.put_off)]
        self._set_strip(TOPIC, Banner(text, "warn", detail=names, actions=buttons, icon="history", name="strip.drafts"))

    def _show(self) -> None:
        self.desk.show_page(TOPIC)

    def put_off(self) -> None:
        """Take the strip away; the drafts stay where they are."""
        self._set_strip(TOPIC, None)
