"""One walk through the program: its clock, its files, and ways of looking that the steps share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.app import Program
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import records
from desktop_crm.ui.kit.line_model import LineModel
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.rows import RowsModel
from tests.journeys.driver import Stuck

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session
    from desktop_crm.ui.kit.line_table import LineTable
    from tests.journeys.driver import Driver

FIRST_MORNING: Final = datetime(2026, 12, 1, 9, 30).astimezone()
SIZE: Final = (1440, 900)


class Day(Program):
    """The program as it starts, on a Chinese computer, with a clock that runs from the tour's own morning."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.settings = replace(self.settings, language="zh_CN", theme="light")
        self.began = datetime.now(UTC)
        self.morning = FIRST_MORNING

    def next_day(self) -> None:
        """Let the clock go on with the next morning."""
        self.began, self.morning = datetime.now(UTC), self.morning + timedelta(days=1)

    def opened(self, session: Session, *, at_once: bool = False) -> None:
        """Set the session's clock, then show the window."""
        session.clock = lambda: self.morning + (datetime.now(UTC) - self.began)
        super().opened(session, at_once=at_once)


@dataclass
class Tour:
    """One walk: where its files go, the program that runs, and what the steps found out for those after them."""

    out: Path
    app: QApplication
    drive: Driver
    day: Day
    known: dict[str, Any] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Return the path of a file the tour leaves behind."""
        return self.out / name

    def main_window(self) -> None:
        """Wait for the main window and look at it from now on."""
        self.drive.until(lambda: self.day.window is not None and self.day.window.isVisible(), "the main window")
        window = self.day.window
        if window is None:
            raise Stuck("the main window is gone again")
        window.resize(*SIZE)
        self.drive.window = window
        self.drive.settle()

    def close(self) -> None:
        """Close whatever is open and give the file dialogs back."""
        for window in (self.day.window, self.day.start):
            if window is not None:
                window.close()
                window.deleteLater()
        self.day.window = self.day.start = self.drive.window = None
        self.drive.release()
        self.app.sendPostedEvents()

    # ---- what the program says is stored

    @property
    def session(self) -> Session:
        """The session of the window."""
        if self.day.window is None:
            raise Stuck("there is no main window")
        return self.day.window.desk.session

    def count(self, entity: str, condition: Condition = EVERYTHING) -> int:
        """Return how many records there are."""
        return records.count(self.session, entity, condition)

    def stored(self, entity: str, condition: Condition) -> Values:
        """Return the one record that fulfils the condition, with all its fields."""
        ids = self.session.records.ids_where(self.session.entity(entity), condition)
        if len(ids) != 1:
            raise Stuck(f"{len(ids)} records of {entity} instead of one for {condition}")
        return records.get(self.session, entity, ids[0])

    def customer(self) -> Values:
        """Return the customer the tour deals with."""
        return self.stored("customer", Where("name", "eq", self.known["customer"]))

    # ---- lists

    def list_of(self, entity: str) -> DataTable:
        """Go to a list by the navigation and wait for its rows."""
        self.drive.click(f"nav.{entity}")
        self.drive.see(f"list.{entity}")
        return self.table(f"list.{entity}.table")

    def table(self, name: str) -> DataTable:
        """Return a table once its rows are there."""
        table = self.drive.see_a(DataTable, name)
        self.drive.until(lambda: table.model().rowCount() and self.cell(table, 0, 0), f"rows in {name}")
        self.drive.settle()
        return table

    @staticmethod
    def cell(table: DataTable | LineTable, row: int, column: int) -> str:
        """Return the text of a cell as it is shown; empty while it is read."""
        shown = table.model().data(table.model().index(row, column))
        return shown if isinstance(shown, str) else ""

    @staticmethod
    def column(table: DataTable | LineTable, name: str) -> int:
        """Return the place of a column by its field's name."""
        model = table.model()
        if isinstance(model, RowsModel):
            return [one.name for one in model.columns].index(name)
        if isinstance(model, LineModel):
            return model.column_of(name)
        raise Stuck(f"the columns of {table.objectName()} have no names")

    def rows(self, table: DataTable) -> int:
        """Return how many rows a table has."""
        return table.model().rowCount()
