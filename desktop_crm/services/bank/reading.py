"""Reading a bank's file: which table it is, which column is what, and each row as a line with its sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.bank import bare, identities
from desktop_crm.domain.dates import from_serial, parse_date
from desktop_crm.domain.kind import cell_text
from desktop_crm.services.bank.columns import HOME, IN, NEITHER, OUT, ROLES
from desktop_crm.services.column_files import NOTHING, ColumnFile, open_file
from desktop_crm.services.imports.types import RowProblem
from desktop_crm.services.workbooks.cells import Cell, CellError

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

_ACCOUNT: Final = re.compile(r"(?:账号|帐号|账户|帐户|卡号|account(?: ?(?:no|number))?)[^0-9]{0,12}?([0-9][0-9*\- ]{6,38}[0-9])(?![0-9])", re.IGNORECASE)
_STAMP: Final = re.compile(r"([0-9]{8})([0-9]{6})")
_SERIALS: Final = range(20_000, 80_001)
_REMARK: Final = 300
_SIGNED: Final = re.compile(r"[(（]\s*[-－]")
_SAYING: Final = ("date", "credit", "debit", "amount")


@dataclass
class Statement(ColumnFile):
    """A bank's file: its lines, what can't be read, what is odd, and our own account."""

    account: str = ""
    lines: list[Values] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    def layout(self) -> dict[str, Any]:
        """Return what is remembered of this file: its columns and the account."""
        return {**super().layout(), "account": self.account}


def read_statement(session: Session, path: Path, **how: Any) -> Statement:
    """Read a bank's file with its lines; `how` is as for `column_files.open_file`, which says what is raised."""
    session.spec("bank_line")
    made, kept = open_file(Statement, session, ROLES, path, **how)
    made.account = _own_account(made) or kept.get("account", "")
    read_lines(made)
    return made


def read_lines(statement: Statement) -> None:
    """Read the rows anew by the roles of the columns; what can't be read is a problem with its place.

    What was read before stands until all is read: somebody may look at it meanwhile, or another reading have begun.
    """
    fresh = replace(statement, lines=[], problems=[], warnings=[])
    if not fresh.missing():
        _fill(fresh)
    statement.lines, statement.problems, statement.warnings = fresh.lines, fresh.problems, fresh.warnings


def _fill(statement: Statement) -> None:
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
            statement.warnings.append(RowProblem(line["row"], ROLES.by_key["serial"].title, "serial", line["serial"], message))


class _Reader:
    """Reads the rows of one statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.text, self.money = statement.text, statement.money
        self.debit = self._sign_of_debits()

    def _sign_of_debits(self) -> int:
        """Return -1 where money out stands without a sign and below zero is what was taken back, 1 where each has its sign already, as 支出金额（-元） of 支付宝."""
        headings = [self.statement.headings.get(column, "") for column in self.statement.places("debit")]
        if any(_SIGNED.search(heading) for heading in headings):
            return 1
        found = [text for row in self.statement.table.rows if (text := self.text(row, "debit").lstrip("¥￥")) and text.strip("0.,")]
        return 1 if len(found) > 1 and all(text.startswith(("-", "－", "(")) for text in found) else -1

    def line(self, row: int) -> Values | None:
        """Return a row as a line; None where it has a problem, which is kept, and where nothing stands in it but a note."""
        if not any(self.text(row, role) for role in _SAYING):
            return None
        role = "date"
        try:
            booked = _day(self.statement.cell(row, "date"))
            role = "currency"
            if bare(self.text(row, "currency")) not in HOME:
                raise ValueProblem(_("Only amounts in yuan can be taken; this one is in {currency}").format(currency=self.text(row, "currency")))
            role = "credit" if self.statement.places("credit") else "amount"
            amount = self.amount(row)
            role = "balance"
            balance = self.money(row, "balance")
        except ValueProblem as problem:
            column = next(iter(self.statement.places(role)), -1)
            self.statement.problems.append(RowProblem(row + 1, self.statement.headings.get(column, ""), role, self.text(row, role), problem.message))
            return None
        from_us = amount < 0
        cut = any((row, column) in self.statement.sheet.suspicious for column in self.statement.places("serial"))
        return {
            "row": row + 1, "booked_on": booked, "time": self.text(row, "time") or _clock(self.statement.cell(row, "date")), "amount": amount,
            "payer": (self.text(row, "payer") or self.text(row, "to_name" if from_us else "from_name") or _named(self.text(row, "payer_account")))[:200],
            "payer_account": self.account(row, "payer_account", "to_account" if from_us else "from_account"),
            "remark": self.remark(row), "serial": self.text(row, "serial")[:100], "cut": cut, "balance": balance,
            "account": self.account(row, "account") or self.statement.account,
        }  # fmt: skip

    def account(self, row: int, *roles: str) -> str:
        """Return the number of an account without the blanks and dashes that some banks put between its digits."""
        return next((text for role in roles if (text := re.sub(r"[\s\-]", "", self.text(row, role)))), "")[:60]

    def remark(self, row: int) -> str:
        """Return the columns of remarks as one text, each thing said once."""
        cells = (self.statement.said(row, column) for column in self.statement.places("remark"))
        texts = [" ".join(cell_text(cell).split()) for cell in cells if cell is not None and not isinstance(cell, CellError)]
        said = [text for text in dict.fromkeys(texts) if text.casefold() not in NOTHING]
        return " ".join(text for text in said if not any(text != other and text in other for other in said))[:_REMARK]

    def amount(self, row: int) -> Decimal:
        """Return what came in, or below zero what went out; raises ValueProblem where that can't be told."""
        credit, debit, amount = (self.money(row, role) or Decimal(0) for role in ("credit", "debit", "amount"))
        if credit and debit:
            raise ValueProblem(_("Money in and money out stand on one line. Correct it in the file, or leave it out"))
        if credit or debit:
            return credit or debit * self.debit
        if not amount:
            raise ValueProblem(_("There is no amount on this line"))
        said = self.statement.cell(row, "direction")
        way = _way(said) if isinstance(said, str) else None
        if isinstance(said, str) and said.strip() in NEITHER:
            raise ValueProblem(_("This is neither money in nor out, but moved between own accounts or not at all, so it is left out"))
        return amount if way is None or amount < 0 else amount * way


def _way(text: str) -> int | None:
    """Return 1 for money in, -1 for money out, None where a text says neither."""
    word = text.replace("（", "(").partition("(")[0].strip().casefold()
    return 1 if word in IN else -1 if word in OUT else None


def _named(account: str) -> str:
    """Return the name that stands in an account's place before what it is known by: 恒泰科技(abc***@163.com)."""
    name = account.replace("（", "(").partition("(")[0].strip()
    return name if any("\u4e00" <= char <= "\u9fff" for char in name) else ""


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
