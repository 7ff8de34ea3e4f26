"""Amounts and dates in Chinese words (大写), written and read back.

Rules: 支付结算办法 附件一 (正确填写票据和结算凭证的基本规定) and 会计基础工作规范 article 52.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, current_language
from desktop_crm.base.lazily import pattern

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_TEN_THOUSAND: Final = 10**4
_HUNDRED_MILLION: Final = 10**8
_CENTS_A_YUAN: Final = 100
_TOO_BIG: Final = Decimal(10) ** 16
_NAMED_TEN_MONTH: Final = 10
_LONGEST: Final = 80
_ORDINARY: Final = str.maketrans(
    "〇○一二两三四五六七八九十百千萬億圆圓块塊毛正貳參叄参陸負",
    "零零壹贰贰叁肆伍陆柒捌玖拾佰仟万亿元元元元角整贰叁叁叁陆负",
)
_TRADITIONAL: Final = str.maketrans("币负贰叁陆万亿", "幣負貳參陸萬億")
_AMOUNT: Final = pattern(
    r"(?:(?P<yuan>[^元角分整]+)元)?(?:零?(?P<jiao>[零壹贰叁肆伍陆柒捌玖])角)?(?:零?(?P<fen>[零壹贰叁肆伍陆柒捌玖])分)?整?"
)
_BEGIN: Final = pattern(r"负?(?:[¥￥]|人民[币幣]|RMB|CNY)?(?:(?:金[额額])?[(（]?大[写寫](?:金[额額])?[)）]?)?[:：]?(?:人民[币幣])?负?", re.IGNORECASE)
_END: Final = pattern(r"(?:人民[币幣]|[钱錢])?[。.]?$")
_DATE: Final = pattern(r"([零壹贰叁肆伍陆柒捌玖]{4})年([零壹贰叁肆伍陆柒捌玖拾]{1,4})月([零壹贰叁肆伍陆柒捌玖拾]{1,4})[日号]")


def rmb_words(amount: Decimal, *, zheng_after_jiao: bool = True, traditional: bool = False) -> str:
    """Return the amount, rounded half up to the cent, in words: ``人民币壹拾元零伍分``.

    整 always stands after 元, never after 分; `zheng_after_jiao` decides about 角, where the rule leaves it open. `traditional` writes
    Traditional characters: ``人民幣貳拾元整``.
    Raises ValueError from 10^16 yuan on, where the words end.
    """
    # Checked first: quantize itself fails on more digits than the decimal context holds.
    if not amount.is_finite() or abs(amount) >= _TOO_BIG:
        raise ValueError("amount too big for words")
    cents = int(abs(amount).quantize(Decimal("0.01"), ROUND_HALF_UP) * _CENTS_A_YUAN)
    if cents >= int(_TOO_BIG) * _CENTS_A_YUAN:
        raise ValueError("amount too big for words")
    sign = "负" if amount < 0 and cents else ""
    words = f"人民币{sign}{_amount_words(cents, zheng_after_jiao=zheng_after_jiao)}"
    return words.translate(_TRADITIONAL) if traditional else words


def words_to_read(amount: Decimal) -> str:
    """Return `rmb_words` in the characters the user reads: Traditional ones only where the program speaks Traditional Chinese."""
    return rmb_words(amount, traditional=current_language() == "zh_TW")


def parse_rmb_words(text: str) -> Decimal:
    """Read an amount in words, with or without 人民币, in every legal variant and in ordinary numerals (一百二十元).

    Raises ValueProblem for anything else; a text whose 零 is missing where the rule wants it is refused, since 壹仟壹元 may mean 1,001 or 1,100. Where only 零, 元 or 整
    are wrong, the message says how the amount is written.
    """
    tidy = "".join(text.split()).replace("廿", "贰拾").replace("卅", "叁拾").translate(_ORDINARY)
    tidy = _END.sub("", tidy)
    match = _BEGIN.match(tidy)
    begin = match[0] if match else ""
    tidy = tidy[len(begin) :]
    negative = "负" in begin
    cents = _cents(tidy)
    if cents is None or not re.fullmatch(_legal(cents), tidy):
        raise _unreadable(text) if negative else _mended(text, tidy)
    value = Decimal(cents).scaleb(-2)
    return -value if negative and cents else value


def bill_date(day: date) -> str:
    """Return the date as bills want it, in words that can't be altered: ``贰零贰陆年零壹月壹拾伍日``."""
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04}")
    # 零 keeps 壹月 from becoming 壹拾壹月, and 壹拾日 from becoming 贰拾壹日.
    month = ("零" if day.month in {1, 2, _NAMED_TEN_MONTH} else "") + _integer_words(day.month)
    number = ("零" if day.day < _NAMED_TEN_MONTH or day.day % 10 == 0 else "") + _integer_words(day.day)
    return f"{year}年{month}月{number}日"


def parse_bill_date(text: str) -> date:
    """Read a date in words, capital or ordinary (二〇二六年一月五日); raises ValueProblem."""
    match = _DATE.fullmatch("".join(text.split()).replace("元月", "一月").replace("廿", "贰拾").replace("卅", "叁拾").translate(_ORDINARY))
    if match is not None:
        year = int("".join(str(_DIGITS.index(digit)) for digit in match[1]))
        month, day = (_small(match[2]), _small(match[3]))
        # 壹贰月 is neither 1, 2 nor 12.
        if all(re.fullmatch(f"零?{re.sub('^壹拾', '壹?拾', _integer_words(number))}", words) for number, words in ((month, match[2]), (day, match[3])) if number):
            try:
                return date(year, month, day)
            except ValueError:
                pass
    raise ValueProblem(_("“{text}” is not a date in words.").format(text=text.strip()))


def _unreadable(text: str) -> ValueProblem:
    return ValueProblem(_("“{text}” is not an amount in words.").format(text=text.strip()))


def _cents(tidy: str) -> int | None:
    """Read an amount in words without judging its 零; None where it is none."""
    match = _AMOUNT.fullmatch(tidy) if len(tidy) < _LONGEST else None
    if match is None or not any(match.groups()):
        return None
    yuan = _integer(match["yuan"] or "零")
    jiao, fen = (_DIGITS.index(match[name] or "零") for name in ("jiao", "fen"))
    return None if yuan >= int(_TOO_BIG) else yuan * _CENTS_A_YUAN + jiao * 10 + fen


def _mended(text: str, tidy: str) -> ValueProblem:
    """Return what is wrong with an amount in words: how it is written where nothing but 零, 元 and 整 are wrong, else that it is none."""
    bare = re.sub("[零整]", "", tidy)
    bare += "" if re.search("[元角分]", bare) else "元"
    cents = _cents(bare)
    if not cents or re.sub("[零整]", "", rmb_words(amount := Decimal(cents).scaleb(-2))).removeprefix("人民币") != bare:
        return _unreadable(text)
    return ValueProblem(_("“{text}” is not a proper amount in words. If {amount} is meant, write {words}").format(text=text.strip(), amount=f"{amount:,.2f}", words=words_to_read(amount)))


def _integer_words(number: int, optional: str = "") -> str:
    """Write an integer above zero; `optional` is put where the rule allows a 零 but doesn't want one."""
    if number >= _TEN_THOUSAND:
        size, unit = (_HUNDRED_MILLION, "亿") if number >= _HUNDRED_MILLION else (_TEN_THOUSAND, "万")
        high, low = divmod(number, size)
        if not low:
            return _integer_words(high, optional) + unit
        # Where all four figures before the 万 are nought a 零 is written, as between any two groups; it may be left out before a 仟.
        skipped_group = high % _TEN_THOUSAND == 0
        gap = "零" if low < size // 10 else optional or "零" * skipped_group if high % 10 == 0 else ""
        return _integer_words(high, optional) + unit + gap + _integer_words(low, optional)
    words, skipped = "", False
    for place, unit in _PLACES:
        digit = number // place % 10
        if digit:
            words += ("零" if skipped and words else "") + _DIGITS[digit] + unit
        skipped = not digit
    return words


def _amount_words(cents: int, *, zheng_after_jiao: bool) -> str:
    yuan, rest = divmod(cents, _CENTS_A_YUAN)
    jiao, fen = divmod(rest, 10)
    words = f"{_integer_words(yuan)}元" if yuan else ""
    if not rest:
        return f"{words or '零元'}整"
    if yuan and (not jiao or yuan % 10 == 0):
        words += "零"
    words += f"{_DIGITS[jiao]}角" if jiao else ""
    if fen:
        return f"{words}{_DIGITS[fen]}分"
    return f"{words}整" if zheng_after_jiao else words


def _legal(cents: int) -> str:
    """Return the pattern of every legal way to write the amount."""
    yuan, rest = divmod(cents, _CENTS_A_YUAN)
    jiao, fen = divmod(rest, 10)
    whole = re.sub(r"^壹拾", "壹?拾", _integer_words(yuan, "零?")) + "元" if yuan else "零元"
    if not rest:
        return f"{whole}(?:零角)?(?:零分)?整?"
    start = whole if yuan else f"(?:{whole})?"
    zero = "零" if yuan and not jiao else "零?"
    if fen:
        return f"{start}{zero}{_DIGITS[jiao]}角{_DIGITS[fen]}分" if jiao else f"{start}(?:{zero}|零角){_DIGITS[fen]}分"
    return f"{start}{zero}{_DIGITS[jiao]}角(?:零分)?整?"


def _integer(words: str) -> int:
    """Read an integer without judging its 零; the caller compares it with the legal pattern."""
    for unit, size in (("亿", _HUNDRED_MILLION), ("万", _TEN_THOUSAND)):
        high, found, low = words.rpartition(unit)
        if found:
            return _integer(high) * size + _integer(low)
    return _small(words)


def _small(words: str) -> int:
    total, digit = 0, 0
    units = {unit: place for place, unit in _PLACES if unit}
    for char in words:
        if char in units:
            total += (digit or 1) * units[char]
            digit = 0
        else:
            # A stray character gives a number whose legal pattern can't match the text.
            digit = max(_DIGITS.find(char), 0)
    return total + digit
