"""The numbers of a gradient in three layouts: those of the lesson, and what each is in words."""

import pytest

import tracer
from tracer.derivation.layout import laid_out, numbers
from tracer.derived import Derivation
from tracer.values import Values

MATRIX = Values((2, 2), "float32", (-1.5, 0, 1.5, 3))


def written(held, layout):
    return [line.text for line in numbers("x", "a", held, layout)]


def test_the_matrix_of_the_lesson_in_each_layout():
    assert written(MATRIX, "shape") == ["∂a/∂x = [[−1.5, 0], [1.5, 3]]"]
    assert written(MATRIX, "numerator") == [
        "In numerator layout ∂a/∂x is transposed: row j, column i holds ∂a/∂xᵢⱼ",
        "∂a/∂x = [[−1.5, 1.5], [0, 3]]",
    ]
    assert written(MATRIX, "flat") == [
        "Flat, 1 × 4: the elements of x row by row",
        "∂a/∂x = [[−1.5, 0, 1.5, 3]]",
    ]


def test_a_vector_a_scalar_and_more_axes():
    vector = Values((3,), "float64", (1, 2, 3))
    assert (
        written(vector, "numerator")[-1] == "∂a/∂x = [[1, 2, 3]]" and "a row: 1 × 3" in written(vector, "numerator")[0]
    )
    assert written(Values((), "float64", (2,)), "numerator") == ["∂a/∂x = 2"]
    cube = Values((1, 2, 2), "float64", (1, 2, 3, 4))
    assert "its shape is kept" in written(cube, "numerator")[0]
    assert written(cube, "numerator")[-1] == written(cube, "shape")[-1]


def test_a_matrix_is_one_in_latex_too():
    line = numbers("x", "a", MATRIX, "numerator")[-1]
    assert line.parts[1].latex == r"\begin{bmatrix} -1.5 & 1.5 \\ 0 & 3 \end{bmatrix}"


def test_numbers_that_are_not_held_stay_as_they_are():
    one = Derivation("x", "a", True)
    assert laid_out(one, "flat") is one


def test_a_recording_gives_each_layout_and_refuses_others():
    recording = tracer.run(tracer.Expression("y = x - 2; z = 3*y**2; a = z.mean()", {"x": [[1, 2], [3, 4]]}))
    plain, turned = (recording.derivation("x", layout).text.splitlines() for layout in ("shape", "numerator"))
    assert plain[-2:] == ["∂a/∂x = [[−1.5, 0], [1.5, 3]]", "equals x.grad on all 4 elements"]
    assert turned[-2:] == ["∂a/∂x = [[−1.5, 1.5], [0, 3]]", "equals x.grad on all 4 elements"]
    assert recording.derivation("x").text.splitlines() == plain
    with pytest.raises(ValueError, match="layout is one of shape, numerator, flat"):
        recording.derivation("x", "denominator")
