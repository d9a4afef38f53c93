"""The local rule of one operation: its definition and what it sends back, with names, and with the numbers put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from tracer.algebra import index
from tracer.algebra.contract import contract
from tracer.algebra.evaluate import Array, TooLarge, evaluate
from tracer.algebra.expressions import ONE, ZERO, Expr, add, element, multiply, substitute, total
from tracer.algebra.index import Symbol
from tracer.algebra.style import LATEX
from tracer.algebra.tidy import best, cost, tidy
from tracer.derivation.adjoints import SHORT, Adjoint, number_of, on_path
from tracer.derivation.calls import applied, prepared
from tracer.derivation.flat import flat
from tracer.derivation.lines import line
from tracer.derivation.local import at, parents, raw
from tracer.derivation.naming import Names, display
from tracer.derivation.sentences import Sentence, needed
from tracer.derivation.state import Label
from tracer.derivation.worked import joined, shortened, size, worked
from tracer.derived import Line, Part, Path, Rule, Term
from tracer.ops.extremes import Pair
from tracer.ops.tensor import NoRule, Stage, Tensor, given, staged

SHOWN, WORK = 8, 4000  # elements whose numbers are put in; numbers that are put in at most
OWN = ("s", "u", "v", "w")  # what values are called that have no name: the result, then the operands


@dataclass(frozen=True)
class Operand:
    """A tensor that went into an operation: its numbers, its name if it has one, the edge on which its gradient goes
    back (`None`: not tracked), what autograd sent there, and on how many edges its producer gets gradients."""

    value: Array
    name: str = ""
    edge: int | None = None
    sent: Array | None = None
    edges: int = 1


@dataclass(frozen=True)
class Done:
    """An operation as it ran: its path or name, what it was given (`Operand`s and plain arguments), the number of its
    node, the name of its result, what arrives there as the gradient ∂of/∂result, and the dtype of the numbers."""

    path: str
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    node: int
    name: str
    of: str
    arriving: Array
    output: int = 0
    is_end: bool = False
    dtype: str = "float64"
    tolerance: float = 1e-9


def rule(done: Done) -> Rule:
    """Give the rule of an operation and its numbers; where there is none, why."""
    try:
        return _Desk(done).rule()
    except NoRule as error:
        return Rule(done.node, done.path, "", why=error.what)
    except TooLarge:
        return Rule(done.node, done.path, "", why="Its numbers are too many to be put in")


class _Desk:
    """Holds the stages of one operation while its rule is written."""

    def __init__(self, done: Done) -> None:
        self.done = done
        self.operands: dict[int, tuple[Operand, Tensor]] = {}
        arguments = [self._filled(value) for value in done.given]
        options = {key: self._filled(value) for key, value in done.options.items()}
        name = done.path.rpartition(".")[2]
        self.operator, args, more = prepared(done.path, name, arguments, options)
        found = applied(self.operator, name, args, more)
        found = found.values if isinstance(found, Pair) else found
        result = staged(found[done.output] if isinstance(found, tuple) else found, "s")
        assert result.stage is not None
        if result.shape != done.arriving.shape:
            raise NoRule("its result is not the one that is known here")
        self.result = result.stage
        self.names = self._named()
        self.adjoint = Adjoint(self.result, done.arriving)
        self.back = self._back()

    def _filled(self, value: Any) -> Any:
        if isinstance(value, Operand):
            x = given(value.value, "u", tracked=value.edge is not None)
            self.operands[len(self.operands)] = value, x
            return x
        return type(value)(map(self._filled, value)) if type(value) in (list, tuple) else value

    def _named(self) -> Names:
        """Name the result and the operands: by the program's names, or by letters of ours."""
        taken = {one.name for one, _ in self.operands.values()} | {self.done.name, self.done.of}
        letters = iter([letter for letter in (*OWN, "p", "q", "r", "g") if letter not in taken])
        labels = {self.result: Label(self.done.name or next(letters))}
        for one, x in self.operands.values():
            assert x.stage is not None
            if x.stage is not self.result:
                labels[x.stage] = Label(one.name or next(letters))
        end = Stage((), (), None, False)
        return Names({**labels, end: Label(self.done.of)}, [*labels, *_inside(self.result)], end)

    def rule(self) -> Rule:
        definition = self._definition()
        paths = tuple(self._path(one, x) for one, x in self.operands.values() if one.edge is not None)
        return Rule(self.done.node, self.operator.label, self.operator.source, definition, paths)

    def _definition(self) -> tuple[Line, ...]:
        """Define the result, and before it what the operator made on its way."""
        found, operands = list[Line](), {x.stage for _, x in self.operands.values()}
        for stage in [one for one in _inside(self.result) if one not in operands]:
            over = index.symbols(stage.shape)
            if stage.body is not None:
                j = index.indices(over)
                found.append(self._line(Sentence("definition", stage, ((stage, j, None, ()),), (at(stage, j),), over)))
            elif stage.told:
                of = [display(self.names(parent)) for parent in stage.rules or ()] or ["what it was given"]
                found.append(Line("note", (Part(f"{display(self.names(stage))} is {stage.told.format(*of)}"),)))
        return tuple(found)

    def _line(self, sentence: Sentence) -> Line:
        (shown,), _ = flat([sentence])
        return line(self.names, shown)

    def _path(self, one: Operand, x: Tensor) -> Path:
        assert x.stage is not None and one.edge is not None
        over, term = self.back.get(x.stage) or (index.symbols(x.shape), ZERO)
        i = index.indices(over)
        short = best(term) if cost(term) <= 2 * SHORT else tidy(term)
        forms = (term,) if cost(short) >= cost(term) else (term, short)
        written = self._line(Sentence("gradient", x.stage, ((Adjoint(x.stage), i, None, ()),), forms, over))
        if one.edges > 1:
            written = self._part_of(written)
        value = evaluate(forms[-1], over, number_of)
        calculations = self._worked(forms[-1], over, value) if size(forms[-1]) * SHOWN <= WORK else ()
        return Path(one.edge, written, calculations, value.size, _agreed(value, one.sent, self.done.tolerance))

    def _back(self) -> dict[Stage, tuple[tuple[Symbol, ...], Expr]]:
        """Find what goes back to each stage that the result is made of, from what arrives at the result."""
        over = index.symbols(self.result.shape)
        arrives = ONE if self.done.is_end and not over else element(self.adjoint, index.indices(over))
        found = {self.result: (over, arrives)}
        for stage in on_path(self.result)[1:]:
            own = index.symbols(stage.shape)
            terms = []
            for consumer in [one for one in found if stage in parents(one)]:
                over, whole = found[consumer]
                j = index.indices(index.symbols(consumer.shape))
                new = {one: where for one, where in zip(over, j, strict=True) if one.size != 1}
                symbols = tuple(one for where in j for one in index.index_symbols(where))
                local = raw(consumer, stage, j, index.indices(own))
                terms.append(contract(total(symbols, multiply(substitute(whole, new), local))))
            found[stage] = own, add(*terms)
        return found

    def _part_of(self, written: Line) -> Line:
        """Say that a gradient is only the part that comes through this result."""
        name, first = self.names(self.result), written.parts[0]
        through = Part(
            f"{first.text} through {display(name)}",
            rf"{first.latex} \, \mathrm{{through}} \, {LATEX.element(name, ())}",
        )
        return msgspec.structs.replace(written, parts=(through, *written.parts[1:]))

    def _worked(self, e: Expr, over: Sequence[Symbol], value: Array) -> tuple[tuple[Term, ...], ...]:
        found = []
        for where in islice(np.ndindex(value.shape), SHOWN):
            places = dict(zip(over, where, strict=True))
            terms, exact = worked(e, places, number_of, self.done.dtype)
            result, whole = shortened(float(value[where]), self.done.dtype)
            alone = "".join(term.text for term in terms) == result
            equals = " = " if exact and whole else " ≈ "
            found.append(terms if alone else joined((*terms, Term(f"{equals}{result}", "sign"))))
        return tuple(found)


def _inside(stage: Stage) -> list[Stage]:
    """List the stages that an operator made on its way, such as the mean inside of a variance, and its result."""
    return needed([stage], Stage((), (), None, False))


def _agreed(value: Array, sent: Array | None, tolerance: float) -> int | None:
    """Count the elements that equal what autograd sent."""
    if sent is None or sent.shape != value.shape:
        return None
    finite = np.abs(sent[np.isfinite(sent)])
    scale = 1 + float(finite.max(initial=0.0))
    with np.errstate(invalid="ignore"):
        same = (np.abs(value - sent) <= tolerance * scale) | (value == sent) | (np.isnan(value) & np.isnan(sent))
    return int(same.sum())
