"""A program → Facts: read it, run it, trace its output, and check the gradients of its inputs a second way."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import msgspec
import torch

from tracer.backward.statistics import Budget
from tracer.capture.names import Named
from tracer.errors import InvalidSetting, ProgramError, TracerError
from tracer.experiment import Expression
from tracer.expression.syntax import read
from tracer.expression.values import flat
from tracer.facts import Facts, Tensor
from tracer.quantities import shape as written
from tracer.runners import expression_check, expression_inputs, tensors
from tracer.runners.devices import resolve
from tracer.runners.expression_check import Taken
from tracer.runners.expression_exact import exactly
from tracer.runners.interpreter import words
from tracer.runners.interpreter.operators import kind
from tracer.runners.interpreter.run import Made, Run
from tracer.runners.interpreter.statements import run


def find(experiment: Expression) -> Facts:
    """Run a program and give its graph, its tensors, and what flows back from its output.

    Every tensor that the program computes goes by its piece of the text and its line. The gradients of the inputs are
    compared with finite differences where the program allows it; the notes say where not, and why.

    Raises:
        ProgramError: the program is refused, or a line of it failed.
        InvalidSetting: an input, the output, the gradient or the device does not work.
        LimitPassed: it took too many steps or too much memory.
    """
    program = read(experiment.program, experiment.inputs)
    device = resolve(experiment.device)
    values = expression_inputs.inputs(experiment.inputs, device)
    known = expression_inputs.exact(experiment.inputs)
    last = _Last(experiment)
    with warnings.catch_warnings(record=True) as warned, _prepared(device, experiment.seed):
        warnings.simplefilter("always")
        ran = run(program, values, at_backward=last.take, exact=known)
        taken = last.taken or _at_end(experiment, ran)
        facts = expression_check.checked(taken)
    notes = (
        *_why_untracked(taken.ran, taken.output),
        *dict.fromkeys(_first_line(warning.message) for warning in warned),
    )
    shown = tuple(tensor for tensor in facts.tensors if tensor.name is not None or tensor.node is not None)
    lines = tuple(ran.account.lines())
    _let_go(ran)
    return msgspec.structs.replace(facts, tensors=shown + _later(ran, shown), notes=facts.notes + notes, lines=lines)


def _let_go(ran: Run) -> None:
    """Empty the .grad of every leaf: one with a graph of its own (create_graph=True) would hold itself for ever."""
    for value in [*ran.given.values(), *ran.values.values()]:
        if isinstance(value, torch.Tensor) and value.is_leaf:
            value.grad = None


class _Last:
    """Traces what a program calls .backward() on, just before that runs, and keeps the last: as in a training loop."""

    def __init__(self, experiment: Expression) -> None:
        self.taken: Taken | None = None
        self._experiment = experiment

    def take(self, ran: Run, output: torch.Tensor, start: torch.Tensor | None) -> Literal["run"]:
        """Trace an output, unless another one is asked for, or torch refuses its backward at once."""
        asked = self._experiment
        if asked.gradient is not None:
            what = "The program calls .backward() itself, and what that starts from stands there"
            raise InvalidSetting(what, "gradient", "Leave it empty, or remove .backward() from the program")
        if asked.output is None or ran.values.get(asked.output) is output:
            name = asked.output or _called_in(ran, output)
            if _may_run(output, start):
                facts = _before(asked, ran, name, output, start)
                self.taken = Taken(facts, ran.copy(), name, output, start, ran.backwards).with_found()
        return "run"


def _before(experiment: Expression, ran: Run, name: str, output: torch.Tensor, start: torch.Tensor | None) -> Facts:
    """Trace an output before the program's own backward runs; what torch refuses is told as torch does."""
    try:
        return _with_grads(_trace(experiment, ran, name, output, start, alone=False), ran)
    except TracerError as error:
        raise error.__cause__ or error from None


def _may_run(output: torch.Tensor, start: Any) -> bool:
    """Tell whether torch begins a backward at all; where it does not, it says so itself."""
    fits = output.numel() == 1 if start is None else isinstance(start, torch.Tensor) and start.shape == output.shape
    return output.requires_grad and fits


def _called_in(ran: Run, output: torch.Tensor) -> str:
    """Name a tensor by its last name, or by the piece of the program that made it."""
    names = [name for name, value in ran.values.items() if value is output]
    made = ran.tracked.get(id(output))
    return names[-1] if names else made.text if made else "output"


def _at_end(experiment: Expression, ran: Run) -> Taken:
    name, output = _output(ran, experiment.output)
    start = _start(experiment.gradient, output)
    try:
        facts = _trace(experiment, ran, name, output, start, alone=not ran.backwards)
    except TracerError as error:
        raise words.cured(error) from error
    return Taken(facts, ran, name, output, start)


def _trace(
    experiment: Expression, ran: Run, name: str, output: torch.Tensor, start: torch.Tensor | None, *, alone: bool
) -> Facts:
    named = _named(ran, name)
    facts = tensors.find(
        {name: output},
        named=named,
        notes=ran.lines,
        gradients=True,
        start=start,
        saved=True,
        alone=alone,
        experiment=experiment,
    )
    typed = experiment.gradient
    known = ran.shadows.of(start) if typed is None and start is not None else expression_inputs.begin(typed, output)
    return exactly(facts, named, ran.shadows, known)


def _with_grads(facts: Facts, ran: Run) -> Facts:
    """Add what the inputs hold in their .grad before this backward adds to it."""
    held = {name: leaf.grad for name, leaf in ran.given.items() if leaf.is_leaf and leaf.grad is not None}
    budget = Budget()
    rows = tuple(
        msgspec.structs.replace(row, grad=budget.values(held[row.name]))
        if row.role == "input" and row.name in held
        else row
        for row in facts.tensors
    )
    return msgspec.structs.replace(facts, tensors=rows)


def _later(ran: Run, shown: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """List the tensors that a program computed after the backward that was traced; autograd's record has none of it."""
    known, budget = {tensor.name for tensor in shown}, Budget()
    return tuple(
        Tensor(
            name=name,
            role=None,
            shape=tuple(value.shape),
            dtype=str(value.dtype).removeprefix("torch."),
            device=str(value.device),
            bytes=value.numel() * value.element_size(),
            values=budget.values(value),
        )
        for name, value in ran.values.items()
        if isinstance(value, torch.Tensor) and name not in known
    )


@contextmanager
def _prepared(device: torch.device, seed: int) -> Iterator[None]:
    """Give a run its random numbers, and its device to the tensors that it makes; put both back after it."""
    on_device: AbstractContextManager[Any] = nullcontext() if device.type == "cpu" else device
    with torch.random.fork_rng([device] if device.type == "cuda" else []), on_device:
        torch.manual_seed(seed)
        yield


def _output(ran: Run, wanted: str | None) -> tuple[str, torch.Tensor]:
    """Give the output: the name that was asked for, or the last one that was given to a tensor."""
    names = [name for name, value in ran.values.items() if isinstance(value, torch.Tensor)]
    assigned = [name for name in names if ran.values[name] is not ran.given.get(name)]
    if wanted is not None:
        if wanted not in ran.values:
            raise InvalidSetting(f"The program gives no “{wanted[:40]}”", "output", _choices(names))
        if wanted not in names:
            what = f"“{wanted}” is {kind(ran.values[wanted])}, and only a tensor has a graph"
            raise InvalidSetting(what, "output", _choices(names))
        return wanted, ran.values[wanted]
    if not assigned:
        raise _nameless(ran)
    return assigned[-1], ran.values[assigned[-1]]


def _nameless(ran: Run) -> ProgramError:
    """Say that no tensor has a name, or what the last name is given to; a bare expression is shown with one."""
    others = [name for name, value in ran.values.items() if not isinstance(value, torch.Tensor)]
    if others:
        return _no_tensor(ran, others[-1])
    last = ran.program.tree.body[-1] if ran.program.tree.body else None
    text = ran.program.piece(last) if isinstance(last, ast.Expr) else "x * 2"
    where = ran.program.line(last) if last is not None else "line 1"
    return ProgramError("The program gives no name to a tensor", where, f"Write for instance y = {text}")


def _no_tensor(ran: Run, name: str) -> ProgramError:
    """Say what a name is given to, which is no tensor, and how it could be one."""
    value = ran.values[name]
    holds = isinstance(value, list | tuple) and any(isinstance(entry, torch.Tensor) for entry in value)
    other = "y" if name != "y" else "z"
    entries = f"Take one of its entries, {other} = {name}[0], or join them, {other} = torch.stack({name})"
    cure = entries if holds else "Give a tensor a name in the program, y = x * 2"
    place = next(
        (node for node in reversed(ran.program.tree.body) if name in _given_in(node)), ran.program.tree.body[-1]
    )
    return ProgramError(f"“{name}” is {kind(value)}, and only a tensor has a graph", ran.program.line(place), cure)


def _given_in(node: ast.stmt) -> set[str]:
    """List the names that a statement gives."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _choices(names: list[str]) -> str:
    return f"Choose one of {', '.join(names[-8:])}" if names else "Give a tensor a name in the program, y = x * 2"


def _start(gradient: Any, output: torch.Tensor) -> torch.Tensor | None:
    """Give what backward starts from, of the output's shape."""
    if gradient is None:
        return None
    shape, numbers = flat("gradient", gradient)
    if shape != tuple(output.shape):
        what = f"The gradient has the shape {written(shape)}, and the output {written(tuple(output.shape))}"
        raise InvalidSetting(what, "gradient", f"Give {output.numel()} numbers in the shape of the output")
    if not output.requires_grad:
        return None
    return torch.tensor(numbers, dtype=output.dtype, device=output.device).reshape(shape)


def _named(ran: Run, output: str) -> list[Named]:
    """List the tensors in the order in which they came to be: inputs, then what each line computed.

    A name belongs to the last tensor that it was given to; one that was an input's name too tells its line.
    """
    names: dict[int, list[str]] = {}
    for name, value in ran.values.items():
        if isinstance(value, torch.Tensor) and value is not ran.given.get(name):
            names.setdefault(id(value), []).append(name)
    found = [Named(tensor, name, "input") for name, tensor in ran.given.items()]
    found += [
        Named(tensor, alias, _role(alias, output), made_by=name)
        for name, tensor in ran.given.items()
        for alias in names.get(id(tensor), [])
    ]
    for made in sorted([*ran.tracked.values(), *_untracked(ran)], key=lambda made: made.when):
        own = names.get(id(made.tensor), [])
        found += [
            Named(made.tensor, _called(ran, name, made), _role(name, output), None, made.text, made.line)
            for name in own
        ]
        if not own:
            text = f"{made.name} = {made.text}" if made.name else made.text
            found.append(Named(made.tensor, None, None, None, text, made.line))
    return found


def _untracked(ran: Run) -> list[Made]:
    last = {id(made.tensor): made for name, made in ran.untracked.items() if ran.values.get(name) is made.tensor}
    return [made for key, made in last.items() if key not in ran.tracked]


def _called(ran: Run, name: str, made: Made) -> str:
    return f"{name} ({made.line})" if name in ran.given else name


def _role(name: str, output: str) -> str | None:
    return "output" if name == output else None


def _why_untracked(ran: Run, output: torch.Tensor) -> tuple[str, ...]:
    """Say why autograd recorded nothing for the output."""
    if output.requires_grad:
        return ()
    if not (output.is_floating_point() or output.is_complex()):
        dtype = str(output.dtype).removeprefix("torch.")
        return (f"The output holds numbers of {dtype}, and only floating-point and complex numbers have gradients",)
    if not any(tensor.requires_grad for tensor in ran.given.values()):
        return ("No input has requires_grad, so there is nothing to find a gradient for",)
    cuts = [f"{text} on {line}" for line, text in ran.cuts.items()]
    return (f"The way back to the inputs is cut: {', '.join(cuts)}",) if cuts else ()


def _first_line(message: Warning | str) -> str:
    return str(message).partition("\n")[0].partition(" (Triggered")[0]
