"""A program → Facts: read it, run it, trace its output, and check the gradients of its inputs a second way."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import msgspec
import torch

from tracer.backward.statistics import Budget
from tracer.errors import InvalidSetting, ProgramError, TracerError
from tracer.experiment import Expression
from tracer.expression.program import Program
from tracer.expression.syntax import read
from tracer.expression.values import flat
from tracer.facts import Facts, Tensor
from tracer.quantities import shape as written
from tracer.runners import expression_by_hand as by_hand
from tracer.runners import expression_check, expression_inputs
from tracer.runners import expression_rules as rules
from tracer.runners.devices import resolve
from tracer.runners.expression_check import Taken
from tracer.runners.expression_trace import Last, trace
from tracer.runners.interpreter import words
from tracer.runners.interpreter.backward import grads_kept
from tracer.runners.interpreter.operators import kind
from tracer.runners.interpreter.run import Run
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
    with warnings.catch_warnings(record=True) as warned, _prepared(device):
        warnings.simplefilter("always")
        ran, last = _run(experiment, program, device)
        if last.missed:
            ran, last = _run(experiment, program, device, last.missed)
        taken = last.taken or _at_end(experiment, ran)
        facts = rules.ruled(by_hand.derived(expression_check.checked(taken), taken), taken)
    notes = (
        *_why_untracked(taken.ran, taken.output),
        *dict.fromkeys(_first_line(warning.message) for warning in warned),
    )
    lines, loops, later = tuple(ran.account.lines()), tuple(ran.loops.told()), _later(ran, facts.tensors)
    _let_go(ran)
    tensors, notes = facts.tensors + later, facts.notes + notes
    return msgspec.structs.replace(facts, tensors=tensors, notes=notes, lines=lines, loops=loops)


def _run(experiment: Expression, program: Program, device: torch.device, only: int = 0) -> tuple[Run, Last]:
    """Run a program on its inputs; of what it calls .backward() on, trace the last, or that call alone."""
    last = Last(experiment, only)
    values = expression_inputs.inputs(experiment.inputs, device)
    known = expression_inputs.exact(experiment.inputs) if experiment.exact else None
    torch.manual_seed(experiment.seed)
    return run(program, values, at_backward=last.take, exact=known), last


def _let_go(ran: Run) -> None:
    """Empty the .grad of every leaf: one with a graph of its own (create_graph=True) would hold itself for ever."""
    for value in [*ran.given.values(), *ran.values.values()]:
        if isinstance(value, torch.Tensor) and value.is_leaf:
            value.grad = None


def _at_end(experiment: Expression, ran: Run) -> Taken:
    name, output = _output(ran, experiment.output)
    start = _start(experiment.gradient, output)
    try:
        with grads_kept(ran):
            facts = trace(experiment, ran, name, output, start)
    except TracerError as error:
        raise words.cured(error) from error
    return Taken(facts, ran, name, output, start)


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
def _prepared(device: torch.device) -> Iterator[None]:
    """Give a run its random numbers, and its device to the tensors that it makes; put both back after it."""
    on_device: AbstractContextManager[Any] = nullcontext() if device.type == "cpu" else device
    with torch.random.fork_rng([device] if device.type == "cuda" else []), on_device:
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


def _why_untracked(ran: Run, output: torch.Tensor) -> tuple[str, ...]:
    """Say why autograd recorded nothing for the output."""
    if output.requires_grad:
        return ()
    if not (output.is_floating_point() or output.is_complex()):
        dtype = str(output.dtype).removeprefix("torch.")
        return (f"The output holds numbers of {dtype}, and only floating-point and complex numbers have gradients",)
    said = f"backward() of it fails, in torch's words: “{_said_of_backward(output)}”"
    if not any(tensor.requires_grad for tensor in ran.given.values()):
        return ("No input has requires_grad, so there is nothing to find a gradient for", said)
    cuts = [f"{text} on {line}" for line, text in ran.cuts.items()]
    return (f"The way back to the inputs is cut: {', '.join(cuts)}", said) if cuts else (said,)


def _said_of_backward(output: torch.Tensor) -> str:
    """Give torch's words about the backward of a tensor that it does not follow."""
    try:
        torch.autograd.backward(output, torch.ones_like(output))
    except RuntimeError as error:
        return str(error)
    return ""


def _first_line(message: Warning | str) -> str:
    return str(message).partition("\n")[0].partition(" (Triggered")[0]
