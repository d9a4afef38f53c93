"""Sums taken apart add up to what torch gives."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from tracer.convolution.by_channel import names, of_input, of_output
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution
from tracer.runners import convolution, devices

CASES = {
    "planes": Convolution("Conv2d", 6, 4, (3, 2), (7, 6), padding=1, groups=2, batch=2),
    "volumes": Convolution("Conv3d", 2, 2, 2, (3, 4, 3), stride=2, dtype="float64"),
    "transposed": Convolution("ConvTranspose2d", 4, 6, 3, (3, 4), stride=2, padding=1, groups=2),
    "circular": Convolution("Conv1d", 2, 3, 3, 6, padding=2, padding_mode="circular", batch=None),
    "gaps": Convolution("Conv1d", 1, 1, 1, 7, stride=3, bias=False),
}


def arrays(experiment: Convolution) -> dict[str, Any]:
    settings = resolve(experiment)
    ran = convolution.run(settings, devices.resolve("cpu"))
    found = torch.autograd.grad(ran.loss, list(ran.named.values()))
    values = {name: tensor.detach().numpy() for name, tensor in ran.named.items()}
    return values | {f"{name}.grad": grad.numpy() for name, grad in zip(values, found, strict=True)}


@pytest.mark.parametrize("case", CASES)
def test_every_output_and_every_input_is_the_sum_of_its_parts(case: str) -> None:
    settings, given = resolve(CASES[case]), arrays(CASES[case])
    axis = 0 if settings.batch is None else 1
    for way, name, other in ((of_output, "y", "x"), (of_input, "x.grad", "y")):
        for index in itertools.islice(np.ndindex(*given[name].shape), 0, None, 7):
            found = way(settings, given, index)
            assert found.agreement.wrong == 0
            assert found.whole == pytest.approx(float(given[name][index]), rel=1e-4, abs=1e-6)
            assert found.gave == given[name][index]
            assert found.parts[-1].so_far + (found.bias or 0) == pytest.approx(found.whole, abs=1e-12)
            for part in found.parts:
                inside = part.places[part.places >= 0]
                assert set(np.unravel_index(inside, given[other].shape)[axis].tolist()) <= {part.channel}
            assert all((part.patch * part.weights).sum() == pytest.approx(part.product) for part in found.parts)


def test_the_stereo_signal_of_the_lesson() -> None:
    stereo = Convolution(
        "Conv1d", 2, 1, 3, 5, bias=False, input=[[[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]]], weight=[[[1, 0, -1], [2, 1, 0]]]
    )
    given = arrays(stereo)
    found = [of_output(resolve(stereo), given, (0, 0, place)) for place in range(3)]
    assert [[part.product for part in sums.parts] for sums in found] == [[1, 1], [3, 3], [-3, 4]]
    assert [sums.whole for sums in found] == [2, 6, 1]
    assert all(sums.agreement.exact for sums in found)


def test_elements_are_named_by_their_index() -> None:
    assert names(resolve(CASES["planes"]), "x", 43) == "x[0, 1, 0, 1]"
