"""The local rule of each node of a program's graph, with its numbers, held to what autograd sent on each edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from tracer.algebra.memory import forget
from tracer.derivation.rule import Done, Operand, rule
from tracer.derived import Rule
from tracer.facts import Facts, Gradient, Values
from tracer.graph import Edge, Node
from tracer.ops.nodes import belongs, of_node
from tracer.ops.table import ALIASES
from tracer.runners.expression_check import Taken
from tracer.runners.expression_trace import named
from tracer.runners.interpreter.calls import Call, tensors

NODES_MOST = 100  # of a graph in whose rules numbers are put
RULES_MOST = 1000  # of a larger graph none is shown
TOLERANCES = {"float64": 1e-9, "float32": 1e-5, "float16": 1e-2, "bfloat16": 1e-1}
SPELLED = {"getitem": "[…]", "T": "t", "mT": "transpose"}
Place = tuple[int, int]
Array = NDArray[Any]


def ruled(facts: Facts, taken: Taken) -> Facts:
    """Add the rules of the nodes of a graph, with numbers where it is small; one that is not known says why."""
    operations = [node for node in facts.graph.nodes if node.kind == "operation"]
    if len(operations) > NODES_MOST or facts.gradients is None or facts.edge_gradients is None:
        why = f"Numbers are put in where there are up to {NODES_MOST} operations"
        return msgspec.structs.replace(facts, rules=tuple(plain(node, why) for node in operations[:RULES_MOST]))
    desk = _Desk(facts, taken)
    rules = tuple(desk.rule(node) for node in operations)
    forget()
    return msgspec.structs.replace(facts, rules=rules)


def plain(node: Node, why: str = "Its numbers are not put in here") -> Rule:
    """Give the rule of a node's operator alone."""
    operator = of_node(node.name)
    if operator is None:
        return Rule(node.index, "", "", why=f"no formula for {node.name}")
    return Rule(node.index, operator.label, operator.source, why=why)


@dataclass(frozen=True)
class _Held:
    tensor: torch.Tensor
    name: str


class _Desk:
    """Knows for each node which tensor it gave, and what flowed where."""

    def __init__(self, facts: Facts, taken: Taken) -> None:
        self.facts, self.calls = facts, taken.ran.calls
        self.of = facts.derivations[0].of if facts.derivations else taken.name
        self.places: dict[int, Place] = {}
        self.names: dict[int, str] = {}
        self.held: dict[Place, _Held] = {}
        numbers = {node.sequence: node.index for node in facts.graph.nodes if node.sequence is not None}
        leaves = {row.name: row.node for row in facts.tensors if row.node is not None}
        for item in named(taken.ran, taken.name):
            tensor, name = item.tensor, item.name or ""
            self.names.setdefault(id(tensor), name)
            made = tensor.grad_fn
            node = leaves.get(name) if made is None else numbers.get(made._sequence_nr())
            if tensor.requires_grad and node is not None:
                place = node, tensor.output_nr
                self.places[id(tensor)] = place
                self.held[place] = _Held(tensor, name)
        self.measured: Mapping[Place, Gradient] = {
            (row.node, row.output_nr): row
            for row in facts.gradients or ()
            if row.state == "measured" and row.values is not None
        }
        self.leaving: dict[int, list[tuple[int, Edge]]] = {}
        self.coming: dict[Place, int] = {}
        for number, edge in enumerate(facts.graph.edges):
            self.leaving.setdefault(edge.consumer, []).append((number, edge))
            self.coming[edge.producer, edge.output_nr] = self.coming.get((edge.producer, edge.output_nr), 0) + 1

    def rule(self, node: Node) -> Rule:
        """Give the rule of a node with its numbers, or that of its operator alone, or say that there is none."""
        measured = [place for place in self.measured if place[0] == node.index]
        held = self.held.get(measured[0]) if len(measured) == 1 else None
        call = self.calls.of(held.tensor) if held is not None else None
        if held is None or call is None or not belongs(node.name, _operator(call.path)):
            return plain(node)
        if any(one.is_complex() for one in tensors([*call.given, *call.options.values(), held.tensor])):
            return plain(node, "Its numbers are complex, and are not put in")
        edges = self._edges(node.index, call)
        found = None if edges is None else rule(self._done(measured[0], held, call, edges))
        return plain(node) if found is None or found.why is not None else found

    def _edges(self, node: int, call: Call) -> list[int | None] | None:
        """Give the edge of each tensor that an operation was given (`None`: not tracked); nothing where they do not
        fit, as those of an operation that torch composes of several nodes."""
        left = sorted(self.leaving.get(node, ()), key=lambda pair: pair[1].slot)
        found = list[int | None]()
        for tensor in tensors([*call.given, *call.options.values()]):
            place = self.places.get(id(tensor))
            edge = next((pair for pair in left if (pair[1].producer, pair[1].output_nr) == place), None)
            if tensor.requires_grad and edge is None:
                return None
            if edge is not None:
                left.remove(edge)
            found.append(edge[0] if edge else None)
        return None if left else found

    def _done(self, place: Place, held: _Held, call: Call, edges: list[int | None]) -> Done:
        row, waiting = self.measured[place], iter(edges)
        assert row.values is not None
        ends = self.facts.graph.outputs

        def filled(value: Any) -> Any:
            if isinstance(value, torch.Tensor):
                return self._operand(value, next(waiting))
            if isinstance(value, torch.dtype):
                return str(value)
            return type(value)(map(filled, value)) if type(value) in (list, tuple) else value

        dtype = row.dtype or "float64"
        return Done(
            SPELLED.get(call.path, call.path),
            tuple(map(filled, call.given)),
            {key: filled(value) for key, value in call.options.items()},
            place[0],
            held.name,
            self.of,
            _array(row.values),
            call.output,
            any((end.node, end.output_nr) == place for end in ends) and row.values.numbers == (1.0,),
            dtype,
            TOLERANCES.get(dtype, 1e-5),
        )

    def _operand(self, tensor: torch.Tensor, edge: int | None) -> Operand:
        value = tensor.detach().cpu()
        array: Array = (value.to(torch.float64) if value.is_floating_point() else value).numpy()
        name = self.names.get(id(tensor), "")
        if edge is None:
            return Operand(array, name)
        assert self.facts.edge_gradients is not None
        sent = self.facts.edge_gradients[edge].values
        number = self.coming[self.places[id(tensor)]]
        return Operand(array, name, edge, None if sent is None else _array(sent), number)


def _operator(path: str) -> str:
    name = SPELLED.get(path, path).rpartition(".")[2]
    return ALIASES.get(name, name)


def _array(values: Values) -> Array:
    return np.array([float(one) for one in values.numbers]).reshape(values.shape)
