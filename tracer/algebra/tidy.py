"""Expressions made short: numbers folded, powers and like terms collected, the shortest of a few forms chosen."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tracer.algebra.alike import alike
from tracer.algebra.contract import taken_out
from tracer.algebra.expressions import (
    ONE,
    ZERO,
    Expr,
    add,
    every,
    kinds,
    multiply,
    number,
    parts,
    power,
    rebuilt,
    substitute,
)
from tracer.algebra.form import once_for_a_form
from tracer.algebra.memory import remembered

TERMS, LEAVES = 8, 18  # of an expression that is expanded at most
_BRACKETS = ("d", "g", "v", "~")


@remembered
def tidy(e: Expr) -> Expr:
    """Fold numbers, merge powers of the same base, collect like terms, and take factors out of sums."""
    inner = parts(e)
    if not inner:
        return e
    e = rebuilt(e, tuple(tidy(part) for part in inner))
    if e[0] == "*":
        return _product(e[1])
    if e[0] == "+":
        return _sum(e[1])
    if e[0] == "S":
        factors = e[2][1] if e[2][0] == "*" else (e[2],)
        found = taken_out(e[1], factors)
        return _product(found[1]) if found[0] == "*" else found
    return _power(e) if e[0] == "^" else e


def _power(e: Expr) -> Expr:
    base, p = e[1], e[2]
    if p.denominator == 1:
        if base[0] == "n" and base[1] != 0:
            return number(base[1] ** int(p))
        if base[0] == "*":
            return _product([tidy(power(factor, p)) for factor in base[1]])
        if base[0] == "^":
            return (
                tidy(power(base[1], base[2] * p))
                if base[2].denominator == 1 or base[2] * p == 1 or base[1][0] == "n"
                else e
            )
        if base[0] in _BRACKETS and p > 0:
            return base  # type: ignore[no-any-return]
    return e


def _product(factors: Sequence[Expr]) -> Expr:
    """Multiply, with one number in front and each base once."""
    coefficient, exponents = Fraction(1), dict[Expr, Fraction]()
    stack = list(reversed(factors))
    while stack:
        factor = stack.pop()
        if factor[0] == "*":
            stack += reversed(factor[1])
        elif factor[0] == "n":
            coefficient *= factor[1]
        else:
            base, p = _base(factor)
            exponents[base] = Fraction(1) if base[0] in _BRACKETS else exponents.get(base, Fraction(0)) + p
    if coefficient == 0:
        return ZERO
    for base in [base for base in exponents if base[:2] == ("f", "1/") and base[2] in exponents]:
        exponents[base[2]] -= exponents.pop(base)
    return multiply(number(coefficient), *(power(base, p) for base, p in exponents.items()))


def neat(e: Expr) -> Expr:
    """Write equal factors as one power and put the number first: y·y·3 → 3y²; nothing is taken out or cancelled."""
    inner = parts(e)
    if not inner:
        return e
    e = rebuilt(e, tuple(neat(part) for part in inner))
    if e[0] != "*" or any(factor[0] == "^" and factor[2] < 0 for factor in e[1]):
        return e
    return _product(e[1]) if any(factor[0] != "n" for factor in e[1]) else e


def _base(factor: Expr) -> tuple[Expr, Fraction]:
    return (factor[1], factor[2]) if factor[0] == "^" else (factor, Fraction(1))


def split(e: Expr) -> tuple[Fraction, Expr]:
    """Write a term as number · rest."""
    if e[0] == "n":
        return e[1], ONE
    if e[0] == "*" and e[1][0][0] == "n":
        return e[1][0][1], multiply(*e[1][1:])
    return Fraction(1), e


def _sum(terms: Sequence[Expr]) -> Expr:
    """Add, with like terms collected; terms that differ in the names of bound symbols are alike."""
    found: dict[Expr, tuple[Fraction, Expr]] = {}
    for term in add(*terms)[1] if add(*terms)[0] == "+" else (add(*terms),):
        c, rest = split(term)
        key = alike(rest)
        before = found.get(key)
        found[key] = (c + before[0], before[1]) if before else (c, rest)
    return add(*(_times(c, rest) for c, rest in found.values()))


def _times(c: Fraction, e: Expr) -> Expr:
    return ZERO if c == 0 else multiply(number(c), e)


@remembered
def cost(e: Expr) -> int:
    """Count the leaves of an expression: what a reader has to take in."""
    if e[0] == "n":
        return 0 if abs(e[1]) == 1 else 1
    return _COST.get(e[0], 1) + sum(map(cost, parts(e)))


_COST = {"+": 0, "*": 0, "k": 0, "~": 0, "v": 0, "w": 1, "^": 1, "S": 1}


@once_for_a_form
def best(e: Expr) -> Expr:
    """Give the shortest of the forms of an expression: tidied, cancelled, expanded, with common factors in front."""
    first = tidy(e)
    forms = [first]
    if any(one[0] == "^" and one[2] < 0 for one in every(first)):
        forms.append(tidy(_distributed(first, _holds_denominator)))
    forms += [tidy(_distributed(form, lambda term: True)) for form in forms if _is_small(form)]
    forms = list(dict.fromkeys(forms))
    forms += [common(form) for form in forms if "+" in kinds(form)]
    return _positive_first(min(forms, key=lambda form: (cost(form), _leading_minus(form))))


def _is_small(e: Expr) -> bool:
    """Tell whether an expression may be expanded: a product with one sum in it only gets longer."""
    several = sum(one[0] == "+" for one in every(e)) > 1
    return several and cost(e) <= LEAVES and _size(e) <= TERMS


def _positive_first(e: Expr) -> Expr:
    """Put what ends in a sum last, and begin with a term that has no minus, where there is one."""
    inner = parts(e)
    if not inner:
        return e
    e = rebuilt(e, tuple(_positive_first(part) for part in inner))
    if e[0] != "+":
        return e
    terms = sorted(e[1], key=_ends_in_sum)
    place = next((n for n, term in enumerate(terms) if split(term)[0] > 0), 0)
    return "+", (terms[place], *terms[:place], *terms[place + 1 :])


def _ends_in_sum(e: Expr) -> bool:
    return any(factor[0] == "S" for factor in (e[1] if e[0] == "*" else (e,)))


def _leading_minus(e: Expr) -> bool:
    if e[0] == "+":
        return _leading_minus(e[1][0])
    if e[0] == "*":
        return any(_leading_minus(factor) for factor in e[1]) if split(e)[0] > 0 else True
    return bool(e[0] == "n" and e[1] < 0)


def _size(e: Expr) -> int:
    """Count the terms that an expression would have when it is expanded."""
    if e[0] == "+":
        return sum(map(_size, e[1]))
    size = 1
    for part in parts(e) if e[0] in ("*", "S") else ():
        size *= _size(part)
    if e[0] == "^" and e[1][0] == "+" and e[2].denominator == 1 and e[2] > 0:
        size = _size(e[1]) ** min(int(e[2]), 5)
    return size


def _holds_denominator(e: Expr) -> bool:
    return any(one[0] == "^" and one[2] < 0 for one in every(e))


def _distributed(e: Expr, wanted: object) -> Expr:
    """Distribute products over the sums that are wanted."""
    inner = parts(e)
    if not inner or e[0] in ("f", "v", "w", "~", "k"):
        return e
    if e[0] == "^":
        if e[1][0] == "+" and e[2] in (2, 3) and wanted(e[1]):  # type: ignore[operator]
            return _distributed(multiply_out([e[1]] * int(e[2])), wanted)
        return e
    e = rebuilt(e, tuple(_distributed(part, wanted) for part in inner))
    if e[0] == "*":
        sums = [factor for factor in e[1] if factor[0] == "+" and wanted(factor)]  # type: ignore[operator]
        return multiply_out(e[1], sums) if sums else e
    if e[0] == "S" and e[2][0] == "+":
        return add(*(substitute(("S", e[1], term), {}) for term in e[2][1]))
    return e


def multiply_out(factors: Sequence[Expr], sums: Sequence[Expr] | None = None) -> Expr:
    """Multiply factors out, over all sums or over those given."""
    found = [ONE]
    for factor in factors:
        over = factor[1] if factor[0] == "+" and (sums is None or factor in sums) else (factor,)
        found = [multiply(term, part) for term in found for part in over]
    return add(*found)


@remembered
def common(e: Expr) -> Expr:
    """Take the factors that all terms of a sum share to its front, here and inside."""
    inner = parts(e)
    if not inner or e[0] in ("v", "w"):
        return e
    e = rebuilt(e, tuple(common(part) for part in inner))
    if e[0] == "*":
        return _product(e[1])
    return _shared(e) if e[0] == "+" else e


def _shared(e: Expr) -> Expr:
    pairs = [split(term) for term in e[1]]
    bags = [_bag(rest) for _, rest in pairs]
    shared = {base: _least([bag.get(base, Fraction(0)) for bag in bags]) for base in bags[0]}
    shared = {base: p for base, p in shared.items() if p}
    c = _common_number([c for c, _ in pairs])
    if not shared and abs(c) == 1:
        return e
    left = [
        multiply(number(own / c), *(power(base, p - shared.get(base, 0)) for base, p in bag.items()))
        for (own, _), bag in zip(pairs, bags, strict=True)
    ]
    return _product([number(c), *(power(base, p) for base, p in shared.items()), _sum(left)])


def _least(exponents: Sequence[Fraction]) -> Fraction:
    """Give the exponent that all have at least, 0 where some are above and some below the line."""
    if all(p > 0 for p in exponents):
        return min(exponents)
    return max(exponents) if all(p < 0 for p in exponents) else Fraction(0)


def _bag(e: Expr) -> dict[Expr, Fraction]:
    bag: dict[Expr, Fraction] = {}
    for factor in e[1] if e[0] == "*" else (e,):
        base, p = _base(factor)
        if base != ONE:
            bag[base] = bag.get(base, Fraction(0)) + p
    return bag


def _common_number(numbers: Sequence[Fraction]) -> Fraction:
    """Give the number that all have as a factor, up to sign: that of their sizes if equal, else 1."""
    sizes = {abs(c) for c in numbers}
    if len(sizes) > 1:
        return Fraction(1)
    (size,) = sizes
    return -size if all(c < 0 for c in numbers) else size
