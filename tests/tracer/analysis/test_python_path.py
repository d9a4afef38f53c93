"""The Python path to each node, walked in torch itself."""

from __future__ import annotations

import torch

import tracer
from tracer.analysis.python_path import python_path
from tracer.graph import Graph, Node


def test_each_path_leads_to_its_node() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    a = (3 * y * y + torch.cat([x, 1 + x])[1:3]).mean()
    graph = tracer.trace({"a": a}, names={"x": x}).graph
    for node in graph.nodes:
        path = python_path(graph, node.index)
        assert path is not None
        found = eval(path, {"a": a})
        assert found is x if node.kind == "leaf" else found.name() == node.name
    lesson = tracer.trace({"a": (y * y * 3).mean()}).graph
    assert python_path(lesson, 0) == (
        "a.grad_fn.next_functions[0][0].next_functions[0][0].next_functions[0][0].next_functions[0][0].variable"
    )


def test_a_traced_leaf_is_its_own_path_and_what_is_not_reached_has_none() -> None:
    x = torch.ones(2, requires_grad=True)
    assert python_path(tracer.trace({"x": x}).graph, 0) == "x"
    assert python_path(Graph((Node(0, "SinBackward0", "operation", (), 1),)), 0) is None
