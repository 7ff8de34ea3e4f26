"""The headings of the user guide, and which of them is about which page of the window."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from desktop_crm.base.resources import resource

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOPICS: Final = re.compile(r"<!-- about: (?P<topics>[a-z_. ]+) -->\n")
_HEADING: Final = re.compile(r"^(?P<marks>#{1,3}) (?P<title>.+)$", re.MULTILINE)


class Section(NamedTuple):
    """One heading: its level (1 is the guide's own title), its text and the places of the pages it is about."""

    level: int
    title: str
    topics: frozenset[str] = frozenset()


def read_guide(language: str) -> tuple[str, list[Section]]:
    """Return the guide in a language as Markdown, and its sections in their order.

    A line such as ``<!-- about: customer merge -->`` above a heading names the pages it is about; readers never see it.
    """
    text = resource(f"guide/{language}.md").read_text(encoding="utf-8")
    sections: list[Section] = []
    topics: frozenset[str] = frozenset()
    for line in text.splitlines(keepends=True):
        named, heading = _TOPICS.fullmatch(line), _HEADING.match(line)
        if named is not None:
            topics = frozenset(named["topics"].split())
        elif heading is not None:
            sections.append(Section(len(heading["marks"]), heading["title"].strip(), topics))
            topics = frozenset()
    return _TOPICS.sub("", text), sections


def section_of(sections: Sequence[Section], topic: str) -> int:
    """Return the number of the section about a page; 0, the beginning, where none is."""
    return next((number for number, one in enumerate(sections) if topic in one.topics), 0)
