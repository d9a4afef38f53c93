"""A matrix made of kernels, against the table of the lesson, torch's conv1d, and torch's own words."""

import json
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

import tracer
from tracer.cli.main import answer
from tracer.convolution.readings import counts_rows
from tracer.experiment import Experiment
from tracer.facts import from_json
from tracer.matrix_vector.bank import as_convolution, convolved, written_out
from tracer.matrix_vector.python_source import as_expression, python_source
from tracer.matrix_vector.readings import by_columns, by_rows
from tracer.matrix_vector.settings import resolve

X, KERNELS = [1, 3, 2, 0, -1, 4, 5], [[1, 0, -1], [1, 2, 1]]
STEREO: dict[str, Any] = {"vector": [[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]], "kernels": [[[1, 0, -1], [2, 1, 0]]]}


def lesson(**changes: Any) -> tracer.MatrixVector:
    return tracer.MatrixVector(**{"vector": X, "kernels": KERNELS, **changes})


def test_the_kernels_are_stacked_and_shifted() -> None:
    found = resolve(lesson())
    assert [list(map(int, row)) for row in found.matrix[:5]] == [
        [1, 0, -1, 0, 0, 0, 0],
        [0, 1, 0, -1, 0, 0, 0],
        [0, 0, 1, 0, -1, 0, 0],
        [0, 0, 0, 1, 0, -1, 0],
        [0, 0, 0, 0, 1, 0, -1],
    ]
    assert list(map(int, found.matrix[9])) == [0, 0, 0, 0, 1, 2, 1]
    assert found.bank is not None and found.bank.height == 5
    cells = [at for row in found.bank.weights for at in row]
    assert cells.count(-1) == 40 and len(cells) == 70
    by_value = [at for row in found.bank.weights[:5] for at in row if at >= 0 and found.bank.flat[at] == 0]
    assert len(by_value) == 5, "w(1)[1] = 0 is a zero by value, at each of 5 places"
    assert [(row.stored, row.zeros) for row in counts_rows(found.bank.layer)] == [(70, 0), (30, 40), (6, 40)]


@pytest.mark.parametrize(
    ("changes", "y"),
    [
        ({}, [[-1, 3, 3, -4, -6], [9, 7, 1, 2, 12]]),
        ({"padding": 1}, [[-3, -1, 3, 3, -4, -6, 4], [5, 9, 7, 1, 2, 12, 14]]),
        ({"stride": 2}, [[-1, 3, -6], [9, 1, 12]]),
        ({"dilation": 2}, [[2, -1, -3], [4, 7, 5]]),
        ({"bias": [10, 100]}, [[9, 13, 13, 6, 4], [109, 107, 101, 102, 112]]),
        ({"kernels": [[-1, 0, 1], [1, 2, 1]]}, [[1, -3, -3, 4, 6], [9, 7, 1, 2, 12]]),
        (STEREO, [[2, 6, 1]]),
    ],
)
def test_the_lesson_by_rows_by_columns_and_by_torch(changes: dict[str, Any], y: list[list[int]]) -> None:
    recording = tracer.run(lesson(**changes))
    flat = [float(number) for row in y for number in row]
    assert recording.value("y") == [y]
    assert [(row.torch, row.agree) for row in recording.readings()] == [(number, "exact") for number in flat]
    texts = [str(int(number)).replace("-", "−") for number in flat]
    assert [row.by_rows for row in recording.readings()] == [row.by_columns for row in recording.readings()] == texts
    assert tracer.Recording(from_json(recording.to_json())) == recording


def test_backward_of_the_sum() -> None:
    recording = tracer.run(lesson(bias=[0, 0]))
    found = {row.name: row for row in recording.gradients()}
    assert found["x"].values == (2, 4, 4, 4, 4, 2, 0) and found["bias"].values == (5, 5)
    assert found["weight"].values == (5, 8, 10, 5, 8, 10)
    assert "ConvolutionBackward0" in [node.name for node in recording.graph.nodes]
    for name in ("x", "weight", "bias"):
        for check in (found[name].check, found[name].rule):
            assert check is not None and check.agreed == check.tried == len(found[name].values or ())


def test_a_bias_is_added_and_does_not_change_the_projection() -> None:
    plain, biased = by_rows(resolve(lesson()))[0], by_rows(resolve(lesson(bias=["1/2", 100])))[0]
    assert (biased.scalar, biased.total) == ("−1", "−1/2") and biased.text.endswith(" + (1/2) = −1/2")
    assert (plain.projection, plain.cosine) == (biased.projection, biased.cosine)
    assert by_columns(resolve(lesson(bias=[10, 100])))[0].running[:2] == ("11", "10")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_layer_is_its_matrix_to_the_bit_on_integers(data: st.DataObject) -> None:
    """A second way: conv1d of torch, in float64, on whole numbers."""
    draw, whole = data.draw, st.integers(-50, 50)
    n, k, m, c = draw(st.integers(1, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    stride, padding, dilation = draw(st.integers(1, 3)), draw(st.integers(0, 3)), draw(st.integers(1, 2))
    if n + 2 * padding < dilation * (k - 1) + 1:
        return
    x = draw(st.lists(st.lists(whole, min_size=n, max_size=n), min_size=c, max_size=c))
    kernel = st.lists(st.lists(whole, min_size=k, max_size=k), min_size=c, max_size=c)
    kernels, bias = draw(st.lists(kernel, min_size=m, max_size=m)), draw(st.lists(whole, min_size=m, max_size=m))
    asked = tracer.MatrixVector(vector=x, kernels=kernels, bias=bias, stride=stride, padding=padding, dilation=dilation)
    given_x, weight, added = (torch.tensor(values, dtype=torch.float64) for values in (x, kernels, bias))
    y = functional.conv1d(given_x[None], weight, added, stride, padding, dilation)
    expected = [str(int(number)).replace("-", "−") for number in y.flatten().tolist()]
    assert [row.total for row in by_rows(convolved(asked))] == expected
    assert list(by_columns(convolved(asked))[-1].running) == expected


def test_a_wrong_thickness_is_told_plainly_and_in_torchs_words() -> None:
    asked = lesson(vector=STEREO["vector"])
    with pytest.raises(tracer.TracerError, match="these are 1 thick, the signal has 2") as refused:
        tracer.run(asked)
    weight, x = torch.tensor(KERNELS).float()[:, None], torch.tensor([STEREO["vector"]]).float()
    with pytest.raises(RuntimeError) as torchs:
        functional.conv1d(x, weight)
    assert f"“{torchs.value}”" in refused.value.what and refused.value.where == "kernels"


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"kernels": [[1] * 9]}, "kernels", "Use a kernel of at most 7 or padding of at least 1"),
        ({"kernels": [[1], [1, 2]]}, "kernels", "The kernels differ in size"),
        ({"kernels": [[[1], [1, 2]]]}, "kernels", "The kernels differ in size|no kernels"),
        ({"kernels": []}, "kernels", "no kernels"),
        ({"kernels": 5}, "kernels", "no kernels"),
        ({"kernels": [[1, "a"]]}, "kernels", "“a” is no number"),
        ({"vector": None}, "vector", "This is no signal"),
        ({"vector": [[1, 2], [3]]}, "vector", "The channels differ in length"),
        ({"vector": [1, 2, "1/"]}, "vector", "“1/” is no number"),
        ({"vector": [1] * 400, "kernels": [[1, 2, 3]] * 4}, "vector", "Use a smaller matrix"),
        ({"matrix": [[1]]}, "matrix", "Give one of the two"),
        ({"stride": 0}, "stride", "at least 1"),
        ({"padding": -1}, "padding", "at least 0"),
        ({"bias": [1]}, "bias", "the layer needs 2"),
        ({"kernels": None}, "matrix", "There is no number in it"),
    ],
)
def test_what_does_not_work_names_its_field_and_a_cure(changes: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(tracer.TracerError, match=words) as refused:
        tracer.run(lesson(**changes))
    assert refused.value.where == where and refused.value.cure


@pytest.mark.parametrize("changes", [{}, {"bias": [10, "1/2"]}, STEREO, {"stride": 2, "padding": 1, "dilation": 2}])
def test_the_programs_give_the_same_numbers(changes: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked = lesson(**changes)
    scope: dict[str, Any] = {}
    exec(python_source(asked), scope)
    capsys.readouterr()
    recording, program = tracer.run(asked), tracer.run(as_expression(asked))
    flat = [row.torch for row in recording.readings()]
    assert scope["y"].flatten().tolist() == flat == program.value("y")
    gradients = {row.name: row.values for row in recording.gradients()}
    assert tuple(scope["x"].grad.flatten().tolist()) == gradients["x"]
    assert {row.name: row.values for row in program.gradients()}["x"] == gradients["x"]


def test_written_out_it_is_the_same_matrix_with_its_fractions() -> None:
    plain, height = written_out(lesson(kernels=[["1/3", 0, -1]]))
    assert height == 5 and plain.matrix[1] == [0, "1/3", 0, -1, 0, 0, 0] and plain.vector == X
    assert resolve(plain).matrix == resolve(lesson(kernels=[["1/3", 0, -1]])).matrix
    assert as_convolution(lesson()).weight == [[[1, 0, -1]], [[1, 2, 1]]]


def test_an_experiment_of_an_older_session_is_read() -> None:
    old = b'{"type":"MatrixVector","matrix":[[1,2]],"vector":[3,4],"dtype":"float32","device":"auto"}'
    assert msgspec.json.decode(old, type=Experiment) == tracer.MatrixVector([[1, 2]], [3, 4])
    kept = lesson(bias=["1/2", 1], padding=2)
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Experiment) == kept


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    kernels = ["--kernel", "[1,0,-1]", "--kernel", "[1,2,1]"]
    assert answer(["matvec", "[1,3,2,0,-1,4,5]", *kernels]) == 0
    said = capsys.readouterr().out
    for words in ("= −6", "✓ exact", "ConvolutionBackward0", "local (banded)", "40", "[2, 4, 4, 4, 4, 2, 0]"):
        assert words in said
    assert answer(["matvec", "[1,3,2,0,-1,4,5]", *kernels, "--padding", "1", "--bias", "[10,100]", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["total"] for row in told["rows"]][:3] == ["7", "9", "13"]
    assert [row["stored"] for row in told["counts"]] == [98, 38, 6]
    assert answer(["matvec", "[[1,2],[3,4]]", "--kernel", "[1,1]"]) == 2
    assert "PyTorch says" in capsys.readouterr().err
    assert answer(["matvec", "[[1,2],[3,4]]"]) == 2
    assert capsys.readouterr().err.startswith("vector: ")
