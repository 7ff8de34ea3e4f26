"""Reconciling a list from outside with the records: columns with fields, texts with links, rows with what is there already."""
