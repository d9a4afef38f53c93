"""The sum behind an element of y, or behind the gradient of one of x, in words and numbers, held against torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tracer import quantities
from tracer.convolution import arithmetic, shapes, tap_places
from tracer.convolution.chosen import Chosen, Index, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.reads import Feeds, Reads, feeds, reads
from tracer.convolution.tap_places import OUTSIDE

LAST_PLACE = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
SHORT = ("float16", "bfloat16")
PAIRED = 100_000  # most pairs that are summed up here
FEW, WRITTEN = 8, (24, 16, 12, 8, 6, 4, 3, 2)  # how many products are tried; above FEW only where they are all


class Sum(NamedTuple):
    """A sum: what it is of ("y[0, 7] = Σ x·weight[7] + bias[7]"), how many products, and, where the numbers are there,
    its products as text of some length, its value and torch's. `agrees`: within what rounding explains."""

    head: str
    products: int
    bias: bool
    write: Callable[[int], str] | None = None
    value: float = math.nan
    torch: float = math.nan
    agrees: bool = True


def of_chosen(settings: Settings, numbers: Numbers, chosen: Chosen) -> Sum:
    """Sum up what leads: an output over what it reads, or the gradient of an input over the outputs that read it."""
    if chosen.leads == "output":
        return _forward(settings, numbers, reads(settings, chosen.output))
    return _backward(settings, numbers, feeds(settings, chosen.input))


def element(name: str, index: Index) -> str:
    """Write an element: y[0, 7, 3, 5]."""
    return f"{name}[{', '.join(map(str, index))}]"


def count_words(found: Sum) -> str:
    """Say how many products there are: "300 products + 1 bias"."""
    number = f"{quantities.count(found.products)} product{'' if found.products == 1 else 's'}"
    return number + (" + 1 bias" if found.bias else "")


def check_words(found: Sum, dtype: str) -> str:
    """Say whether torch's value is the sum."""
    name = found.head.partition(" = ")[0]
    begin = f"torch: {name} = {quantities.number(found.torch, dtype)}"
    if found.agrees:
        same = found.value == found.torch or quantities.number(found.value, dtype) == quantities.number(
            found.torch, dtype
        )
        return f"{begin} ✓ {'the same' if same else 'the same up to rounding'}"
    return f"{begin} ✗ differs by {quantities.figure(abs(found.value - found.torch))}, more than rounding explains"


def _forward(settings: Settings, numbers: Numbers, read: Reads) -> Sum:
    head = f"{element('y', read.output)} = Σ {_region(settings, read)}·{_kernel(settings, read.output)}"
    bias = read.bias is not None
    if bias:
        head += f" + bias[{read.bias}]"
    plain, arrays = Sum(head, len(read.weights), bias), numbers.arrays
    if not _ready(numbers, "x", "weight", "y") or (bias and "bias" not in arrays) or plain.products > PAIRED:
        return plain
    x, weight = arrays["x"], arrays["weight"]
    given = np.where(read.inputs == OUTSIDE, 0.0, x.reshape(-1)[read.inputs].astype(np.float64))
    added = arrays["bias"] if bias else None

    def write(most: int) -> str:
        return arithmetic.output(read, x, weight, added, settings.dtype, most)[0]

    products = given * weight.reshape(-1)[read.weights].astype(np.float64)
    _, value = arithmetic.output(read, x, weight, added, settings.dtype, 0)
    return _held(plain, write, value, float(arrays["y"][read.output]), products, settings.dtype)


def _backward(settings: Settings, numbers: Numbers, fed: Feeds) -> Sum:
    head = f"{element('x.grad', fed.input)} = Σ y.grad·weight over the outputs that read it"
    plain, arrays = Sum(head, len(fed.outputs), False), numbers.arrays
    if not _ready(numbers, "x.grad", "weight", "y.grad") or plain.products > PAIRED:
        return plain
    gradient, weight = arrays["y.grad"], arrays["weight"]

    def write(most: int) -> str:
        return arithmetic.gradient_of_input(fed, gradient, weight, settings.dtype, most)[0]

    products = gradient.reshape(-1)[fed.outputs].astype(np.float64) * weight.reshape(-1)[fed.weights]
    _, value = arithmetic.gradient_of_input(fed, gradient, weight, settings.dtype, 0)
    return _held(plain, write, value, float(arrays["x.grad"][fed.input]), products, settings.dtype)


def _ready(numbers: Numbers, *names: str) -> bool:
    return numbers.fresh and all(name in numbers.arrays for name in names)


def _held(plain: Sum, write: Callable[[int], str], value: float, torch: float, products: Any, dtype: str) -> Sum:
    """Hold a sum against torch's: the bound is that of rounding each product and each sum to half a last place.

    In the short dtypes, in which torch may round products and sums too, that would allow nearly all for many products:
    there it is what n roundings that are independent reach, 4·√n half places.
    """
    size = float(np.abs(products).sum()) + abs(value)
    roundings = 4 * math.sqrt(len(products)) + 4 if dtype in SHORT else len(products) + 1
    bound = LAST_PLACE[dtype] / 2 * roundings * size + LAST_PLACE[dtype] * abs(value)
    both = not math.isfinite(value) and (math.isnan(value) == math.isnan(torch)) and not math.isfinite(torch)
    near = both or value == torch or abs(value - torch) <= bound
    return plain._replace(write=write, value=value, torch=torch, agrees=bool(near))


def _kernel(settings: Settings, output: Index) -> str:
    """Write which part of the weight an output uses: weight[7], or of a transposed layer weight[0:4, 2]."""
    kernel = output[0 if settings.batch is None else 1]
    if not settings.transposed:
        return f"weight[{kernel}]"
    _, inputs, kernels = tap_places.channels(settings)
    group, inside = divmod(kernel, kernels)
    first = ":" if settings.groups == 1 else f"{group * inputs}:{(group + 1) * inputs}"
    return f"weight[{first}, {inside}]"


def _region(settings: Settings, read: Reads) -> str:
    """Write what an output reads as a slice of x; only "x" where no slice is it: padding, or a transposed layer."""
    if settings.transposed or read.padding or settings.padding_mode != "zeros":
        return "x"
    _, inputs, kernels = tap_places.channels(settings)
    start = 0 if settings.batch is None else 1
    group = read.output[start] // kernels
    channels = ":" if settings.groups == 1 else f"{group * inputs}:{(group + 1) * inputs}"
    parts = [*map(str, read.output[:start]), channels]
    for axis, at in enumerate(read.output[start + 1 :]):
        first = at * settings.stride[axis] - settings.padding[axis][0]
        step = settings.dilation[axis]
        stop = first + shapes.steps(settings)[axis].reach
        parts.append(f"{first}:{stop}" + (f":{step}" if step > 1 else ""))
    return f"x[{', '.join(parts)}]"
