"""The published versions of a template: when, by whom, looking at one and going back to it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from desktop_crm.base.i18n import _
from desktop_crm.base.resources import resource
from desktop_crm.printing import store
from desktop_crm.ui.kit.dialogs import Dialog
from desktop_crm.ui.kit.widgets import Button, EmptyState, Label, Pill, Skeleton, box, clear, column, row

if TYPE_CHECKING:
    from desktop_crm.printing.store import Stored, Version
    from desktop_crm.services.session import Session
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.designer.page import DesignerPage


def published_body(session: Session, held: Stored) -> Doc:
    """Return what prints now: the published version, else the shipped template, else nothing."""
    if held.number:
        return store.version_body(session, held.name, held.number)
    if held.shipped:
        found: Doc = json.loads(resource(f"templates/{held.name}.json").read_text("utf-8"))
        return found
    return store.draft(session, held.name)


class VersionsDialog(Dialog):
    """The versions, the latest first."""

    def __init__(self, page: DesignerPage) -> None:
        super().__init__(page, _("Versions"), _("Every published version is kept. Taking one over makes it the draft; it prints again once it is published"), name="designer.versions")
        self.page = page
        self.listed = column(gap=8)
        self.listed.addWidget(Skeleton(3))
        self.add(self.listed)
        self.add_button(Button(_("Close"), name="designer.versions.done", on_click=self.reject), safe=True)
        session, held = page.desk.session, page.keeping.held
        if held is not None:
            page.desk.operations.read(self, lambda: store.versions(session, held.name), self._came, key="versions", failed=page.desk.fail)

    def _came(self, found: list[Version]) -> None:
        clear(self.listed)
        held = self.page.keeping.held
        for version in found:
            when = f"{version.at.astimezone():%Y-%m-%d %H:%M}" if version.at else ""
            words = column(row(Label(_("Version {number}").format(number=version.number), "body", bold=True), *([Pill(_("prints now"), "success")] if held and held.number == version.number else []), None),
                           Label(" · ".join(part for part in (when, version.publisher, version.remark) if part), "small", "text2"), gap=2)
            take = Button(_("Go back to it"), "secondary", size="small", name=f"designer.version.{version.number}", on_click=partial(self.take, version.number))
            self.listed.addWidget(box(row((words, 1), take, margins=(12, 8, 12, 8)), "inset"))
        if not found:
            self.listed.addWidget(EmptyState("history", _("Nothing published yet"), _("The first version is made by publishing")))
        QTimer.singleShot(0, self, self.refit)

    def take(self, number: int) -> None:
        """Go on with a version, as one step that can be undone."""
        page, session, held = self.page, self.page.desk.session, self.page.keeping.held
        if held is not None:
            page.desk.operations.read(page, lambda: store.version_body(session, held.name, number),
                                      lambda doc: page.take_over(doc, _("Version {number}").format(number=number)), key="version", failed=page.desk.fail)
        self.accept()
