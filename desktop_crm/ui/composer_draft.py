"""The draft of a follow-up that is being written beside a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_crm.ui import follow_ups
from desktop_crm.ui.editing import edit_text
from desktop_crm.ui.editor_draft import DraftKeeper

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft, Kept
    from desktop_crm.ui.kit.timeline import Composer


class ComposerDraft(QObject):
    """Keeps what is written in the composer of one record as the draft of a new follow-up, and brings it back with the record."""

    def __init__(self, desk: Desk, spec: EntitySpec, record: Values, composer: Composer) -> None:
        super().__init__(composer)
        self.desk, self.composer = desk, composer
        self._catalog = desk.session.catalog
        self._links = follow_ups.concerns(self._catalog, spec, record)
        self.keeper = DraftKeeper(desk, self, follow_ups.ENTITY, None, self._links, title=self._text)
        composer.text.changed.connect(self.keeper.touch)
        if self.is_dirty():  # the composer is there a moment before its record, and somebody was quick
            self.keeper.touch()
        desk.operations.draft(self, self.keeper.read_or_tell, self._found, failed=desk.fail)

    def _text(self) -> str:
        return str(self.composer.text.value()).strip()

    def is_dirty(self) -> bool:
        """Tell whether anything is written."""
        return bool(self._text())

    def draft(self) -> Draft:
        """Return the follow-up as the draft of a new one."""
        spec = self._catalog[follow_ups.ENTITY]
        values: Values = {**self._links, "kind": self.composer.kind(), "content": self._text()}
        fields = {name: edit_text(spec.fields[name], value) for name, value in values.items() if name in spec.fields}
        return {"fields": fields, "base": {}, "whole": fields, "version": None, "lines": {}}

    def _found(self, found: tuple[Kept | None, str]) -> None:
        kept, trouble = found
        if trouble:
            self.desk.say(trouble, "warn")
        if kept is None or self.is_dirty():
            return
        self.keeper.adopt(kept)
        fields = kept.draft["fields"]
        kind = next((key for key, _label, _icon in follow_ups.composer_kinds(self._catalog) if self._shown(key) == fields.get("kind")), "")
        if kind:
            self.composer.set_kind(kind)
        self.composer.text.set_value(str(fields.get("content") or ""))
        self.composer.check()

    def _shown(self, kind: str) -> str:
        field = self._catalog[follow_ups.ENTITY].fields["kind"]
        return str(edit_text(field, kind))

    def done(self) -> None:
        """Drop the draft once the follow-up is written."""
        self.keeper.drop()
