"""Every file with rules, imported in one place, so that whoever opens a company has them all.

To add rules for an entity: a file of its own in this package, and its name here.
"""

from typing import Final

from desktop_crm.services import (
    activities,
    allocations,
    contracts,
    covers,
    credit,
    due_events,
    opportunities,
    origins,
    papers,
    payers,
    receipts,
    receivables,
    users,
)
from desktop_crm.services.bank import lines as bank_lines
from desktop_crm.services.tax import requests as invoice_requests

RULES: Final = (activities, allocations, bank_lines, contracts, covers, credit, due_events, invoice_requests, opportunities, origins, papers, payers, receipts, receivables, users)
