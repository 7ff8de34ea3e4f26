"""Text as it is compared, searched and sorted: width, case and accents folded, Chinese by its readings.

The same keys are stored on every database, because engines disagree about what equals what.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, islice, product
from math import prod
from typing import Final

from desktop_crm.base.lazily import NamedTuple, pattern
from desktop_crm.domain import pinyin
from desktop_crm.domain.pinyin import CHINESE, is_chinese

__all__ = ["fold", "fold_company", "initials", "is_chinese", "narrow", "part_keys", "pinyin_full", "search_keys", "search_text", "search_text_of", "sort_key", "unseen_left_out"]

# More readings than these add noise and no find: the likely ones come first.
_MOST_COMBINATIONS: Final = 32
_LONG: Final = 8
_MOST_IN_LONG: Final = 8
"""The same for a text of more than `_LONG` characters and words: each combination costs the length of all of it."""
_NUMBER_WIDTH: Final = 6
_SHORTEST_COMPANY: Final = 2
_PLAIN: Final = pattern(r"[\x00-\x7f\u4e00-\u9fff]*")
"""Texts in which there is no width and no accent to fold."""
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0xFFE5: "¥", 0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2013: "-", 0x200B: None, 0xFEFF: None, 0x202C: None, 0x202D: None,
}  # fmt: skip
_UNSEEN: Final = pattern("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Control characters, and marks of no width such as those that turn the direction of what follows; the joiners of emoji and of some scripts are none."""
_PHONE_LIKE: Final = pattern(r"\+?[0-9(][0-9 ()./-]{5,}[0-9]")
_SHORTEST_PHONE: Final = 7
_RUNS: Final = pattern(rf"([{CHINESE}]+)")
"""Cuts a text where Chinese and other characters meet: every second part is Chinese."""
_SIGNS: Final = pattern(r"[\W_]+")
_WORDS: Final = pattern(r"[^\W_]+")
_ANY_CHINESE: Final = pattern(f"[{CHINESE}]")
_SORTED_WORD: Final = pattern(r"[0-9]+|[^\W\d_]+|\d+")
_LATIN_FORMS: Final = frozenset({"co", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "company", "llc", "plc", "gmbh"})
_CHINESE_FORMS: Final = pattern(
    r"(?:(?:集团|集團)?股份有限公司|有限[责責]任公司|(?:集团|集團)有限公司|有限公司|(?:集团|集團)公司|总公司|總公司|公司|集团|集團)$"
)


def unseen_left_out(line: str) -> str:
    """Return one line without the signs that nobody sees: two names that look the same are the same, and no name turns the text around it."""
    return " ".join(_UNSEEN.sub("", line).split())


class _Piece(NamedTuple):
    """One Chinese character: how it may be read, the likely way first, and the initials of that."""

    readings: tuple[str, ...]
    initials: tuple[str, ...]


Choices = Sequence[tuple[str, ...]]
"""For each Chinese character and each Latin or digit word what may stand in its place, the likely first."""


class _Signs(dict[int, str]):
    """What stands in the place of each character of a folded text, for `str.translate`; a Chinese one with more than one choice stays, and its choices are in `several`."""

    def __init__(self, choices: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self.several: dict[str, tuple[str, ...]] = {}
        self._choices = choices

    def __missing__(self, code: int) -> str:
        char = chr(code)
        choices = self._choices(char) if is_chinese(char) else (char if char.isalnum() else "",)
        if len(choices) > 1:
            self.several[char] = choices
        self[code] = made = choices[0] if len(choices) == 1 else char
        return made


def narrow(text: str) -> str:
    """Turn full-width letters, digits and signs to plain ones, and drop the invisible marks that copying leaves.

    Unlike NFKC it leaves 10² and ① alone, which would otherwise be read as 102 and 1.
    """
    return text.translate(_WIDE)


def fold(text: str) -> str:
    """Return the text for comparing: NFKC, casefolded, without accents, blanks collapsed."""
    if not text:
        return ""
    if _PLAIN.fullmatch(text):
        return " ".join(text.lower().split())
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(unicodedata.normalize("NFKC", "".join(char for char in bare if not unicodedata.combining(char))).split())


@lru_cache(maxsize=256)
def fold_company(name: str) -> str:
    """Return the name for finding the same company: folded, without blanks and punctuation, without its legal form.

    恒泰科技（上海）有限公司 and 恒泰科技(上海)股份有限公司 give the same; a name that is nothing but a legal form keeps it.
    """
    folded = fold(name)
    kept = [folded] if folded.isalnum() else _SIGNS.sub(" ", folded).split()
    while len(kept) > 1 and kept[-1] in _LATIN_FORMS:
        kept.pop()
    joined = "".join(kept)
    shorter = _CHINESE_FORMS.sub("", joined)
    return shorter if len(shorter) >= _SHORTEST_COMPANY else joined


def pinyin_full(name: str) -> str:
    """Return the most likely reading in one word, surnames read as such: 曾国藩 is ``zengguofan``."""
    return "".join(choice[0] for choice in _choices(fold(name))[0])


def initials(name: str) -> str:
    """Return the likely initials; Latin and digits stay whole: 中国移动ABC公司 is ``zgydabcgs``."""
    return "".join(choice[0] for choice in _choices(fold(name))[1])


def search_keys(name: str) -> set[str]:
    """Return everything the name is found by: itself folded, the initials and full pinyin of its readings, its phone numbers' digits.

    Every reading of 单, 仇, 曾 … counts, up to a bounded number of combinations for long names.
    """
    return set(_keys(name))


def search_text(*parts: str) -> str:
    """Return one line for a LIKE search over all `parts`, without what a longer word in it already holds."""
    return search_text_of([_keys(part) for part in parts if part])


def search_text_of(parts: Sequence[Sequence[str]]) -> str:
    """Return the line of `search_text` from the keys of its parts, as `part_keys` gives them."""
    keys = dict.fromkeys(chain.from_iterable(parts))
    line = " ".join(keys)
    # Mostly none of them stands in another.
    if len(keys) <= 1 or max(map(line.count, keys)) == 1:
        return line
    kept: list[str] = []
    held = ""
    for key in sorted(keys, key=len, reverse=True):
        if key not in held:
            kept.append(key)
            held += f" {key}"
    if len(kept) == len(keys):
        return line
    chosen = set(kept)
    return " ".join([key for key in keys if key in chosen])


def part_keys(text: str) -> list[str]:
    """Return what one part of a record is found by, the likeliest first."""
    return _keys(text)


def sort_key(text: str, limit: int = 120) -> str:
    """Return a key that sorts by pinyin where bytes are compared, the same character standing together, numbers by their value.

    Each Chinese character is its reading, a blank and itself: the blank keeps all of zha before zhan.
    """
    folded = fold(text)
    if not folded:
        return ""
    parts: list[str] = []
    for place, run in enumerate(_RUNS.split(folded)):
        if place % 2:
            parts.append(_ordered(run, len(run) == len(folded)))
        elif run.isascii() and run.isdigit():
            parts.append(run.zfill(_NUMBER_WIDTH))
        elif run:
            parts.extend(word.zfill(_NUMBER_WIDTH) if word.isdigit() else word for word in _SORTED_WORD.findall(run))
    return " ".join(parts)[:limit].rstrip()


@lru_cache(maxsize=4096)
def _ordered(run: str, whole: bool) -> str:  # noqa: FBT001 - a part of the key
    """Return what a run of Chinese characters is sorted by."""
    return " ".join(map(" ".join, zip(pinyin.likely(run, whole=whole), run, strict=True)))


def _choices(folded: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the readings and the initials of each Chinese character and each Latin or digit word of a folded text, punctuation dropped; a word is its own."""
    readings: list[tuple[str, ...]] = []
    initials: list[tuple[str, ...]] = []
    for place, run in enumerate(_RUNS.split(folded)):
        if place % 2:
            read, begun = _run(run, len(run) == len(folded))
            readings += read
            initials += begun
        elif run:
            words = [(word,) for word in _WORDS.findall(run)]
            readings += words
            initials += words
    return readings, initials


@lru_cache(maxsize=4096)
def _run(run: str, whole: bool) -> tuple[Choices, Choices]:  # noqa: FBT001 - a part of the key
    """Return the readings and the initials of each of a run of Chinese characters."""
    readings, initials = zip(*map(_character, pinyin.likely(run, whole=whole), run), strict=True)
    return readings, initials


@lru_cache(maxsize=8192)
def _character(likely: str, char: str) -> _Piece:
    found = dict.fromkeys((likely, *pinyin.readings(char)))
    # 吕 is lv to an input method and lu to many who type it.
    every = tuple(dict.fromkeys([*found, *(reading.replace("v", "u") for reading in found)]))
    return _Piece(every, tuple(dict.fromkeys(reading[0] for reading in every)))


_BEGUN: Final = _Signs(lambda char: _character(pinyin.readings(char)[0], char).initials)
_READ: Final = _Signs(lambda char: _character(pinyin.readings(char)[0], char).readings)


def _usual_combinations(folded: str, signs: _Signs) -> list[str]:
    """Return what `_combinations` would for a text whose characters are read as usual; nothing where that is not so simple."""
    text = folded.translate(signs)
    if text.isascii():
        return [text]
    several = signs.several
    chars = [char for char in text if char in several]
    choices = [several[char] for char in chars]
    if prod(map(len, choices)) > _MOST_IN_LONG or len(set(chars)) < len(chars):
        return []
    found = [text]
    for char, every in zip(chars, choices, strict=True):
        found = [one.replace(char, other) for one in found for other in every]
    return found


def _combinations(choices: Choices) -> list[str]:
    """Join one choice of each; where there are too many ways, those that differ from the likely one in a single place, as far as they go."""
    ways = prod(map(len, choices))
    if ways == 1:
        return ["".join(chain.from_iterable(choices))]
    if ways <= (_MOST_COMBINATIONS if len(choices) <= _LONG else _MOST_IN_LONG):
        return list(map("".join, product(*choices)))
    likely = [choice[0] for choice in choices]
    single = ((position, other) for position, choice in enumerate(choices) for other in choice[1:])
    changed = ["".join([*likely[:position], other, *likely[position + 1 :]]) for position, other in islice(single, _MOST_COMBINATIONS - 1)]
    return ["".join(likely), *changed]


def _keys(name: str) -> list[str]:
    if not name:
        return []
    if name.isascii() and name.isalnum():
        return [name.lower()]
    folded = fold(name)
    if not folded:
        return []
    keys = [folded]
    if not folded.isascii() and _ANY_CHINESE.search(folded):
        begun = read = []
        if _PLAIN.fullmatch(folded) and pinyin.reads_as_usual(folded):
            begun, read = _usual_combinations(folded, _BEGUN), _usual_combinations(folded, _READ)
        if not begun or not read:
            readings, initials = _choices(folded)
            begun, read = _combinations(initials), _combinations(readings)
        keys += begun
        keys += read
    # Digits without a sign between them stand in the text itself.
    if len(folded) >= _SHORTEST_PHONE and not folded.isalnum():
        keys.extend("".join(filter(str.isdecimal, number)) for number in _PHONE_LIKE.findall(folded))
    return list(dict.fromkeys(keys))
