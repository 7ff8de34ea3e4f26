"""A list that is edited in Excel or WPS and brought back: written with what tells its records, and read as a difference to review.

1. `export_for_editing` writes it. 2. `read_back` says what was changed, added and is missing, and where others changed the same
meanwhile. 3. `apply_back` writes what was decided, as one change set.
"""

from desktop_crm.services.roundtrip.apply import Applied, Decisions, apply_back
from desktop_crm.services.roundtrip.back import Edited, FieldChange, RowChange, is_for_editing, read_back
from desktop_crm.services.roundtrip.out import export_for_editing

__all__ = ["Applied", "Decisions", "Edited", "FieldChange", "RowChange", "apply_back", "export_for_editing", "is_for_editing", "read_back"]
