"""Money to the cent: rounding, line amounts, splitting, showing, and reading an amount as people write it."""

from __future__ import annotations

import ast
import operator
import re
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.text import narrow
from desktop_crm.domain.words import parse_rmb_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CENT: Final = Decimal("0.01")
# Scale 4 in a 64-bit integer leaves fourteen digits before the point.
LIMIT: Final = Decimal(10) ** 14
_FORMULA_LENGTH: Final = 200
_UNITS: Final = {"千": Decimal(1000), "万": Decimal(10_000), "百万": Decimal(10**6), "w": Decimal(10_000), "k": Decimal(1000), "千万": Decimal(10**7), "亿": Decimal(10**8)}
_PLAIN: Final = pattern(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_BINARY: Final[dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], Callable[[Decimal], Decimal]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_CALCULATION: Final = pattern(r"[-0-9.+*/() ]+")
# Numerals alone, such as 五万, need a unit to be an amount: 五 may be anything.
_NUMERALS: Final = pattern("(?=.*[十拾百佰千仟万萬亿億])[零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸十拾百佰千仟万萬亿億]+")
# 一千二 is 1,200 to whoever says it and 1,002 by its figures.
_SPOKEN: Final = pattern("[百佰千仟万萬亿億][一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸]$")
# 12元5角 and 5角3分, as tills and receipts write it.
_PIECES: Final = pattern(r"(?P<sign>[-负])?(?:(?P<yuan>[0-9]+)[元圆圓块塊](?=[0-9]))?(?:(?P<jiao>[0-9])[角毛])?(?:(?P<fen>[0-9])分)?[整正]?")
_IN_WORDS: Final = pattern(r"(?=.*[元圆圓块塊角毛分])[^0-9]*")
# Contracts say an amount twice: 伍万元整（¥50,000.00）.
_TWICE: Final = pattern(r"(?P<first>[^()]+)\((?P<second>[^()]+)\)")
_AMOUNT: Final = pattern(
    r"""(?P<sign>[+-]|负)?\ ?
        (?:(?:人民[币幣]|RMB|CNY|¥):?\ ?)?
        (?P<inner>[+-])?
        (?P<open>\()?(?:(?:人民币|RMB|CNY|¥)\ ?)?
        (?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:\ [0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
        \ ?(?P<unit>百万|千万|千|万|亿|[wk](?![a-z]))?
        \ ?(?:[元圆圓块塊][整正钱]?|RMB|CNY)?
        (?P<close>\)(?:\ ?[元圆圓块塊][整正钱]?)?)?
        (?P<after>-)?""",
    re.VERBOSE | re.IGNORECASE,
)


def round_scale(value: Decimal, places: int) -> Decimal:
    """Round half up (away from zero) to `places` decimals; never gives a negative zero."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded or abs(rounded)


def round_money(value: Decimal) -> Decimal:
    """Round half up to the cent."""
    return round_scale(value, 2)


def line_amounts(
    quantity: Decimal, price: Decimal, rate: Decimal, *, tax_included: bool, discount: Decimal = Decimal(1)
) -> tuple[Decimal, Decimal, Decimal]:
    """Return (net, tax, total) of one line, each in cents, with net + tax = total.

    `rate` is a fraction (0.13), `discount` the factor that is paid (0.95 is 5 % off). A document's sums are the sums of its lines.
    """
    amount = round_money(quantity * price * discount)
    if tax_included:
        tax = round_money(amount * rate / (1 + rate))
        return amount - tax, tax, amount
    tax = round_money(amount * rate)
    return amount, tax, amount + tax


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split `total` by `weights` into cents: each share half up, the last takes the difference, so they add up exactly.

    With many small shares rounding up could spend more than there is; a share is then cut to what remains, so none changes sign.
    Raises ValueError where the weights don't add up to more than zero.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0:
        raise ValueError("the weights must add up to more than zero")
    remaining = round_money(total)
    cut = min(weights) >= 0
    shares = []
    for weight in weights[:-1]:
        share = round_money(total * weight / whole)
        if cut and abs(share) > abs(remaining):
            share = remaining
        shares.append(share)
        remaining -= share
    return [*shares, remaining]


def show_money(value: Decimal, *, symbol: str = "") -> str:
    """Return the amount with thousands separators and two decimals: ``-¥1,234.50``."""
    rounded = round_money(value)
    return f"{'-' if rounded < 0 else ''}{symbol}{abs(rounded):,.2f}"


def parse_amount(text: str) -> Decimal:
    """Read an amount exactly as it is written, unrounded.

    Reads thousands separators, full-width characters, ¥/RMB/元, 万 and 亿, brackets or a minus on either side for negatives, amounts in
    words, 12元5角, an amount said twice (伍万元整（¥50,000.00）) and ``=3*4280``. Whatever could be read in two ways, such as 12,34 or 1.234,50, and an empty text raise ValueProblem.
    """
    tidy = " ".join(narrow(text).split()).removeprefix("'").strip()
    if tidy.startswith("="):
        value = _calculate(tidy[1:], text)
    elif tidy.endswith(")") and (match := _TWICE.fullmatch(tidy)):
        value = _said_twice(match, text)
    elif _IN_WORDS.fullmatch(tidy):
        value = parse_rmb_words(tidy)
    elif _NUMERALS.fullmatch(tidy) and not _SPOKEN.search(tidy):
        value = parse_rmb_words(f"{tidy}元")
    else:
        value = _written(tidy, text)
    if abs(value) >= LIMIT:
        raise ValueProblem(_("“{text}” is too large: amounts are below {limit}. Check the digits.").format(text=text.strip(), limit=f"{LIMIT:,.0f}"))
    return value or Decimal(0)


def _unreadable(text: str) -> ValueProblem:
    if not text.strip():
        return ValueProblem(_("There is no amount here. Write it like 1234.50."))
    return ValueProblem(_("“{text}” can't be read as an amount. Write it like 1234.50.").format(text=text.strip()))


def _said_twice(match: re.Match[str], text: str) -> Decimal:
    """Read an amount that stands there in figures and in words; raises ValueProblem where they differ, or are two of a kind."""
    pair = (match["first"], match["second"])
    if len({bool(re.search("[0-9]", part)) for part in pair}) == 1:
        raise _unreadable(text)
    first, second = (parse_amount(part) for part in pair)
    if first != second:
        raise ValueProblem(_("“{text}” says two amounts, {first} and {second}. Write the right one").format(text=text.strip(), first=show_money(first), second=show_money(second)))
    return first


def _in_pieces(tidy: str) -> Decimal | None:
    """Read 12元5角 and 5角3分; None for anything else, such as 3分 alone, which may be a score."""
    match = _PIECES.fullmatch(tidy)
    if match is None or not (match["jiao"] or (match["yuan"] and match["fen"])):
        return None
    value = Decimal(match["yuan"] or 0) + Decimal(f"0.{match['jiao'] or 0}{match['fen'] or 0}")
    return -value if match["sign"] else value


def _written(tidy: str, text: str) -> Decimal:
    match = _AMOUNT.fullmatch(tidy)
    if match is None and (pieces := _in_pieces(tidy)) is not None:
        return pieces
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise _unreadable(text)
    signs = [sign for sign in (match["sign"], match["inner"], match["open"], match["after"]) if sign]
    if len(signs) > 1:
        raise _unreadable(text)
    value = Decimal(match["number"].replace(",", "").replace(" ", "")) * _UNITS.get((match["unit"] or "").lower(), Decimal(1))
    return value if signs in ([], ["+"]) else -value


def _calculate(formula: str, text: str) -> Decimal:
    source = formula.replace("×", "*").replace("÷", "/").strip()
    try:
        # Anything but figures and signs never reaches the parser.
        if len(source) > _FORMULA_LENGTH or not _CALCULATION.fullmatch(source):
            raise ValueError("not a plain calculation")
        return _evaluate(ast.parse(source, mode="eval").body, source)
    except (SyntaxError, ValueError, DecimalException) as error:
        raise ValueProblem(_("“{text}” can't be calculated. Use only numbers, + - * / and brackets.").format(text=text.strip())) from error


def _evaluate(node: ast.expr, source: str) -> Decimal:
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_evaluate(node.left, source), _evaluate(node.right, source))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_evaluate(node.operand, source))
    # The figure's own text: a float in the syntax tree is no longer exact.
    written = ast.get_source_segment(source, node) or ""
    if isinstance(node, ast.Constant) and _PLAIN.fullmatch(written):
        return Decimal(written)
    raise ValueError("not a plain calculation")
