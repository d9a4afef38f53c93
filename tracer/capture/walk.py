"""Walks autograd's record from any tensors, with a stack of its own.

A deep graph that was read from Python overflows the stack when it is freed, unless it is protected: every walk
therefore ends in `protect`, also one that fails.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.graph import Node as LiveNode
from torch.nn.parameter import is_lazy

from tracer.capture.freeing import protect, protect_unfinished
from tracer.capture.unseen import is_plain
from tracer.graph import Edge, TracedOutput

Nexts = Sequence[tuple[LiveNode | None, int]]


@dataclass(frozen=True, eq=False)
class Walked:
    """A live graph: `nodes` inputs first, held from the first read on; `slots[i]` is how many inputs node i has."""

    nodes: Sequence[LiveNode]
    index: dict[LiveNode, int]
    edges: tuple[Edge, ...]
    slots: Sequence[int]
    outputs: tuple[TracedOutput, ...]


def walk(named_tensors: Iterable[tuple[str, torch.Tensor]]) -> Walked:
    """Walk everything that autograd recorded for these tensors.

    A tensor that autograd recorded nothing for becomes an output without a node. A view's `grad_fn` may be made anew
    by torch when it is read, so each is read once and held.
    """
    ends = [(name, gradient_edge(tensor)) for name, tensor in named_tensors]
    nodes: list[LiveNode] = []
    nexts: dict[LiveNode, Nexts] = {}
    stack = [end[0] for _, end in reversed(ends) if end is not None]
    with without_gc():
        try:
            index = _inputs_first(stack, nodes, nexts)
            edges, slots, depths = _edges(nodes, index, nexts)
            protect(nodes, edges, depths)
        except BaseException:
            protect_unfinished(nexts)
            raise
    outputs = tuple(
        TracedOutput(None, 0, name) if end is None else TracedOutput(index[end[0]], end[1], name) for name, end in ends
    )
    return Walked(nodes, index, edges, slots, outputs)


def gradient_edge(tensor: torch.Tensor) -> tuple[LiveNode, int] | None:
    """Give the node that a tensor's gradient flows into and which of its outputs the tensor is, or `None`.

    A tensor of inference mode, and a parameter that waits for its first input, can have none.
    """
    if not tensor.requires_grad or is_lazy(tensor) or tensor.is_inference():
        return None
    if (node := tensor.grad_fn) is not None:
        return node, tensor.output_nr
    with torch.inference_mode(False), torch.enable_grad():
        plain = is_plain(tensor) and tensor.layout is torch.strided
        touched = torch.ops.aten.alias(tensor) if plain else _Touch.apply(tensor)  # type: ignore[no-untyped-call]
    return touched.grad_fn.next_functions[0][0], 0


class _Touch(torch.autograd.Function):
    """An operation on a leaf that does not look at it: a sparse tensor allows no view, and a class may refuse one."""

    @staticmethod
    def forward(_ctx: Any, leaf: torch.Tensor) -> torch.Tensor:
        return torch.empty(0)


def _inputs_first(stack: list[LiveNode], nodes: list[LiveNode], nexts: dict[LiveNode, Nexts]) -> dict[LiveNode, int]:
    """Number the nodes in depth-first postorder: each is met twice, once to push its inputs, once to number it."""
    index: dict[LiveNode, int] = {}
    while stack:
        node = stack[-1]
        if node not in nexts:
            nexts[node] = children = node.next_functions
            for child, _ in children if len(children) < 2 else reversed(children):
                if child is not None and child not in nexts:
                    stack.append(child)
            continue
        stack.pop()
        if node not in index:
            index[node] = len(nodes)
            nodes.append(node)
    return index


def _edges(
    nodes: Sequence[LiveNode], index: dict[LiveNode, int], nexts: dict[LiveNode, Nexts]
) -> tuple[tuple[Edge, ...], list[int], list[int]]:
    """List the edges in the order of their consumers and slots, count each node's slots, and measure its longest path
    to a leaf."""
    edges: list[Edge] = []
    slots: list[int] = []
    depths: list[int] = []
    for consumer, children in enumerate(map(nexts.__getitem__, nodes)):
        depth, slot = 0, 0
        for child, number in children:
            if child is not None:
                producer = index[child]
                edges.append(Edge(producer, consumer, number, slot))
                if depths[producer] > depth:
                    depth = depths[producer]
            slot += 1
        depths.append(depth + 1)
        slots.append(slot)
    return tuple(edges), slots, depths


@contextlib.contextmanager
def without_gc(pause: bool = True) -> Iterator[None]:
    """Keep Python's collector from looking, again and again, through a million new tuples that are no garbage."""
    enabled = gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause and enabled:
            gc.enable()
