"""An import from beginning to end, as one change set: read, matched, completed, checked, written - or nothing at all."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple

from desktop_crm.base.errors import FieldProblem, StorageFailed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models.insertion import keyed_by, texts_of
from desktop_crm.services.checking import check_values, is_empty
from desktop_crm.services.imports.alike import AlikeNames
from desktop_crm.services.imports.deleted import Deleted
from desktop_crm.services.imports.keymakers import KeyMakers
from desktop_crm.services.imports.links import Links
from desktop_crm.services.imports.matching import SAME, Known, Match, Matcher, match_fields
from desktop_crm.services.imports.rows import SheetReader
from desktop_crm.services.imports.source import checked_field, checked_mapping
from desktop_crm.services.imports.store import BatchRefused, Target, Writer
from desktop_crm.services.imports.types import Duplicate, Fate, ImportResult, OnDuplicate, Options, Row, Source
from desktop_crm.services.records import require_write
from desktop_crm.services.session import Changes
from desktop_crm.services.writing import with_defaults

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.session import Session

Progress = Callable[[int, int], None]
AHEAD: Final = 4
"""Batches that are read before the first of them is written, so that their keys are there by then."""
_SELDOM: Final = (50_000, 50, 50)
MOST_ALIKE: Final = (5_000, 50_000)
"""Rows and records up to which names that differ in more than the legal form are looked for."""
KEPT: Final = 20_000
"""Rows of a list of which all is kept where nothing will be written, to show in what a row differs from an earlier one."""


class _NothingKept(Exception):
    """Takes back the whole transaction of an import; carries what the import has to say all the same."""

    def __init__(self, result: ImportResult) -> None:
        super().__init__()
        self.result = result


def run_import(session: Session, source: Source, options: Options, *, progress: Progress = silent) -> Changes[ImportResult]:
    """Import a list as one change set, which `undo` takes back.

    Bad rows are no exception but `problems` of the result; with any of them nothing is written, unless `keep_good`. Raises
    NotAllowed without the right to write such records, UserError for a mapping or match that can't be. `progress` is told the rows
    done and all of them; what it raises breaks the import off, with nothing written.
    """
    require_write(session, source.spec.name)
    try:
        return _attempt(session, source, options, progress, careful=False)
    except BatchRefused:
        return _attempt(session, source, options, progress, careful=True)


def _attempt(session: Session, source: Source, options: Options, progress: Progress, *, careful: bool) -> Changes[ImportResult]:
    def work() -> ImportResult:
        # The helpers load their tables while the records that are there are looked through.
        with closing(KeyMakers(len(source.table.rows), _given_later(source.spec))) as keys, quiet_collector():
            result = _Import(session, source, options, progress, keys, careful=careful).run()
        session.relabel(result.label)
        return result

    # Inside somebody else's transaction only what is ours is taken back.
    inner = session.store.transaction() if session.store.in_transaction() else nullcontext()
    try:
        with inner:
            changes = session.write("import", _("{entity} imported").format(entity=source.spec.plural), work)
    except _NothingKept as nothing:
        return Changes(nothing.result, None, nothing.result.label)
    changes.result.change_set = changes.change_set
    return changes


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Keep the collector of garbage from going through everything that is there again and again while millions of objects are made."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _given_later(spec: EntitySpec) -> int:
    """Return the place among a record's key texts of the number that is given out when it is written; -1 where there is none."""
    return next((place for place, field in enumerate(keyed_by(spec)) if field.rule), -1)


class _Pair(NamedTuple):
    """A row, what it is a duplicate of, by what, and what is to be done with it."""

    row: Row
    known: Known
    match: Match
    action: OnDuplicate


class _Import:
    """One attempt at an import; a broken-off transaction is tried again with a new one."""

    def __init__(self, session: Session, source: Source, options: Options, progress: Progress, keys: KeyMakers, *, careful: bool) -> None:
        self.session = session
        self.source = source
        self.spec = source.spec
        self.options = options
        self.progress = progress
        mapping = checked_mapping(source, options.mapping)
        for name in (*options.fixed, *options.values):
            checked_field(source.spec, name)
        self.mapped = list(dict.fromkeys([*mapping.values(), *options.fixed]))
        looked_for = options.on_duplicate != "add" or options.match or options.decisions
        match = match_fields(source.spec, options.match, self.mapped) if looked_for else ()
        self.links = Links(session, create=options.create_links)
        self.reader = SheetReader(source, mapping, self.links, values=options.values, fixed=options.fixed)
        self.matcher = Matcher(session, self.spec, match, self.mapped, self.alike_names() if match else None)
        self.done = 0
        self.deleted = Deleted(session, self.spec, match)
        self.keys = keys
        self.writer = Writer(session, self.spec, self.refuse, careful=careful, keys=self.keys)
        self.result = ImportResult(rows=len(source.table.rows), hidden_rows=source.table.hidden_rows)
        self.result.excluded = [(row + 1, reason) for row, reason in source.table.excluded]
        self.result.problems, self.result.warnings = self.reader.problems, self.reader.warnings
        self.fates: Counter[Fate] = Counter()
        self.used: dict[str, set[int]] = defaultdict(set)
        self.defaults = with_defaults(session, self.spec.name, {})

    def alike_names(self) -> AlikeNames | None:
        """Return where names that are nearly the same are looked for; None where there are so many rows that it would take too long."""
        rows = len(self.source.table.rows)
        if rows > KEPT:
            return None
        most_rows, most_records = MOST_ALIKE
        return AlikeNames(fuzzy=rows <= most_rows and self.session.records.count(self.session.entity(self.spec.name), EVERYTHING) <= most_records)

    def run(self) -> ImportResult:
        """Return what was imported; raises _NothingKept where all of it is to be taken back."""
        self.write_all()
        if not self.wanted():
            refused = self.fates["refused"]
            self.fates = Counter({"refused": refused, "skipped": self.fates.total() - refused})
            self.links.made.clear()
        result = self.summed_up()
        if self.options.dry_run or not self.wanted():
            raise _NothingKept(result)
        return result

    def wanted(self) -> bool:
        """Tell whether anything is to be written as things stand."""
        return self.options.keep_good or not self.result.problems

    def write_all(self) -> None:
        total = self.result.rows
        waiting: deque[list[Row]] = deque()
        whole = total <= KEPT and self.matcher.there() > total
        if not whole:
            self.matcher.load(self.tell)
        for batch in self.reader.batches(lambda _done: self.tell()):
            self.keys.ahead(texts_of(self.spec, [row.values for row in batch]))
            waiting.append(batch)
            if not whole and len(waiting) > AHEAD:
                self.take(waiting.popleft())
        if whole:
            # A list that is the smaller side is read whole first: of a million records only those are kept that it may speak of.
            self.matcher.load(self.tell, [row.values for batch in waiting for row in batch])
        while waiting:
            self.take(waiting.popleft())
            self.tell()
        self.progress(total, total)
        if self.links.made and self.wanted():
            self.links.drop_unused(self.used)

    def tell(self) -> None:
        """Say how many rows are done, and hear whether to go on."""
        self.progress(self.done, self.result.rows)

    def take(self, batch: list[Row]) -> None:
        """Write a batch; of its rows nothing stays but how many had which fate, and which linked records they use."""
        self.keys.take()
        self.done += len(batch)
        self.decide(batch)
        self.fates.update(row.fate for row in batch if row.fate is not None)
        for row in batch:
            for name in row.missing if row.fate in {"added", "updated"} else ():
                if row.values.get(name) is not None:
                    self.used[self.spec.fields[name].link].add(int(row.values[name]))

    def decide(self, batch: list[Row]) -> None:
        """Decide on each row, then write those that are new and those that change a record."""
        added: list[Known] = []
        changed: list[_Pair] = []
        found: list[_Pair] = []
        for row, keys in zip(batch, self.matcher.keys_of([row.values for row in batch]), strict=True):
            if row.fate == "refused":
                continue
            match = self.matcher.find(row.values, keys)
            if match.found:
                pair = self.decided(row, match)
                if pair is None:
                    continue
                found.append(pair)
                if pair.action != "add":
                    if self.changes_what_is_there(pair):
                        changed.append(pair)
                    continue
            if self.good(row, row.values):
                if match.others:
                    self.remark_namesake(row, match.others[0])
                self.remark_deleted(row)
                added.append(Known(row.values, row=row, number=row.number))
                self.matcher.add(added[-1], row.values, keys)
        self.describe(found)
        self.write(added, changed)

    def decided(self, row: Row, match: Match) -> _Pair | None:
        """Return a duplicate with what is to be done with it; None where what was decided is about another record than it is one of now."""
        known = match.found[0]
        chosen = self.options.decisions.get(row.number)
        if chosen is None:
            return _Pair(row, known, match, self.options.on_duplicate if match.similarity == SAME else self.options.on_similar)
        if chosen.action not in {"skip", "add"} and chosen.existing_id != (known.key if known.number is None else None):
            self.refuse(row, [FieldProblem(match.by, _("What is there has changed since you decided about this row; look at it again"))])
            return None
        return _Pair(row, known, match, chosen.action)

    def changes_what_is_there(self, pair: _Pair) -> bool:
        """Say whether a duplicate is to change what it is one of; otherwise it is skipped or refused."""
        row, own, match, action = pair
        field = self.spec.fields[match.by]
        if action == "skip":
            row.fate = "skipped"
            return False
        if len(match.found) > 1:
            message = _("{count} records have this {field}; merge them first, or find duplicates by another field")
            self.refuse(row, [FieldProblem(match.by, message.format(count=len(match.found), field=field.title))])
            return False
        taken_over = {name: value for name, value in row.values.items() if action == "update" or is_empty(own.values.get(name))}
        if not self.good(row, taken_over, own):
            return False
        (keys,) = self.matcher.keys_of([taken_over])
        self.matcher.add(own, taken_over, keys)
        return True

    def remark_namesake(self, row: Row, other: Known) -> None:
        there = _("a record that is there") if other.number is None else _("row {row}").format(row=other.number)
        message = _("The same name as {record}, but something else that tells them apart differs; this one is added as another").format(record=there)
        self.result.warnings.append(self.reader.place(row, self.spec.title, message))

    def remark_deleted(self, row: Row) -> None:
        """Say of a record to be added that one like it is in the recycle bin."""
        found = self.deleted.find(row.values)
        if found is not None:
            self.result.warnings.append(self.reader.place(row, *found))

    def good(self, row: Row, values: Values, own: Known | None = None) -> bool:
        """Check what a row gives by itself: its values, what is required of a new one, and what must be the only one."""
        found = [problem for name in values for problem in row.checks.get(name, ())] if row.checks else []
        lacking = [name for name in self.writer.asked_first if name not in values and name not in row.missing] if own is None else []
        if lacking:
            found += check_values(self.spec, {**self.defaults, **values}, only=lacking)
        found += self.matcher.problems(values, own)
        wrong = [problem for problem in found if not problem.warning]
        self.result.warnings += [self.reader.place(row, problem.field, problem.message) for problem in found if problem.warning]
        if wrong:
            self.refuse(row, wrong)
        return not wrong

    def refuse(self, row: Row, problems: Sequence[FieldProblem]) -> None:
        """Mark a row as refused and say why at each of its fields."""
        row.fate = "refused"
        self.result.problems += [self.reader.place(row, problem.field, problem.message) for problem in problems]

    def write(self, added: list[Known], changed: list[_Pair]) -> None:
        self.writer.writing = self.wanted()
        if self.wanted():
            changed = [pair for pair in changed if not pair.row.missing or self.make_links(pair.row)]
        # What a row says about one above it that isn't written yet is written with that one.
        inner = [pair for pair in changed if pair.known.key is None]
        for row, known, _match, action in inner:
            for name, value in row.values.items():
                if action == "update" or is_empty(known.values.get(name)):
                    known.values[name] = value
        new = [known.row for known in added if known.row is not None and (not known.row.missing or not self.wanted() or self.make_links(known.row))]
        self.writer.add(new)
        for known in added:
            known.key = known.row.key if known.row is not None else None
        for row, known, _match, _action in inner:
            row.fate = "updated"
            if known.row is not None and known.row.fate == "refused":
                self.refuse(row, [FieldProblem("", _("It adds to row {row}, which was refused").format(row=known.row.number))])
        within = {id(pair.row) for pair in inner}
        outer = [Target(pair.row, pair.known.key, fill=pair.action == "fill") for pair in changed if id(pair.row) not in within and pair.known.key is not None]
        self.writer.change(outer)
        for known in added:
            refused = known.row is not None and known.row.fate == "refused"
            if known.key is not None or (self.result.rows > KEPT and not refused):
                self.matcher.settle(known)

    def make_links(self, row: Row) -> bool:
        """Make the linked records a row names and nobody knows yet; False where one can't be made."""
        for name in row.missing if len(row.missing) == 1 else self.links.in_order(self.spec, row.missing):
            try:
                row.values[name] = self.links.make(self.spec, self.spec.fields[name], row.missing[name], row.values)
            except StorageFailed:
                raise
            except UserError as problem:
                self.refuse(row, [FieldProblem(name, problem.message)])
                return False
        return True

    def describe(self, found: list[_Pair]) -> None:
        """Say of each duplicate what it is one of and in what it differs."""
        before = self.writer.before(sorted({pair.known.key for pair in found if pair.known.key is not None}), self.mapped)
        show, title = self.writer.show, self.spec.title
        for row, known, match, action in found:
            there = known.values if known.key is None else before.get(known.key)
            differences = []
            compared = self.matcher.telling if known.key is None and known.row is None else row.values
            for name, value in row.values.items() if there is not None else ():
                if name not in compared:
                    continue
                old, new = show(name, (there or {}).get(name)), show(name, value)
                if old != new:
                    differences.append((name, old, new))
            mine = show(title, row.values.get(title))
            theirs = show(title, there.get(title)) if there is not None else mine
            earlier = known.number
            key = known.key if earlier is None else None
            self.result.duplicates.append(Duplicate(row.number, mine, match.by, key, earlier, theirs, differences, action, match.similarity))

    def summed_up(self) -> ImportResult:
        result, fates = self.result, self.fates
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
