"""The graph that autograd recorded, flat: nodes and edges in tuples, joined by index.

Nodes come inputs first: the producer of an edge always has a smaller index than its consumer, so a forward pass
over the graph is a loop over `nodes`, a backward pass the same loop reversed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

Kind = Literal["operation", "leaf"]
Role = Literal["parameter", "buffer", "input"]


class TensorSpec(msgspec.Struct, frozen=True, gc=False):
    """What autograd knows of a tensor without holding it; `None` is "not known"."""

    shape: tuple[int, ...] | None
    dtype: str | None
    device: str | None


class Node(msgspec.Struct, frozen=True, gc=False):
    """One entry of autograd's record: an operation's backward function, or a leaf that gathers a gradient.

    `name` is autograd's ("SubBackward0", "AccumulateGrad"), `label` the person's own name for its tensor,
    `outputs` the tensors that the forward operation gave (what flows back *into* this node has their shapes),
    `slots` how many inputs the operation has (one without an edge is not tracked), `module` the path of the module
    that ran it, `call` which of that module's calls in this graph it was (from 1; of a program, which pass through its
    line), `source` the line ("train.py:41"),
    `sequence` the order of recording on its thread.
    """

    index: int
    name: str
    kind: Kind
    outputs: tuple[TensorSpec, ...]
    slots: int
    role: Role | None = None
    label: str | None = None
    module: str | None = None
    source: str | None = None
    sequence: int | None = None
    call: int | None = None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the first output."""
        return self.outputs[0].shape if self.outputs else None

    @property
    def dtype(self) -> str | None:
        """Dtype of the first output."""
        return self.outputs[0].dtype if self.outputs else None

    @property
    def device(self) -> str | None:
        """Device of the first output."""
        return self.outputs[0].device if self.outputs else None


class Edge(msgspec.Struct, frozen=True, gc=False):
    """One tensor on its way from `producer` to `consumer`, the way the data flows (gradients flow the other way).

    `output_nr` is which output of the producer it is (autograd keeps it as the input_nr of next_functions), `slot`
    which input of the consumer. A value used twice has two edges.
    """

    producer: int
    consumer: int
    output_nr: int = 0
    slot: int = 0


class TracedOutput(NamedTuple):
    """A tensor that was traced: `node` is `None` where autograd recorded nothing for it."""

    node: int | None
    output_nr: int
    name: str


class Graph(msgspec.Struct, frozen=True):
    """Nodes, inputs first; edges in the order of their consumers and slots; the traced tensors."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    outputs: tuple[TracedOutput, ...] = ()
