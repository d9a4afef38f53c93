"""Gives nodes the names that the person knows: parameters, buffers, inputs, and values named in a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import torch
from torch.autograd.graph import Node as LiveNode

from tracer.capture.walk import Walked, gradient_edge

DEPTH = 100  # how deep tuples, lists and dicts are gone into


_Members = dict[int, tuple[torch.Tensor, str]]  # by their identity, each with all its names


class Named(msgspec.Struct, frozen=True, eq=False):
    """A tensor and what is known of it: the person's name (`None` for a value in between), its role, the meaning of
    its axes, the piece of program that made it, and its line ("line 2")."""

    tensor: torch.Tensor
    name: str | None
    role: str | None = None
    axes: tuple[str, ...] | None = None
    made_by: str | None = None
    source: str | None = None


def outputs(tensors: Any, name: str = "output") -> list[tuple[str, torch.Tensor]]:
    """List the tensors in a tensor or a nested tuple, list or dict, with names such as "output[0]" or the dict's keys.

    Raises:
        TypeError: there is no tensor in it.
        ValueError: it is nested too deep, or holds itself.
    """
    found = list(_flat(tensors, name))
    if not found:
        raise TypeError(f"trace needs a tensor, or a tuple, list or dict of tensors, and got {type(tensors).__name__}")
    return found


def _flat(value: Any, name: str, depth: int = 0) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield name, value
    elif depth > DEPTH:
        raise ValueError(f"trace goes {DEPTH} lists, tuples or dicts deep, and this is nested deeper or holds itself")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{name}[{key!r}]" if depth else str(key), depth + 1)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _flat(item, f"{name}[{number}]", depth + 1)


def of_model(model: torch.nn.Module, prefix: str = "") -> list[Named]:
    """List the parameters and buffers of a model; one that is reachable under several names has them all, "a = b"."""
    parameters: _Members = {}
    buffers: _Members = {}
    _gather(model, prefix, parameters, buffers)
    return [
        *(Named(tensor, name, "parameter") for tensor, name in parameters.values()),
        *(Named(tensor, name, "buffer") for tensor, name in buffers.values()),
    ]


def _gather(module: torch.nn.Module, before: str, parameters: _Members, buffers: _Members) -> None:
    """Go through a module and those in it, each as often as it is reachable, as `named_modules` does."""
    for found, members in ((parameters, module._parameters), (buffers, module._buffers)):
        for name, tensor in members.items():
            if tensor is not None:
                known = found.get(id(tensor))
                found[id(tensor)] = tensor, before + name if known is None else f"{known[1]} = {before}{name}"
    for name, inner in module._modules.items():
        if inner is not None:
            _gather(inner, f"{before}{name}.", parameters, buffers)


def places(walked: Walked, named: Sequence[Named]) -> list[tuple[int, int] | None]:
    """Find each named tensor in a walked graph: the index of its node and which of its outputs it is.

    A leaf is known by identity (its node holds the very tensor), a value in between by its node; `None` where the
    graph does not hold it.
    """
    leaves = {
        id(leaf): (number, 0)
        for number, node in enumerate(walked.nodes)
        if (leaf := getattr(node, "variable", None)) is not None
    }
    return [leaves.get(id(item.tensor)) or _inside(walked, item.tensor) for item in named]


def _inside(walked: Walked, tensor: torch.Tensor) -> tuple[int, int] | None:
    edge = gradient_edge(tensor) if tensor.requires_grad else None
    if edge is None or edge[0] not in walked.index:
        return None
    return walked.index[edge[0]], edge[1]


def variable(node: LiveNode) -> torch.Tensor | None:
    """Give the leaf tensor whose gradient a node gathers, or `None` for an operation."""
    return getattr(node, "variable", None)
