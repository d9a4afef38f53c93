"""Walking: structure, duplicate edges, and order."""

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from tracer.capture.walk import walk
from tracer.graph import Edge


def leaf(*shape: int) -> torch.Tensor:
    return torch.ones(shape or (3,), requires_grad=True)


def names(walked) -> list[str]:
    return [node.name().rpartition("::")[2] for node in walked.nodes]


def test_a_value_used_twice_has_two_edges():
    x = leaf()
    walked = walk([("y", x * x)])
    assert names(walked) == ["AccumulateGrad", "MulBackward0"]
    assert walked.edges == (Edge(0, 1, 0, 0), Edge(0, 1, 0, 1))


def test_an_untracked_input_keeps_its_slot():
    walked = walk([("y", torch.ones(3) * leaf())])
    assert walked.edges == (Edge(0, 1, 0, 1),)
    assert walked.slots == [0, 2]


def test_outputs_of_one_operation_are_told_apart():
    first, second = (leaf(2, 3) * 2).unbind()
    walked = walk([("a", second - first)])
    unbind = names(walked).index("UnbindBackward0")
    assert [(e.producer, e.output_nr, e.slot) for e in walked.edges if e.producer == unbind] == [
        (unbind, 1, 0),
        (unbind, 0, 1),
    ]


def two_losses() -> list[tuple[str, torch.Tensor]]:
    x = leaf()
    y = x.exp()
    return [("a", y.sum()), ("b", (y * x).sum()), ("nothing", torch.ones(2)), ("x", x)]


def test_several_outputs_share_one_graph():
    walked = walk(two_losses())
    assert names(walked) == ["AccumulateGrad", "ExpBackward0", "SumBackward0", "MulBackward0", "SumBackward0"]
    assert [tuple(output) for output in walked.outputs] == [
        (2, 0, "a"),
        (4, 0, "b"),
        (None, 0, "nothing"),
        (0, 0, "x"),
    ]


def in_place_view() -> torch.Tensor:
    x = leaf(4) * 1
    x[:2].mul_(leaf(2))
    return x


def cubed_slope(x: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad((x**3).sum(), x, create_graph=True)[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: leaf() + 1,
        in_place_view,
        lambda: torch.nn.LSTM(3, 4, 2)(torch.ones(5, 1, 3))[0],
        lambda: cubed_slope(leaf()),
        lambda: checkpoint(torch.sin, leaf(), use_reentrant=False) * 2,
        lambda: torch.cat([leaf()] * 50),
    ],
    ids=["add", "in-place view", "lstm", "double backward", "checkpoint", "fan-in"],
)
def test_producers_come_before_consumers(make):
    walked = walk([("y", make())])
    assert all(edge.producer < edge.consumer for edge in walked.edges)
    followed = sum(child is not None for node in walked.nodes for child, _ in node.next_functions)
    assert len(walked.edges) == followed


def test_a_checkpointed_forward_is_not_run_again():
    calls = []

    def forward(x):
        calls.append(1)
        return x.sin()

    y = checkpoint(forward, leaf(), use_reentrant=False)
    walk([("y", y)])
    assert len(calls) == 1
