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
from tracer.facts import Check
from tracer.runners.convolution_check import index_of, terms_of

EXACT = {**SLACK, torch.float64: 1e-12}


def check(
    settings: Settings,
    named: Mapping[str, torch.Tensor],
    gradients: Sequence[torch.Tensor | None],
    *,
    most: int = 16,
    seed: int = 0,
) -> list[Check]:
    """Check the gradients of x, weight, bias and y on up to `most` elements of each, those of finite differences."""
    arrays = {name: array(named[name]) for name in ("x", "weight")}

    def expected(name: str, element: int) -> tuple[float, float]:
        index = index_of(element, tuple(named[name].shape))
        return rules.gradient(settings, arrays, name, index), 0.0

    found = []
    for (name, tensor), gradient in zip(named.items(), gradients, strict=True):
        chosen = sample(tensor.numel(), most, seed)
        numbers = [expected(name, element) for element in chosen]
        found.append(compare(tensor, gradient, chosen, numbers, terms_of(settings, name), EXACT))
    return found


def array(tensor: torch.Tensor) -> NDArray[Any]:
    """Give a tensor's numbers as an array; those of bfloat16, which numpy has not, as float32."""
    there = tensor.detach().cpu()
    found: NDArray[Any] = (there.float() if there.dtype is torch.bfloat16 else there).numpy()
    return found
