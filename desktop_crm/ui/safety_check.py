"""The card that checks the company file: what is wrong, what it means, what can be put right by the program itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.services import check
from desktop_crm.ui.kit.labels import LinkLabel
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.widgets import Banner, Button, Card, IconLabel, Label, column, row
from desktop_crm.ui.progress import JobProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QLayout

    from desktop_crm.services.check import Problem
    from desktop_crm.ui.desk import Desk

NAMED = 8
"""Problems of a kind that are written out; the rest are counted."""


class CheckCard(Card):
    """Checks on demand, shows what was found by kind with its meaning, leads to the records and offers the repair."""

    def __init__(self, desk: Desk) -> None:
        self.check_button = Button(_("Check now"), icon="shield-check", size="small", name="safety.check", on_click=self.check)
        self.repair_button = Button(_("Repair"), "primary", icon="wrench", size="small", name="safety.repair", on_click=self.repair)
        super().__init__(_("Company check"), _("The file, the links between records, the sums and the history"), actions=(self.repair_button, self.check_button))
        self.setObjectName("safety.check_card")
        self.desk = desk
        self._part = ""
        self.result = Banner(name="safety.check.result")
        self.progress = JobProgress(name="safety.check.progress")
        self.found = column(gap=12)
        self.body.addWidget(self.result)
        self.body.addWidget(self.progress)
        self.body.addLayout(self.found)
        self.result.hide()
        self.repair_button.hide()

    def check(self) -> None:
        """Check everything; it may be stopped, and changes nothing."""
        session = self.desk.session
        self._run(_("Checking the company…"), lambda step: check.check(session, step=step, about=self._reached), self._checked)

    def repair(self) -> None:
        """Make anew what follows from the records, then check again."""
        session = self.desk.session
        self._run(_("Repairing…"), lambda step: check.repair(session, step=step, about=self._reached), self._repaired)

    def _run(self, title: str, work: Callable[[Callable[[int, int], None]], list[Problem]], done: Callable[[list[Problem]], None]) -> None:
        if self.progress.running():
            return
        clear(self.found)
        self.result.hide()
        self.check_button.setEnabled(False)
        self.repair_button.setEnabled(False)
        self._part = ""
        self.progress.follow(self.desk.operations.file(self, work, done, title="", failed=self._failed), title, lambda: self._part)

    def _reached(self, part: str) -> None:
        """Note from the working thread at which part it is."""
        self._part = part

    def _end(self) -> None:
        self.progress.end()
        self.check_button.setEnabled(True)
        self.repair_button.setEnabled(True)

    def _failed(self, problem: BaseException) -> None:
        self._end()
        if isinstance(problem, Cancelled):
            self._say(_("Stopped; nothing was changed"), "info")
        elif isinstance(problem, UserError):
            self._say(problem.message, "danger")
        else:
            self.desk.fail(problem)

    def _say(self, text: str, tone: str, detail: str = "") -> None:
        self.result.show_text(text, tone, detail=detail)
        self.result.show()

    def _checked(self, problems: list[Problem]) -> None:
        self._show(problems, _("Everything is in order"))

    def _repaired(self, problems: list[Problem]) -> None:
        self._show(problems, _("Repaired: everything is in order now"))
        self.desk.changed.emit(set())

    def _show(self, problems: list[Problem], good: str) -> None:
        self._end()
        mendable = any(problem.repairable for problem in problems) and check.may_repair(self.desk.session)
        self.repair_button.setVisible(mendable)
        if not problems:
            self._say(good, "success", _("File, links, sums, rules and history were compared with the records."))
            return
        kinds: dict[str, list[Problem]] = {}
        for problem in problems:
            kinds.setdefault(problem.kind, []).append(problem)
        self._say(
            _("{count} problems were found").format(count=len(problems)), "warn",
            _("“Repair” makes anew what follows from the records; it never changes a record.") if mendable
            else _("Nothing was changed. What the program can't know, it doesn't guess: see below what to do."),
        )
        for of_kind in kinds.values():
            self.found.addLayout(self._group(of_kind))

    def _group(self, problems: list[Problem]) -> QLayout:
        first = problems[0]
        lines = column(Label(first.title, "body", bold=True), Label(first.advice, "small", "text2", wrap=True), gap=2)
        for problem in problems[:NAMED]:
            line = row((Label(problem.message, "small", "text", wrap=True, selectable=True), 1), gap=8)
            if problem.ids and problem.entity in self.desk.session.catalog and self.desk.session.catalog[problem.entity].group:
                link = LinkLabel(_("Show them"), "small")
                link.clicked.connect(partial(self.desk.show_list, problem.entity, Where("id", "in", list(problem.ids)), first.title))
                line.addWidget(link)
            lines.addLayout(line)
        if len(problems) > NAMED:
            lines.addWidget(Label(_("and {count} more").format(count=len(problems) - NAMED), "small", "text3"))
        return row(IconLabel("wrench" if first.repairable else "triangle-alert", "info" if first.repairable else "warn"), (lines, 1), gap=10)
