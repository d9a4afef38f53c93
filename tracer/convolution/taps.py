"""How many numbers each output really reads: the taps of a kernel that stand on the input, and not on its padding."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from tracer.convolution import shapes
from tracer.convolution.layer import Settings

COUNTED = 50_000  # above this many steps nothing is counted, so that an edit stays quick


class TapRow(msgspec.Struct, frozen=True):
    """How many outputs of one kernel have so many taps on the input and on the padding, counted in one channel.

    `padding` is `None` for a transposed layer: no number of its padding is read, it cuts outputs away.
    """

    real: int
    padding: int | None
    outputs: int


def histogram(settings: Settings) -> tuple[TapRow, ...] | None:
    """Count the outputs by their real taps, fewest first; `None` where that would take too long.

    The taps of an output are a product over the axes, so the counts of the axes are enough: a corner of a 3 × 5 kernel
    with padding (1, 2) has 2 · 3 = 6 real taps, an inner output 3 · 5 = 15.
    """
    counts = [along(settings, axis) for axis in range(settings.dims)]
    known = [count.items() for count in counts if count is not None]
    if len(known) < settings.dims or math.prod(map(len, known)) > COUNTED:
        return None
    total: Counter[int] = Counter()
    for choice in itertools.product(*known):
        total[math.prod(taps for taps, _ in choice)] += math.prod(outputs for _, outputs in choice)
    whole = math.prod(settings.kernel_size)
    return tuple(
        TapRow(real, None if settings.transposed else whole - real, outputs) for real, outputs in sorted(total.items())
    )


def along(settings: Settings, axis: int) -> Counter[int] | None:
    """Count the places along one axis of the output by their real taps; `None` for a kernel too large to count."""
    if settings.kernel_size[axis] > COUNTED:
        return None
    return _spread(settings, axis) if settings.transposed else _windows(settings, axis)


def at(settings: Settings, place: Sequence[int]) -> int:
    """Count the real taps, in one channel, of the output at a place: one number an axis."""
    return math.prod(sum(_hits(settings, axis, number)) for axis, number in enumerate(place))


def _hits(settings: Settings, axis: int, number: int) -> Iterable[bool]:
    """Tell of each tap of an output along an axis whether it stands on a number of the input."""
    step, before, dilation = shapes.steps(settings)[axis], settings.padding[axis][0], settings.dilation[axis]
    for tap in range(settings.kernel_size[axis]):
        if settings.transposed:
            read, between = divmod(number + before - tap * dilation, step.stride)
            yield not between and 0 <= read < step.input
        else:
            yield 0 <= number * step.stride + tap * dilation - before < step.input


def _windows(settings: Settings, axis: int) -> Counter[int]:
    """Count for a convolution: each tap stands on the input for one run of outputs."""
    step, before = shapes.steps(settings)[axis], settings.padding[axis][0]
    offsets = (tap * settings.dilation[axis] - before for tap in range(settings.kernel_size[axis]))
    runs = ((-(offset // step.stride), (step.input - 1 - offset) // step.stride) for offset in offsets)
    return _sweep(runs, step.output)


def _spread(settings: Settings, axis: int) -> Counter[int]:
    """Count for a transposed layer: a tap reaches every stride-th output, so count them by what is left over."""
    step, before = shapes.steps(settings)[axis], settings.padding[axis][0]
    runs: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for tap in range(settings.kernel_size[axis]):
        first, remainder = divmod(tap * settings.dilation[axis] - before, step.stride)
        runs[remainder].append((first, first + step.input - 1))
    total: Counter[int] = Counter()
    for remainder, spans in runs.items():
        total += _sweep(spans, max(0, -((remainder - step.output) // step.stride)))
    none = step.output - total.total()
    return total + Counter({0: none})


def _sweep(runs: Iterable[tuple[int, int]], places: int) -> Counter[int]:
    """Count the places 0 ≤ i < places by how many runs (first, last) they lie in."""
    changes: Counter[int] = Counter({0: 0, places: 0})
    for first, last in runs:
        first, last = max(first, 0), min(last, places - 1)
        if first <= last:
            changes[first] += 1
            changes[last + 1] -= 1
    total: Counter[int] = Counter()
    taps = 0
    for here, there in itertools.pairwise(sorted(changes)):
        taps += changes[here]
        total[taps] += there - here
    return total


PLACES: dict[str, Callable[[int, int], int]] = {  # which input number stands at a place outside the input
    "reflect": lambda at, size: abs(at) if at < size else 2 * (size - 1) - at,
    "replicate": lambda at, size: min(max(at, 0), size - 1),
    "circular": lambda at, size: at % size,
}
