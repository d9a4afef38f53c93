"""Receptive fields: the lesson's, and where the gradient of one output of random stacks is not zero."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import nn

from tracer.convolution.receptive_field import POOLINGS, Field, Layer, fields, layer_of, pooling, support
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution


def conv(kernel: int, layer: str = "Conv1d", **numbers: Any) -> Layer:
    return layer_of(resolve(Convolution(layer, 1, 1, kernel, 100, **numbers)))  # type: ignore[arg-type]


def told(layers: list[Layer]) -> list[tuple[int | None, int | None, int | None, float | None]]:
    return [(field.size, field.jump, field.start, field.centre) for field in fields(layers)]


def test_the_lessons_stack_of_three() -> None:
    assert told([conv(3)] * 3) == [(3, 1, 0, 1.0), (5, 1, 0, 2.0), (7, 1, 0, 3.0)]
    assert told([conv(3, padding=1)] * 3) == [(3, 1, -1, 0.0), (5, 1, -2, 0.0), (7, 1, -3, 0.0)]


def test_the_lessons_network_of_two_convolutions_and_pools() -> None:
    """Kernels of 5 and pools of 2: the field goes from 5 to 6, 14 and 16 pixels."""
    stack = [conv(5), pooling("MaxPool1d", 2), conv(5), pooling("MaxPool1d", 2)]
    assert [field.size for field in fields(stack)] == [5, 6, 14, 16]
    assert [field.jump for field in fields(stack)] == [1, 2, 2, 4]


CASES = [
    ([conv(3, stride=2), conv(3, stride=2)], (7, 4, 0, 3.0)),
    ([conv(3, dilation=2), conv(3, dilation=4)], (13, 1, 0, 6.0)),
    ([conv(4, padding=1)], (4, 1, -1, 0.5)),
    ([conv(4, padding="same")], (4, 1, -1, 0.5)),
    ([pooling("AvgPool1d", 3, 2, 1)], (3, 2, -1, 0.0)),
    ([conv(3, "ConvTranspose1d")], (3, 1, -2, -1.0)),  # with stride 1 a convolution, padded with 2
    ([conv(3, "ConvTranspose1d", padding=1), conv(3)], (5, 1, -1, 1.0)),
    ([conv(2, "ConvTranspose1d", stride=2), conv(2, stride=2)], (1, 1, 0, 0.0)),  # up and down again: steady
]


@pytest.mark.parametrize(("stack", "last"), CASES)
def test_size_jump_start_and_centre(stack: list[Layer], last: tuple[int, int, int, float]) -> None:
    assert told(stack)[-1] == last


def test_each_axis_and_each_layer_has_its_own() -> None:
    first = layer_of(resolve(Convolution("Conv2d", 1, 1, (3, 5), 9, stride=(1, 2))))
    assert [(f.layer, f.name, f.axis, f.size, f.jump) for f in fields([first, pooling("MaxPool2d", 2)])] == [
        (0, "Conv2d", "H", 3, 1),
        (0, "Conv2d", "W", 5, 2),
        (1, "MaxPool2d", "H", 4, 2),
        (1, "MaxPool2d", "W", 7, 4),
    ]


def test_what_differs_from_output_to_output_is_said_so() -> None:
    up = conv(3, "ConvTranspose1d", stride=2)
    assert fields([conv(3), up])[-1] == Field(
        1, "ConvTranspose1d", "L", None, None, None, None, 3, 4, "differs from output to output"
    )
    nothing = fields([conv(1, "ConvTranspose1d", stride=3)])[0]  # two of three outputs read nothing
    assert (nothing.size, nothing.smallest, nothing.largest) == (None, 0, 1)


def test_what_would_take_too_long_is_not_counted() -> None:
    field = fields([conv(11, "ConvTranspose1d", stride=10)] * 6)[-1]
    assert (field.size, field.largest, field.why) == (None, None, "too many numbers to count")


REFUSED = [
    (lambda: fields([]), "layer: There is no layer. Give at least one."),
    (
        lambda: fields([conv(3), pooling("MaxPool2d", 2)]),
        "layer: The layers have different numbers of axes: Conv1d and MaxPool2d. "
        "Use layers of the same number of axes.",
    ),
    (
        lambda: pooling("AdaptiveAvgPool2d", 2),
        "layer: The receptive field of “AdaptiveAvgPool2d” is not known here. "
        f"Use a convolution, or one of {', '.join(POOLINGS)}.",
    ),
    (
        lambda: pooling("MaxPool1d", 2, padding=2),
        "padding: The padding of a pooling can be at most half of its kernel, 1, and is 2. Use padding 1.",
    ),
    (lambda: pooling("MaxPool1d", 0), "kernel_size: The number must be at least 1, and is 0. Use 1."),
]


@pytest.mark.parametrize(("call", "text"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_refusals(call: Any, text: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        call()
    assert str(refused.value) == text


def test_a_place_that_is_not_there_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="no output 98 along L"):
        support([conv(3)], [100], [98])


@pytest.mark.parametrize("seed", range(60))
def test_random_stacks_depend_on_what_the_gradient_says(seed: int) -> None:
    """All weights one, so that nothing cancels: the gradient of one output is above zero exactly where it reads."""
    draw = random.Random(seed)
    stack, x, y = one_that_fits(draw)
    for place in sorted({0, y.shape[-1] // 2, y.shape[-1] - 1, draw.randrange(y.shape[-1])}):
        (gradient,) = torch.autograd.grad(y[0, 0, place], x, retain_graph=True, allow_unused=True)
        read = tuple(gradient[0, 0].nonzero().flatten().tolist())
        assert support(stack, [x.shape[-1]], [place]) == (read,)


@pytest.mark.parametrize("seed", range(60))
def test_random_stacks_have_the_field_that_the_gradient_shows(seed: int) -> None:
    """Far from the ends, the first and last number with a gradient are those of the formula, output by output."""
    draw = random.Random(1000 + seed)
    stack = [any_layer(draw) for _ in range(draw.randint(1, 4))]
    x = torch.ones(1, 1, 4000, requires_grad=True, dtype=torch.float64)
    y = through(stack, x)
    field = fields(stack)[-1]
    middle, sizes = y.shape[-1] // 2, []
    for place in range(middle, middle + 16):
        (gradient,) = torch.autograd.grad(y[0, 0, place], x, retain_graph=True)
        read = gradient[0, 0].nonzero().flatten().tolist()
        sizes.append(read[-1] - read[0] + 1 if read else 0)
        if field.size is not None and field.start is not None and field.jump is not None:
            first = field.start + field.jump * place
            assert (read[0], read[-1]) == (first, first + field.size - 1)
            assert field.centre == field.start + (field.size - 1) / 2
    assert (field.smallest, field.largest) == (min(sizes), max(sizes))


def one_that_fits(draw: random.Random) -> tuple[list[Layer], torch.Tensor, torch.Tensor]:
    """Draw stacks until one fits on its input; small ones, so that the ends play a part."""
    while True:
        stack = [any_layer(draw) for _ in range(draw.randint(1, 4))]
        x = torch.ones(1, 1, draw.randint(20, 60), requires_grad=True, dtype=torch.float64)
        try:
            return stack, x, through(stack, x)
        except RuntimeError:
            continue


def any_layer(draw: random.Random) -> Layer:
    name = draw.choice(["Conv1d", "Conv1d", "Conv1d", "ConvTranspose1d", "AvgPool1d"])
    kernel, stride = draw.randint(1, 4), draw.randint(1, 3)
    if name == "AvgPool1d":
        return pooling(name, kernel, stride, draw.randint(0, kernel // 2))
    dilation, padding = draw.randint(1, 3), draw.randint(0, 3)
    if name == "ConvTranspose1d":
        return conv(kernel, name, stride=draw.randint(1, 2), dilation=dilation, padding=padding)
    mode = draw.choice(["zeros", "zeros", "reflect", "replicate", "circular"])
    return conv(kernel, name, stride=stride, dilation=dilation, padding=padding, padding_mode=mode)


def through(stack: list[Layer], x: torch.Tensor) -> torch.Tensor:
    for layer in stack:
        arguments: dict[str, Any] = {"stride": layer.stride[0], "padding": layer.padding[0][0]}
        if layer.name == "AvgPool1d":
            x = nn.AvgPool1d(layer.kernel_size[0], **arguments)(x)
            continue
        arguments |= {"dilation": layer.dilation[0], "padding_mode": layer.padding_mode, "bias": False}
        module = getattr(nn, layer.name)(1, 1, layer.kernel_size[0], **arguments).double()
        nn.init.ones_(module.weight)
        x = module(x)
    return x
