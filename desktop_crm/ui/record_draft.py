"""The draft of a record's page: the one there is from before, and what is being typed into a field in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.services.checking import is_empty
from desktop_crm.ui.drafts import Draft, Kept, drop_draft
from desktop_crm.ui.editing import edit_text
from desktop_crm.ui.editor_draft import DraftKeeper
from desktop_crm.ui.kit.widgets import Button

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from PySide6.QtCore import QObject

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.widgets import Banner
    from desktop_crm.ui.view_field import ViewField


class RecordDraft:
    """What a record's page knows of drafts. `earlier` is the one that was there; fields open in place are added to it.

    `fields` returns the page's fields, `values` the record as it was read.
    """

    def __init__(self, owner: QObject, desk: Desk, spec: EntitySpec, key: int | None, given: Mapping[str, Any], *,
                 fields: Callable[[], Iterable[ViewField]], values: Callable[[], Values]) -> None:
        self.owner, self.desk, self.spec = owner, desk, spec
        self._fields, self._values = fields, values
        self.earlier: Kept | None = None
        self.looking = True
        self.resuming = False
        self.keeper = DraftKeeper(desk, self, spec.name, key, given, title=lambda: spec.fields[spec.title].show(values().get(spec.title)), owner=owner)

    # ---- the one that was there

    def look(self, then: Callable[[], None]) -> None:
        """Find the draft there is, once, and go on."""
        if not self.looking:
            then()
            return

        def came(found: tuple[Kept | None, str]) -> None:
            kept, trouble = found
            if self.looking and not self.resuming:
                self.earlier = kept
            self.looking = False
            if trouble:
                self.desk.say(trouble, "warn")
            then()

        self.desk.operations.draft(self.owner, lambda: self.keeper.read_or_tell(any_given=True), came, failed=self.desk.fail)

    def offer(self, banner: Banner, resume: Callable[[], object], discard: Callable[[], object]) -> None:
        """Say that there is a draft, and let the user go on with it or throw it away."""
        if self.earlier is None or not self.desk.session.may_write(self.spec.name):
            banner.hide()
            return
        buttons = [Button(_("Go on with the draft"), "soft", size="small", name="action.restore_draft", on_click=resume),
                   Button(_("Discard"), "ghost", size="small", name="action.discard_draft", on_click=discard)]
        banner.show_text(_("There is a draft that was not saved, from {time}").format(time=self.earlier.at[:16].replace("T", " ")), "warn", actions=buttons, icon="history")
        banner.show()

    def take(self) -> Kept | None:
        """Hand over what there is to go on with: the earlier draft and what stands in open fields. They are closed."""
        kept = Kept(self.keeper.path if self.earlier is None else self.earlier.path, self.keeper.content()) if self.is_dirty() else None
        self.earlier = None
        self.keeper.stop()
        for field in list(self._typed()):
            field.close_editor()
        self.keeper.stop()
        return kept

    def discard(self) -> None:
        """Throw the earlier draft away."""
        kept, self.earlier = self.earlier, None
        if kept is not None:
            self.desk.operations.draft(self.desk, lambda: drop_draft(kept.path), lambda _done: None, failed=self.desk.fail)

    def look_again(self) -> None:
        """Find the draft anew with the next reading, once an editor was closed."""
        self.earlier, self.looking = None, True

    # ---- what is being typed

    def _typed(self) -> list[ViewField]:
        return [field for field in self._fields() if field.typed_text() is not None]

    def typing(self) -> bool:
        """Tell whether something is being typed into a field."""
        return bool(self._typed())

    def is_dirty(self) -> bool:
        """Tell whether there is anything to keep."""
        return self.earlier is not None or self.typing()

    def draft(self) -> Draft:
        """Return the earlier draft with what is being typed now."""
        values, spec = self._values(), self.spec
        earlier: Draft = self.earlier.draft if self.earlier is not None else {"fields": {}, "lines": {}, "version": values.get("version")}
        typed = {field.field.name: field.typed_text() for field in self._typed()}
        before = {name: edit_text(spec.fields[name], values.get(name)) for name in typed}
        whole = {field.name: edit_text(field, values.get(field.name)) for field in spec.typed_fields() if not field.rule and not is_empty(values.get(field.name))}
        return {"fields": {**earlier["fields"], **typed}, "base": {**before, **earlier.get("base", {})}, "whole": {**whole, **earlier.get("whole", {}), **typed},
                "version": earlier.get("version"), "lines": earlier["lines"]}
