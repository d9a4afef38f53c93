"""A second reading of autograd's record, on its own ways: what the sweep holds the tracer against.

Nothing of the tracer is used here. The walk goes breadth first from the outputs; what an operation hands on is taken
by a hook on its node, and what arrives is what `torch.autograd.grad` finds at each gradient edge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import GradientEdge, Node, get_gradient_edge
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Place = tuple[int, int]  # a node and which of its outputs
Link = tuple[int, int, int, int]  # consumer, slot, producer, which of the producer's outputs
Spec = tuple[tuple[int, ...], str, str]  # shape, dtype, device


@dataclass
class Reference:
    """A graph read breadth first; every node is held, so that none is read twice under two identities."""

    nodes: list[Node]
    links: list[Link]
    ends: list[Place]

    @property
    def leaves(self) -> dict[int, torch.Tensor]:
        """The tensors whose gradients are gathered, by their node."""
        return {i: node.variable for i, node in enumerate(self.nodes) if hasattr(node, "variable")}


class Flows(NamedTuple):
    """What one backward hands on in each slot of a consumer, the whole that a node gets at each of its outputs, and
    what `torch.autograd.grad` finds there, which is before a hook on the tensor where the node runs."""

    handed: dict[Place, torch.Tensor | None]
    arrived: dict[Place, torch.Tensor | None]
    found: dict[Place, torch.Tensor | None]


def read(tensors: Sequence[torch.Tensor]) -> Reference:
    """Read all that autograd recorded for these tensors."""
    edges = [get_gradient_edge(tensor)[:2] for tensor in tensors]
    nodes, number = list[Node](), dict[Node, int]()

    def numbered(node: Node) -> int:
        if node not in number:
            number[node] = len(nodes)
            nodes.append(node)
        return number[node]

    ends = [(numbered(node), output_nr) for node, output_nr in edges]
    links = [
        (number[consumer], slot, numbered(producer), output_nr)
        for consumer in nodes  # grows as it is gone through
        for slot, (producer, output_nr) in enumerate(consumer.next_functions)
        if producer is not None
    ]
    return Reference(nodes, links, ends)


def flows(reference: Reference, starts: Sequence[torch.Tensor]) -> Flows:
    """Run one backward and take what every hook sees and what arrives at every output of every node."""
    handed: dict[Place, torch.Tensor | None] = {}
    arrived: dict[Place, torch.Tensor | None] = {}

    def meet(node: int) -> Callable[[Any], None]:
        def hook(arriving: Sequence[torch.Tensor | None]) -> None:
            for output_nr, tensor in enumerate(arriving):
                arrived[node, output_nr] = None if tensor is None else tensor.detach().clone()

        return hook

    def watch(consumer: int) -> Callable[[Any, Any], None]:
        def hook(leaving: Sequence[torch.Tensor | None], _arrived: Any) -> None:
            for slot, tensor in enumerate(leaving):
                handed[consumer, slot] = None if tensor is None else tensor.detach().clone()

        return hook

    running = [(i, node) for i, node in enumerate(reference.nodes) if not hasattr(node, "variable")]
    hooks = [node.register_hook(watch(i)) for i, node in running]
    hooks += [node.register_prehook(meet(i)) for i, node in running]
    places = [(i, nr) for i, node in enumerate(reference.nodes) for nr in range(len(node._input_metadata))]
    try:
        found = torch.autograd.grad(
            [GradientEdge(reference.nodes[node], nr) for node, nr in reference.ends],
            [GradientEdge(reference.nodes[node], nr) for node, nr in places],
            list(starts),
            retain_graph=True,
            allow_unused=True,
        )
    finally:
        for hook in hooks:
            hook.remove()
    whole = dict(zip(places, found, strict=True))
    return Flows(handed, {place: arrived.get(place, tensor) for place, tensor in whole.items()}, whole)


@dataclass
class Seen:
    """What a forward pass gave: by gradient edge as its Python calls returned it, and by autograd's number as its
    operators did."""

    edges: dict[tuple[Node, int], Spec] = field(default_factory=dict)
    operators: dict[int, tuple[str, list[Spec]]] = field(default_factory=dict)

    def spec(self, node: Node, output_nr: int) -> Spec | None:
        """Give the shape, dtype and device of what a Python call returned there, or of a leaf itself."""
        if hasattr(node, "variable"):
            return spec(node.variable)
        return self.edges.get((node, output_nr))

    def specs(self, node: Node) -> list[Spec] | None:
        """Give those of all that the operator of this node returned, where it is known which one that was."""
        name, found = self.operators.get(node._sequence_nr(), ("", []))
        return found if _plain(name) == _plain(re.sub(r"Backward\d*$", "", node.name())) else None


def spec(tensor: torch.Tensor) -> Spec:
    """Give shape, dtype and device of a tensor."""
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), str(tensor.device)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


class Calls(TorchFunctionMode):
    """Notes the result of every Python call that has a place in the graph."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in _tensors(result):
            if tensor.grad_fn is not None:
                self._seen.edges[tensor.grad_fn, tensor.output_nr] = spec(tensor)
        return result


class Operators(TorchDispatchMode):
    """Notes the first operator that runs after autograd gave out a number: the one that the number was given for."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        number = torch._C._autograd._get_sequence_nr() - 1
        result = func(*args, **(kwargs or {}))
        if number not in self._seen.operators:
            self._seen.operators[number] = func.overloadpacket.__name__, [spec(t) for t in _tensors(result)]
        return result


def _tensors(result: Any) -> Iterator[torch.Tensor]:
    return (leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor))
