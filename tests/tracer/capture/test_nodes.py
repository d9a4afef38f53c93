"""Describing nodes: names, shapes, dtypes, and what names tell of them."""

import torch

from tracer.capture.names import Named, of_model, outputs, places
from tracer.capture.nodes import describe
from tracer.capture.walk import walk
from tracer.graph import TensorSpec


def described(tensors, named=()):
    walked = walk(outputs(tensors))
    return describe(walked, named, places(walked, named))


def test_the_lesson():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    z = y * y * 3
    nodes = described(z.mean(), [Named(x, "x", "input"), Named(y, "y"), Named(z, "z", source="line 2")])
    assert [(n.name, n.kind, n.label, n.role, n.shape, n.slots) for n in nodes] == [
        ("AccumulateGrad", "leaf", "x", "input", (2, 2), 0),
        ("SubBackward0", "operation", "y", None, (2, 2), 2),
        ("MulBackward0", "operation", None, None, (2, 2), 2),
        ("MulBackward0", "operation", "z", None, (2, 2), 2),
        ("MeanBackward0", "operation", None, None, (), 1),
    ]
    assert nodes[3].source == "line 2"
    assert nodes[0].sequence is None
    assert [n.sequence for n in nodes[1:]] == sorted(n.sequence for n in nodes[1:])


def test_equal_outputs_share_one_value():
    x = torch.ones(3, requires_grad=True)
    nodes = described((x * 2) + 1)
    assert nodes[1].outputs is nodes[2].outputs
    assert nodes[1].outputs == (TensorSpec((3,), "float32", "cpu"),)


def test_tied_weights_have_both_names():
    model = torch.nn.ModuleDict({"embed": torch.nn.Linear(3, 3, bias=False), "head": torch.nn.Linear(3, 3, bias=False)})
    model["head"].weight = model["embed"].weight
    x = torch.ones(1, 3)
    nodes = described(model["head"](model["embed"](x)), of_model(model))
    assert [(n.label, n.role) for n in nodes if n.kind == "leaf"] == [("embed.weight = head.weight", "parameter")]


def test_two_names_of_a_value_and_two_outputs_of_an_operation():
    a, b = (torch.ones(2, 3, requires_grad=True) * 2).unbind()
    c = a * b
    named = [Named(a, "a"), Named(b, "b"), Named(c, "c"), Named(c, "d", source="line 3")]
    nodes = described(c.sum(), named)
    assert [(n.label, n.source) for n in nodes if n.label] == [("a, b", None), ("c = d", "line 3")]


def test_what_has_no_single_shape_is_not_known():
    ragged = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True, layout=torch.jagged)
    nodes = described(ragged * 2)
    assert nodes[-1].outputs[0].shape is None
    assert nodes[-1].outputs[0].dtype == "float32"


def test_a_custom_function_with_two_outputs():
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2, a.sum()

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 + h

    a, b = Twice.apply(torch.ones(3, requires_grad=True))
    nodes = described([a, b])
    assert (nodes[-1].name, [spec.shape for spec in nodes[-1].outputs]) == ("TwiceBackward", [(3,), ()])


def test_names_of_nested_outputs():
    a, b = torch.ones(1), torch.ones(2)
    assert [name for name, _ in outputs({"loss": a, "parts": [b, (a, None)]})] == ["loss", "parts[0]", "parts[1][0]"]
    assert [name for name, _ in outputs((a, b))] == ["output[0]", "output[1]"]
