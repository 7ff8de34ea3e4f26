"""Invoices through the tax bureau: requests, the workbook it takes many of them from, and the list of what it issued.

1. `requests.from_receivables` makes requests of what is owed. 2. `workbook.problems` says what the bureau would refuse, `workbook.write`
writes the file. 3. `issued.read_issued` reads the bureau's list, `issued.take_over` makes the invoices.
"""
