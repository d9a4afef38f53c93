"""A hook that changes a gradient is told of; one that only looks is not."""

from collections.abc import Callable

import pytest
import torch

import tracer
from tracer.backward.hooked import adds_up


def told(recording: tracer.Recording) -> list[str]:
    return [note for note in recording.facts.notes if "hook" in note]


def traced(on: str, hook: Callable) -> tuple[tracer.Recording, torch.Tensor]:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = (y * y + y).sum()
    {"x": x, "y": y, "z": z}[on].register_hook(hook)
    return tracer.trace({"z": z}, names={"x": x, "y": y}, gradients=True), x


@pytest.mark.parametrize("on", ["x", "y", "z"])
def test_a_hook_that_changes_a_gradient(on):
    recording, _ = traced(on, lambda g: g * 10)
    assert told(recording) == [
        f"A hook changed the gradient of {on}: it is told as the hook left it, and what flows to it on edges, with its "
        "share, as it was before"
    ]
    assert {row.name: row.values for row in recording.gradients()}["x"] == (210.0, 390.0)


@pytest.mark.parametrize("on", ["x", "y", "z"])
@pytest.mark.parametrize("hook", [lambda g: None, lambda g: g, lambda g: g.clone()], ids=["None", "same", "copy"])
def test_a_hook_that_only_looks(on, hook):
    assert told(traced(on, hook)[0]) == []


def test_what_flows_is_before_the_hook_and_what_arrives_after_it():
    recording, _ = traced("y", lambda g: g * 10)
    label = {node.index: node.label for node in recording.graph.nodes}
    rows = [row for row in recording.edge_gradients() if label[row.edge.producer] == "y"]
    assert sum(row.values[0] for row in rows) == 7
    assert {row.name: row.values[0] for row in recording.gradients()}["y"] == 70
    assert sum(row.share for row in rows) == pytest.approx(1)


def test_a_hook_that_writes_into_a_gradient():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: g.mul_(10))
    recording = tracer.trace((y * torch.ones(2)).sum(), names={"x": x, "y": y}, gradients=True)
    into_y = next(row for row in recording.edge_gradients() if row.edge.producer == 1)
    assert (into_y.state, into_y.values, into_y.norm) == ("not measured", None, None)
    assert {row.name: row.values for row in recording.gradients()} == {"x": (30.0, 30.0), "y": (10.0, 10.0)}
    assert "gradient of y" in told(recording)[0]


def test_a_hook_of_a_node():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.grad_fn.register_prehook(lambda g: (g[0] * 10,))
    assert "gradient of MulBackward0" in told(tracer.trace(y.sum(), names={"x": x}, gradients=True))[0]


def test_many_changed_gradients_are_counted():
    leaves = {f"x{number}": torch.ones(2, requires_grad=True) for number in range(6)}
    for leaf in leaves.values():
        leaf.register_hook(lambda g: -g)
    note = told(tracer.trace(sum(leaf.exp() for leaf in leaves.values()), names=leaves, gradients=True))[0]
    assert note.startswith("A hook changed the gradient of x0, x1, x2 and 3 more: ")


def test_a_retained_gradient_is_no_change():
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    y.retain_grad()
    assert told(tracer.trace(y * y, gradients=True)) == []


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16, torch.complex64])
@pytest.mark.parametrize("seed", range(5))
def test_rounding_is_no_change(dtype, seed):
    generator = torch.Generator().manual_seed(seed)
    parts = [torch.randn(1000, generator=generator).to(dtype) * 3**number for number in range(7)]
    whole = torch.zeros(1000, dtype=dtype)
    for part in parts:
        whole = whole + part
    assert adds_up(parts, whole)
    assert adds_up(parts[::-1], whole)
    changed = whole.clone()
    changed[500] *= 1.5
    assert not adds_up(parts, changed)


@pytest.mark.parametrize(
    ("parts", "whole", "same"),
    [
        ([1.0, torch.inf], torch.inf, True),
        ([torch.inf, -torch.inf], torch.nan, True),
        ([40000.0, 40000.0], torch.inf, True),  # a sum past the largest number of its dtype
        ([1.0, 2.0], torch.nan, False),
        ([1.0], 2.0, False),
        ([], 2.0, True),
    ],
)
def test_what_is_not_finite(parts, whole, same):
    tensors = [torch.tensor([part], dtype=torch.float16) for part in parts]
    assert adds_up(tensors, torch.tensor([whole], dtype=torch.float16)) == same


def test_what_cant_be_read_is_taken_to_add_up():
    assert adds_up([torch.ones(2, device="meta")], torch.ones(2, device="meta"))
