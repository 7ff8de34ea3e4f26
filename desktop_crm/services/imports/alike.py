"""Names that are nearly the same: equal but for their legal form, one with words left out, or a letter apart in a long one.

Near is offered and never taken by itself, so what counts is that little of it is noise: two names with different figures in them are
two names, and of two equally long Chinese names one different sign makes another company.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz

from desktop_crm.domain.text import fold, fold_company

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop_crm.services.imports.matching import Known

SHORTEST: Final = 4
"""Signs a name needs for anything but its legal form to be different: of three, one less leaves nothing to go by."""
NEAREST: Final = 0.75
"""The share two names must have in common where one is the other with something left out."""
CLOSE: Final = 0.9
"""The share they must have in common otherwise."""
MOST_SHARING: Final = 300
"""Names with one pair of signs that are looked at; what more of them share is 有限 or 科技."""
_RAREST: Final = 4
_FIGURES: Final = re.compile(r"\d+")
_FAMILIAR: Final = re.compile(r"[小老大阿](?P<first>[㐀-鿿])|(?P<second>[㐀-鿿])(?:总|工|经理|主任|老师|姐|哥|师傅)")
_FAMILIAR_SHARE: Final = 80


def near(first: str, second: str) -> bool:
    """Say whether two names with the same figures, without their legal form, are nearly the same."""
    share = fuzz.ratio(first, second, score_cutoff=NEAREST * 100) / 100
    return share >= CLOSE or (share >= NEAREST and _left_out(*sorted((first, second), key=len)))


def _left_out(shorter: str, longer: str) -> bool:
    """Say whether a name is another with signs left out."""
    signs = iter(longer)
    return all(sign in signs for sign in shorter)


class AlikeNames:
    """The names of records and rows by what they share; without `fuzzy` only those but for the legal form are found."""

    def __init__(self, *, fuzzy: bool) -> None:
        self._same: dict[str, Known | list[Known]] = {}
        self.fuzzy = fuzzy
        self._keys: list[str] = []
        # By the figures in a name too: names that differ in them are never looked at together, or numbered ones would all be.
        self._pairs: dict[tuple[str, str], list[int]] = defaultdict(list)

    def add(self, name: str, known: Known) -> None:
        """Enter a name."""
        key = fold_company(name)
        there = self._same.get(key)
        if isinstance(there, list):
            if known not in there:
                there.append(known)
            return
        if there is not None:
            if there is not known:
                self._same[key] = [there, known]
            return
        self._same[key] = known
        if self.fuzzy and len(key) >= SHORTEST:
            self._keys.append(key)
            for pair in _pairs(key):
                self._pairs[pair].append(len(self._keys) - 1)

    def find(self, name: str) -> Iterable[tuple[Known, int]]:
        """Return what has nearly this name and how near in per cent (below 100), the nearest first."""
        key = fold_company(name)
        return self._found(key) if self.fuzzy or key in self._same else ()

    def _found(self, key: str) -> Iterator[tuple[Known, int]]:
        keys = [key, *sorted(self._near(key), key=lambda other: -fuzz.ratio(key, other))]
        for one in keys:
            there = self._same.get(one, [])
            for known in there if isinstance(there, list) else [there]:
                yield known, min(99, round(fuzz.ratio(key, one)))

    def _near(self, key: str) -> Iterable[str]:
        if not self.fuzzy or len(key) < SHORTEST:
            return ()
        shared = sorted((found for pair in _pairs(key) if (found := self._pairs.get(pair)) and len(found) <= MOST_SHARING), key=len)[:_RAREST]
        places = {place for found in shared for place in found}
        return [self._keys[place] for place in places if self._keys[place] != key and near(key, self._keys[place])]


def _pairs(key: str) -> set[tuple[str, str]]:
    """Return the pairs of signs that follow each other, each with the figures of the whole."""
    figures = ",".join(_FIGURES.findall(key))
    return {(key[place : place + 2], figures) for place in range(len(key) - 1)}


def suggestions(text: str, names: Iterable[tuple[str, str]], limit: int = 3) -> list[tuple[str, str, int]]:
    """Return the (key, name, per cent) of the names nearest to a text, from (key, name) pairs; the nearest first, none that is far off."""
    wanted, found = fold_company(text), []
    familiar = _FAMILIAR.fullmatch(text.strip())
    surname = (familiar["first"] or familiar["second"]) if familiar else ""
    for key, name in names:
        share = fuzz.ratio(wanted, fold_company(name))
        if surname and name.startswith(surname):
            share = max(share, _FAMILIAR_SHARE)
        elif wanted and (wanted in (folded := fold(name)) or (len(folded) > 1 and folded in wanted)):
            share = max(share, 70)
        if share >= 50:  # noqa: PLR2004 - less than half in common is chance
            found.append((key, name, min(99, round(share))))
    return sorted(found, key=lambda one: (-one[2], one[1]))[:limit]
