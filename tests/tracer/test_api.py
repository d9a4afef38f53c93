"""The public face: section 4 of the lesson's table, and what `trace` promises of the person's world."""

import inspect
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

import tracer
from tracer.errors import TracerError
from tracer.facts import from_json


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


def test_every_name_of_a_tensor_has_a_row():
    x = torch.ones(2, requires_grad=True)
    recording = tracer.trace({"y": x, "x": x}, names={"x": x}, gradients=True)
    assert [(row.name, row.role) for row in recording.shapes()] == [("x", "input"), ("y", "output")]
    assert [row.name for row in recording.gradients()] == ["x", "y"]


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


X = torch.ones(2, requires_grad=True)
HOLDS_ITSELF: list = []
HOLDS_ITSELF.append(HOLDS_ITSELF)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"names": {"x": 3}}, r"names wants tensors, and names\['x'\] is an int"),
        ({"names": {3: X}}, "names wants texts as its keys, and one is an int"),
        ({"names": ["x"]}, "names wants a dict .* and got a list"),
        ({"model": "m"}, "model wants a torch.nn.Module, and got a str"),
        ({"notes": 3}, "notes wants what .* gives, and got an int"),
        ({"notes": tracer.record()}, "notes wants what .* gives, and got a _GeneratorContextManager"),
    ],
)
def test_a_wrong_argument_is_a_type_error(given, said):
    with pytest.raises(TypeError, match=said):
        tracer.trace(X * 2, **given)


def nested(times: int) -> list:
    deep = [X * 2]
    for _ in range(times):
        deep = [deep]
    return deep


@pytest.mark.parametrize("given", [HOLDS_ITSELF, nested(5000)], ids=["holds itself", "deep"])
def test_what_is_nested_too_deep_is_a_value_error(given):
    with pytest.raises(ValueError, match="nested deeper or holds itself"):
        tracer.trace(given)


def test_what_is_nested_has_a_name():
    assert tracer.trace(nested(99)).graph.outputs[0].name == "output" + 100 * "[0]"


@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
def test_a_nested_tensor_has_no_shape(layout):
    ragged = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True, layout=layout)
    recording = tracer.trace({"y": ragged * 2}, names={"x": ragged})
    assert [(r.name, r.shape, r.elements, r.bytes) for r in recording.shapes()] == [
        ("x", None, None, None),
        ("y", None, None, None),
    ]
    assert tracer.Recording(from_json(recording.to_json())) == recording
    assert "shape not known" in recording.to_svg()


def test_a_parameter_that_waits_for_its_first_input_has_no_shape():
    net = torch.nn.ModuleDict({"used": torch.nn.Linear(2, 1), "waits": torch.nn.LazyLinear(4)})
    recording = tracer.trace(net["used"](torch.ones(1, 2)), model=net, gradients=True)
    rows = {row.name: row for row in recording.shapes()}
    assert (rows["used.weight"].shape, rows["waits.weight"].shape, rows["waits.weight"].bytes) == ((1, 2), None, None)


def test_a_model_made_in_inference_mode():
    with torch.inference_mode():
        net = torch.nn.Linear(2, 1)
    recording = tracer.trace(X * 2, model=net, gradients=True)
    assert [row.shape for row in recording.shapes()] == [(1, 2), (1,)]


def test_inside_of_func_grad():
    found = []

    def loss(w):
        y = (w * w).sum()
        found.append(tracer.trace(y, names={"w": w}, gradients=True))
        return y

    torch.func.grad(loss)(torch.ones(3))
    assert [row.name for row in found[0].gradients()] == ["w"]


def test_fake_tensors_outside_of_their_mode():
    with FakeTensorMode():
        x = torch.ones(3, 4, requires_grad=True)
        y = (x * 2).exp().sum()
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert [(row.name, row.shape, row.bytes) for row in recording.shapes()] == [("x", (3, 4), 48), ("y", (), 4)]
    assert {row.state for row in recording.gradients()} == {"not measured"}


def test_the_graph_can_still_be_gone_through():
    recording, a = traced()
    a.backward()
    assert recording.value("a") == 4.5


def test_values_of_a_models_state_are_held_with_gradients_only():
    model = nn.Linear(2, 1)
    x = torch.ones(1, 2, requires_grad=True)
    plain = tracer.trace({"loss": model(x).sum()}, model=model, names={"x": x})
    measured = tracer.trace({"loss": model(x).sum()}, model=model, names={"x": x}, gradients=True)
    assert (plain.value("weight"), plain.value("x")) == (None, [[1.0, 1.0]])
    assert measured.value("weight") == model.weight.tolist()


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


def test_importing_needs_no_torch():
    code = "import tracer, sys; assert 'torch' not in sys.modules; print(tracer.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_jupyter_gets_a_picture():
    bundle = traced()[0]._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"] == "<Recording of a: 5 nodes, 5 edges>"


def test_jupyter_gets_a_large_graph_folded():
    y = torch.ones(2, requires_grad=True)
    for _ in range(300):
        y = torch.tanh(y * 1.5)
    picture = tracer.trace(y.sum())._repr_mimebundle_()["image/svg+xml"]
    assert "folded into" in picture
    assert picture.count("<g>") < 40


def test_every_public_name_is_documented():
    for name in tracer.__all__:
        assert inspect.getdoc(getattr(tracer, name)), name
    for name, member in inspect.getmembers(tracer.Recording, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(member), name


def test_steps_and_lines_of_a_program():
    recording = tracer.run(tracer.Expression("y = x * x\na = y.sum()", inputs={"x": [1, 2]}))
    assert [recording.graph.nodes[step.node].label for step in recording.steps()] == ["a", "y", "x"]
    assert [(line.number, line.name) for line in recording.lines()] == [(1, "y"), (2, "a")]
    untraced = tracer.trace(torch.ones(2, requires_grad=True) * 2)
    with pytest.raises(TracerError, match="no gradients to step through"):
        untraced.steps()
    assert untraced.lines() == ()
