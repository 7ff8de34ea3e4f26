"""The editor for every kind of value. A new kind of value gets its editor here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.dates import parse_date
from desktop_crm.ui.kit.fields import (
    AmountEditor,
    CheckEditor,
    Choice,
    ComboEditor,
    DateEditor,
    Editor,
    LineEditor,
    LinkEditor,
    ParsedEditor,
    StarsEditor,
    TextEditor,
)
from desktop_crm.ui.link_source import LinkSource
from desktop_crm.ui.show import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import FieldSpec

__all__ = ["LinkSource", "edit_text", "make_editor", "put_value", "read_text", "take_value"]

LEAST_COMBO: Final = 96


def make_editor(spec: FieldSpec, links: LinkSource, *, name: str = "", create: Callable[[FieldSpec, str], None] | None = None) -> Editor:
    """Make the editor for a field; `create(field, text)` adds a record to link to where the link field offers it."""
    label, kind = spec.title, spec.kind.name
    if spec.derived:
        made: Editor = LineEditor(name=name, label=label)
        made.set_read_only(True)
        return made
    if spec.link:
        create_one = (lambda text: create(spec, text)) if create is not None and links.may_create(spec) else None
        return LinkEditor(lambda text, reply: links.suggest(spec, text, reply), name=name, label=label, create=create_one,
                          open_record=lambda key: links.desk.open_record(spec.link, int(str(key))))
    if spec.choices:
        choices = [(choice.code, _(choice.label)) for choice in spec.choices]
        combo = ComboEditor(choices, name=name, label=label, empty=None if spec.required else "—")
        # The form decides how wide its fields are; one as wide as its longest choice would be cut off in a narrow card.
        combo.line.setMinimumWidth(LEAST_COMBO)
        return combo
    if kind == "boolean":
        return CheckEditor(_("Yes"), name=name, label=label)
    if kind == "stars":
        return StarsEditor(name=name, label=label)
    if kind == "date":
        session = links.desk.session
        return DateEditor(lambda text: parse_date(text, today=session.today), name=name, label=label)
    if kind == "note":
        return TextEditor(name=name, label=label)
    if kind in NUMBERS:
        return AmountEditor(spec.parse, spec.show, name=name, label=label)
    if kind == "instant":
        return ParsedEditor(spec.parse, spec.show, name=name, label=label)
    return LineEditor(name=name, label=label)


def put_value(editor: Editor, spec: FieldSpec, value: Any) -> None:
    """Show a value in its editor."""
    if spec.derived:
        editor.set_value(spec.show(value))
    elif spec.link:
        editor.set_value(None if value is None else Choice(int(value), value.title if isinstance(value, Ref) else str(value)))
    elif spec.choices:
        editor.set_value(value or None)
    else:
        editor.set_value(value)


def take_value(editor: Editor, spec: FieldSpec) -> Any:
    """Return the value that stands in an editor; raises ValueProblem where it can't be understood."""
    value: Any = editor.value()
    if spec.link:
        chosen = editor.choice() if isinstance(editor, LinkEditor) else None
        return None if chosen is None else Ref(int(str(chosen.value)), chosen.title)
    if spec.choices:
        return value or spec.kind.empty
    if spec.kind.name == "stars":
        return value or None
    if isinstance(value, str):
        return spec.parse(value)
    return value


def edit_text(spec: FieldSpec, value: Any) -> Any:
    """Return a value as a draft keeps it: a text, a bool, or [id, title] for a link."""
    if spec.link and value is not None:
        return [int(value), value.title if isinstance(value, Ref) else ""]
    return value if isinstance(value, bool) else spec.edit(value)


def read_text(spec: FieldSpec, kept: Any) -> Any:
    """Read back what `edit_text` wrote; raises ValueProblem where it can't be understood any more."""
    if spec.link and isinstance(kept, list):
        return Ref(int(kept[0]), str(kept[1]))
    return spec.kind.empty if kept in (None, "") else spec.parse(kept)
