"""The lines of a document as rows in their order: a row for each item, and those that open and close a group of items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.printing.bands import place_band
from desktop_crm.printing.tables import Row, items_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.printing.press import Press
    from desktop_crm.printing.tables import TableSetter
    from desktop_crm.printing.template import Lines, SummaryRow
    from desktop_crm.printing.values import Formula

MAX_ITEMS: Final = 50_000

@dataclass(frozen=True, slots=True)
class Entry:
    """A row in its order: of an `item` or of a group; where a page may not end before or after it, and where one must begin."""

    row: Row
    item: bool = True
    with_next: bool = False
    with_previous: bool = False
    new_page: bool = False


def items_in(lines: Lines | None, values: Mapping[str, Any], press: Press) -> list[Mapping[str, Any]]:
    """Return the items of a document; more than MAX_ITEMS are a problem."""
    if lines is None:
        return []
    source = f"{lines.source}/list"
    found: list[Mapping[str, Any]] = press.attempt(source, lambda: items_of(lines.values, values), [])
    if len(found) > MAX_ITEMS:
        press.failed(source, _("the list has more than {count} lines.").format(count=MAX_ITEMS))
    return found[:MAX_ITEMS]


class Rows:
    """The rows of all items, and the sums before each.

    `sums` hold for each name its value before the first item, after the first, and so on.
    """

    def __init__(self, lines: Lines | None, items: Sequence[Mapping[str, Any]], values: Mapping[str, Any], press: Press) -> None:
        self._lines, self._items, self._values, self._press = lines, items, values, press
        self.sums = {name: self._running(name, formula) for name, formula in (lines.sums if lines else ())}
        self.entries: list[Entry] = []
        self.before = [0]

    def set(self, setter: TableSetter | None, most: float) -> None:
        """Set the rows; none gets higher than `most` mm."""
        groups = self._lines.groups if self._lines and setter else ()
        spans = [self._spans(depth) for depth in range(len(groups))]
        places = [{first: place for place, first in enumerate(starts)} for starts in spans]
        for index in range(len(self._items)):
            opened = [depth for depth in range(len(groups)) if index in places[depth]]
            first = len(self.entries)
            for depth in opened:
                self._add(self._of_group(setter, groups[depth].header, spans[depth], places[depth][index]), with_next=True)
            self._add([self._of_item(setter, index, most)], item=True)
            if index and any(groups[depth].new_page for depth in opened):
                self.entries[first] = replace(self.entries[first], new_page=True)
            for depth in range(len(groups) - 1, -1, -1):
                if index + 1 == len(self._items) or index + 1 in places[depth]:
                    place = places[depth].get(index + 1, len(spans[depth])) - 1
                    self._add(self._of_group(setter, groups[depth].total, spans[depth], place), with_previous=True)

    def _add(self, rows: Sequence[Row], *, item: bool = False, **glue: bool) -> None:
        for row in rows:
            self.entries.append(Entry(row, item, **glue))
            self.before.append(self.before[-1] + item)

    def _running(self, name: str, formula: Formula) -> list[Decimal]:
        totals = [Decimal(0)]
        source = f"{self._lines.source}/sums/{name}" if self._lines else name
        for item in self._items:
            totals.append(totals[-1] + self._press.attempt(source, partial(formula.number, {**self._values, "line": item}), Decimal(0)))
        return totals

    def _spans(self, depth: int) -> list[int]:
        """Return the index of the first item of each group at `depth`; a group ends where an outer one does."""
        groups = self._lines.groups[: depth + 1] if self._lines else ()
        starts: list[int] = []
        last: object = None
        for index, item in enumerate(self._items):
            context = {**self._values, "line": item}
            key = tuple(self._press.attempt(f"bands/lines/groups/{at}/by", partial(group.by.value, context), None) for at, group in enumerate(groups))
            if not index or key != last:
                starts.append(index)
            last = key
        return starts

    def _of_group(self, setter: TableSetter | None, row: SummaryRow | None, starts: Sequence[int], place: int) -> list[Row]:
        """Return the row above or below the group at `place`, if there is one."""
        if row is None or setter is None:
            return []
        start, end = starts[place], starts[place + 1] if place + 1 < len(starts) else len(self._items)
        sums = {name: totals[end] - totals[start] for name, totals in self.sums.items()}
        group = {**sums, "number": place + 1, "count": end - start, "first": self._items[start]}
        context = {**self._values, "group": group, "line": self._items[start], "row": {"number": start + 1, "count": len(self._items)}}
        return [setter.summary(row, context)] if self._press.holds(row.when, context, row.source) else []

    def _of_item(self, setter: TableSetter | None, index: int, most: float) -> Row:
        context = {**self._values, "line": self._items[index], "row": {"number": index + 1, "count": len(self._items)}}
        if setter:
            return setter.row(context, index, most)
        block = place_band(self._lines.item if self._lines else None, context, self._press)
        return Row(block.height, block.marks, ())

    def may_end(self, at: int) -> bool:
        """Tell whether a page may end before the entry `at`."""
        entries = self.entries
        return at <= 0 or at >= len(entries) or not (entries[at].with_previous or entries[at - 1].with_next)

    def keeping(self, keep: int) -> int:
        """Return the entry from which on all stand on the last page, so that `keep` items do."""
        wanted = max(0, len(self._items) - keep)
        at = next((index for index, entry in enumerate(self.entries) if entry.item and self.before[index] == wanted), len(self.entries))
        while at > 0 and not self.may_end(at):
            at -= 1
        return at

    def fitting(self, start: int, room: float, limit: int) -> int:
        """Return the end of the entries from `start` on that fit in `room` mm and hold `limit` items at most (0: any)."""
        end, used = start, 0.0
        while end < len(self.entries):
            entry = self.entries[end]
            if used + entry.row.height > room + 0.01 or (entry.new_page and end > start):
                break
            if limit and entry.item and self.before[end] - self.before[start] >= limit:
                break
            used += entry.row.height
            end += 1
        kept = end
        while kept > start and not self.may_end(kept):
            kept -= 1
        return kept if kept > start else end
