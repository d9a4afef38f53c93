"""A program and the one beside it: the second as an experiment of its own, and what each of the two is called."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from msgspec.structs import replace

from tracer import quantities
from tracer.experiment import Experiment, Expression, Input, Variant
from tracer.expression.values import given

MOST_NUMBERS = 8  # of an input, in a title


def alone(experiment: Expression) -> Expression:
    """Give the first program alone."""
    return replace(experiment, beside=None)


def couple(experiment: Experiment) -> Expression | None:
    """Give an experiment that has a program beside it; `None` where it has none."""
    return experiment if isinstance(experiment, Expression) and experiment.beside is not None else None


def second(experiment: Expression) -> Expression | None:
    """Give the second program as an experiment: its output, gradient, device and seed are the first's."""
    other = experiment.beside
    return None if other is None else replace(alone(experiment), program=other.program, inputs=other.inputs)


def with_second(experiment: Expression, other: Expression) -> Expression:
    """Put a program beside the first, in the place of what was there."""
    return replace(experiment, beside=Variant(other.program, other.inputs))


def titles(experiment: Expression) -> tuple[str, str]:
    """Call each of the two by what is its own: what was cut, else the lines and the inputs in which they differ."""
    other = second(experiment)
    if other is None:
        return _whole(experiment), ""
    cut = _cuts(experiment, other)
    if cut:
        return _whole(experiment), f"with {' and '.join(cut)}"
    ours, theirs = _lines(experiment.program, other.program)
    ours, theirs = [*ours, *_inputs(experiment, other)], [*theirs, *_inputs(other, experiment)]
    return _joined(ours) or _whole(experiment), _joined(theirs) or _whole(other)


def is_what_if(experiment: Expression) -> bool:
    """Tell whether the second program is the first with something cut."""
    other = second(experiment)
    return other is not None and bool(_cuts(experiment, other))


def _whole(experiment: Expression) -> str:
    return _joined(_spelled(experiment.program.split("\n")))


def _joined(lines: Sequence[str]) -> str:
    return "; ".join(lines).replace(":; ", ": ")


def _spelled(lines: Sequence[str]) -> list[str]:
    return [line.strip().replace("-", quantities.MINUS) for line in lines if line.strip()]


def _lines(one: str, other: str) -> tuple[list[str], list[str]]:
    """Give the lines that only one of the programs has."""
    ours, theirs = one.split("\n"), other.split("\n")
    parts = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    changed = [part for part in parts if part[0] != "equal"]
    return (
        _spelled([line for _, start, end, _, _ in changed for line in ours[start:end]]),
        _spelled([line for _, _, _, start, end in changed for line in theirs[start:end]]),
    )


def _inputs(one: Expression, other: Expression) -> list[str]:
    """Write the inputs that are not the same in the other."""
    found = []
    for name, value in ((name, given(name, value)) for name, value in one.inputs.items()):
        there = given(name, other.inputs[name]) if name in other.inputs else None
        if there != value:
            found.append(_input(name, value, there))
    return found


def _input(name: str, value: Input, there: Input | None) -> str:
    """Write what of an input is not the same: its numbers, else its dtype, else whether it is followed."""
    if there is None or there.values != value.values:
        written = quantities.fractions(value.values)  # as typed: a number may be text
        return f"{name} = {written}" if written.count(",") < MOST_NUMBERS else f"{name} with its own numbers"
    return f"{name} {value.dtype}" if there.dtype != value.dtype else f"{name} requires_grad {value.requires_grad}"


def _cuts(one: Expression, other: Expression) -> list[str]:
    """List what the second program cuts and the first does not; nothing where that is not all they differ in."""
    cut = _detached(one.program, other.program)
    still = _frozen(one, other)
    return [*cut, *still] if cut is not None and still is not None else []


def _detached(one: str, other: str) -> list[str] | None:
    ours, theirs = one.split("\n"), other.split("\n")
    if len(ours) != len(theirs):
        return None
    found = []
    for line, now in zip(ours, theirs, strict=True):
        name = _named(line, now)
        if line != now and name is None:
            return None
        found += [f"{name} detached"] if name else []
    return found


def _named(line: str, now: str) -> str | None:
    """Name what is detached in one of two lines that are otherwise the same."""
    start = next((at for at, (a, b) in enumerate(zip(line, now, strict=False)) if a != b), min(len(line), len(now)))
    for at in range(start, -1, -1):
        added = now[at : at + len(now) - len(line)]
        if now[:at] + now[at + len(added) :] == line and added.startswith("; ") and added.endswith(".detach()"):
            name = added[2:].partition(" = ")[0]
            return name if added == f"; {name} = {name}.detach()" else None
    return None


def _frozen(one: Expression, other: Expression) -> list[str] | None:
    if list(one.inputs) != list(other.inputs):
        return None
    found = []
    for name, value in one.inputs.items():
        before, after = given(name, value), given(name, other.inputs[name])
        if before == after:
            continue
        if replace(before, requires_grad=False) != after:
            return None
        found.append(f"{name} frozen")
    return found
