"""Sums of products as text, with the numbers in them: 1·1 + 3·0 + 2·(−1) = −1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.convolution.reads import Feeds, Reads, Uses
from tracer.convolution.tap_places import OUTSIDE
from tracer.quantities import MINUS, count, factor, number

Array = NDArray[Any]
MOST = 8  # products that are written; of more, the first ones and the last
PADDING = "pad"  # a zero of the padding, told apart from a zero of the input


def output(read: Reads, x: Array, weight: Array, bias: Array | None, dtype: str, most: int = MOST) -> tuple[str, float]:
    """Write what one output is the sum of, each product as input·weight, and give the sum: 1·1 + 3·0 + pad·2 + 10 = 11.

    The sum is that of the float64 products, rounded once; its text has the digits of `dtype`.
    """
    numbers = x.reshape(-1)[read.inputs].astype(np.float64)
    outside = read.inputs == OUTSIDE
    numbers[outside] = 0.0
    names = {int(at): PADDING for at in np.flatnonzero(outside)}
    added = [] if read.bias is None or bias is None else [float(bias[read.bias])]
    return _sum(numbers, weight.reshape(-1)[read.weights], dtype, added, names, most)


def gradient_of_input(fed: Feeds, g: Array, weight: Array, dtype: str, most: int = MOST) -> tuple[str, float]:
    """Write the gradient of one input as the sum over the outputs that read it, each product as ∂L/∂y·weight."""
    return _sum(g.reshape(-1)[fed.outputs], weight.reshape(-1)[fed.weights], dtype, [], {}, most)


def gradient_of_weight(used: Uses, g: Array, x: Array, dtype: str, most: int = MOST) -> tuple[str, float]:
    """Write the gradient of one weight as the sum over its places, each product as ∂L/∂y·input."""
    return _sum(g.reshape(-1)[used.outputs], x.reshape(-1)[used.inputs], dtype, [], {}, most)


def _sum(
    first: Array, second: Array, dtype: str, added: Sequence[float], names: dict[int, str], most: int
) -> tuple[str, float]:
    """Write Σ first·second + added, with a name where one of the first numbers has one."""
    products = first.astype(np.float64) * second.astype(np.float64)
    whole = total([*products.tolist(), *added])

    def product(at: int) -> str:
        return f"{names.get(at) or _factor(first[at], dtype)}·{_factor(second[at], dtype)}"

    parts = [product(at) if at >= 0 else f"… ({count(-at)} more)" for at in _shown(len(products), most)]
    parts += [_factor(value, dtype) for value in added]
    text = number(whole, dtype)
    same = math.isnan(whole) or _read(text) == whole
    return f"{' + '.join(parts) or '0'} {'=' if same else '≈'} {text}", whole


def _shown(length: int, most: int) -> list[int]:
    """Give the places that are written, with −n where n are left out."""
    if length <= most:
        return list(range(length))
    last = most // 4
    return [*range(most - last), most - length, *range(length - last, length)]


def _factor(value: Any, dtype: str) -> str:
    return factor(number(float(value), dtype))


def _read(text: str) -> float:
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def total(numbers: Sequence[float]) -> float:
    """Add up with one rounding; what is not finite, as numbers of a machine do."""
    return math.fsum(numbers) if all(map(math.isfinite, numbers)) else sum(numbers)
