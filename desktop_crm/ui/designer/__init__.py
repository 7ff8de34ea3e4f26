"""The designer of printed documents: a template's JSON as a plain document, operations on it, and the page that edits it on the paper."""
