"""A Convolution experiment → a program in PyTorch with the same numbers, on the CPU with as many threads to the bit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracer.convolution import shapes
from tracer.convolution.fills import is_file
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution


def python_source(experiment: Convolution) -> str:
    """Write the program: the seed, the layer, the input, the output and its loss, backward.

    Raises:
        InvalidSetting: a field does not work.
        TracerError: the file of the input can't be read, or has too many numbers to write them out.
    """
    settings = resolve(experiment)
    if is_file(settings.fill):
        from tracer.convolution.files import written_out  # late, since it loads numpy

        settings = written_out(settings)
    lines = [
        "import torch",
        "from torch import nn",
        "",
        f"torch.manual_seed({settings.seed})",
        f"conv = nn.{layer(settings)}{_moved(settings)}",
        *_copies(settings),
        *_input(settings),
        "y = conv(x)",
        f"loss = {_loss(settings)}",
        "loss.backward()",
        "print(tuple(y.shape), loss.item())",
    ]
    return "\n".join(lines) + "\n"


def layer(settings: Settings) -> str:
    """Write the layer with its arguments: Conv2d(20, 16, (3, 5), padding=(1, 2))."""
    return f"{settings.layer}({', '.join(_arguments(settings))})"


def _arguments(settings: Settings) -> list[str]:
    """Write the layer's arguments, those that have their default left out."""
    before = tuple(pair[0] for pair in settings.padding)
    padding = f'"{settings.padding_word}"' if settings.padding_word else _numbers(before)
    optional = {
        "stride": (_numbers(settings.stride), "1"),
        "padding": (padding, "0"),
        "output_padding": (_numbers(settings.output_padding), "0"),
        "dilation": (_numbers(settings.dilation), "1"),
        "groups": (str(settings.groups), "1"),
        "bias": (str(settings.bias), "True"),
        "padding_mode": (f'"{settings.padding_mode}"', '"zeros"'),
        "dtype": (f"torch.{settings.dtype}", "torch.float32"),
    }
    first = [str(settings.in_channels), str(settings.out_channels), _numbers(settings.kernel_size)]
    return first + [f"{name}={text}" for name, (text, usual) in optional.items() if text != usual]


def _copies(settings: Settings) -> list[str]:
    """Write what puts the person's own weight and bias into the layer."""
    given = {"weight": (settings.weight, shapes.weight_shape(settings)), "bias": (settings.bias_values, None)}
    copies = [
        f"    conv.{name}.copy_({_tensor(values, shape)})"
        for name, (values, shape) in given.items()
        if values is not None
    ]
    return ["with torch.no_grad():", *copies] if copies else []


def _input(settings: Settings) -> list[str]:
    shape = shapes.input_shape(settings)
    sizes = ", ".join(map(str, shape))
    dtype = "" if settings.dtype == "float32" else f", dtype=torch.{settings.dtype}"
    moved = _moved(settings)
    if settings.input is not None:
        return [f"x = {_tensor(settings.input, shape)}.to(torch.{settings.dtype}){moved}.requires_grad_()"]
    if settings.fill == "noise":
        if moved:
            return [f"x = torch.randn({sizes}{dtype}){moved}.requires_grad_()"]
        return [f"x = torch.randn({sizes}{dtype}, requires_grad=True)"]
    lines, pattern = _pattern(settings)
    return [*lines, f"x = {pattern}.to(torch.{settings.dtype}).expand({sizes}).clone(){moved}.requires_grad_()"]


def _pattern(settings: Settings) -> tuple[list[str], str]:
    """Write one channel of a fill: the lines before it, and its expression."""
    size = settings.input_size
    sizes = ", ".join(map(str, size))
    if settings.fill == "ramp":
        return [], f"torch.linspace(0, 1, {math.prod(size)}, dtype=torch.float64).reshape({sizes})"
    if settings.fill == "impulse":
        middle = ", ".join(str(length // 2) for length in size)
        return [f"one = torch.zeros({sizes}, dtype=torch.float64)", f"one[{middle}] = 1"], "one"
    after = [", 1" * places for places in reversed(range(len(size)))]
    ranges = [f"torch.arange({n}, dtype=torch.float64)" for n in size]
    places = [f"{text}.reshape(-1{ones})" if ones else text for text, ones in zip(ranges, after, strict=True)]
    whole = [f"i = {' + '.join(places)}"]
    return whole, {"checker": "(i % 2)", "sine": "torch.sin(i * (torch.pi / 8))"}[settings.fill]


def _loss(settings: Settings) -> str:
    if isinstance(settings.loss, str):
        return f"y.{settings.loss}()"
    return f"y[{', '.join(map(str, settings.loss))}]"


def _moved(settings: Settings) -> str:
    return "" if settings.device in ("auto", "cpu") else f'.to("{settings.device}")'


def _tensor(values: Sequence[float], shape: Sequence[int] | None) -> str:
    reshaped = "" if shape is None or len(shape) == 1 else f".reshape({', '.join(map(str, shape))})"
    return f"torch.tensor([{', '.join(map(_number, values))}], dtype=torch.float64){reshaped}"


def _number(value: float) -> str:
    return repr(value) if value - value == 0 else f'float("{value}")'


def _numbers(values: Sequence[int]) -> str:
    """Write one number where all axes have the same, otherwise one an axis: 3, or (3, 5)."""
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"
