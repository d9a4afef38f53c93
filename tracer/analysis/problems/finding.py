"""What a cause is told with, and the tensor that it is asked about."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tracer.analysis.problems.depth import Depth, depths
from tracer.analysis.problems.flow import NON_FINITE, NONE, ZERO, Flow, Mark, Origin, Place
from tracer.facts import Cut, Facts, Gradient, Standing, Tensor
from tracer.graph import Node
from tracer.quantities import count

SHOWN = 3  # names in a sentence


class Finding(msgspec.Struct, frozen=True):
    """What is found about one tensor's gradient. `problem` is `None` for a remark about one that is fine or not known,
    `possible` says that it is not certain; `operation` and `source` are where it comes from. Findings of one problem
    and one `group` share a row of a table, in the words of the one with the largest `size`."""

    problem: str | None
    why: str
    cure: str = ""
    operation: str | None = None
    source: str | None = None
    possible: bool = False
    group: str = ""
    size: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Facts, and what is looked up in them for every tensor."""

    facts: Facts

    @functools.cached_property
    def flow(self) -> Flow:
        """What flowed."""
        return Flow(self.facts)

    @functools.cached_property
    def origins(self) -> Mapping[Mark, Mapping[Place, Origin]]:
        """What made gradients None, zero, NaN or infinite, for each place."""
        return {mark: self.flow.origins(mark) for mark in (NONE, ZERO, NON_FINITE)}

    @functools.cached_property
    def depths(self) -> Mapping[Place, Depth]:
        """The leaves whose gradient is far from that at the loss."""
        return depths(self.flow)

    @functools.cached_property
    def cuts_behind(self) -> Mapping[int, list[Cut]]:
        """The cuts that lie between each tensor, by its place in the list, and the traced ones."""
        found: dict[int, list[Cut]] = {}
        for cut in self.facts.cuts or ():
            for number in cut.behind:
                found.setdefault(number, []).append(cut)
        return found

    @functools.cached_property
    def checkpoint(self) -> Node | None:
        """A reentrant checkpoint of the graph, which hides the parameters in it."""
        return next((node for node in self.facts.graph.nodes if node.name == "CheckpointFunctionBackward"), None)

    @property
    def ends(self) -> str:
        """The names of what was traced."""
        return listed([end.name for end in self.facts.graph.outputs])


@dataclass(frozen=True)
class Case:
    """One tensor of a recording: `number` is its place in the list of tensors (−1: a traced one that is not in it)."""

    evidence: Evidence
    number: int
    tensor: Tensor

    @property
    def standing(self) -> Standing | None:
        """How it stood to autograd; `None` in a recording of an older version."""
        return self.tensor.standing

    @property
    def place(self) -> Place | None:
        """Where it is in the graph."""
        return None if self.tensor.node is None else (self.tensor.node, self.tensor.output_nr)

    @property
    def gradient(self) -> Gradient | None:
        """Its gradient; `None` where it has no place, or gradients were not asked for."""
        return None if self.place is None else self.evidence.flow.at(self.place)

    @property
    def module(self) -> str:
        """The path of the module that has it; of several, the first."""
        return (self.tensor.name or "").partition(" = ")[0].rpartition(".")[0]

    @property
    def cuts(self) -> list[Cut]:
        """The cuts between it and what was traced."""
        return self.evidence.cuts_behind.get(self.number, [])


Cause = Callable[[Case], Iterator[Finding]]


def listed(names: list[str], shown: int = SHOWN) -> str:
    """Name a few things: "a, b and c"; of many, the first few and how many more."""
    words = names if len(names) <= shown else [*names[:shown], f"{count(len(names) - shown)} more"]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def at(operation: str, *known: str | None) -> str:
    """Name an operation with what is known of where it is: "detach (gate, train.py:12)"."""
    told = ", ".join(filter(None, known))
    return f"{operation} ({told})" if told else operation


def of(node: Node) -> str:
    """Name a node with its label, module and line."""
    return node.label or "a leaf without a name" if node.kind == "leaf" else at(node.name, node.module, node.source)
