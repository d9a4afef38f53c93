"""A reentrant checkpoint: what does not depend on it is measured, and it does not run."""

import pytest
import torch
from torch.utils.checkpoint import checkpoint

import tracer
from tracer.backward.reentrant import reach
from tracer.graph import Edge, Node


def states(recording: tracer.Recording) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Give the state at each node, and on each edge, by label or name."""
    names = [node.label or node.name.removesuffix("Backward0") for node in recording.graph.nodes]
    edges = zip(recording.graph.edges, recording.facts.edge_gradients, strict=True)
    return (
        {names[gradient.node]: gradient.state for gradient in recording.facts.gradients},
        {(names[edge.consumer], names[edge.producer]): flow.state for edge, flow in edges},
    )


class Block(torch.nn.Module):
    """A linear layer, counting how often it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.runs = torch.nn.Linear(3, 3), 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.runs += 1
        return self.linear(x).tanh()


def test_downstream_of_it_all_is_measured_and_it_does_not_run():
    block, head = Block(), torch.nn.Linear(3, 2)
    x = torch.ones(1, 3, requires_grad=True)
    h = x * 2
    y = head(checkpoint(block, h, use_reentrant=True)).square().sum()
    recording = tracer.trace(y, model=head, names={"x": x, "h": h}, gradients=True)
    at, on = states(recording)
    assert block.runs == 1
    assert (at["x"], at["h"]) == ("not measured", "not measured")
    assert {at["weight"], at["bias"], at["Addmm"], at["CheckpointFunctionBackward"]} == {"measured"}
    assert on["CheckpointFunctionBackward", "h"] == on["h", "x"] == "not measured"
    assert on["Addmm", "CheckpointFunctionBackward"] == "measured"
    assert "behind it is not measured" in recording.facts.notes[0]
    found = {row.name: row.values for row in recording.gradients()}
    y.backward()
    assert block.runs == 2
    assert found["weight"] == tuple(head.weight.grad.flatten().tolist())
    assert found["x"] is None


class Both(torch.autograd.Function):
    """A sum whose backward gives both gradients, also where only one was asked for."""

    @staticmethod
    def forward(ctx, a, b):
        return a + b

    @staticmethod
    def backward(ctx, g):
        return g, g


@pytest.mark.parametrize(("add", "known"), [(torch.add, False), (Both.apply, True)], ids=["torch's", "a person's"])
def test_beside_it_a_contribution_is_known_where_it_was_computed(add, known):
    block = Block()
    x = torch.ones(1, 3, requires_grad=True)
    h = x * 2
    y = add(checkpoint(block, h, use_reentrant=True), h)
    recording = tracer.trace({"y": y}, names={"x": x, "h": h}, gradients=True)
    at, on = states(recording)
    assert (at["y"], at["h"], at["x"]) == ("measured", "not measured", "not measured")
    flow = next(row for row in recording.edge_gradients() if row.edge.slot == 1)
    assert (flow.state, flow.values) == (("measured", (1.0, 1.0, 1.0)) if known else ("not measured", None))
    assert (on["y", "h"], flow.share, flow.cosine) == (flow.state, None, None)
    assert block.runs == 1


def test_one_after_another():
    blocks = [Block(), Block(), Block()]
    h = torch.ones(1, 3, requires_grad=True)
    for block in blocks:
        h = checkpoint(block, h, use_reentrant=True)
    recording = tracer.trace(h.sum(), gradients=True)
    assert [g.state for g in recording.facts.gradients] == ["not measured"] * 3 + ["measured"] * 2
    assert [block.runs for block in blocks] == [1, 1, 1]


def test_what_leads_only_to_what_is_hidden():
    x = torch.ones(1, 3, requires_grad=True)
    h = x * 2
    y = checkpoint(Block(), h, use_reentrant=True) + h.exp().sin()
    at, on = states(tracer.trace(y, names={"x": x, "h": h}, gradients=True))
    assert (at["Sin"], at["Exp"], at["h"]) == ("measured", "measured", "not measured")
    assert (on["Sin", "Exp"], on["Exp", "h"]) == ("measured", "not measured")


def test_an_output_behind_it_has_no_known_sum():
    x = torch.ones(1, 3, requires_grad=True)
    h = x * 2
    y = checkpoint(Block(), h, use_reentrant=True)
    at, _ = states(tracer.trace({"h": h, "y": y}, names={"x": x}, gradients=True))
    assert at == {"x": "not measured", "h": "not measured", "y": "measured"}


def test_what_it_does_not_lead_to_is_measured():
    x, w = torch.ones(1, 3, requires_grad=True), torch.ones(3, requires_grad=True)
    y = checkpoint(Block(), x, use_reentrant=True) * w.exp()
    at, _ = states(tracer.trace(y, names={"x": x, "w": w}, gradients=True))
    assert (at["x"], at["w"]) == ("not measured", "measured")


def graph(*edges: tuple[int, int], checkpoints: tuple[int, ...] = ()) -> tuple[list[Node], list[Edge]]:
    count = max(number for edge in edges for number in edge) + 1
    names = ["CheckpointFunctionBackward" if number in checkpoints else "F" for number in range(count)]
    nodes = [Node(number, name, "operation", (None,), 1) for number, name in enumerate(names)]
    return nodes, [Edge(*edge) for edge in sorted(edges, key=lambda edge: edge[1])]


@pytest.mark.parametrize(
    ("made", "stops", "hidden"),
    [
        (graph((0, 1), (1, 2)), [0], set()),
        (graph((0, 1), (1, 2), checkpoints=(1,)), [1], {0}),
        (graph((0, 1), (1, 3), (2, 3), checkpoints=(1,)), [1, 2], {0}),
        (graph((0, 1), (1, 2), (2, 3), checkpoints=(1, 3)), [3], {0, 1, 2}),
        (graph((0, 1), (0, 2), (1, 3), (2, 3), checkpoints=(1,)), [1, 2], {0}),
    ],
    ids=["none in the way", "in a chain", "beside a leaf", "two in a chain", "beside a way to what is hidden"],
)
def test_how_far_backward_goes(made, stops, hidden):
    found = reach(*made)
    assert ([node for node, _ in found.stops], found.hidden) == (stops, hidden)
