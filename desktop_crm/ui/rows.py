"""The rows of a list, read page by page as they come into view: a million rows cost as much as a hundred."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from desktop_crm.services.listing import Listing, of_entity
from desktop_crm.ui.kit.cell_model import NOTHING, WAITING, CellModel, Shown
from desktop_crm.ui.kit.cells import CellRole, Kind
from desktop_crm.ui.show import cell_kind, column_width, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.domain.conditions import Query
    from desktop_crm.services.session import Session
    from desktop_crm.ui.kit.ranges import RowRanges
    from desktop_crm.ui.operations import Job, Operations

PAGE: Final = 100
KEPT_PAGES: Final = 60
ASKED_AT_ONCE: Final = 2
IDLE_MS: Final = 120
HEADER_ROLES: Final = frozenset({CellRole.KIND, CellRole.ALIGN, CellRole.WIDTH, CellRole.KEY})

Index = QModelIndex | QPersistentModelIndex


class Row:
    """One row that was read: its values and its cells, ready to be drawn."""

    __slots__ = ("cells", "values")

    def __init__(self, values: Values, cells: list[Shown]) -> None:
        self.values = values
        self.cells = cells


def made_rows(rows: Sequence[Values], columns: Sequence[FieldSpec], today: date, title: str = "") -> list[Row]:
    """Make rows ready to be drawn; the column `title` has the colour its kind gives it."""
    made = [Row(values, [shown(spec, values.get(spec.name), today) for spec in columns]) for values in rows]
    for place in (number for number, spec in enumerate(columns) if spec.name == title):
        for row in made:
            row.cells[place] = row.cells[place]._replace(tone="")
    return made


class RowsModel(CellModel):
    """The list a Query stands for: an entity's records, or another `listing`.

    Asking a cell never asks the database: what isn't there yet is LOADING and is read soon.

    Signals: `counted(int)` when the number of rows is known, `summed(dict)` with the totals of everything that matches,
    `arrived(first, last)` for rows read, `failed(exception)`, `moved()` when rows are not where they were before a refresh.
    """

    counted = Signal(int)
    summed = Signal(object)
    arrived = Signal(int, int)
    failed = Signal(object)
    moved = Signal()

    def __init__(self, session: Session, operations: Operations, query: Query, parent: QObject | None = None, *, title: Kind = Kind.NAME,
                 listing: Listing | None = None) -> None:
        super().__init__(parent)
        self.session, self.operations = session, operations
        self.listing = listing or of_entity(session, query.entity)
        self.entity: EntitySpec = self.listing.spec
        self.query = replace(query, columns=tuple(query.columns or self.entity.columns))
        self.count: int | None = None
        self._shown = 0
        self._total: int | None = None
        self._recent: list[int] = []
        self.totals: dict[str, Any] = {}
        self._title = title
        self._generation = 0
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._stale: dict[int, list[Row]] = {}
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._asked: dict[int, Job] = {}
        self._given_up: set[int] = set()  # pages that could not be read: painting asks for them no more, a new reading does
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._ask_totals)
        self._read_columns()

    # ---- what the list is

    def _read_columns(self) -> None:
        self.columns = [self.entity.fields[name] for name in self.query.columns if name in self.entity.fields]
        self._kinds = [cell_kind(self.entity, spec, title=self._title) for spec in self.columns]

    def set_query(self, query: Query) -> None:
        """Show another list; its columns stay where the query names none."""
        columns = tuple(query.columns or self.query.columns)
        self.totals = {}
        if columns == self.query.columns and query.entity == self.query.entity:
            # Rows of the former list stay on screen until the new ones are there.
            self.query = replace(query, columns=columns)
            self.load(keep=True)
            return
        self.beginResetModel()
        self.query = replace(query, columns=columns)
        self._forget()
        self._read_columns()
        self.endResetModel()
        self.load()

    def load(self, *, keep: bool = False) -> None:
        """Read and count anew; with `keep` the rows on screen stay until the new ones are there."""
        self._recent = list(self._pages)[-ASKED_AT_ONCE:] if keep else []
        if keep:
            self._stale.update(self._pages)
        else:
            self._stale.clear()
        self._pages.clear()
        self._generation += 1
        for job in self._asked.values():
            job.cancel()
        self._asked.clear()
        self._wanted.clear()
        self._given_up.clear()
        self._idle.stop()
        self._total = None
        self.listing = self.listing.anew()
        self._ask_first()

    def _forget(self) -> None:
        self._pages.clear()
        self._stale.clear()
        self.count = None
        self._shown = 0
        self.totals = {}

    def _ask_first(self) -> None:
        """Read the first page and show it at once; how many there are in all is asked for behind it, unless they fit."""
        generation, query, listing, columns, today = self._generation, self.query, self.listing, list(self.columns), self.session.today

        def came(rows: list[Row]) -> None:
            if generation != self._generation:
                return
            if len(rows) < PAGE:
                self._counted(generation, len(rows), rows)
                return
            self._show_rows(max(self._shown, PAGE))
            self._page_came(generation, 0, rows)
            self.operations.read(self, lambda: listing.count(query.condition), lambda count: self._counted(generation, count), key="count", failed=self.failed.emit)

        self.operations.read(
            self, lambda: made_rows(listing.page(query, 0, PAGE, None), columns, today, self.entity.title), came, key="count", failed=self.failed.emit,
        )

    def _show_rows(self, count: int) -> None:
        """Be as long as `count`."""
        if count > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, count - 1)
            self._shown = count
            self.endInsertRows()
        elif count < self._shown:
            self.beginRemoveRows(QModelIndex(), count, self._shown - 1)
            self._shown = count
            self.endRemoveRows()

    def _counted(self, generation: int, count: int, rows: list[Row] | None = None) -> None:
        """Take how many there are; `rows` are all of them where they fit the first page."""
        if generation != self._generation:
            return
        self._show_rows(count)
        self.count = self._total = count
        self.counted.emit(count)
        if rows is not None:
            self._page_came(generation, 0, rows)
        if count:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(self.columns) - 1))
            # What was on screen comes before the answer that reading has ended.
            self._wanted.update(dict.fromkeys(number for number in self._recent if number not in self._pages))
            self._ask()
            if not self._asked:
                self.arrived.emit(0, min(PAGE, count) - 1)
        else:
            self._stale.clear()
        self._idle.start()

    # ---- reading

    def _ask(self) -> None:
        while self._wanted and len(self._asked) < ASKED_AT_ONCE:
            number, _none = self._wanted.popitem()
            if number not in self._pages and number not in self._asked and number * PAGE < self._shown:
                self._ask_page(number)

    def _ask_page(self, number: int) -> None:
        generation, query, total, columns, today = self._generation, self.query, self._total, list(self.columns), self.session.today
        listing = self.listing

        def work() -> list[Row]:
            return made_rows(listing.page(query, number * PAGE, PAGE, total), columns, today, self.entity.title)

        def failed(problem: BaseException) -> None:
            self._asked.pop(number, None)
            if generation == self._generation:
                self._given_up.add(number)
            self.failed.emit(problem)

        self._asked[number] = self.operations.read(self, work, lambda rows: self._page_came(generation, number, rows), key=f"page.{number}", failed=failed)

    def _page_came(self, generation: int, number: int, rows: list[Row]) -> None:
        if generation != self._generation:
            return
        self._asked.pop(number, None)
        before = self._stale.pop(number, None)
        self._pages[number] = rows
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        first, last = number * PAGE, min((number + 1) * PAGE, self._shown) - 1
        if last < first:
            return
        if before is not None and [row.values["id"] for row in before] != [row.values["id"] for row in rows]:
            self.moved.emit()
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self.arrived.emit(first, last)
        self._idle.start()
        self._ask()

    def _ask_totals(self) -> None:
        """Ask for the sums once nobody waits for rows: over a million rows they take longer than a page."""
        if self.reading():
            return  # what is read starts the wait again
        generation, query, listing = self._generation, self.query, self.listing
        if not self.entity.totals:
            self.summed.emit({})
            return

        def came(found: dict[str, Any]) -> None:
            if generation == self._generation:
                self.totals = found
                self.summed.emit(found)

        self.operations.read(self, lambda: listing.totals(query.condition), came, key="totals", failed=self.failed.emit)

    def _row(self, row: int) -> Row | None:
        number, place = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
        elif number not in self._given_up:
            self._wanted[number] = None
            self._wanted.move_to_end(number)
            while len(self._wanted) > 2 * ASKED_AT_ONCE:
                self._wanted.popitem(last=False)
            if not self._timer.isActive():
                self._timer.start(0)
        page = self._stale.get(number) if page is None else page
        return page[place] if page is not None and place < len(page) else None

    # ---- asking for rows

    def values_at(self, row: int) -> Values | None:
        """Return the values of a row that was read, None for others."""
        page = self._pages.get(row // PAGE)
        return page[row % PAGE].values if page is not None and 0 <= row % PAGE < len(page) else None

    def id_at(self, row: int) -> int | None:
        """Return the id of a row that was read."""
        values = self.values_at(row)
        return None if values is None else int(values["id"])

    def row_of(self, key: int) -> int:
        """Return where the record `key` stands among the rows that were read, -1 where it does not."""
        for number, rows in self._pages.items():
            for place, row in enumerate(rows):
                if row.values["id"] == key:
                    return number * PAGE + place
        return -1

    def ids_in(self, rows: RowRanges | Iterable[int]) -> list[int] | None:
        """Return the ids of rows, None where one of them was not read yet."""
        found = []
        for row in rows:
            key = self.id_at(row)
            if key is None:
                return None
            found.append(key)
        return found

    def loaded_ids(self) -> list[int]:
        """Return the ids of the rows that were read, in the order of the list."""
        return [row.values["id"] for number in sorted(self._pages) for row in self._pages[number]]

    def reading(self) -> bool:
        """Tell whether rows are being read, or counted."""
        return bool(self._asked) or self._total is None

    # ---- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many rows match; until they are counted, how many are there to be seen."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many columns the list has."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer what a column is."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        spec, kind = self.columns[section], self._kinds[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return spec.title
        if role == CellRole.KIND:
            return kind
        if role == CellRole.WIDTH:
            return column_width(self.session.catalog, spec, kind)
        return spec.name if role == CellRole.KEY else None

    def shown(self, row: int, column: int) -> Shown:
        """Return one cell; a row that isn't there yet is asked for."""
        found = self._row(row)
        if found is None:
            return WAITING
        return found.cells[column] if column < len(found.cells) else NOTHING
