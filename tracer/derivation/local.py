"""Local derivatives ∂yⱼ/∂xₖ of a stage by one that it is made of, written with its own output where that is shorter."""

from __future__ import annotations

from fractions import Fraction

from tracer.algebra import index
from tracer.algebra.contract import contract
from tracer.algebra.differentiate import derivative
from tracer.algebra.expressions import ZERO, Expr, element, every, holds, power, replaced, substitute
from tracer.ops.tensor import At, Stage


def parents(stage: Stage) -> tuple[Stage, ...]:
    """List the stages through which a gradient goes on from a stage, in the order in which they came to be."""
    if not stage.tracked:
        return ()
    found = stage.rules if stage.rules is not None else _read(stage.body)
    return tuple(sorted((one for one in found if one.tracked), key=lambda one: one.order))


def _read(body: Expr | None) -> set[Stage]:
    return set() if body is None else {e[1] for e in every(body) if e[0] == "x"}


def raw(stage: Stage, parent: Stage, j: At, k: At) -> Expr:
    """Give ∂stageⱼ/∂parentₖ as the rules of differentiation give it, sums over brackets carried out."""
    if stage.rules is not None:
        return contract(stage.rules[parent](j, k))
    assert stage.body is not None
    body = at(stage, j)
    return contract(_with_output(derivative(body, parent, k), body, element(stage, j)))


def at(stage: Stage, j: At) -> Expr:
    """Give the body of a stage at a place."""
    assert stage.body is not None
    return substitute(stage.body, {one: where for one, where in zip(stage.over, j, strict=True) if one.size != 1})


_NAMED = ("f", "^", "w", "**")


def _with_output(e: Expr, body: Expr, output: Expr) -> Expr:
    """Replace what a stage was computed by with its name: tanh z → h, √u → n, [z > 0] → [h > 0]."""
    if body[0] not in _NAMED or e == ZERO:
        return e

    def known(one: Expr) -> Expr | None:
        if one == body:
            return output
        if body[0] == "^" and one[0] == "^" and one[1] == body[1]:
            return _as_power(one[2] / body[2], body[2], output)
        if body[0] == "w" and one == body[1] and one[:2] == ("v", ">") and body[2:] == (one[2], ZERO):
            return holds(">", output, ZERO)
        return None

    return replaced(e, known)


def _as_power(ratio: Fraction, own: Fraction, output: Expr) -> Expr | None:
    """Write a power of the same base as a power of the output, where that is a whole one and saves a root."""
    return power(output, ratio) if ratio.denominator == 1 and own.denominator > 1 else None


def is_diagonal(e: Expr, j: At, k: At) -> bool:
    """Tell whether a local derivative is 0 unless both places are the same."""
    if e == ZERO:
        return False
    terms = e[1] if e[0] == "+" else (e,)
    pairs = [(a, b) for a, b in zip(j, k, strict=False) if a[1]]
    if len(j) != len(k):
        return False
    return all(all(_equates(term, a, b) for a, b in pairs) for term in terms)


def _equates(term: Expr, a: index.Index, b: index.Index) -> bool:
    gap = index.add(a, b, -1)
    wanted = {("d", gap), ("d", index.scale(gap, -1))}
    return any(factor in wanted for factor in (term[1] if term[0] == "*" else (term,)))


def on_diagonal(e: Expr, j: At, k: At) -> Expr:
    """Give a local derivative where both places are the same."""
    new = {a[1][0][0]: b for a, b in zip(j, k, strict=True) if a[1]}
    return substitute(e, new)
