"""From sizes to settings: the settings that give a wanted output, the padding that keeps the size, and the inputs."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from tracer.convolution import refusals
from tracer.convolution.layer import Settings
from tracer.convolution.reading import whole
from tracer.convolution.settings import read
from tracer.convolution.shapes import output_size, size_after
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

Wanted = int | None | Sequence[int | None]
FIELDS = ("padding", "output_padding", "stride", "kernel_size", "dilation")  # those changed soonest stand first
SEARCHED = 30_000  # settings of one axis; more would keep the person waiting
TRIED = 20_000  # settings of all axes that are looked at for one answer


class Ranges(msgspec.Struct, frozen=True):
    """The least and the most that a field is given when it is changed. A field that stays keeps its number anyway."""

    kernel_size: tuple[int, int] = (1, 11)
    stride: tuple[int, int] = (1, 4)
    padding: tuple[int, int] = (0, 11)
    dilation: tuple[int, int] = (1, 4)
    output_padding: tuple[int, int] = (0, 3)


class Solution(msgspec.Struct, frozen=True):
    """Settings that give the wanted size, one number an axis; `changed` names the fields that differ from the layer's.

    `padding` is (before, after) for each axis, uneven only where the layer's own word "same" stays.
    """

    changed: tuple[str, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    output_size: tuple[int, ...]


class Answer(msgspec.Struct, frozen=True):
    """The first solutions, simplest first, and whether these are all that the ranges hold."""

    solutions: tuple[Solution, ...]
    complete: bool


class _Choice(NamedTuple):
    """The numbers of one axis, and how far the changed ones are from the layer's: what is nearest comes first."""

    distance: int
    padding: tuple[int, int]
    output_padding: int
    stride: int
    kernel_size: int
    dilation: int


def solve(
    experiment: Convolution,
    wanted: Wanted,
    ranges: Ranges | None = None,
    most: int = 20,
    fields: Sequence[str] = FIELDS,
) -> Answer:
    """Find settings for which the output has the wanted size; an axis of `None` may have any size.

    Only `fields` may change, each within its range.

    Simplest first: the fewest fields that change; of those, the fields in the order of `FIELDS`; then the smallest
    sum, over fields and axes, of |number − the layer's number|. The layer itself comes first where it has that size
    already. It may be one that does not work yet; `loss` is not looked at.

    Raises:
        InvalidSetting: the wanted size or the ranges can't be read, or a field is wrong that is not searched.
    """
    settings = msgspec.structs.replace(read(experiment), loss="mean")
    refusals.check(settings, refusals.NOT_OF_SIZES)
    sizes, ranges = _wanted(settings, wanted), _ranges(settings, ranges or Ranges())
    found: list[Solution] = []
    for tried, candidate in enumerate(_candidates(settings, sizes, ranges, fields)):
        if len(found) == most or tried == TRIED:
            return Answer(tuple(found), False)
        if candidate is not None:
            found.append(candidate)
    return Answer(tuple(found), True)


def applied(experiment: Convolution, solution: Solution) -> Convolution:
    """Give the experiment with the changed fields of a solution; a weight given by value goes with its kernel."""
    numbers = {name: getattr(solution, name) for name in solution.changed}
    if "padding" in numbers:
        numbers["padding"] = tuple(before for before, _ in solution.padding)
    fields: dict[str, Any] = {name: each[0] if len(set(each)) == 1 else each for name, each in numbers.items()}
    if "kernel_size" in fields:
        fields["weight"] = None
    return msgspec.structs.replace(experiment, **fields)


def keep_size(settings: Settings) -> tuple[int, ...] | None:
    """Give the smallest padding, one number an axis, for which the output has the size of the input.

    `None` where no padding does: a stride above 1 mostly, an even reach, or more than the padding mode allows.
    """
    found = [_paddings(settings, axis, _present(settings, axis), size) for axis, size in enumerate(settings.input_size)]
    return tuple(paddings[0] for paddings in found) if all(found) else None


def input_sizes(settings: Settings, output: Sequence[int] | None = None) -> tuple[range, ...]:
    """Give, for each axis, all sizes of the input for which the output has that size (by default, the one it has).

    A stride s gives s sizes, since what is left over at the end is not read; an axis that no input gives is empty.
    """
    output = output_size(settings) if output is None else output
    return tuple(_inputs(settings, axis, size) for axis, size in enumerate(output))


def _inputs(settings: Settings, axis: int, output: int) -> range:
    padding, stride = settings.padding[axis], settings.stride[axis]
    reach = settings.dilation[axis] * (settings.kernel_size[axis] - 1) + 1
    if output < 1:
        return range(0)
    if settings.transposed:
        size, left = divmod(output + sum(padding) - reach - settings.output_padding[axis], stride)
        return range(size + 1, size + 2) if not left and size >= 0 else range(0)
    least = (output - 1) * stride + reach - sum(padding)
    allowed = refusals.MOST_PADDING.get(settings.padding_mode)
    first = max(1, least, max(padding) - allowed[0] if allowed else 1)
    return range(first, max(first, least + stride))


def _candidates(
    settings: Settings, sizes: Sequence[int | None], ranges: Ranges, may_change: Sequence[str]
) -> Iterator[Solution | None]:
    """Go through the settings that have those sizes, simplest first; `None` for one that is refused all the same."""
    fields = [name for name in FIELDS if name in may_change and (settings.transposed or name != "output_padding")]
    for count in range(len(fields) + 1):
        for changed in itertools.combinations(fields, count):
            axes = [_choices(settings, axis, size, ranges, changed) for axis, size in enumerate(sizes)]
            for choices in _nearest_first(axes):
                if all(_changes(settings, choices, name) for name in changed):
                    yield _solution(settings, choices, changed)


def _solution(settings: Settings, choices: Sequence[_Choice], changed: tuple[str, ...]) -> Solution | None:
    numbers = {name: tuple(getattr(choice, name) for choice in choices) for name in FIELDS}
    word = None if "padding" in changed else settings.padding_word
    tried = msgspec.structs.replace(settings, padding_word=word, **numbers)
    if any(rule(tried) for rule in refusals.RULES):
        return None
    return Solution(changed=changed, output_size=output_size(tried), **numbers)


def _changes(settings: Settings, choices: Sequence[_Choice], name: str) -> bool:
    """Tell whether a field differs from the layer's; the word "same" written as numbers is a change."""
    if name == "padding" and settings.padding_word == "same":
        return True
    return any(getattr(choice, name) != getattr(settings, name)[axis] for axis, choice in enumerate(choices))


def _choices(
    settings: Settings, axis: int, size: int | None, ranges: Ranges, changed: tuple[str, ...]
) -> list[_Choice]:
    """List what one axis may have where only some fields change, nearest to the layer's own numbers first."""
    present = _present(settings, axis)
    tried = [
        range(getattr(ranges, name)[0], getattr(ranges, name)[1] + 1) if name in changed else (getattr(present, name),)
        for name in ("output_padding", "stride", "kernel_size", "dilation")
    ]
    found = []
    for numbers in itertools.product(*tried):
        choice = _Choice(0, present.padding, *numbers)
        for padding in _pairs(settings, axis, choice, size, ranges if "padding" in changed else None):
            found.append(_measured(choice._replace(padding=padding), present))
    return sorted(found)


def _pairs(
    settings: Settings, axis: int, choice: _Choice, size: int | None, ranges: Ranges | None
) -> Iterator[tuple[int, int]]:
    """Give the paddings (before, after) with which a choice has the size: the layer's own, or numbers in the range."""
    if ranges is not None:
        least, most = ranges.padding
        for padding in _paddings(settings, axis, choice, size, least, most):
            yield padding, padding
        return
    pair = choice.padding
    if settings.padding_word == "same":
        total = choice.dilation * (choice.kernel_size - 1)
        pair = (total // 2, total - total // 2)
        if choice.stride != 1:
            return
    output = _output(settings, axis, choice, sum(pair))
    if output >= 1 and size in (None, output):
        yield pair


def _paddings(
    settings: Settings, axis: int, choice: _Choice, size: int | None, least: int = 0, most: int | None = None
) -> range:
    """Give the paddings, the same on both sides, with which a choice has the size, or for `None` any at all."""
    allowed = refusals.most_padding(settings, axis)
    limits = [limit for limit in (most, allowed) if limit is not None]
    unpadded, stride = _output(settings, axis, choice, 0), choice.stride
    reach = choice.dilation * (choice.kernel_size - 1) + 1
    if settings.transposed:  # two numbers fewer for each padding
        first, odd = divmod(unpadded - (size or 1), 2)
        if size is None:
            return range(least, min([first, *limits]) + 1)
        return range(first, first + 1) if not odd and least <= first <= min([first, *limits]) else range(0)
    short = reach - settings.input_size[axis]  # how many numbers the input lacks for one output
    first = max(least, -(-(((size or 1) - 1) * stride + short) // 2))
    last = min(limits if size is None else [(size * stride - 1 + short) // 2, *limits])
    return range(first, last + 1)


def _output(settings: Settings, axis: int, choice: _Choice, padding: int) -> int:
    reach = choice.dilation * (choice.kernel_size - 1) + 1
    size, extra = settings.input_size[axis], choice.output_padding
    return size_after(size, reach, choice.stride, padding, extra, transposed=settings.transposed)


def _present(settings: Settings, axis: int) -> _Choice:
    return _Choice(0, *(getattr(settings, name)[axis] for name in _Choice._fields[1:]))


def _measured(choice: _Choice, present: _Choice) -> _Choice:
    """Fill in the distance to the layer's own numbers."""
    pairs = zip(choice[2:], present[2:], strict=True)
    return choice._replace(distance=abs(choice.padding[0] - present.padding[0]) + sum(abs(a - b) for a, b in pairs))


def _nearest_first(axes: Sequence[Sequence[_Choice]]) -> Iterator[tuple[_Choice, ...]]:
    """Go through all combinations of sorted lists, one choice of each, the smallest sum of distances first."""
    if not all(axes):
        return
    start = (0,) * len(axes)
    heap, seen = [(_ranked(axes, start), start)], {start}
    while heap:
        (_, choices), places = heapq.heappop(heap)
        yield choices
        for axis, place in enumerate(places):
            after = (*places[:axis], place + 1, *places[axis + 1 :])
            if place + 1 < len(axes[axis]) and after not in seen:
                seen.add(after)
                heapq.heappush(heap, (_ranked(axes, after), after))


def _ranked(axes: Sequence[Sequence[_Choice]], places: Sequence[int]) -> tuple[int, tuple[_Choice, ...]]:
    choices = tuple(axis[place] for axis, place in zip(axes, places, strict=True))
    return sum(choice.distance for choice in choices), choices


def _wanted(settings: Settings, wanted: Wanted) -> tuple[int | None, ...]:
    each = tuple(wanted) if isinstance(wanted, Sequence) else (wanted,) * settings.dims
    if len(each) != settings.dims:
        what = f"{len(each)} sizes are wanted, and the output has {settings.dims}"
        raise InvalidSetting(what, "output size", f"Give one for each of {', '.join(settings.axes)}")
    return tuple(None if size is None else whole("output size", size, least=1) for size in each)


def _ranges(settings: Settings, ranges: Ranges) -> Ranges:
    """Check the ranges: whole numbers, in order, and not more than can be searched."""
    lengths = []
    for name in Ranges.__struct_fields__:
        least, most = getattr(ranges, name)
        floor = 0 if "padding" in name else 1
        first, last = whole(f"range of {name}", least, least=floor), whole(f"range of {name}", most, least=floor)
        if last < first:
            what = f"The range ends at {last}, before it starts at {first}"
            raise InvalidSetting(what, f"range of {name}", f"Use {last} to {first}")
        lengths.append(last - first + 1 if settings.transposed or name != "output_padding" else 1)
    if math.prod(lengths) > SEARCHED:
        what = f"The ranges hold {math.prod(lengths)} settings for each axis, and at most {SEARCHED} are searched"
        raise InvalidSetting(what, "ranges", "Use narrower ranges")
    return ranges
