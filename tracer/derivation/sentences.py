"""The steps that a person would write, in their order, as expressions: definitions, chain rule, gradients."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import ONE, Expr, every, multiply, number, replaced
from tracer.algebra.index import Index, Symbol
from tracer.algebra.tidy import best, cost, split, tidy
from tracer.derivation.adjoints import SHORT, Step, Use
from tracer.derivation.local import at, is_diagonal, on_diagonal, parents, raw, unsummed
from tracer.derivation.walk import Ran
from tracer.derived import LineKind
from tracer.ops.tensor import Stage

CHAIN = 6  # stages that are written as one chain at most


@dataclass(frozen=True)
class Sentence:
    """A line before it is written: what it is about, a left side, and expressions that are all equal to it.

    `left` is a tensor at a place, or a derivative ∂a/∂b at two places. `decimals` is one more form of the last
    expression, to be written with decimal numbers. `over` are the free symbols, `when` says for which passes it holds,
    `linear` that it comes of a product of vectors or matrices.
    """

    kind: LineKind
    about: Stage
    left: Sequence[tuple[Any, tuple[Index, ...], Any, tuple[Index, ...]]]
    right: tuple[Expr, ...]
    over: tuple[Symbol, ...]
    decimals: Expr | None = None
    when: str = ""
    linear: bool = False


def sentences(
    ran: Ran,
    found: Mapping[Stage, Step],
    leaf: Stage,
    known: dict[Stage, tuple[Sentence, ...]] | None = None,
    without: Collection[Stage] = (),
) -> tuple[Sentence, ...]:
    """Give the lines of the derivation of one input's gradient. `known` are those of gradients that were made before;
    they are added to. Stages in `without` get no lines."""
    known = {} if known is None else known
    path = between(ran.root, leaf)
    chain = _chain(ran.root, leaf, path, found) if len(path) <= CHAIN else None
    lines = list(_definitions(ran, path, leaf, found, chain is not None, without))
    if chain is not None:
        return (*lines, *chain)
    for stage in path:
        if stage not in without and (stage is not ran.root or stage is leaf):
            if stage not in known:
                known[stage] = tuple(_gradient(found[stage], ran.root))
            lines += known[stage]
    return tuple(lines)


def between(root: Stage, leaf: Stage) -> list[Stage]:
    """List the stages on the ways from the root to a leaf, both included, the root first."""
    reaches: dict[Stage, bool] = {leaf: True}
    stack = [root]
    while stack:
        stage = stack[-1]
        unknown = [one for one in parents(stage) if one not in reaches] if stage not in reaches else []
        if unknown:
            stack += unknown
            continue
        stack.pop()
        if stage not in reaches:
            reaches[stage] = any(reaches[one] for one in parents(stage))
    return sorted((stage for stage, does in reaches.items() if does), key=lambda one: -one.order)


def _definitions(
    ran: Ran, path: Sequence[Stage], leaf: Stage, found: Mapping[Stage, Step], chain: bool, without: Collection[Stage]
) -> Iterator[Sentence]:
    """Define each stage that the derivation speaks of, in program order."""
    for stage in needed(path, leaf):
        if stage.body is None or stage in without:
            continue
        over = index.symbols(stage.shape)
        j = index.indices(over)
        body = at(stage, j)
        plain = {one for one in path if one is not leaf and not _in_loop(ran, one)}
        closed = _closed(body, plain, found) if chain or stage is ran.root else body
        if any(e[0] == "x" and e[1] in path and e[1] is not leaf and _is_plain(e[1]) for e in every(closed)):
            closed = body
        right = (body,) if closed == body or cost(closed) > SHORT else (body, closed)
        yield Sentence("definition", stage, ((stage, j, None, ()),), right, over)


def _in_loop(ran: Ran, stage: Stage) -> bool:
    return stage in ran.labels and bool(ran.labels[stage].passes)


def needed(path: Sequence[Stage], leaf: Stage) -> list[Stage]:
    """List the stages on the path and those that these are made of, but the inputs, in program order."""
    seen, stack = set[Stage](), [one for one in path if one is not leaf]
    while stack:
        stage = stack.pop()
        if stage in seen:
            continue
        seen.add(stage)
        stack += _mentioned(stage)
    return sorted((one for one in seen if one is not leaf), key=lambda one: one.order)


def _mentioned(stage: Stage) -> set[Stage]:
    """List the stages that stand in the body of a stage or in its own rules."""
    bodies = [stage.body] if stage.body is not None else []
    sources = set(stage.rules or ()) if stage.body is None else set()
    if stage.rules is not None and not stage.unknown:
        j = index.indices(index.symbols(stage.shape))
        bodies += [rule(j, index.indices(index.symbols(one.shape))) for one, rule in stage.rules.items()]
    named = {e[1] for body in bodies for e in every(body) if e[0] == "x"}
    tables = {one.table for body in bodies for e in every(body) for where in _places(e) for one in _atoms(where)}
    return {one for one in named | tables | sources if isinstance(one, Stage) and one is not stage}


def _places(e: Expr) -> tuple[Index, ...]:
    return e[2] if e[0] == "x" else (e[1],) if e[0] in ("d", "g", "i") else ()


def _atoms(where: Index) -> Iterator[index.Entry]:
    for one, _ in where[1]:
        if isinstance(one, index.Entry):
            yield one


def _is_plain(stage: Stage) -> bool:
    """Tell whether a stage is arithmetic, which may be written out in the place of its name."""
    if stage.body is None or stage.rules is not None:
        return False
    return not any(e[0] in ("f", "f2", "w", "S", "P", "**", "d", "g", "v") for e in every(stage.body))


def _closed(e: Expr, within: set[Stage], found: Mapping[Stage, Step]) -> Expr:
    """Write stages that are used once in the place of their names, while that stays short."""

    def known(one: Expr) -> Expr | None:
        if one[0] != "x" or one[1] not in within or one[1] not in found:
            return None
        stage = one[1]
        return at(stage, one[2]) if _is_plain(stage) and len(found[stage].uses) == 1 else None

    for _ in range(20):
        wider = replaced(e, known)
        if wider == e or cost(wider) > SHORT:
            break
        e = wider
    return e


def _chain(root: Stage, leaf: Stage, path: Sequence[Stage], found: Mapping[Stage, Step]) -> tuple[Sentence, ...] | None:
    """Write one chain, where every stage on the way has one use and every local derivative is element by element."""
    if len(path) < 3 or any(len(found[one].uses) != 1 or found[one].missing for one in path[1:]):
        return None
    over = index.symbols(leaf.shape)
    i = index.indices(over)
    links, locals_ = [], []
    for stage, parent in pairwise(path):
        if parent.shape not in ((), leaf.shape) or (stage.shape and not parent.shape):
            return None
        here, there = (i if stage.shape else ()), (i if parent.shape else ())
        j = index.indices(index.symbols(stage.shape))
        local = raw(stage, parent, j, there)
        if stage.shape and i and not is_diagonal(local, j, there):
            return None
        locals_.append(on_diagonal(local, j, there) if stage.shape and i else local)
        links.append((stage, here, parent, there))
    named = multiply(*locals_)
    written = _closed(named, set(path[1:-1]), found)
    form, last = (written, best(written)) if cost(best(written)) <= SHORT else (named, best(named))
    left = ((found[leaf].adjoint, i, None, ()),)
    first = Sentence("chain", leaf, left, (Links(links), named), over)
    right = tuple(dict.fromkeys((form, last))) if form != named else (last,)
    return first, Sentence("gradient", leaf, left, right, over, expanded(last))


class Links(tuple):  # type: ignore[type-arg]
    """A chain of derivatives by name, ∂a/∂z·∂z/∂y, in the place of an expression."""


def expanded(e: Expr) -> Expr | None:
    """Multiply a fraction into a sum with a number in it, 3/2·(x − 2) → 1.5x − 3, to be written with decimals."""
    c, rest = split(e)
    if c.denominator == 1 or rest[0] != "+" or len(rest[1]) > 3 or not any(term[0] == "n" for term in rest[1]):
        return None
    terms = [split(term) for term in rest[1]]
    if any(1000 % (c * own).denominator or cost(one) > 1 for own, one in terms):
        return None
    return "+", tuple(multiply(number(c * own), one) for own, one in terms)


def _gradient(step: Step, root: Stage) -> Iterator[Sentence]:
    """Write the local derivative of each use, then the gradient: with names, with what these are, and short."""
    for use in step.uses:
        if use.local is not None and use.consumer is not root:
            line = local(step, use)
            if line.right[0] != ONE:
                yield line
    right = tuple(dict.fromkeys((step.named, step.substituted, step.final)))
    left = ((step.adjoint, index.indices(step.over), None, ()),)
    if step.missing:
        yield Sentence("missing", step.stage, left, (), step.over)
    else:
        linear = bool(step.stage.shape) and any(_is_linear(use.consumer) for use in step.uses)
        decimals = expanded(step.final)
        yield Sentence("gradient", step.stage, left, right, step.over, decimals, linear=linear)


def _is_linear(stage: Stage) -> bool:
    """Tell whether a stage is a sum of products of two or more tensors."""
    body = stage.body
    if body is None or body[0] != "S" or body[2][0] != "*":
        return False
    return len([factor for factor in body[2][1] if factor[0] != "n"]) > 1


def local(step: Step, use: Use) -> Sentence:
    """Write the local derivative of one use, where both indices are the same if it is 0 elsewhere."""
    assert use.local is not None
    i = index.indices(step.over)
    if use.diagonal:
        here = on_diagonal(use.local, use.j, i)
        return Sentence("local", step.stage, ((use.consumer, i, step.stage, i),), _short(here), step.over)
    symbols = tuple(one for where in use.j for one in index.index_symbols(where))
    first = unsummed(use.consumer, step.stage, use.j, i)
    right = tuple(dict.fromkeys((first, use.local, *_short(use.local))))
    over = (*step.over, *symbols)
    return Sentence("local", step.stage, ((use.consumer, use.j, step.stage, i),), right, over)


def _short(e: Expr) -> tuple[Expr, ...]:
    return tuple(dict.fromkeys((e, best(e) if cost(e) <= 2 * SHORT else tidy(e))))
