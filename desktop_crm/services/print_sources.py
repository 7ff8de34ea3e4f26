"""What can be printed, as one stream of documents with their values: records of an entity, or what a report makes of many.

An entity needs nothing: its records are documents with the values of `print_values`. What isn't one record a document – a statement of account, a
dunning letter – registers a function with `prints_as` under the name that templates say in ``prints``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Condition, Every, Query, Where
from desktop_crm.services import print_log, records
from desktop_crm.services.documents import print_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.session import Session

READ_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Asked:
    """What is to be printed: `prints` is an entity or a name registered with `prints_as`, `ids` its records (customers for statements and letters).

    `template` is the short name of the template; `period` the first and last day where the documents cover one; `start` the place of the first
    label on its sheet, from 1. With `anyway` what is wrong in a template is left out instead of refused.
    """

    prints: str
    ids: tuple[int, ...] = ()
    template: str = ""
    period: tuple[date, date] | None = None
    start: int | None = None
    anyway: bool = False

    def count(self) -> int:
        """Return how many documents it is at most, for the progress."""
        return max(len(self.ids), 1)


@dataclass(frozen=True)
class Document:
    """One document: the record it is of, as the log of prints names it, and the values it is printed with.

    `template` is the short name where the document itself decides which it is, `customer` who gets it, `about` what whoever made it wants back.
    `periodic` documents of one record are told apart by their title, since next month's is no second print of this month's.
    """

    entity: str
    id: int
    title: str
    values: Mapping[str, Any]
    template: str = ""
    customer: int | None = None
    about: Any = None
    periodic: bool = False


Source = Callable[["Session", Asked], Iterator[Document]]
SOURCES: Final[dict[str, Source]] = {}
OF: Final[dict[str, str]] = {}
"""By source, the entity whose records are its `ids`."""


def prints_as(name: str, *, of: str) -> Callable[[Source], Source]:
    """Register a function that makes the documents of the templates that print `name`, for records of the entity `of`."""

    def enter(function: Source) -> Source:
        SOURCES[name] = function
        OF[name] = of
        return function

    return enter


def documents(session: Session, asked: Asked) -> Iterator[Document]:
    """Yield the documents one at a time, each with how often it was printed before; raises NotFound, NotAllowed, UserError."""
    if asked.prints in SOURCES:
        source = SOURCES[asked.prints](session, asked)
    elif asked.prints in session.catalog:
        source = _records(session, asked)
    else:
        raise UserError(_("The template “{name}” prints “{entity}”, which there is not").format(name=asked.template, entity=asked.prints))
    for one in source:
        before = print_log.times(session, one.entity, one.id, one.template or asked.template, one.title if one.periodic else "")
        yield replace(one, values={**one.values, "print": {**one.values.get("print", {}), "times": before}})


def _records(session: Session, asked: Asked) -> Iterator[Document]:
    spec = session.spec(asked.prints)
    link = next((field.name for field in spec.fields.values() if field.link == "customer"), "")
    for key in asked.ids:
        values = print_values(session, asked.prints, key)
        title = session.records.titles(session.entity(asked.prints), [key]).get(key, "")
        customer = key if asked.prints == "customer" else records.read(session, spec, [key], [link])[0][link] if link else None
        yield Document(asked.prints, key, title, values, customer=None if customer is None else int(customer))


def printed_for(entity: str) -> tuple[str, ...]:
    """Return what templates may print for records of an entity: the records themselves, and what is made of them."""
    return (entity, *(name for name, of in OF.items() if of == entity))


def day_of(spec: EntitySpec) -> str:
    """Return the field by which records belong to a period: what puts them into the books, else the first date of their list; empty where they have none."""
    return spec.dated or next((name for name in (*spec.columns, *spec.filters) if spec.fields[name].kind.name == "date"), "")


def in_period(spec: EntitySpec, condition: Condition, period: tuple[date, date]) -> Condition:
    """Return a condition narrowed to the days of a period, both within; raises UserError where the records have no date."""
    day = day_of(spec)
    if not day:
        raise UserError(_("{entity} have no date of their own, so a period can't choose them").format(entity=spec.plural))
    return Every((condition, Where(day, "ge", period[0]), Where(day, "le", period[1])))


def ids_of(session: Session, prints: str, condition: Condition, *, period: tuple[date, date] | None = None, sort: str = "", descending: bool = False) -> tuple[int, ...]:
    """Return the records to print that fulfil a condition, in an order; `period` narrows them by their date.

    Raises UserError where a period is given and the records have no such date, NotAllowed.
    """
    spec = session.spec(prints)
    if period is not None:
        condition = in_period(spec, condition, period)
        sort = sort or day_of(spec)
    query = records.listed(session, Query(prints, condition, sort or spec.sort, descending if sort else spec.descending, ("id",)))
    found: list[int] = []
    while len(part := session.records.ids(query, limit=READ_AT_ONCE, offset=len(found))) == READ_AT_ONCE:
        found += part
    return (*found, *part)
