"""From what a program was to its derivations: one an input, each a list of lines, and the numbers that they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tracer.algebra.evaluate import Array, TooLarge, evaluate
from tracer.algebra.index import Symbol
from tracer.algebra.memory import forget, uncollected
from tracer.derivation.adjoints import Step, known, number_of, steps
from tracer.derivation.flat import flat
from tracer.derivation.fold import folded, loops
from tracer.derivation.lines import line, tensors
from tracer.derivation.naming import Names, display
from tracer.derivation.sentences import Links, Sentence, between, needed, sentences
from tracer.derivation.walk import Ran
from tracer.derived import Line, Part
from tracer.ops.tensor import Stage


@dataclass(frozen=True)
class Derived:
    """The derivation of one input: its lines, its numbers (`None`: not known), and what is missing (empty: nothing)."""

    name: str
    of: str
    lines: tuple[Line, ...]
    value: Array | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByHand:
    """All that was derived of a program: the steps of every stage, and the derivation of every input."""

    ran: Ran
    steps: Mapping[Stage, Step]
    derived: tuple[Derived, ...]


def derive(ran: Ran, measured: Callable[[Stage], Array | None] = lambda stage: None) -> ByHand:
    """Derive the gradient of every input that has one. Where a step has no rule, `measured` gives its number."""
    with uncollected():
        return _derive(ran, measured)


def _derive(ran: Ran, measured: Callable[[Stage], Array | None]) -> ByHand:
    found = steps(ran.root, measured)
    leaves = {name: stage for name, stage in ran.inputs.items() if stage.tracked and stage in found}
    paths = {leaf: between(ran.root, leaf) for leaf in leaves.values()}
    used = [one for leaf, path in paths.items() for one in (*needed(path, leaf), *path)]
    desk = Desk(ran, found, Names(ran.labels, used, ran.root))
    derived = tuple(_derived(desk, name, leaf, paths[leaf]) for name, leaf in leaves.items())
    forget()
    return ByHand(ran, found, derived)


@dataclass(frozen=True)
class Desk:
    """What all derivations of a program share: its steps, the names, and what was written for one already."""

    ran: Ran
    steps: Mapping[Stage, Step]
    names: Names
    sentences: dict[Stage, tuple[Sentence, ...]] = field(default_factory=dict)
    lines: dict[object, tuple[Sentence, list[Line]]] = field(default_factory=dict)

    def write(self, sentence: Sentence, passes: tuple[Symbol, ...], axes: bool) -> list[Line]:
        """Write a sentence, and in vectors and matrices too where it can be read so."""
        key = (id(sentence), passes, axes)
        if key not in self.lines:
            self.lines[key] = sentence, self._written(sentence, passes, axes)
        return self.lines[key][1]

    def _written(self, sentence: Sentence, passes: tuple[Symbol, ...], axes: bool) -> list[Line]:
        if sentence.kind == "missing":
            return [_missing(self.names, self.steps[sentence.about], sentence)]
        second = tensors(self.names, sentence) if axes else None
        return [line(self.names, sentence, passes), *([] if second is None else [second])]


def _derived(desk: Desk, name: str, leaf: Stage, path: list[Stage]) -> Derived:
    ran, found, names = desk.ran, desk.steps, desk.names
    found_loops = loops(ran.labels, found, needed(path, leaf))
    between_ = {stage for loop in found_loops for stage in loop.between()}
    written = sentences(ran, found, leaf, desk.sentences, between_)
    value = _value(written, found[leaf])
    for loop in found_loops:
        written = folded(ran.labels, found, loop, written)
    passes = tuple(loop.number for loop in found_loops)
    shown, elements = flat(written)
    notes = [f"i runs over all {elements} elements"] if elements else []
    lines = [
        *(_sentence("flow", text) for text in ran.flow),
        *(_sentence("note", text) for text in (*notes, *_held(path, leaf, names))),
        *(one for sentence in shown for one in desk.write(sentence, passes, not elements)),
        *(_sentence("note", text) for text in ran.notes),
    ]
    missing = tuple(dict.fromkeys(found[one].missing for one in path if found[one].missing))
    return Derived(name, display(names.root), tuple(lines), value, missing)


def _held(path: list[Stage], leaf: Stage, names: Names) -> list[str]:
    """Say what a value is that the derivation reads and that no formula defines."""
    found = []
    for one in needed(path, leaf):
        if one.told and (names.labels[one].ours or one.rules is not None):
            of = [display(names(parent)) for parent in one.rules or ()] or ["what it was given"]  # as under no_grad
            found.append(f"{display(names(one))} is {one.told.format(*of)}")
    return found


def _sentence(kind: str, text: str) -> Line:
    return Line(kind, (Part(text),))  # type: ignore[arg-type]


def _missing(names: Names, step: Step, sentence: Sentence) -> Line:
    name = display(names(step.adjoint))
    text = f"{name} can't be derived: {step.missing}; its number is that of autograd"
    return Line("missing", (Part(text),), names.labels[sentence.about].name)


def _value(written: tuple[Sentence, ...], step: Step) -> Array | None:
    """Compute the numbers of the last form that is shown of an input's gradient."""
    last = next((one for one in reversed(written) if one.about is step.stage and one.kind == "gradient"), None)
    if last is None or isinstance(last.right[-1], Links) or not known(last.right[-1]):
        return step.adjoint.value if not step.missing else None
    try:
        return evaluate(last.right[-1], last.over, number_of)
    except TooLarge:
        return None
