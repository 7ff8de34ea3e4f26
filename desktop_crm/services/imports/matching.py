"""Telling whether a row is there already: among the records, or earlier in the same file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import FieldProblem, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.domain.kinds import Link, Text
from desktop_crm.domain.text import fold, fold_company
from desktop_crm.services.checking import is_empty, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.domain.kind import Kind
    from desktop_crm.services.imports.alike import AlikeNames
    from desktop_crm.services.imports.types import Row
    from desktop_crm.services.session import Session

SAME: Final = 100
"""The similarity, in per cent, of what says the same."""
PART: Final = 5000
"""Records read at a time."""
_PLAIN_LINES: Final = re.compile(r"[\n\x20-\x7e\u4e00-\u9fff]*")

Keys = tuple[Any, ...]


@dataclass(eq=False, slots=True)
class Known:
    """What a row may be a duplicate of: a record by its `key`, or what an earlier row of the file became or is to become.

    `number` is that row's, as the sheet counts; `row` is the row itself as long as it isn't written. `values` are those that tell
    duplicates, and all of them as long as there is a `row`.
    """

    values: Values
    key: int | None = None
    row: Row | None = None
    number: int | None = None


@dataclass(frozen=True)
class Match:
    """What a row agrees with: the field it was found by and whom it fits; `others` agree in that field but are somebody else.

    A `similarity` below 100 per cent says that only the names are alike.
    """

    by: str = ""
    found: tuple[Known, ...] = ()
    others: tuple[Known, ...] = ()
    similarity: int = SAME


NOTHING: Final = Match()


def match_key(kind: Kind, value: Any) -> Any:
    """Return a value for comparing: width, case, accents and blanks of texts don't count."""
    if not isinstance(kind, Text):
        return value
    key = fold(value).replace(" ", "")
    # The same object where nothing was folded: an index over a million names holds them once.
    return value if key == value else key


def match_keys(kind: Kind, values: Sequence[Any]) -> list[Any]:
    """Return the `match_key` of many values, None for an empty one."""
    texts = [value or "" for value in values] if isinstance(kind, Text) else []
    joined = "\n".join(texts)
    # Where there is no width, no accent and no odd blank to fold in any of them, all are folded at once.
    if texts and joined.count("\n") == len(texts) - 1 and _PLAIN_LINES.fullmatch(joined):
        keys = joined.lower().replace(" ", "").split("\n")
        return [None if not value else value if value == key else key for value, key in zip(texts, keys, strict=True)]
    return [None if is_empty(value) else match_key(kind, value) for value in values]


def match_fields(spec: EntitySpec, asked: tuple[str, ...], mapped: Collection[str]) -> tuple[str, ...]:
    """Return the fields that tell duplicates, as asked for or as declared, as far as the file has them; raises UserError."""
    unknown = [name for name in asked if name not in spec.fields or spec.fields[name].derived]
    if unknown:
        raise UserError(_("{entity} has no field {name} to find duplicates by").format(entity=spec.singular, name=unknown[0]))
    absent = [name for name in asked if name not in mapped]
    if asked and len(absent) == len(asked):
        raise UserError(_("No column is assigned to {field}, by which duplicates are to be found").format(field=spec.fields[absent[0]].title))
    return tuple(name for name in asked or spec.match if name in mapped)


class Asked:
    """What the rows of a file may be duplicates of: by match keys, values that must be the only one, and names but for the legal form, of the field `title`."""

    def __init__(self, kinds: Mapping[str, Kind], keys: Mapping[str, set[Any]], values: Mapping[str, set[Any]], title: str, columns: Mapping[str, Sequence[Any]]) -> None:
        self._kinds = kinds
        self._keys = keys
        self._values = values
        self._title = title
        self._companies = {fold_company(str(name)) for name in columns[title] if name} if title else set()
        self._heads = {key[:2] for key in self._companies}

    def places(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Return the places of the records one of the rows may be a duplicate of, by the `columns` of many records."""
        found: set[int] = set()
        for name, wanted in self._keys.items():
            keys = match_keys(self._kinds[name], columns[name])
            self._note(found, keys, wanted)
            if name == self._title:
                found.update(place for place, key in enumerate(keys) if key and self._begins(key) and fold_company(str(columns[name][place])) in self._companies)
        for name, wanted in self._values.items():
            self._note(found, columns[name], wanted)
        return sorted(found)

    @staticmethod
    def _note(found: set[int], column: Sequence[Any], wanted: set[Any]) -> None:
        # Of most parts nothing is asked, which is known by one look at all of it.
        if not wanted.isdisjoint(column):
            found.update(place for place, key in enumerate(column) if key in wanted)

    def _begins(self, key: str) -> bool:
        """Tell whether a folded name may be one of the companies but for its legal form, which stands at the end: to leave that away takes longer."""
        head = key[:2]
        return head in self._heads or key[0] in self._heads or not head.isalnum()


class Matcher:
    """The records and earlier rows by the fields that tell duplicates, and by those that must be the only one; `load` enters the records.

    With `alike`, still empty, names that only nearly say the same are found too.
    """

    def __init__(self, session: Session, spec: EntitySpec, match: tuple[str, ...], mapped: Collection[str], alike: AlikeNames | None = None) -> None:
        self._session = session
        self._spec = spec
        self._match = match
        self._unique: list[FieldSpec] = [field for field in spec.fields.values() if field.unique and field.name in mapped]
        self._links = [field.name for field in spec.typed_fields() if field.link and field.name != spec.owner and field.name in mapped]
        # Most keys are one record's: a list for each of a million would fill the memory.
        self._index: dict[str, dict[Any, Known | list[Known]]] = {name: {} for name in match}
        self._used: dict[str, dict[Any, Known]] = {field.name: {} for field in self._unique}
        self._kinds = {name: spec.fields[name].kind for name in match}
        self._alike = alike if spec.title in match and type(spec.fields[spec.title].kind) is Text else None
        self._compared = [*dict.fromkeys([*match, *self._used])]
        self.telling = list(dict.fromkeys([*match, *self._used, *self._links, spec.title]))

    def there(self) -> int:
        """Return how many records there are to be compared with."""
        return self._session.records.count(self._session.entity(self._spec.name), EVERYTHING) if self._match or self._unique else 0

    def load(self, step: Callable[[], None], rows: Sequence[Values] | None = None) -> None:
        """Enter the records that are there; where all `rows` of the file are given, only those that one of them may be a duplicate of. `step` is called at each part."""
        if not self._match and not self._unique:
            return
        if rows is None or (self._alike is not None and self._alike.fuzzy):
            for part in self._there(self.telling):
                step()
                self._enter(part)
            return
        entry = self._session.entity(self._spec.name)
        asked = self._asked({name: [row.get(name) for row in rows] for name in self._compared})
        last = 0
        while (ids := (found := self._session.records.columns(entry, self._compared, after=last, limit=PART))[0]):
            step()
            last = ids[-1]
            places = asked.places(dict(zip(self._compared, found[1:], strict=True)))
            if places:
                self._enter(self._session.records.rows(entry, [ids[place] for place in places], self.telling))

    def _asked(self, columns: Mapping[str, Sequence[Any]]) -> Asked:
        """Return what is looked for where the rows of a file have these `columns`."""
        keys = {name: set(match_keys(self._kinds[name], columns[name])) - {None} for name in self._match}
        values = {name: {value for value in columns[name] if not is_empty(value)} for name in self._used}
        return Asked(self._kinds, keys, values, self._spec.title if self._alike is not None else "", columns)

    def _there(self, names: Sequence[str]) -> Iterator[list[Values]]:
        """Yield the records that are there with the fields `names`, a part at a time."""
        entry, last = self._session.entity(self._spec.name), 0
        while part := self._session.records.find(entry, Where("id", "gt", last), names, sort="id", limit=PART):
            yield part
            last = part[-1]["id"]

    def _enter(self, part: Sequence[Values]) -> None:
        for row, keys in zip(part, self.keys_of(part), strict=True):
            self.add(Known(row, key=row["id"]), row, keys)

    def keys_of(self, rows: Sequence[Values]) -> list[Keys]:
        """Return by what each of some rows is compared: its key for each of the fields that tell duplicates, None for an empty one."""
        columns = [match_keys(self._kinds[name], [row.get(name) for row in rows]) for name in self._match]
        return list(zip(*columns, strict=True)) if columns else [()] * len(rows)

    def settle(self, known: Known) -> None:
        """Keep of a row that was written only what tells duplicates."""
        values = known.values
        known.values = {name: values[name] for name in self.telling if name in values}
        known.row = None

    def add(self, known: Known, values: Values, keys: Keys) -> None:
        """Enter a record, or a row that will become one, under the `values` it has or gets and their `keys_of`."""
        for (name, index), key in zip(self._index.items(), keys, strict=True):
            if key is None:
                continue
            alike = index.setdefault(key, known)
            if isinstance(alike, list):
                if known not in alike:
                    alike.append(known)
            elif alike is not known:
                index[key] = [alike, known]
            if self._alike is not None and name == self._spec.title:
                self._alike.add(str(values[name]), known)
        for name, used in self._used.items():
            value = values.get(name)
            if not is_empty(value):
                used.setdefault(value, known)

    def find(self, values: Values, keys: Keys) -> Match:
        """Return what `values`, with their `keys_of`, are a duplicate of: by the first field that finds any."""
        others: tuple[Known, ...] = ()
        for position, (name, key) in enumerate(zip(self._match, keys, strict=True)):
            alike = self._index[name].get(key)  # nobody is entered under None
            if alike is None:
                continue
            alike = alike if isinstance(alike, list) else [alike]
            found = tuple(known for known in alike if not self._somebody_else(position, values, known))
            if found:
                return Match(name, found)
            others = tuple(alike)
        return self._near(values, others)

    def _near(self, values: Values, others: tuple[Known, ...]) -> Match:
        """Return what has nearly the same name as `values`, where nothing surer tells the two apart."""
        title = self._spec.title
        name = values.get(title)
        if self._alike is None or is_empty(name):
            return Match(others=others) if others else NOTHING
        position = self._match.index(title)
        for known, similarity in self._alike.find(str(name)):
            if known not in others and not self._somebody_else(position, values, known):
                return Match(title, (known,), others, similarity)
        return Match(others=others) if others else NOTHING

    def _somebody_else(self, position: int, mine: Values, known: Known) -> bool:
        """Two of the same name are different where a link or a surer field than the name says so.

        张伟 of one customer isn't 张伟 of another, nor two companies of one name with different credit codes the same. Of two rows
        of one list their numbers tell; against a record they say nothing, as our own rule may have given it out.
        """
        theirs = known.values
        field = self._spec.fields[self._match[position]]
        if field.name != self._spec.title or field.unique:
            return False
        surer = [name for name in self._match[:position] if known.number is not None or not self._spec.fields[name].unique]
        return any(
            not is_empty(mine.get(name)) and not is_empty(theirs.get(name)) and self._differ(name, mine[name], theirs[name])
            for name in (*surer, *self._links)
        )

    def _differ(self, name: str, mine: Any, theirs: Any) -> bool:
        kind = self._spec.fields[name].kind
        return bool(mine != theirs) if isinstance(kind, Link) else match_key(kind, mine) != match_key(kind, theirs)

    def problems(self, values: Values, own: Known | None = None) -> list[FieldProblem]:
        """Return the fields of `values` that must be the only ones and aren't; `own` is the record they are written to."""
        found = []
        for field in self._unique:
            holder = self._used[field.name].get(values.get(field.name)) if not is_empty(values.get(field.name)) else None
            if holder is not None and holder is not own:
                found.append(FieldProblem(field.name, taken(field, values[field.name])))
        return found
