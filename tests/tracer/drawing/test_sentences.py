"""What is said of a node in one sentence."""

from tracer.drawing.known import know
from tracer.drawing.sentences import of_node
from tracer.facts import Facts
from tracer.graph import Graph, Node, TensorSpec


def said(shape):
    node = Node(0, "SubBackward0", "operation", (TensorSpec(shape, "float32", "cpu"),), 1)
    return of_node(know(Facts(Graph((node,)))), node)


def test_a_shape_and_one_that_is_not_known():
    assert said((2, 3)) == "SubBackward0, shape 2 × 3"
    assert said(None) == "SubBackward0, shape not known"
