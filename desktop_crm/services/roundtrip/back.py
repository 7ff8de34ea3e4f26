"""Reading a list that was edited outside: what was changed, added and is missing, beside what others changed meanwhile."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.domain.catalog import Ref, Values
from desktop_crm.domain.conditions import Where, both
from desktop_crm.services.batches import parts
from desktop_crm.services.checking import check_links, check_unique, check_values, is_empty
from desktop_crm.services.imports.columns import ColumnReader, shown
from desktop_crm.services.imports.links import Links
from desktop_crm.services.records import read, require_write
from desktop_crm.services.roundtrip.out import BORN, FORMAT, KEYS, SHEET, company_name
from desktop_crm.services.roundtrip.sheets import Base, Grid, find_base, find_grid
from desktop_crm.services.workbooks.cells import Cell, Workbook, is_blank
from desktop_crm.services.workbooks.reader import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.session import Session

State = Literal["changed", "added", "missing", "gone"]
SWAPPED: Final = 3
"""So many records that all got each other's names were sorted without their hidden columns."""


@dataclass(frozen=True)
class FieldChange:
    """One field: what it was when it was written out, what it is now, and what the file says, each as shown; `value` is the new one.

    In a `conflict` somebody else gave the field another value meanwhile.
    """

    field: str
    before: str
    now: str
    new: str
    value: Any
    conflict: bool = False


@dataclass
class RowChange:
    """One record that the file changes, adds, or has no more (`missing`); a `gone` one was changed in the file and deleted here meanwhile.

    `row` counts as the sheet does, 0 for a missing one; `version` is the record's when it was compared. `problems` say why it can't
    be written as it is, `remark` what is worth knowing.
    """

    state: State
    row: int
    key: int | None
    title: str
    version: int = 0
    fields: list[FieldChange] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""

    @property
    def conflicts(self) -> list[FieldChange]:
        """The fields somebody else changed as well."""
        return [one for one in self.fields if one.conflict]


@dataclass
class Edited:
    """A list that came back. `rows` are those that differ, `same` counts the others; `remarks` are about the file as a whole."""

    path: Path
    spec: EntitySpec
    written: datetime
    by: str
    rows: list[RowChange] = field(default_factory=list)
    same: int = 0
    remarks: list[str] = field(default_factory=list)

    def of(self, state: State) -> list[RowChange]:
        """Return the rows of one kind."""
        return [row for row in self.rows if row.state == state]


def is_for_editing(workbook: Workbook) -> bool:
    """Tell whether a workbook is a list that was written for editing."""
    return any(sheet.name == SHEET for sheet in workbook.sheets)


def read_back(session: Session, path: Path, *, password: str | None = None, progress: Callable[[int, int], None] = silent) -> Edited:
    """Read a list that was edited outside and compare it with what was written out and with what is there now.

    Raises PasswordNeeded, UnreadableFile, NotAllowed where this person may not change such records, and UserError where the file wasn't
    written for editing, comes from another company, or was sorted without its hidden columns.
    """
    return compare(session, read_workbook(path, password=password), progress=progress)


def compare(session: Session, workbook: Workbook, *, progress: Callable[[int, int], None] = silent) -> Edited:
    """Return what `read_back` does of a workbook that was read already."""
    sheet = next((one for one in workbook.sheets if one.name == SHEET), None)
    if sheet is None:
        raise UserError(_("{file} was not exported for editing. Export the list with “for editing”, change that file and bring it back; or import this one").format(file=workbook.path.name))
    about = _about(sheet.cell(0, 0))
    if about["entity"] not in session.everything:
        raise UserError(_("{file} is of a newer version of the program").format(file=workbook.path.name))
    spec = session.spec(about["entity"])
    require_write(session, spec.name)
    base = find_base(sheet, about["fields"])
    grid = find_grid(workbook, base, about["headings"])
    edited = Edited(workbook.path, spec, datetime.fromisoformat(about["written"]), str(about["by"]), remarks=list(grid.remarks))
    _Comparison(session, edited, base, grid, progress).run(str(about["company"]))
    return edited


def _about(cell: Cell) -> dict[str, Any]:
    try:
        about = json.loads(cell) if isinstance(cell, str) else {}
        usable = about["format"] == FORMAT and {"entity", "fields", "headings", "written", "by", "company"} <= about.keys()
    except (ValueError, KeyError, TypeError):
        usable, about = False, {}
    if not usable:
        raise UserError(_("The hidden sheet that says what the file was is damaged, or of a newer version. Export the list for editing again"))
    return dict(about)


class _Comparison:
    """One file against what it was and what is there now."""

    def __init__(self, session: Session, edited: Edited, base: Base, grid: Grid, progress: Callable[[int, int], None]) -> None:
        self.session = session
        self.edited = edited
        self.spec = edited.spec
        self.base = base
        self.grid = grid
        self.progress = progress
        links = Links(session, create=False)
        self.readers = {
            name: ColumnReader(column, self.spec.fields[name].title, self.spec.fields[name], links, text_file=False)
            for name, column in grid.columns.items()
            if name in self.spec.fields and not self.spec.fields[name].derived
        }
        self.ignored: Counter[str] = Counter()

    def run(self, company: str) -> None:
        """Fill in the rows that differ."""
        now = self.standing(company)
        own, copies = self.rows_by_record()
        self.refuse_mixed_up(own)
        changed: dict[int, list[str]] = {}
        for key, row in own.items():
            names = self.differing(row, self.base.cells[key])
            typed = [name for name in names if name in self.readers]
            self.ignored.update(name for name in names if name not in self.readers and name in self.spec.fields)
            if typed:
                changed[key] = typed
        self.edited.same = len(own) - len(changed)
        allowed = self.writable([*changed, *(key for key in self.base.cells if key not in own)])
        current = {row["id"]: row for row in read(self.session, self.spec, [key for key in changed if key in now], list(self.spec.fields))}
        for done, (key, fields) in enumerate(changed.items()):
            self.progress(done, len(changed))
            self.edited.rows.append(self.changed(key, own[key], fields, current.get(key), allowed=key in allowed))
        self.edited.rows = [row for row in self.edited.rows if row.fields or row.problems or row.state != "changed"]
        self.edited.same += len(changed) - len(self.edited.rows)
        self.add_new(copies)
        missing = [key for key in self.base.cells if key not in own and key in now]
        titles = self.session.records.titles(self.session.entity(self.spec.name), missing)
        self.edited.rows += [self.gone_from_file(key, titles.get(key, ""), now[key], allowed=key in allowed) for key in missing]
        for name, count in self.ignored.items():
            self.edited.remarks.append(_("{field}: {count} changes are left out, since the program works this out itself").format(field=self.spec.fields[name].title, count=count))

    def gone_from_file(self, key: int, title: str, version: int, *, allowed: bool) -> RowChange:
        """Return a record whose row is no more in the file."""
        change = RowChange("missing", 0, key, title, version)
        if not allowed:
            change.problems.append(("", _("You have no right to delete this")))
        elif version != self.base.versions[key]:
            change.remark = _("Somebody changed it after it was exported")
        return change

    # ---- the records

    def standing(self, company: str) -> dict[int, int]:
        """Return the versions of the file's records that are still there; raises UserError where they are another company's."""
        entry, found, other = self.session.entity(self.spec.name), {}, 0
        for part in parts(self.base.cells):
            seen = self.session.records.ids_where(entry, self.session.readable(self.spec.name, Where("id", "in", part)))
            for key, version, born in self.session.records.stored(entry, seen, ["version", BORN]):
                found[int(key)] = int(version)
                other += str(born) != self.base.born[int(key)]
        if other or (self.base.cells and not found and company != company_name(self.session)):
            raise UserError(_("The file was exported from another company ({company}), so it can't be brought back here").format(company=company or "?"))
        return found

    def writable(self, keys: Sequence[int]) -> set[int]:
        """Return those of the records that this person may change."""
        entry, scope = self.session.entity(self.spec.name), self.session.scope(self.spec.name, "write")
        return {key for part in parts(keys) for key in self.session.records.ids_where(entry, both(Where("id", "in", part), scope))}

    # ---- the rows

    def rows_by_record(self) -> tuple[dict[int, int], list[int]]:
        """Return the row of each record, and the rows that are new: without a record, or a copy of another's row."""
        rows: dict[int, list[int]] = defaultdict(list)
        new: list[int] = []
        for row in self.grid.rows:
            key = self.grid.key(row)
            if key is None or key not in self.base.cells:
                new.append(row)
            else:
                rows[key].append(row)
        own: dict[int, int] = {}
        for key, found in rows.items():
            # Of copies the one that differs least is the record's own.
            first = min(found, key=lambda row: (len(self.differing(row, self.base.cells[key])), found.index(row))) if len(found) > 1 else found[0]
            own[key] = first
            new += [row for row in found if row != first]
        return own, sorted(new)

    def refuse_mixed_up(self, own: dict[int, int]) -> None:
        """Raise UserError where records got each other's names: the list was sorted without the hidden columns."""
        title = self.spec.title
        if title not in self.readers or title not in self.base.fields:
            return
        place = self.base.fields.index(title)
        names = {shown(cells[place]) for cells in self.base.cells.values()}
        renamed = [(shown(self.base.cells[key][place]), shown(self.grid.cell(row, title))) for key, row in own.items() if self.grid.cell(row, title) != self.base.cells[key][place]]
        swapped = sum(new in names for _old, new in renamed)
        if swapped >= SWAPPED and swapped * 2 > len(renamed):
            raise UserError(
                _("The names of {count} rows stand in other rows: the list was sorted without its hidden columns. Undo that in Excel, or sort it with all columns and bring it back").format(
                    count=swapped))

    def differing(self, row: int, before: list[Cell]) -> list[str]:
        """Return the fields whose cell isn't what was written."""
        found = []
        for place, name in enumerate(self.base.fields):
            if name not in self.grid.columns:
                continue
            cell, old = self.grid.cell(row, name), before[place]
            if cell == old or (is_blank(cell) and is_blank(old)):
                continue
            found.append(name)
        return found

    def changed(self, key: int, row: int, names: list[str], current: Values | None, *, allowed: bool) -> RowChange:
        """Return what a row changes of its record."""
        title = shown(self.base.cells[key][self.base.fields.index(self.spec.title)]) if self.spec.title in self.base.fields else f"#{key}"
        change = RowChange("changed" if current is not None else "gone", row + 1, key, title, current["version"] if current else 0)
        if current is None:
            change.problems.append(("", _("The record was deleted meanwhile, or you may not see it any more; what the file changes of it is left out")))
        elif not allowed:
            change.problems.append(("", _("You have no right to change this")))
        for name in names:
            self.enter(change, name, self.grid.cell(row, name), current)
        if current is not None and change.fields and not change.problems:
            self.check(change, {**current, **{one.field: one.value for one in change.fields}}, current)
        return change

    def enter(self, change: RowChange, name: str, cell: Cell, current: Values | None) -> None:
        """Add one field to a row's changes, unless it says the same in other words."""
        spec, reader = self.spec.fields[name], self.readers[name]
        old = self.base.cells[change.key][self.base.fields.index(name)] if change.key is not None else None
        outcome, was = reader.read(cell), reader.read(old)
        if outcome.problem:
            change.problems.append((name, outcome.problem))
            change.fields.append(FieldChange(name, shown(old), "", shown(cell), None))
            return
        new = spec.kind.empty if outcome.value is None else outcome.value
        if _same(new, was.value) and not was.problem:
            return
        now = current[name] if current is not None else None
        if current is not None and _same(new, now):
            return
        meanwhile = current is not None and current["version"] != self.base.versions[change.key or 0] and not self.untouched(name, now, old, was.value)
        before = shown(old) if spec.link or was.problem else spec.show(was.value)
        change.fields.append(FieldChange(name, before, spec.show(now), spec.show(new), new, conflict=meanwhile))

    def untouched(self, name: str, now: Any, old: Cell, was: Any) -> bool:
        """Tell whether a field is still what it was when the list was written; links are compared by the names they had in the file."""
        if isinstance(now, Ref) or self.spec.fields[name].link:
            return (now.title if isinstance(now, Ref) else "") == shown(old)
        return _same(now, was)

    def check(self, change: RowChange, full: Values, before: Values) -> None:
        """Say what is wrong with a record as the file wants it, in the fields the file changes."""
        names = {one.field for one in change.fields}
        found = [problem for problem in check_values(self.spec, full, skip=[one.name for one in self.spec.typed_fields() if one.rule]) if not problem.warning]
        found += check_unique(self.session, self.spec, {name: full.get(name) for name in names}, change.key) + check_links(self.session, self.spec, full, before)
        change.problems += [(problem.field, problem.message) for problem in found if change.key is None or problem.field in names]

    def add_new(self, rows: list[int]) -> None:
        """Enter the rows that are no record's as new ones."""
        for row in rows:
            key = self.grid.key(row)
            change = RowChange("added", row + 1, None, shown(self.grid.cell(row, self.spec.title)))
            copied = self.base.cells.get(key) if key is not None else None
            values: Values = {}
            for name in self.readers:
                cell = self.grid.cell(row, name)
                if is_blank(cell):
                    continue
                if copied is not None and self.spec.fields[name].unique and name in self.base.fields and cell == copied[self.base.fields.index(name)]:
                    # A copied row gets a number of its own.
                    continue
                self.enter(change, name, cell, None)
            values = {one.field: one.value for one in change.fields if one.value is not None}
            if copied is not None:
                change.remark = _("The row is a copy of another; it becomes a record of its own")
            if not change.problems:
                defaults = {one.name: one.default for one in self.spec.typed_fields() if one.default is not None}
                if self.spec.owner:
                    defaults[self.spec.owner] = self.session.person.id
                self.check(change, {**defaults, **values}, {})
            if change.fields or change.problems:
                self.edited.rows.append(change)


def _same(first: Any, second: Any) -> bool:
    if is_empty(first) and is_empty(second):
        return True
    if isinstance(first, datetime) and isinstance(second, datetime):
        # A workbook keeps less than a microsecond of a day.
        return abs((first - second).total_seconds()) < 1
    return bool(first == second)


__all__ = ["KEYS", "Edited", "FieldChange", "RowChange", "compare", "is_for_editing", "read_back"]
