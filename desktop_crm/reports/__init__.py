"""Read-only questions: columns and rows with raw values, drawn by screens, Excel and printing alike."""

from desktop_crm.reports import aging, overdue, statement
from desktop_crm.reports.base import REPORTS, Definition, Drill, Parameter, Report, Row, run, to_json

__all__ = ["REPORTS", "Definition", "Drill", "Parameter", "Report", "Row", "aging", "overdue", "run", "statement", "to_json"]
