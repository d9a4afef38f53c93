"""What the fields of a convolution demand of each other: one rule a function, all of them in one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec

from tracer.convolution import memory, shapes
from tracer.convolution.layer import Settings
from tracer.convolution.reading import either
from tracer.errors import InvalidSetting, LimitPassed, TracerError
from tracer.quantities import shape as written
from tracer.quantities import size as bytes_written

Rule = Callable[[Settings], TracerError | None]


def check(settings: Settings, rules: Sequence[Rule] | None = None) -> None:
    """Try each rule in turn, by default all of them.

    Raises:
        InvalidSetting: the first rule that is broken.
        LimitPassed: the run would need more memory than it may have.
    """
    for rule in RULES if rules is None else rules:
        broken = rule(settings)
        if broken is not None:
            raise broken


def _groups(settings: Settings) -> TracerError | None:
    inputs, outputs, groups = settings.in_channels, settings.out_channels, settings.groups
    for field, channels in (("in_channels", inputs), ("out_channels", outputs)):
        if channels % groups:
            works = either(map(str, _nearest_divisors(math.gcd(inputs, outputs), groups)))
            what = f"{field} ({channels}) can't be divided by groups ({groups})"
            return InvalidSetting(what, "groups", f"Use groups {works}")
    return None


def _transposed_mode(settings: Settings) -> TracerError | None:
    if settings.transposed and settings.padding_mode != "zeros":
        what = f"{settings.layer} pads only with zeros, not “{settings.padding_mode}”"
        return InvalidSetting(what, "padding_mode", "Use “zeros”")
    return None


def _padding_mode(settings: Settings) -> TracerError | None:
    for axis, (name, size, padding) in enumerate(
        zip(settings.axes, settings.input_size, settings.padding, strict=True)
    ):
        most = most_padding(settings, axis)
        if most is not None and max(padding) > most:
            mode, words = settings.padding_mode, MOST_PADDING[settings.padding_mode][1]
            what = f"{max(padding)} is too much for {mode}: along {name} it {words} the input ({size})"
            return InvalidSetting(what, "padding", f"Use padding {_up_to(most)}, or padding_mode “zeros”")
    return None


def most_padding(settings: Settings, axis: int) -> int | None:
    """Give the most padding that the padding mode allows along an axis; `None` for any."""
    if settings.padding_mode not in MOST_PADDING:
        return None
    return settings.input_size[axis] + MOST_PADDING[settings.padding_mode][0]


MOST_PADDING = {"reflect": (-1, "must be less than"), "circular": (0, "can be at most")}  # beyond the input's size


def _output_padding(settings: Settings) -> TracerError | None:
    if not settings.transposed:
        if any(settings.output_padding):
            other = f"ConvTranspose{settings.dims}d"
            transposed = msgspec.structs.replace(settings, layer=other, transposed=True)
            works = settings.padding_word is None and not any(rule(transposed) for rule in RULES)
            cure = f"Use 0, or the layer {other}" if works else "Use 0"
            return InvalidSetting(f"{settings.layer} has no output_padding", "output_padding", cure)
        return None
    for axis, extra, stride, dilation in zip(
        settings.axes, settings.output_padding, settings.stride, settings.dilation, strict=True
    ):
        most = max(stride, dilation) - 1
        if extra > most:
            what = (
                f"output_padding ({extra}) must be smaller than stride ({stride}) or dilation ({dilation}) along {axis}"
            )
            return InvalidSetting(what, "output_padding", f"Use {_up_to(most)}")
    return None


def _reach(settings: Settings) -> TracerError | None:
    """Refuse a kernel that does not fit into the padded input."""
    axis = _too_long(settings)
    if axis is None:
        return None
    step, kernel, dilation = shapes.steps(settings)[axis], settings.kernel_size[axis], settings.dilation[axis]
    span = f"dilation {dilation}·({kernel} − 1) + 1 = {step.reach}" if dilation > 1 else str(kernel)
    what = f"The kernel ({span}) is larger than the padded input ({step.padded}) along {step.axis}"
    return InvalidSetting(what, "kernel_size", f"Use {either(ways_to_fit(settings).values())}")


def _too_long(settings: Settings) -> int | None:
    """Give the first axis along which the kernel reaches further than the padded input goes."""
    steps = () if settings.transposed else shapes.steps(settings)
    return next((axis for axis, step in enumerate(steps) if step.reach > step.padded), None)


def ways_to_fit(settings: Settings) -> dict[str, str]:
    """Say, for a kernel that is too long, which kernel, dilation or padding would make it fit, each by itself."""
    axis = _too_long(settings)
    if axis is None:
        return {}
    step, kernel, dilation = shapes.steps(settings)[axis], settings.kernel_size[axis], settings.dilation[axis]
    ways = {"kernel_size": f"a kernel of at most {(step.padded - 1) // dilation + 1}"}
    if dilation > 1 and kernel <= step.padded:
        ways["dilation"] = f"dilation of at most {(step.padded - 1) // (kernel - 1)}"
    needed = [max(0, math.ceil((step.reach - step.input) / 2)) for step in shapes.steps(settings)]
    most = most_padding(settings, axis)
    padded = msgspec.structs.replace(settings, padding=tuple((padding, padding) for padding in needed))
    if (most is None or needed[axis] <= most) and _memory(padded) is None:
        ways["padding"] = f"padding of at least {needed[axis]}"
    return ways


def _output(settings: Settings) -> TracerError | None:
    """Refuse a transposed convolution whose padding cuts everything away."""
    for axis, step in enumerate(shapes.steps(settings)):
        if step.output < 1:
            before = settings.padding[axis][0]
            most = (step.output - 1 + 2 * before) // 2
            what = f"Padding {before} cuts the whole output away along {step.axis}: its size would be {step.output}"
            return InvalidSetting(what.replace("-", "−"), "padding", f"Use padding {_up_to(most)}")
    return None


def _loss(settings: Settings) -> TracerError | None:
    if isinstance(settings.loss, str):
        return None
    shape = shapes.output_shape(settings)
    last = tuple(length - 1 for length in shape)
    cure = f"Use {len(shape)} numbers from {', '.join('0' * len(shape))} to {', '.join(map(str, last))}"
    if len(settings.loss) != len(shape):
        what = f"The index has {len(settings.loss)} numbers, and the output {written(shape)} has {len(shape)} axes"
        return InvalidSetting(what, "loss", cure)
    if any(index > most for index, most in zip(settings.loss, last, strict=True)):
        what = f"The output {written(shape)} has no element {', '.join(map(str, settings.loss))}"
        return InvalidSetting(what, "loss", cure)
    return None


def _memory(settings: Settings) -> TracerError | None:
    needed, limit = memory.needed(settings), memory.limit()
    if needed <= limit:
        return None
    largest = max(shapes.shapes(settings), key=lambda row: row.bytes)
    what = (
        f"This would need about {bytes_written(needed)} of memory, and the limit is {bytes_written(limit)}; "
        f"{largest.name} alone, {written(largest.shape)}, has {bytes_written(largest.bytes)}"
    )
    field = memory.field(settings)
    fits = _most_that_fits(settings, field, limit)
    cure = "Use smaller sizes" if fits is None else f"Use {fits} or less{_along(settings, field)}"
    return LimitPassed(what, field, f"{cure}, or raise the limit GRADTRACE_MEMORY")


def _most_that_fits(settings: Settings, field: str, limit: int) -> int | None:
    """Find the most that a field may be, along its longest axis, to need no more than `limit` bytes; `None` where
    nothing below what it is works."""
    low, high = 0, max(_numbers(settings, field))
    while high - low > 1:
        middle = (low + high) // 2
        if memory.needed(_with(settings, field, middle)) <= limit:
            low = middle
        else:
            high = middle
    most = low // settings.groups * settings.groups if field.endswith("channels") else low
    if most < 1:
        return None
    tried = _with(settings, field, most)
    works = memory.needed(tried) <= limit and not any(rule(tried) for rule in RULES if rule is not _memory)
    return most if works else None


def _with(settings: Settings, field: str, number: int) -> Settings:
    """Give the settings with another number in a field, along its longest axis."""
    numbers = list(_numbers(settings, field))
    numbers[numbers.index(max(numbers))] = number
    if field == "padding":
        return msgspec.structs.replace(settings, padding=tuple((each, each) for each in numbers), padding_word=None)
    return msgspec.structs.replace(settings, **{field: numbers[0] if _is_single(field) else tuple(numbers)})


def _numbers(settings: Settings, field: str) -> Sequence[int]:
    value = getattr(settings, field)
    return [max(pair) for pair in value] if field == "padding" else [value or 1] if _is_single(field) else value


def _is_single(field: str) -> bool:
    return field == "batch" or field.endswith("channels")


def _along(settings: Settings, field: str) -> str:
    """Say along which axis, where a field has several."""
    numbers = _numbers(settings, field)
    return f" along {settings.axes[numbers.index(max(numbers))]}" if len(numbers) > 1 else ""


def _up_to(most: int) -> str:
    return f"{most} or less" if most else "0"


def _nearest_divisors(number: int, near: int, most: int = 8) -> list[int]:
    """Give the divisors of a number, those nearest to `near` where there are many."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    divisors = sorted({*small, *(number // d for d in small)})
    return sorted(sorted(divisors, key=lambda divisor: abs(divisor - near))[:most])


NOT_OF_SIZES: tuple[Rule, ...] = (_groups, _transposed_mode)  # what no other size would cure
RULES: tuple[Rule, ...] = (*NOT_OF_SIZES, _padding_mode, _output_padding, _reach, _output, _loss, _memory)
