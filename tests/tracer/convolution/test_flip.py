"""Convolution beside correlation: the lesson's numbers, numpy's convolution, and torch's transposed layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tracer.convolution.flip import both, flipped
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution
from tracer.runners.convolution import run

X = np.array([[[1.0, 3, 2, 0, -1, 4, 5]]])
KERNELS = np.array([[[1.0, 0, -1]], [[1, 2, 1]]])


def test_the_lessons_numbers() -> None:
    found = both(resolve(Convolution("Conv1d", 1, 2, 3, 7)), X, KERNELS, None)
    assert found.correlation.reshape(2, 5).tolist() == [[-1, 3, 3, -4, -6], [9, 7, 1, 2, 12]]
    assert found.convolution.reshape(2, 5).tolist() == [[1, -3, -3, 4, 6], [9, 7, 1, 2, 12]]


def test_numpys_convolution_is_the_one_with_the_kernel_flipped() -> None:
    draw = np.random.default_rng(0)
    x, kernel = draw.standard_normal(20), draw.standard_normal(5)
    found = both(resolve(Convolution("Conv1d", 1, 1, 5, 20)), x, kernel.reshape(1, 1, 5), None)
    assert np.allclose(found.convolution.reshape(-1), np.convolve(x, kernel, "valid"))
    assert np.allclose(found.correlation.reshape(-1), np.correlate(x, kernel, "valid"))
    spread = both(resolve(Convolution("ConvTranspose1d", 1, 1, 5, 20)), x, kernel.reshape(1, 1, 5), None)
    assert np.allclose(spread.convolution.reshape(-1), np.convolve(x, kernel, "full"))


@pytest.mark.parametrize("layer", ["Conv2d", "ConvTranspose2d", "Conv3d"])
def test_the_layers_own_is_named_right_and_the_other_is_torch_with_the_kernel_flipped(layer: str) -> None:
    experiment = Convolution(layer, 4, 6, 3, 5, groups=2, batch=2, padding=1, stride=2, dtype="float64", device="cpu")  # type: ignore[arg-type]
    settings = resolve(experiment)
    ran = run(settings, torch.device("cpu"))
    x, weight, bias = (tensor.detach().numpy() for tensor in (ran.x, ran.layer.weight, ran.layer.bias))
    found = both(settings, x, weight, bias)
    own, other = (found.convolution, found.correlation) if settings.transposed else found
    assert np.allclose(own.reshape(-1), ran.y.detach().numpy().reshape(-1))
    with torch.no_grad():
        ran.layer.weight.copy_(torch.from_numpy(flipped(settings, weight).copy()))
        again = ran.layer(ran.x).numpy()
    assert np.allclose(other.reshape(-1), again.reshape(-1))
