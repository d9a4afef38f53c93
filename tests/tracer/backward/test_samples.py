"""Samples: many small tensors described at once are described as each alone."""

import math

import pytest
import torch

from tracer.backward import samples
from tracer.backward.samples import Samples
from tracer.backward.statistics import statistics, values


def tensors() -> list[torch.Tensor]:
    made = [torch.randn(size, generator=torch.Generator().manual_seed(size)) for size in range(1, 40)]
    odd = [math.nan, math.inf, 0.0, 1e30]
    return [*made, *(torch.tensor([number, 1.0]) for number in odd), torch.ones(3).expand(2, 3), torch.tensor(1 + 2j)]


@pytest.mark.parametrize("batch", [0, 100, 1 << 16])
def test_together_as_alone(batch, monkeypatch):
    monkeypatch.setattr(samples, "BATCH", batch)
    taking = Samples()
    told = [taking.take(tensor) for tensor in tensors()]
    taking.finish()
    for found, tensor in zip(told, tensors(), strict=True):
        assert repr(found.statistics) == repr(statistics(tensor))
        assert repr(found.values) == repr(values(tensor))
        assert (found.shape, found.state, found.row) == (tuple(tensor.shape), "measured", None)


def test_what_is_written_into_a_tensor_later_is_not_told():
    taking, tensor = Samples(), torch.tensor([1.0, 2.0])
    told = taking.take(tensor)
    tensor.zero_()
    taking.finish()
    assert (told.statistics.max_abs, told.values.numbers) == (2.0, (1.0, 2.0))


def test_none_of_the_numbers_of_a_large_or_empty_tensor_wait():
    taking = Samples()
    told = [taking.take(tensor) for tensor in (torch.ones(10_001), torch.ones(0, 3), torch.ones(2, device="meta"))]
    assert [(one.state, one.values is None) for one in told] == [
        ("measured", True),
        ("measured", False),
        ("not measured", True),
    ]
    assert told[0].statistics.norm == pytest.approx(math.sqrt(10_001))
