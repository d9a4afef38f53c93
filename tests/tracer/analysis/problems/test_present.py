"""Gradients that are zero, not finite, vanish or explode: where that begins, and neighbours that are fine."""

import math

import pytest
import torch
from torch import nn

import tracer
from tests.tracer.analysis.problems.agreement import agree


def problems(make, *, values=(-1.0, -2.0, 3.0), start=None, dtype=torch.float32):
    x = torch.tensor(values, dtype=dtype, requires_grad=True)
    with tracer.record(reads=True) as notes:
        y = make(x)
    recording = tracer.trace({"y": y}, names={"x": x}, notes=notes, gradients=True, start=start)
    agree(recording, y, names={"x": x}, start=start)
    return recording.problems()


def hook_of_zeros(x):
    y = x * 2
    y.register_hook(lambda g: g * 0)
    return y * 3


@pytest.mark.parametrize(
    ("make", "operation", "why"),
    [
        (lambda x: (-x.abs()).relu().sum(), "ReluBackward0", "above its threshold"),
        (lambda x: (x * 0).sum(), "MulBackward0", "multiplied with is zero"),
        (lambda x: x.clamp(10, 20).sum(), "ClampBackward1", "outside its limits"),
        (lambda x: x.round().sum(), "RoundBackward0", "derivative is zero everywhere"),
        (lambda x: x.sign().sum() * 2, "SignBackward0", "derivative is zero everywhere"),
        (lambda x: torch.where(x > 10, x, 0.0).sum(), "WhereBackward0", "chosen"),
        (lambda x: x.masked_fill(x < 10, 0).sum(), "MaskedFillBackward0", "chosen"),
        (lambda x: torch.maximum(x, torch.full((3,), 9.0)).sum(), "MaximumBackward0", "chosen"),
        (lambda x: torch.cat([x, torch.ones(3)])[3:].sum(), "CatBackward0", "no gradient arrives for the part"),
        (lambda x: torch.cat([x, torch.ones(3)]).gather(0, torch.tensor([4])).sum(), "CatBackward0", "the part"),
        (
            lambda x: nn.functional.max_pool1d(torch.cat([x, torch.tensor([9.0])])[None], 4).sum(),
            "CatBackward0",
            "part",
        ),
        (lambda x: (x * 2 - x * 2).sum(), "AccumulateGrad", "cancel out"),
        (lambda x: (x * 2 - x * 2 + x * 0).sum(), "AccumulateGrad", "cancel out"),
        (hook_of_zeros, "MulBackward0", "A hook made it zero"),
        (lambda x: torch.sigmoid(x * 1e4 + 1e7).sum(), "SigmoidBackward0", "flat"),
        (lambda x: torch.mm(x[None], torch.zeros(3, 1)).sum(), "MmBackward0", "other factor"),
    ],
)
def test_zero_and_where_it_begins(make, operation, why):
    (problem,) = problems(make, start=torch.ones(3) if make is hook_of_zeros else None)
    assert (problem.problem, problem.operation, problem.where) == ("zero gradient", operation, "x")
    assert why in problem.why
    if operation != "AccumulateGrad":
        assert problem.source.startswith("test_present.py:")


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.relu().sum(),
        lambda x: (x * torch.tensor([0.0, 0, 1])).sum(),
        lambda x: x.clamp(0, 20).sum(),
        lambda x: (x + (x.round() - x).detach()).sum(),
        lambda x: torch.where(x > 0, x, 0.0).sum(),
        lambda x: torch.maximum(x, torch.zeros(3)).sum(),
        lambda x: (x * 2 - x).sum(),
        lambda x: x.relu().sum() + (x * 0).sum(),
        lambda x: torch.ones(3, requires_grad=True).sum() + x[2],
        lambda x: x[:0].sum() + x.sum(),
    ],
)
def test_some_zeros_are_no_problem(make):
    assert problems(make) == ()


def test_numbers_that_become_too_small():
    (problem,) = problems(lambda x: (x * 1e-30 * 1e-30).sum())
    assert "what arrives there is at most 1e−30" not in problem.why
    (problem,) = problems(lambda x: (x * 1e-10 * 1e-37).sum())
    assert problem.operation == "MulBackward0"
    assert problem.why.endswith(
        "what arrives there is at most 1e−37, and what it makes of that is too small for float32."
    )


def test_backward_that_starts_with_zeros():
    (problem,) = problems(lambda x: x * 2, start=torch.zeros(3))
    assert problem.where == "x and y" and "starts with zeros" in problem.why


@pytest.mark.parametrize(
    ("make", "values", "operation", "why"),
    [
        (lambda x: x.sqrt().sum(), (0.0, 4.0), "SqrtBackward0", "square root at 0"),
        (lambda x: torch.where(x > 0, x.sqrt(), 0.0).sum(), (-1.0, 4.0), "SqrtBackward0", "square root"),
        (lambda x: torch.where(x > 0, x.log(), 0.0).sum(), (0.0, 4.0), "LogBackward0", "logarithm"),
        (lambda x: (x**0.5).sum(), (0.0, 4.0), "PowBackward0", "power below 1"),
        (lambda x: (1 / (x * 1)).sum(), (0.0, 4.0), "ReciprocalBackward0", "divides by 0"),
        (lambda x: (x * 1e30 * 1e30).sum(), (1.0, 1.0), "MulBackward0", "too large"),
        (lambda x: (x * math.nan).sum(), (1.0, 1.0), "MulBackward0", "other factor"),
    ],
)
def test_nan_and_infinity_and_where_they_begin(make, values, operation, why):
    (problem,) = [row for row in problems(make, values=values) if row.problem == "NaN or infinity"]
    assert (problem.where, problem.operation) == ("x", operation)
    assert why in problem.why and problem.source.startswith("test_present.py:")


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.sqrt().sum(),
        lambda x: torch.where(x > 0, x, 1.0).sqrt().sum(),
        lambda x: (x * 1e30 * 1e-30 * 1e30).sum(),
    ],
)
def test_finite_ones_are_fine(make):
    assert problems(make, values=(1.0, 4.0)) == ()


def deep(layers, activation, gain=1.0):
    torch.manual_seed(0)
    net = nn.Sequential()
    for _ in range(layers):
        layer = nn.Linear(16, 16)
        with torch.no_grad():
            layer.weight.normal_(0, gain / 4)
        net.extend([layer, activation()])
    with tracer.record(net, reads=True) as notes:
        loss = net(torch.randn(8, 16)).square().mean()
    recording = tracer.trace({"loss": loss}, model=net, notes=notes, gradients=True)
    agree(recording, loss, net)
    return recording


def test_vanishing_with_depth_states_both_ends_and_the_factor():
    recording = deep(10, nn.Sigmoid)
    (problem,) = recording.problems()
    assert problem.problem == "vanishing gradient" and problem.names[0] == "0.weight"
    norms = {edge.edge.producer: edge.norm for edge in recording.edge_gradients()}
    nodes = recording.graph.nodes
    first, last = (next(n.index for n in nodes if n.module == m and n.name == "AddmmBackward0") for m in ("0", "18"))
    factor = norms[last] / norms[first]
    assert factor > 1e4
    assert f"AddmmBackward0 (18, {nodes[last].source})" in problem.why
    assert f"AddmmBackward0 (0, {nodes[first].source})" in problem.why
    assert problem.why.startswith("Over 10 layers its norm falls by a factor of ")
    said = float(problem.why.split("factor of ")[1].split(":")[0].replace("−", "-"))
    assert said == pytest.approx(factor, rel=0.01)
    assert not any("vanishes" in text for text in recording.why("18.weight"))


def test_exploding_with_depth():
    (problem,) = deep(10, nn.ReLU, gain=8.0).problems()
    assert problem.problem == "exploding gradient" and "grows by a factor of" in problem.why
    assert "clip" in problem.cure


@pytest.mark.parametrize(
    ("layers", "activation", "gain"), [(10, nn.ReLU, 1.4), (10, nn.Tanh, 1.2), (3, nn.Sigmoid, 0.01)]
)
def test_healthy_and_shallow_nets_are_not_reported(layers, activation, gain):
    assert deep(layers, activation, gain).problems() == ()


def test_a_loss_that_is_scaled_does_not_vanish():
    net = nn.Sequential(*(part for _ in range(6) for part in (nn.Linear(8, 8), nn.ReLU())))
    loss = net(torch.ones(2, 8)).sum() * 1e-9
    assert tracer.trace({"loss": loss}, model=net, gradients=True).problems() == ()


def test_a_hook_that_changes_it_is_a_remark():
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    recording = tracer.trace({"loss": (y * 3).sum()}, names={"x": x, "y": y}, gradients=True)
    assert recording.problems() == ()
    assert "y: a hook changes it: its norm was 5.196 when it came and is 51.96 afterwards." in recording.why("y")
    assert not any("hook" in text for text in recording.why("x"))
