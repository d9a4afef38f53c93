"""Finds where a function has a kink or a jump, so that a difference across it is told from a wrong gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch

from tracer.backward.finite_difference import ROUNDINGS, sample

STEPS = (1e-6, 1e-8)  # far enough apart that what is only curved straightens out from one to the next
KINK = (
    "The function has a kink or a jump at {where}, where the slopes on both sides differ: finite differences can't "
    "show the gradient there"
)

Run = Callable[[Sequence[torch.Tensor]], torch.Tensor]


def kink(
    run: Run, points: Sequence[torch.Tensor], which: int, name: str, gradient: torch.Tensor | None, most: int
) -> str | None:
    """Say at which of the tried elements of one input its gradient can't agree, because of a kink or a jump.

    `None` where there is none that can be told.
    """
    flat = None if gradient is None else gradient.detach().reshape(-1)
    with torch.no_grad():
        found = [
            element
            for element in sample(points[which].numel(), most, 0)
            if _is_kink(run, points, which, element, 0.0 if flat is None else float(flat[element]))
        ]
    return KINK.format(where=_where(name, points[which], found)) if found else None


def _is_kink(run: Run, points: Sequence[torch.Tensor], which: int, element: int, found: float) -> bool:
    """Tell whether the slopes on both sides stay apart however small the step is, by more than rounding explains.

    The gap between the slopes of a smooth function shrinks with the step, f″·h; at a kink it stays, at a jump it grows.
    """
    (wide, _, slope), (gap, rounding, _) = _gaps(run, points, which, element)
    apart = math.isfinite(gap) and gap > 10 * rounding and 2 * gap > wide
    return apart and abs(slope - found) > 1e-3 * max(abs(slope), abs(found), wide)


def _gaps(run: Run, points: Sequence[torch.Tensor], which: int, element: int) -> Iterator[tuple[float, float, float]]:
    """Give for each step |right slope − left slope|, how far rounding may put it off, and the mean of both."""
    moved = [point.detach().clone() for point in points]
    flat = moved[which].view(-1)
    here = float(flat[element])

    def at(value: float) -> float:
        flat[element] = value
        return float(run(moved))

    middle = at(here)
    for step in STEPS:
        above, below = here + step * max(1.0, abs(here)), here - step * max(1.0, abs(here))
        high, low = at(above), at(below)
        right, left = (high - middle) / (above - here), (middle - low) / (here - below)
        rounding = ROUNDINGS * (abs(high) + 2 * abs(middle) + abs(low)) / (above - here)
        yield abs(right - left), rounding, (high - low) / (above - below)


def _where(name: str, tensor: torch.Tensor, elements: Sequence[int]) -> str:
    """Name elements: "x[0, 1]", "x[0] and x[2]", or their number."""
    called = [_called(name, tensor, element) for element in elements[:2]]
    if len(elements) > 2:
        return f"{len(elements)} tried elements of {name}, the first being {called[0]}"
    return " and ".join(called)


def _called(name: str, tensor: torch.Tensor, element: int) -> str:
    index = ", ".join(str(int(i)) for i in torch.unravel_index(torch.tensor(element), tensor.shape))
    return f"{name}[{index}]" if index else name
