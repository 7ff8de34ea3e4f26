"""What a workbook is better used for than an import of one list: all its related lists at once, or bringing back what was exported for editing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import roundtrip
from desktop_crm.services.imports.company import company_book
from desktop_crm.services.imports.template_books import write_template
from desktop_crm.ui.files import ask_open, ask_save
from desktop_crm.ui.kit.widgets import Banner, Button
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QMenu, QWidget

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.domain.conditions import Query
    from desktop_crm.services.importing import Source
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk


def related_lists(session: Session, source: Source) -> list[str]:
    """Return the names of the sheets that are lists of several kinds of records; none where there is but one kind."""
    if len(source.workbook.sheets) < 2:  # noqa: PLR2004 - one sheet is one list
        return []
    try:
        parts = company_book(session, source.workbook).parts
    except UserError:
        return []
    return [part.source.sheet.name for part in parts] if len({part.spec.name for part in parts}) > 1 else []


class WorkbookOffer(Banner):
    """A strip above an import that offers the better way, where there is one."""

    def __init__(self, desk: Desk, place: str) -> None:
        super().__init__(name="import.offer")
        self.desk = desk
        self.place = place
        self.hide()

    def look(self, source: Source, password: str) -> None:
        """Offer what the workbook is better used for."""
        self.hide()
        path = source.workbook.path
        if roundtrip.is_for_editing(source.workbook):
            go = Button(_("Show the differences"), "secondary", size="small", name="import.bring_back", on_click=lambda: self.desk.show_page("bring_back", path=path, password=password))
            self.show_text(_("This list was exported for editing: bring it back, and only what was changed is taken over"), "info", actions=[go])
            self.show()
            return
        session = self.desk.session
        self.desk.operations.file(self, lambda _step: related_lists(session, source), partial(self._came, path, password), failed=self.desk.fail, waited_for=False)

    def _came(self, path: Path, password: str, names: Sequence[str]) -> None:
        if not names:
            return
        go = Button(_("Import all of them"), "secondary", size="small", name="import.whole",
                    on_click=lambda: self.desk.show_page("import_company", place=self.place, path=path, password=password))
        self.show_text(_("This workbook has several related lists: {names}").format(names=_(", ").join(names)), "info", actions=[go])
        self.show()


def save_template(widget: QWidget, desk: Desk, spec: EntitySpec | None) -> None:
    """Ask for a file and write a workbook to fill in, for an entity or, without one, for a whole company."""
    title = _("Workbook to fill in")
    name = _("{entity} to fill in").format(entity=spec.plural) if spec is not None else _("Whole company to fill in")
    path = ask_save(widget, title, f"{name}.xlsx", f"{_('Excel workbook')} (*.xlsx)")
    if path is None:
        return
    target = path if path.suffix.lower() == ".xlsx" else path.with_name(path.name + ".xlsx")
    session, entity = desk.session, spec.name if spec is not None else ""
    desk.operations.file(widget, lambda _step: write_template(session, target, entity), lambda _sheets: tell_file(widget, _("Workbook to fill in saved"), target), title=title, failed=desk.fail)


def save_for_editing(widget: QWidget, desk: Desk, spec: EntitySpec, query: Query, columns: Sequence[str]) -> None:
    """Ask for a file and write a list to it that can be edited and brought back."""
    title = _("Export for editing")
    path = ask_save(widget, title, f"{spec.plural}_{desk.session.today:%Y%m%d}_{_('for editing')}.xlsx", f"{_('Excel workbook')} (*.xlsx)")
    if path is None:
        return
    target = path if path.suffix.lower() == ".xlsx" else path.with_name(path.name + ".xlsx")
    session = desk.session
    desk.operations.file(
        widget, lambda step: roundtrip.export_for_editing(session, query, target, columns=columns, progress=step),
        lambda _count: tell_file(widget, _("Written for editing: change it in Excel or WPS and bring it back"), target), title=title, failed=desk.fail,
    )


def bring_back(widget: QWidget, desk: Desk) -> None:
    """Ask for a list that was edited, and show what was changed in it."""
    path = ask_open(widget, _("Bring back an edited list"), f"{_('Excel workbook')} (*.xlsx *.xlsm)")
    if path is not None:
        desk.show_page("bring_back", path=path)


def add_actions(menu: QMenu, widget: QWidget, desk: Desk, spec: EntitySpec, query: Query, columns: Sequence[str]) -> None:
    """Add to a list's menu what is done with whole workbooks."""
    if not desk.session.may_write(spec.name):
        return
    menu.addSeparator()
    menu.addAction(_("Export for editing…"), lambda: save_for_editing(widget, desk, spec, query, columns))
    menu.addAction(_("Bring back an edited list…"), lambda: bring_back(widget, desk))
    menu.addAction(_("Workbook to fill in…"), lambda: save_template(widget, desk, spec))
    menu.addAction(_("Import a whole workbook…"), lambda: desk.show_page("import_company", place=spec.name))
