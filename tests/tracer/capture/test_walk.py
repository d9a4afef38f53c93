"""Walking: structure, duplicate edges, order, and freeing deep graphs."""

import subprocess
import sys

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from tracer.capture.walk import KEEP, walk
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


def test_only_deep_graphs_get_an_entry():
    shallow = walk([("y", torch.stack([leaf().sum() for _ in range(3000)]))])
    assert not any(KEEP in node.metadata for node in shallow.nodes)
    y = leaf()
    for _ in range(3000):
        y = y * 1.5
    deep = walk([("y", y)])
    assert KEEP in deep.nodes[-1].metadata


FREE = """
import gc, sys, threading, torch
from tracer.capture.walk import walk
length, shape, order = int(sys.argv[1]), sys.argv[2], sys.argv[3]
a = b = torch.ones(1, requires_grad=True)
for _ in range(length):
    if shape == "chain": a = a + 1
    else: a, b = a + b, a * 1.0
y = a + b
walked = walk([("y", y)])
if order == "backward": y.sum().backward()
if order == "loss first": del y, a, b; gc.collect(); del walked
else: del walked; gc.collect(); del y, a, b
gc.collect()
print("freed")
"""


@pytest.mark.parametrize(
    ("length", "shape", "order"),
    [
        (1_000_000, "chain", "result first"),
        (200_000, "chain", "loss first"),
        (200_000, "chain", "backward"),
        (100_000, "ladder", "result first"),
        (100_000, "ladder", "loss first"),
    ],
)
def test_a_deep_graph_is_freed_safely(length, shape, order):
    done = subprocess.run([sys.executable, "-c", FREE, str(length), shape, order], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "freed\n")


def test_an_interrupted_walk_leaves_the_graph_safe():
    script = FREE.replace('walked = walk([("y", y)])', "walked = interrupted(y)").replace(
        "length, shape, order", INTERRUPT + "\nlength, shape, order", 1
    )
    done = subprocess.run([sys.executable, "-c", script, "100000", "chain", "result first"], capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"freed\n")


INTERRUPT = """
import tracer.capture.walk as rooms
def interrupted(y):
    def stop(*_): raise KeyboardInterrupt
    rooms._edges = stop
    try: walk([("y", y)])
    except KeyboardInterrupt: return None
"""
