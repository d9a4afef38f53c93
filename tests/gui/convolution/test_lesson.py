"""The lesson's tables of a convolution, reproduced by hand in the window: typed into its fields and cells, read off it.

The positions, their windows and the matrix itself are read off the Slide and the Matrix, by their own tests.
"""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from gui.convolution.presets import PRESETS

NARROW = "\u202f"


class Hand:
    """Types and reads like a person."""

    def __init__(self, part, workspace, settled, qtbot):
        self.part, self._workspace, self._settled, self._qtbot = part, workspace, settled, qtbot

    def type(self, **fields):
        for name, number in fields.items():
            numbers = number if isinstance(number, tuple) else (number,)
            for at, each in enumerate(numbers):
                entry = self.part(f"convolution.{name}.{at}" if isinstance(number, tuple) else f"convolution.{name}")
                entry.setFocus()
                entry.selectAll()
                self._qtbot.keyClicks(entry, str(each))

    def choose(self, field, value):
        self.part(f"convolution.{field}").chosen.emit(value)

    def cells(self, tensor, rows, *place):
        self._settled()  # what is drawn becomes what is typed around the cells
        self.part(f"convolution.values.{tensor}").click()
        for at, number in enumerate(place):
            self.part(f"convolution.values.place.{at}").edited.emit(str(number))
        cells = self.part("convolution.values.cells")
        for at, row in enumerate(rows):
            for to, number in enumerate(row):
                cells.setFocus()
                cells.setCurrentIndex(cells.model().index(at, to))
                for letter in str(number):
                    self._qtbot.keyClicks(QApplication.focusWidget(), letter)
                self._qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    def shapes(self):
        return {row.name: row.shape for row in self.part("convolution.shapes").rows_model.rows}

    def cost(self):
        rows = self.part("convolution.cost").rows_model.rows
        return {row.name: (row.value.replace(NARROW, " "), row.how.replace(NARROW, " ")) for row in rows}

    def gradient(self, name):
        self._settled()
        rows = {row.name: row for row in self.part("convolution.gradients").rows_model.rows}
        return list(rows[name].values)

    def y(self):
        self._settled()
        numbers = self._workspace.pictures.numbers
        assert numbers.fresh
        return numbers.arrays["y"][0].tolist()


@pytest.fixture
def hand(window, part, workspace, settled, qtbot):
    return Hand(part, workspace, settled, qtbot)


@pytest.fixture
def toeplitz(window, hand):
    """x and both kernels, typed in from nothing."""
    hand.choose("layer", "Conv1d")
    hand.type(in_channels=1, out_channels=2, kernel_size=(3,), input_size=(7,))
    hand.choose("bias", False)
    hand.choose("loss", "sum")
    window.commands["values"].trigger()
    hand.cells("x", [[1, 3, 2, 0, -1, 4, 5]])
    hand.cells("weight", [[1, 0, -1]], 0)
    hand.cells("weight", [[1, 2, 1]], 1)
    hand.part("convolution.values.close").click()
    return hand


def test_the_typed_example_is_the_preset(toeplitz, session):
    typed, preset = session.value("convolution"), PRESETS["Toeplitz 7, 3"]
    assert (typed.input, typed.weight) == (preset.input, preset.weight)


def test_outputs_costs_and_gradients_of_the_stacked_rows(toeplitz):
    assert toeplitz.y() == [[-1, 3, 3, -4, -6], [9, 7, 1, 2, 12]]
    assert toeplitz.shapes() == {"x": (1, 1, 7), "weight": (2, 1, 3), "y": (1, 2, 5)}
    cost = toeplitz.cost()
    assert cost["parameters"] == ("6", "2 × 1 × 3 weights, no bias")
    assert cost["as a dense matrix"] == ("10 × 7", "70 cells, for one of the batch")
    assert cost["non-zero"][1] == "30 cells hold a weight"
    assert toeplitz.gradient("x") == [2, 4, 4, 4, 4, 2, 0]
    assert toeplitz.gradient("weight") == [5, 8, 10, 5, 8, 10]
    assert toeplitz.part("convolution.formula.0").accessibleName() == "L = ⌊(7 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 5"


OPTIONS = [
    ("padding", 1, 7, [[-3, -1, 3, 3, -4, -6, 4], [5, 9, 7, 1, 2, 12, 14]]),
    ("stride", 2, 3, [[-1, 3, -6], [9, 1, 12]]),
    ("dilation", 2, 3, [[2, -1, -3], [4, 7, 5]]),
]


def test_each_option_of_the_example(toeplitz, session):
    for field, number, length, expected in OPTIONS:
        session.end_gesture()
        toeplitz.type(**{field: (number,)})
        assert toeplitz.y() == expected
        assert toeplitz.part("convolution.formula.0").accessibleName().endswith(f" = {length}")
        session.history.undo()
        assert toeplitz.y() == [[-1, 3, 3, -4, -6], [9, 7, 1, 2, 12]]


def test_a_bias_is_one_number_for_each_kernel(window, toeplitz):
    toeplitz.choose("bias", True)
    window.commands["values"].trigger()
    toeplitz.cells("bias", [[10, 100]])
    toeplitz.part("convolution.values.close").click()
    assert toeplitz.y() == [[9, 13, 13, 6, 4], [109, 107, 101, 102, 112]]
    assert toeplitz.gradient("bias") == [5, 5]
    assert toeplitz.cost()["parameters"] == ("8", "2 × 1 × 3 weights + 2 biases")


def test_the_channels_of_a_stereo_signal_are_summed(window, hand):
    hand.choose("layer", "Conv1d")
    hand.type(in_channels=2, out_channels=1, kernel_size=(3,), input_size=(5,))
    hand.choose("bias", False)
    window.commands["values"].trigger()
    hand.cells("x", [[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]])
    hand.cells("weight", [[1, 0, -1], [2, 1, 0]])
    hand.part("convolution.values.close").click()
    assert hand.y() == [[2, 6, 1]]


LAYERS = [  # as in the lesson's table of dimensions
    ("Conv1d", (2, 16, (3,), (64,), (0,)), (16, 2, 3), (1, 16, 62), "112", "5 952", "126 976", "6"),
    ("Conv1d", (2, 16, (5,), (64,), (0,)), (16, 2, 5), (1, 16, 60), "176", "9 600", "122 880", "10"),
    ("Conv1d", (2, 16, (3,), (64,), (1,)), (16, 2, 3), (1, 16, 64), "112", "6 144", "131 072", "6"),
    ("Conv2d", (20, 16, (3, 5), (64, 128), (0, 0)), (16, 20, 3, 5), (1, 16, 62, 124), "4 816", "36 902 400",
     "20 153 630 720", "300"),
    ("Conv2d", (20, 16, (3, 5), (64, 128), (1, 2)), (16, 20, 3, 5), (1, 16, 64, 128), "4 816", "39 321 600",
     "21 474 836 480", "300"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "fields", "weight", "y", "parameters", "products", "cells", "taps"), LAYERS)
def test_the_dimensions_in_pytorch(hand, layer, fields, weight, y, parameters, products, cells, taps):
    in_channels, out_channels, kernel, size, padding = fields
    hand.choose("layer", layer)
    hand.type(in_channels=in_channels, out_channels=out_channels, kernel_size=kernel, input_size=size, padding=padding)
    assert hand.shapes() == {"x": (1, in_channels, *size), "weight": weight, "bias": (16,), "y": y}
    cost = hand.cost()
    assert (cost["parameters"][0], cost["multiply–adds"][0], cost["taps per output"][0]) == (parameters, products, taps)
    assert cost["as a dense matrix"][1] == f"{cells} cells, for one of the batch"
    assert "y = conv(x)" in hand.part("convolution.code").toPlainText()


def test_swapped_padding_and_same_and_no_batch(hand, part):
    hand.type(padding=(2, 1))
    assert hand.shapes()["y"] == (1, 16, 66, 126)
    part("convolution.padding.same").click()
    assert hand.shapes()["y"] == (1, 16, 64, 128)
    hand.type(batch="none")
    assert hand.shapes()["y"] == (16, 64, 128)


SHORT = (
    "The kernel (3) is larger than the padded input (2) along L. Use a kernel of at most 2 or padding of at least 1."
)


def test_a_kernel_that_is_too_large_says_why_and_keeps_the_result(hand, part):
    hand.choose("layer", "Conv1d")
    before = hand.shapes()
    hand.type(input_size=(2,))
    assert hand.shapes() == before
    assert part("convolution.kernel_size.0").accessibleDescription() == SHORT
    hand.type(input_size=(64,))
    assert hand.shapes() == before
    assert part("convolution.kernel_size.0").accessibleDescription() == ""


FORMULAS = [  # layer, padding, a field with the focus, what of the line is lit
    ("Conv1d", 0, "kernel_size.0", 0, "5"),
    ("Conv3d", 0, "input_size.2", 2, "16"),
    ("ConvTranspose2d", 0, "output_padding.1", 1, "0"),
    ("Conv2d", "same", "padding.1", 1, "2"),
    ("Conv2d", "valid", "padding.0", 0, "0"),
    ("Conv2d", 0, "dilation.1", 1, "1"),
]


@pytest.mark.parametrize(("layer", "padding", "field", "line", "lit"), FORMULAS)
def test_the_formula_holds_the_numbers_and_lights_that_of_the_field(
    hand, session, part, layer, padding, field, line, lit
):
    session.edit("convolution", PRESETS["Lesson 2D"])
    if layer == "Conv1d":
        session.edit("convolution", PRESETS["Lesson 1D, k = 5"])
    hand.choose("layer", layer)
    session.edit("convolution.padding", padding)
    part(f"convolution.{field}").setFocus()
    labels = [part(f"convolution.formula.{at}") for at in range(len(hand.shapes()["y"]) - 2)]
    assert [f'">{lit}</b>' in label.text() and "background" in label.text() for label in labels] == [
        at == line for at in range(len(labels))
    ]
    assert labels[line].accessibleName().endswith(f" = {hand.shapes()['y'][2 + line]}")


def test_new_shapes_stand_in_the_table_when_the_edit_returns(window, hand, session):
    session.edit("convolution.kernel_size", (7, 5))  # no turn of the event loop from here on
    assert hand.shapes()["y"] == (1, 16, 58, 124)
    assert hand.part("convolution.formula.0").accessibleName().endswith(" = 58")
    assert hand.cost()["parameters"][0] == "11 216"
    assert not window.is_idle()


POSITIONS = [
    ("1·1 + 3·0 + 2·(−1) = −1", "1·1 + 3·2 + 2·1 = 9"),
    ("3·1 + 2·0 + 0·(−1) = 3", "3·1 + 2·2 + 0·1 = 7"),
    ("2·1 + 0·0 + (−1)·(−1) = 3", "2·1 + 0·2 + (−1)·1 = 1"),
    ("0·1 + (−1)·0 + 4·(−1) = −4", "0·1 + (−1)·2 + 4·1 = 2"),
    ("(−1)·1 + 4·0 + 5·(−1) = −6", "(−1)·1 + 4·2 + 5·1 = 12"),
]


def test_the_rows_of_the_matrix_are_the_kernels_shifted(toeplitz, front, settled, qtbot):
    settled()
    front("Matrix (Toeplitz)")
    canvas = toeplitz.part("convolution.matrix.canvas")
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    for kernel in (0, 1):
        for place, products in enumerate(POSITIONS):
            assert f"y[0, {kernel}, {place}] = {products[kernel]}" in canvas.accessibleDescription()
            qtbot.keyClick(canvas, Qt.Key.Key_Down)


REAL = {(0, 0): 6, (0, 1): 8, (0, 2): 10, (1, 0): 9, (1, 1): 12, (1, 2): 15, (63, 127): 6, (63, 64): 10}


def test_the_real_taps_at_a_padded_border(window, hand, front, part, settled):
    hand.choose("preset", "Lesson 2D padded")
    settled()
    front("Slide")
    part("convolution.slide.forward").click()
    for (row, column), taps in REAL.items():
        part("convolution.slide.scrub").setValue(row * 128 + column)
        assert part("convolution.slide.selected").text() == f"y[0, 0, {row}, {column}]"
        told = [label.text() for label in part("convolution.slide.section").findChildren(QLabel)]
        assert "300" in told
        padding = f"{300 - 20 * taps} of them, × 0"
        assert (padding in told) == (taps < 15)
