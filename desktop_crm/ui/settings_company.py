"""The card of the company's own profile: what printed documents say about us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Conflict, Invalid, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records
from desktop_crm.ui.editor_draft import DraftKeeper, offer_back
from desktop_crm.ui.form import Form
from desktop_crm.ui.kit.widgets import Banner, Button, Card, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.records import Saved
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft, Kept

ENTITY = "company"


class CompanyCard(Card):
    """A form over the one record of the profile; it is saved with its button, and when the page is left."""

    def __init__(self, desk: Desk) -> None:
        self.save_button = Button(_("Save"), "primary", size="small", name="settings.company.save", on_click=self.save)
        self.cancel = Button(_("Discard"), "ghost", size="small", name="settings.company.discard", on_click=self.discard)
        super().__init__(_("Company profile"), _("Stands on printed documents"), actions=(self.cancel, self.save_button))
        self.setObjectName("settings.company")
        self.desk = desk
        self.key: int | None = None
        self.problem = Banner(name="settings.company.problem")
        self.problem.hide()
        self.form = Form(desk, desk.session.spec(ENTITY), later=True)
        self.writes = desk.session.may_write(ENTITY)
        self.form.setEnabled(False)
        self.form.changed.connect(self._changed)
        self.body.addWidget(self.problem)
        self.body.addLayout(row((self.form, 1)))
        self._drafts: DraftKeeper | None = None

    def build(self) -> Iterator[None]:
        """Make the form in small steps, then read the profile."""
        yield from self.form.build()
        self._show_buttons()
        self.load()

    def load(self) -> None:
        """Read the profile; what was typed meanwhile is given up."""
        session = self.desk.session

        def work() -> Values | None:
            found = records.page(session, Query(ENTITY, columns=("id",)), limit=1)
            return records.get(session, ENTITY, found[0]["id"]) if found else None

        self.desk.operations.read(self, work, self._came, key="company", failed=self.desk.fail)

    def _came(self, values: Values | None) -> None:
        self.key = None if values is None else int(values["id"])
        self.form.set_values(values or records.new(self.desk.session, ENTITY))
        self.form.setEnabled(self.writes)
        self.problem.hide()
        self._show_buttons()
        if self._drafts is None and self.writes:
            self._drafts = DraftKeeper(self.desk, self, ENTITY, self.key, title=lambda: str(self.form.current().get("name") or ""), page="settings")
            self.desk.operations.draft(self, self._drafts.read_or_tell, self._restore, failed=self.desk.fail)

    def _restore(self, found: tuple[Kept | None, str]) -> None:
        """Bring back what was typed and not saved before."""
        kept, trouble = found
        if trouble:
            self.desk.say(trouble, "warn")
        if kept is None or self._drafts is None or self.form.dirty():
            return
        self._drafts.adopt(kept)
        self.form.set_values(self.form.began_from(kept.draft))
        self.form.restore(kept.draft["fields"])
        drop = Button(_("Discard"), size="small", name="settings.company.discard_draft", on_click=self.discard)
        self.problem.show_text(_("What you typed and did not save was brought back"), "info", actions=[drop])
        self.problem.show()

    def is_dirty(self) -> bool:
        """Tell whether anything was typed that isn't saved."""
        return self.form.dirty()

    def draft(self) -> Draft:
        """Return what was typed, as a draft keeps it."""
        return self.form.kept()

    def discard(self) -> None:
        """Give up what was typed; the message that says so brings it back."""
        if self._drafts is not None:
            if self.form.dirty():
                offer_back(self, self._drafts)
            self._drafts.drop()
            self._drafts = None
        self.load()

    def _changed(self, _field: str) -> None:
        self._show_buttons()
        if self._drafts is not None:
            self._drafts.touch()

    def _show_buttons(self) -> None:
        dirty = self.form.dirty()
        self.save_button.setVisible(self.writes)
        self.cancel.setVisible(self.writes and dirty)
        self.save_button.setEnabled(dirty)

    def save(self) -> None:
        """Save what was typed."""
        if not self.form.dirty() or self.form.problems():
            return
        self.save_button.set_busy(_("Saving…"))
        session, key, values, base = self.desk.session, self.key, self.form.current(), self.form.base()
        self.desk.write(self, lambda: records.save(session, ENTITY, values, key=key, base=base if key is not None else None), self._saved, failed=self._failed)

    def _saved(self, changes: Changes[Saved]) -> None:
        del changes
        self.save_button.set_busy(None)
        if self._drafts is not None:
            self._drafts.drop()
        self.load()

    def _failed(self, problem: BaseException) -> None:
        self.save_button.set_busy(None)
        if isinstance(problem, Invalid):
            self.form.mark(problem.problems)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        actions: list[Any] = []
        if isinstance(problem, Conflict):
            actions = [Button(_("Read anew"), size="small", name="settings.company.reload", on_click=self.load)]
        self.problem.show_text(problem.message, "danger", actions=actions)
        self.problem.show()

    def settle(self) -> bool:
        """Begin to save what was typed; tell whether the page may be left."""
        if not self.form.dirty():
            return True
        if self.form.problems():
            return False
        self.save()
        return True
