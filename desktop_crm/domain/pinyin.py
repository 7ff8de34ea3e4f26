"""Readings of Chinese characters: the likely one of a name, and every other it may be searched by.

pypinyin takes a quarter of a second to import and 80–100 µs a name, so it is loaded on first use and only its tables are used.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from functools import cache, lru_cache
from operator import add
from typing import Final

from desktop_crm.base.lazily import pattern

_LONGEST_PHRASE: Final = 4
_RARE: Final = 0.01
_LONGEST_PERSON: Final = 4
# The readings that characters take as surnames where the dictionaries put another first, or none at all.
_SURNAMES: Final = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "查": "zha", "区": "ou", "解": "xie", "朴": "piao", "翟": "zhai", "盖": "ge",
    "缪": "miao", "秘": "bi", "员": "yun", "折": "she", "召": "shao", "种": "chong", "祭": "zhai", "覃": "qin", "乐": "yue",
    "繁": "po", "洗": "xian", "隗": "wei", "句": "gou", "能": "nai", "阚": "kan", "都": "du", "藏": "zang", "佴": "nai",
    "乜": "nie", "么": "yao", "卜": "bu", "蔚": "yu", "颉": "xie", "黑": "he", "适": "kuo", "郇": "xun", "薄": "bo",
    "單": "shan", "區": "ou", "樸": "piao", "繆": "miao", "員": "yun", "種": "chong", "樂": "yue", "蓋": "ge", "闞": "kan",
    "長": "chang", "长": "chang", "參": "shen", "参": "shen",
}  # fmt: skip
_COMPOUND_SURNAMES: Final = {
    "万俟": ("mo", "qi"), "萬俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "单于": ("chan", "yu"), "單于": ("chan", "yu"),
    "长孙": ("zhang", "sun"), "長孫": ("zhang", "sun"), "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "宰父": ("zai", "fu"),
    "鲜于": ("xian", "yu"), "皇甫": ("huang", "fu"), "呼延": ("hu", "yan"), "乐正": ("yue", "zheng"),
}  # fmt: skip


CHINESE: Final = "\u4e00-\u9fff〇\u3400-\u4dbf\U00020000-\U0003ffff\uf900-\ufaff"
"""The ideographs, rare and compatibility ones included, as the inside of a regular expression's brackets."""
_ONE: Final = pattern(f"[{CHINESE}]")


def is_chinese(char: str) -> bool:
    """Tell whether the character is a Chinese ideograph, rare and compatibility ones included."""
    return _ONE.match(char) is not None


@cache
def readings(char: str) -> tuple[str, ...]:
    """Return the readings of a Chinese character without tones, the common one first, its surname reading included.

    Readings that hardly any phrase uses (司 as ci, 限 as wen) are left out: they would only multiply the keys of every company's name.
    ü is written v, as input methods want it. A character nobody knows to read stands for itself.
    """
    from pypinyin.constants import PINYIN_DICT

    known = [_plain(reading) for reading in str(PINYIN_DICT.get(ord(char), "")).split(",") if reading]
    used = _usage().get(char)
    if used:
        floor = sum(used.values()) * _RARE
        known = [reading for position, reading in enumerate(known) if position == 0 or used[reading] >= floor]
    if char in _SURNAMES:
        known.append(_SURNAMES[char])
    found = tuple(dict.fromkeys(reading for reading in known if reading))
    return found or (char,)


def load() -> None:
    """Load the tables now, which else the first text with Chinese characters does."""
    _beginnings()
    _usage()


class _Common(dict[str, str]):
    """The common reading of each character, by the character."""

    def __missing__(self, char: str) -> str:
        self[char] = found = readings(char)[0]
        return found


_COMMON: Final = _Common()


@lru_cache(maxsize=4096)
def likely(run: str, *, whole: bool) -> tuple[str, ...]:
    """Return the most likely reading of each character of a run of Chinese characters.

    Known phrases decide (重庆, 银行); where the run is the `whole` name and short enough for a person, its surname is read as one.
    """
    beginnings, common = _beginnings(), _COMMON
    pairs = [*map(add, run, run[1:])]
    person = whole and len(run) <= _LONGEST_PERSON
    if not person and beginnings.isdisjoint(pairs):
        return tuple(map(common.__getitem__, run))
    found: list[str] = []
    if person:
        if run[:2] in _COMPOUND_SURNAMES:
            found.extend(_COMPOUND_SURNAMES[run[:2]])
        elif len(run) > 1 and run[0] in _SURNAMES and run[:2] not in (phrases := _phrases()) and run not in phrases:
            found.append(_SURNAMES[run[0]])
    # Most characters begin no phrase: only where one may is it looked for.
    for start in [place for place, pair in enumerate(pairs) if pair in beginnings]:
        reached = len(found)
        if start >= reached and (phrase := _phrase_at(run[start : start + _LONGEST_PHRASE])):
            found += [common[char] for char in run[reached:start]]
            found += phrase
    found += [common[char] for char in run[len(found) :]]
    return tuple(found)


@lru_cache(maxsize=16_384)
def _phrase_at(text: str) -> tuple[str, ...]:
    """Return the readings of the longest phrase a text begins with; none where it begins with none."""
    phrases = _phrases()
    for length in range(len(text), 1, -1):
        phrase = phrases.get(text[:length])
        if phrase is not None and len(phrase) == length:
            return tuple([_plain(syllable[0]) for syllable in phrase])
    return ()


@cache
def _plain(reading: str) -> str:
    """Take the tone off a syllable: lǚ is lv."""
    bare = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(char for char in bare if char.isascii() and char.isalpha())


@cache
def _phrases() -> dict[str, list[list[str]]]:
    from pypinyin.constants import PHRASES_DICT

    return PHRASES_DICT


@cache
def _beginnings() -> set[str]:
    """Return the first two characters of all phrases: most pairs begin none, so that longer ones need not be looked up."""
    return {phrase[:2] for phrase in _phrases()}


@cache
def _usage() -> dict[str, Counter[str]]:
    """Count for each character how many phrases use which of its readings."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in _phrases().items():
        for char, syllable in zip(phrase, syllables, strict=False):
            used[char][_plain(syllable[0])] += 1
    return dict(used)
