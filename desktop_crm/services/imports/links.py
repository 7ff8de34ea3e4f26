"""Links named in a list: found among the records by title, number or sign-in name, all of them read at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref, Values
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.kinds import Phone, Text
from desktop_crm.domain.text import fold, fold_company
from desktop_crm.services import writing
from desktop_crm.services.checking import check_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session

_NAMED: Final = 3


def _exact(text: str) -> str:
    return text


class LinkBook:
    """The records of one linked entity by what a list may call them: exactly, then folded, then as the name of a company."""

    def __init__(self, session: Session, entity: str) -> None:
        self.session = session
        self.spec: EntitySpec = session.everything[entity]
        self.fields = self._naming_fields()
        self.titles: dict[int, str] = {}
        self._names: list[tuple[str, int]] = []
        # The later ones are filled when they are first needed.
        self._levels: list[tuple[Callable[[str], str], dict[str, set[int]]]] = [(key_of, defaultdict(set)) for key_of in (_exact, fold, fold_company)]
        self._made: dict[tuple[str, ...], int] = {}
        if entity in session.catalog:
            self._load()

    def _naming_fields(self) -> list[str]:
        spec = self.spec
        unique = [field.name for field in spec.fields.values() if field.unique]
        names = dict.fromkeys([spec.title, *spec.match, *unique])
        return [name for name in names if isinstance(spec.fields[name].kind, Text) and not isinstance(spec.fields[name].kind, Phone)]

    def _load(self) -> None:
        """Read the names of all records this person may see."""
        session, name = self.session, self.spec.name
        for row in session.records.find(session.entity(name), session.readable(name, EVERYTHING), self.fields, sort="id"):
            self._enter(row)

    def _enter(self, row: Values) -> None:
        self.titles[row["id"]] = str(row.get(self.spec.title) or "")
        self._names += [(row[name], row["id"]) for name in self.fields if row.get(name)]

    def find(self, text: str) -> Ref | None:
        """Return the record called `text`, None where there is none; raises ValueProblem where there are several."""
        for key_of, index in self._levels:
            if not index:
                for name, key in self._names:
                    index[key_of(name)].add(key)
            found = index.get(key_of(text), set())
            if len(found) > 1:
                named = _(", ").join(f"{self.titles[key]} (#{key})" for key in sorted(found)[:_NAMED])
                raise ValueProblem(
                    _("“{text}” may be more than one {entity}: {records}; write its number instead").format(
                        text=text, entity=in_sentence(self.spec.singular), records=named
                    )
                )
            for key in found:
                return Ref(key, self.titles[key])
        return None

    def by_id(self, text: str) -> Ref | None:
        """Return the record ``#id`` stands for, None where the text is no such thing or the record isn't there."""
        digits = text.removeprefix("#")
        key = int(digits) if digits != text and digits.isascii() and digits.isdecimal() else -1
        return Ref(key, self.titles[key]) if key in self.titles else None

    def may_create(self) -> bool:
        """Tell whether a record can be made of nothing but its title, by this person."""
        spec = self.spec
        given = {spec.title, spec.owner, *(name for name, field in spec.fields.items() if field.default is not None or field.rule or field.derived)}
        lacking = any(field.required and field.name not in given for field in spec.typed_fields())
        return self.session.may_write(spec.name) and not lacking and not spec.fields[spec.title].link

    def create(self, text: str, given: Values) -> tuple[Ref, bool]:
        """Return a record called `text`, with the `given` links, made unless this import has made it already, and whether it was; raises ValueProblem."""
        alike = (fold_company(text) or text, *(f"{name}={int(key)}" for name, key in given.items()))
        if alike in self._made:
            return Ref(self._made[alike], self.titles[self._made[alike]]), False
        session, spec = self.session, self.spec
        title: FieldSpec = spec.fields[spec.title]
        values = writing.with_defaults(session, spec.name, {spec.title: title.parse(text), **given})
        if spec.owner:
            values[spec.owner] = session.person.id
        writing.complete(session, spec.name, [values])
        wrong = [problem for problem in check_values(spec, values) if not problem.warning]
        if wrong:
            raise ValueProblem(
                _("“{text}” is no {entity} known here, and can't be made from its name alone: {reason}").format(
                    text=text, entity=in_sentence(spec.singular), reason=wrong[0].message
                )
            )
        with session.store.transaction():
            (key,) = writing.insert_rows(session, spec.name, [values], completed=True)
        self._made[alike] = key
        self.titles[key] = str(values[spec.title])
        return Ref(key, self.titles[key]), True


def shared_links(made: EntitySpec, row: EntitySpec) -> list[tuple[str, str]]:
    """Return the links of two entities that lead to the same third one, where each has only one that does: (of `made`, of `row`)."""
    def leading(spec: EntitySpec) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for field in spec.typed_fields():
            if field.link and field.name != spec.owner:
                found[field.link].append(field.name)
        return found

    theirs, ours = leading(made), leading(row)
    return [(theirs[entity][0], ours[entity][0]) for entity in theirs if len(theirs[entity]) == 1 and len(ours.get(entity, ())) == 1]


class Links:
    """The link books of one import, made when first asked for; counts what it makes."""

    def __init__(self, session: Session, *, create: bool) -> None:
        self.session = session
        self.create = create
        self.made: dict[str, set[int]] = defaultdict(set)
        self._books: dict[str, LinkBook] = {}

    def book(self, entity: str) -> LinkBook:
        """Return the records of an entity by their names."""
        if entity not in self._books:
            self._books[entity] = LinkBook(self.session, entity)
        return self._books[entity]

    def find(self, field: FieldSpec, text: str) -> Ref | None:
        """Return the record a text names; None where it is to be made; raises ValueProblem where it is unknown or ambiguous."""
        book = self.book(field.link)
        found = book.find(text)
        if found is not None:
            return found
        if self.create and book.may_create():
            return None
        remedy = _("“{text}” is no {entity} known here; add it first, or correct the spelling")
        if book.may_create():
            remedy = _("“{text}” is no {entity} known here; add it first, correct the spelling, or let the import make what is missing")
        raise ValueProblem(remedy.format(text=text, entity=in_sentence(book.spec.singular)))

    def make(self, spec: EntitySpec, field: FieldSpec, text: str, row: Values) -> Ref:
        """Return the record a text names, made where this import hasn't made it already; raises ValueProblem where it can't be.

        A contact made for an opportunity is one of the same customer: what the record to be made links to and its `row` too is taken over.
        """
        book = self.book(field.link)
        given: Values = {}
        for own, other in shared_links(book.spec, spec):
            if row.get(other) is not None and other != field.name:
                given[own] = row[other]
        made, new = book.create(text, given)
        if new:
            self.made[field.link].add(int(made))
        return made

    def in_order(self, spec: EntitySpec, names: Iterable[str]) -> list[str]:
        """Return fields whose records are to be made in the order in which one needs the other."""
        waiting = list(names)
        needs = {name: {other for _own, other in shared_links(self.book(spec.fields[name].link).spec, spec)} for name in waiting}
        return sorted(waiting, key=lambda name: len(needs[name].intersection(waiting) - {name}))

    def drop_unused(self, used: dict[str, set[int]]) -> None:
        """Delete what was made for rows that were refused in the end."""
        for entity, keys in self.made.items():
            idle = keys - used.get(entity, set())
            writing.delete_rows(self.session, entity, sorted(idle))
            self.made[entity] = keys - idle
