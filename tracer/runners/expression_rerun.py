"""A program run once more in float64, so that what is derived by hand is held to autograd's rule, not to rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from tracer.derivation.walk import Ran
from tracer.ops.tensor import Stage
from tracer.runners.expression_check import double_by_default
from tracer.runners.interpreter.run import Run
from tracer.runners.interpreter.statements import run

TOLERANCES = {torch.float64: 1e-9, torch.float32: 1e-5, torch.float16: 1e-2, torch.bfloat16: 1e-1}
Array = NDArray[Any]


@dataclass(frozen=True)
class Rerun:
    """The gradients of a run in float64: of each input, of each value that got a name, in their order, and of the
    newest of each name. The tolerance is that of the narrowest float that the program itself asked for."""

    output: str
    inputs: Mapping[str, Array]
    values: Mapping[str, tuple[Array, ...]]
    newest: Mapping[str, Array]
    tolerance: float

    def leaf(self, name: str) -> Array | None:
        """Give the gradient of an input."""
        return self.inputs.get(name)

    def gradients(self, ran: Ran) -> dict[Stage, Array]:
        """Give the gradient of each stage of a derivation of which it is known which tensor it was."""
        named: dict[str, list[Stage]] = {}
        for stage, label in ran.labels.items():
            if stage.tracked and not label.ours and stage not in ran.inputs.values():
                named.setdefault(label.name, []).append(stage)
        found = {stage: self.inputs[name] for name, stage in ran.inputs.items() if name in self.inputs}
        for name, stages in named.items():
            arrays = self.values.get(name, ())
            if len(arrays) == len(stages):
                found |= dict(zip(stages, arrays, strict=True))
            elif name in self.newest:
                found[stages[-1]] = self.newest[name]
        return {stage: array for stage, array in found.items() if array.shape == stage.shape}


def rerun(ran: Run, output: str, start: torch.Tensor | None) -> Rerun:
    """Run a program again and go back from its output, weighted by what backward starts from."""
    narrow = {torch.float64}

    def saw(tensor: torch.Tensor) -> None:
        if tensor.is_floating_point():
            narrow.add(tensor.dtype)

    with double_by_default():
        given = {name: _double(tensor) for name, tensor in ran.given.items()}
        copies = {name: tensor.clone() if tensor.requires_grad else tensor for name, tensor in given.items()}
        again = run(ran.program, copies, saw)
        end = again.values[output]
        weights = torch.ones_like(end) if start is None else start.detach().to(end.dtype)
        leaves = {name: tensor for name, tensor in given.items() if tensor.requires_grad}
        named = _named(again)
        newest = {name: v for name, v in again.values.items() if isinstance(v, torch.Tensor) and v.requires_grad}
        every = [*leaves.values(), *(one for ones in named.values() for one in ones), *newest.values()]
        found = torch.autograd.grad(end, every, weights, allow_unused=True)
    arrays = {id(tensor): _array(g, tensor) for g, tensor in zip(found, every, strict=True)}
    return Rerun(
        output,
        {name: arrays[id(tensor)] for name, tensor in leaves.items()},
        {name: tuple(arrays[id(one)] for one in ones) for name, ones in named.items()},
        {name: arrays[id(tensor)] for name, tensor in newest.items()},
        max(TOLERANCES.get(dtype, 1e-9) for dtype in narrow),
    )


def _double(tensor: torch.Tensor) -> torch.Tensor:
    found = tensor.detach().to(torch.float64 if tensor.is_floating_point() else tensor.dtype, copy=True)
    return found.requires_grad_(tensor.requires_grad)


def _named(again: Run) -> dict[str, list[torch.Tensor]]:
    """List the tensors that got each name, in their order, as far as they were not changed in place."""
    found: dict[str, list[torch.Tensor]] = {}
    for made in sorted(again.tracked.values(), key=lambda one: one.when):
        if made.name is not None and not made.version:
            found.setdefault(made.name, []).append(made.tensor)
    return found


def _array(gradient: torch.Tensor | None, tensor: torch.Tensor) -> Array:
    found: Array = (torch.zeros_like(tensor) if gradient is None else gradient).detach().cpu().to(torch.float64).numpy()
    return found
