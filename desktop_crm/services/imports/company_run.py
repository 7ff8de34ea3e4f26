"""Importing a workbook of several related lists as one change set: all of it, or nothing of it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import StorageFailed, UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.domain.kinds import Text
from desktop_crm.services.imports.columns import shown
from desktop_crm.services.imports.links import LinkBook
from desktop_crm.services.imports.refused import write_refused_sheets
from desktop_crm.services.imports.run import run_import
from desktop_crm.services.imports.types import ImportResult, OnDuplicate, Options, RowProblem
from desktop_crm.services.records import require_write
from desktop_crm.services.rules import AFTER_SAVE, postponed
from desktop_crm.services.session import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.imports.company import CompanyBook, Part
    from desktop_crm.services.session import Session

COUNTS: Final = ("rows", "added", "updated", "skipped", "refused")


@dataclass(frozen=True)
class CompanyOptions:
    """How to import all sheets; each as in `Options`. Lines of documents that were there already are left alone, whatever `on_duplicate` says."""

    on_duplicate: OnDuplicate = "skip"
    keep_good: bool = False
    create_links: bool = False
    dry_run: bool = False


@dataclass
class SheetResult:
    """What became of one sheet."""

    sheet: str
    entity: str
    result: ImportResult


@dataclass
class CompanyResult:
    """What became of a workbook: each sheet in the order of the import, and the sheets that are none of it with the reason.

    In each of them and together ``rows == added + updated + skipped + refused``.
    """

    sheets: list[SheetResult] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    change_set: int | None = None
    label: str = ""

    def count(self, name: str) -> int:
        """Return one of COUNTS, over all sheets."""
        return sum(int(getattr(one.result, name)) for one in self.sheets)

    def whole(self) -> ImportResult:
        """Return what became of all sheets together, without the single rows."""
        made: dict[str, int] = {}
        for one in self.sheets:
            for entity, count in one.result.created_links.items():
                made[entity] = made.get(entity, 0) + count
        rows, added, updated, skipped, refused = (self.count(name) for name in COUNTS)
        return ImportResult(rows, added, updated, skipped, refused, change_set=self.change_set, created_links=made, label=self.label)


class _NothingKept(Exception):
    """Takes back all that was written; carries what there is to say all the same."""

    def __init__(self, result: CompanyResult) -> None:
        super().__init__()
        self.result = result


class _Again(Exception):
    """Some rows were refused only when all was there: the import is begun anew without them."""

    def __init__(self, problems: Mapping[int, Sequence[RowProblem]]) -> None:
        super().__init__()
        self.problems = problems


def run_company(session: Session, book: CompanyBook, options: CompanyOptions, *, progress: Callable[[int, int], None] = silent) -> Changes[CompanyResult]:
    """Import all sheets of a workbook as one change set, which `undo` takes back.

    Bad rows are no exception but problems of their sheet's result; with any of them nothing is written, unless `keep_good`. Raises
    NotAllowed where this person may not write the records of a sheet. `progress` is told the rows done and all of them.
    """
    for part in book.parts:
        require_write(session, part.spec.name)
    late: dict[int, list[RowProblem]] = {}
    while True:
        try:
            return _attempt(session, book, options, late, progress)
        except _Again as again:
            for place, problems in again.problems.items():
                late.setdefault(place, []).extend(problems)


def _attempt(
    session: Session, book: CompanyBook, options: CompanyOptions, late: Mapping[int, Sequence[RowProblem]], progress: Callable[[int, int], None]
) -> Changes[CompanyResult]:
    def work() -> CompanyResult:
        result = _Company(session, book, options, late, progress).run()
        session.relabel(result.label)
        return result

    inner = session.store.transaction() if session.store.in_transaction() else nullcontext()
    try:
        with inner:
            changes = session.write("import", _("{file} imported").format(file=book.workbook.path.name), work)
    except _NothingKept as nothing:
        return Changes(nothing.result, None, nothing.result.label)
    changes.result.change_set = changes.change_set
    return changes


class _Company:
    """One attempt; `late` are the rows, by part, that an earlier attempt found to be refused only when all was there."""

    def __init__(
        self, session: Session, book: CompanyBook, options: CompanyOptions, late: Mapping[int, Sequence[RowProblem]], progress: Callable[[int, int], None]
    ) -> None:
        self.session = session
        self.book = book
        self.options = options
        self.late = late
        self.progress = progress
        self.total = sum(len(part.source.table.rows) for part in book.parts)
        self.done = 0
        self.refused: dict[str, dict[str, tuple[str, int]]] = {}
        self.result = CompanyResult(left_out=list(book.left_out))

    def run(self) -> CompanyResult:
        """Import sheet after sheet, then run the rules of what several of them make up; raises _NothingKept, _Again."""
        here = {part.spec.name for part in self.book.parts}
        parents = {spec.fields[spec.parent].link for spec in (part.spec for part in self.book.parts) if spec.parent} & here
        standing = self.standing_lines()
        with postponed(parents) as waiting:
            for place, part in enumerate(self.book.parts):
                self.take(place, part, standing.get(place, set()))
        self.run_rules(waiting)
        wanted = self.options.keep_good or not self.result.count("refused")
        if not wanted:
            for one in self.result.sheets:
                one.result.skipped += one.result.added + one.result.updated
                one.result.added = one.result.updated = 0
                one.result.created_links = {}
        self.result.label = self.label(wanted=wanted)
        if self.options.dry_run or not wanted:
            raise _NothingKept(self.result)
        return self.result

    def take(self, place: int, part: Part, standing: set[int]) -> None:
        """Import one sheet but for its rows that are known to be refused, and for lines of documents that stand."""
        late = self.late.get(place, ())
        gone = {problem.row - 1 for problem in late} | standing
        table = part.source.table
        source = replace(part.source, table=replace(table, rows=[row for row in table.rows if row not in gone])) if gone else part.source
        options = Options(part.mapping, fixed=part.fixed, on_duplicate=self.options.on_duplicate, keep_good=True, create_links=self.options.create_links)
        done = self.done
        result = run_import(self.session, source, options, progress=lambda rows, _all: self.progress(done + rows, self.total)).result
        result.rows += len(gone)
        result.refused += len(gone - standing)
        result.skipped += len(standing)
        result.problems += late
        message = _("Its document is there already, so its lines are left as they are")
        result.warnings += [RowProblem(row + 1, "", "", "", message) for row in sorted(standing)]
        self.done += len(table.rows)
        result.problems = sorted((self.explained(part, problem) for problem in result.problems), key=lambda problem: problem.row)
        self.remember_refused(part, result)
        self.result.sheets.append(SheetResult(part.source.sheet.name, part.spec.name, result))

    # ---- lines

    def standing_lines(self) -> dict[int, set[int]]:
        """Return, by part, the rows that are lines of a document which is in this workbook and was there before: the document is no new one."""
        found: dict[int, set[int]] = {}
        for place, part in enumerate(self.book.parts):
            column = column_of(part, part.spec.parent) if part.spec.parent else None
            if column is None or self.options.on_duplicate == "add":
                continue
            parent = part.spec.fields[part.spec.parent].link
            documents = self.texts_of(parent)
            if not documents:
                continue
            book, known = LinkBook(self.session, parent), {}
            for row in part.source.table.rows:
                text = shown(part.source.sheet.cell(row, column)).strip()
                if text in documents and text not in known:
                    known[text] = _stands(book, text)
                if known.get(text):
                    found.setdefault(place, set()).add(row)
        return found

    def texts_of(self, entity: str) -> set[str]:
        """Return what the workbook's own records of an entity are called by."""
        return {text for part in self.book.parts if part.spec.name == entity for _row, text in naming_texts(part)}

    # ---- what is refused late

    def run_rules(self, waiting: Mapping[str, dict[int, None]]) -> None:
        """Run the rules that had to wait until all lines were there; a refusal is put down to the record's row."""
        found: dict[int, list[RowProblem]] = {}
        for entity, ids in waiting.items():
            for key, message in self.refusals(entity, list(ids)):
                place, problem = self.blamed(entity, key, message)
                found.setdefault(place, []).append(problem)
        if found and self.options.keep_good:
            raise _Again(found)
        for place, problems in found.items():
            result = self.result.sheets[place].result
            rows = {problem.row for problem in problems} - {problem.row for problem in result.problems}
            result.problems = sorted([*result.problems, *problems], key=lambda problem: problem.row)
            result.refused += len(rows)
            result.added -= min(result.added, len(rows))

    def refusals(self, entity: str, ids: list[int]) -> Iterator[tuple[int, str]]:
        """Run the rules of an entity and yield the records they refuse, halving until each of them stands alone."""
        if not ids:
            return
        try:
            with self.session.store.transaction():
                for rule in AFTER_SAVE[entity]:
                    rule(self.session, ids)
        except StorageFailed:
            raise
        except UserError as error:
            if len(ids) == 1:
                yield ids[0], error.message
                return
            middle = len(ids) // 2
            yield from self.refusals(entity, ids[:middle])
            yield from self.refusals(entity, ids[middle:])

    def blamed(self, entity: str, key: int, message: str) -> tuple[int, RowProblem]:
        """Return the part and the row that made a record."""
        entry = self.session.entity(entity)
        names = naming_fields(entry.spec)
        stored = self.session.records.rows(entry, [key], names)[0]
        texts = {str(stored[name]) for name in names if stored[name]}
        places = [place for place, part in enumerate(self.book.parts) if part.spec.name == entity]
        for place in places:
            for row, text in naming_texts(self.book.parts[place]):
                if text in texts:
                    return place, RowProblem(row + 1, "", "", text, message)
        first = self.book.parts[places[0]].source.table.rows
        return places[0], RowProblem(first[0] + 1 if first else 1, "", "", " ".join(sorted(texts)), message)

    def remember_refused(self, part: Part, result: ImportResult) -> None:
        bad = {problem.row - 1 for problem in result.problems}
        if bad:
            names = self.refused.setdefault(part.spec.name, {})
            names.update({text: (part.source.sheet.name, row + 1) for row, text in naming_texts(part) if row in bad})

    def explained(self, part: Part, problem: RowProblem) -> RowProblem:
        """Say of a link to a record that isn't there because its own row was refused that this is why."""
        spec = part.spec.fields.get(problem.field)
        at = self.refused.get(spec.link, {}).get(problem.value.strip()) if spec is not None and spec.link else None
        if at is None:
            return problem
        return replace(problem, message=_("“{text}” stands on sheet {sheet}, row {row}, which was refused").format(text=problem.value.strip(), sheet=at[0], row=at[1]))

    def label(self, *, wanted: bool) -> str:
        counts = {name: self.result.count(name) for name in COUNTS} | {"file": self.book.workbook.path.name, "sheets": len(self.result.sheets)}
        if not wanted:
            return _("Nothing was imported from {file}: {refused} of {rows} rows have problems, so the others were left out too").format(**counts)
        if self.options.dry_run:
            return _("Trial of {file}, nothing written: {added} would be added, {updated} updated, {skipped} skipped, {refused} refused").format(**counts)
        return _("{sheets} sheets imported from {file}: {added} added, {updated} updated, {skipped} skipped, {refused} refused").format(**counts)


def _stands(book: LinkBook, text: str) -> bool:
    try:
        return book.find(text) is not None
    except ValueProblem:
        return True


def column_of(part: Part, name: str) -> int | None:
    """Return the sheet column that is mapped to a field."""
    return next((column for column, field_name in part.mapping.items() if field_name == name), None)


def naming_fields(spec: EntitySpec) -> list[str]:
    """Return the fields by whose texts other sheets name an entity's records."""
    names = dict.fromkeys([spec.title, *spec.match, *(field_spec.name for field_spec in spec.fields.values() if field_spec.unique)])
    return [name for name in names if isinstance(spec.fields[name].kind, Text)]


def naming_texts(part: Part) -> Iterator[tuple[int, str]]:
    """Yield the rows of a sheet, from 0, with each text that other sheets may name their records by."""
    columns = [column for name in naming_fields(part.spec) if (column := column_of(part, name)) is not None]
    for row in part.source.table.rows if columns else ():
        cells = part.source.sheet.rows[row]
        for column in columns:
            text = shown(cells[column]).strip() if column < len(cells) else ""
            if text:
                yield row, text


def write_company_refused(book: CompanyBook, result: CompanyResult, path: Path) -> int:
    """Write the refused rows, each sheet as it was with a column of reasons, and return how many; raises UserError where the file can't be written."""
    found = {part.source.sheet.name: (part.source, one.result) for part, one in zip(book.parts, result.sheets, strict=True)}
    return write_refused_sheets([found[sheet.name] for sheet in book.workbook.sheets if sheet.name in found], path) if result.count("refused") else 0
