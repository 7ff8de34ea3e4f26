"""Read-only questions: columns and rows with raw values, drawn by screens, Excel and printing alike."""

from desktop_crm.reports import aging, customer_ledger, due, dunning, invoiced, receipts, statement, statements
from desktop_crm.reports.base import REPORTS, Definition, Drill, Parameter, Report, Row, run, to_json

__all__ = [
    "REPORTS", "Definition", "Drill", "Parameter", "Report", "Row", "aging", "customer_ledger", "due", "dunning", "invoiced", "receipts", "run", "statement",
    "statements", "to_json",
]
