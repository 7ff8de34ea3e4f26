"""What the import page asks in the background: a file with its columns and what they are taken for, as a plan has them or as they look."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from desktop_crm.services import importing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from desktop_crm.services.importing import ColumnGuess, Options, Shape, Source
    from desktop_crm.services.imports.plans import Plan
    from desktop_crm.services.session import Session


@dataclass(frozen=True)
class Opened:
    """A file with what its columns are taken for; `options` are those of a plan, with the `titles` of the records among its fixed values."""

    source: Source
    guesses: Sequence[ColumnGuess]
    options: Options | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


def opened(session: Session, entity: str, path: Path, password: str | None, how: Mapping[str, Any]) -> Opened:
    """Read a file, and take its columns for what they were the last time, else for what they look like."""
    source = importing.open_source(session, entity, path, password=password, **how)
    plan = importing.plans.recall(session, source)
    return _by(session, plan) if plan is not None else Opened(source, importing.guess_mapping(session, source))


def planned(session: Session, source: Source, key: int) -> Opened:
    """Lay a plan over a file that is open."""
    return _by(session, importing.plans.load(session, key, source))


def opened_again(session: Session, source: Source, shapes: tuple[Shape, ...]) -> Opened:
    """Make other columns out of those of a file that is open, for the fields there are by now."""
    made = replace(source, shapes=shapes, spec=session.spec(source.spec.name))
    return Opened(made, importing.guess_mapping(session, made))


def _by(session: Session, plan: Plan) -> Opened:
    guesses = importing.plans.guesses_by(plan, importing.guess_mapping(session, plan.source))
    return Opened(plan.source, guesses, plan.options, importing.plans.fixed_titles(session, plan))
