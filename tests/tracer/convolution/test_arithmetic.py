"""Sums as text: the lesson's, shortened ones, and numbers that a text can't hold exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tracer.convolution import arithmetic
from tracer.convolution.reads import feeds, reads, uses
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution

X = np.array([1.0, 3, 2, 0, -1, 4, 5])
KERNELS = np.array([1.0, 0, -1, 1, 2, 1])
BANK = resolve(Convolution("Conv1d", 1, 2, 3, 7, padding=1, loss="sum"))
OUTPUTS = [
    ((0, 0, 1), None, "1·1 + 3·0 + 2·(−1) = −1", -1),
    ((0, 0, 1), [10, 100], "1·1 + 3·0 + 2·(−1) + 10 = 9", 9),
    ((0, 1, 0), [0.5, -0.25], "pad·1 + 1·2 + 3·1 + (−0.25) = 4.75", 4.75),
    ((0, 1, 6), None, "4·1 + 5·2 + pad·1 = 14", 14),
]


@pytest.mark.parametrize(("index", "bias", "text", "total"), OUTPUTS)
def test_an_output_as_a_sum(index: tuple[int, ...], bias: list[float] | None, text: str, total: float) -> None:
    given = None if bias is None else np.array(bias)
    assert arithmetic.output(reads(BANK, index), X, KERNELS, given, "float32") == (text, total)


def test_gradients_as_sums() -> None:
    ones = np.ones(14)
    text, total = arithmetic.gradient_of_input(feeds(BANK, (0, 0, 0)), ones, KERNELS, "float32")
    assert (text, total) == ("1·1 + 1·0 + 1·1 + 1·2 = 4", 4)
    text, total = arithmetic.gradient_of_weight(uses(BANK, (0, 0, 0)), ones, X, "float32")
    assert (text, total) == ("1·1 + 1·3 + 1·2 + 1·0 + 1·(−1) + 1·4 = 9", 9)


def test_a_long_sum_is_shortened_and_its_total_is_of_all() -> None:
    settings = resolve(Convolution("Conv1d", 1, 1, 100, 100, bias=False))
    text, total = arithmetic.output(reads(settings, (0, 0, 0)), np.arange(100.0), np.ones(100), None, "float64")
    assert text == "0·1 + 1·1 + 2·1 + 3·1 + 4·1 + 5·1 + … (92 more) + 98·1 + 99·1 = 4950"
    assert total == 4950
    ninth = resolve(Convolution("Conv1d", 1, 1, 9, 9, bias=False))
    text, _ = arithmetic.output(reads(ninth, (0, 0, 0)), np.arange(9.0), np.ones(9), None, "float64")
    assert "… (1 more)" in text and text.count("·") == 8


def test_what_is_rounded_is_said_to_be_near() -> None:
    settings = resolve(Convolution("Conv1d", 1, 1, 1, 1, bias=False))
    third = np.array([1 / 3], np.float32)
    text, total = arithmetic.output(reads(settings, (0, 0, 0)), third, third, None, "float32")
    assert text == "0.33333334·0.33333334 ≈ 0.11111112" and total == float(third[0]) ** 2


def test_numbers_that_are_not_finite() -> None:
    settings = resolve(Convolution("Conv1d", 1, 1, 2, 2, bias=False))
    text, total = arithmetic.output(reads(settings, (0, 0, 0)), np.array([np.inf, 1]), np.ones(2), None, "float64")
    assert text == "∞·1 + 1·1 = ∞" and total == math.inf
    text, total = arithmetic.output(
        reads(settings, (0, 0, 0)), np.array([np.inf, -np.inf]), np.ones(2), None, "float64"
    )
    assert text == "∞·1 + (−∞)·1 = NaN" and math.isnan(total)


def test_an_output_that_reads_nothing() -> None:
    settings = resolve(Convolution("ConvTranspose1d", 1, 1, 1, 2, stride=2, bias=False))
    assert arithmetic.output(reads(settings, (0, 0, 1)), np.ones(2), np.ones(1), None, "float64") == ("0 = 0", 0)
