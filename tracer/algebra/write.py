"""An expression → text or LaTeX, with its letters given as they are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tracer.algebra import index
from tracer.algebra.alike import alike
from tracer.algebra.expressions import ZERO, Expr, multiply, number, opposite, power
from tracer.algebra.index import Entry, Floor, Index, Symbol
from tracer.algebra.letters import Letters
from tracer.algebra.style import Name, Style

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly the outermost sign of a piece holds
Piece = tuple[str, int]


class Pen(NamedTuple):
    """What is needed to write: a style, letters, the names of tensors, and whether fractions are decimal numbers."""

    style: Style
    letters: Letters
    name: Callable[[Any], Name]
    decimals: Callable[[Fraction], str | None] = lambda value: None

    def write(self, e: Expr) -> str:
        """Write an expression."""
        return _piece(self, e)[0]

    def element(self, tensor: Any, at: Sequence[Index]) -> str:
        """Write an element of a tensor."""
        name = self.name(tensor)
        shown = [one for one in at if one != index.ZERO] if name.ours else at
        return self.style.element(name, [self.place(one) for one in shown])

    def place(self, at: Index) -> str:
        """Write an index: i+j−1."""
        text = "".join(_index_term(self, one, c) for one, c in at[1])
        constant = str(at[0]) if at[0] or not text else ""
        text += f"+{constant}" if text and at[0] > 0 else constant
        return text.removeprefix("+").replace("-", "−")


def _index_term(pen: Pen, one: Any, c: int) -> str:
    sign, size = "-" if c < 0 else "+", "" if abs(c) == 1 else str(abs(c))
    if isinstance(one, Symbol):
        return f"{sign}{size}{pen.letters.of(one)}"
    if isinstance(one, Entry):
        return f"{sign}{size}{pen.element(one.table, one.at)}"
    inner = pen.place(one.of)
    if isinstance(one, Floor):
        return f"{sign}{size}⌊{inner if inner.isalnum() else f'({inner})'}/{one.by}⌋"
    return f"{sign}{size}({inner} mod {one.by})"


def _piece(pen: Pen, e: Expr) -> Piece:
    return _WRITERS[e[0]](pen, e)


def _at(pen: Pen, e: Expr, least: int) -> str:
    """Write an expression, in brackets where its outermost sign holds less tightly than `least`."""
    text, level = _piece(pen, e)
    return text if level >= least else pen.style.grouped(text)


def _number(pen: Pen, e: Expr) -> Piece:
    value = e[1]
    text = pen.decimals(value) or pen.style.number(value)
    return text, SUM if value < 0 else ATOM if value.denominator == 1 else PRODUCT


def _element(pen: Pen, e: Expr) -> Piece:
    name = pen.name(e[1])
    return pen.element(e[1], e[2]), POWER if name.version or name.over else ATOM


def _sign(e: Expr) -> tuple[bool, Expr]:
    """Take the sign of all numbers of a term to its front: whether it is minus, and the term without."""
    minus, sizes = False, list[Expr]()
    for factor in e[1] if e[0] == "*" else (e,):
        if factor[0] == "n":
            minus ^= factor[1] < 0
            factor = number(abs(factor[1]))
        elif factor[0] == "S" and factor[2][0] != "+":
            inner, body = _sign(factor[2])
            minus ^= inner
            factor = ("S", factor[1], body)
        sizes.append(factor)
    return minus, multiply(*sizes)


def _sum(pen: Pen, e: Expr) -> Piece:
    text = ""
    for place, term in enumerate(e[1]):
        minus, size = _sign(term)
        piece = _at(pen, size, PRODUCT)
        if _ends_in_sum(size) and place < len(e[1]) - 1:
            piece = pen.style.grouped(piece)
        sign = pen.style.signs["−"] if minus else "+"
        text += f" {sign} {piece}" if text else (sign if minus else "") + piece
    return text, SUM


def _ends_in_sum(e: Expr) -> bool:
    return any(factor[0] in ("S", "P") for factor in (e[1] if e[0] == "*" else (e,)))


def _product(pen: Pen, e: Expr) -> Piece:
    minus, size = _sign(e)
    if minus:
        return pen.style.signs["−"] + _at(pen, size, PRODUCT), SUM
    if size[0] != "*":
        return _piece(pen, size)
    above, below, sums = _sorted(size[1])
    if below:
        above = _fraction(pen, above, below)
        if not sums:
            return above
        text = pen.style.grouped(above[0]) if pen.style.times == "·" else above[0]
    else:
        text = _row(pen, above)
    for place, factor in enumerate(sums):
        last = place == len(sums) - 1
        piece = _piece(pen, factor)[0] if last else pen.style.grouped(_piece(pen, factor)[0])
        text = f"{text} {piece}" if text and last else f"{text}{pen.style.times}{piece}" if text else piece
    return text, PRODUCT


def _sorted(factors: Sequence[Expr]) -> tuple[Any, list[Expr], list[Expr]]:
    """Tell the factors above and below the line of a fraction, and the sums, which come last."""
    above, below, sums = list[Expr](), list[Expr](), list[Expr]()
    for factor in factors:
        if factor[0] in ("S", "P"):
            sums.append(factor)
        elif factor[0] == "^" and factor[2] < 0:
            below.append(power(factor[1], -factor[2]))
        elif factor[0] == "f" and factor[1] == "1/":
            below.append(factor[2])
        else:
            above.append(factor)
    return above, below, sums


def _fraction(pen: Pen, above: list[Expr], below: list[Expr]) -> Piece:
    numbers = [factor for factor in above if factor[0] == "n" and factor[1].denominator > 1]
    if pen.style.times == "·" and numbers:  # ¼·x / y reads as (¼·x) / y, and that is what it is
        above = [*numbers, *(factor for factor in above if factor not in numbers)]
    top = _row(pen, above) if len(above) != 1 or pen.style.times == "·" else _piece(pen, above[0])[0]
    if len(above) == 1 and pen.style.times == "·":
        top = _at(pen, above[0], PRODUCT)
    bottom, simple = _row(pen, below), len(below) == 1
    if simple and pen.style.times != "·":
        bottom = _piece(pen, below[0])[0]
    return pen.style.fraction(top or pen.style.number(Fraction(1)), bottom, simple), PRODUCT


def _row(pen: Pen, factors: Sequence[Expr]) -> str:
    """Write factors side by side: 3(x − 2)², ¼·3·2, p·(1 − p)."""
    text, before = "", ""
    for factor in factors:
        piece = _at(pen, factor, POWER) if factor[0] != "n" else _piece(pen, factor)[0]
        close = before == "number" and factor[0] not in ("n", "d", "g", "v", "~", "**") and "/" not in piece[:4]
        text += ("" if close or not text else pen.style.times) + piece
        whole = factor[0] == "n" and (
            factor[1].denominator == 1 or pen.style.times != "·" or bool(pen.decimals(factor[1]))
        )
        before = "number" if whole else ""
    return text


def _power(pen: Pen, e: Expr) -> Piece:
    base, p = e[1], e[2]
    if p < 0:
        return _fraction(pen, [], [power(base, -p)])
    if p == Fraction(1, 2):
        return pen.style.root(_piece(pen, base)[0]), ATOM
    return pen.style.power(_at(pen, base, ATOM), p), POWER


def _exponential(pen: Pen, e: Expr) -> Piece:
    base, exponent = _at(pen, e[1], ATOM), _piece(pen, e[2])
    if pen.style.times != "·":
        return f"{{{base}}}^{{{exponent[0]}}}", POWER
    return f"{base}^{exponent[0] if exponent[1] == ATOM else pen.style.grouped(exponent[0])}", POWER


def _function(pen: Pen, e: Expr) -> Piece:
    if e[1] == "1/":
        return _fraction(pen, [], [e[2]])
    return pen.style.call(e[1], [_piece(pen, e[2])[0]]), ATOM


def _total(pen: Pen, e: Expr) -> Piece:
    if _sign(e)[0]:
        return _product(pen, e)
    with pen.letters.summed(e[1]) as symbols:
        return pen.style.total(pen.style.signs["Σ"], symbols, _at(pen, e[2], PRODUCT)), PRODUCT


def _all_factors(pen: Pen, e: Expr) -> Piece:
    with pen.letters.summed(e[1]) as symbols:
        if e[2]:
            ne = pen.style.signs["≠"]
            symbols = [f"{one} {ne} {pen.place(but)}" for one, but in zip(symbols, e[2], strict=True)]
        return pen.style.total(pen.style.signs["Π"], symbols, _at(pen, e[3], POWER)), PRODUCT


def _sides(gap: Index) -> tuple[Index, Index]:
    """Write index = 0 as left = right without minus signs."""
    left = tuple((one, c) for one, c in gap[1] if c > 0)
    right = tuple((one, -c) for one, c in gap[1] if c < 0)
    if not left:
        return (0, right), (gap[0], ())
    if not right:
        return (0, left), (-gap[0], ())
    return (max(gap[0], 0), left), (max(-gap[0], 0), right)


def _delta(pen: Pen, e: Expr, relation: str = "=") -> Piece:
    left, right = _sides(e[1])
    return pen.style.bracket(f"{pen.place(left)} {pen.style.signs[relation]} {pen.place(right)}"), ATOM


def _guard(pen: Pen, e: Expr, holds: bool = True) -> Piece:
    left, right = _sides(e[1])
    upside_down = all(c < 0 for _, c in e[1][1])
    if not upside_down and len(left[1]) == 1 and left[0]:  # i + 2 ≥ j reads better as j ≤ i + 2
        left, right, upside_down = right, left, True
    relation = ("≤" if upside_down else "≥") if holds else (">" if upside_down else "<")
    return pen.style.bracket(f"{pen.place(left)} {pen.style.signs[relation]} {pen.place(right)}"), ATOM


def _relation(pen: Pen, e: Expr) -> Piece:
    return pen.style.bracket(f"{pen.write(e[2])} {pen.style.signs[e[1]]} {pen.write(e[3])}"), ATOM


def _opposite(pen: Pen, e: Expr) -> Piece:
    if e[1][0] == "d":
        return _delta(pen, e[1], "≠")
    if e[1][0] == "g":
        return _guard(pen, e[1], False)
    return pen.style.bracket(pen.style.signs["¬"] + _at(pen, e[1], POWER)), ATOM


def _factor(pen: Pen, e: Expr) -> Piece:
    return _piece(pen, e[1]) if e[1][0] in ("d", "g", "v", "~", "n") else (pen.style.bracket(pen.write(e[1])), ATOM)


def _choice(pen: Pen, e: Expr) -> Piece:
    p, a, b = e[1:]
    if p[0] == "v" and p[1] in "<>" and {alike(p[2]), alike(p[3])} == {alike(a), alike(b)} and a != b:
        greater = (alike(a) == alike(p[2])) == (p[1] == ">")
        return pen.style.call("max" if greater else "min", [pen.write(p[2]), pen.write(p[3])]), ATOM
    terms = [multiply(q, value) for q, value in ((p, a), (opposite(p), b)) if value != ZERO]
    return _piece(pen, terms[0] if len(terms) == 1 else ("+", tuple(terms)))


_WRITERS: Mapping[str, Callable[[Pen, Expr], Piece]] = {
    "n": _number,
    "c": lambda pen, e: (pen.style.signs[e[1]], ATOM),
    "x": _element,
    "i": lambda pen, e: (pen.place(e[1]), ATOM if len(e[1][1]) <= 1 and not (e[1][0] and e[1][1]) else SUM),
    "+": _sum,
    "*": _product,
    "^": _power,
    "**": _exponential,
    "f": _function,
    "f2": lambda pen, e: (pen.style.call(e[1], [pen.write(e[2]), pen.write(e[3])]), ATOM),
    "S": _total,
    "P": _all_factors,
    "d": _delta,
    "g": _guard,
    "v": _relation,
    "~": _opposite,
    "k": _factor,
    "w": _choice,
}
