"""The document templates that ship, written by a script so that the Chinese and the English one of a kind stay alike.

``python -m templates`` writes `resources/templates/NAME.json` and `NAME_en.json`. The JSON files are what ships and what the tests read; nothing of
this package is in the program.
"""
