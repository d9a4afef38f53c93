"""How numbers, shapes and sizes are written."""

import math
import random
import struct

import pytest

from tracer.quantities import brackets, count, figure, number, shape, share, size, texts, values


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.10239999741315842, "float32", "0.1024"),
        (1.5, "float32", "1.5"),
        (-0.0, "float32", "0"),
        (-1.5, None, "−1.5"),
        (3.0, "float64", "3"),
        (1e-7, "float32", "1e−7"),
        (16777216.0, "float32", "16777216"),
        (0.1, "float64", "0.1"),
        (0.0999755859375, "float16", "0.1"),
        (0.10009765625, "bfloat16", "0.1"),
        (math.nan, None, "NaN"),
        (-math.inf, None, "−∞"),
        (7, "int64", "7"),
        (True, "bool", "True"),
        (None, None, "–"),
        (1 - 2j, "complex64", "1 − 2i"),
    ],
)
def test_number(value, dtype, text):
    assert number(value, dtype) == text


def test_a_float32_comes_back_from_its_text():
    draw = random.Random(0)
    for _ in range(2000):
        value = struct.unpack("f", struct.pack("I", draw.getrandbits(32)))[0]
        if math.isfinite(value):
            text = number(value, "float32").replace("−", "-")
            assert struct.pack("f", float(text)) == struct.pack("f", value + 0.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1.009e-6, "−1.009e−6"), (0.0625, "0.0625"), (4.5, "4.5"), (0.0, "0"), (2 / 3, "0.6667"), (1.5e7, "1.5e7")],
)
def test_figure(value, text):
    assert figure(value) == text


def test_counts_sizes_shares_shapes():
    assert count(163840) == "163\u202f840"
    assert (count(None), size(None)) == ("–", "–")
    assert [size(n) for n in (0, 64, 1023, 19200, 491520, 655360, 674560, 5 << 30)] == [
        "0 B",
        "64 B",
        "1023 B",
        "18.8 KiB",
        "480 KiB",
        "640 KiB",
        "659 KiB",
        "5 GiB",
    ]
    assert share(0.0018310546875) == "0.183\u202f%"
    assert (shape((1, 20)), shape(()), shape(None)) == ("1 × 20", "scalar", "shape not known")
    assert (brackets((1, 20)), brackets(())) == ("[1, 20]", "[]")
    assert values([[-1.5, 0.0], [1.5, 3.0]], "float32") == "[[−1.5, 0], [1.5, 3]]"


@pytest.mark.parametrize(
    ("numbers", "fractions", "text"),
    [
        ([[-1.5, 0.0], [1.5, 3.0]], [["-3/2", "0"], ["3/2", "3"]], "[[−3/2, 0], [3/2, 3]]"),
        (0.25, "1/4", "1/4"),
        ([1 / 3, 100 / 3], ["1/3", "100/3"], "[1/3, 100/3]"),  # no decimal is it
        ([102.4, 1024.0, 0.1024], ["512/5", "1024", "64/625"], "[102.4, 1024, 0.1024]"),  # short decimals read better
        ([0.5, 0.0001], ["1/2", "1/10000"], "[0.5, 0.0001]"),  # one number that does not, and none is a fraction
        ([1e20, 1e-7], ["100000000000000000000", "1/10000000"], "[1e20, 1e−7]"),
        ([12345 / 7], ["12345/7"], "[1763.5714]"),
        ([1.5], None, "[1.5]"),
    ],
)
def test_fractions_stand_where_they_read_better(numbers, fractions, text):
    assert values(numbers, "float32", fractions) == text


def test_texts_keep_the_nesting():
    assert texts([[1.5], [2.0]], None, [["3/2"], ["2"]]) == [["3/2"], ["2"]]
