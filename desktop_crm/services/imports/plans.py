"""Import plans: what was chosen for the columns of a list, remembered for its headings and kept under names, in the company's own database.

Whoever imports a list with the same headings next, on whichever computer, finds the columns as they were left; nothing of it is binding.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.services import writing
from desktop_crm.services.imports.duplicate_list import ACTIONS
from desktop_crm.services.imports.links import LinkBook
from desktop_crm.services.imports.refused import is_reasons
from desktop_crm.services.imports.shapes import Shape
from desktop_crm.services.imports.types import Options
from desktop_crm.services.layouts import headings_key
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.imports.types import ColumnGuess, OnDuplicate, Source
    from desktop_crm.services.session import Changes, Session

ENTITY: Final = "import_plan"
LONGEST: Final = 100

Spot = tuple[str, int]
"""A column of a file: its heading, and the how manieth of that heading it is."""


@dataclass(frozen=True)
class Saved:
    """A plan that is kept: one of `same` is for the headings it was asked with, one `remembered` nobody saved by hand."""

    id: int
    name: str
    same: bool
    remembered: bool


@dataclass(frozen=True)
class Plan:
    """A plan laid over a file: the source with its made columns, the field of each column the plan knows ("" for none), and how to import."""

    name: str
    source: Source
    mapping: dict[int, str]
    options: Options


def _key(source: Source) -> str:
    return headings_key(text for text in source.table.headings if not is_reasons(text))


def _spots(source: Source) -> dict[Spot, int]:
    found: dict[Spot, int] = {}
    for column, heading in zip(source.table.columns, source.table.headings, strict=True):
        found[heading, sum(one == heading for one, _count in found)] = column
    return found


def saved(session: Session, entity: str, source: Source | None = None) -> list[Saved]:
    """Return the plans of an entity: those for the headings of `source` first, what was remembered last."""
    if ENTITY not in session.catalog:
        return []
    key = _key(source) if source is not None else ""
    rows = session.records.find(session.entity(ENTITY), session.readable(ENTITY, Where("entity", "eq", entity)), ["name", "headings", "remembered"], sort="name")
    found = [Saved(row["id"], row["name"], bool(key) and row["headings"] == key, bool(row["remembered"])) for row in rows]
    return sorted((one for one in found if one.same or not one.remembered), key=lambda one: (not one.same, one.remembered))


def named(session: Session, entity: str, name: str) -> int:
    """Return the id of a plan by its name; raises NotFound."""
    kept = [one for one in saved(session, entity) if not one.remembered]
    found = next((one.id for one in kept if one.name.casefold() == name.strip().casefold()), None)
    if found is None:
        names = _(", ").join(one.name for one in kept) or _("none")
        raise NotFound(_("There is no import plan “{name}”. There are: {names}").format(name=name, names=names))
    return found


def recall(session: Session, source: Source) -> Plan | None:
    """Return what was chosen for these headings the last time, by whomever; None where nothing was."""
    if ENTITY not in session.catalog:
        return None
    condition = session.readable(ENTITY, Every((Where("entity", "eq", source.spec.name), Where("headings", "eq", _key(source)))))
    rows = session.records.find(session.entity(ENTITY), condition, ["name", "content", "updated_at"], sort="id")
    last = max(rows, key=lambda row: (row["updated_at"], row["id"]), default=None)
    return _laid_over(last["name"], last["content"], source) if last is not None else None


def load(session: Session, key: int, source: Source) -> Plan:
    """Return a plan laid over a file; columns and fields that aren't there are left out. Raises NotFound."""
    rows = session.records.find(session.entity(ENTITY), session.readable(ENTITY, Where("id", "eq", key)), ["name", "content"])
    if not rows:
        raise NotFound(_("This import plan isn't there any more"))
    return _laid_over(rows[0]["name"], rows[0]["content"], source)


def fixed_titles(session: Session, plan: Plan) -> dict[str, str]:
    """Return the names of the records a plan's fixed values stand for, by field."""
    spec, found = plan.source.spec, {}
    for name, text in plan.options.fixed.items():
        chosen = LinkBook(session, spec.fields[name].link).by_id(text) if spec.fields[name].link and text.startswith("#") else None
        if chosen is not None:
            found[name] = chosen.title
    return found


def save(session: Session, source: Source, options: Options, name: str = "") -> Changes[None] | None:
    """Keep a plan under a name, in the place of one of that name; without a name remember it for these headings. None where it is the same.

    Raises NotAllowed without the right to import such records, UserError for a name that is too long.
    """
    require_write(session, source.spec.name)
    name = name.strip()
    if len(name) > LONGEST:
        raise UserError(_("This is {count} characters long; at most {limit} fit").format(count=len(name), limit=LONGEST))
    key, text = _key(source), json.dumps(_content(source, options), ensure_ascii=False)
    asked = [Where("entity", "eq", source.spec.name), Where("remembered", "eq", not name), Where("name", "eq", name) if name else Where("headings", "eq", key)]
    rows = session.records.find(session.entity(ENTITY), session.readable(ENTITY, Every(tuple(asked))), ["name", "headings", "content"], sort="id")
    values: Values = {
        "name": name or source.workbook.path.name[:LONGEST], "entity": source.spec.name, "headings": key, "content": text, "remembered": not name,
    }
    if rows and all(rows[0][field] == values[field] for field in ("headings", "content")):
        return None
    return session.write("plan", _("Import plan “{name}” saved").format(name=values["name"]), lambda: _put(session, rows[0]["id"] if rows else None, values))


def rename(session: Session, key: int, name: str) -> Changes[None]:
    """Give a plan another name; raises UserError where it is empty, too long or taken."""
    name = name.strip()
    held = writing.stored_values(session, ENTITY, key)
    if held is None:
        raise NotFound(_("This import plan isn't there any more"))
    if not name or len(name) > LONGEST:
        raise UserError(_("Give the plan a name of up to {limit} characters").format(limit=LONGEST), field="name")
    if any(one.name.casefold() == name.casefold() and one.id != key for one in saved(session, held["entity"]) if not one.remembered):
        raise UserError(_("There is an import plan of this name already"), field="name")
    return session.write("plan", _("Import plan “{name}” saved").format(name=name), lambda: _put(session, key, {"name": name, "remembered": False}))


def delete(session: Session, key: int) -> Changes[None]:
    """Delete a plan; `undo` brings it back."""
    held = writing.stored_values(session, ENTITY, key)
    if held is None:
        raise NotFound(_("This import plan isn't there any more"))
    return session.write("plan", _("Import plan “{name}” deleted").format(name=held["name"]), lambda: writing.delete_rows(session, ENTITY, [key]))


def _put(session: Session, key: int | None, values: Values) -> None:
    if key is None:
        writing.insert_rows(session, ENTITY, [values])
    else:
        writing.update_row(session, ENTITY, key, {**(writing.stored_values(session, ENTITY, key) or {}), **values})


def _content(source: Source, options: Options) -> dict[str, Any]:
    spots = {column: spot for spot, column in _spots(source).items()}
    mapping = options.mapping
    return {
        "columns": [[*spot, mapping.get(column, "")] for column, spot in spots.items() if not is_reasons(spot[0])],
        "shapes": [
            {"kind": shape.kind, "columns": [list(spots[column]) for column in shape.columns], "how": shape.how, "count": shape.count,
             "fields": [mapping.get(number, "") for number in shape.numbers()]}
            for shape in source.shapes
        ],
        "fixed": dict(options.fixed), "values": {name: dict(pairs) for name, pairs in options.values.items() if pairs}, "match": list(options.match),
        "on_duplicate": options.on_duplicate, "on_similar": options.on_similar, "keep_good": options.keep_good, "create_links": options.create_links,
    }  # fmt: skip


def _laid_over(name: str, text: str, source: Source) -> Plan:
    """Lay what is kept over a file, as far as its columns and this person's fields go."""
    content: Mapping[str, Any] = json.loads(text)
    spots, spec = _spots(source), source.spec

    def known(field: str) -> bool:
        return field in spec.fields and not spec.fields[field].derived

    mapping: dict[int, str] = {}
    for heading, count, field in content["columns"]:
        column = spots.get((heading, count))
        if column is not None:
            mapping[column] = field if known(field) else ""
    shapes = []
    for number, kept in enumerate(content["shapes"]):
        columns = tuple(spots.get((heading, count), -1) for heading, count in kept["columns"])
        if -1 in columns:
            continue
        shapes.append(Shape(number, kept["kind"], columns, kept["how"], kept["count"]))
        mapping |= {made: field if known(field) else "" for made, field in zip(shapes[-1].numbers(), kept["fields"], strict=False)}
    options = Options(
        {column: field for column, field in mapping.items() if field}, tuple(field for field in content["match"] if known(field)), _action(content["on_duplicate"]),
        keep_good=bool(content["keep_good"]), create_links=bool(content["create_links"]), on_similar=_action(content["on_similar"]),
        fixed={field: given for field, given in content["fixed"].items() if known(field)},
        values={field: dict(pairs) for field, pairs in content["values"].items() if known(field)},
    )  # fmt: skip
    return Plan(name, replace(source, shapes=tuple(shapes)), mapping, options)


def _action(text: str) -> OnDuplicate:
    return next((code for code in ACTIONS if code == text), "skip")


def guesses_by(plan: Plan, guesses: Sequence[ColumnGuess]) -> list[ColumnGuess]:
    """Return guesses with what a plan says in their place; a column the plan doesn't know keeps its guess unless the field is taken."""
    taken = set(plan.mapping.values())
    found = []
    for guess in guesses:
        if guess.column in plan.mapping:
            field = plan.mapping[guess.column]
            same = field == guess.field
            found.append(replace(guess, field=field, confidence="plan" if field else "none", remark=guess.remark if same or not field else ""))
        elif guess.field in taken:
            found.append(replace(guess, field="", confidence="none"))
        else:
            found.append(guess)
    return found
