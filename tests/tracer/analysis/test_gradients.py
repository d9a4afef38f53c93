"""Rows of the gradient tables, from facts built by hand."""

import pytest

from tracer.analysis.gradients import edge_gradients, gradients
from tracer.analysis.shapes import shapes
from tracer.errors import TracerError
from tracer.facts import Check, EdgeGradient, Facts, Gradient, Statistics, Tensor, Values
from tracer.graph import Edge, Graph, Node, TensorSpec

SPEC = (TensorSpec((2,), "float32", "cpu"),)
FACTS = Facts(
    Graph(
        (Node(0, "AccumulateGrad", "leaf", SPEC, 0), Node(1, "MulBackward0", "operation", SPEC, 2)), (Edge(0, 1, 0, 1),)
    ),
    tensors=(
        Tensor("x", "input", (2,), "float32", "cpu", 8, values=Values((2,), "float32", (1.0, 2.0))),
        Tensor(None, None, (2,), "float32", "cpu", 8),
        Tensor("y", None, (2, 0), "float32", "cpu", 0, axes=("N", "C")),
    ),
    gradients=(
        Gradient(
            0,
            0,
            "x",
            (2,),
            "float32",
            "measured",
            Statistics(1.5, 0.5, 2.0, 2.2, 0.0, 0),
            Values((2,), "float32", (1.0, 2.0)),
            Check(2, 2, 1e-8),
        ),
        Gradient(1, 0, None, (2,), "float32", "measured"),
        Gradient(1, 0, "y", (2,), "float32", "none"),
    ),
    edge_gradients=(EdgeGradient(0, (2,), "measured", Statistics(1, None, 1, 3.0, 0, 0), None, 0.25, -1.0),),
)


def test_named_gradients_in_the_order_of_backward():
    rows = gradients(FACTS)
    assert [(r.name, r.made_by, r.state, r.mean, r.norm, r.values) for r in rows] == [
        ("y", "MulBackward0", "none", None, None, None),
        ("x", "AccumulateGrad", "measured", 1.5, 2.2, (1.0, 2.0)),
    ]
    assert rows[1].check == Check(2, 2, 1e-8)


def test_edges():
    (row,) = edge_gradients(FACTS)
    assert (row.edge, row.norm, row.share, row.cosine) == (Edge(0, 1, 0, 1), 3.0, 0.25, -1.0)


def test_shapes_leave_out_what_has_no_name():
    assert [(r.name, r.role, r.elements, r.axes, r.values) for r in shapes(FACTS)] == [
        ("x", "input", 2, None, (1.0, 2.0)),
        ("y", "value", 0, ("N", "C"), None),
    ]


@pytest.mark.parametrize("ask", [gradients, edge_gradients])
def test_not_asked_for_is_said(ask):
    with pytest.raises(TracerError, match="holds no gradients"):
        ask(Facts(Graph()))
