"""The readings of Chinese characters that the program ships: ``python readings.py`` writes them anew from pypinyin's dictionaries.

pypinyin takes a third of a second and 40 MB to load; what search and order need of it is a table of one megabyte.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Final

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

TABLE: Final = Path(__file__).resolve().parent / "resources" / "pinyin" / "readings.json"
RARE: Final = 0.01
LONGEST: Final = 4
"""Characters of the longest phrase that is looked for."""


@cache
def plain(reading: str) -> str:
    """Take the tone off a syllable: lǚ is lv."""
    bare = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(char for char in bare if char.isascii() and char.isalpha())


def usage() -> dict[str, Counter[str]]:
    """Count for each character how many phrases use which of its readings."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in PHRASES_DICT.items():
        for char, syllable in zip(phrase, syllables, strict=False):
            used[char][plain(syllable[0])] += 1
    return dict(used)


def readings() -> dict[str, list[str]]:
    """Return the readings of each character without tones, the common one first.

    Readings that hardly any phrase uses (司 as ci, 限 as wen) are left out: they would only multiply the keys of every company's name.
    """
    found = {}
    used = usage()
    for code, text in PINYIN_DICT.items():
        char = chr(code)
        known = [plain(reading) for reading in text.split(",") if reading]
        floor = sum(used[char].values()) * RARE if char in used else 0
        kept = [reading for place, reading in enumerate(known) if reading and (place == 0 or not floor or used[char][reading] >= floor)]
        if kept:
            found[char] = list(dict.fromkeys(kept))
    return found


def table() -> dict[str, dict[str, str] | str]:
    """Return what the program keeps.

    `single` has by reading the characters that have no other, `several` the readings of each other character,
    `usual` the phrases whose characters have their common readings, `unusual` the readings of all other phrases.
    """
    every = readings()
    single: defaultdict[str, list[str]] = defaultdict(list)
    several = {}
    for char, own in sorted(every.items()):
        if len(own) == 1:
            single[own[0]].append(char)
        else:
            several[char] = " ".join(own)
    usual: list[str] = []
    unusual = {}
    for phrase, syllables in sorted(PHRASES_DICT.items()):
        if 1 < len(phrase) == len(syllables) <= LONGEST:
            read = [plain(syllable[0]) for syllable in syllables]
            if read == [every.get(char, [char])[0] for char in phrase]:
                usual.append(phrase)
            else:
                unusual[phrase] = " ".join(read)
    return {"single": {reading: "".join(chars) for reading, chars in sorted(single.items())}, "several": several, "usual": " ".join(usual), "unusual": unusual}


def text() -> str:
    """Return the table as it is kept."""
    return json.dumps(table(), ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text(), encoding="utf-8")
