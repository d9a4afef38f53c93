"""Outputs that a graph knows nothing of: not differentiable ones, and gradients that an operation did not give."""

import pytest
import torch

import tracer
from tracer.capture.nodes import UNKNOWN


class Masked(torch.autograd.Function):
    """A mask that can't be differentiated, and a sum that can."""

    @staticmethod
    def forward(ctx, x):
        mask = x > 0
        ctx.mark_non_differentiable(mask)
        return mask, x.sum(), x * 2

    @staticmethod
    def backward(ctx, _mask, g, h):
        return g + h * 2


def outputs(tensors) -> list[tuple]:
    node = tracer.trace(tensors).graph.nodes[-1]
    assert node.name == "MaskedBackward"
    return [spec.shape for spec in node.outputs]


def test_an_output_that_cant_be_differentiated_has_no_known_shape():
    mask, total, doubled = Masked.apply(torch.ones(3, requires_grad=True))
    assert outputs([total, doubled]) == [None, (), (3,)]
    assert outputs([mask, total, doubled]) == [None, (), (3,)]
    assert tracer.trace({"mask": mask}).shapes()[0].shape == (3,)


def test_a_scalar_that_is_not_used_may_be_one_or_nothing():
    _, total, doubled = Masked.apply(torch.ones(3, requires_grad=True))
    assert outputs([doubled]) == [None, None, (3,)]
    assert outputs([doubled, total]) == [None, (), (3,)]


@pytest.mark.parametrize("default", [torch.float32, torch.float64])
def test_whatever_the_default_dtype_is(default):
    before = torch.get_default_dtype()
    torch.set_default_dtype(default)
    try:
        _, total, _ = Masked.apply(torch.ones(3, requires_grad=True))
        node = tracer.trace(total).graph.nodes[-1]
    finally:
        torch.set_default_dtype(before)
    assert [spec.dtype for spec in node.outputs] == [None, str(default).removeprefix("torch."), node.outputs[2].dtype]


def test_gradients_that_a_convolution_did_not_give():
    x, w = torch.ones(1, 2, 5, 5, requires_grad=True), torch.ones(3, 2, 3, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.nn.functional.conv2d(x, w).pow(2).sum(), w, create_graph=True)
    recording = tracer.trace(slope, gradients=True)
    assert recording.graph.nodes[-1].name == "ConvolutionBackwardBackward0"
    assert [spec.shape for spec in recording.graph.nodes[-1].outputs] == [None, (3, 2, 3, 3), None]


def test_torchs_own_operators_give_all_their_outputs():
    recording = tracer.trace(torch.ones(3, requires_grad=True).unbind()[1])
    assert [spec.shape for spec in recording.graph.nodes[-1].outputs] == [(), (), ()]


def test_what_is_not_known_is_drawn_and_written():
    _, total, doubled = Masked.apply(torch.ones(3, requires_grad=True))
    recording = tracer.trace([total, doubled], gradients=True)
    assert recording.graph.nodes[-1].outputs[0] == UNKNOWN
    assert tracer.facts.from_json(recording.to_json()) == recording.facts
    assert "MaskedBackward" in recording.to_svg()
    assert "MaskedBackward" in recording.to_dot()
    assert recording.facts.gradients[-3].state == "none"
