"""A workbook of several related lists: which sheet is which, and in what order they are imported so that links find what they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, in_every_language
from desktop_crm.services.imports.mapping import guess_mapping, mapping_of
from desktop_crm.services.imports.source import Headings, heading_key
from desktop_crm.services.imports.types import ColumnGuess, Source
from desktop_crm.services.workbooks.headings import find_block
from desktop_crm.services.workbooks.layout import explains_others, find_table
from desktop_crm.services.workbooks.reader import read_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.session import Session
    from desktop_crm.services.workbooks.cells import Sheet, Workbook

_NAMED: Final = 2.0
_LEAST_KNOWN: Final = 0.3
_SURELY_KNOWN: Final = 0.5
_NUMBERED: Final = re.compile(r"^[\d一二三四五六七八九十]*")


@dataclass
class Part:
    """One sheet of the workbook: the list in it, what its columns seem to be, and the mapping that is used, by sheet column (from 0).

    `fixed` are the texts of fields that all of its rows say without a column.
    """

    source: Source
    guesses: list[ColumnGuess]
    mapping: dict[int, str]
    fixed: dict[str, str]

    @property
    def spec(self) -> EntitySpec:
        """The entity its rows become."""
        return self.source.spec


@dataclass
class CompanyBook:
    """A workbook whose sheets are known: `parts` in the order they are imported, `left_out` the other sheets, each with the reason."""

    workbook: Workbook
    parts: list[Part]
    left_out: list[tuple[str, str]]


def open_company(session: Session, path: Path, *, password: str | None = None, chosen: Mapping[str, str] | None = None) -> CompanyBook:
    """Read a workbook and tell which entity each of its sheets is; `chosen` says it for sheets by name, "" leaves one out.

    Raises PasswordNeeded, UnreadableFile, and UserError where no sheet is known.
    """
    return company_book(session, read_workbook(path, password=password), chosen=chosen)


def company_book(session: Session, workbook: Workbook, *, chosen: Mapping[str, str] | None = None) -> CompanyBook:
    """Return what `open_company` does of a workbook that was read already."""
    asked = dict(chosen or {})
    unknown = [name for name in asked if all(sheet.name != name for sheet in workbook.sheets)]
    if unknown:
        names = _(", ").join(sheet.name for sheet in workbook.sheets)
        raise UserError(_("There is no sheet {name} in the file; it has: {names}").format(name=unknown[0], names=names))
    known = {spec.name: Headings(session.catalog, spec) for spec in importable(session)}
    parts: list[Part] = []
    left_out: list[tuple[str, str]] = []
    for sheet in workbook.sheets:
        found = _part(session, workbook, sheet, known, asked)
        if isinstance(found, Part):
            parts.append(found)
        else:
            left_out.append((sheet.name, found))
    if not parts:
        reasons = _("; ").join(f"{name}: {reason}" for name, reason in left_out)
        raise UserError(_("No sheet of {file} is a list this program knows. {reasons}").format(file=workbook.path.name, reasons=reasons))
    return CompanyBook(workbook, in_order(parts), left_out)


def importable(session: Session) -> list[EntitySpec]:
    """Return the entities that a sheet may hold and this person may write: those of the navigation, and lines."""
    return [spec for spec in session.catalog.values() if (spec.group or spec.parent or spec.sheet) and session.may_write(spec.name)]


def entity_of(session: Session, sheet: Sheet, known: Mapping[str, Headings] | None = None) -> str:
    """Return the entity a sheet seems to hold, by its name and its headings; "" where none does."""
    headings = known or {spec.name: Headings(session.catalog, spec) for spec in importable(session)}
    best = max((_score(session.catalog[name], sheet, own) for name, own in headings.items()), default=(0.0, ""))
    return best[1]


def _part(session: Session, workbook: Workbook, sheet: Sheet, known: Mapping[str, Headings], asked: Mapping[str, str]) -> Part | str:
    """Return a sheet as a list of an entity, or why it is none."""
    if asked.get(sheet.name) == "":
        return _("left out by choice")
    if not sheet.rows:
        return _("it is empty")
    if sheet.name not in asked and sheet.hidden:
        return _("it is hidden")
    if sheet.name not in asked and explains_others(sheet.name):
        return _("it explains the others")
    entity = asked.get(sheet.name) or entity_of(session, sheet, known)
    if not entity:
        return _("it isn't known what its rows are")
    spec = session.spec(entity)
    table = find_table(sheet, (known.get(entity) or Headings(session.catalog, spec)).known)
    if table is None:
        return _("it has no row of headings")
    if not table.rows and not table.excluded:
        return _("it has no rows below its headings")
    source = Source(workbook, sheet, table, spec)
    guesses = guess_mapping(session, source)
    mapping = mapping_of(guesses)
    own = spec.sheet.given if spec.sheet is not None and heading_key(sheet.name) in _keys(spec.sheet.label) else {}
    fixed = {name: spec.fields[name].show(value) for name, value in own.items() if name in spec.fields and name not in mapping.values()}
    return Part(source, guesses, mapping, fixed)


def _keys(*labels: str) -> set[str]:
    return {heading_key(text) for label in labels if label for text in in_every_language(label)}


def _score(spec: EntitySpec, sheet: Sheet, known: Headings) -> tuple[float, str]:
    """Return how much a sheet looks like a list of an entity, and the entity; ("", 0) where it doesn't."""
    block = find_block(sheet, known.known, None)
    headings = list(block.headings.values()) if block else []
    if not headings:
        return 0.0, ""
    found = [{name for _rank, name in known.find(heading)[1]} for heading in headings]
    coverage = sum(1 for names in found if names) / len(headings)
    required = [field.name for field in spec.typed_fields() if field.required and not field.rule and field.default is None]
    there = set().union(*found)
    complete = sum(name in there for name in required) / len(required) if required else coverage
    called = _called(spec, sheet.name)
    if (called and coverage >= _LEAST_KNOWN) or (complete == 1 and coverage >= _SURELY_KNOWN):
        return (_NAMED + called / 100 if called else 0.0) + coverage + complete, spec.name
    return 0.0, ""


def _called(spec: EntitySpec, name: str) -> int:
    """Return how many characters of a sheet's name are what the entity is called; 0 where it is called otherwise."""
    key = _NUMBERED.sub("", heading_key(name))
    names = _keys(spec.label, spec.one, spec.sheet.label if spec.sheet else "") | {heading_key(alias) for alias in spec.aliases}
    return max((len(own) for own in names if own and own in key), default=0)


# ---- the order


def in_order(parts: Sequence[Part]) -> list[Part]:
    """Return the parts so that each comes after those its rows link to."""
    order = [spec.name for spec in by_links([part.spec for part in parts])]
    return sorted(parts, key=lambda part: order.index(part.spec.name))


def by_links(specs: Sequence[EntitySpec]) -> list[EntitySpec]:
    """Return entities so that each comes after those it links to; in their own order where links say nothing, or run in a circle."""
    waiting, done = list(specs), []
    while waiting:
        left = {spec.name for spec in waiting}
        ready = next((spec for spec in waiting if not _needed(spec, left)), None)
        # In a circle the links a record must have go before those it may have.
        ready = ready or next((spec for spec in waiting if not _needed(spec, left, only_required=True)), waiting[0])
        waiting.remove(ready)
        done.append(ready)
    return done


def _needed(spec: EntitySpec, there: set[str], *, only_required: bool = False) -> set[str]:
    links = {field.link for field in spec.typed_fields() if field.link and (field.required or not only_required)}
    return (links & there) - {spec.name}
