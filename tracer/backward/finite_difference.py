"""Gradients checked a second way: by central finite differences in float64, on a sample of elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch

from tracer.facts import VALUES_PER_TENSOR, Check, Values

Run = Callable[[Sequence[torch.Tensor]], torch.Tensor]
Line = Callable[[float], float]  # the function along one element of an input, all else fixed
STEP = 1e-5  # near the cube root of float64's ε, where rounding and curvature weigh the same
ROUNDINGS = 16 * torch.finfo(torch.float64).eps
SLACK = {torch.float64: 1e-6, torch.float32: 2e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


def check(
    run: Run,
    inputs: Sequence[torch.Tensor],
    gradients: Sequence[torch.Tensor | None],
    *,
    most: int = 16,
    seed: int = 0,
) -> list[Check]:
    """Compare gradients with (f(x + h) − f(x − h)) / 2h, element by element, on at most `most` of each input.

    `run` maps float64 tensors of the inputs' shapes to a scalar, the same for the same numbers, and is called without
    grad; `gradients` has for each input what autograd found, in its own dtype (`None` counts as zero). The step is
    h = 1e-5·max(1, |x|). An element agrees where both are the same or differ by no more than rounding explains:
    slack·(|g| + mean |g|), with the slack of the gradient's dtype from SLACK, plus 16 roundings of f in the difference
    itself. `values` holds the finite differences where all elements were tried.

    Raises:
        ValueError: the number of gradients is not that of the inputs, or an input is complex.
    """
    if any(tensor.is_complex() for tensor in inputs):
        raise ValueError("finite differences are taken of real inputs only")
    points = [tensor.detach().to(torch.float64, copy=True).contiguous() for tensor in inputs]

    def line(which: int, element: int) -> Line:
        flat = points[which].view(-1)
        here = float(flat[element])

        def at(value: float) -> float:
            flat[element] = value
            try:
                return float(run(points))
            finally:
                flat[element] = here

        return at

    return check_lines(line, inputs, gradients, most=most, seed=seed)


def check_lines(
    line: Callable[[int, int], Line],
    inputs: Sequence[torch.Tensor],
    gradients: Sequence[torch.Tensor | None],
    *,
    most: int = 16,
    seed: int = 0,
    terms: Sequence[int] = (),
    rounding: Callable[[int, int], float] = lambda _which, _element: 0.0,
) -> list[Check]:
    """Do the same where `line(input, element)` gives the function along one element, which can leave out all that the
    element has no hand in. `terms` says for each input how many products autograd summed for one gradient: adding n
    numbers may be off by n·ε/2 of their size, so the slack is at least that. `rounding(input, element)` is what may be
    off besides, as where large products cancel and leave a small gradient.

    Raises:
        ValueError: the number of gradients is not that of the inputs.
    """
    if len(inputs) != len(gradients):
        raise ValueError(f"{len(inputs)} inputs and {len(gradients)} gradients")
    counts = terms or [1] * len(inputs)
    with torch.no_grad():
        return [
            _check(
                partial(line, which),
                tensor,
                gradient,
                sample(tensor.numel(), most, seed),
                count,
                partial(rounding, which),
            )
            for which, (tensor, gradient, count) in enumerate(zip(inputs, gradients, counts, strict=True))
        ]


def sample(elements: int, most: int, seed: int) -> list[int]:
    """Choose which elements to try: all where they are few, otherwise the first, the last and some drawn by seed."""
    if elements <= most:
        return list(range(elements))
    draw = torch.Generator().manual_seed(seed)
    chosen = {0, elements - 1}
    while len(chosen) < most:
        chosen.add(int(torch.randint(elements, (1,), generator=draw, device="cpu")))
    return sorted(chosen)[:most]


def compare(
    tensor: torch.Tensor,
    gradient: torch.Tensor | None,
    chosen: Sequence[int],
    expected: Sequence[tuple[float, float]],
    terms: int = 1,
    slack: Mapping[torch.dtype, float] = SLACK,
) -> Check:
    """Compare the chosen elements of a gradient with what is expected there: each a number, and how far it may be off
    beside the slack of the gradient's dtype."""
    found, allowed = _read(gradient, chosen, terms, slack)
    errors = [_error(g, number) for g, (number, _) in zip(found, expected, strict=True)]
    agreed = sum(
        error == 0 or error <= most + rounding
        for error, most, (_, rounding) in zip(errors, allowed, expected, strict=True)
    )
    every = len(chosen) == tensor.numel() <= VALUES_PER_TENSOR
    numbers = tuple(number for number, _ in expected)
    return Check(
        tried=len(chosen),
        agreed=agreed,
        worst=_worst(errors),
        values=Values(tuple(tensor.shape), "float64", numbers) if every else None,
    )


def _check(
    line: Callable[[int], Line],
    tensor: torch.Tensor,
    gradient: torch.Tensor | None,
    chosen: list[int],
    terms: int,
    rounding: Callable[[int], float],
) -> Check:
    flat = tensor.detach().reshape(-1)
    differences = []
    for element in chosen:
        number, off = _difference(line(element), float(flat[element]))
        differences.append((number, off + rounding(element)))
    return compare(tensor, gradient, chosen, differences, terms)


def _difference(at: Line, here: float) -> tuple[float, float]:
    """Give the central difference at one element, and how far rounding of f may put it off."""
    step = STEP * max(1.0, abs(here))
    above, below = here + step, here - step
    high, low = at(above), at(below)
    width = above - below
    return (high - low) / width, ROUNDINGS * (abs(high) + abs(low)) / width


def _read(
    gradient: torch.Tensor | None, chosen: Sequence[int], terms: int, slack_of: Mapping[torch.dtype, float]
) -> tuple[list[float], list[float]]:
    """Read the chosen elements of a gradient, and how far each may be off by the rounding of its dtype."""
    if gradient is None:
        return [0.0] * len(chosen), [0.0] * len(chosen)
    flat = gradient.detach().reshape(-1)
    found = [float(flat[element]) for element in chosen]
    scale = float(flat.abs().mean(dtype=torch.float64)) if flat.numel() else 0.0
    slack = max(slack_of[gradient.dtype], terms * torch.finfo(gradient.dtype).eps / 2)
    return found, [slack * (abs(g) + scale) if math.isfinite(scale) else 0.0 for g in found]


def _error(found: float, difference: float) -> float:
    """Give |found − difference|; 0 where both are the same infinity or both NaN."""
    same = found == difference or (math.isnan(found) and math.isnan(difference))
    return 0.0 if same else abs(found - difference)


def _worst(errors: list[float]) -> float:
    """Give the largest error; NaN is the worst of all."""
    return math.nan if any(math.isnan(error) for error in errors) else max(errors, default=0.0)
