# ruff: noqa: E501 - a table of sentences
"""Each field is read, one number an axis; what doesn't work is refused with the field and the nearest value."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings, strategies

from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, LimitPassed, TracerError
from tracer.experiment import Convolution

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))


def changed(**fields: Any) -> Convolution:
    return msgspec.structs.replace(LESSON, **fields)


def test_numbers_become_one_an_axis() -> None:
    found = resolve(changed(stride=2, padding=(1, 2), dilation=1))
    assert (found.kernel_size, found.stride, found.input_size) == ((3, 5), (2, 2), (64, 128))
    assert found.padding == ((1, 1), (2, 2))
    assert (found.dims, found.transposed, found.axes) == (2, False, ("H", "W"))


WORDS = [
    ({"padding": "valid"}, ((0, 0), (0, 0))),
    ({"padding": "same"}, ((1, 1), (2, 2))),
    ({"padding": "same", "kernel_size": (4, 2)}, ((1, 2), (0, 1))),
    ({"padding": "same", "dilation": 3}, ((3, 3), (6, 6))),
]


@pytest.mark.parametrize(("fields", "padding"), WORDS)
def test_padding_words(fields: dict[str, Any], padding: tuple[tuple[int, int], ...]) -> None:
    assert resolve(changed(**fields)).padding == padding


REFUSED = [
    ({"groups": 3}, "groups", "in_channels (20) can't be divided by groups (3). Use groups 1, 2 or 4."),
    ({"groups": 5}, "groups", "out_channels (16) can't be divided by groups (5). Use groups 1, 2 or 4."),
    ({"groups": 0}, "groups", "The number must be at least 1, and is 0. Use 1."),
    ({"stride": 0}, "stride", "The number must be at least 1, and is 0. Use 1."),
    ({"dilation": (1, -2)}, "dilation", "The number must be at least 1, and is −2. Use 1."),
    ({"kernel_size": 2.5}, "kernel_size", "The number must be whole, not 2.5. Use 2 or 3."),
    ({"kernel_size": 3.0}, "kernel_size", "The number must be whole, not 3.0. Use 3."),
    ({"kernel_size": math.nan}, "kernel_size", "The number must be whole, not nan. Use a whole number from 1 up."),
    ({"kernel_size": math.inf}, "kernel_size", "The number must be whole, not inf. Use a whole number from 1 up."),
    ({"kernel_size": 3 + 0j}, "kernel_size", "The number must be whole, not (3+0j). Use a whole number from 1 up."),
    ({"kernel_size": True}, "kernel_size", "The number must be whole, not True. Use 1."),
    ({"kernel_size": "3"}, "kernel_size", "The number must be whole, not “3”. Use 3."),
    ({"kernel_size": ()}, "kernel_size", "There are 0 numbers, and the signal has 2 axes. Use 1 number, or 2: one an axis."),
    ({"kernel_size": (3,)}, "kernel_size", "There is 1 number, and the signal has 2 axes. Use 1 number, or 2: one an axis."),
    ({"kernel_size": 2**63}, "kernel_size", "The number can be at most 2147483647, and is 9223372036854775808. Use a kernel of at most 64."),
    ({"kernel_size": -(2**63)}, "kernel_size", "The number must be at least 1, and is −9223372036854775808. Use 1."),
    ({"kernel_size": 10**5000}, "kernel_size", "The number can be at most 2147483647, and is a number of more than 30 digits. Use a kernel of at most 64."),
    ({"dilation": 2**40}, "dilation", "The number can be at most 2147483647, and is 1099511627776. Use dilation of at most 31."),
    ({"dilation": 2**40, "kernel_size": 1}, "dilation", "The number can be at most 2147483647, and is 1099511627776. Use 2147483647 or less."),
    ({"padding": 2**40, "padding_mode": "reflect"}, "padding", "The number can be at most 2147483647, and is 1099511627776. Use padding 63 or less."),
    ({"groups": 2**40}, "groups", "The number can be at most 2147483647, and is 1099511627776. Use groups 1, 2 or 4."),
    ({"stride": (2**31, 1)}, "stride", "The number can be at most 2147483647, and is 2147483648. Use 2147483647 or less."),
    ({"in_channels": 2**31}, "in_channels", "The number can be at most 2147483647, and is 2147483648. Use a smaller number."),
    ({"kernel_size": 200_000}, "kernel_size", "The kernel (200000) is larger than the padded input (64) along H. Use a kernel of at most 64."),
    ({"kernel_size": 200}, "kernel_size", "The kernel (200) is larger than the padded input (64) along H. Use a kernel of at most 64 or padding of at least 68."),
    ({"dilation": 90}, "kernel_size", "The kernel (dilation 90·(3 − 1) + 1 = 181) is larger than the padded input (64) along H. Use a kernel of at most 1, dilation of at most 31 or padding of at least 59."),
    ({"kernel_size": 200, "padding_mode": "reflect"}, "kernel_size", "The kernel (200) is larger than the padded input (64) along H. Use a kernel of at most 64."),
    ({"input_size": (1, 9), "padding": (1, 0), "padding_mode": "reflect"}, "padding", "1 is too much for reflect: along H it must be less than the input (1). Use padding 0, or padding_mode “zeros”."),
    ({"padding": "full"}, "padding", "“full” is no padding. Use a number, “valid” or “same”."),
    ({"padding": "full", "stride": 2}, "padding", "“full” is no padding. Use a number or “valid”."),
    ({"padding": "sames"}, "padding", "“sames” is no padding. Did you mean “same”?"),
    ({"padding": "same", "stride": 2}, "padding", "“same” works only with stride 1. Use stride 1, or write padding as numbers."),
    ({"padding": -1}, "padding", "The number must be at least 0, and is −1. Use 0."),
    ({"padding": 64, "padding_mode": "reflect"}, "padding", "64 is too much for reflect: along H it must be less than the input (64). Use padding 63 or less, or padding_mode “zeros”."),
    ({"padding": 65, "padding_mode": "circular"}, "padding", "65 is too much for circular: along H it can be at most the input (64). Use padding 64 or less, or padding_mode “zeros”."),
    ({"padding_mode": "mirror"}, "padding_mode", "“mirror” is no padding mode. Use “zeros”, “reflect”, “replicate” or “circular”."),
    ({"output_padding": 1}, "output_padding", "Conv2d has no output_padding. Use 0."),  # nor could a transposed one
    ({"output_padding": 1, "stride": 2}, "output_padding", "Conv2d has no output_padding. Use 0, or the layer ConvTranspose2d."),
    ({"output_padding": True}, "output_padding", "The number must be whole, not True. Use 0."),
    ({"layer": "ConvTranspose2d", "output_padding": 1}, "output_padding", "output_padding (1) must be smaller than stride (1) or dilation (1) along H. Use 0."),
    ({"layer": "ConvTranspose2d", "padding_mode": "reflect"}, "padding_mode", "ConvTranspose2d pads only with zeros, not “reflect”. Use “zeros”."),
    ({"layer": "ConvTranspose2d", "padding": "same"}, "padding", "ConvTranspose2d takes no “same”. Use a number, such as 0."),
    ({"layer": "ConvTranspose2d", "padding": 900}, "padding", "Padding 900 cuts the whole output away along H: its size would be −1734. Use padding 32 or less."),
    ({"layer": "Conv4d"}, "layer", "“Conv4d” is no layer. Did you mean “Conv3d”?"),
    ({"in_channels": 0}, "in_channels", "The number must be at least 1, and is 0. Use 1."),
    ({"input_size": (0, 16)}, "input_size", "The number must be at least 1, and is 0. Use 1."),
    ({"bias": 1}, "bias", "This must be true or false, not 1. Use True or False."),
    ({"bias": False, "bias_values": [1] * 16}, "bias_values", "Values for a bias were given, and bias is off. Turn bias on."),
    ({"bias_values": [1, 2]}, "bias_values", "The values have the shape 2, and the layer needs 16. Give a list of 16 numbers."),
    ({"weight": [[1]]}, "weight", "The values have the shape 1 × 1, and the layer needs 16 × 20 × 3 × 5. Give lists of 4800 numbers in all, nested as 16 × 20 × 3 × 5."),
    ({"bias_values": ["1/0"] * 16}, "bias_values", "“1/0” is no number. Use numbers such as 2, 0.5, 1e-3 or 1/3."),
    ({"fill": "white"}, "fill", "“white” is no fill. Use “noise”, “ramp”, “impulse”, “checker” or “sine”."),
    ({"dtype": "int8"}, "dtype", "“int8” is no dtype. Use “float16”, “bfloat16”, “float32” or “float64”."),
    ({"seed": -1}, "seed", "The number must be at least 0, and is −1. Use 0."),
    ({"loss": "max"}, "loss", "“max” is no loss. Use the index of one output, “mean” or “sum”."),
    ({"loss": (0, 1)}, "loss", "The index has 2 numbers, and the output 1 × 16 × 62 × 124 has 4 axes. Use 4 numbers from 0, 0, 0, 0 to 0, 15, 61, 123."),
    ({"loss": (0, 16, 0, 0)}, "loss", "The output 1 × 16 × 62 × 124 has no element 0, 16, 0, 0. Use 4 numbers from 0, 0, 0, 0 to 0, 15, 61, 123."),
    ({"device": ""}, "device", "The device must be a name, not “”. Use “auto”, “cpu” or “cuda”."),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "where", "text"), REFUSED, ids=[row[2][:50] for row in REFUSED])
def test_refusals(fields: dict[str, Any], where: str, text: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        resolve(changed(**fields))
    assert (refused.value.where, str(refused.value)) == (where, f"{where}: {text}")


TOO_LARGE = [
    ({"padding": 100000}, "padding", "9.61 TiB"),
    ({"out_channels": 10**9}, "out_channels", "116 TiB"),
    ({"in_channels": 2**31 - 1}, "in_channels", "TiB"),
    ({"input_size": 30000, "in_channels": 4}, "input_size", "GiB"),
    ({"batch": 10**6}, "batch", "TiB"),
    ({"layer": "ConvTranspose2d", "stride": 2**31 - 1}, "stride", "PiB"),
]


@pytest.mark.parametrize(("fields", "where", "needs"), TOO_LARGE)
def test_memory_is_refused_before_it_is_taken(fields: dict[str, Any], where: str, needs: str) -> None:
    with pytest.raises(LimitPassed, match="and the limit is 4 GiB") as refused:
        resolve(changed(**fields))
    assert refused.value.where == where
    assert needs in refused.value.what


def test_the_memory_limit_can_be_raised_and_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADTRACE_MEMORY", "1 MiB")
    with pytest.raises(LimitPassed, match="limit is 1 MiB"):
        resolve(LESSON)
    monkeypatch.setenv("GRADTRACE_MEMORY", "lots")
    with pytest.raises(InvalidSetting, match="“lots” is no size of memory"):
        resolve(LESSON)


def test_values_are_flat_in_row_major_order_and_may_be_fractions() -> None:
    found = resolve(Convolution("Conv1d", 1, 1, 2, 3, input=[[["1/4", 2, "−3"]]], weight=[[[1, 0.5]]], bias_values=[7]))
    assert (found.input, found.weight, found.bias_values) == ((0.25, 2.0, -3.0), (1.0, 0.5), (7.0,))


@settings(max_examples=150, deadline=None)
@given(
    kernel=strategies.integers(2, 9),
    dilation=strategies.integers(1, 9),
    size=strategies.integers(1, 9),
    padding=strategies.integers(0, 3),
    mode=strategies.sampled_from(["zeros", "reflect", "replicate", "circular"]),
)
def test_each_cure_for_a_kernel_that_is_too_large_works_and_is_the_nearest(
    kernel: int, dilation: int, size: int, padding: int, mode: str
) -> None:
    asked = Convolution("Conv1d", 1, 1, kernel, size, padding=padding, dilation=dilation, padding_mode=mode)
    refused = refusal(asked)
    assume(refused is not None and refused.where == "kernel_size")
    fields = {"kernel": "kernel_size", "dilation": "dilation", "padding": "padding"}
    cures = re.findall(r"(kernel|dilation|padding) of at (most|least) (\d+)", refused.cure if refused else "")
    assert cures
    for word, bound, number in cures:
        further = int(number) + (1 if bound == "most" else -1)
        assert refusal(msgspec.structs.replace(asked, **{fields[word]: int(number)})) is None
        assert refusal(msgspec.structs.replace(asked, **{fields[word]: further})) is not None


def refusal(asked: Convolution) -> TracerError | None:
    try:
        resolve(asked)
    except TracerError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("fields", "field", "step"),
    [
        ({"input_size": (100_000, 128)}, "input_size", 1),
        ({"input_size": 64, "batch": 100_000}, "batch", 1),
        ({"layer": "Conv1d", "in_channels": 2_000_000, "out_channels": 1600, "input_size": 64}, "in_channels", 1),
        ({"in_channels": 4, "out_channels": 4_000_000, "groups": 4, "input_size": 64}, "out_channels", 4),
    ],
)
def test_too_much_memory_names_the_most_that_fits(fields: dict[str, Any], field: str, step: int) -> None:
    base: dict[str, Any] = {"layer": "Conv2d", "in_channels": 20, "out_channels": 16, "kernel_size": 3, **fields}
    with pytest.raises(LimitPassed) as refused:
        resolve(Convolution(**base))
    assert refused.value.where == field
    most = int(re.search(r"Use (\d+) or less", refused.value.cure)[1])  # type: ignore[index]

    def with_number(number: int) -> Convolution:
        old = base[field]
        return Convolution(**{**base, field: (number, *old[1:]) if isinstance(old, tuple) else number})

    assert resolve(with_number(most))
    with pytest.raises(LimitPassed):
        resolve(with_number(most + step))


def test_where_no_smaller_number_fits_the_cure_is_general() -> None:
    with pytest.raises(LimitPassed, match="Use smaller sizes, or raise"):
        resolve(Convolution("Conv2d", 30_000, 30_000, 3, (30_000, 3)))
