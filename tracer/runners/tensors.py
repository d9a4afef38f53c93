"""Live tensors → Facts: the main road of every recording."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

from tracer.backward.edge_gradients import measure
from tracer.backward.statistics import Budget
from tracer.capture import cut_off
from tracer.capture.names import Named, of_model, outputs, places
from tracer.capture.nodes import describe, device_name, dtype_name, known_shape, sequences
from tracer.capture.notes import Notes
from tracer.capture.saved import saved as saved_storages
from tracer.capture.saved_values import saved_values
from tracer.capture.standing import models, standing
from tracer.capture.unseen import looking, unseen
from tracer.capture.walk import walk, without_gc
from tracer.experiment import Experiment
from tracer.facts import Facts, Standing, Tensor
from tracer.graph import Graph

NOTHING_RECORDED = "{name} does not follow gradients (requires_grad is False), so autograd recorded nothing for it"
_Make = tuple[tuple[int, ...] | None, str, str, int | None]  # shape, dtype, device and bytes
STATE = frozenset(["parameter", "buffer"])  # of a model; its numbers are read with gradients only, since they are many

MIXED = (
    "Another thread recorded operations too; autograd numbers those of each thread from 0, so which module and line "
    "an operation came from is not known"
)


@unseen()
def find(
    tensors: Any,
    *,
    model: torch.nn.Module | None = None,
    named: Sequence[Named] = (),
    notes: Notes | None = None,
    gradients: bool = False,
    start: Any = None,
    saved: bool = False,
    alone: bool = False,
    experiment: Experiment | None = None,
) -> Facts:
    """Find what autograd recorded for a tensor, or for a nested tuple, list or dict of tensors.

    `gradients` runs one backward from `start` (ones where it is `None`); `alone` says that no one else holds tensors
    of this graph, so nothing need be put back after it.

    Raises:
        TypeError: there is no tensor in `tensors`, or an argument is of the wrong kind.
        ValueError: `tensors` is nested too deep, or holds itself.
        TracerError: torch refused the backward.
    """
    refuse_wrong(model, notes)
    ends = outputs(tensors)
    with without_gc():
        walked = walk(ends)
        every = every_named(tensors, ends, named, model, notes)
        where = places(walked, every)
        sure = notes if notes is not None and notes.answer_for(sequences(walked)) else None
        standings = standing(every, model, sure, sequences(walked))
        graph = Graph(describe(walked, every, where, sure), walked.edges, walked.outputs)
    found = measure(walked, graph.nodes, _starts(ends, start), alone=alone) if gradients else None
    budget, makes = Budget(), _Makes()
    return Facts(
        graph=graph,
        experiment=experiment,
        tensors=tuple(
            _tensor(item, place, makes, stands, budget if gradients or item.role not in STATE else None)
            for item, place, stands in zip(every, where, standings, strict=True)
        ),
        gradients=None if found is None else found.gradients,
        edge_gradients=None if found is None else found.edge_gradients,
        saved=saved_storages(walked, every, ends) if saved else None,
        saved_values=saved_values(walked, every) if saved and experiment is not None else (),
        cuts=cut_off.told(sure, walked, graph.nodes, ends, every) if sure is not None else None,
        notes=(
            *(NOTHING_RECORDED.format(name=end.name) for end in walked.outputs if end.node is None),
            *([MIXED] if notes is not None and sure is None else []),
            *(found.notes if found is not None else ()),
        ),
    )


def inputs(names: Mapping[str, torch.Tensor] | None) -> list[Named]:
    """Take the person's names of tensors; a leaf among them is an input.

    Raises:
        TypeError: it is no mapping from texts to tensors.
    """
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(f'names wants a dict from names to tensors, {{"x": x}}, and got {_a(names)}')
    for name, tensor in (names or {}).items():
        if not isinstance(name, str):
            raise TypeError(f"names wants texts as its keys, and one is {_a(name)}")
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"names wants tensors, and names[{name!r}] is {_a(tensor)}")
    with looking():
        return [Named(tensor, name, "input" if tensor.is_leaf else None) for name, tensor in (names or {}).items()]


def refuse_wrong(model: Any, notes: Any) -> None:
    if not isinstance(model, torch.nn.Module | None):
        raise TypeError(f"model wants a torch.nn.Module, and got {_a(model)}")
    if not isinstance(notes, Notes | None):
        raise TypeError(f"notes wants what `with tracer.record() as notes:` gives, and got {_a(notes)}")


def _a(value: Any) -> str:
    """Name the type of a value: "an int", "a list"."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def every_named(
    tensors: Any,
    ends: Sequence[tuple[str, torch.Tensor]],
    named: Sequence[Named],
    model: torch.nn.Module | None,
    notes: Notes | None,
) -> list[Named]:
    """List all tensors that have a name: the person's own, the outputs, and those of models."""
    return [*named, *_named_ends(tensors, ends, named), *_of_models(model, notes)]


def _named_ends(tensors: Any, ends: Sequence[tuple[str, torch.Tensor]], named: Sequence[Named]) -> list[Named]:
    """Take the names of the outputs where the person gave them, as the keys of a dict."""
    known = {(id(item.tensor), item.name) for item in named}
    given = isinstance(tensors, Mapping)
    return [Named(tensor, name, "output") for name, tensor in ends if given and (id(tensor), name) not in known]


def _of_models(model: torch.nn.Module | None, notes: Notes | None) -> list[Named]:
    return [item for prefix, root in models(model, notes) for item in of_model(root, prefix)]


def _starts(ends: Sequence[tuple[str, torch.Tensor]], start: Any) -> list[torch.Tensor | None]:
    """Give what backward starts from for each output that has a graph."""
    given: Sequence[Any] = start if isinstance(start, list | tuple) else [start] * len(ends)
    if len(given) != len(ends):
        raise ValueError(f"start has {len(given)} tensors for {len(ends)} outputs")
    return [
        _ones(tensor) if gradient is None else gradient
        for (_, tensor), gradient in zip(ends, given, strict=True)
        if tensor.requires_grad
    ]


def _ones(tensor: torch.Tensor) -> torch.Tensor | None:
    """Give ones of a tensor's own kind where a plain tensor can't stand for them: for a nested or a fake one."""
    return torch.ones_like(tensor.detach()) if tensor.is_nested or isinstance(tensor, FakeTensor) else None


class _Makes(dict[Any, _Make]):
    """Gives what is told of all tensors of one shape, dtype and device: a model has few kinds of them, often."""

    def of(self, tensor: torch.Tensor) -> _Make:
        dtype, device = tensor.dtype, tensor.device
        try:
            found = self.get((tuple(tensor.shape), dtype, device))
        except (RuntimeError, TypeError):  # a shape that is not single, or has symbols
            found = None
        if found is None:
            shape = known_shape(tensor)
            size = None if shape is None else math.prod(shape) * dtype.itemsize
            found = self.setdefault((shape, dtype, device), (shape, dtype_name(dtype), device_name(device), size))
        return found


def _tensor(
    item: Named, place: tuple[int, int] | None, makes: _Makes, stands: Standing, budget: Budget | None
) -> Tensor:
    shape, dtype, device, size = makes.of(item.tensor)
    node, output_nr = place or (None, 0)
    values = None if shape is None or budget is None else budget.values(item.tensor)
    return Tensor(
        item.name, item.role, shape, dtype, device, size, item.axes, node, output_nr, item.made_by, values, stands
    )
