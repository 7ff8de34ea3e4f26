"""Writing the rows of an import in bulk; where a rule refuses one of them, all is begun anew with care, to find it.

Savepoints are what finds it, and they are dear: SQLite walks through everything a savepoint holds with every statement. So there
are none as long as all goes well, and small ones otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from desktop_crm.base.errors import FieldProblem, Invalid, NotAllowed, StorageFailed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Where, both
from desktop_crm.services import writing
from desktop_crm.services.checking import check_values, is_empty
from desktop_crm.services.records import read
from desktop_crm.services.rules import BEFORE_SAVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.models.insertion import Keys
    from desktop_crm.services.imports.types import Fate, Row
    from desktop_crm.services.session import Session

Item = TypeVar("Item")


CAREFUL: Final = 50
"""Rows inside one savepoint."""


class BatchRefused(Exception):
    """A rule refused some row of a batch: the transaction is to be taken back and the import begun anew with care."""


class _Done(NamedTuple):
    """What became of one row: its fate, its record, and why it was refused."""

    row: Row
    fate: Fate
    key: int | None = None
    problems: Sequence[FieldProblem] = ()


class Target(NamedTuple):
    """A row and the record it changes; with `fill` only where that is empty."""

    row: Row
    key: int
    fill: bool = False


def problems_of(error: UserError) -> list[FieldProblem]:
    """Return what a refusal says, field by field."""
    return list(error.problems) if isinstance(error, Invalid) else [FieldProblem(error.field, error.message)]


class Writer:
    """Writes the rows of one import; `refuse` is told each row that can't be written and why.

    Without `writing` all is worked out and checked, and nothing written. Without `careful` it raises BatchRefused where a rule
    refuses something.
    """

    def __init__(self, session: Session, spec: EntitySpec, refuse: Callable[[Row, Sequence[FieldProblem]], None], *, careful: bool, keys: Keys | None = None) -> None:
        self.session = session
        self.spec = spec
        self.writing = True
        self._careful = careful
        self._keys = keys
        self._refuse = refuse
        self._entry = session.entity(spec.name)
        self._scope = session.scope(spec.name, "write")
        self._linked: dict[str, dict[int, Values]] = defaultdict(dict)
        self._filling = [field for field in spec.typed_fields() if field.fills]
        self._defaults = writing.with_defaults(session, spec.name, {})
        self._required = [field.name for field in spec.typed_fields() if field.required and not field.rule]
        # What a rule or a linked record may still give is asked for only after these had their say.
        self.given_later = set(self._required) if BEFORE_SAVE[spec.name] else {name for field in self._filling for name in field.fills}
        self.asked_first = [name for name in self._required if name not in self.given_later]

    def add(self, rows: Sequence[Row]) -> None:
        """Add the records of `rows`."""
        self._attempt(rows, self._add, lambda row: row)

    def change(self, targets: Sequence[Target]) -> None:
        """Take the rows' values over into their records."""
        self._attempt(targets, self._change, lambda target: target.row)

    def _attempt(self, items: Sequence[Item], act: Callable[[Sequence[Item]], list[_Done]], row_of: Callable[[Item], Row]) -> None:
        if self._careful:
            for start in range(0, len(items), CAREFUL):
                self._find(items[start : start + CAREFUL], act, row_of)
        elif items:
            try:
                self._settle(act(items))
            except StorageFailed:
                raise
            except UserError as error:
                raise BatchRefused from error

    def _find(self, items: Sequence[Item], act: Callable[[Sequence[Item]], list[_Done]], row_of: Callable[[Item], Row]) -> None:
        """Write what can be written, halving until the row to blame stands alone."""
        try:
            with self.session.store.transaction():
                done = act(items)
        except StorageFailed:
            raise
        except UserError as error:
            if len(items) == 1:
                self._refuse(row_of(items[0]), problems_of(error))
                return
            middle = len(items) // 2
            self._find(items[:middle], act, row_of)
            self._find(items[middle:], act, row_of)
            return
        self._settle(done)

    def _settle(self, done: Sequence[_Done]) -> None:
        for row, fate, key, problems in done:
            row.fate, row.key = fate, key
            if problems:
                self._refuse(row, problems)

    def _add(self, rows: Sequence[Row]) -> list[_Done]:
        session, name = self.session, self.spec.name
        values = [dict(row.values) for row in rows]
        self._fill(values)
        values = [{**self._defaults, **one} for one in values]
        writing.complete(session, name, values)
        self._fill(values)
        if self.spec.owner:
            for one in values:
                if one.get(self.spec.owner) is None:
                    one[self.spec.owner] = session.person.id
        done, good = [], []
        for row, one in zip(rows, values, strict=True):
            later = [field for field in self._required if field not in row.missing] if row.missing else self._required
            wrong = check_values(self.spec, one, only=later) if any(is_empty(one.get(field)) for field in later) else []
            if wrong:
                done.append(_Done(row, "refused", None, wrong))
            else:
                good.append((row, one))
        if not self.writing:
            return [*done, *(_Done(row, "added") for row, _one in good)]
        fresh = [one for _row, one in good]
        made = writing.insert_rows(session, name, fresh, completed=True, rules=False, keys=self._keys)
        self._finish(made, fresh)
        return [*done, *(_Done(row, "added", key) for (row, _one), key in zip(good, made, strict=True))]

    def _change(self, targets: Sequence[Target]) -> list[_Done]:
        session, name = self.session, self.spec.name
        keys = sorted({target.key for target in targets})
        stored = {row["id"]: row for row in session.records.rows(self._entry, keys, [*self._entry.written()])}
        allowed = set(session.records.ids_where(self._entry, both(Where("id", "in", keys), self._scope)))
        done: list[_Done] = []
        changed: dict[int, None] = {}
        for row, key, fill in targets:
            if key not in stored or key not in allowed:
                done.append(_Done(row, "refused", None, [FieldProblem("", _("This is there already, and you have no right to change it"))]))
                continue
            current = stored[key]
            new = {field: value for field, value in row.values.items() if current.get(field) != value and (not fill or is_empty(current.get(field)))}
            if not new:
                done.append(_Done(row, "skipped", key))
                continue
            stored[key] = {**current, **new}
            if self.writing:
                writing.update_row(session, name, key, stored[key], rules=False)
            changed[key] = None
            done.append(_Done(row, "updated", key))
        if self.writing:
            self._finish(list(changed))
        return done

    def _finish(self, keys: list[int], added: Sequence[Values] = ()) -> None:
        """Run the rules for what was written, `added` being the values of new records, and see that this person may still write it."""
        if not keys:
            return
        writing.run_after_save(self.session, self.spec.name, keys, added=added)
        writing.run_parents_rules(self.session, self.spec.name, keys)
        if self._scope == EVERYTHING:
            return
        if self.session.records.count(self._entry, both(Where("id", "in", keys), self._scope)) != len(keys):
            raise NotAllowed(_("You can't give a record to somebody whose records you may not change. Ask a manager to do it"), field=self.spec.owner)

    def _fill(self, rows: Sequence[Values]) -> None:
        """Copy what linked records give into fields that are empty."""
        for field in self._filling:
            held = self._linked[field.link]
            new = {int(row[field.name]) for row in rows if row.get(field.name) is not None} - held.keys()
            if new:
                sources = list(dict.fromkeys(source for other in self._filling if other.link == field.link for source in other.fills.values()))
                held.update((row["id"], row) for row in self.session.records.rows(self.session.entity(field.link), sorted(new), sources))
            for row in rows:
                other = held.get(int(row[field.name])) if row.get(field.name) is not None else None
                for name, source in field.fills.items() if other is not None else ():
                    if is_empty(row.get(name)) and other is not None and not is_empty(other[source]):
                        row[name] = other[source]

    def before(self, keys: Sequence[int], names: Iterable[str]) -> dict[int, Values]:
        """Return records as they stand, links with their titles; those this person may not see are left out."""
        seen = self.session.records.ids_where(self._entry, self.session.readable(self.spec.name, Where("id", "in", list(keys)))) if keys else []
        return {row["id"]: row for row in read(self.session, self.spec, seen, [*dict.fromkeys([self.spec.title, *names])])}

    def show(self, name: str, value: Any) -> str:
        """Return a value of a field as a user reads it."""
        return self.spec.fields[name].show(value)
