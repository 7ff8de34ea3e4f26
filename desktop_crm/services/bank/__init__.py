"""Bank lines: read from a bank's file, kept, matched with customers and what they owe, and posted as receipts.

1. `reading.read_statement` finds the lines in a file. 2. `lines.keep` keeps those that aren't there yet. 3. `matching.propose` says
whose money each is and what it pays. 4. `posting.post` posts what was accepted, as one action.
"""
