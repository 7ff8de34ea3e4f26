"""Readings of Chinese characters: the likely one of a name, and every other it may be searched by.

Both come from a table that ships with the program (`readings.py` makes it of pypinyin's dictionaries) and is loaded on first use.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from operator import add
from typing import Any, Final

from desktop_crm.base.lazily import pattern
from desktop_crm.base.resources import resource

_LONGEST_PHRASE: Final = 4
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

    ü is written v, as input methods want it. A character nobody knows to read stands for itself.
    """
    known = _several().get(char)
    found = known.split() if known else [_single()[char]] if char in _single() else []
    if char in _SURNAMES:
        found.append(_SURNAMES[char])
    return tuple(dict.fromkeys(found)) or (char,)


def load() -> None:
    """Load the tables now, which else the first text with Chinese characters does."""
    _single()
    _phrases()
    _odd_beginnings()


class _Common(dict[str, str]):
    """The common reading of each character, by the character."""

    def __missing__(self, char: str) -> str:
        self[char] = found = readings(char)[0]
        return found


_COMMON: Final = _Common()


def reads_as_usual(text: str) -> bool:
    """Tell whether each Chinese character of a text is sure to have its common reading: no phrase in it says otherwise, and it begins with no surname."""
    if len(text) <= _LONGEST_PERSON and (text[:2] in _COMPOUND_SURNAMES or text[:1] in _SURNAMES):
        return False
    return _odd_beginnings().isdisjoint(map(add, text, text[1:]))


@lru_cache(maxsize=4096)
def likely(run: str, *, whole: bool) -> tuple[str, ...]:
    """Return the most likely reading of each character of a run of Chinese characters.

    Known phrases decide (重庆, 银行); where the run is the `whole` name and short enough for a person, its surname is read as one.
    """
    common = _COMMON
    found: list[str] = []
    if whole and len(run) <= _LONGEST_PERSON:
        if run[:2] in _COMPOUND_SURNAMES:
            found.extend(_COMPOUND_SURNAMES[run[:2]])
        elif len(run) > 1 and run[0] in _SURNAMES and run[:2] not in (phrases := _phrases()) and run not in phrases:
            found.append(_SURNAMES[run[0]])
    if not _odd_beginnings().isdisjoint(map(add, run, run[1:])):
        # Phrases with the common readings count too: their characters begin no other.
        for start in range(len(run) - 1):
            reached = len(found)
            if start >= reached and (phrase := _phrase_at(run[start : start + _LONGEST_PHRASE])):
                found += map(common.__getitem__, run[reached:start])
                found += phrase
    return (*found, *map(common.__getitem__, run[len(found) :]))


@lru_cache(maxsize=16_384)
def _phrase_at(text: str) -> tuple[str, ...]:
    """Return the readings of the longest phrase a text begins with; none where it begins with none."""
    phrases, odd = _phrases(), _odd()
    for length in range(len(text), 1, -1):
        phrase = text[:length]
        if phrase in odd:
            return tuple(odd[phrase].split())
        if phrase in phrases:
            return tuple(map(_COMMON.__getitem__, phrase))
    return ()


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(resource("pinyin/readings.json").read_text(encoding="utf-8"))
    return table


@cache
def _single() -> dict[str, str]:
    """Return the reading of each character that has only one."""
    return {char: reading for reading, chars in _table()["single"].items() for char in chars}


def _several() -> dict[str, str]:
    """Return the readings of each other character, the common one first."""
    return _table()["several"]  # type: ignore[no-any-return]


def _odd() -> dict[str, str]:
    """Return the phrases in which a character has another reading than its common one, with the readings of all of them."""
    return _table()["unusual"]  # type: ignore[no-any-return]


@cache
def _phrases() -> set[str]:
    """Return all known phrases."""
    return {*_table()["usual"].split(), *_odd()}


@cache
def _odd_beginnings() -> set[str]:
    """Return the first two characters of those that are read unusually: a run without any is read by its characters."""
    return {phrase[:2] for phrase in _odd()}
