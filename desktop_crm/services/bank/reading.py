"""Reading a bank's file: which table it is, which column is what, and each row as a line with its sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.bank import bare, identities
from desktop_crm.domain.dates import from_serial, parse_date
from desktop_crm.domain.kinds import cell_text
from desktop_crm.domain.money import parse_amount, round_money
from desktop_crm.services import layouts
from desktop_crm.services.bank.columns import BY_KEY, HOME, IN, OUT, guess, is_known
from desktop_crm.services.imports.types import RowProblem
from desktop_crm.services.workbooks.cells import Cell, CellError, is_blank
from desktop_crm.services.workbooks.layout import Table, best_sheet, find_table
from desktop_crm.services.workbooks.reader import read_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.services.workbooks.cells import Sheet, Workbook

PURPOSE: Final = "bank"
_ACCOUNT: Final = re.compile(r"(?:账号|帐号|账户|帐户|卡号|account(?: ?(?:no|number))?)[^0-9]{0,12}?([0-9][0-9*\- ]{6,38}[0-9])(?![0-9])", re.IGNORECASE)
_STAMP: Final = re.compile(r"([0-9]{8})([0-9]{6})")
_CURRENCY: Final = re.compile(r"^(?:人民币|RMB|CNY)\s*", re.IGNORECASE)
_NOTHING: Final = frozenset({"", "-", "--", "—", "/", "无", "n/a"})
_SERIALS: Final = range(20_000, 80_001)
_REMARK: Final = 300


@dataclass
class Statement:
    """A bank's file with the table found in it: `columns` says the role of each sheet column that has one, `account` is our own."""

    workbook: Workbook
    sheet: Sheet
    table: Table
    columns: dict[int, str]
    account: str = ""
    lines: list[Values] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    @property
    def headings(self) -> dict[int, str]:
        """The heading of each column."""
        return dict(zip(self.table.columns, self.table.headings, strict=True))

    @property
    def key(self) -> str:
        """What the layout of this file is remembered by."""
        return layouts.headings_key(self.table.headings)

    def samples(self, column: int, count: int = 3) -> list[str]:
        """Return the first different values of a column."""
        texts = (cell_text(cell).strip() for row in self.table.rows[:200] if not is_blank(cell := self.sheet.cell(row, column)) and not isinstance(cell, CellError))
        return list(dict.fromkeys(texts))[:count]


def read_statement(
    session: Session, path: Path, *, sheet: str | None = None, header_row: int | None = None, password: str | None = None, encoding: str | None = None, separator: str | None = None,
) -> Statement:
    """Read a bank's file: its table, the columns as they were chosen for these headings before or else as guessed, and its lines.

    `header_row` counts from 1. Raises PasswordNeeded, UnreadableFile, and UserError where there is no table of bank lines in it.
    """
    session.spec("bank_line")
    workbook = read_workbook(path, password=password, encoding=encoding, separator=separator)
    chosen = best_sheet(workbook, is_known) if sheet is None else next((one for one in workbook.sheets if one.name == sheet), None)
    table = find_table(chosen, is_known, header_row=None if header_row is None else header_row - 1) if chosen is not None else None
    if chosen is None or table is None or not table.rows:
        raise UserError(_("No lines of a bank were found in {file}. Say which sheet and row the headings stand on").format(file=path.name))
    made = Statement(workbook, chosen, table, {})
    kept = layouts.recall(session, PURPOSE, made.key)
    made.columns = known_columns(made, kept["columns"]) if kept else guess(made.headings)
    made.account = _own_account(made) or (kept["account"] if kept else "")
    read_lines(made)
    return made


def known_columns(statement: Statement, kept: Mapping[str, str]) -> dict[int, str]:
    """Return the roles by column of roles that are kept by heading; the second column of a heading is called heading#2."""
    return {column: kept[name] for column, name in named(statement.headings).items() if kept.get(name) in BY_KEY}


def named(headings: Mapping[int, str]) -> dict[int, str]:
    """Return the headings by column, each different."""
    seen: dict[str, int] = {}
    found = {}
    for column, heading in headings.items():
        seen[heading] = seen.get(heading, 0) + 1
        found[column] = heading if seen[heading] == 1 else f"{heading}#{seen[heading]}"
    return found


def remember(session: Session, statement: Statement) -> None:
    """Remember the columns and the account of these headings, for the next file of this bank."""
    names = named(statement.headings)
    content = {"columns": {names[column]: role for column, role in statement.columns.items()}, "account": statement.account}
    layouts.remember(session, PURPOSE, _("Columns of a bank statement: {headings}").format(headings=_(", ").join(statement.table.headings[:4])), content, statement.key)


def missing(statement: Statement) -> list[str]:
    """Return what no column is said to be, as the user reads it, without which nothing can be read."""
    roles = set(statement.columns.values())
    found = [] if "date" in roles else [BY_KEY["date"].title]
    if not roles & {"amount", "credit", "debit"}:
        found.append(BY_KEY["amount"].title)
    return found


def read_lines(statement: Statement) -> None:
    """Read the rows anew by the roles of the columns; what can't be read is a problem with its place."""
    statement.lines, statement.problems, statement.warnings = [], [], []
    if missing(statement):
        return
    reader = _Reader(statement)
    for row in statement.table.rows:
        line = reader.line(row)
        if line is not None:
            statement.lines.append(line)
    # A number that Excel cut is shown, but nothing is known by it.
    keys = identities([{**line, "serial": "" if line["cut"] else line["serial"]} for line in statement.lines])
    for line, key in zip(statement.lines, keys, strict=True):
        line["identity"] = key
        line.pop("time")
        if line.pop("cut"):
            message = _("Excel keeps 15 digits, so the last ones of this number are lost. Ask the bank for a text or CSV file")
            statement.warnings.append(RowProblem(line["row"], BY_KEY["serial"].title, "serial", line["serial"], message))


class _Reader:
    """Reads the rows of one statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.places: dict[str, list[int]] = {}
        for column, role in sorted(statement.columns.items()):
            self.places.setdefault(role, []).append(column)

    def cell(self, row: int, role: str) -> Cell:
        """Return the cell of a role; None where there is no such column."""
        return self.statement.sheet.cell(row, self.places[role][0]) if role in self.places else None

    def text(self, row: int, role: str) -> str:
        """Return a cell as text, empty for the dashes that stand for nothing."""
        cell = self.cell(row, role)
        text = "" if cell is None or isinstance(cell, CellError) else " ".join(cell_text(cell).split()).removeprefix("'")
        return "" if text.casefold() in _NOTHING else text

    def line(self, row: int) -> Values | None:
        """Return a row as a line; None where it has a problem, which is kept."""
        role = "date"
        try:
            booked = _day(self.cell(row, "date"))
            role = "currency"
            if bare(self.text(row, "currency")) not in HOME:
                raise ValueProblem(_("Only amounts in yuan can be taken; this one is in {currency}").format(currency=self.text(row, "currency")))
            role = "credit" if "credit" in self.places else "amount"
            amount = self.amount(row)
            role = "balance"
            balance = self.money(row, "balance")
        except ValueProblem as problem:
            column = self.places.get(role, [0])[0]
            self.statement.problems.append(RowProblem(row + 1, self.statement.headings.get(column, ""), role, self.text(row, role), problem.message))
            return None
        from_us = amount < 0
        cut = any((row, column) in self.statement.sheet.suspicious for column in self.places.get("serial", ()))
        return {
            "row": row + 1, "booked_on": booked, "time": self.text(row, "time") or _clock(self.cell(row, "date")), "amount": amount,
            "payer": (self.text(row, "payer") or self.text(row, "to_name" if from_us else "from_name"))[:200],
            "payer_account": self.account(row, "payer_account", "to_account" if from_us else "from_account"),
            "remark": self.remark(row), "serial": self.text(row, "serial")[:100], "cut": cut, "balance": balance,
            "account": self.account(row, "account") or self.statement.account,
        }  # fmt: skip

    def account(self, row: int, *roles: str) -> str:
        """Return the number of an account without the blanks and dashes that some banks put between its digits."""
        return next((text for role in roles if (text := re.sub(r"[\s\-]", "", self.text(row, role)))), "")[:60]

    def remark(self, row: int) -> str:
        """Return the columns of remarks as one text, each thing said once."""
        cells = (self.statement.sheet.cell(row, column) for column in self.places.get("remark", ()))
        texts = [" ".join(cell_text(cell).split()) for cell in cells if cell is not None and not isinstance(cell, CellError)]
        said = [text for text in dict.fromkeys(texts) if text.casefold() not in _NOTHING]
        return " ".join(text for text in said if not any(text != other and text in other for other in said))[:_REMARK]

    def money(self, row: int, role: str) -> Decimal | None:
        """Return an amount in cents; None where nothing stands there. Raises ValueProblem."""
        cell = self.cell(row, role)
        if isinstance(cell, CellError):
            raise ValueProblem(_("The cell holds the error {code}").format(code=cell.code))
        if is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _NOTHING):
            return None
        value = cell if isinstance(cell, Decimal) else parse_amount(_CURRENCY.sub("", cell_text(cell).strip()))
        rounded = round_money(value)
        # A figure of Excel may carry the noise of a binary fraction; a third decimal is none.
        if abs(rounded - value) > Decimal("0.000001"):
            raise ValueProblem(_("Amounts have two decimals at most"))
        return rounded

    def amount(self, row: int) -> Decimal:
        """Return what came in, or below zero what went out; raises ValueProblem where that can't be told."""
        credit, debit, amount = (self.money(row, role) or Decimal(0) for role in ("credit", "debit", "amount"))
        if credit and debit:
            raise ValueProblem(_("Money in and money out stand on one line. Correct it in the file, or leave it out"))
        if credit or debit:
            return credit or -debit
        if not amount:
            raise ValueProblem(_("There is no amount on this line"))
        way = _way(self.text(row, "direction"))
        return amount if way is None or amount < 0 else amount * way


def _way(text: str) -> int | None:
    """Return 1 for money in, -1 for money out, None where a text says neither."""
    word = text.replace("（", "(").partition("(")[0].strip().casefold()
    return 1 if word in IN else -1 if word in OUT else None


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, Decimal) and int(cell) in _SERIALS:
        return from_serial(int(cell))
    text = "" if cell is None or isinstance(cell, (CellError, time)) else cell_text(cell).strip()
    stamp = _STAMP.fullmatch(text)
    return parse_date(stamp[1] if stamp else text)


def _clock(cell: Cell) -> str:
    """Return the time of day of a cell that holds it beside the date."""
    if isinstance(cell, datetime):
        return f"{cell:%H%M%S}"
    text = "" if cell is None or isinstance(cell, (CellError, date, Decimal)) else cell_text(cell).strip()
    stamp = _STAMP.fullmatch(text)
    return stamp[2] if stamp else bare(text.partition(" ")[2])


def _own_account(statement: Statement) -> str:
    """Return the account that the rows above the headings name."""
    for row in range(min(statement.table.header_rows, default=0)):
        texts: list[Any] = [cell_text(cell) for cell in statement.sheet.rows[row] if cell is not None and not isinstance(cell, CellError)]
        found = _ACCOUNT.search(" ".join(texts))
        if found:
            return found[1].replace(" ", "").replace("-", "")
    return ""
