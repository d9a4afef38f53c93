"""The table of receptive fields."""

from gui.convolution.field_table import DIFFERS, field_rows
from tracer.convolution.settings import resolve
from tracer.convolution.stack import steps
from tracer.experiment import Convolution, Stacked


def rows(stack=(), **fields):
    settings = resolve(Convolution(in_channels=1, out_channels=1, **fields))
    found = steps(settings, stack)
    return field_rows([step.layer for step in found], (settings.input_size, *(step.size for step in found)))


def test_a_row_for_the_input_and_one_a_layer():
    found = rows((Stacked("MaxPool", 2, 2),), layer="Conv2d", kernel_size=(3, 5), padding=(1, 0), input_size=(64, 128))
    assert [tuple(row) for row in found] == [
        ("input", "–", "1 × 1", "1 × 1", "0, 0", "0, 0", "64 × 128"),
        ("1  Conv2d", "3 × 5", "3 × 5", "1 × 1", "−1, 0", "0, 2", "64 × 124"),
        ("2  MaxPool2d", "2 × 2", "4 × 6", "2 × 2", "−1, 0", "0.5, 2.5", "32 × 62"),
    ]


def test_fields_that_differ_are_told_from_the_smallest_to_the_largest():
    (_, row) = rows(layer="ConvTranspose1d", kernel_size=3, stride=2, input_size=8)
    assert tuple(row) == ("1  ConvTranspose1d", "3", "1–2", DIFFERS, DIFFERS, DIFFERS, "17")
