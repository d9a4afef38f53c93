"""Sizes, rows and the formula: the numbers of the lesson (Dimensions in PyTorch)."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.convolution.settings import resolve
from tracer.convolution.shapes import FormulaLine, formula, shapes, steps
from tracer.experiment import Convolution

LESSON = [
    (Convolution("Conv1d", 2, 16, 3, 64), (1, 2, 64), (16, 2, 3), (1, 16, 62)),
    (Convolution("Conv1d", 2, 16, 5, 64), (1, 2, 64), (16, 2, 5), (1, 16, 60)),
    (Convolution("Conv1d", 2, 16, 3, 64, padding=1), (1, 2, 64), (16, 2, 3), (1, 16, 64)),
    (Convolution("Conv2d", 20, 16, (3, 5), (64, 128)), (1, 20, 64, 128), (16, 20, 3, 5), (1, 16, 62, 124)),
    (
        Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2)),
        (1, 20, 64, 128),
        (16, 20, 3, 5),
        (1, 16, 64, 128),
    ),
    (
        Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding="same"),
        (1, 20, 64, 128),
        (16, 20, 3, 5),
        (1, 16, 64, 128),
    ),
    (
        Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(2, 1)),
        (1, 20, 64, 128),
        (16, 20, 3, 5),
        (1, 16, 66, 126),
    ),
    (Convolution("Conv1d", 2, 16, 3, 64, batch=None), (2, 64), (16, 2, 3), (16, 62)),
    (Convolution("Conv1d", 1, 2, 3, 7), (1, 1, 7), (2, 1, 3), (1, 2, 5)),
    (Convolution("Conv1d", 1, 2, 3, 7, stride=2), (1, 1, 7), (2, 1, 3), (1, 2, 3)),
    (Convolution("Conv1d", 1, 2, 3, 7, dilation=2), (1, 1, 7), (2, 1, 3), (1, 2, 3)),
]


@pytest.mark.parametrize(("experiment", "x", "weight", "y"), LESSON)
def test_shapes_of_the_lesson(
    experiment: Convolution, x: tuple[int, ...], weight: tuple[int, ...], y: tuple[int, ...]
) -> None:
    found = {row.name: row.shape for row in shapes(resolve(experiment))}
    assert found == {"x": x, "weight": weight, "bias": weight[:1], "y": y}


def test_rows_have_roles_axes_elements_and_bytes() -> None:
    rows = shapes(resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128))))
    assert [(row.name, row.role, row.axes, row.elements, row.bytes) for row in rows] == [
        ("x", "input", ("N", "C_in", "H", "W"), 163_840, 655_360),
        ("weight", "parameter", ("C_out", "C_in/groups", "kH", "kW"), 4_800, 19_200),
        ("bias", "parameter", ("C_out",), 16, 64),
        ("y", "output", ("N", "C_out", "H", "W"), 123_008, 492_032),
    ]


def test_a_transposed_layer_has_its_channels_the_other_way_and_no_bias_no_row() -> None:
    rows = shapes(
        resolve(Convolution("ConvTranspose3d", 4, 6, 2, 3, groups=2, batch=None, bias=False, dtype="float64"))
    )
    assert [(row.name, row.shape, row.axes, row.bytes) for row in rows] == [
        ("x", (4, 3, 3, 3), ("C_in", "D", "H", "W"), 864),
        ("weight", (4, 3, 2, 2, 2), ("C_in", "C_out/groups", "kD", "kH", "kW"), 768),
        ("y", (6, 4, 4, 4), ("C_out", "D", "H", "W"), 3072),
    ]


FORMULAS: list[tuple[Convolution, list[str]]] = [
    (
        Convolution("Conv2d", 20, 16, (3, 5), (64, 128)),
        [
            "H = ⌊(64 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 62",
            "W = ⌊(128 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 124",
        ],
    ),
    (
        Convolution("Conv1d", 2, 16, 4, 64, stride=3, padding=1, dilation=2),
        ["L = ⌊(64 + 2·1 − 2·(4 − 1) − 1) / 3⌋ + 1 = 20"],
    ),
    (
        Convolution("Conv1d", 1, 1, 4, 9, padding="same"),
        ["L = ⌊(9 + 1 + 2 − 1·(4 − 1) − 1) / 1⌋ + 1 = 9"],
    ),
    (
        Convolution("ConvTranspose1d", 1, 1, 3, 5, stride=2, padding=1, output_padding=1),
        ["L = (5 − 1)·2 − 2·1 + 1·(3 − 1) + 1 + 1 = 10"],
    ),
]


@pytest.mark.parametrize(("experiment", "lines"), FORMULAS)
def test_the_formula_holds_the_numbers_and_is_true(experiment: Convolution, lines: list[str]) -> None:
    found = formula(resolve(experiment))
    assert [line.text for line in found] == lines
    for line in found:
        assert value(line) == line.size


def value(line: FormulaLine) -> Any:
    """Compute what stands between the equals signs."""
    middle = line.text.split(" = ")[1].replace("−", "-").replace("·", "*").replace("/", "//")
    return eval(middle.translate({ord("⌊"): "(", ord("⌋"): ")"}))


def test_every_number_of_a_field_can_be_lit() -> None:
    _, width = formula(resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2))))
    lit = {part.field: (part.text, part.axis) for part in width.parts if part.field}
    assert lit == {
        "input_size": ("128", 1),
        "padding": ("2", 1),
        "dilation": ("1", 1),
        "kernel_size": ("5", 1),
        "stride": ("1", 1),
    }


def test_steps_tell_how_an_axis_gets_its_size() -> None:
    height, width = steps(resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2), dilation=2)))
    assert (height.padded, height.reach, height.output) == (66, 5, 62)
    assert (width.padded, width.reach, width.output) == (132, 9, 124)
