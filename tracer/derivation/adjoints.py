"""The chain rule: ∂L/∂xᵢ = Σ over what x is used for, of ∂L/∂yⱼ·∂yⱼ/∂xᵢ, from the last stage to the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.algebra import index
from tracer.algebra.contract import contract
from tracer.algebra.evaluate import Array, TooLarge, evaluate
from tracer.algebra.expressions import ONE, ZERO, Expr, add, element, every, multiply, replaced, substitute, total
from tracer.algebra.index import Index, Symbol
from tracer.algebra.tidy import best, cost, tidy
from tracer.derivation.local import is_diagonal, parents, raw
from tracer.ops.tensor import Stage

SHORT, TRIED, KEPT = 9, 14, 16  # leaves of what is put in the place of a name: that stays, is made shorter, may be
BUDGET = 400  # leaves of all steps together, after which what comes earlier in the program keeps the names
WORK = 400  # leaves of a step above which it is left with the names of what comes after it


@dataclass(eq=False)
class Adjoint:
    """∂L/∂(a stage), as a tensor with a name; `value` are its numbers, `None` where they are not known."""

    of: Stage
    value: Array | None = None


@dataclass(frozen=True)
class Use:
    """One use of a stage: by what, the local derivative ∂(consumer at j)/∂(stage at i), `None` without a rule, and the
    part of the gradient that comes through it."""

    consumer: Stage
    j: tuple[Index, ...]
    local: Expr | None
    diagonal: bool = False
    term: Expr = ZERO


@dataclass(frozen=True)
class Step:
    """How the gradient at a stage is found: its uses, then with names, with what these are, and short.

    `missing` says why it can't be found, where a consumer has no rule.
    """

    stage: Stage
    over: tuple[Symbol, ...]
    uses: tuple[Use, ...]
    named: Expr
    substituted: Expr
    final: Expr
    adjoint: Adjoint
    missing: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing here."""
        return not self.missing


def on_path(root: Stage) -> list[Stage]:
    """List the stages through which the gradient goes, from the root on, each after all that use it."""
    found, stack = {root}, [root]
    while stack:
        for parent in parents(stack.pop()):
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return sorted(found, key=lambda stage: -stage.order)


def steps(root: Stage, measured: Callable[[Stage], Array | None] = lambda stage: None) -> dict[Stage, Step]:
    """Find the gradient at every stage, from the last to the first; the root is a scalar, whose gradient is 1.

    Where a step has no rule, `measured` gives its number.
    """
    path = on_path(root)
    uses: dict[Stage, list[Stage]] = {stage: [] for stage in path}
    for stage in path:
        for parent in parents(stage):
            uses[parent].append(stage)
    found: dict[Stage, Step] = {}
    spent = 0
    for stage in path:
        found[stage] = _root(stage) if stage is root else _step(stage, uses[stage], found, spent < BUDGET)
        spent += cost(found[stage].named)
        _evaluate(found[stage], measured)
    return found


def _root(stage: Stage) -> Step:
    return Step(stage, stage.over, (), ONE, ONE, ONE, Adjoint(stage))


def _step(stage: Stage, consumers: Sequence[Stage], found: Mapping[Stage, Step], more: bool) -> Step:
    over = index.symbols(stage.shape)
    i = index.indices(over)
    uses, missing, terms = list[Use](), "", list[Expr]()
    for consumer in sorted(consumers, key=lambda one: one.order):
        if consumer.unknown:
            uses.append(Use(consumer, (), None))
            missing = missing or consumer.unknown
            continue
        uses.append(_use(stage, i, consumer, found[consumer]))
        terms.append(uses[-1].term)
    named = add(*terms) if not missing else ZERO
    adjoint = Adjoint(stage)
    substituted, final = (ZERO, element(adjoint, i)) if missing else _finished(named, found, more)
    return Step(stage, over, tuple(uses), named, substituted, final, adjoint, missing)


def _use(stage: Stage, i: tuple[Index, ...], consumer: Stage, after: Step) -> Use:
    """Give the local derivative, and the part that this use has in the gradient."""
    over = index.symbols(consumer.shape)
    j = index.indices(over)
    local = raw(consumer, stage, j, i)
    diagonal = consumer.shape == stage.shape and bool(i) and is_diagonal(local, j, i)
    name = ONE if not after.uses and after.final == ONE else element(after.adjoint, j)
    term = contract(total(over, multiply(name, local)))
    return Use(consumer, j, local, diagonal, term)


def _finished(named: Expr, found: Mapping[Stage, Step], more: bool) -> tuple[Expr, Expr]:
    """Put in the place of ∂L/∂y what it is, where that is short or no longer than with the name; and make it short.

    With no more work to spend the names stay.
    """

    def known(e: Expr) -> Expr | None:
        if e[0] != "x" or not isinstance(e[1], Adjoint):
            return None
        step = found[e[1].of]
        if step.missing or cost(step.final) > KEPT:
            return None
        return instance(step, e[2])

    size = cost(named)
    if size > WORK or not more:
        return named, tidy(named)
    whole = contract(replaced(named, known))
    if cost(whole) <= max(size, TRIED):
        short = best(whole)
        if cost(whole) <= SHORT or cost(short) <= max(size, SHORT):
            return whole, short
    return named, best(named) if size <= 2 * SHORT else tidy(named)


def instance(step: Step, at: tuple[Index, ...]) -> Expr:
    """Give the final form of a gradient at a place."""
    return substitute(step.final, _places(step, at))


def instance_of(step: Step, at: tuple[Index, ...]) -> Expr:
    """Give the form with names of a gradient at a place."""
    return substitute(step.named, _places(step, at))


def _places(step: Step, at: tuple[Index, ...]) -> dict[Symbol, Index]:
    return {one: where for one, where in zip(step.over, at, strict=True) if one.size != 1}


def _evaluate(step: Step, measured: Callable[[Stage], Array | None]) -> None:
    """Compute the numbers of a gradient from the form that is shown last."""
    if step.missing:
        step.adjoint.value = measured(step.stage)
    if step.missing or not known(step.final):
        return
    try:
        step.adjoint.value = evaluate(step.final, step.over, number_of)
    except TooLarge:
        step.adjoint.value = None


def known(e: Expr) -> bool:
    """Tell whether the numbers of all that an expression reads are known."""
    return all(not isinstance(one[1], Adjoint) or one[1].value is not None for one in every(e) if one[0] == "x")


def number_of(named: Any) -> Array:
    """Give the numbers of a stage or of a gradient."""
    return named.value  # type: ignore[no-any-return]
