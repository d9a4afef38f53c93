"""What is told of a node: graphs built by hand."""

from msgspec.structs import replace

from gui.inspector.node_facts import tell, written
from tracer.analysis.gradients import GradientRow
from tracer.analysis.shapes import ShapeRow
from tracer.facts import SavedValue
from tracer.graph import Edge, Graph, Node, TensorSpec, TracedOutput
from tracer.worker.messages import Found

SPEC = (TensorSpec((2,), "float32", "cpu"),)
GRAPH = Graph(
    nodes=(
        Node(0, "AccumulateGrad", "leaf", SPEC, 0, role="input", label="x"),
        Node(1, "MulBackward0", "operation", SPEC, 2, label="y", source="line 1"),
        Node(2, "AddBackward0", "operation", SPEC, 2),
    ),
    edges=(Edge(0, 1, 0, 0), Edge(0, 1, 0, 1), Edge(1, 2, 0, 0)),
    outputs=(TracedOutput(2, 0, "z"),),
)
FOUND = Found(
    edit=1,
    shapes=(ShapeRow("y", "value", (2,), None, 2, 8, "float32", "cpu", (1.0, 4.0)),),
    gradients=(GradientRow("y", "MulBackward0", (2,), "float32", "measured", 1.0, 0.0, 1.0, 1.4, 0.0, 0, (1.0, 1.0)),),
    nodes=3,
    edges=3,
    saved_bytes=0,
    device="cpu",
    seconds=0.0,
)


def test_both_uses_of_one_tensor_are_next_functions():
    facts = dict(tell("node 1", GRAPH, FOUND).facts)
    assert facts["next_functions"] == "(AccumulateGrad, 0),\n(AccumulateGrad, 0)"
    assert facts["value"] == "[1, 4]"
    assert facts["gradient"] == "[1, 1]"
    assert facts["made at"] == "line 1"
    assert facts["used by"] == "AddBackward0"


def test_an_input_that_is_not_tracked_is_none():
    assert dict(tell("node 2", GRAPH, FOUND).facts)["next_functions"] == "(MulBackward0, 0),\n(None, 0)"


def test_a_leaf_gathers():
    facts = dict(tell("node 0", GRAPH, None).facts)
    assert facts["is"] == "input, gathers its gradient"
    assert "next_functions" not in facts


def test_an_edge_tells_where_it_comes_from_and_goes_to():
    told = tell("edge 1", GRAPH, FOUND)
    assert told.title == "AccumulateGrad → MulBackward0"
    assert dict(told.facts)["input"] == "number 1 of MulBackward0"


def test_what_is_not_there_is_not_told():
    assert [tell(owner, GRAPH, FOUND) for owner in ("", "node 9", "group a", "node x")] == [None] * 4


def test_large_tensors_are_not_written_out():
    assert written(tuple(range(17)), (17,), "float32") == ""
    assert written((1.0, -2.0), (2, 1), "float32") == "[[1], [−2]]"


def test_what_a_node_saved_is_told_by_torchs_names():
    rows = (
        *(SavedValue(1, "other", (2, 2), "float32", 16, "y"), SavedValue(1, "self", (2, 2), "float32", 16)),
        *(SavedValue(1, "alpha", text="1"), SavedValue(2, "self", text="None")),
    )
    facts = dict(tell("node 1", GRAPH, replace(FOUND, saved=rows)).facts)
    assert facts["saves"] == "self · [2, 2] · 16 B\nother = y · [2, 2] · 16 B\nalpha = 1"
    assert "saves" not in dict(tell("node 0", GRAPH, FOUND).facts)


def test_fractions_are_told_where_they_are_known():
    shape = replace(FOUND.shapes[0], values=(1.5, 4.0), exact=("3/2", "4"))
    assert dict(tell("node 1", GRAPH, replace(FOUND, shapes=(shape,))).facts)["value"] == "[3/2, 4]"
