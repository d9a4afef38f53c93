"""What leads where, against a search that knows nothing of the order of edges; and the parts that have names."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

import tracer
from tracer.analysis.group_facts import group_facts
from tracer.analysis.owners import nodes_of
from tracer.analysis.reach import between, depends, feeds, listed
from tracer.errors import TracerError
from tracer.facts import Facts
from tracer.graph import Edge, Graph, Node, TensorSpec

SPEC = TensorSpec((2,), "float32", "cpu")


def random_graph(seed: int, size: int = 60) -> Graph:
    chosen = random.Random(seed)
    edges = []
    for consumer in range(1, size):
        for slot in range(chosen.choice([0, 1, 1, 2, 3])):
            edges.append(Edge(chosen.randrange(consumer), consumer, 0, slot))
    return Graph(tuple(Node(index, "A", "operation", (SPEC,), 3) for index in range(size)), tuple(edges))


def paths(graph: Graph, start: int, end: int) -> set[int]:
    """Go along every path from start to end."""
    out: dict[int, list[int]] = {}
    for edge in graph.edges:
        out.setdefault(edge.producer, []).append(edge.consumer)
    found: set[int] = set()

    def reaches(node: int, seen: dict[int, bool]) -> bool:
        if node not in seen:
            seen[node] = (node == end) | any(reaches(after, seen) for after in out.get(node, []))
        return seen[node]

    seen: dict[int, bool] = {}
    waiting, known = [start], set()
    while waiting:
        node = waiting.pop()
        if node in known:
            continue
        known.add(node)
        if reaches(node, seen):
            found.add(node)
        waiting += out.get(node, [])
    return found


@pytest.mark.parametrize("seed", range(20))
def test_paths_feeds_and_depends_agree_with_a_search(seed: int) -> None:
    graph = random_graph(seed)
    chosen = random.Random(seed + 1000)
    for _ in range(10):
        start, end = sorted(chosen.sample(range(len(graph.nodes)), 2))
        assert set(between(graph, [start], [end])) == paths(graph, start, end)
        assert between(graph, [end], [start]) == []
        fed = {node for node in range(len(graph.nodes)) if paths(graph, start, node)}
        assert set(listed(feeds(graph, [start]))) == fed
        assert set(listed(depends(graph, [end]))) == {node for node in range(end + 1) if paths(graph, node, end)}


@pytest.fixture(scope="module")
def facts() -> Facts:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    x = torch.ones(2, 3, requires_grad=True)
    with tracer.record(model) as notes:
        loss = model(x).sum()
    return tracer.trace({"loss": loss}, model=model, names={"x": x}, notes=notes, gradients=True).facts


def names(facts: Facts, owner: str) -> set[str]:
    nodes = facts.graph.nodes
    return {nodes[index].label or nodes[index].name for index in nodes_of(facts, owner, {"group a": [0, 1]})}


def test_parts_by_their_names(facts: Facts) -> None:
    assert names(facts, "module 0") == {"0.weight", "0.bias", "TBackward0", "AddmmBackward0"}
    assert names(facts, "tensor 2.bias") == {"2.bias"} and names(facts, "tensor loss") == {"loss"}
    assert nodes_of(facts, "group a", {"group a": (0, 1)}) == [0, 1] and nodes_of(facts, "node 2", {}) == [2]
    edge = facts.graph.edges[1]
    assert nodes_of(facts, "edge 1", {}) == [edge.producer, edge.consumer]
    line = next(node.source for node in facts.graph.nodes if node.source)
    lined = nodes_of(facts, f"line {line}", {})
    assert lined == [node.index for node in facts.graph.nodes if node.source == line]
    assert len(nodes_of(facts, "module ", {})) == len(facts.graph.nodes)


@pytest.mark.parametrize(
    "owner", ["node 99", "node x", "edge 99", "module nowhere", "line a.py:1", "group b", "", "fish"]
)
def test_a_part_that_is_not_there_is_refused(facts: Facts, owner: str) -> None:
    with pytest.raises(TracerError, match="has no"):
        nodes_of(facts, owner, {})


def test_what_is_known_of_a_group(facts: Facts) -> None:
    found = group_facts(facts, nodes_of(facts, "module 0", {}))
    nodes = facts.graph.nodes
    assert [(nodes[port[0]].label, spec.shape) for port, spec in found.inputs if spec] == [("x", (2, 3))]
    assert [spec.shape for _, spec in found.outputs if spec] == [(2, 4)]
    assert (found.parameters, found.operations, set(found.names)) == (16, 2, {"0.weight", "0.bias"})
    norms = {row.name: row.norm or 0 for row in tracer.Recording(facts).gradients()}
    assert found.norm == pytest.approx((norms["0.weight"] ** 2 + norms["0.bias"] ** 2) ** 0.5)
    assert dict(found.kinds) == {"TBackward0": 1, "AddmmBackward0": 1} and found.modules == ("0",)


def test_all_nodes_together_keep_all_and_hand_on_the_loss(facts: Facts) -> None:
    found = group_facts(facts, range(len(facts.graph.nodes)))
    assert found.kept == sum(storage.bytes for storage in facts.saved or ()) and found.shared == 0
    assert found.inputs == () and [facts.graph.nodes[port[0]].label for port, _ in found.outputs] == ["loss"]
    assert found.parameters == 3 * 4 + 4 + 4 + 1


def test_what_several_keep_is_told_apart() -> None:
    x = torch.ones(4, requires_grad=True)
    y = x.exp()  # exp keeps its own result, and so does the product
    facts = tracer.trace((y * y).sum(), names={"x": x}, saved=True).facts
    alone = next(node.index for node in facts.graph.nodes if node.name == "ExpBackward0")
    found = group_facts(facts, [alone])
    assert (found.kept, found.shared) == (0, 16) and found.norm is None
    assert group_facts(tracer.trace(y.sum()).facts, [0]).kept is None
