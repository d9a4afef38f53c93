"""The public face: section 4 of the lesson's table, and what `trace` promises of the person's world."""

import gc
import inspect
import pickle
import subprocess
import sys

import pytest
import torch

import tracer


def traced() -> tuple[tracer.Recording, torch.Tensor]:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    u = y * y
    z = u * 3
    a = z.mean()
    return tracer.trace({"a": a}, names={"x": x, "y": y, "u": u, "z": z}, gradients=True), a


def test_the_lessons_graph():
    graph = traced()[0].graph
    backward = [
        (n.name, sorted((e.slot, e.producer) for e in graph.edges if e.consumer == n.index)) for n in graph.nodes
    ]
    assert backward[::-1] == [
        ("MeanBackward0", [(0, 3)]),
        ("MulBackward0", [(0, 2)]),
        ("MulBackward0", [(0, 1), (1, 1)]),
        ("SubBackward0", [(0, 0)]),
        ("AccumulateGrad", []),
    ]
    assert [n.slots - len(edges) for n, (_, edges) in zip(graph.nodes, backward, strict=True)] == [0, 1, 0, 1, 0]
    assert graph.outputs == ((4, 0, "a"),)


def test_the_lessons_values_and_gradients():
    recording, _ = traced()
    assert [recording.value(name) for name in ("x", "y", "u", "z", "a")] == [
        [[1, 2], [3, 4]],
        [[-1, 0], [1, 2]],
        [[1, 0], [1, 4]],
        [[3, 0], [3, 12]],
        4.5,
    ]
    assert {row.name: row.values for row in recording.gradients()} == {
        "a": (1,),
        "z": (0.25,) * 4,
        "u": (0.75,) * 4,
        "y": (-1.5, 0, 1.5, 3),
        "x": (-1.5, 0, 1.5, 3),
    }


def test_spelling_changes_the_graph_and_not_the_numbers():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    recording = tracer.trace((3 * (x - 2) ** 2).mean(), names={"x": x}, gradients=True)
    assert [n.name for n in recording.graph.nodes][2] == "PowBackward0"
    assert recording.gradients()[-1].values == (-1.5, 0, 1.5, 3)


def test_shapes():
    rows = traced()[0].shapes()
    assert [(r.name, r.role, r.shape, r.elements, r.bytes) for r in rows] == [
        ("x", "input", (2, 2), 4, 16),
        ("y", "value", (2, 2), 4, 16),
        ("u", "value", (2, 2), 4, 16),
        ("z", "value", (2, 2), 4, 16),
        ("a", "output", (), 1, 4),
    ]


def test_a_recording_pickles_compares_and_goes_to_json(tmp_path):
    recording, _ = traced()
    assert pickle.loads(pickle.dumps(recording)) == recording
    path = tmp_path / "a.json"
    recording.save(path)
    assert tracer.Recording.load(path) == recording
    with pytest.raises(AttributeError):
        recording.facts = None


def test_without_gradients_a_sentence_says_how():
    x = torch.ones(2, requires_grad=True)
    recording = tracer.trace(x * 2)
    assert recording.facts.gradients is None
    with pytest.raises(tracer.TracerError, match="gradients=True"):
        recording.gradients()


def test_no_graph_at_all_is_an_answer():
    recording = tracer.trace(torch.ones(2), gradients=True)
    assert recording.graph.nodes == ()
    assert "does not follow gradients" in recording.facts.notes[0]
    assert recording.gradients() == ()


@pytest.mark.parametrize("wrong", ["text", None, 3, []])
def test_a_wrong_call_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="needs a tensor"):
        tracer.trace(wrong)


def test_the_graph_can_still_be_gone_through():
    recording, a = traced()
    a.backward()
    assert recording.value("a") == 4.5


def test_parameters_and_buffers_of_a_model():
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    recording = tracer.trace(net(torch.ones(2, 2)).sum(), model=net)
    assert [(r.name, r.role) for r in recording.shapes()][:5] == [
        ("0.weight", "parameter"),
        ("0.bias", "parameter"),
        ("1.weight", "parameter"),
        ("1.bias", "parameter"),
        ("1.running_mean", "buffer"),
    ]
    assert {n.label for n in recording.graph.nodes if n.role == "parameter"} == {
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
    }


def test_traces_leave_nothing_behind():
    x = torch.ones(3, requires_grad=True)
    loss = (x * x).sum()

    def things() -> int:
        gc.collect()
        return len(gc.get_objects())

    for _ in range(3):
        tracer.trace(loss, names={"x": x}, gradients=True)
    before = things()
    for number in range(100):
        tracer.trace(loss, names={"x": x}, gradients=number % 10 == 0)
    assert things() - before < 20
    assert x.grad is None


def test_importing_needs_no_torch():
    code = "import tracer, sys; assert 'torch' not in sys.modules; print(tracer.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_jupyter_gets_a_picture():
    bundle = traced()[0]._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"] == "<Recording of a: 5 nodes, 5 edges>"


def test_every_public_name_is_documented():
    for name in tracer.__all__:
        assert inspect.getdoc(getattr(tracer, name)), name
    for name, member in inspect.getmembers(tracer.Recording, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(member), name
