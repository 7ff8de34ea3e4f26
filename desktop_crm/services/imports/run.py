"""An import from beginning to end, as one change set: read, matched, completed, checked, written - or nothing at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ConnectionLost, FieldProblem, Invalid, UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.services.checking import check_values, is_empty
from desktop_crm.services.imports.links import Links
from desktop_crm.services.imports.matching import Known, Matcher, match_fields
from desktop_crm.services.imports.rows import SheetReader
from desktop_crm.services.imports.source import checked_mapping
from desktop_crm.services.imports.store import Writer
from desktop_crm.services.imports.types import Duplicate, ImportResult, Options, Row, Source
from desktop_crm.services.records import require_write, silent
from desktop_crm.services.rules import BEFORE_SAVE

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

Progress = Callable[[int, int], None]
BATCH: Final = 500


class _NothingKept(Exception):  # noqa: N818 - no error: the way out of a transaction whose work isn't to be kept
    """Takes back what an import wrote."""


def run_import(session: Session, source: Source, options: Options, *, progress: Progress = silent) -> Changes[ImportResult]:
    """Import a list as one change set, which `undo` takes back.

    Bad rows are no exception but `problems` of the result; with any of them nothing is written, unless `keep_good`. Raises
    NotAllowed without the right to write such records, UserError for a mapping or match that can't be. `progress` is told the rows
    done and all of them; what it raises breaks the import off, with nothing written.
    """
    require_write(session, source.spec.name)
    mapping = checked_mapping(source, options.mapping)
    match = match_fields(source.spec, options.match, mapping.values()) if options.on_duplicate != "add" else ()

    def work() -> ImportResult:
        result = _Import(session, source, options, mapping, match, progress).run()
        session.relabel(result.label)
        return result

    changes = session.write("import", _("{entity} imported").format(entity=source.spec.plural), work)
    changes.result.change_set = changes.change_set
    return changes


class _Import:
    """One attempt at an import; a broken-off transaction is tried again with a new one."""

    def __init__(self, session: Session, source: Source, options: Options, mapping: dict[int, str], match: tuple[str, ...], progress: Progress) -> None:
        self.session = session
        self.source = source
        self.spec = source.spec
        self.options = options
        self.progress = progress
        self.mapped = set(mapping.values())
        self.links = Links(session, create=options.create_links)
        self.reader = SheetReader(source, mapping, self.links)
        self.matcher = Matcher(session, self.spec, match, self.mapped)
        self.writer = Writer(session, self.spec, self.refuse)
        self.result = ImportResult(rows=len(source.table.rows), hidden_rows=source.table.hidden_rows)
        self.result.excluded = [(row + 1, reason) for row, reason in source.table.excluded]
        # Required fields that only a rule or a linked record can give are checked once these had their say.
        given_later = {name for field in self.spec.typed_fields() if field.link in session.everything for name in field.fills}
        required = {field.name for field in self.spec.typed_fields() if field.required}
        self.checked_later = required if BEFORE_SAVE[self.spec.name] else required & given_later

    def run(self) -> ImportResult:
        rows: list[Row] = []
        try:
            with self.session.store.transaction():
                self.write_all(rows)
                if self.options.dry_run or not self.wanted():
                    raise _NothingKept
        except _NothingKept:
            if not self.wanted():
                for row in rows:
                    row.fate = "refused" if row.fate == "refused" else "skipped"
                self.links.made.clear()
        return self.summed_up(rows)

    def wanted(self) -> bool:
        """Tell whether anything is to be written as things stand."""
        return self.options.keep_good or not self.result.problems

    def write_all(self, rows: list[Row]) -> None:
        total = max(self.result.rows, 1)
        batch: list[Row] = []
        self.result.problems, self.result.warnings = self.reader.problems, self.reader.warnings
        for row in self.reader.rows(lambda done: self.progress(done, total) if done % BATCH == 0 else None):
            rows.append(row)
            batch.append(row)
            if len(batch) == BATCH:
                self.take(batch)
                batch = []
        self.take(batch)
        self.progress(self.result.rows, total)
        used: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            for name, value in row.values.items():
                if row.fate in {"added", "updated"} and self.spec.fields[name].link:
                    used[self.spec.fields[name].link].add(int(value or 0))
        if self.links.made:
            self.links.drop_unused(used)

    def take(self, batch: list[Row]) -> None:
        """Decide on each row, then write those that are new and those that change a record."""
        added: list[Row] = []
        changed: list[tuple[Row, Known]] = []
        duplicates: list[tuple[Row, str, Known]] = []
        known_rows: dict[int, Known] = {}
        for row in batch:
            if row.fate == "refused":
                continue
            match = self.matcher.find(row.values)
            if match.found:
                self.duplicate(row, match.by, match.found, changed, duplicates)
                continue
            if match.others:
                self.remark_namesake(row, match.others[0])
            if self.good(row):
                known_rows[row.number] = Known(row.values, row=row)
                self.matcher.add(known_rows[row.number])
                added.append(row)
        self.write(added, changed, known_rows)
        self.describe(duplicates)

    def duplicate(self, row: Row, by: str, found: Sequence[Known], changed: list[tuple[Row, Known]], duplicates: list[tuple[Row, str, Known]]) -> None:
        """Skip a row that is there already, or note that it changes what is there."""
        duplicates.append((row, by, found[0]))
        if self.options.on_duplicate == "skip":
            row.fate = "skipped"
        elif len(found) > 1:
            message = _("{count} records have this {field}; merge them first, or find duplicates by another field")
            self.refuse(row, [FieldProblem(by, message.format(count=len(found), field=self.spec.fields[by].title))])
        elif self.good(row, found[0]):
            changed.append((row, found[0]))

    def remark_namesake(self, row: Row, other: Known) -> None:
        title = str(other.values.get(self.spec.title) or "")
        where = _("row {row}").format(row=other.row.number) if other.row else _("a record that is there")
        message = _("{where} has the same name but differs in what tells them apart; this one was added as another").format(where=where)
        self.result.warnings.append(self.reader.place(row, self.spec.title, message) if title else self.reader.place(row, "", message))

    def good(self, row: Row, own: Known | None = None) -> bool:
        """Check a row by itself: its values, what is required, and what must be the only one."""
        skip = [*row.missing, *self.checked_later]
        only = list(row.values) if own is not None else None
        found = check_values(self.spec, self.writer.with_defaults(row), only=only, skip=[name for name in skip if name not in row.values])
        found += self.matcher.problems(row.values, own)
        for problem in found:
            if problem.warning and problem.field in row.values:
                self.result.warnings.append(self.reader.place(row, problem.field, problem.message))
        wrong = [problem for problem in found if not problem.warning]
        if wrong:
            self.refuse(row, wrong)
        return not wrong

    def refuse(self, row: Row, problems: Sequence[FieldProblem]) -> None:
        """Mark a row as refused and say why at each of its fields."""
        row.fate = "refused"
        self.result.problems += [self.reader.place(row, problem.field, problem.message) for problem in problems]

    def write(self, added: list[Row], changed: list[tuple[Row, Known]], known_rows: dict[int, Known]) -> None:
        writing = self.wanted()
        if writing:
            added = [row for row in added if self.make_links(row)]
            changed = [(row, known) for row, known in changed if self.make_links(row)]
        # What a row of the file adds to another one that isn't written yet is written with it.
        for row, known in [pair for pair in changed if pair[1].key is None and pair[1].row is not None]:
            self.merge(row.values, known.values)
        self.writer.add(added, writing=writing)
        for row in added:
            known_rows[row.number].key = row.key
        followers = [(row, known) for row, known in changed if known.row is not None and known.row.number in known_rows]
        for row, known in followers:
            if known.row is not None and known.row.fate == "refused":
                self.refuse(row, [FieldProblem("", _("It belongs to row {row}, which was refused").format(row=known.row.number))])
            else:
                row.fate = "updated"
        followed = {row.number for row, _known in followers}
        targets = [(row, known.key) for row, known in changed if row.number not in followed and known.key is not None]
        self.writer.change(targets, fill=self.options.on_duplicate == "fill", writing=writing)
        for row, known in changed:
            if row.fate is None:
                # The record belongs to a row of this file that wasn't written, because others were refused.
                row.fate = "updated" if known.row is not None and known.row.fate != "refused" else "skipped"

    def merge(self, new: Values, into: Values) -> None:
        """Take over what a later row of the file says about the same thing."""
        for name, value in new.items():
            if self.options.on_duplicate == "update" or is_empty(into.get(name)):
                into[name] = value

    def make_links(self, row: Row) -> bool:
        """Make the linked records a row names and nobody knows yet; False where one can't be made."""
        for name, text in row.missing.items():
            try:
                row.values[name] = self.links.make(self.spec.fields[name], text)
            except ConnectionLost:
                raise
            except ValueProblem as problem:
                self.refuse(row, [FieldProblem(name, problem.message)])
                return False
            except Invalid as problem:
                self.refuse(row, [FieldProblem(name, wrong.message) for wrong in problem.problems])
                return False
            except UserError as problem:
                self.refuse(row, [FieldProblem(name, problem.message)])
                return False
        return True

    def describe(self, duplicates: list[tuple[Row, str, Known]]) -> None:
        """Say of each duplicate what it is one of and in what it differs."""
        before = self.writer.before(sorted({known.key for _row, _by, known in duplicates if known.key is not None}))
        for row, by, known in duplicates:
            seen = known.values if known.key is None else before.get(known.key)
            title = self.writer.show(self.spec.title, row.values.get(self.spec.title))
            differences = []
            for name, value in row.values.items():
                old, new = self.writer.show(name, (seen or {}).get(name)), self.writer.show(name, value)
                if seen is not None and old != new:
                    differences.append((name, old, new))
            existing = self.writer.show(self.spec.title, seen.get(self.spec.title)) if seen is not None else title
            earlier = known.row.number if known.row is not None else None
            key = None if earlier is not None else known.key
            self.result.duplicates.append(Duplicate(row.number, title, by, key, earlier, existing, differences, self.options.on_duplicate))

    def summed_up(self, rows: list[Row]) -> ImportResult:
        result = self.result
        fates = Counter(row.fate for row in rows)
        result.added, result.updated, result.skipped, result.refused = (fates[fate] for fate in ("added", "updated", "skipped", "refused"))
        result.problems.sort(key=lambda problem: problem.row)
        result.warnings.sort(key=lambda problem: problem.row)
        result.created_links = {entity: len(keys) for entity, keys in self.links.made.items() if keys}
        result.label = self.label()
        return result

    def label(self) -> str:
        result = self.result
        counts = {"entity": self.spec.plural, "file": self.source.workbook.path.name, "rows": result.rows}
        counts |= {"added": result.added, "updated": result.updated, "skipped": result.skipped, "refused": result.refused}
        if not self.wanted():
            return _("Nothing was imported from {file}: {refused} of {rows} rows have problems, so the others were left out too").format(**counts)
        if self.options.dry_run:
            return _("Trial of {file}, nothing written: {added} would be added, {updated} updated, {skipped} skipped, {refused} refused").format(**counts)
        return _("{entity} imported from {file}: {added} added, {updated} updated, {skipped} skipped, {refused} refused").format(**counts)
