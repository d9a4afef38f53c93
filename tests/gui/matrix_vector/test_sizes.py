"""The sizes of a matrix made of kernels: what a slider changes, and that every value it offers works."""

import pytest

from gui.matrix_vector import presets, sizes
from tracer.experiment import MatrixVector
from tracer.matrix_vector.settings import resolve

STEREO = presets.PRESETS["Stereo"]
WIDE = MatrixVector(vector=[1] * 9, kernels=[[1, 2, 3, 4]], padding=2, stride=3, dilation=3)


@pytest.mark.parametrize("experiment", [sizes.LESSON, STEREO, WIDE, MatrixVector(vector=[2], kernels=[[3]])])
def test_every_value_that_is_offered_works_but_for_the_thickness(experiment):
    for size, (value, values) in sizes.sizes(experiment).items():
        assert value in values
        for new in values:
            changed = sizes.with_size(experiment, size, new)
            assert sizes.sizes(changed)[size].value == new
            if size != "thickness":
                assert resolve(changed).bank is not None, (size, new)


def test_what_is_offered_ends_where_the_kernel_fits_no_more():
    found = sizes.sizes(MatrixVector(vector=[1] * 7, kernels=[[1, 2, 3]], dilation=3))
    assert found["width"].values == range(1, 4) and found["dilation"].values == range(1, 4)
    assert found["length"].values.start == 7
    assert sizes.sizes(MatrixVector(vector=[1] * 3, kernels=[[1] * 6], padding=2))["padding"].values.start == 2


def test_numbers_that_are_there_stay_and_new_ones_go_on_as_the_lesson_does():
    longer = sizes.with_size(sizes.LESSON, "length", 9)
    assert longer.vector == [1, 3, 2, 0, -1, 4, 5, 1, 3] and longer.kernels == sizes.LESSON.kernels
    assert sizes.with_size(longer, "length", 7) == sizes.LESSON
    more = sizes.with_size(sizes.LESSON, "count", 3)
    assert more.kernels == [[1, 0, -1], [1, 2, 1], [-1, 2, -1]]
    stereo = sizes.with_size(sizes.LESSON, "channels", 2)
    assert stereo.vector == [[1, 3, 2, 0, -1, 4, 5], [0, 1, 1, 2, -2, 3, 1]]
    assert [len(kernel) for kernel in stereo.kernels] == [2, 2]
    assert sizes.with_size(stereo, "channels", 1) == sizes.LESSON
    biased = sizes.with_size(MatrixVector(vector=[1, 2, 3], kernels=[[1], [2]], bias=[5, 6]), "count", 3)
    assert biased.bias == [5, 6, 0]


def test_a_typed_toeplitz_matrix_is_known_by_its_kernel():
    typed = presets.PRESETS["Toeplitz of [1, 0, −1]"]
    assert sizes.with_kernels(typed).kernels == [[1, 0, -1]] and sizes.with_kernels(typed).vector == typed.vector
    assert presets.made(sizes.with_kernels(typed), of_kernels=False) == typed
    assert sizes.with_kernels(presets.LESSON) == sizes.LESSON
    double = sizes.with_kernels(MatrixVector([[1, 2]], [3, 4], dtype="float64"))
    assert double.dtype == "float64" and double.kernels == sizes.LESSON.kernels


def test_kernels_are_laid_out_as_rows_and_read_back():
    rows = sizes.rows_of_kernels(STEREO.kernels)
    assert rows == [[1, 0, -1], [2, 1, 0]] and sizes.with_rows(STEREO, rows) == STEREO.kernels
    assert sizes.with_rows(sizes.LESSON, [[1, 2], [3, 4]]) == [[1, 2], [3, 4]]
    assert sizes.with_rows(STEREO, [[1], [2], [3]]) == [[1], [2], [3]]
    assert sizes.rows_of_kernels("no kernels") == "no kernels" and sizes.with_rows(STEREO, "1/") == "1/"
