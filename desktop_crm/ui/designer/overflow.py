"""The check of all recent documents: which of them don't fit the template as it is designed now, and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.ui.designer.documents import RECENT, recent, title_of, values_of
from desktop_crm.ui.kit.dialogs import Dialog
from desktop_crm.ui.kit.fields import Choice
from desktop_crm.ui.kit.widgets import Button, IconLabel, Label, ProgressBar, box, clear, column, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.services.session import Session
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.designer.page import DesignerPage
    from desktop_crm.ui.operations import Job

SHOWN: Final = 40


@dataclass(frozen=True)
class Checked:
    """One document that doesn't fit: what it is called and what is wrong."""

    key: int
    title: str
    problems: tuple[TemplateProblem, ...]


def check_recent(session: Session, prints: str, name: str, doc: Doc, step: Callable[[int, int], None], count: int = RECENT) -> tuple[int, list[Checked]]:
    """Lay the latest documents out and return how many they were and those with problems; raises what `step` raises."""
    template, _problems = parse_leniently(doc)
    fonts = FontBook()
    keys = recent(session, prints, count)
    found: list[Checked] = []
    for done, key in enumerate(keys, 1):
        try:
            problems = tuple(compose(template, values_of(session, prints, key, name), fonts=fonts, lenient=True).problems)
        except UserError:
            # One that is out of this person's reach, or deleted a moment ago.
            continue
        if problems:
            found.append(Checked(key, title_of(session, prints, key), problems))
        step(done, len(keys))
    return len(keys), found


class OverflowDialog(Dialog):
    """Runs the check and lists what it found; a click shows the document in the designer."""

    def __init__(self, page: DesignerPage) -> None:
        super().__init__(page, _("Check recent documents"), _("The latest {count} documents, as they would be printed with what is designed now").format(count=RECENT), name="designer.overflow", width=600)
        self.page = page
        self.bar = ProgressBar()
        self.told = Label("", "body", "text2")
        self.listed = column(gap=6)
        self.add(self.told)
        self.add(self.bar)
        self.add(self.listed)
        self.add_button(Button(_("Close"), name="designer.overflow.done", on_click=self.reject), safe=True)
        session, doc = page.desk.session, page.design.doc
        prints = str(doc.get("prints", ""))
        self.told.setText(_("Checking…"))
        self.found: tuple[int, list[Checked]] | None = None
        self._job: Job = page.desk.operations.file(self, lambda step: check_recent(session, prints, page.name, doc, step), lambda found: self._came(*found), failed=page.desk.fail)
        self._job.followed = True
        self.finished.connect(lambda _code: self._job.cancel())

    def _came(self, count: int, found: list[Checked]) -> None:
        self.found = count, found
        self.bar.hide()
        clear(self.listed)
        if not found:
            self.told.setText(ngettext("{count} document was checked; it fits", "{count} documents were checked; all of them fit", count).format(count=count) if count else _("There are no documents to check yet"))
        else:
            self.told.setText(_("{bad} of {count} documents don't fit").format(bad=len(found), count=count))
        for one in found[:SHOWN]:
            places = dict.fromkeys(self.page.panel.name_of(problem.path) for problem in one.problems)
            words = column(Label(one.title, "body", bold=True), Label(_(", ").join(places), "small", "warn", wrap=True), gap=2)
            show = Button(_("Show"), "ghost", size="small", name=f"designer.overflow.{one.key}", on_click=partial(self._show, one))
            self.listed.addWidget(box(row(IconLabel("triangle-alert", "warn"), (words, 1), show, margins=(12, 8, 8, 8)), "inset"))
        QTimer.singleShot(0, self, self.refit)

    def _show(self, one: Checked) -> None:
        page = self.page
        page.head.sample.set_value(Choice(one.key, one.title))
        page.choose_document(one.key)
        page.head.set_mode("live")
        page.bench.show_problem(one.problems[0].path)
        self.accept()
