"""Importing a list from a file: open it, guess what its columns are, and take its rows over as one change set.

1. `open_source` finds the list in the file. 2. `guess_mapping` says what each column seems to be. 3. `run_import` imports, or with
`dry_run` only says what it would do. 4. `write_refused` gives the rows that were refused back, in the user's own layout.
"""

from desktop_crm.services.imports.mapping import guess_mapping, mapping_of
from desktop_crm.services.imports.refused import write_refused
from desktop_crm.services.imports.run import run_import
from desktop_crm.services.imports.source import open_source
from desktop_crm.services.imports.types import ColumnGuess, Duplicate, ImportResult, Options, RowProblem, Source

__all__ = [
    "ColumnGuess", "Duplicate", "ImportResult", "Options", "RowProblem", "Source",
    "guess_mapping", "mapping_of", "open_source", "run_import", "write_refused",
]  # fmt: skip
