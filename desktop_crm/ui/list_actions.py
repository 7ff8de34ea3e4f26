"""What is done with the ticked rows of a list: change a field, give to somebody, write to a file, delete."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Condition, Query, Where
from desktop_crm.services import records
from desktop_crm.services.policy import may_merge
from desktop_crm.ui.extras import SelectionAction, selection_actions
from desktop_crm.ui.rows import PAGE, RowsModel
from desktop_crm.ui.show import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session
    from desktop_crm.ui.change_card import ChangeCard
    from desktop_crm.ui.deleting import Deleting
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.ranges import RowRanges
    from desktop_crm.ui.link_source import LinkSource

MOST_TICKED: Final = 20_000
"""Single rows named in one question: what is taken as all that match has no such bound."""

MERGED_AT_LEAST: Final = 2
MERGED_AT_MOST: Final = 5


@dataclass(frozen=True)
class Selection:
    """The ticked rows: how many, and the condition that finds exactly them; `ids` only where they were ticked one by one."""

    count: int
    condition: Condition
    ids: tuple[int, ...] | None


def all_ids(session: Session, query: Query, count: int) -> list[int]:
    """Return the ids of everything that matches, for an action that takes ids."""
    narrow = replace(query, columns=("id",))
    found: list[int] = []
    for offset in range(0, count, 1000):
        found += [row["id"] for row in records.page(session, narrow, offset=offset, limit=1000, total=count)]
    return found


def changeable(spec: EntitySpec) -> list[FieldSpec]:
    """Return the fields that make sense to be set on many records at once."""
    return [one for one in spec.typed_fields() if not (one.unique or one.rule or one.name in {spec.title, spec.parent})]


class ListActions(QObject):
    """The actions of a list's selection. Signals: `ended` once the ticks have served, `figured` when figures asked for are there.

    `page` is asked for its desk, model, table and query; nothing else.
    """

    ended = Signal()
    figured = Signal()

    def __init__(self, desk: Desk, model: RowsModel, links: LinkSource, widget: QWidget, columns: Callable[[], tuple[str, ...]], ticked: Callable[[], RowRanges]) -> None:
        super().__init__(widget)
        self.desk, self.model, self.links, self.widget = desk, model, links, widget
        self.spec = model.entity
        self._columns, self._ticked = columns, ticked
        self._card: ChangeCard | None = None
        self._figures: tuple[object, records.Figures | None] = (None, None)

    @cached_property
    def deleting(self) -> Deleting:
        """What deletes records and shows what hangs on them."""
        from desktop_crm.ui.deleting import Deleting

        made = Deleting(self.widget, self.desk, self.spec)
        made.deleted.connect(lambda _ids: self.ended.emit())
        return made

    def bar(self) -> list[tuple[str, str, str, Callable[[], object]]]:
        """Return the actions of the selection bar that this person may take."""
        made: list[tuple[str, str, str, Callable[[], object]]] = []
        if self.desk.session.may_write(self.spec.name):
            if self.spec.owner:
                made.append(("owner", _("Assign owner"), "user-plus", self.assign))
            if changeable(self.spec):
                made.append(("change", _("Change field"), "square-pen", self.change))
        if may_merge(self.desk.session, self.spec.name):
            made.append(("merge", _("Merge…"), "merge", self.merge))
        made += [(one.key, _(one.label), one.icon, partial(self._act, one)) for one in selection_actions(self.spec.name) if one.allowed(self.desk.session)]
        made.append(("print", _("Print…"), "printer", self.print_ticked))
        made.append(("export", _("Export"), "upload", self.export_ticked))
        if self.desk.session.may_write(self.spec.name):
            made.append(("delete", _("Delete"), "trash-2", self.delete))
        return made

    # ---- which rows

    def statistics(self, rows: RowRanges, column: int) -> str:
        """Return sum, average and count of the current column in the ticked rows, as a spreadsheet does; nothing for less than two figures.

        Those of everything that matches are asked for; `figured` tells when they are there.
        """
        if not 0 <= column < len(self.model.columns) or len(rows) <= 1 or self.model.columns[column].kind.name not in NUMBERS:
            return ""
        field = self.model.columns[column]
        found: records.Figures | None
        if len(rows) <= PAGE * 10 and self.model.ids_in(rows) is not None:
            values = [value for one in rows if (value := (self.model.values_at(one) or {}).get(field.name)) is not None]
            found = records.Figures(sum(values, Decimal(0)), len(values))
        else:
            found = self._all_figures(field.name) if len(rows) == self.model.rowCount() else None
        if found is None or found.count < 2:  # noqa: PLR2004 - one figure is its own sum
            return ""
        average = (found.sum / found.count).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return _("{field}: sum {sum} · average {average} · count {count}").format(
            field=field.title, sum=field.show(found.sum), average=f"{average:,}", count=f"{found.count:,}")

    def _all_figures(self, name: str) -> records.Figures | None:
        """Return the figures of a column over everything that matches, None while they are asked for."""
        # A list that was read anew may have others.
        asked = (self.model.listing, self.model.query.condition, name)
        if self._figures[0] != asked:
            self._figures = (asked, None)

            def came(found: records.Figures) -> None:
                if self._figures[0] == asked:
                    self._figures = (asked, found)
                    self.figured.emit()

            self.desk.operations.read(self, partial(records.figures, self.desk.session, self.spec.name, asked[1], name), came, key="figures", failed=self.desk.fail)
        return self._figures[1]

    def summary(self, rows: RowRanges) -> tuple[str, str]:
        """Return the count of the ticked rows and the sums of their totals, where they are known."""
        title = _("{count} selected").format(count=f"{len(rows):,}")
        names = [name for name in self.spec.totals if name in self.model.query.columns]
        if len(rows) == self.model.rowCount():
            sums: dict[str, Any] = self.model.totals
        elif len(rows) <= PAGE * 10 and self.model.ids_in(rows) is not None:
            sums = {name: sum(((self.model.values_at(one) or {}).get(name) or Decimal(0) for one in rows), Decimal(0)) for name in names}
        else:
            sums = {}
        found = [self.spec.fields[name] for name in names if sums.get(name)]
        return title, " · ".join(f"{one.title} {'¥' if one.kind.name == 'money' else ''}{one.show(sums[one.name])}" for one in found[:3])

    def with_selection(self, act: Callable[[Selection], None]) -> None:
        """Call `act` with the ticked rows, or the current one where none is; rows that were not read yet are read first."""
        rows, count = self._ticked(), self.model.rowCount()
        if not rows:
            return
        if len(rows) == count:
            act(Selection(count, self.model.query.condition, None))
            return
        if len(rows) > MOST_TICKED:
            raise UserError(_("At most {count} rows can be ticked one by one; filter the list and take all of it").format(count=f"{MOST_TICKED:,}"))
        ids = self.model.ids_in(rows)
        if ids is not None:
            act(of_ids(ids))
            return
        query, session = self.model.query, self.desk.session
        pages = sorted({one // PAGE for one in rows})

        def work() -> list[int]:
            read = {page: records.page(session, replace(query, columns=("id",)), offset=page * PAGE, limit=PAGE, total=count) for page in pages}
            return [read[one // PAGE][one % PAGE]["id"] for one in rows if one % PAGE < len(read[one // PAGE])]

        self.desk.operations.read(self, work, lambda found: act(of_ids(found)), key="ticked", failed=self.desk.fail)

    def _guarded(self, act: Callable[[Selection], None]) -> None:
        try:
            self.with_selection(act)
        except UserError as problem:
            self.desk.fail(problem)

    # ---- the actions

    def assign(self) -> None:
        """Give the ticked records to somebody."""
        self._guarded(lambda chosen: self._open_card(chosen, self.spec.fields[self.spec.owner], "owner"))

    def change(self) -> None:
        """Set a field of the ticked records."""
        self._guarded(lambda chosen: self._open_card(chosen, None, "change"))

    def _open_card(self, chosen: Selection, only: FieldSpec | None, action: str) -> None:
        from desktop_crm.ui.change_card import ChangeCard

        if self._card is not None:
            self._card.deleteLater()
        button = self.widget.findChild(QWidget, f"list.{self.spec.name}.table.action.{action}")
        self._card = ChangeCard(button or self.widget, self.spec, self.links, chosen.count, only)
        self._card.taken.connect(partial(self._write, chosen))
        self._card.open()

    def _write(self, chosen: Selection, name: str, value: Any) -> None:
        self.desk.write_long(
            self, lambda step: records.change_many(self.desk.session, self.spec.name, chosen.condition, {name: value}, step=step), lambda _changes: self.ended.emit(),
            title=_("Changing {count} records").format(count=f"{chosen.count:,}"), failed=self.desk.fail,
        )

    def delete(self) -> None:
        """Delete the ticked records; the toast undoes it."""
        self._guarded(self.delete_these)

    def delete_these(self, chosen: Selection) -> None:
        """Delete records, after showing what hangs on them where anything does; the toast undoes it."""
        session, query = self.desk.session, self.model.query
        self.deleting.start(lambda: list(chosen.ids) if chosen.ids is not None else all_ids(session, query, chosen.count), chosen.count)

    def merge(self) -> None:
        """Make one record of the ticked ones."""
        if not MERGED_AT_LEAST <= len(self._ticked()) <= MERGED_AT_MOST:
            self.desk.say(_("Tick two to five records that mean the same"), "info")
            return
        self._guarded(self._merge_these)

    def _merge_these(self, chosen: Selection) -> None:
        if chosen.ids is not None:
            self.desk.show_page("merge", entity=self.spec.name, ids=chosen.ids)
            return
        session, query = self.desk.session, self.model.query
        self.desk.operations.read(self, lambda: all_ids(session, query, chosen.count), lambda ids: self._merge_these(of_ids(ids)), key="merge", failed=self.desk.fail)

    def _act(self, action: SelectionAction) -> None:
        """Do what an entity's own file offers for the ticked rows."""

        def act(chosen: Selection) -> None:
            if chosen.ids is not None:
                action.act(self.desk, chosen.ids, self.ended.emit)
                return
            session, query = self.desk.session, self.model.query
            self.desk.operations.read(self, lambda: all_ids(session, query, chosen.count), lambda ids: act(of_ids(ids)), key="selection", failed=self.desk.fail)

        self._guarded(act)

    def find_duplicates(self) -> None:
        """Look for records of the list that are probably the same."""
        self.desk.show_page("duplicates", entity=self.spec.name)

    def menu(self, menu: QMenu) -> None:
        """Add what may be done with the whole list to its menu."""
        menu.addAction(_("Print…") + "\tCtrl+P", self.print_all)
        if may_merge(self.desk.session, self.spec.name):
            menu.addAction(_("Find duplicates"), self.find_duplicates)
        from desktop_crm.ui.workbook_offer import add_actions  # what reads and writes workbooks takes long to load

        add_actions(menu, self.widget, self.desk, self.spec, self.model.query, self._columns())

    def row_menu(self, menu: QMenu, key: int) -> None:
        """Add what may be done with a row to its menu."""
        if not self.desk.session.may_write(self.spec.name):
            return
        menu.addSeparator()
        if may_merge(self.desk.session, self.spec.name) and MERGED_AT_LEAST <= len(self._ticked()) <= MERGED_AT_MOST:
            menu.addAction(_("Merge {count} ticked records…").format(count=len(self._ticked())), self.merge)
        menu.addAction(_("Delete") + "\tCtrl+Del", partial(self.delete_these, of_ids([key])))

    def print_ticked(self) -> None:
        """Print the ticked records, or the current one where none is."""
        self._guarded(lambda chosen: self.print_these(replace(self.model.query, condition=chosen.condition), chosen.count))

    def print_all(self) -> None:
        """Print the list as it is filtered and sorted, or the documents in it; the ticked ones where some are."""
        if self._ticked():
            self.print_ticked()
        else:
            self.print_these(self.model.query, self.model.rowCount())

    def print_these(self, query: Query, count: int) -> None:
        """Ask how the records of a query are printed, and print them."""
        from desktop_crm.ui.print_batch import BatchDialog

        if count:
            BatchDialog(self.widget, self.desk, replace(query, columns=self._columns()), count).open()
        else:
            self.desk.say(_("There is nothing to print."))

    def export_ticked(self) -> None:
        """Write the ticked rows to a file."""
        self._guarded(lambda chosen: self.export(replace(self.model.query, condition=chosen.condition)))

    def export_all(self) -> None:
        """Write the list as it is filtered and sorted to a file."""
        self.export(self.model.query)

    def export(self, query: Query) -> None:
        """Ask for a file and write a list to it, with the columns that are shown."""
        write_list(self.widget, self.desk, self.spec, query, self._columns(), self.ended.emit)


def write_list(widget: QWidget, desk: Desk, spec: EntitySpec, query: Query, columns: Sequence[str], done: Callable[[], object]) -> None:
    """Ask for a file, write a list to it with these columns, and call `done` when it is there."""
    from desktop_crm.ui.files import ask_save, table_filters

    name = f"{spec.plural}_{desk.session.today:%Y%m%d}.xlsx"
    path = ask_save(widget, _("Export {entity}").format(entity=in_sentence(spec.plural)), name, table_filters())
    if path is None:
        return
    from desktop_crm.services import exporting  # what writes workbooks takes long to load, and no list is opened for it

    target: Path = path if path.suffix else path.with_suffix(".xlsx")
    session = desk.session

    def written(_result: Any) -> None:
        from desktop_crm.ui.tell import tell_file

        tell_file(widget, _("{entity} exported").format(entity=spec.plural), target)
        done()

    desk.operations.file(
        widget, lambda step: exporting.export_list(session, query, target, columns=columns, progress=step), written,
        title=_("Exporting {entity}").format(entity=in_sentence(spec.plural)), failed=desk.fail,
    )


def of_ids(ids: list[int]) -> Selection:
    """Return the selection of single records."""
    return Selection(len(ids), Where("id", "in", tuple(ids)), tuple(ids))
