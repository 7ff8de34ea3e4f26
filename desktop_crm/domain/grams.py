"""Cutting search texts into grams: the short pieces by which an index finds any part of a word.

A Chinese character makes a gram of two with what follows it, any other a gram of three; near the end of a word they are
shorter. So every part of a word begins with a gram, or is the beginning of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import NamedTuple, pattern
from desktop_crm.domain.pinyin import CHINESE

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRAM: Final = pattern(rf"(?=([{CHINESE}]\S?|\S{{1,3}}))")
_WHOLE: Final = pattern(rf"(?=([{CHINESE}]\S|[^{CHINESE}\s]\S\S))")


class Asked(NamedTuple):
    """What an index is asked for one word: all of `grams`, or where there are none, any gram that begins with `beginning`."""

    grams: tuple[str, ...]
    beginning: str


def grams(text: str) -> set[str]:
    """Return the grams of all words of a search text."""
    found: set[str] = set()
    for word in text.split():
        # Most of a search text is letters and figures, which are cut in a third of the time like this.
        found.update([word[start : start + 3] for start in range(len(word))] if word.isascii() else _GRAM.findall(word))
    return found


def asked(words: Sequence[str]) -> list[Asked]:
    """Return what to ask for texts that hold each of `words` somewhere: more may be found than do, never fewer."""
    return [Asked(tuple(dict.fromkeys(_WHOLE.findall(word))), word) for word in words]
