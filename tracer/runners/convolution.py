"""A Convolution experiment → Facts: the layer is built and run by torch, its gradients are found and checked."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from torch import nn

from tracer.capture.names import Named
from tracer.convolution import files, fills, memory, shapes
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.errors import TracerError, sentence
from tracer.experiment import Convolution
from tracer.facts import Check, Facts
from tracer.runners import convolution_check, convolution_rules, devices, limits, tensors


class Ran(NamedTuple):
    """A layer that has been run: its input, itself, its output and the loss, and what was done to a file's numbers."""

    x: torch.Tensor
    layer: nn.Module
    y: torch.Tensor
    loss: torch.Tensor
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, torch.Tensor]:
        """The tensors by name, in the order x, weight, bias, y."""
        return {"x": self.x, **dict(self.layer.named_parameters()), "y": self.y}


def find(experiment: Convolution, tell: Callable[[dict[str, Any]], None] | None = None) -> Facts:
    """Run a convolution and find its shapes, graph, gradients (checked by finite differences) and saved memory.

    The numbers are those of `torch.manual_seed(seed)`, then the layer (its weight, then its bias), then `torch.randn`
    of x, all on the CPU and in the experiment's dtype; what the person gave takes the place of what was drawn. The
    caller's random state is not touched. `tell` gets all numbers as arrays, and the gradients ("x.grad") beside them,
    before they are checked, which takes longer than to find them.

    Raises:
        InvalidSetting: a field does not work.
        TracerError: torch refused, in its words.
    """
    settings = resolve(experiment)
    device = devices.resolve(settings.device)
    with (
        warnings.catch_warnings(record=True) as warned,
        in_torchs_words(settings),
        torch.inference_mode(False),
        torch.enable_grad(),
    ):
        warnings.simplefilter("always")
        ran = run(settings, device)
        found = torch.autograd.grad(ran.loss, list(ran.named.values()), retain_graph=True)
        if tell is not None:
            tell(_arrays(ran.named, found))
        checks = _checks(settings, ran.named, found)
        facts = tensors.find(
            {"loss": ran.loss},
            named=_named(settings, ran),
            gradients=True,
            saved=True,
            alone=True,
            experiment=experiment,
        )
    notes = ran.notes + tuple(str(warning.message).partition(" (Triggered")[0] for warning in warned)
    return _with_checks(msgspec.structs.replace(facts, notes=facts.notes + notes), checks)


def run(settings: Settings, device: torch.device) -> Ran:
    """Build the layer, fill its input, and run it forward to the loss."""
    with torch.device("cpu"):  # where numbers are drawn, whatever the caller's default device is
        draw = torch.Generator().manual_seed(settings.seed)
        layer, (x, notes) = _layer(settings, draw), _input(settings, draw)
    layer, x = layer.to(device), x.to(device).requires_grad_()
    y = layer(x)
    loss = LOSSES[settings.loss](y) if isinstance(settings.loss, str) else y[settings.loss]
    return Ran(x, layer, y, loss, notes)


def _layer(settings: Settings, draw: torch.Generator) -> Any:
    """Build the layer without drawing from the caller's random numbers: without storage first, then filled."""
    extra: dict[str, Any] = {"output_padding": settings.output_padding} if settings.transposed else {}
    layer: Any = getattr(nn, settings.layer)(
        settings.in_channels,
        settings.out_channels,
        settings.kernel_size,
        stride=settings.stride,
        padding=settings.padding_word or tuple(before for before, _ in settings.padding),
        dilation=settings.dilation,
        groups=settings.groups,
        bias=settings.bias,
        padding_mode=settings.padding_mode,
        device="meta",
        dtype=_dtype(settings),
        **extra,
    )
    _initialise(layer, settings, draw)
    return layer


def _initialise(layer: Any, settings: Settings, draw: torch.Generator) -> None:
    """Fill weight and bias with what was given, or else as torch's reset_parameters does; the numbers are drawn in
    either case, so that x stays the same."""
    layer.weight = nn.Parameter(torch.empty(shapes.weight_shape(settings), dtype=_dtype(settings)))
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=draw)
    if settings.bias:
        layer.bias = nn.Parameter(torch.empty(settings.out_channels, dtype=_dtype(settings)))
        bound = 1 / math.sqrt(math.prod(layer.weight.shape[1:]))
        nn.init.uniform_(layer.bias, -bound, bound, generator=draw)
    with torch.no_grad():
        for parameter, values in ((layer.weight, settings.weight), (layer.bias, settings.bias_values)):
            if values is not None:
                parameter.copy_(_given(values, parameter.shape))


def _input(settings: Settings, draw: torch.Generator) -> tuple[torch.Tensor, tuple[str, ...]]:
    """Give x of shape (N, C_in, *size), and notes: what the person typed, noise, a file that is the same in the whole
    batch, or a pattern that is the same in each channel too."""
    shape = shapes.input_shape(settings)
    if settings.input is not None:
        return _given(settings.input, shape).to(_dtype(settings)), ()
    if settings.fill == "noise":
        return torch.randn(shape, generator=draw, dtype=_dtype(settings)), ()
    if fills.is_file(settings.fill):
        numbers, notes = files.load(settings)
        pattern = torch.from_numpy(np.ascontiguousarray(numbers))
    else:
        pattern, notes = FILLS[settings.fill](settings.input_size), ()
    return pattern.to(_dtype(settings)).expand(shape).clone(), notes


def _index_sum(size: Sequence[int]) -> torch.Tensor:
    """Give i + j + … at each place."""
    total = torch.zeros((), dtype=torch.float64)
    for length in size:
        total = total[..., None] + torch.arange(length, dtype=torch.float64)
    return total


def _impulse(size: Sequence[int]) -> torch.Tensor:
    """Give zeros with a one in the middle."""
    pattern = torch.zeros(tuple(size), dtype=torch.float64)
    pattern[tuple(length // 2 for length in size)] = 1
    return pattern


FILLS: dict[str, Callable[[Sequence[int]], torch.Tensor]] = {
    "ramp": lambda size: torch.linspace(0, 1, math.prod(size), dtype=torch.float64).reshape(tuple(size)),
    "impulse": _impulse,
    "checker": lambda size: _index_sum(size) % 2,
    "sine": lambda size: torch.sin(_index_sum(size) * (torch.pi / 8)),
}
LOSSES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"mean": torch.Tensor.mean, "sum": torch.Tensor.sum}


def _given(values: Sequence[float], shape: Sequence[int]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).reshape(tuple(shape))


def _dtype(settings: Settings) -> torch.dtype:
    dtype = getattr(torch, settings.dtype)
    assert isinstance(dtype, torch.dtype)
    return dtype


def _named(settings: Settings, ran: Ran) -> list[Named]:
    axes = shapes.axes(settings)
    rows = {row.name: row.role for row in shapes.shapes(settings)}
    made_by = {"y": f"{settings.layer}(x)"}
    loss = f"y.{settings.loss}()" if isinstance(settings.loss, str) else f"y[{', '.join(map(str, settings.loss))}]"
    layer = [Named(tensor, name, rows[name], axes[name], made_by.get(name)) for name, tensor in ran.named.items()]
    return [*layer, Named(ran.loss, "loss", "output", None, loss)]


class Checks(NamedTuple):
    """A gradient compared with finite differences of the layer in float64, and with the layer's rule."""

    check: Check
    rule: Check


def _arrays(named: dict[str, torch.Tensor], gradients: Sequence[torch.Tensor]) -> dict[str, Any]:
    values = {name: convolution_rules.array(tensor) for name, tensor in named.items()}
    found = zip(named, gradients, strict=True)
    return values | {f"{name}.grad": convolution_rules.array(gradient) for name, gradient in found}


def _checks(settings: Settings, named: dict[str, torch.Tensor], found: Sequence[torch.Tensor]) -> dict[str, Checks]:
    """Compare gradients in both ways."""
    sums = convolution_rules.sums(settings, named)
    ways = (way.check(settings, named, found, sums) for way in (convolution_check, convolution_rules))
    return dict(zip(named, map(Checks, *ways), strict=True))


def _with_checks(facts: Facts, checks: dict[str, Checks]) -> Facts:
    rows = tuple(
        msgspec.structs.replace(row, **checks[row.name]._asdict()) if row.name in checks else row
        for row in facts.gradients or ()
    )
    return msgspec.structs.replace(facts, gradients=rows)


@contextmanager
def in_torchs_words(settings: Settings) -> Iterator[None]:
    """Turn an error of torch into ours: memory that was refused into a limit that was passed, all else in its words."""
    try:
        yield
    except (RuntimeError, ValueError, MemoryError, TracerError) as error:
        if limits.is_out_of_memory(error):
            raise limits.memory_passed(error, memory.field(settings)) from error
        if isinstance(error, TracerError):
            raise
        words = str(error).strip().partition("\n")[0]
        raise TracerError(
            f"PyTorch could not run this {settings.layer}: {sentence(words)}", cure="Try other sizes, or another device"
        ) from error
