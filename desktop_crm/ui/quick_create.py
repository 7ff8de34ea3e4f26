"""Adding a record to link to without leaving the form: its first fields in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop_crm.base.errors import Invalid, UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref
from desktop_crm.services import records
from desktop_crm.ui.editor_draft import DraftKeeper, offer_back
from desktop_crm.ui.form import Form
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Button, Label
from desktop_crm.ui.saving import Saver

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft


class QuickCreate(Dialog):
    """A new record's first fields. Signal: `made(Ref)` once it is saved."""

    made = Signal(object)

    def __init__(self, parent: QWidget, desk: Desk, spec: EntitySpec, given: Values) -> None:
        super().__init__(parent, _("New {entity}").format(entity=in_sentence(spec.singular)), width=560, name="quick_create")
        self.desk, self.spec = desk, spec
        self.form = Form(desk, spec, sections=spec.form[:1], create=False)
        self.add(self.form)
        self.problem = Label("", "small", "danger", wrap=True)
        self.problem.hide()
        self.add(self.problem)
        self.add_button(Button(_("Cancel"), name="quick_create.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Add"), "primary", name="quick_create.accept", on_click=self.save))
        self.accept_button.setDefault(True)
        self.saver = Saver(self, desk, spec, saved=self._saved, refused=self._refused)
        self._over = False
        self.drafts = DraftKeeper(desk, self, spec.name, None, given, title=self._called)
        self.form.changed.connect(lambda _field: self.drafts.touch())
        desk.operations.read(self, lambda: started(desk, spec, given), self._start, key="new", failed=desk.fail)

    def _start(self, values: Values) -> None:
        self.form.set_values(values)
        self.form.go_to(self.spec.title) or self.form.go_to(next(iter(self.form.editors)))
        self.refit()

    def is_dirty(self) -> bool:
        """Tell whether anything was typed and is still to be kept."""
        return not self._over and self.form.dirty()

    def draft(self) -> Draft:
        """Return what was typed, as a draft keeps it."""
        return self.form.kept()

    def _called(self) -> str:
        return self.spec.fields[self.spec.title].show(self.form.current().get(self.spec.title))

    def reject(self) -> None:
        """Close without adding; the message that says so brings what was typed back."""
        if self.is_dirty():
            offer_back(self.parentWidget() or self, self.drafts)
        self._end()
        super().reject()

    def _end(self) -> None:
        self._over = True
        self.drafts.drop()

    def save(self) -> None:
        """Add the record."""
        if self.form.problems():
            return
        self.accept_button.set_busy(_("Saving…"))
        self.saver.save(self.form.current(), key=None, base=None)

    def _saved(self, key: int) -> None:
        self._end()
        self.made.emit(Ref(key, self._called() or self.spec.singular))
        self.accept()

    def _refused(self, problem: UserError) -> None:
        self.accept_button.set_busy(None)
        if isinstance(problem, Invalid):
            self.form.mark(problem.problems)
        self.problem.setText(problem.message)
        self.problem.show()
        self.refit()


def started(desk: Desk, spec: EntitySpec, given: dict[str, Any]) -> Values:
    """Return what a new record begins with, links with their titles. It reads the database."""
    values = records.new(desk.session, spec.name, **given)
    links = [field.name for field in spec.fields.values() if field.link and not isinstance(values.get(field.name), Ref)]
    full = {**dict.fromkeys(links), **values}
    return records.with_titles(desk.session, spec, [full], links)[0]
