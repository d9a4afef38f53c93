"""Convolutions run by torch: the lesson's numbers, all layers, and what the caller's world looks like after."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given, settings, strategies

from tracer.analysis.gradients import gradients
from tracer.analysis.shapes import shapes
from tracer.convolution import shapes as pure
from tracer.convolution.cost import saved_bytes
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Convolution
from tracer.runners.convolution import find

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128), device="cpu")


def test_the_lesson() -> None:
    facts = find(LESSON)
    assert facts.experiment == LESSON
    rows = {row.name: row for row in shapes(facts)}
    assert {name: (row.role, row.shape) for name, row in rows.items() if name != "loss"} == {
        "x": ("input", (1, 20, 64, 128)),
        "weight": ("parameter", (16, 20, 3, 5)),
        "bias": ("parameter", (16,)),
        "y": ("output", (1, 16, 62, 124)),
    }
    assert [node.name for node in facts.graph.nodes].count("AccumulateGrad") == 3
    assert {node.name for node in facts.graph.nodes} == {"AccumulateGrad", "ConvolutionBackward0", "MeanBackward0"}
    assert len(facts.graph.edges) == 4
    assert [(tensor.name, tensor.made_by) for tensor in facts.tensors if tensor.made_by] == [
        ("y", "Conv2d(x)"),
        ("loss", "y.mean()"),
    ]


def test_the_gradients_of_the_lesson_are_those_of_torch() -> None:
    rows = {row.name: row for row in gradients(find(LESSON))}
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(20, 16, (3, 5))
    x = torch.randn(1, 20, 64, 128, requires_grad=True)
    conv(x).mean().backward()
    for name, tensor in (("x", x), ("weight", conv.weight), ("bias", conv.bias)):
        assert tensor is not None and tensor.grad is not None
        exact = tensor.grad.double()
        assert rows[name].mean == pytest.approx(float(exact.mean()), rel=1e-6)
        assert rows[name].norm == pytest.approx(float(exact.norm()), rel=1e-6)
        check = rows[name].check
        assert check is not None and (check.tried, check.agreed) == (16, 16)


LAYERS = [
    Convolution("Conv1d", 4, 6, 3, 9),
    Convolution("Conv1d", 4, 6, 3, 9, batch=None, fill="impulse"),
    Convolution("Conv1d", 4, 6, 3, 9, loss=(0, 3, 2), groups=2),
    Convolution("Conv1d", 4, 6, 3, 9, loss=(3, 2), batch=None, stride=2),
    Convolution("Conv2d", 4, 6, (3, 2), (9, 8), batch=3, loss="sum", stride=(2, 1), padding=(1, 0), bias=False),
    Convolution("Conv2d", 4, 6, 3, 9, groups=2, batch=None, padding_mode="circular", padding=2, dilation=2),
    Convolution("Conv2d", 4, 6, 4, 9, padding="same", padding_mode="reflect", loss=(0, 5, 8, 8)),
    Convolution("Conv2d", 4, 6, 4, 9, padding="same"),
    Convolution("Conv2d", 4, 8, 3, 9, groups=4, padding=3, padding_mode="replicate", dtype="float64"),
    Convolution("Conv2d", 4, 6, 3, 9, loss="sum", fill="sine", dtype="float16"),
    Convolution("Conv2d", 4, 6, 3, 9, fill="ramp", dtype="bfloat16"),
    Convolution("Conv3d", 4, 6, 3, 6, batch=2, fill="checker"),
    Convolution("ConvTranspose1d", 4, 6, 3, 9, stride=2, output_padding=1),
    Convolution("ConvTranspose1d", 2, 2, 3, 5, dilation=2, stride=2, loss=(0, 1, 12)),
    Convolution("ConvTranspose2d", 4, 6, 3, 7, groups=2, batch=None),
    Convolution("ConvTranspose2d", 4, 6, 3, 7, groups=2, loss=(0, 4, 3, 3), batch=2),
    Convolution("ConvTranspose3d", 4, 6, 3, 5, groups=2, batch=3, dilation=2, padding=1),
    Convolution("Conv1d", 1, 1, 2, 3, input=[[["1/4", 2, -3]]], weight=[[[1, 0.5]]], bias_values=[7], loss="sum"),
]


@pytest.mark.parametrize("experiment", LAYERS, ids=lambda e: f"{e.layer} {e.groups} {e.loss} {e.padding_mode}")
def test_every_layer_has_the_sizes_told_beforehand_and_gradients_that_agree(experiment: Convolution) -> None:
    facts, resolved = find(experiment), resolve(experiment)
    found = [(row.name, row.role, row.shape, row.axes, row.bytes) for row in shapes(facts) if row.name != "loss"]
    assert found == [(row.name, row.role, row.shape, row.axes, row.bytes) for row in pure.shapes(resolved)]
    checks = {row.name: row.check for row in gradients(facts) if row.name != "loss"}
    elements = {row.name: row.elements for row in pure.shapes(resolved)}
    assert set(checks) == set(elements)
    for name, check in checks.items():
        assert check is not None
        assert (check.tried, check.agreed) == (min(16, elements[name]),) * 2, name
    assert facts.saved is not None
    assert sum(storage.bytes for storage in facts.saved) == saved_bytes(resolved)


choose = strategies.sampled_from


@settings(max_examples=40, deadline=None)
@given(
    strategies.builds(
        Convolution,
        layer=choose(["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]),
        in_channels=choose([2, 4]),
        out_channels=choose([2, 4]),
        kernel_size=choose([1, 2, 3]),
        input_size=choose([3, 5]),
        stride=choose([1, 2]),
        padding=choose([0, 1, 2, "same"]),
        dilation=choose([1, 2]),
        groups=choose([1, 2]),
        bias=choose([True, False]),
        padding_mode=choose(["zeros", "reflect", "replicate", "circular"]),
        batch=choose([None, 1, 2]),
        dtype=choose(["float32", "float64"]),
        device=choose(["cpu"]),
    )
)
def test_what_backward_keeps_is_told_beforehand_to_the_byte(experiment: Convolution) -> None:
    try:
        expected = saved_bytes(resolve(experiment))
    except TracerError:
        assume(False)
    facts = find(experiment)
    assert sum(storage.bytes for storage in facts.saved or ()) == expected
    assert all(row.check is None or row.check.agreed == row.check.tried for row in gradients(facts))


def test_given_values_are_used() -> None:
    facts = find(LAYERS[-1])
    assert [tensor.values.nested() for tensor in facts.tensors if tensor.name == "y" and tensor.values] == [
        [[[8.25, 7.5]]]
    ]


def test_a_wrong_gradient_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    right = torch.autograd.grad
    monkeypatch.setattr(torch.autograd, "grad", lambda *args, **kwargs: [1.01 * g for g in right(*args, **kwargs)])
    assert {row.check.agreed for row in gradients(find(LAYERS[0])) if row.check} == {0}


def test_the_callers_world_is_left_as_it_was() -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    with torch.no_grad():
        find(LAYERS[0])
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, same, other = (find(Convolution("Conv1d", 2, 2, 3, 9, seed=seed)) for seed in (1, 1, 2))
    assert one.tensors == same.tensors
    assert one.tensors != other.tensors


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="There is no device “cup” here"):
        find(Convolution("Conv1d", 1, 1, 1, 1, device="cup"))


def test_torchs_own_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("some kernel is not there\nand a long trace")

    monkeypatch.setattr("tracer.runners.convolution.run", fail)
    with pytest.raises(TracerError, match=r"PyTorch could not run this Conv1d: some kernel is not there\. Try"):
        find(LAYERS[0])


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("experiment", LAYERS, ids=lambda e: f"{e.layer} {e.groups} {e.loss} {e.padding_mode}")
def test_on_cuda(experiment: Convolution) -> None:
    facts = find(experiment)  # the device is "auto"
    assert {tensor.device for tensor in facts.tensors} == {"cuda:0"}
    for row in gradients(facts):
        assert row.check is None or row.check.agreed == row.check.tried
