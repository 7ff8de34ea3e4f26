"""Rules about lines of bank statements: what makes two of them the same, whom a name means, and which debts an amount pays."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.digests import digest
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.text import fold, fold_company

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.domain.catalog import Values

Sureness = Literal["sure", "likely", "doubtful", "none"]

SHORTEST_NUMBER: Final = 4
"""Characters a document number in a remark must have; shorter ones stand in too many texts."""
SHORTEST_CUT: Final = 8
"""Characters that must be left of a name that a bank cut off."""

SHORTEST_DIGITS: Final = 8
"""Digits a number without any letter or dash must have to name a document by itself: shorter ones are years, amounts and days."""

_RUN: Final = pattern(r"[0-9A-Za-z][0-9A-Za-z\-_/.#]*[0-9A-Za-z]")
_BETWEEN: Final = pattern(r"[/#_.]+")
_COLLECTORS: Final = pattern(r"支付宝|财付通|微信支付|银联|拉卡拉|快钱|网银在线|通联支付|汇付|易宝|连连|合利宝|收钱吧|备付金|待清算|清算资金|收单|支付(?:科技|服务|网络|信息)")
_NO_LETTER: Final = pattern(r"[\W_]+")
_CONTENT: Final = ("payer", "payer_account", "remark", "balance")


def bare(text: str) -> str:
    """Return letters and digits only, width and case folded: 恒泰（上海）and 恒泰(上海) are the same."""
    return _NO_LETTER.sub("", fold(text))


def company_keys(name: str) -> tuple[str, str]:
    """Return the name for comparing, whole and without its legal form."""
    return bare(name), fold_company(name)


def identities(lines: Sequence[Values]) -> list[str]:
    """Return what each line of one file is known by, so that a line is never taken twice, from whatever file.

    With a serial number it is that, the day, the account and the amount. Where one serial number stands on lines that say different
    things, and where there is none, all that the line says counts; of lines that say the very same, each further one counts as another.
    """
    by_serial: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.get("serial"):
            by_serial[_serial_key(line)].add(_content(line))
    times: dict[str, int] = defaultdict(int)
    found = []
    for line in lines:
        if line.get("serial"):
            key = _serial_key(line)
            found.append(_digest(key) if len(by_serial[key]) == 1 else _digest(key, _content(line)))
            continue
        content = _content(line)
        times[content] += 1
        found.append(_digest(content, str(times[content])))
    return found


def _serial_key(line: Values) -> str:
    return "|".join((_digits(line.get("account")), str(line["booked_on"]), bare(line["serial"]), f"{line['amount']:.2f}"))


def _content(line: Values) -> str:
    head = (_digits(line.get("account")), str(line["booked_on"]), f"{line['amount']:.2f}", bare(line.get("time") or ""))
    return "|".join((*head, *(_said(line.get(name)) for name in _CONTENT)))


def _said(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else bare(str(value or ""))


def _digits(text: str | None) -> str:
    return "".join(char for char in str(text or "") if char.isdecimal() or char == "*")


def _digest(*parts: str) -> str:
    return digest("\x1f".join(parts))[:40]


def numbers_in(remark: str) -> list[str]:
    """Return what may be document numbers in a remark, each once: runs such as HT-2026-0017, and the parts of those joined by a stroke."""
    runs = _RUN.findall(fold(remark).upper())
    parts = [part for run in runs for part in _BETWEEN.split(run)]
    return list(dict.fromkeys(run for run in (*runs, *parts) if _may_name(run)))


def _may_name(run: str) -> bool:
    return len(run) >= (SHORTEST_DIGITS if run.isdecimal() else SHORTEST_NUMBER) and any(char.isdecimal() for char in run)


def collects(name: str) -> bool:
    """Tell whether a payer is one who passes on other people's money, such as 支付宝 and 银联: its name and account say nothing of who paid."""
    return _COLLECTORS.search(fold(name)) is not None


def mentions(remark: str, number: str) -> bool:
    """Tell whether a remark names a document: its number is there, whatever its dashes and blanks, and not as part of a longer one."""
    key = bare(number)
    if len(key) < SHORTEST_NUMBER:
        return False
    text = bare(remark)
    start = text.find(key)
    while start >= 0:
        end = start + len(key)
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = (before.isdecimal() and key[0].isdecimal()) or (after.isdecimal() and key[-1].isdecimal())
        if not inside:
            return True
        start = text.find(key, start + 1)
    return False


def sureness(who: int, *, alone: bool, exact: bool) -> Sureness:
    """Return how sure a proposal is: `who` is 3 for a payer that is known, 2 for one probably known, 1 for a guess, 0 for nobody.

    `alone` says that nobody else is as probable, `exact` that the amount is just what is owed.
    """
    if not who:
        return "none"
    if not alone or who == 1:
        return "doubtful"
    known = who >= 3  # noqa: PLR2004 - the highest of the grades above
    return "sure" if known and exact else "likely" if known or exact else "doubtful"


def cut_names(payer: str, names: Mapping[str, set[int]], sorted_names: Sequence[str]) -> set[int]:
    """Return whom a name that a bank cut off may mean: those whose key begins with it."""
    key = bare(payer)
    if len(key) < SHORTEST_CUT:
        return set()
    found: set[int] = set()
    place = bisect_left(sorted_names, key)
    while place < len(sorted_names) and sorted_names[place].startswith(key):
        found |= names[sorted_names[place]]
        place += 1
    return found
