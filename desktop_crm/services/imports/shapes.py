"""Columns made out of others: one taken apart into several (省市区, 联系人+电话, by a separator), or several joined into one (姓+名).

A made column has a number and a heading like any other, so that mapping, checking and messages know no difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.kind import cell_text
from desktop_crm.domain.phones import normalise_phone
from desktop_crm.domain.places import split_place
from desktop_crm.domain.text import narrow
from desktop_crm.services.workbooks.cells import Cell, CellError, is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MADE: Final = 100_000
"""The first number of a made column; no sheet is as wide."""
_STEP: Final = 100
PLACE: Final = "place"
PERSON: Final = "person"
PARTS: Final[dict[str, tuple[str, ...]]] = {
    PLACE: (N_("Province"), N_("City"), N_("District"), N_("Address")),
    PERSON: (N_("Contact person"), N_("Mobile"), N_("Phone")),
}
MOST_PARTS: Final = 6
SEPARATORS: Final = ("/", "、", ",", ";", "|", "-", "—", "_", "+", "\n", " ")
MOST: Final = 0.8
"""The share of values that must agree before a way to take them apart is offered."""
SOME: Final = 0.4
_RANKS: Final = "省市区县州盟旗"
_NUMBERS: Final = re.compile(r"\+?\(?\d[\d\s()\-－—./]{5,}\d")
_MARKS: Final = " ,，;；/、:：|()（）[]【】-－—\t\n"
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ0-9.,]")


@dataclass(frozen=True)
class Shape:
    """One way of making columns: `kind` "split" takes one of `columns` apart by `how`, "join" puts them in a row with `how` between.

    `how` of a split is PLACE, PERSON or a separator, whose last part keeps what is left over; of a join the text between, where "" is a
    blank between Latin words and nothing between Chinese ones. `number` tells shapes of one source apart, `count` is that of the
    parts by a separator.
    """

    number: int
    kind: Literal["split", "join"]
    columns: tuple[int, ...]
    how: str = ""
    count: int = 2

    def numbers(self) -> range:
        """Return the numbers of the columns it makes."""
        first = MADE + self.number * _STEP
        return range(first, first + self._size)

    @cached_property
    def _size(self) -> int:
        return 1 if self.kind == "join" else len(PARTS.get(self.how, ())) or min(max(self.count, 2), MOST_PARTS)

    def headings(self, known: Mapping[int, str]) -> dict[int, str]:
        """Return the headings of the columns it makes, by number; `known` are those of the sheet."""
        names = [known.get(column, "") for column in self.columns]
        if self.kind == "join":
            return dict(zip(self.numbers(), ["+".join(names)], strict=True))
        parts = [_(part) for part in PARTS.get(self.how, ())] or [str(place + 1) for place in range(self._size)]
        return {number: f"{names[0]}/{part}" for number, part in zip(self.numbers(), parts, strict=True)}

    def cells(self, row: Sequence[Cell]) -> list[Cell]:
        """Return the cells it makes of a row; an error among what it is made of is one in all of them."""
        given = [row[column] if column < len(row) else None for column in self.columns]
        wrong = next((cell for cell in given if isinstance(cell, CellError)), None)
        if wrong is not None:
            return [wrong] * self._size
        if self.kind == "join":
            filled = [text for cell in given if (text := cell_text(cell).strip())]
            if len(filled) == 1:
                return [next(cell for cell in given if not is_blank(cell))]
            return [joined(filled, self.how) or None]
        if is_blank(given[0]):
            return [None] * self._size
        found = taken_apart(cell_text(given[0]), self.how, self._size)
        return [part or None for part in found]


def joined(texts: Sequence[str], between: str = "") -> str:
    """Put texts in a row; without a text `between` Latin words get a blank and Chinese ones nothing."""
    if between:
        return between.join(texts)
    made = ""
    for text in texts:
        made += " " + text if made and _LATIN.match(made[-1]) and _LATIN.match(text) else text
    return made


def taken_apart(text: str, how: str, count: int) -> list[str]:
    """Return the `count` parts of a text; by a separator the last one keeps what is left over, so that nothing is lost."""
    if how == PLACE:
        return list(split_place(text))
    if how == PERSON:
        return _person(text)
    pieces = text.split(None, count - 1) if how == " " else narrow(text).split(narrow(how), count - 1)
    return [piece.strip() for piece in pieces] + [""] * (count - len(pieces))


def _person(text: str) -> list[str]:
    """Return the name, the mobile and the other number of a text like 李建国 13810246688; a second number of one kind goes to the other."""
    plain = narrow(text)
    numbers = [found.strip(_MARKS) for found in _NUMBERS.findall(plain)]
    numbers = [one for number in numbers for one in _single(number)]
    rest = plain
    for number in numbers:
        rest = rest.replace(number, " ", 1)
    name = " ".join(re.sub(r"[\s,;/、:|()\[\]【】]+", " ", rest).split()).strip(_MARKS)
    mobile = next((one for one in numbers if normalise_phone(one).kind == "mobile"), "")
    others = [one for one in numbers if one != mobile]
    if not mobile and len(others) > 1:
        mobile, *others = others
    return [name, mobile, " / ".join(others)]


def _single(number: str) -> list[str]:
    """Return the numbers in what looks like one: two mobiles with a blank or a stroke between are two."""
    parts = [part for part in re.split(r"[\s/]+", number) if part]
    return parts if len(parts) > 1 and all(normalise_phone(part).kind != "unknown" for part in parts) else [number]


def how_to_take_apart(texts: Sequence[str], count: int = 0) -> str:
    """Return the way most of the texts can be taken apart, "" where there is none; `count` parts are wanted by a separator, 0 for any."""
    filled = [text for text in texts if text]
    if not filled:
        return ""
    if _share([_is_place(text) for text in filled]) and _share([any(sign in text for sign in _RANKS) for text in filled], SOME):
        return PLACE
    if _share([_is_person(text) for text in filled]):
        return PERSON
    for separator in SEPARATORS:
        sizes = [len(narrow(text).split(narrow(separator)) if separator != " " else text.split()) for text in filled]
        if _share([size > 1 and (not count or size == count) for size in sizes]) and max(sizes) <= MOST_PARTS:
            return separator
    return ""


def parts_by(texts: Sequence[str], separator: str) -> int:
    """Return into how many parts a separator takes the texts at most, from 2 to MOST_PARTS."""
    sizes = [len(text.split() if separator == " " else narrow(text).split(narrow(separator))) for text in texts]
    return min(max([2, *sizes]), MOST_PARTS)


def _share(answers: list[bool], least: float = MOST) -> bool:
    return sum(answers) >= least * len(answers)


def _is_place(text: str) -> bool:
    place = split_place(text)
    return bool(place.city) and bool(place.province or place.district)


def _is_person(text: str) -> bool:
    name, mobile, phone = _person(text)
    return bool(name) and bool(mobile or phone) and not any(sign.isdigit() for sign in name)
