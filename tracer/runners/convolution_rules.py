"""The gradients of a convolution compared with their rules: a second way, with no convolution of torch and no autograd.

Unlike finite differences the rules are exact but for rounding, so in float64 they hold autograd to twelve digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray

from tracer.backward.finite_difference import SLACK, compare, sample
from tracer.convolution import rules
from tracer.convolution.layer import Settings
from tracer.convolution.rules import Sum
from tracer.facts import Check
from tracer.runners.convolution_check import index_of, rounding, terms_of

EXACT = {**SLACK, torch.float64: 1e-12}
Sums = Mapping[str, Mapping[int, Sum]]  # of each tensor, by the number of the element in row-major order


def sums(settings: Settings, named: Mapping[str, torch.Tensor], *, most: int = 16, seed: int = 0) -> Sums:
    """Compute the gradients of x, weight, bias and y by their rules, of those elements that finite differences try."""
    arrays = {name: array(named[name]) for name in ("x", "weight")}
    return {
        name: {
            element: rules.gradient(settings, arrays, name, index_of(element, tuple(tensor.shape)))
            for element in sample(tensor.numel(), most, seed)
        }
        for name, tensor in named.items()
    }


def check(
    settings: Settings, named: Mapping[str, torch.Tensor], gradients: Sequence[torch.Tensor | None], found: Sums
) -> list[Check]:
    """Compare gradients with those that the rules gave."""
    checks = []
    for (name, tensor), gradient in zip(named.items(), gradients, strict=True):
        terms = terms_of(settings, name)
        expected = [(total.value, rounding(tensor.dtype, total.size, terms)) for total in found[name].values()]
        checks.append(compare(tensor, gradient, list(found[name]), expected, terms, EXACT))
    return checks


def array(tensor: torch.Tensor) -> NDArray[Any]:
    """Give a tensor's numbers as an array; those of bfloat16, which numpy has not, as float32."""
    there = tensor.detach().cpu()
    found: NDArray[Any] = (there.float() if there.dtype is torch.bfloat16 else there).numpy()
    return found
