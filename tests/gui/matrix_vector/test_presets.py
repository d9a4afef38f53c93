"""Presets run and give what they are called after; sizes come and go, and the vector goes along."""

import math

import pytest

import tracer
from gui.matrix_vector import presets
from tracer.experiment import MatrixVector
from tracer.matrix_vector.bank import as_convolution
from tracer.matrix_vector.python_source import as_expression, python_source

OUTPUTS = {
    "Lesson": [9, 21],
    "Rotation": [-5, 10],
    "Projection": [2, 3, 0],
    "Differences": [2, -1, 3],
    "Toeplitz of [1, 0, −1]": [-1, 3, 3, -4, -6],
    "Two kernels": [-1, 3, 3, -4, -6, 9, 7, 1, 2, 12],
    "Stereo": [2, 6, 1],
}


@pytest.mark.parametrize("name", presets.PRESETS)
def test_each_preset_gives_its_numbers(name):
    recording = tracer.run(presets.PRESETS[name])
    assert [row.torch for row in recording.readings()] == pytest.approx(OUTPUTS[name])
    assert all(row.agree != "differs" for row in recording.readings())


def test_a_rotation_keeps_lengths_and_the_toeplitz_matrix_is_the_convolution():
    rotated = tracer.run(presets.PRESETS["Rotation"]).value("y")
    assert math.hypot(*rotated) == pytest.approx(math.hypot(5, 10))
    convolved = tracer.run(as_convolution(presets.PRESETS["Two kernels"])).value("y")
    assert convolved[0][0] == OUTPUTS["Toeplitz of [1, 0, −1]"] and convolved[0][1] == [9, 7, 1, 2, 12]


def test_the_vector_goes_along_with_the_columns():
    wider = presets.resized(presets.LESSON, 0, 1)
    assert wider.matrix == [[1, 2, 3, 0], [4, 5, 6, 0]] and wider.vector == [2, -1, 3, 0]
    assert presets.resized(wider, 1, -3) == MatrixVector([[1], [4], [0]], [2])
    assert presets.resized(MatrixVector([[1]], [2]), -1, -1) == MatrixVector([[1]], [2])
    assert presets.with_matrix(presets.LESSON, [[1, 2]]).vector == [2, -1]
    assert presets.with_matrix(presets.LESSON, "no matrix").vector == [2, -1, 3]


def test_a_preset_is_known_by_its_numbers_and_leaves_the_device():
    taken = presets.with_preset(MatrixVector([[1]], [1], dtype="float64"), "Rotation")
    assert taken.dtype == "float64" and presets.preset_of(taken) == "Rotation"
    assert presets.preset_of(MatrixVector([[1]], [1])) == ""


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_program_runs_and_gives_the_same_numbers(name, dtype, capsys):
    experiment = presets.with_preset(MatrixVector([[1]], [1], dtype=dtype), name)
    scope = {}
    exec(python_source(experiment), scope)
    capsys.readouterr()
    recording, program = tracer.run(experiment), tracer.run(as_expression(experiment))
    assert scope["y"].flatten().tolist() == [row.torch for row in recording.readings()] == program.value("y")
    found = {row.name: row.values for row in recording.gradients()}
    assert tuple(scope["x"].grad.flatten().tolist()) == found["x"]
    if experiment.kernels is None:
        assert {row.name: row.values for row in program.gradients()}["A"] == found["A"]
