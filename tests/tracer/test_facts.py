"""Facts in files: there and back without loss, and clear words where that fails."""

import json
import math
import pickle

import msgspec
import pytest

import tracer
from tracer.errors import UnreadableFile
from tracer.experiment import Convolution, Expression, Script
from tracer.facts import (
    Check,
    EdgeGradient,
    Facts,
    Gradient,
    SavedStorage,
    Statistics,
    Tensor,
    Values,
    from_json,
    read,
    to_json,
)
from tracer.graph import Edge, Graph, Node, TensorSpec, TracedOutput

GRAPH = Graph(
    nodes=(
        Node(0, "AccumulateGrad", "leaf", (TensorSpec((2,), "float32", "cpu"),), 0, "input", "θ"),
        Node(
            1,
            "MulBackward0",
            "operation",
            (TensorSpec(None, None, None),),
            2,
            module="a.b",
            source="t.py:1",
            sequence=7,
        ),
    ),
    edges=(Edge(0, 1, 0, 0), Edge(0, 1, 0, 1)),
    outputs=(TracedOutput(1, 0, "y"), TracedOutput(None, 0, "n")),
)
ODD = Statistics(math.nan, None, math.inf, -math.inf, 0.5, 3)
FACTS = Facts(
    graph=GRAPH,
    experiment=Expression("y = θ * θ", {"θ": [1, "1/3"]}),
    tensors=(Tensor("θ", "input", (2,), "float32", "cpu", 8, values=Values((2,), "float32", (math.nan, -math.inf))),),
    gradients=(Gradient(0, 0, "θ", (2,), "float32", "measured", ODD, None, Check(2, 2, 1e-9), Check(2, 1, 0.5)),),
    edge_gradients=(EdgeGradient(0, (2,), "none"),),
    saved=(
        SavedStorage(8, "cpu", (1,), "input", "θ", 8),
        SavedStorage(16, "cpu", (1,), "activation", None, None, ((1, 0),)),
    ),
    notes=("a note",),
)


def same(a: Facts, b: Facts) -> bool:
    return repr(a) == repr(b)  # repr, since NaN is not equal to itself


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        Facts(Graph()),
        Facts(GRAPH, Convolution("Conv2d", 1, 1, (3, 5), 8, padding="same", loss=(0, 1))),
        Facts(GRAPH, Script("train.py", arguments=("--fast",), seconds=3.5)),
    ],
    ids=["all", "empty", "convolution", "script"],
)
def test_there_and_back(facts):
    assert same(from_json(to_json(facts)), facts)
    assert same(pickle.loads(pickle.dumps(facts)), facts)
    assert to_json(from_json(to_json(facts))) == to_json(facts)


def test_what_an_older_file_does_not_say_of_a_storage_is_not_known():
    old = json.loads(to_json(FACTS))
    old["facts"]["saved"] = [{"bytes": 8, "device": "cpu", "nodes": [1]}]
    assert from_json(json.dumps(old)).saved == (SavedStorage(8, "cpu", (1,), None, None, None, ()),)


def test_non_finite_numbers_are_words():
    plain = json.loads(to_json(FACTS))["facts"]
    assert plain["gradients"][0]["statistics"] == {
        "mean": "NaN",
        "std": None,
        "max_abs": "Infinity",
        "norm": "-Infinity",
        "zeros": 0.5,
        "non_finite": 3,
    }
    assert plain["tensors"][0]["values"]["numbers"] == ["NaN", "-Infinity"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[" * 100_000, "damaged"),
        ('{"format": "netron", "version": 1}', "netron"),
        ('{"format": "gradtrace-recording", "version": 99}', "version 99"),
        ('{"format": "gradtrace-recording", "version": 0, "facts": {"graph": {}}}', "version 0"),
        ('{"format": "gradtrace-recording", "version": -1, "facts": {"graph": {}}}', "version −1"),
        ('{"format": "gradtrace-recording", "version": 1, "facts": {"graph": {"nodes": 3}}}', "facts.graph.nodes"),
        (to_json(FACTS)[:-9], "damaged"),
    ],
)
def test_a_bad_file_is_a_sentence(text, words, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=words) as caught:
        read(path)
    assert "bad.json" in str(caught.value)


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match="can't be read: No such file"):
        tracer.Recording.load(tmp_path / "none.json")


@pytest.mark.parametrize("name", ["a" * 300 + ".json", "a\0.json", "a\ud800.json"])
def test_a_name_that_no_file_can_have_is_a_sentence(tmp_path, name):
    with pytest.raises(UnreadableFile, match=r"can't be read: File name too long|No file can have this name") as caught:
        read(tmp_path / name)
    assert str(caught.value).encode()


def test_a_lone_surrogate_is_written_as_a_sign():
    node = Node(0, "AccumulateGrad", "leaf", (), 0, label="a\ud800")
    facts = Facts(Graph((node,)), tensors=(Tensor("a\ud800", None, (), "float32", "cpu", 4),), notes=("\udfff",))
    found = from_json(to_json(facts).encode())
    assert (found.graph.nodes[0].label, found.tensors[0].name, found.notes) == ("a‹U+D800›",) * 2 + (("‹U+DFFF›",),)


def test_what_is_not_known_of_a_tensor_goes_there_and_back():
    facts = Facts(Graph(), tensors=(Tensor("n", None, None, "float32", "cpu", None),))
    assert from_json(to_json(facts)) == facts


@pytest.mark.parametrize("cut", range(0, len(to_json(FACTS)), 37))
def test_a_changed_byte_is_a_sentence_or_content(cut):
    text = to_json(FACTS).encode()
    damaged = text[:cut] + bytes([text[cut] ^ 0x15]) + text[cut + 1 :]
    try:
        assert isinstance(from_json(damaged), Facts)
    except UnreadableFile as error:
        assert len(str(error)) > 20


@pytest.mark.parametrize(
    ("shape", "numbers", "nested"),
    [
        ((), (4.5,), 4.5),
        ((3,), (1, 2, 3), [1, 2, 3]),
        ((2, 2), (1.0, 2.0, 3.0, 4.0), [[1.0, 2.0], [3.0, 4.0]]),
        ((2, 1, 2), (True, False, True, True), [[[True, False]], [[True, True]]]),
        ((0,), (), []),
        ((2, 0), (), [[], []]),
        ((0, 2), (), []),
    ],
)
def test_nested_values(shape, numbers, nested):
    assert Values(shape, "float32", numbers).nested() == nested


def test_facts_are_frozen():
    with pytest.raises(AttributeError):
        FACTS.notes = ()
    assert msgspec.structs.replace(FACTS, notes=()) != FACTS
