"""What a person gives a program → leaves on a device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from tracer.errors import InvalidSetting
from tracer.expression.exact import Array, array
from tracer.expression.values import flat, given, laid
from tracer.runners.interpreter.shadows import ELEMENTS


def inputs(values: Mapping[str, Any], device: torch.device) -> dict[str, torch.Tensor]:
    """Build the inputs as leaves on a device. One that can have a gradient has one, unless it was said otherwise.

    Raises:
        InvalidSetting: values that are no numbers, that the dtype can't hold, or that can't have a gradient.
    """
    return {name: _input(name, value, device) for name, value in values.items()}


def _input(name: str, value: Any, device: torch.device) -> torch.Tensor:
    where = f"inputs.{name}"
    found = given(name, value)
    shape, numbers = flat(where, found.values)
    dtype: torch.dtype = getattr(torch, found.dtype)
    exact = dtype.is_floating_point or dtype.is_complex
    if not exact and any(number != number or number != int(number.real) for number in numbers):
        raise InvalidSetting(f"{found.dtype} holds whole numbers only", where, "Use whole numbers, or dtype float32")
    if found.requires_grad and not exact:
        what = f"A tensor of {found.dtype} can't have a gradient: only floating-point and complex numbers can"
        raise InvalidSetting(what, where, "Use dtype float32, or turn requires_grad off")
    try:
        tensor = torch.tensor(numbers, dtype=dtype).resize_(shape).to(device)  # no view, whose errors speak of one
    except (RuntimeError, OverflowError, TypeError, ValueError) as error:
        raise InvalidSetting(f"{found.dtype} can't hold these numbers: {error}", where, "Use another dtype") from error
    return tensor.requires_grad_(exact if found.requires_grad is None else found.requires_grad)


def exact(values: Mapping[str, Any]) -> dict[str, Array]:
    """Read the inputs as the fractions that a person typed: of small ones, those that are."""
    found = {}
    for name, value in values.items():
        typed = given(name, value)
        shape, level = laid(f"inputs.{name}", typed.values)
        known = array(level, shape) if len(level) <= ELEMENTS and not typed.dtype.startswith(("c", "bool")) else None
        if known is not None:
            found[name] = known
    return found


def begin(gradient: Any, output: torch.Tensor) -> Array | None:
    """Read what backward starts from as fractions; `None` in a person's place stands for ones."""
    if output.numel() > ELEMENTS:
        return None
    if gradient is None:
        return array([1] * output.numel(), tuple(output.shape))
    shape, level = laid("gradient", gradient)
    return array(level, shape)
