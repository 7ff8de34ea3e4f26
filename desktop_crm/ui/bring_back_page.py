"""A list that was edited in Excel or WPS comes back: each difference is looked at, decided and taken over as one action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.services import roundtrip
from desktop_crm.services.roundtrip.apply import Decisions, Side, open_questions
from desktop_crm.services.workbooks.reader import PasswordNeeded
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Banner, Button, CheckBox, Chip, ElidedLabel, Label, box, column, hline, holder, row
from desktop_crm.ui.progress import JobProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop_crm.services.roundtrip import Applied, Edited, FieldChange, RowChange
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.operations import Job

STATES: Final = {
    "changed": (N_("Changed"), "info"), "conflict": (N_("Conflict"), "danger"), "added": (N_("New"), "success"), "missing": (N_("Missing"), "warn"),
    "problem": (N_("Problem"), "danger"), "gone": (N_("Deleted meanwhile"), "neutral"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the table: a field of a row that differs, or the row itself where no field is concerned."""

    row: RowChange
    field: FieldChange | None
    group: str
    message: str = ""


def lines_of(edited: Edited) -> list[Line]:
    """Return the lines of a list that came back, in the order of the file; what is missing stands last."""
    found: list[Line] = []
    for one in sorted(edited.rows, key=lambda row: (row.row == 0, row.row)):
        told = dict(one.problems)
        group = one.state if one.state in {"added", "missing", "gone"} else "changed"
        general = told.pop("", "")
        for field in one.fields:
            message = told.pop(field.field, "")
            found.append(Line(one, field, "problem" if message or (general and group != "gone") else "conflict" if field.conflict else group, message or general))
        found += [Line(one, None, "problem", f"{edited.spec.fields[name].title}: {message}") for name, message in told.items() if name in edited.spec.fields]
        if not one.fields and not told:
            found.append(Line(one, None, "problem" if general and group != "gone" else group, general or one.remark))
    return found


class BringBackPage(Page):
    """Nothing is written before the button; a click on what is in the last column decides otherwise."""

    topic = "import"

    def __init__(self, desk: Desk, path: Path, password: str = "") -> None:
        super().__init__(desk)
        self.path, self._password = path, password
        self.setObjectName("page.bring_back")
        self.setWindowTitle(_("Bring back an edited list"))
        self.edited: Edited | None = None
        self.sides: dict[tuple[int, str], Side] = {}
        self.delete: set[int] = set()
        self.leave: set[int] = set()
        self._job: Job | None = None
        self._build()
        self.table.link_clicked.connect(lambda index, _column: self.decide(index))
        self.table.activated.connect(self.decide)
        self.read()

    # ---- how it is built

    def _build(self) -> None:
        self.title, self.facts = ElidedLabel(self.windowTitle(), "page"), Label("", "small", "text2")
        cancel = Button(_("Cancel"), "ghost", name="action.cancel", on_click=self.desk.go_back)
        head = row((column(self.title, self.facts, gap=2), 1), Button(_("Read again"), icon="refresh-cw", name="bring_back.again", on_click=self.read), cancel, gap=8, margins=(20, 12, 20, 10))
        self.problem = Banner(name="bring_back.problem")
        self.remarks = Banner(name="bring_back.remarks")
        for banner in (self.problem, self.remarks):
            banner.hide()
        self.chips: dict[str, Chip] = {}
        chip_row = row(gap=6)
        for key in ("", *STATES):
            chip = Chip("", name=f"bring_back.show.{key or 'all'}")
            chip.setChecked(not key)
            chip.clicked.connect(lambda _on=False, key=key: self.show_only(key))
            self.chips[key] = chip
            chip_row.addWidget(chip)
        self.only = ""
        self.mine = Button(_("Conflicts: take the file's"), size="small", name="bring_back.mine", on_click=lambda: self.decide_conflicts("mine"))
        self.theirs = Button(_("Conflicts: keep what is here"), size="small", name="bring_back.theirs", on_click=lambda: self.decide_conflicts("theirs"))
        self.delete_all = CheckBox(_("Delete what is missing"), name="bring_back.delete_missing")
        self.delete_all.toggled.connect(self.delete_missing)
        self.leave_bad = CheckBox(_("Leave out rows with problems"), name="bring_back.leave_problems")
        self.leave_bad.toggled.connect(self.leave_problems)
        tools = row(chip_row, None, self.leave_bad, self.delete_all, self.mine, self.theirs, gap=10, margins=(20, 8, 20, 8))
        self.model = FixedRows([
            Column("row", _("Row"), Kind.NUMBER, 56), Column("title", _("Record"), Kind.NAME, 180), Column("state", _("State"), Kind.PILL, 108), Column("field", _("Field"), width=110),
            Column("before", _("When exported"), width=140), Column("now", _("Now here"), width=140), Column("new", _("In the file"), width=170), Column("decision", _("What happens"), Kind.LINK, 190),
        ], self)
        self.table = DataTable(name="bring_back.table", label=_("Differences"), ticks=False)
        self.table.setModel(self.model)
        self.setFocusProxy(self.table)
        self.counts = Label("", "body", "text2")
        self.go = Button(_("Take the changes over"), "primary", icon="check", name="action.bring_back", on_click=self.start)
        self.go.setEnabled(False)
        self.progress = JobProgress(name="bring_back.progress")
        undo_note = ElidedLabel(_("Can be undone in one step"), "small", "text3")
        self.footer = holder(row(self.counts, None, undo_note, self.go, gap=12, margins=(20, 10, 20, 10)))
        self.running = holder(column(self.progress, margins=(20, 10, 20, 10)))
        self.running.hide()
        banners = column(self.problem, self.remarks, gap=8, margins=(20, 8, 20, 0))
        body = column(box(head), hline(), box(column(banners, tools, gap=0), "surface"), hline(), (self.table, 1), hline(), box(column(self.footer, self.running, gap=0)), gap=0)
        self.setLayout(column(box(body, "surface"), gap=0))

    # ---- reading

    def read(self) -> None:
        """Read the file and compare it with what is there now; what was decided before is decided anew."""
        session, path, password = self.desk.session, self.path, self._password or None
        self.problem.hide()
        self.go.setEnabled(False)
        self.facts.setText(_("Reading…"))
        if self._job is not None:
            self._job.cancel()

        def done(edited: Edited) -> None:
            if job is self._job:
                self._job = None
                self._came(edited)

        def failed(problem: BaseException) -> None:
            if job is self._job:
                self._job = None
                self._failed(problem)

        job = self._job = self.desk.operations.look(self, lambda step: roundtrip.read_back(session, path, password=password, progress=step), done, failed=failed)

    def _failed(self, problem: BaseException) -> None:
        self.facts.setText(self.path.name)
        if isinstance(problem, Cancelled):
            return
        if isinstance(problem, PasswordNeeded):
            self._tell(_("{message} Save the file without a password and bring it back").format(message=problem.message))
        elif isinstance(problem, UserError):
            self._tell(problem.message)
        else:
            self.desk.fail(problem)

    def _tell(self, message: str) -> None:
        self.problem.show_text(message, "danger")
        self.problem.show()

    def _came(self, edited: Edited) -> None:
        self.edited = edited
        self.place = edited.spec.name
        self.sides, self.delete, self.leave = {}, set(), set()
        for check in (self.delete_all, self.leave_bad):
            check.blockSignals(True)
            check.setChecked(False)
            check.blockSignals(False)
        self.title.setText(_("Bring back: {file}").format(file=edited.path.name))
        written = edited.written.astimezone()
        self.facts.setText(_("{entity}, exported by {who} on {time} · {same} rows unchanged").format(
            entity=edited.spec.plural, who=edited.by, time=f"{written:%Y-%m-%d %H:%M}", same=f"{edited.same:,}"))
        self.remarks.setVisible(bool(edited.remarks))
        if edited.remarks:
            self.remarks.show_text(_("; ").join(edited.remarks), "info")
        self.lines = lines_of(edited)
        self._show_chips()
        self.show_only("")
        self.desk.crumbs_changed.emit()

    def _show_chips(self) -> None:
        counts = {key: len({id(line.row) for line in self.lines if line.group == key}) for key in STATES}
        self.chips[""].setText(_("All: {count}").format(count=len({id(line.row) for line in self.lines})))
        for key, (label, _tone) in STATES.items():
            self.chips[key].setText(f"{_(label)} {counts[key]:,}")
            self.chips[key].setVisible(bool(counts[key]))
        for widget in (self.mine, self.theirs):
            widget.setVisible(bool(counts["conflict"]))
        self.delete_all.setVisible(bool(counts["missing"]))
        self.leave_bad.setVisible(bool(counts["problem"]))

    # ---- deciding

    def show_only(self, group: str) -> None:
        """Show the lines of one group, or all of them."""
        self.only = group
        for key, chip in self.chips.items():
            chip.setChecked(key == group)
        self._show_lines()

    def _show_lines(self) -> None:
        self.model.show_rows([(line, self._cells(line)) for line in self.lines if self.only in {"", line.group}])
        self.table.set_widths()
        self._show_counts()

    def _cells(self, line: Line) -> list[Shown]:
        one, field = line.row, line.field
        label, tone = STATES[line.group]
        spec = self.edited.spec.fields[field.field] if self.edited is not None and field is not None else None
        left = one.row in self.leave
        told = [Shown(field.before or "—", "text3"), Shown(field.now or "—", "danger" if field.conflict else "text3"), Shown(field.new or "—", "text3" if left else "", bold=not left)] if field else [
            Shown(""), Shown(""), Shown(line.message or one.remark, "text2", tip=line.message or one.remark)]
        if line.message and field:
            told[2] = Shown(f"{field.new}: {line.message}", "danger", tip=line.message)
        elif one.remark and field:
            told[2] = told[2]._replace(tip=one.remark)
        decision, look = self.decision(line)
        return [
            Shown(f"{one.row:,}" if one.row else "", "text3", raw=one.row or None), Shown(one.title), Shown(_(label), tone), Shown(spec.title if spec else "", "text2"), *told,
            Shown(decision, look),
        ]  # fmt: skip

    def decision(self, line: Line) -> tuple[str, str]:
        """Return what happens with a line as things are decided now, and the colour it is written in."""
        one = line.row
        if one.state == "gone":
            return _("Left out"), "text3"
        if one.state == "missing":
            return (_("Deleted"), "danger") if one.key in self.delete else (_("It stays"), "text2")
        if one.row in self.leave:
            return _("Left out"), "text3"
        if one.problems:
            return _("Leave out the row?"), "danger"
        if line.field is not None and line.field.conflict:
            side = self.sides.get((one.key or 0, line.field.field))
            return {"mine": (_("Takes the file's"), ""), "theirs": (_("Keeps what is here"), "text2")}.get(side or "", (_("Choose…"), "danger"))
        return (_("Added"), "success") if one.state == "added" else (_("Taken over"), "")

    def decide(self, index: int) -> None:
        """Decide otherwise about a line: leave it out or not, delete or keep, the file's value or what is here."""
        line: Line | None = self.model.thing(index)
        if line is None or line.row.state == "gone":
            return
        one = line.row
        if one.state == "missing" and one.key is not None and not one.problems:
            self.delete ^= {one.key}
        elif line.field is not None and line.field.conflict and not one.problems:
            key = (one.key or 0, line.field.field)
            self.sides[key] = "theirs" if self.sides.get(key) == "mine" else "mine"
        elif one.state != "missing":
            self.leave ^= {one.row}
        self._again(index)

    def _again(self, index: int = 0) -> None:
        self._show_lines()
        if index < self.model.rowCount():
            self.table.set_current_row(index)

    def decide_conflicts(self, side: Side) -> None:
        """Let one side have all fields that both changed."""
        self.sides = {(line.row.key or 0, line.field.field): side for line in self.lines if line.field is not None and line.field.conflict}
        self._again()

    def delete_missing(self, on: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Delete all that the file has no more, or nothing of it."""
        self.delete = {one.key for one in self.edited.of("missing") if one.key is not None and not one.problems} if on and self.edited is not None else set()
        self._again()

    def leave_problems(self, on: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Leave all rows with problems out, or none of them."""
        bad = {one.row for one in self.edited.rows if one.problems and one.row} if self.edited is not None else set()
        self.leave = self.leave | bad if on else self.leave - bad
        self._again()

    def decisions(self) -> Decisions:
        """Return what is decided now."""
        return Decisions(sides=dict(self.sides), delete=frozenset(self.delete), leave=frozenset(self.leave))

    def _show_counts(self) -> None:
        if self.edited is None:
            return
        taken = [one for one in self.edited.rows if one.row not in self.leave]
        changed, added = (sum(one.state == state for one in taken) for state in ("changed", "added"))
        questions = len(open_questions(self.edited, self.decisions()))
        parts = [_("{count} changed").format(count=f"{changed:,}"), _("{count} added").format(count=f"{added:,}"), _("{count} deleted").format(count=f"{len(self.delete):,}")]
        if questions:
            parts.append(_("{count} still to decide").format(count=f"{questions:,}"))
        self.counts.setText(" · ".join(parts) if self.lines else _("Nothing was changed in the file"))
        self.go.setEnabled(not questions and bool(changed or added or self.delete))

    # ---- taking over

    def start(self) -> None:
        """Write what was decided."""
        edited, decisions, session = self.edited, self.decisions(), self.desk.session
        if edited is None or self._job is not None:
            return
        title = _("Taking over {file}").format(file=edited.path.name)
        self._job = self.desk.operations.file(
            self, lambda step: roundtrip.apply_back(session, edited, decisions, progress=step), self._taken, title=title, failed=self._not_taken, changes=True)
        self.progress.follow(self._job, title)
        self._show_running(running=True)

    def _show_running(self, *, running: bool) -> None:
        self.running.setVisible(running)
        self.footer.setVisible(not running)
        self.table.setEnabled(not running)
        if not running:
            self.progress.end()
            self._job = None

    def _taken(self, changes: Changes[Applied]) -> None:
        self._show_running(running=False)
        self.desk.tell(changes)
        self.desk.show_list(self.place)

    def _not_taken(self, problem: BaseException) -> None:
        self._show_running(running=False)
        if isinstance(problem, UserError):
            self._tell(problem.message)
        else:
            self.desk.fail(problem)

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the way back to the list."""
        spec: Any = self.desk.session.catalog.get(self.place)
        back: list[tuple[str, Callable[[], object] | None]] = [(spec.plural, lambda: self.desk.show_list(spec.name))] if spec is not None else []
        return [*back, (_("Bring back"), None)]

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+Enter takes over, F5 reads the file again."""
        return {"submit": lambda: self.start() if self.go.isEnabled() else None, "refresh": self.read}
