"""Loops folded: lines that are the same in every pass, but for the number of the pass, are written once, for pass t."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tracer.algebra import index
from tracer.algebra.alike import alike
from tracer.algebra.expressions import ONE, Expr, add, element, every, multiply, number, power, replaced
from tracer.algebra.index import Symbol
from tracer.algebra.tidy import split, tidy
from tracer.derivation.adjoints import Adjoint, Step, Use, instance_of
from tracer.derivation.local import at
from tracer.derivation.sentences import Sentence, local
from tracer.derivation.state import Label
from tracer.ops.tensor import Stage

FEWEST = 3  # passes of a loop that is folded


@dataclass(frozen=True)
class InPass:
    """A value of pass t + `shift`, or the gradient there: the same in the lines of all passes."""

    name: str
    shift: int
    gradient: bool = False


@dataclass
class Loop:
    """The stages of a loop on the path: in each pass the same names, whose definitions differ only by the pass. A pass
    goes by the number of the last value that it gives, from `start` on; `number` is a symbol for it. `gradients` are
    the lines of the gradients in all passes but the last, `None` where these are not alike."""

    passes: list[list[Stage]]
    names: frozenset[str]
    start: int
    over: list[tuple[Symbol, ...]] = field(default_factory=list)
    number: Symbol = field(default_factory=lambda: index.symbol(2))
    gradients: list[Sentence] | None = None

    def stages(self) -> set[Stage]:
        """List all stages of the loop."""
        return {stage for one in self.passes for stage in one}

    def between(self) -> set[Stage]:
        """List the stages of which no line is needed: those of the passes between the first and the last."""
        return set() if self.gradients is None else {stage for one in self.passes[1:-1] for stage in one}

    def numbered(self) -> list[tuple[int, list[Stage]]]:
        """List the passes with their numbers."""
        return list(enumerate(self.passes, self.start))

    @property
    def end(self) -> int:
        """The number of the last pass."""
        return self.start + len(self.passes) - 1


def loops(labels: Mapping[Stage, Label], steps: Mapping[Stage, Step], stages: Sequence[Stage]) -> list[Loop]:
    """Find the loops whose passes are alike, but for the first, which may read an input."""
    by: dict[object, dict[int, list[Stage]]] = {}
    for stage in stages:
        label = labels.get(stage)
        if label is not None and label.passes and stage.body is not None:
            last = label.passes[-1]
            key = (label.passes[:-1], last.line, last.entered)
            by.setdefault(key, {}).setdefault(last.number, []).append(stage)
    groups = [[group[number] for number in sorted(group)] for group in by.values()]
    found = [_loop(labels, group) or _loop(labels, group[1:]) for group in groups]
    known = [loop for loop in found if loop is not None]
    for loop in known:
        loop.gradients = _gradients(labels, steps, loop)
    return known


def _loop(labels: Mapping[Stage, Label], passes: list[list[Stage]]) -> Loop | None:
    named = [[(labels[stage].name, stage.shape) for stage in one] for one in passes]
    if len(passes) < FEWEST or any(one != named[0] for one in named):
        return None
    start, numbers = labels[passes[0][-1]].version, [labels[one[-1]].version for one in passes]
    if numbers != list(range(start, start + len(passes))) or len({name for name, _ in named[0]}) < len(named[0]):
        return None
    names = frozenset(name for name, _ in named[0])
    loop = Loop(passes, names, start, [index.symbols(shape) for _, shape in named[0]])
    for place in range(len(named[0])):
        if len({alike(_body(labels, loop, place, t)) for t, _ in loop.numbered()}) > 1:
            return None
    return loop


def _body(labels: Mapping[Stage, Label], loop: Loop, place: int, t: int) -> Expr:
    stage = loop.passes[t - loop.start][place]
    return general(labels, loop, at(stage, index.indices(loop.over[place])), t)


def general(labels: Mapping[Stage, Label], loop: Loop, e: Expr, t: int) -> Expr:
    """Write an expression of pass t for any pass: a value of the loop goes by its distance from the pass."""

    def known(one: Expr) -> Expr | None:
        if one[0] != "x":
            return None
        stage = one[1].of if isinstance(one[1], Adjoint) else one[1]
        label = labels.get(stage)
        if label is None or label.name not in loop.names:
            return None
        return element(InPass(label.name, label.version - t, isinstance(one[1], Adjoint)), one[2])

    return replaced(e, known)


def folded(
    labels: Mapping[Stage, Label], found: Mapping[Stage, Step], loop: Loop, lines: Sequence[Sentence]
) -> tuple[Sentence, ...]:
    """Write the lines of a loop once: its definitions for pass t, its gradients for pass t after those of the last, and
    what a value outside gets from every pass as a sum over t."""
    inside, first, last = loop.stages(), set(loop.passes[0]), set(loop.passes[-1])
    gradients = loop.gradients
    result: list[Sentence] = []
    outside: set[Stage] = set()
    for line in lines:
        if line.kind == "definition" and line.about in inside:
            result += _definition(labels, loop, line) if line.about in first else []
            result += _closed(labels, loop, line) if line.about is loop.passes[-1][-1] else []
        elif line.about in inside and gradients is not None and line.about not in last:
            result += gradients
            gradients = []
        elif line.kind == "definition" or line.about in inside or line.about in outside:
            result += [] if line.about in outside and line.kind != "definition" else [line]
        else:
            summed = _summed(labels, loop, found[line.about])
            result += [line] if summed is None else summed
            outside |= {line.about} if summed is not None else set()
    return tuple(result)


def _summed(labels: Mapping[Stage, Label], loop: Loop, step: Step) -> list[Sentence] | None:
    """Write the gradient of a value that every pass uses: the local derivative for pass t, and a sum over t."""
    places = {stage: (t, place) for t, one in loop.numbered() for place, stage in enumerate(one)}
    used: dict[int, list[tuple[int, Use]]] = {}
    for use in step.uses:
        if use.consumer in places and use.local is not None:
            t, place = places[use.consumer]
            used.setdefault(place, []).append((t, use))
    whole = {place: uses for place, uses in used.items() if len(uses) == len(loop.passes)}
    terms, lines, gone = list[Expr](), list[Sentence](), set[Use]()
    for uses in whole.values():
        forms = [general(labels, loop, use.term, t) for t, use in uses]
        if len({alike(form) for form in forms}) > 1:
            continue
        t, use = uses[0]
        gone |= {one for _, one in uses}
        terms.append(("S", (loop.number,), forms[0]))
        line = _locally(labels, loop, local(step, use), t)
        lines += [replace(line, when=f"t = {loop.start} … {loop.end}")] if line.right[0] != ONE else []
    if not terms or step.missing:
        return None
    rest = [use for use in step.uses if use not in gone]
    lines += [local(step, use) for use in rest if use.local is not None and local(step, use).right[0] != ONE]
    left = ((step.adjoint, index.indices(step.over), None, ()),)
    named = add(*(use.term for use in rest), *terms)
    final = () if any(_of_loop(labels, loop, one) for one in every(step.final)) else (step.final,)
    when = f"t = {loop.start} … {loop.end}"
    right = (named, *final)
    return [*lines, Sentence("gradient", step.stage, left, right, step.over, when="" if final else when)]


def _of_loop(labels: Mapping[Stage, Label], loop: Loop, e: Expr) -> bool:
    if e[0] != "x":
        return False
    label = labels.get(e[1].of if isinstance(e[1], Adjoint) else e[1])
    return label is not None and label.name in loop.names


def _locally(labels: Mapping[Stage, Label], loop: Loop, line: Sentence, t: int) -> Sentence:
    """Write a local derivative for any pass."""
    consumer, j, stage, i = line.left[0]
    label = labels[consumer]
    left = ((InPass(label.name, label.version - t), j, stage, i),)
    return replace(line, left=left, right=tuple(general(labels, loop, e, t) for e in line.right))


def _definition(labels: Mapping[Stage, Label], loop: Loop, line: Sentence) -> list[Sentence]:
    place = loop.passes[0].index(line.about)
    label = labels[line.about]
    left = ((InPass(label.name, label.version - loop.start), index.indices(loop.over[place]), None, ()),)
    body = _body(labels, loop, place, loop.start)
    when = f"t = {loop.start} … {loop.end}"
    return [replace(line, left=left, right=(body,), over=loop.over[place], when=when)]


def _closed(labels: Mapping[Stage, Label], loop: Loop, line: Sentence) -> list[Sentence]:
    """Give yⁿ = cⁿ·y⁰ where each pass only multiplies by a number, and what y⁰ is where that is a multiple too."""
    ratio = _ratio(labels, loop)
    if ratio is None:
        return []
    c, start = ratio
    n, over = len(loop.passes), loop.over[0]
    at_ = index.indices(over)
    left = ((loop.passes[-1][0], at_, None, ()),)
    right = [multiply(power(number(c), n), element(start, at_))]
    if start.body is not None and start.rules is None:
        own, rest = split(tidy(at(start, at_)))
        if rest[0] == "x" and own == c:
            right.append(multiply(power(number(c), n + 1), rest))
        elif rest[0] == "x":
            right.append(multiply(power(number(c), n), number(own), rest))
    return [replace(line, left=left, right=tuple(right), over=over)]


def _ratio(labels: Mapping[Stage, Label], loop: Loop) -> tuple[Fraction, Stage] | None:
    if len(loop.passes[0]) != 1 or loop.passes[0][0].body is None:
        return None
    at_ = index.indices(loop.over[0])
    c, rest = split(tidy(at(loop.passes[0][0], at_)))
    before = rest[1] if rest[0] == "x" and rest[2] == at_ else None
    label = labels.get(before) if isinstance(before, Stage) else None
    if label is None or label.name not in loop.names or c in (0, 1):
        return None
    assert isinstance(before, Stage)
    return c, before


def _gradients(labels: Mapping[Stage, Label], found: Mapping[Stage, Step], loop: Loop) -> list[Sentence] | None:
    """Write the gradients in the loop for pass t, where they are alike in all passes but the last."""
    lines = []
    for place in reversed(range(len(loop.passes[0]))):
        steps = [found.get(one[place]) for one in loop.passes]
        forms = []
        for t, step in enumerate(steps[:-1], loop.start):
            if step is None or step.missing:
                return None
            forms.append(general(labels, loop, instance_of(step, index.indices(loop.over[place])), t))
        if len({alike(form) for form in forms}) > 1:
            return None
        stage = loop.passes[0][place]
        label = labels[stage]
        left = ((InPass(label.name, label.version - loop.start, True), index.indices(loop.over[place]), None, ()),)
        right = tuple(dict.fromkeys((forms[0], tidy(forms[0]))))
        lines.append(
            Sentence("gradient", stage, left, right, loop.over[place], when=f"t = {loop.end - 1} … {loop.start}")
        )
    return lines
