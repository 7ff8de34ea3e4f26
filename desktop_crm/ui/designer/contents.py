"""What an element prints: a field with its format, or a text with placeholders; reading and writing it, and naming it for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.ui.designer.document import Doc

SINGLE: Final = re.compile(r"\s*\{\{-?\s*([a-z_][a-z0-9_.]*)\s*(?:\|\s*([a-z_]+(?:\([^{}]*\))?)\s*)?-?\}\}\s*")
PLACEHOLDER: Final = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
NAMES: Final = re.compile(r"(?<![\w.'\"|])[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")
KINDS: Final[dict[str, tuple[str, str]]] = {
    "text": (N_("Text element"), "type"), "line": (N_("Line"), "minus"), "box": (N_("Box"), "square"), "image": (N_("Picture"), "image"),
    "barcode": (N_("Bar code"), "barcode"), "qrcode": (N_("QR code"), "qr-code"), "table": (N_("Table"), "table-2"),
}
KEY: Final = {"barcode": "value", "qrcode": "value", "image": "value"}
SHOWN: Final = 40


@dataclass(frozen=True)
class Content:
    """A field with its format, or else a text; `empty` stands there when nothing comes out."""

    field: str = ""
    format: str = ""
    text: str = ""
    empty: str = ""


def text_key(element: Doc) -> str:
    """Return the key under which an element keeps its text."""
    return KEY.get(str(element.get("type", "text")), "text")


def content_of(element: Doc) -> Content:
    """Return what an element or a column prints; a text that is one placeholder counts as its field."""
    empty = str(element.get("empty", ""))
    if "field" in element:
        return Content(str(element["field"]), str(element.get("format", "")), "", empty)
    text = str(element.get(text_key(element), ""))
    single = SINGLE.fullmatch(text)
    if single is not None:
        return Content(single[1], single[2] or "", text, empty)
    return Content("", "", text, empty)


def with_content(element: Doc, content: Content) -> Doc:
    """Return an element or a column that prints something else."""
    kept = {key: value for key, value in element.items() if key not in {"field", "format", "empty", text_key(element)}}
    if element.get("type") == "image":
        return {**{key: value for key, value in kept.items() if key != "data"}, "value": content.field or content.text}
    if content.field:
        made = {**kept, "field": content.field}
        if content.format:
            made["format"] = content.format
    else:
        made = {**kept, text_key(element): content.text}
    if content.empty:
        made["empty"] = content.empty
    return made


def has_values(element: Doc) -> bool:
    """Tell whether what an element prints depends on the document."""
    return "field" in element or "{{" in str(element.get(text_key(element), "")) or (element.get("type") == "image" and "value" in element)


def names_in(element: Doc) -> set[str]:
    """Return the values an element asks for, as far as they can be read off its text."""
    content = content_of(element)
    found = set(NAMES.findall(content.field))
    for part in PLACEHOLDER.findall(content.text):
        found |= set(NAMES.findall(part))
    return found


def labelled(text: str, labels: Mapping[str, str]) -> str:
    """Return a text with the names of fields in the place of its placeholders."""

    def name(found: re.Match[str]) -> str:
        expression = found[1].strip()
        for path in NAMES.findall(expression):
            known = labels.get(path)
            if known is None and path.partition(".")[0] in {"grand", "page_sum", "carried", "running", "group"}:
                known = labels.get(f"line.{path.partition('.')[2]}")
                known = None if known is None else f"Σ {known}"
            if known:
                return f"‹{known}›"
        return f"‹{expression[:SHOWN]}›"

    return PLACEHOLDER.sub(name, text)


def title_of(element: Doc, labels: Mapping[str, str]) -> str:
    """Return what an element is called: the name it was given, its field, its text, else its kind."""
    if element.get("name"):
        return str(element["name"])
    content = content_of(element)
    if content.field:
        return labels.get(content.field, content.field)
    text = " ".join(labelled(content.text, labels).split())
    if text and element.get("type") not in {"line", "box", "image"}:
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return kind_of(element)


def kind_of(element: Doc) -> str:
    """Return the kind of an element in words."""
    return _(KINDS.get(str(element.get("type")), KINDS["text"])[0])


def icon_of(element: Doc) -> str:
    """Return the icon of an element's kind."""
    return KINDS.get(str(element.get("type")), KINDS["text"])[1]
