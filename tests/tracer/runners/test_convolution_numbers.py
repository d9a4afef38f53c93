"""All numbers of a layer as arrays: those of `tracer.run`, and the same layer once more in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tracer
from tracer.errors import LimitPassed
from tracer.experiment import Convolution
from tracer.runners.convolution_numbers import find

LAYERS = [
    Convolution("Conv2d", 4, 6, 3, 5, groups=2, padding=1, device="cpu"),
    Convolution("ConvTranspose1d", 2, 3, 3, 5, stride=2, batch=None, loss=(1, 3), device="cpu", dtype="bfloat16"),
    Convolution("Conv1d", 1, 1, 2, 4, bias=False, loss="sum", device="cpu", dtype="float64"),
]


@pytest.mark.parametrize("experiment", LAYERS, ids=lambda experiment: experiment.dtype)
def test_the_numbers_are_those_that_run_has(experiment: Convolution) -> None:
    numbers, recording = find(experiment), tracer.run(experiment)
    for name, values in numbers.values.items():
        assert values.tolist() == recording.value(name), name
    for row in recording.gradients():
        if row.name != "loss":
            assert tuple(numbers.gradients[row.name].reshape(-1).tolist()) == row.values
    assert set(numbers.values) == ({"x", "weight", "y"} | ({"bias"} if experiment.bias else set()))


def test_the_layer_in_float64_has_the_same_x_and_a_finer_y() -> None:
    numbers = find(LAYERS[0])
    assert np.array_equal(numbers.exact["x"], numbers.values["x"])
    assert {array.dtype for array in (*numbers.exact.values(), *numbers.exact_gradients.values())} == {
        np.dtype("float64")
    }
    exact = torch.nn.functional.conv2d(
        *(torch.from_numpy(numbers.exact[name]) for name in ("x", "weight", "bias")), padding=1, groups=2
    )
    assert np.array_equal(numbers.exact["y"], exact.numpy())
    assert np.allclose(numbers.exact["y"], numbers.values["y"], atol=1e-5)


def test_what_would_take_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADTRACE_MEMORY", "7MiB")
    lesson = Convolution("Conv2d", 20, 16, (3, 5), (64, 128), device="cpu")
    tracer.run(lesson)
    with pytest.raises(
        LimitPassed, match=r"The layer once more in float64 would need [89]\S* MiB of memory, and the limit is 7 MiB"
    ):
        find(lesson)
