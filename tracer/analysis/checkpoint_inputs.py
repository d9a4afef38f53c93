"""What a checkpoint of a module would have to hold: its inputs, as far as nothing holds them yet."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from tracer.graph import Graph, Node, TensorSpec

Place = tuple[int, int]  # a node, and which of its outputs

HIDES = "CopySlices"  # a write into a view: torch shows to no one what it keeps

# Operations that hand on the storage of their input
_VIEWS = re.compile(
    "(Alias|AsStrided|Detach|Diagonal|Expand|Narrow|Permute|Reshape|ReshapeAlias|Select|Slice|Split|SplitWithSizes"
    "|Squeeze|T|Transpose|Unbind|Unfold|UnsafeSplit|UnsafeView|Unsqueeze|View|ViewAsReal|ViewAsComplex)Backward\\d*"
)


def around(path: str | None) -> Iterator[str]:
    """Give the paths of a module and of all around it, from the outside inwards."""
    parts = path.split(".") if path else []
    yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def is_within(node: Node, path: str) -> bool:
    """Tell whether an operation ran in a module, or in one within it."""
    return node.module is not None and f"{node.module}.".startswith(f"{path}.")


def new_inputs(graph: Graph, kept: Set[Place]) -> dict[str, int | None]:
    """Count, for each module, the bytes of what it is given that autograd follows and nothing keeps for backward.

    `kept` are the tensors that what is kept was made for. `None`: the module was called several times, so that one call
    may be given what another made; the size of an input is not known; or a write into a view hides what it keeps.
    """
    nodes = graph.nodes
    first = {edge.consumer: (edge.producer, edge.output_nr) for edge in reversed(graph.edges)}
    given: dict[str, dict[Place, int | None]] = {path: {} for node in nodes for path in around(node.module)}
    for edge in graph.edges:
        if nodes[edge.consumer].module != nodes[edge.producer].module:
            chain = _to_its_storage((edge.producer, edge.output_nr), nodes, first)
            node, output_nr = nodes[chain[-1][0]], chain[-1][1]
            if node.kind == "operation" and kept.isdisjoint(chain):
                for path in around(nodes[edge.consumer].module):
                    if not is_within(nodes[edge.producer], path):
                        given[path][chain[-1]] = None if node.name == HIDES else _bytes(node.outputs[output_nr])
    unknown = {path for node in nodes if (node.call or 1) > 1 or node.name == HIDES for path in around(node.module)}
    return {
        path: None if path in unknown or None in sizes.values() else sum(size or 0 for size in sizes.values())
        for path, sizes in given.items()
    }


def _to_its_storage(place: Place, nodes: Sequence[Node], first: Mapping[int, Place]) -> list[Place]:
    """Go back from a tensor, through the views that lead to it, to the tensor whose storage it has."""
    chain = [place]
    while _VIEWS.fullmatch(nodes[chain[-1][0]].name) and chain[-1][0] in first:
        chain.append(first[chain[-1][0]])
    return chain


def _bytes(spec: TensorSpec) -> int | None:
    bits = 8 if spec.dtype == "bool" else int((re.findall(r"\d+", spec.dtype or "") or [0])[0])
    return math.prod(spec.shape) * bits // 8 if spec.shape is not None and bits else None
