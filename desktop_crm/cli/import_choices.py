"""What is said on the command line about an import: which column is what, taken apart or joined, fixed values, values in the place of others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Usage
from desktop_crm.cli.naming import field_named, fields_named
from desktop_crm.domain.kind import cell_text
from desktop_crm.services import importing
from desktop_crm.services.imports import plans
from desktop_crm.services.imports.shapes import Shape, how_to_take_apart
from desktop_crm.services.imports.source import heading_key, readings

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.imports.types import Options, Source
    from desktop_crm.services.session import Session

LOOKED_AT = 200


def chosen(session: Session, source: Source, options: Namespace) -> tuple[Source, Options]:
    """Return the source with its made columns, and how to import: what is given, then what the plan says, then what is guessed; raises Usage."""
    spec = source.spec
    match = fields_named(spec, options.match) if options.match else ()
    plan = plans.load(session, plans.named(session, spec.name, options.plan), source) if options.plan else None
    if plan is not None:
        source = plan.source
    source, made = _shaped(source, options.split, options.join)
    guesses = importing.guess_mapping(session, source)
    if plan is not None:
        guesses = plans.guesses_by(plan, guesses)
    how = plan.options if plan is not None else importing.Options({})
    values = {name: dict(pairs) for name, pairs in how.values.items()}
    for field, text, instead in _values(spec, options.value):
        values.setdefault(field, {})[text] = instead
    return source, replace(
        how, mapping=importing.mapping_of(guesses, made | _typed_mapping(spec, source, options.map)), match=match or how.match,
        on_duplicate=options.on_duplicate or how.on_duplicate, on_similar=options.on_similar or how.on_similar,
        keep_good=options.keep_good or how.keep_good, create_links=options.create_links or how.create_links, dry_run=options.dry_run,
        fixed={**how.fixed, **dict(_assigned(spec, options.fixed))}, values=values,
    )  # fmt: skip


def named_columns(source: Source) -> dict[int, str]:
    """Return the headings by column; the second 电话 of a list is called 电话#2."""
    found: dict[int, str] = {}
    headings = source.columns()
    for place, (column, heading) in enumerate(headings.items()):
        before = list(headings.values())[:place].count(heading)
        found[column] = f"{heading}#{before + 1}" if before else heading
    return found


def _column(source: Source, heading: str) -> int:
    """Return the column with a heading, as it is written or whatever its case, blanks and unit; raises Usage naming those there are."""
    columns = [column for column, there in named_columns(source).items() if there == heading.strip()]
    columns = columns or [column for column, there in source.columns().items() if heading_key(heading) in readings(there)]
    if not columns:
        raise Usage(_("There is no column “{heading}”. There are: {known}").format(heading=heading, known=", ".join(source.columns().values())))
    return columns[0]


def _parted(text: str, like: str, sign: str = "=") -> tuple[str, str]:
    """Return what stands on the two sides of an assignment; raises Usage saying what one is written `like`."""
    left, found, right = text.rpartition(sign) if like.startswith("HEADING") else text.partition(sign)
    if not found or not left.strip():
        raise Usage(_("“{text}” is no assignment; write it like {like}").format(text=text, like=like))
    return left.strip(), right.strip()


def _typed_mapping(spec: EntitySpec, source: Source, texts: list[str]) -> dict[int, str]:
    """Return what ``--map HEADING=FIELD`` says, by column."""
    found: dict[int, str] = {}
    for text in texts:
        heading, name = _parted(text, "HEADING=FIELD")
        found[_column(source, heading)] = field_named(spec, name).name if name else ""
    return found


def _assigned(spec: EntitySpec, texts: list[str]) -> list[tuple[str, str]]:
    """Return what ``--fixed FIELD=VALUE`` says."""
    pairs = [_parted(text, "FIELD=VALUE") for text in texts]
    return [(field_named(spec, name).name, value) for name, value in pairs]


def _values(spec: EntitySpec, texts: list[str]) -> list[tuple[str, str, str]]:
    """Return what ``--value FIELD:FROM=TO`` says."""
    found = []
    for text in texts:
        name, rest = _parted(text, "FIELD:FROM=TO", ":")
        old, sign, new = rest.rpartition("=")
        if not sign or not old.strip():
            raise Usage(_("“{text}” is no assignment; write it like {like}").format(text=text, like="FIELD:FROM=TO"))
        found.append((field_named(spec, name).name, old.strip(), new.strip()))
    return found


def _shaped(source: Source, splits: list[str], joins: list[str]) -> tuple[Source, dict[int, str]]:
    """Return the source with what ``--split`` and ``--join`` make, and the fields that is for."""
    fields: dict[int, str] = {}
    for text in splits:
        heading, right = _parted(text, "HEADING=FIELD,FIELD[@HOW]")
        names, _at, how = right.partition("@")
        listed = [name.strip() for name in names.replace("，", ",").split(",")]
        column = _column(source, heading)
        texts = [cell_text(cell).strip() for cell in source.cells(column, LOOKED_AT)]
        how = how or how_to_take_apart(texts)
        if not how:
            raise Usage(_("It doesn't show how “{heading}” is to be taken apart; put it behind the fields, as @place, @person or @/").format(heading=heading))
        shape = Shape(_next(source), "split", (column,), how, len(listed))
        source = replace(source, shapes=(*source.shapes, shape))
        if len(listed) > len(shape.numbers()):
            raise Usage(_("“{heading}” is taken apart into {count} parts at most").format(heading=heading, count=len(shape.numbers())))
        fields |= {number: field_named(source.spec, name).name for number, name in zip(shape.numbers(), listed, strict=False) if name}
    for text in joins:
        name, right = _parted(text, "FIELD=HEADING+HEADING")
        shape = Shape(_next(source), "join", tuple(_column(source, heading) for heading in right.split("+")))
        source = replace(source, shapes=(*source.shapes, shape))
        fields[shape.numbers()[0]] = field_named(source.spec, name).name
    return source, fields


def _next(source: Source) -> int:
    return max((shape.number for shape in source.shapes), default=-1) + 1
