"""Chinese telephone numbers: mobile, landline and service numbers in one writing, for showing and for finding duplicates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from desktop_crm.base.lazily import dataclass, pattern
from desktop_crm.domain.text import narrow

PhoneKind = Literal["mobile", "landline", "service", "unknown"]

_SEPARATORS: Final = pattern(r"[\s()./\-‐–—]+")
_EXTENSION: Final = pattern(r"^(.*?[0-9].*?)\s*(?:转|轉|分机|分機|ext\.?|#|x)\s*([0-9]{1,6})$", re.IGNORECASE)
_DASHED_EXTENSION: Final = pattern(r"^((?:\+?86[ -]?)?\(?0[0-9]{2,3}\)?[ -]?[2-8][0-9]{2,3} ?[0-9]{4})-([0-9]{1,6})$")
_MOBILE: Final = pattern(r"1[3-9][0-9]{9}")
_FREE_CALL: Final = pattern(r"([48]00)([0-9]{3})([0-9]{4})")
_SERVICE: Final = pattern(r"9[56][0-9]{3,4}|1[0-2][0-9]{3}|1[12][0-9]")
# Area codes: 010, 02x with eight figures; 03xx to 09xx with seven or eight.
_LANDLINE: Final = pattern(r"0(?P<city>10|2[0-9])(?P<eight>[2-8][0-9]{7})|0(?P<area>[3-9][0-9]{2})(?P<number>[2-8][0-9]{6,7})")
_LOCAL: Final = pattern(r"[2-8][0-9]{6,7}")
# What is written in our own way already, as most lists have it.
_TIDY_LANDLINE: Final = pattern(r"0(?:10|2[0-9])-[2-8][0-9]{7}|0[3-9][0-9]{2}-[2-8][0-9]{6,7}")
_TIDY: Final = r"(?:1[3-9][0-9]{9}|0(?:10|2[0-9])-[2-8][0-9]{7}|0[3-9][0-9]{2}-[2-8][0-9]{6,7})"
_ALL_TIDY: Final = pattern(rf"(?:{_TIDY}\|)*{_TIDY}")


@dataclass(frozen=True)
class Phone:
    """A telephone number: its kind, its one writing (`normal`; only the digits where the kind is unknown), and the text it came from."""

    kind: PhoneKind
    normal: str
    raw: str


@lru_cache(maxsize=2048)
def normalise_phone(text: str) -> Phone:
    """Tell the kind of a number and write it in one way: 13800138000, 0755-26760000, 0755-26760000-123, 400-820-8820.

    +86, blanks, brackets and full-width digits go; whatever fits no plan is "unknown" and never refused.
    """
    if _MOBILE.fullmatch(text):
        return Phone("mobile", text, text)
    if _TIDY_LANDLINE.fullmatch(text):
        return Phone("landline", text, text)
    return _worked_out(text)


def are_tidy(numbers: str) -> bool:
    """Tell whether all of some numbers, with bars between them, are mobile and landline numbers in their usual writing already."""
    return _ALL_TIDY.fullmatch(numbers) is not None


def _worked_out(text: str) -> Phone:
    tidy = narrow(text).strip()
    extension = ""
    if found := _DASHED_EXTENSION.match(tidy) or _EXTENSION.match(tidy):
        tidy, extension = found[1], f"-{found[2]}"
    compact = _SEPARATORS.sub("", tidy)
    foreign = compact.startswith(("+", "00")) and not compact.startswith(("+86", "0086"))
    digits = re.sub(r"^(?:\+|00)86", "", compact)
    if not re.fullmatch(r"[0-9]+", digits) or foreign:
        return Phone("unknown", _digits(text), text)
    abroad = digits != compact
    for number in (digits, *([digits[2:]] if digits.startswith("86") else []), *([f"0{digits}"] if abroad else [])):
        kind, normal = _plan(number)
        if kind != "unknown":
            return Phone(kind, normal + extension, text)
    return Phone("unknown", _digits(text), text)


def phone_digits(text: str) -> str:
    """Return the digits two writings of the same number share: the key duplicates are found by."""
    return _digits(normalise_phone(text).normal)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", narrow(text))


def _plan(digits: str) -> tuple[PhoneKind, str]:
    mobile = digits.removeprefix("0")
    if _MOBILE.fullmatch(mobile):
        return "mobile", mobile
    if match := _FREE_CALL.fullmatch(digits):
        return "service", "-".join(match.groups())
    if match := _LANDLINE.fullmatch(digits):
        return "landline", f"0{match['city'] or match['area']}-{match['eight'] or match['number']}"
    if _SERVICE.fullmatch(digits):
        return "service", digits
    if _LOCAL.fullmatch(digits):
        return "landline", digits
    return "unknown", digits
