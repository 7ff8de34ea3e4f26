"""Every file with rules, imported in one place, so that whoever opens a company has them all.

To add rules for an entity: a file of its own in this package, and its name here.
"""

from typing import Final

from desktop_crm.services import activities, allocations, contracts, covers, credit, opportunities, payers, receipts, receivables, users

RULES: Final = (activities, allocations, contracts, covers, credit, opportunities, payers, receipts, receivables, users)
