"""Statistics: compared with torch's own, one by one."""

import math

import msgspec
import pytest
import torch

from tracer.backward.statistics import Budget, statistics, values

TENSORS = {
    "normal": torch.randn(50, generator=torch.Generator().manual_seed(0)),
    "zeros": torch.tensor([0.0, 0.0, 1.0, -2.0]),
    "scalar": torch.tensor(3.0),
    "integers": torch.tensor([1, 2, 3]),
    "half": torch.tensor([0.5, 1.5], dtype=torch.float16),
}


@pytest.fixture(params=["many at once", "in pieces"], autouse=True)
def road(request, monkeypatch):
    """Go both roads, that of small tensors and that of large ones, with the same tensors."""
    if request.param == "in pieces":
        monkeypatch.setattr("tracer.backward.small.SMALL", -1)


@pytest.mark.parametrize("name", TENSORS)
def test_equal_to_torch(name):
    tensor, found = TENSORS[name], statistics(TENSORS[name])
    double = tensor.double()
    assert found.mean == pytest.approx(double.mean().item())
    assert found.std is None if tensor.numel() < 2 else found.std == pytest.approx(double.std().item())
    assert found.max_abs == double.abs().max().item()
    assert found.norm == pytest.approx(double.norm().item())
    assert found.zeros == (tensor == 0).float().mean().item()
    assert found.non_finite == 0


def test_a_large_gradient_does_not_overflow():
    assert statistics(torch.full((4,), 1e30)).norm == pytest.approx(2e30)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1.0])
def test_squares_neither_overflow_nor_vanish(scale):
    found = statistics(torch.tensor([3.0, -4.0, 0.0], dtype=torch.float64) * scale)
    assert found.norm == pytest.approx(5 * scale)
    assert found.std == pytest.approx(
        math.sqrt((3 + 1 / 3) ** 2 + (4 - 1 / 3) ** 2 + (1 / 3) ** 2) / math.sqrt(2) * scale
    )
    assert found.zeros == pytest.approx(1 / 3)


@pytest.mark.parametrize("shape", [(), (3,), (3, 1, 5)])
def test_an_expanded_tensor_is_read_once(shape):
    small = torch.arange(1, 1 + math.prod(shape), dtype=torch.float32).reshape(shape)
    large = small.expand(4, *shape) if len(shape) < 3 else small.expand(3, 4, 5)
    assert close(statistics(large), statistics(large.contiguous()))
    assert statistics(torch.ones(()).expand(10**12)).norm == pytest.approx(1e6)


def test_a_large_tensor_is_read_in_pieces(monkeypatch):
    tensor = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    whole = statistics(tensor)
    monkeypatch.setattr("tracer.backward.small.SMALL", -1)
    monkeypatch.setattr("tracer.backward.statistics.PIECE", 7)
    assert close(statistics(tensor), whole)


def test_a_sum_past_float64_has_a_mean():
    found = statistics(torch.tensor([1.5e308, 1.5e308, -1.5e308, 0.0], dtype=torch.float64))
    assert found.mean == pytest.approx(0.375e308)
    assert found.std == pytest.approx(1.5e308 * math.sqrt((0.75**2 * 2 + 1.25**2 + 0.25**2) / 3))


def test_pieces_far_from_one_another(monkeypatch):
    monkeypatch.setattr("tracer.backward.statistics.PIECE", 3)
    tensor = torch.tensor([1e8, 1e8 + 1, 1e8 + 2, -1e8, -1e8, -1e8 - 3, 0.0], dtype=torch.float64)
    assert statistics(tensor).std == pytest.approx(tensor.std().item(), rel=1e-12)


@pytest.mark.parametrize("first", [math.inf, -math.inf])
def test_not_a_number_is_more_than_infinite(first, monkeypatch):
    monkeypatch.setattr("tracer.backward.statistics.PIECE", 1)
    assert math.isnan(statistics(torch.tensor([first, math.nan, 1.0])).max_abs)


def test_infinite():
    found = statistics(torch.tensor([math.inf, 1.0]))
    assert (found.norm, found.max_abs, found.non_finite) == (math.inf, math.inf, 1)


def close(a, b) -> bool:
    pairs = zip(msgspec.structs.astuple(a), msgspec.structs.astuple(b), strict=True)
    return all(x == y or math.isclose(x, y, rel_tol=1e-12) for x, y in pairs)


def test_non_finite():
    found = statistics(torch.tensor([math.nan, math.inf, 1.0, 0.0]))
    assert (found.non_finite, found.zeros) == (2, 0.25)
    assert math.isnan(found.mean)
    assert math.isnan(found.norm)


def test_empty_and_unreadable():
    assert statistics(torch.ones(0)).mean is None
    assert statistics(torch.ones(3, device="meta")) is None


def test_complex_values_are_pairs_and_come_back():
    tensor = torch.tensor([[1 + 2j, 3 - 1j]])
    assert values(tensor).numbers == (1.0, 2.0, 3.0, -1.0)
    assert values(tensor).nested() == [[1 + 2j, 3 - 1j]]
    assert statistics(tensor).max_abs == pytest.approx(math.sqrt(10))


def test_many_small_tensors_stay_small_together():
    budget = Budget(5)
    assert budget.values(torch.ones(4)) is not None
    assert budget.values(torch.ones(2)) is None
    assert budget.values(torch.ones(1)) is not None


def test_magnitudes_of_complex_numbers_are_taken_in_float64():
    found = statistics(torch.tensor([1.5 + 0.5j, 3e38 + 3e38j], dtype=torch.complex64))
    assert found.non_finite == 0
    assert found.max_abs == pytest.approx(math.hypot(3e38, 3e38), rel=1e-7)
    assert statistics(torch.tensor([1.5 + 0.5j], dtype=torch.complex64)).norm == pytest.approx(
        math.sqrt(2.5), rel=1e-15
    )


def test_zeros_that_are_not_stored():
    zeros = torch._efficientzerotensor((2, 2))
    assert values(zeros).nested() == [[0, 0], [0, 0]]
    assert (statistics(zeros).norm, statistics(zeros).zeros) == (0, 1)
