"""Evaluates arithmetic without running code: the expression is parsed, and only operations in the tables are done.

Every step is bounded before it is computed (digits of a power, size of a factorial), so that `9**9**9` is refused
at
once.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import Field

LONGEST = 1_000  # characters of an expression
DIGITS = 1_000  # digits of a whole number
DEEPEST = 50  # levels of brackets
LARGEST = 400  # n of a factorial, of comb and perm
Number = int | float
_ALIKE = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": "**", "π": " pi ", "√": " sqrt "})
_CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}


def calculator(
    expression: Annotated[
        str,
        Field(
            description="For example (1249 - 0.2 * 1249) / 1.19, sqrt(2), 2^64, round(10 / 3, 2). A percentage is "
            "written as a fraction: 20 % off 80 is 80 * (1 - 0.20).",
            max_length=LONGEST,
        ),
    ],
) -> dict[str, Number]:
    """Work out an arithmetic expression exactly. Use it for every sum instead of guessing. Knows + - * / // % ^,
    brackets, pi, e, and abs, round, floor, ceil, sqrt, exp, log, ln, log2, log10, sin, cos, tan, asin, acos, atan,
    degrees, radians, hypot, min, max, sum, gcd, lcm, factorial, comb, perm. Angles are in radians. No units, no
    variables.
    """
    try:
        tree = ast.parse(expression.translate(_ALIKE).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{expression[:60]!r} is no arithmetic expression.{_advice(expression)}") from None
    try:
        return {"result": _tidy(_value(tree.body, 0))}
    except ZeroDivisionError:
        raise ValueError("that divides by zero.") from None
    except OverflowError:
        raise ValueError("the result is too large.") from None
    except TypeError:
        raise ValueError("a function in it was given the wrong number or kind of values.") from None


def _advice(expression: str) -> str:
    if re.search(r"\d\s*%\s*($|[)+*/-]|of\b)", expression):
        return " Write 20 % as 0.20."
    if re.search(r"\d,\d{3}", expression):
        return " Write thousands without commas."
    return ""


def _value(node: ast.expr, depth: int) -> Number:
    """The value of a part of the expression; anything else than arithmetic is refused with a message."""
    if depth > DEEPEST:
        raise ValueError(f"the brackets are nested more than {DEEPEST} levels deep.")
    match node:
        case ast.Constant(value=bool() | complex()):
            raise ValueError("only real numbers can be calculated with.")
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, depth + 1)
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand, depth + 1)
        case ast.BinOp() if type(node.op) in _OPERATORS:
            left, right = _value(node.left, depth + 1), _value(node.right, depth + 1)
            return _bounded(_OPERATORS[type(node.op)](left, right))
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*(_value(part, depth + 1) for part in node.args)))
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            raise ValueError(
                f"{name[:40]!r} is not known here. Functions: {', '.join(_FUNCTIONS)}. Constants: pi, e, tau."
            )
    raise ValueError("only numbers, + - * / // % ^, brackets and functions are understood.")


def _bounded(value: object) -> Number:
    """A number that can be shown: real, finite and of at most DIGITS digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("the result is not a real number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError
    if isinstance(value, int) and value.bit_length() > DIGITS * 3.33:
        raise ValueError(f"the result has more than {DIGITS:,} digits.")
    return value


def _tidy(value: Number) -> Number:
    """Round the last of 17 digits, a floating-point error: 0.1 + 0.2 is 0.3."""
    if isinstance(value, int):
        return value
    rounded = float(f"{value:.15g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _power(base: Number, exponent: Number) -> object:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        digits = abs(exponent) * math.log10(abs(base)) if abs(exponent) < 1e9 else math.inf
        if digits > DIGITS:
            raise ValueError(f"the result has more than {DIGITS:,} digits.")
    return operator.pow(base, exponent)


def _counted(function: Callable[..., int]) -> Callable[..., Number]:
    """Factorials and the like: only for whole numbers that are not too large."""

    def count(*numbers: Number) -> int:
        if any(not float(number).is_integer() or not 0 <= number <= LARGEST for number in numbers):
            raise ValueError(f"factorial, comb and perm take whole numbers from 0 to {LARGEST}.")
        return function(*map(int, numbers))

    return count


def _round(value: Number, digits: Number = 0) -> Number:
    if not isinstance(digits, int) or abs(digits) > 15:
        raise ValueError("round takes a whole number of digits, at most 15.")
    return round(value, digits) if digits else round(value)


def _logarithm(value: Number, base: Number = math.e) -> float:
    if value <= 0 or base <= 0 or base == 1:
        raise ValueError("a logarithm needs a number above 0, and a base above 0 that is not 1.")
    return math.log(value) if base == math.e else math.log(value, base)


def _root(value: Number) -> float:
    if value < 0:
        raise ValueError("the square root of a negative number is not a real number.")
    return math.sqrt(value)


def _sum(*numbers: Number) -> Number:
    return sum(numbers)


# fmt: off
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], object]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: _power,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs, "round": _round, "floor": math.floor, "ceil": math.ceil, "sqrt": _root, "exp": math.exp,
    "log": _logarithm, "ln": _logarithm, "log2": math.log2, "log10": math.log10,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "degrees": math.degrees, "radians": math.radians, "hypot": math.hypot,
    "min": min, "max": max, "sum": _sum, "gcd": math.gcd, "lcm": math.lcm,
    "factorial": _counted(math.factorial), "comb": _counted(math.comb), "perm": _counted(math.perm),
}
# fmt: on
