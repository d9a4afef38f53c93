"""All numbers of a convolution that has been run, as arrays: as the layer has them, and once more in float64."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray

from tracer.convolution import memory, shapes
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.convolution.toeplitz import NUMBER, refuse
from tracer.experiment import Convolution
from tracer.runners import devices
from tracer.runners.convolution import LOSSES, in_torchs_words, run
from tracer.runners.convolution_rules import array

Arrays = dict[str, NDArray[Any]]


class Numbers(NamedTuple):
    """The tensors of a layer by name (x, weight, bias, y) and what autograd found for each; `exact` and
    `exact_gradients` are those of the same layer, on the same numbers, run in float64 on the CPU."""

    settings: Settings
    values: Arrays
    gradients: Arrays
    exact: Arrays
    exact_gradients: Arrays


def find(experiment: Convolution) -> Numbers:
    """Run a convolution and give its numbers; those that are drawn are drawn as `tracer.run` draws them.

    Raises:
        InvalidSetting: a field does not work.
        LimitPassed: all of it in float64 too would take more memory than it may.
        TracerError: torch refused, in its words; or a file can't be read.
    """
    settings = resolve(experiment)
    elements = sum(row.elements for row in shapes.shapes(settings))
    refuse("The layer once more in float64", memory.needed(settings) + 2 * NUMBER * elements)
    device = devices.resolve(settings.device)
    with in_torchs_words(settings), torch.inference_mode(False), torch.enable_grad():
        ran = run(settings, device)
        values, gradients = _arrays(ran.named, ran.loss)
        x = ran.x.detach().cpu().double().requires_grad_()
        layer = ran.layer.cpu().double()
        y = layer(x)
        loss = LOSSES[settings.loss](y) if isinstance(settings.loss, str) else y[settings.loss]
        exact, exact_gradients = _arrays({"x": x, **dict(layer.named_parameters()), "y": y}, loss)
    return Numbers(settings, values, gradients, exact, exact_gradients)


def _arrays(named: dict[str, torch.Tensor], loss: torch.Tensor) -> tuple[Arrays, Arrays]:
    found = torch.autograd.grad(loss, list(named.values()))
    values = {name: array(tensor) for name, tensor in named.items()}
    return values, {name: array(gradient) for name, gradient in zip(named, found, strict=True)}
