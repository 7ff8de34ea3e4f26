"""What of a list stays where it was while its rows are read anew: the current row, and the ticked ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import NamedTuple
from desktop_crm.ui.kit.ranges import RowRanges

if TYPE_CHECKING:
    from desktop_crm.ui.kit.table import DataTable
    from desktop_crm.ui.rows import RowsModel

MOST_TICKS: Final = 600


class Kept(NamedTuple):
    """The record that was current and those that were ticked, or that all were."""

    current: int | None
    ticked: tuple[int, ...] = ()
    everything: bool = False

    def find_again(self, table: DataTable, model: RowsModel) -> bool:
        """Make the row current, and tick the rows, that were so before; tell whether another row is current now."""
        place = model.row_of(self.current) if self.current is not None else -1
        now = table.current_row()
        if place < 0:
            place = 0 if self.current is None or now < 0 else min(now, model.rowCount() - 1)
        if place != now:
            table.set_current_row(place)
        if self.everything:
            table.tick_all()
        elif self.ticked:
            places = [model.row_of(one) for one in self.ticked]
            # A row that is no longer where it can be seen must not be acted on.
            table.set_ticked(RowRanges([(one, one) for one in places])) if min(places) >= 0 else table.clear_ticks()
        return place != now


def kept(table: DataTable, model: RowsModel) -> Kept:
    """Return what is to stay; ticks on more rows than are sure to be found again are taken away."""
    ticks = table.ticked()
    everything = bool(ticks) and len(ticks) == model.rowCount()
    ids = tuple(model.ids_in(ticks) or ()) if not everything and len(ticks) <= MOST_TICKS else ()
    if ticks and not ids and not everything:
        table.clear_ticks()
    return Kept(model.id_at(table.current_row()), ids, everything)
