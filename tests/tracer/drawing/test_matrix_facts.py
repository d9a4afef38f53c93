"""What is told beside the matrix is true of the matrix."""

import numpy as np
import pytest

from tests.tracer.drawing.layers import CASES, LESSON, made
from tracer.convolution import checked, chosen, shapes
from tracer.convolution.settings import resolve
from tracer.convolution.toeplitz import toeplitz
from tracer.drawing import matrix_facts
from tracer.experiment import Convolution


@pytest.mark.parametrize("case", [name for name in CASES if name != "planes"])
def test_the_layer_agrees_with_its_matrix_on_all_outputs_and_inputs(case):
    settings, shown, arrays = made(CASES[case])
    told = checked.check(settings, arrays)
    assert (told.y.compared, told.gradient.compared) == (arrays["y"].size, arrays["x.grad"].size)
    assert matrix_facts.check(shown, told)[1] == matrix_facts.backward(shown, told)[1] == "good"
    assert told.flipped.shape == arrays["y"].shape


def test_a_wrong_output_is_told_apart():
    settings, shown, arrays = made(CASES["volumes"])
    arrays["y"] = arrays["y"].copy()
    arrays["y"].reshape(-1)[5] += 0.5
    words, verdict = matrix_facts.check(shown, checked.check(settings, arrays))
    assert verdict == "bad" and words.startswith("A·x + bias differs at 1 of 24 numbers, by up to 0.5")


def test_the_lesson_is_told_in_words():
    settings, shown, arrays = made(LESSON)
    told, picked = checked.check(settings, arrays), chosen.first(settings)
    assert matrix_facts.check(shown, told)[0] == "A·x equals Conv1d on all 10 outputs ✓ exact"
    assert "x.grad = Tᵀ·y.grad = [2, 4, 4, 4, 4, 2, 0]" in matrix_facts.backward(shown, told)[0]
    assert matrix_facts.sparsity(settings).startswith(
        "A kernel number stands in 30 of 70 cells (42.9\u202f%); 40 are zero by structure."
    )
    assert matrix_facts.flip(shown, told).endswith("gives [[1, −3, −3, 4, 6], [9, 7, 1, 2, 12]].")
    title, where = matrix_facts.selected(shown, picked)
    assert title == "Selected: output [0, 0, 2]"
    assert where.replace("\u00a0", " ") == "Row 2 of T⁽⁰⁾. It reads x[0, 0, 2], x[0, 0, 3], x[0, 0, 4]"
    back = chosen.with_index(picked, settings, "input", (0, 0, 3))
    where = matrix_facts.selected(shown, back)[1].replace("\u00a0", " ")
    assert where == "Column 3 of T. It feeds 6 outputs: y[0, 0, 1], y[0, 0, 2], y[0, 0, 3], …, y[0, 1, 3]"


@pytest.mark.parametrize(("stride", "extra"), [(2, 0), (2, 1), (3, 2)])
def test_a_transposed_layer_is_the_transpose_that_it_is_said_to_be(stride, extra):
    transposed = resolve(
        Convolution("ConvTranspose2d", 3, 2, (3, 2), (3, 4), stride=stride, output_padding=extra, padding=1)
    )
    assert "the transpose of the matrix of the Conv2d" in matrix_facts.sparsity(transposed)
    back = resolve(Convolution("Conv2d", 2, 3, (3, 2), shapes.output_size(transposed), stride=stride, padding=1))
    assert shapes.output_size(back) == transposed.input_size
    weight = np.random.default_rng(0).standard_normal(shapes.weight_shape(transposed))
    assert np.array_equal(toeplitz(transposed, weight).dense(), toeplitz(back, weight).dense().T)


def test_layers_with_too_many_multiplications_are_not_checked():
    large = resolve(Convolution("Conv2d", 512, 512, 3, (224, 224), padding=1))
    assert checked.check(large, {"y": np.zeros(1)}) == checked.Checked()
    shown = made(LESSON)[1]
    assert matrix_facts.check(shown, checked.Checked())[0].startswith("Not checked on all outputs")
    assert matrix_facts.check(shown, None)[0] == "comparing…"
    assert "too many" in matrix_facts.check(shown._replace(numbered=False), None)[0]
