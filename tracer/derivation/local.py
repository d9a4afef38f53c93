"""Local derivatives ∂yⱼ/∂xₖ of a stage by one that it is made of, written with its own output where that is shorter."""

from __future__ import annotations

from fractions import Fraction

from tracer.algebra import index
from tracer.algebra.alike import alike
from tracer.algebra.contract import contract
from tracer.algebra.differentiate import derivative
from tracer.algebra.expressions import ZERO, Expr, element, every, holds, power, replaced, substitute
from tracer.algebra.memory import remembered
from tracer.algebra.tidy import neat
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
    return contract(unsummed(stage, parent, j, k))


def unsummed(stage: Stage, parent: Stage, j: At, k: At) -> Expr:
    """Give ∂stageⱼ/∂parentₖ with its sums over brackets as they come."""
    if stage.rules is not None:
        return stage.rules[parent](j, k)
    body = at(stage, j)
    return _with_output(derivative(body, parent, k), body, element(stage, j))


def at(stage: Stage, j: At) -> Expr:
    """Give the body of a stage at a place, equal factors as one power."""
    return substitute(_neat(stage), {one: where for one, where in zip(stage.over, j, strict=True) if one.size != 1})


@remembered
def _neat(stage: Stage) -> Expr:
    assert stage.body is not None
    return neat(stage.body)


_NAMED = ("f", "^", "w", "**")


def _with_output(e: Expr, body: Expr, output: Expr) -> Expr:
    """Replace what a stage was computed by with its name: tanh z → h, √u → n, [z > 0] → [h > 0]."""
    if body[0] not in _NAMED or e == ZERO:
        return e

    whole, base = alike(body), alike(body[1]) if body[0] in ("^", "w") else None
    is_relu = body[0] == "w" and body[1][:2] == ("v", ">") and body[3] == ZERO == body[1][3]
    is_relu = is_relu and alike(body[1][2]) == alike(body[2])

    def known(one: Expr) -> Expr | None:
        if one[0] == body[0] and alike(one) == whole:
            return output
        if body[0] == "^" and one[0] == "^" and alike(one[1]) == base:
            return _as_power(one[2] / body[2], body[2], output)
        if is_relu and one[0] == "v" and alike(one) == base:
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
