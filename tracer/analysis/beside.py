"""Two recordings of programs → the rows of the Differences table: each variable, its numbers in both, and whether they
are the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from tracer import quantities
from tracer.analysis.closeness import EPSILON, ROUNDINGS, RTOL, Tolerance, tolerances
from tracer.analysis.comparison import Comparison, Difference, gradients_apart
from tracer.errors import sentence
from tracer.facts import Facts, Gradient, Number, Tensor, Values


class Side(msgspec.Struct, frozen=True):
    """A variable in one of two programs: its name, value and gradient; `state` is `None` where backward has none."""

    name: str
    dtype: str
    value: Values | None = None
    gradient: Values | None = None
    state: str | None = None


class Couple(msgspec.Struct, frozen=True):
    """One variable in both programs, or in one of them. `value` and `gradient` tell in words what differs there; they
    are empty where the numbers are the same, and `None` where they were not compared."""

    this: Side | None
    other: Side | None
    value: str | None = None
    gradient: str | None = None

    @property
    def changed(self) -> bool:
        """Tell whether anything is known to differ."""
        return bool(self.value or self.gradient)


class Beside(msgspec.Struct, frozen=True):
    """How a second program differs from a first: in nodes and edges (`rows`), in its variables (`couples`), in its last
    output; `within` says how near numbers must be to count as the same."""

    rows: tuple[Difference, ...]
    couples: tuple[Couple, ...]
    within: str
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()


class _Found(NamedTuple):
    """A variable of one recording: its tensor, and its gradient where its output has one."""

    tensor: Tensor
    gradient: Gradient | None

    @property
    def side(self) -> Side:
        gradient = self.gradient
        return Side(
            self.tensor.name or "",
            self.tensor.dtype,
            self.tensor.values,
            gradient.values if gradient else None,
            gradient.state if gradient else None,
        )


def beside(a: Facts, b: Facts, compared: Comparison) -> Beside:
    """Tell of each variable of `a` and `b` whether value and gradient are the same, as `compare` tells it of nodes.

    Variables go together where their nodes do, else by their names; they come in the order of backward.
    """
    within = tolerances(a, b, None, None)
    found = list(_coupled(a, b, dict(compared.pairs)))
    couples = tuple(
        Couple(
            one.side if one else None,
            other.side if other else None,
            _values_apart(one.tensor, other.tensor) if one and other else None,
            _gradient_words(one, other, within),
        )
        for one, other in found
    )
    taken = [*within.values(), *(_tolerance(one.tensor, other.tensor) for one, other in found if one and other)]
    rows = tuple(row for row in compared.rows if row.kind not in ("saved", "name"))
    return Beside(rows, couples, _written(taken), compared.notes, compared.pairs)


def _coupled(a: Facts, b: Facts, paired: Mapping[int, int]) -> Iterator[tuple[_Found | None, _Found | None]]:
    ours, theirs = _variables(a), _variables(b)
    by_node = {(one.tensor.node, one.tensor.output_nr): name for name, one in theirs.items() if one.gradient}
    partners = {name: name for name in ours if name in theirs}
    for name, one in ours.items():
        place = paired.get(one.tensor.node, -1) if one.gradient and one.tensor.node is not None else -1
        other = by_node.get((place, one.tensor.output_nr))
        if other is not None and name not in partners and other not in partners.values():
            partners[name] = other
    left = [name for name in theirs if name not in partners.values()]
    for name, one in reversed(ours.items()):
        yield one, theirs[partners[name]] if name in partners else None
    for name in reversed(left):
        yield None, theirs[name]


def _variables(facts: Facts) -> dict[str, _Found]:
    gradients = {(gradient.node, gradient.output_nr): gradient for gradient in facts.gradients or ()}
    return {
        tensor.name: _Found(tensor, None if tensor.node is None else gradients.get((tensor.node, tensor.output_nr)))
        for tensor in facts.tensors
        if tensor.name is not None
    }


def _gradient_words(one: _Found | None, other: _Found | None, within: Mapping[str | None, Tolerance]) -> str | None:
    if one is None or other is None:
        return None
    ours, theirs = one.gradient, other.gradient
    states = [gradient.state if gradient else "none" for gradient in (ours, theirs)]
    if "not measured" in states:
        return None
    if states[0] != states[1] or ours is None or theirs is None or states[0] == "none":
        return FLOWS[states[0] == "measured", states[1] == "measured"]
    if ours.shape != theirs.shape:
        return "another shape"
    texts = gradients_apart(ours, theirs, within)
    if texts is None:
        return ""
    return _by(ours.values, theirs.values, max(within[ours.dtype], within[theirs.dtype])) or " → ".join(texts)


FLOWS = {(False, False): "", (True, False): "only on the left", (False, True): "only on the right"}


def _values_apart(a: Tensor, b: Tensor) -> str | None:
    """Say in what two values differ, by a tolerance such as gradients have."""
    if a.shape != b.shape:
        return "another shape"
    if a.values is None or b.values is None:
        return None
    same_size = len(a.values.numbers) == len(b.values.numbers)
    return _by(a.values, b.values, _tolerance(a, b)) if same_size else "other numbers"


def _tolerance(a: Tensor, b: Tensor) -> Tolerance:
    """Give the tolerance for two values: that of their dtype, ten roundings of the largest; none for whole numbers."""
    every = [number for tensor in (a, b) if tensor.values for number in tensor.values.numbers]
    largest = max(map(abs, filter(math.isfinite, every)), default=0.0)
    known = [dtype for dtype in (a.dtype, b.dtype) if dtype in RTOL]
    return max((Tolerance(RTOL[d], ROUNDINGS * EPSILON[d] * largest) for d in known), default=Tolerance(0.0, 0.0))


def _by(a: Values | None, b: Values | None, within: Tolerance) -> str:
    """Count the elements that differ, and say by how much at most; nothing where none does, or they are not held."""
    if a is None or b is None or len(a.numbers) != len(b.numbers):
        return ""
    ours, theirs = _elements(a), _elements(b)
    off = [pair for pair in zip(ours, theirs, strict=True) if not all(map(within.allows, *pair))]
    if not off:
        return ""
    most = max(math.dist(*pair) if all(map(math.isfinite, chain(*pair))) else math.inf for pair in off)
    count = f"{len(off)} of {len(ours)}" if len(ours) > 1 else ""
    by = f"by {'up to ' if len(off) > 1 else ''}{quantities.figure(most)}" if math.isfinite(most) else ""
    return ", ".join(filter(None, (count, by))) or "other numbers"


def _elements(values: Values) -> list[tuple[Number, ...]]:
    """Give the elements, a complex one as its two parts."""
    parts = 2 if values.dtype.startswith("complex") else 1
    return [values.numbers[at : at + parts] for at in range(0, len(values.numbers), parts)]


def _written(taken: Sequence[Tolerance]) -> str:
    """Write the widest tolerance that was taken: a share of the larger number, and a number."""
    if not any(map(any, taken)):
        return ""
    return f"{quantities.share(max(one.rtol for one in taken))} + {quantities.figure(max(o.atol for o in taken), 2)}"


def in_words(found: Beside) -> str:
    """Tell in sentences whether the numbers are the same, and how the graphs differ."""
    return " ".join(filter(None, (_about_numbers(found), _about_graphs(found))))


def _about_numbers(found: Beside) -> str:
    both = [(couple.this.name, couple) for couple in found.couples if couple.this and couple.other]
    within = f", within {found.within}" if found.within else ""
    told = {
        "values": [name for name, couple in both if couple.value],
        "gradients": [name for name, couple in both if couple.gradient],
    }
    if any(told.values()):
        changed = " and ".join(f"{words} of {_few(names)}" for words, names in told.items() if names)
        return f"Other {changed}{f' (more than {found.within} apart)' if found.within else ''}."
    if not both:
        return "No variable is in both programs, so no numbers were compared."
    unsure = any(None in (couple.value, couple.gradient) for _, couple in both)
    every = f"{len(both)} variable{'' if len(both) == 1 else 's'}"
    return f"The same numbers{', as far as they were compared' if unsure else ''}: {every}{within}."


def _about_graphs(found: Beside) -> str:
    named = {side.name for couple in found.couples for side in (couple.this, couple.other) if side}
    told = [
        ("only on the left", [row.where for row in found.rows if row.kind == "removed"]),
        ("only on the right", [row.where for row in found.rows if row.kind == "added"]),
        ("another operation", [f"{row.before} → {row.after}" for row in found.rows if row.kind == "operation"]),
        ("other inputs", [row.where.rpartition(",")[0] or row.where for row in found.rows if row.kind == "inputs"]),
        ("another gradient", [row.where for row in found.rows if row.kind == "gradient" and row.where not in named]),
        ("another shape", [row.where for row in found.rows if row.kind == "shape"]),
        ("another dtype", [row.where for row in found.rows if row.kind == "dtype"]),
    ]
    said = [f"{words}: {_few(list(dict.fromkeys(names)))}" for words, names in told if names]
    whole = "; ".join(said)
    return sentence(whole[:1].upper() + whole[1:]) if said else "The graphs have the same nodes and edges."


def _few(names: Sequence[str]) -> str:
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + rest


MOST_NAMED = 4
