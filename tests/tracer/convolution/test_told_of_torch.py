"""What is told of torch without running it: first weights, counts, and bytes kept for backward, each measured here."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import nn

from tracer.convolution.cost import cost
from tracer.convolution.layer import DTYPES, LAYERS, PADDING_MODES
from tracer.convolution.settings import resolve
from tracer.errors import TracerError
from tracer.experiment import Convolution


def built(asked: Convolution, device: str | None = None) -> Any:
    fields = ["stride", "padding", "dilation", "groups", "bias", "padding_mode"]
    if "Transpose" in asked.layer:
        fields.append("output_padding")
    arguments = {name: getattr(asked, name) for name in fields}
    dtype = getattr(torch, asked.dtype)
    return getattr(nn, asked.layer)(
        asked.in_channels, asked.out_channels, asked.kernel_size, device=device, dtype=dtype, **arguments
    )


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_first_weights_fill_the_bound_and_stay_within(layer: Any, groups: int) -> None:
    """Of thousands of numbers that are uniform in ±bound, the largest is near the bound: above 99 % of it."""
    asked = Convolution(layer, 8, 20, 3, 9, groups=groups)
    bound = cost(resolve(asked)).bound
    torch.manual_seed(0)
    layers = [built(asked) for _ in range(60)]
    for parameters in ([each.weight for each in layers], [each.bias for each in layers]):
        largest = max(float(tensor.detach().abs().max()) for tensor in parameters)
        assert 0.99 * bound < largest <= bound * (1 + 1e-6)
        mean = torch.stack([tensor.detach().abs().mean() for tensor in parameters]).mean()
        assert float(mean) == pytest.approx(bound / 2, rel=0.05)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("groups", "bias"), [(1, True), (2, True), (2, False)])
def test_parameters_are_those_that_are_counted(layer: Any, groups: int, bias: bool) -> None:
    asked = Convolution(layer, 4, 6, 3, 9, groups=groups, bias=bias)
    found, module = cost(resolve(asked)), built(asked, device="meta")
    assert found.parameters == sum(tensor.numel() for tensor in module.parameters())
    assert found.weights == module.weight.numel()
    assert found.biases == (module.bias.numel() if bias else 0)


def kept(asked: Convolution) -> int:
    """Run the layer and count the bytes of the storages that autograd keeps, each once."""
    storages: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage  # held, so that no address comes twice
        return tensor

    batch = () if asked.batch is None else (asked.batch,)
    size = resolve(asked).input_size
    x = torch.zeros(*batch, asked.in_channels, *size, dtype=getattr(torch, asked.dtype), requires_grad=True)
    layer = built(asked)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer(x)
    return sum(storage.nbytes() for storage in storages.values())


PADDINGS: list[Any] = [0, 1, 2, "same", "valid"]
CASES = [
    (layer, mode, padding, batch, kernel)
    for layer, mode, padding, batch, kernel in itertools.product(LAYERS, PADDING_MODES, PADDINGS, [None, 1, 2], [3, 4])
    if "Transpose" not in layer or (mode == "zeros" and not isinstance(padding, str))
]


@pytest.mark.parametrize("layer", LAYERS)
def test_bytes_kept_for_backward_in_every_padding_mode_batched_or_not(layer: str) -> None:
    tried = 0
    for _, mode, padding, batch, kernel in (case for case in CASES if case[0] == layer):
        asked = Convolution(layer, 2, 4, kernel, 5, padding=padding, padding_mode=mode, batch=batch)  # type: ignore[arg-type]
        try:
            expected = cost(resolve(asked)).saved_bytes
        except TracerError:  # a kernel that is too long, or a padding that cuts all away
            continue
        tried += 1
        assert kept(asked) == expected, asked
    assert tried >= 18


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mode", PADDING_MODES)
def test_bytes_kept_for_backward_in_every_dtype(dtype: str, mode: str) -> None:
    asked = Convolution("Conv2d", 2, 4, (2, 3), 5, padding=(1, 0), padding_mode=mode, dtype=dtype, groups=2)
    assert kept(asked) == cost(resolve(asked)).saved_bytes
