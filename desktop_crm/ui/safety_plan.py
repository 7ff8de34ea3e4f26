"""The card of the backup plan of this computer: when, where to, how long backups stay, and with which password."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.plans import LONGEST, BackupPlan, save_plan
from desktop_crm.services import backups
from desktop_crm.ui.files import ask_folder
from desktop_crm.ui.kit.editors import CheckEditor, LineEditor, ParsedEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Banner, Button, Card, Label, Segment, TabItem, column, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.desk import Desk

LABEL: Final = 140
GAP: Final = 12
SCHEDULES: Final = {"daily": N_("Every day"), "hours": N_("Every few hours"), "off": N_("Off")}
SHORTEST_PASSWORD: Final = 8


def whole_number(least: int) -> Callable[[str], object]:
    """Return a parser for whole numbers from `least` on."""

    def parse(text: str) -> object:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= LONGEST):
            raise ValueProblem(_("Type a whole number from {least} to {most}").format(least=least, most=LONGEST))
        return int(text)

    return parse


def clock_time(text: str) -> object:
    """Read a time of day; raises ValueProblem otherwise."""
    found = re.fullmatch(r"([01]?\d|2[0-3])[:：.]?([0-5]\d)", text)
    if found is None:
        raise ValueProblem(_("Type a time such as 12:00"))
    return f"{int(found[1]):02d}:{found[2]}"


class PlanCard(Card):
    """Every choice takes effect at once. `changed` is called when the plan was kept."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(_("Automatic backup"), _("On this computer, for this company"))
        self.setObjectName("safety.plan")
        self.desk, self._changed = desk, changed
        self.plan = BackupPlan()
        self.problem = Banner(name="safety.plan.problem")
        self.problem.hide()
        self.schedule = Segment([TabItem(key, _(label)) for key, label in SCHEDULES.items()], name="safety.plan.schedule", label=_("Schedule"))
        self.schedule.chosen.connect(lambda key: self._set(schedule=key))
        self.at = self._number("at", clock_time, _("At"))
        self.hours = self._number("hours", whole_number(1), _("Hours"))
        self.when = holder(row(Label(_("at"), "body", "text2"), self.at, gap=6))
        self.every = holder(row(Label(_("every"), "body", "text2"), self.hours, Label(_("hours"), "body", "text2"), gap=6))
        self.at_exit = CheckEditor(_("Also when the program is closed, if anything was changed"), name="safety.plan.at_exit")
        self.at_exit.changed.connect(lambda: self._set(at_exit=bool(self.at_exit.value())))
        self.folder = Label("", "body", "text", wrap=True, selectable=True)
        self.second = Label("", "body", "text", wrap=True, selectable=True)
        self.days, self.weeks = self._number("all_days", whole_number(1), _("Days")), self._number("weekly_weeks", whole_number(0), _("Weeks"))
        self.months = self._number("monthly_months", whole_number(0), _("Months"))
        self.protect = CheckEditor(_("Seal backups with a password"), name="safety.plan.protected")
        self.protect.changed.connect(self._protect)
        self._fill()
        self.setEnabled(False)

    def _number(self, field: str, parse: Callable[[str], object], label: str) -> ParsedEditor:
        editor = ParsedEditor(parse, str, name=f"safety.plan.{field}", label=label)
        editor.setFixedWidth(72)
        editor.left.connect(lambda: self._typed(field, editor))
        return editor

    def _line(self, label: str, *items: Any) -> Any:
        name = Label(label, "body", "text2")
        name.setFixedWidth(LABEL)
        return row(name, *items, gap=GAP)

    def _fill(self) -> None:
        choose = Button(_("Change…"), size="small", name="safety.plan.folder", on_click=lambda: self._ask("folder"))
        self.choose_second = Button(_("Choose…"), size="small", name="safety.plan.second_folder", on_click=lambda: self._ask("second_folder"))
        self.no_second = Button(_("Remove"), "ghost", size="small", name="safety.plan.no_second", on_click=lambda: self._set(second_folder=""))
        keep = row(
            Label(_("all of"), "body", "text2"), self.days, Label(_("days, one a week for"), "body", "text2"), self.weeks,
            Label(_("weeks, one a month for"), "body", "text2"), self.months, Label(_("months (0: for ever)"), "body", "text2"), None, gap=6,
        )
        self.body.addWidget(self.problem)
        self.body.addLayout(column(
            self._line(_("Schedule"), self.schedule, self.when, self.every, None),
            self._line("", self.at_exit, None),
            self._line(_("Folder"), (self.folder, 1), choose),
            self._line(_("Second folder"), (self.second, 1), self.no_second, self.choose_second),
            row(LABEL + GAP, (Label(_("A USB stick, a share or a folder kept in a cloud. When it isn't there, it gets what it missed next time."), "small", "text3", wrap=True), 1)),
            self._line(_("Keep"), (holder(keep), 1)),
            self._line(_("Password"), self.protect, None),
            gap=10,
        ))

    def show_plan(self, plan: BackupPlan, folder: Path) -> None:
        """Show the plan; `folder` is where backups go by it."""
        self.plan = plan
        self.setEnabled(True)
        self.schedule.set_current(plan.schedule)
        for editor, value in ((self.at, plan.at), (self.hours, plan.hours), (self.days, plan.all_days), (self.weeks, plan.weekly_weeks), (self.months, plan.monthly_months)):
            editor.set_value(value)
        self.when.setVisible(plan.schedule == "daily")
        self.every.setVisible(plan.schedule == "hours")
        self.at_exit.set_value(plan.at_exit)
        self.folder.setText(str(folder))
        self.second.setText(plan.second_folder or _("None"))
        self.no_second.setVisible(bool(plan.second_folder))
        self.protect.set_value(plan.protected)

    def _typed(self, field: str, editor: ParsedEditor) -> None:
        if not editor.tidy():
            return
        value = editor.value()
        if value is None:
            editor.set_value(getattr(self.plan, field))
        else:
            self._set(**{field: value})

    def _set(self, **values: Any) -> None:
        plan, url = replace(self.plan, **values), self.desk.session.url
        if plan == self.plan:
            return
        self.problem.hide()
        self.plan = plan
        self.desk.operations.keep(self, lambda: save_plan(url, plan), lambda _done: self._changed(), failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, OSError):
            self.problem.show_text(_("The plan could not be kept: {reason}").format(reason=disk_reason(problem)), "danger")
            self.problem.show()
            self._changed()
        else:
            self.desk.fail(problem)

    def _ask(self, field: str) -> None:
        path = ask_folder(self, _("Folder for backups"))
        if path is not None:
            self._set(**{field: str(path)})

    def _protect(self) -> None:
        if not self.protect.value():
            self._set(protected=False)
            return
        dialog = BackupPasswordDialog(self, self.desk)
        dialog.accepted.connect(lambda: self._set(protected=True))
        dialog.rejected.connect(lambda: self.protect.set_value(self.plan.protected))
        dialog.show()


class BackupPasswordDialog(Dialog):
    """Asks for the password that seals backups, and keeps it in the system's password store."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(
            parent, _("Password for backups"),
            _("Write it down in a safe place: without it nobody can restore these backups, not even the makers of this program."), name="backup_password", width=460,
        )
        self.desk = desk
        self.first, self.second = LineEditor(name="backup_password.first", password=True), LineEditor(name="backup_password.second", password=True)
        self.add(FieldFrame(_("Password"), self.first, required=True))
        self.add(FieldFrame(_("The same again"), self.second, required=True))
        self.add_button(Button(_("Cancel"), name="backup_password.cancel", on_click=self.reject))
        self.send_button = self.add_button(Button(_("Use this password"), "primary", name="backup_password.send", on_click=self.send), safe=True)
        self.first.setFocus()

    def send(self) -> None:
        """Keep the password, or say what is wrong with it."""
        password = self.first.text()
        self.first.set_problem(None if len(password) >= SHORTEST_PASSWORD else _("At least {count} characters").format(count=SHORTEST_PASSWORD))
        self.second.set_problem(None if self.second.text() == password else _("The two passwords differ"))
        if self.first.problem() or self.second.problem():
            return
        url = self.desk.session.url
        self.desk.operations.keep(self, lambda: backups.keep_backup_password(url, password), self._kept, failed=self._failed)

    def _kept(self, kept: bool) -> None:  # noqa: FBT001 - the answer of the password store
        if kept:
            self.accept()
        else:
            self.first.set_problem(_("This computer has no safe place for passwords, so backups can't be sealed by themselves"))

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, UserError):
            self.first.set_problem(problem.message)
        else:
            self.desk.fail(problem)
