"""The 统一社会信用代码 of companies (GB 32100-2015): eighteen characters, the last a check digit."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.text import narrow

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH: Final = 18
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES: Final = {char: value for value, char in enumerate(_ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(_LENGTH - 1))
_WELL_FORMED: Final = pattern(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_UNTIDY: Final = pattern(r"[\s\-]+")
# Characters 3 to 8 are the code of the region the company is registered in.
_REGION: Final = range(3, 9)


def normalise_credit_code(text: str) -> str:
    """Return the code in capitals without blanks, hyphens and full-width characters."""
    return text if _WELL_FORMED.fullmatch(text) else _UNTIDY.sub("", narrow(text)).upper()


def check_credit_code(text: str) -> str | None:
    """Return a warning in the user's language that names the trouble, or None where the code is right or empty.

    It is a warning only: old registration numbers and foreign companies have none.
    """
    code = normalise_credit_code(text)
    if not code:
        return None
    if len(code) != _LENGTH:
        return _("A credit code has {length} characters; this one has {count}.").format(length=_LENGTH, count=len(code))
    for position, char in enumerate(code, 1) if not _WELL_FORMED.fullmatch(code) else ():
        if char not in _ALPHABET or (position in _REGION and not char.isdigit()):
            return _("Character {position} of the credit code can't be “{char}”.").format(position=position, char=char)
    if not _adds_up(code):
        return _("The check digit of the credit code doesn't match: a character is mistyped.")
    return None


def are_right(codes: Iterable[str]) -> bool:
    """Tell whether all codes are written in the usual way and right."""
    return all(_WELL_FORMED.fullmatch(code) and _adds_up(code) for code in codes)


def _adds_up(code: str) -> bool:
    total: int = sum(map(mul, map(_VALUES.__getitem__, code), _WEIGHTS))
    return _VALUES[code[-1]] == -total % len(_ALPHABET)
