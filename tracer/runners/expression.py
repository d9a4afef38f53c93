"""A program → Facts: read it, run it, trace its output, and check the gradients of its inputs a second way."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import msgspec
import torch

from tracer.capture.names import Named
from tracer.errors import InvalidSetting, ProgramError, TracerError
from tracer.experiment import Expression
from tracer.expression.syntax import read
from tracer.expression.values import flat, given
from tracer.facts import Facts
from tracer.quantities import shape as written
from tracer.runners import expression_by_hand as by_hand
from tracer.runners import expression_check, tensors
from tracer.runners.devices import resolve
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
    values = inputs(experiment.inputs, device)
    with warnings.catch_warnings(record=True) as warned, _prepared(device, experiment.seed):
        warnings.simplefilter("always")
        ran = run(program, values)
        name, output = _output(ran, experiment.output)
        start = _start(experiment.gradient, output)
        facts = _trace(experiment, ran, name, output, start)
        facts = expression_check.checked(facts, ran, output, start)
        facts = by_hand.derived(facts, ran, output, start)
    notes = (*_why_untracked(ran, output), *dict.fromkeys(_first_line(warning.message) for warning in warned))
    shown = tuple(tensor for tensor in facts.tensors if tensor.name is not None or tensor.node is not None)
    return msgspec.structs.replace(facts, tensors=shown, notes=facts.notes + notes)


def _trace(experiment: Expression, ran: Run, name: str, output: torch.Tensor, start: torch.Tensor | None) -> Facts:
    try:
        return tensors.find(
            {name: output},
            named=_named(ran, name),
            notes=ran.lines,
            gradients=True,
            start=start,
            saved=True,
            alone=True,
            experiment=experiment,
        )
    except TracerError as error:
        raise words.cured(error) from error


def inputs(values: Mapping[str, Any], device: torch.device) -> dict[str, torch.Tensor]:
    """Build the inputs as leaves on a device. One that can have a gradient has one, unless it was said otherwise.

    Raises:
        InvalidSetting: values that are no numbers, that the dtype can't hold, or that can't have a gradient.
    """
    return {name: _input(name, value, device) for name, value in values.items()}


def _input(name: str, value: Any, device: torch.device) -> torch.Tensor:
    where = f"inputs.{name}"
    found = given(name, value)
    shape, numbers = flat(where, found.values)
    dtype: torch.dtype = getattr(torch, found.dtype)
    exact = dtype.is_floating_point or dtype.is_complex
    if not exact and any(number != number or number != int(number.real) for number in numbers):
        raise InvalidSetting(f"{found.dtype} holds whole numbers only", where, "Use whole numbers, or dtype float32")
    if found.requires_grad and not exact:
        what = f"A tensor of {found.dtype} can't have a gradient: only floating-point and complex numbers can"
        raise InvalidSetting(what, where, "Use dtype float32, or turn requires_grad off")
    try:
        tensor = torch.tensor(numbers, dtype=dtype).resize_(shape).to(device)  # no view, whose errors speak of one
    except (RuntimeError, OverflowError, TypeError, ValueError) as error:
        raise InvalidSetting(f"{found.dtype} can't hold these numbers: {error}", where, "Use another dtype") from error
    return tensor.requires_grad_(exact if found.requires_grad is None else found.requires_grad)


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
