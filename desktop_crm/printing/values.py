"""Placeholders: Jinja expressions in a sandbox that reaches nothing but the values of the document.

A template may come from anyone, so the syntax tree is checked before it is compiled: names, keys, our own filters, arithmetic and
conditions, nothing else. There are no calls, no loops and no attributes, so an expression ends after as many steps as it has signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from jinja2 import ChainableUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateAssertionError, UndefinedError
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import show_date
from desktop_crm.printing.filters import FILTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.environment import TemplateExpression

MAX_SOURCE: Final = 1000
MAX_NESTING: Final = 20
MAX_DEPTH: Final = 60
"""Steps from the text to its innermost part; the interpreter gives up at about a hundred."""
MAX_TEXT: Final = 20_000
MAX_DIGITS: Final = 15

ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Concat,
)  # fmt: skip

OF_JINJA: Final = frozenset({"self", "super", "caller", "loop", "varargs", "kwargs"})
"""Names by which Jinja hands out parts of itself."""


class Nothing(ChainableUndefined):
    """A value the document doesn't have: empty on paper, empty in a sum, false in a condition, never an error."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:  # type: ignore[override]
        return False

    __gt__ = __le__ = __ge__ = __lt__  # type: ignore[assignment]


class _Context(Context):
    """Names whose value is None count as missing, as keys do."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of the name `key`."""
        value = super().resolve_or_missing(key)
        return missing if value is None else value


def _operand(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reaches the keys of plain mappings only, and calculates with numbers only."""

    context_class = _Context
    intercepted_binops = frozenset("+-*/")
    intercepted_unops = frozenset("-")

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what the mapping `obj` holds under `attribute`; no object's attribute is ever read."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what the mapping `obj` holds under `argument`, or nothing."""
        if isinstance(obj, Undefined):
            return obj
        value = obj.get(argument) if isinstance(obj, Mapping) and isinstance(argument, str) else None
        return self.undefined(obj=None, name=str(argument)) if value is None else value

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with decimals; a missing operand makes the result missing, and only + joins texts."""
        for value in (left, right):
            if isinstance(value, Undefined):
                return value
        if isinstance(left, str) and isinstance(right, str) and operator == "+":
            return left + right
        left, right = _operand(left), _operand(right)
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return super().call_binop(context, operator, left, right)
        raise UserError(_("Only numbers can be calculated with."))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        """Negate a number."""
        if isinstance(arg, Undefined):
            return arg
        number = _operand(arg)
        if isinstance(number, Decimal):
            return super().call_unop(context, operator, number)
        raise UserError(_("Only numbers can be calculated with."))


def _shown(value: Any) -> str:
    if value is None or isinstance(value, (Undefined, bool, Mapping, list, tuple, bytes)):
        return ""
    if isinstance(value, date):
        return show_date(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _environment() -> _Sandbox:
    environment = _Sandbox(undefined=Nothing, finalize=_shown, autoescape=False, optimized=False, cache_size=0, keep_trailing_newline=True)
    environment.filters.clear()
    environment.filters.update(FILTERS)
    environment.globals.clear()
    environment.tests.clear()
    return environment


_SANDBOX: Final = _environment()


def _depth(tree: nodes.Node) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in node.iter_child_nodes()]
    return depth


def _check(tree: nodes.Template) -> None:
    if _depth(tree) > MAX_DEPTH:
        raise ValueError("too deep")
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            raise UserError(_("“{kind}” isn't allowed in a placeholder.").format(kind=type(node).__name__.lower()))
        if isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in OF_JINJA):
            raise UserError(_("There is no value “{name}”.").format(name=node.name))
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise UserError(_("There is no value “{name}”.").format(name=node.attr))
        if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)) and abs(node.value) >= 10**MAX_DIGITS:
            raise UserError(_("A number in a placeholder may have {count} digits at most.").format(count=MAX_DIGITS))
        if isinstance(node, nodes.Filter) and (node.node is None or node.name not in FILTERS):
            raise UserError(_("There is no filter “{name}”.").format(name=node.name))


def _names(tree: nodes.Template) -> frozenset[str]:
    reaching: list[nodes.Getattr | nodes.Getitem] = [*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)]
    inner = {id(node.node) for node in reaching}
    found = [_dotted(node) for node in (*tree.find_all(nodes.Name), *reaching) if id(node) not in inner]
    return frozenset(name for name in found if name)


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_dotted(node.node)}.{node.arg.value}"
    return ""


def _nesting(source: str) -> int:
    depth = deepest = 0
    for sign in source:
        if sign in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ")]}":
            depth -= 1
    return deepest


def _parsed(source: str) -> nodes.Template:
    if len(source) > MAX_SOURCE:
        raise UserError(_("A text of a template may have {count} characters at most.").format(count=MAX_SOURCE))
    if _nesting(source) > MAX_NESTING:
        raise UserError(_("The placeholder “{source}” has too many brackets.").format(source=source[:40]))
    try:
        tree = _SANDBOX.parse(source)
        _check(tree)
    except (TemplateSyntaxError, TemplateAssertionError) as error:
        raise UserError(_("The placeholder “{source}” can't be read: {reason}").format(source=source, reason=error.message)) from error
    except (RecursionError, ValueError) as error:
        raise UserError(_("The placeholder “{source}” is too deep or too large.").format(source=source[:40])) from error
    return tree


@lru_cache(maxsize=8192)
def names_in(source: str) -> frozenset[str]:
    """Return the values a text with placeholders asks for, such as ``customer.name``; raises UserError where it isn't allowed."""
    return _names(_parsed(source)) if "{" in source else frozenset()


@lru_cache(maxsize=4096)
def _names_in_formula(source: str) -> frozenset[str]:
    tree = _parsed("{{ " + source + " }}")
    single = len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1
    if not single or isinstance(tree.body[0].nodes[0], nodes.TemplateData):  # type: ignore[attr-defined]
        raise UserError(_("“{source}” isn't a single expression.").format(source=source))
    return _names(tree)


# Compiling costs four times what checking does, and most of a template that is read is never printed: so it waits for the first document.
@lru_cache(maxsize=4096)
def _text(source: str) -> Callable[[Mapping[str, Any]], str]:
    if "{" not in source:
        return lambda _values: source
    template = _SANDBOX.from_string(_parsed(source))
    # `shared` takes the values as they are: there are no globals to add, and nothing can change them.
    return lambda values: "".join(template.root_render_func(template.new_context(cast("dict[str, Any]", values), shared=True)))


@lru_cache(maxsize=1024)
def _formula(source: str) -> TemplateExpression:
    _names_in_formula(source)
    return _SANDBOX.compile_expression(source, undefined_to_none=True)


def _refused(source: str, error: Exception) -> UserError:
    reason = error.message if isinstance(error, UserError) else _("the values don't fit together")
    return UserError(_("The placeholder “{source}” can't be filled: {reason}").format(source=source, reason=reason))


# Without a placeholder and a line end there is nothing that filling would change.
_PLAIN: Final = re.compile(rf"[^{{}}#%\r\n]{{0,{MAX_TEXT}}}")
_FAILURES: Final = (UserError, SyntaxError, RecursionError, TypeError, ValueError, DecimalException, UndefinedError, SecurityError, OverflowError)


@dataclass(frozen=True)
class Text:
    """A text with placeholders, such as ``第 {{ page.number }} 页``, and what stands there when it turns out `empty`.

    Raises UserError when made from a text that isn't allowed.
    """

    source: str
    empty: str = ""

    def __post_init__(self) -> None:
        names_in(self.source)

    def names(self) -> frozenset[str]:
        """Return the values the text asks for, as `names_in` does."""
        return names_in(self.source)

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text filled with `values`; what is missing or None is empty. Raises UserError naming the placeholder."""
        if _PLAIN.fullmatch(self.source):
            return self.source or self.empty
        try:
            filled = _text(self.source)(values)[:MAX_TEXT]
        except _FAILURES as error:
            raise _refused(self.source, error) from error
        return filled if filled and not filled.isspace() else self.empty or filled


@dataclass(frozen=True)
class Formula:
    """A single expression without braces, such as ``line.total`` or ``page.count > 1``; checked like a Text."""

    source: str

    def __post_init__(self) -> None:
        _names_in_formula(self.source)

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return what the expression yields, None where a value is missing. Raises UserError naming the expression."""
        try:
            return _formula(self.source)(values)
        except _FAILURES as error:
            raise _refused(self.source, error) from error

    def names(self) -> frozenset[str]:
        """Return the values the expression asks for, as `names_in` does."""
        return _names_in_formula(self.source)

    def number(self, values: Mapping[str, Any]) -> Decimal:
        """Return the expression as a number to add up, 0 where a value is missing."""
        value = _operand(self.value(values))
        if value is None:
            return Decimal(0)
        if not isinstance(value, Decimal):
            raise _refused(self.source, UserError(_("Only numbers can be calculated with.")))
        return value

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Tell whether the expression is true."""
        return bool(self.value(values))
