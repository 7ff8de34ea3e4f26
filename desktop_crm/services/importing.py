"""Importing a list from a file: open it, guess what its columns are, and take its rows over as one change set.

1. `open_source` finds the list in the file. 2. `guess_mapping` says what each column seems to be; `plans` what was chosen for such headings before.
3. `run_import` imports, or with `dry_run` only says what it would do; `unknown_values` says what may be meant by what nobody knows. 4. `write_refused`
gives the rows that were refused back, in the user's own layout, `write_duplicates` what is there already.
"""

from desktop_crm.services.imports import plans
from desktop_crm.services.imports.duplicate_list import write_duplicates
from desktop_crm.services.imports.mapping import guess_mapping, mapping_of
from desktop_crm.services.imports.refused import write_refused
from desktop_crm.services.imports.run import run_import
from desktop_crm.services.imports.shapes import Shape
from desktop_crm.services.imports.source import open_source
from desktop_crm.services.imports.types import ColumnGuess, Decision, Duplicate, ImportResult, Options, RowProblem, Source
from desktop_crm.services.imports.values import Suggestion, Unknown, choices_of, unknown_values

__all__ = [
    "ColumnGuess", "Decision", "Duplicate", "ImportResult", "Options", "RowProblem", "Shape", "Source", "Suggestion", "Unknown",
    "choices_of", "guess_mapping", "mapping_of", "open_source", "plans", "run_import", "unknown_values", "write_duplicates", "write_refused",
]  # fmt: skip
