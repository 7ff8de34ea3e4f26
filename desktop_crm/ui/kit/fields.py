"""Form fields: the frame with label and message, and an editor for every kind of value."""

from desktop_crm.ui.kit.editor_base import Editor, FieldFrame, Line
from desktop_crm.ui.kit.editors import AmountEditor, CheckEditor, LineEditor, ParsedEditor, StarsEditor, TextEditor
from desktop_crm.ui.kit.pickers import ComboEditor, DateEditor, LinkEditor
from desktop_crm.ui.kit.popup import Choice

__all__ = ["AmountEditor", "CheckEditor", "Choice", "ComboEditor", "DateEditor", "Editor", "FieldFrame", "Line", "LineEditor", "LinkEditor",
           "ParsedEditor", "StarsEditor", "TextEditor"]
