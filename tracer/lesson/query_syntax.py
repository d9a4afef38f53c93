"""A query as a person writes it: `grad(y)[1, 1]`, `sum(value(x)[0, 0, 2:5]) + 1`. Read with Python's own grammar, of
which only names, numbers, calls, indexes and arithmetic are known here: nothing else can be said, or done.

A value is a Fraction where it is exact, a float where it is not, an array of these, or a word.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.errors import InvalidSetting

Array = NDArray[np.object_]
Value = Fraction | float | str | Array
Function = Callable[..., Value]
LONGEST, LARGEST_POWER, LARGEST_BASE, MOST = 500, 64, 10**9, 100_000  # letters, a power, its base, numbers of a list

ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.MatMult: operator.matmul,
}


def evaluate(query: str, functions: Mapping[str, Function], names: Callable[[str], Value]) -> Value:
    """Give the value of a query. `functions` are called with what stands in their brackets: a bare name there is a word
    where it is asked for as one (see `NAMED`); elsewhere `names` gives what a bare name stands for.

    Raises:
        InvalidSetting: it can't be read, or finds nothing; `where` is the query.
    """
    try:
        return _value(parse(query), functions, names)
    except InvalidSetting as error:
        raise error if error.where else InvalidSetting(error.what, query, error.cure) from None
    except ZeroDivisionError:
        raise InvalidSetting("It divides by zero", query, "Ask for something else") from None
    except (IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidSetting(
            f"It finds nothing: {error}", query, "See that its names, indexes and shapes fit"
        ) from None


def parse(query: str) -> ast.expr:
    """Read a query.

    Raises:
        InvalidSetting: it is too long, or can't be read.
    """
    if len(query) > LONGEST:
        raise InvalidSetting(f"A query has up to {LONGEST} letters", query[:40] + "…", "Ask for less at once")
    try:
        return ast.parse(query.strip().replace("−", "-").replace("·", "*").replace("×", "*"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        cure = "Write such as grad(y)[1, 1], shape(weight) or count(x) − 2"
        raise InvalidSetting("This query can't be read", query, cure) from None


def calls(query: str) -> Iterator[tuple[str, str]]:
    """List what a query asks for: each function with the name in its brackets (empty where there is none), and each
    bare name as ("", name)."""
    inside: set[int] = set()
    for node in ast.walk(parse(query)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            inside.add(id(node.func))
            words = [word for argument in node.args if (word := _word(argument))]
            if node.func.id in NAMED:
                inside |= {id(part) for argument in node.args for part in ast.walk(argument)}
                yield from ((node.func.id, word) for word in words or [""])
            else:
                yield node.func.id, ""
        elif isinstance(node, ast.Name) and id(node) not in inside:
            yield "", node.id


NAMED = frozenset(  # functions whose brackets hold names of the experiment, and never values
    (
        "value",
        "grad",
        "shape",
        "count",
        "grad_fn",
        "arriving",
        "differences",
        "arrows",
        "nodes",
        "cost",
        "tracked",
        "notes",
    )
)


def _value(node: ast.expr, functions: Mapping[str, Function], names: Callable[[str], Value]) -> Value:
    match node:
        case ast.Constant(value=bool() | None):
            raise InvalidSetting("A query knows numbers and names only", "", "Leave True, False and None out")
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.Constant(value=str() as word):
            return word
        case ast.Name(id=name):
            return names(name)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return array([_value(item, functions, names) for item in items])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _plain(-_number(_value(operand, functions, names)))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, functions, names), _value(right, functions, names))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            both = _number(_value(left, functions, names)), _number(_value(right, functions, names))
            return _plain(ARITHMETIC[type(sign)](*both))
        case ast.Subscript(value=inner, slice=index):
            found = _value(inner, functions, names)
            if not isinstance(found, np.ndarray):
                raise InvalidSetting("It takes an element of what is one number or word", "", "Leave the index out")
            return _plain(found[_index(index, functions, names)])
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _called(name, arguments, functions, names)
    raise InvalidSetting("A query is made of names, numbers, calls, indexes and + − * / // % **", "", "Use only these")


def _called(
    name: str, arguments: list[ast.expr], functions: Mapping[str, Function], names: Callable[[str], Value]
) -> Value:
    if name not in functions:
        raise InvalidSetting(f"There is no “{name}” to ask for", "", f"Use one of {', '.join(sorted(functions))}")
    if name in NAMED:
        words = [_word(argument) for argument in arguments]
        if not all(words):
            raise InvalidSetting(f"In the brackets of {name}(…) stand names", "", f"Write {name}(x), say")
        return functions[name](*words)
    return _plain(functions[name](*(_value(argument, functions, names) for argument in arguments)))


def _word(node: ast.expr) -> str:
    """Read a name, also a dotted one, or text."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case ast.Constant(value=str() as word):
            return word
    return ""


def _index(node: ast.expr, functions: Mapping[str, Function], names: Callable[[str], Value]) -> Any:
    match node:
        case ast.Tuple(elts=items):
            return tuple(_index(item, functions, names) for item in items)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(
                *(None if end is None else whole(_value(end, functions, names)) for end in (lower, upper, step))
            )
    return whole(_value(node, functions, names))


def whole(value: Value) -> int:
    """Read a whole number.

    Raises:
        InvalidSetting: it is none.
    """
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    raise InvalidSetting("An index, a line or a power is a whole number", "", "Use one such as 0")


def array(items: list[Any]) -> Array:
    """Make an array of numbers, or of arrays of one shape."""
    found = np.array(items, dtype=object)
    if found.size > MOST:
        raise InvalidSetting("A list of a query has too many numbers", "", "Ask for less at once")
    if any(isinstance(item, list | np.ndarray) for item in found.flat):
        raise InvalidSetting("The rows of a list differ in length", "", "Give each the same")
    return found


def _power(base: Value, power: Value) -> Value:
    exponent = whole(power)
    numbers = np.asarray(_number(base), dtype=object).reshape(-1)
    if abs(exponent) > LARGEST_POWER or any(abs(number) > LARGEST_BASE for number in numbers):
        raise InvalidSetting("This power is too large", "", f"Use powers up to {LARGEST_POWER}")
    return _plain(base**exponent)  # type: ignore[operator]  # a word was refused


def _number(value: Value) -> Any:
    if isinstance(value, str):
        raise InvalidSetting(f"“{value[:40]}” is a word, and can't be counted with", "", "Use numbers")
    return value


def _plain(value: Any) -> Value:
    """Keep whole numbers exact."""
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.astype(object)
    return value  # type: ignore[no-any-return]  # a Fraction, a float, a word or an array
