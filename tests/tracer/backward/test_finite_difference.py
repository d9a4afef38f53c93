"""Central differences agree with right gradients, disagree with wrong ones, and say how many were tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
import torch

from tracer.backward.finite_difference import check, sample

Run = Callable[[Sequence[torch.Tensor]], torch.Tensor]
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def lesson(inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    y = inputs[0] - 2
    return (y * y * 3).mean()


def test_the_lessons_gradient() -> None:
    (found,) = check(lesson, [X], [torch.tensor([[-1.5, 0.0], [1.5, 3.0]])])
    assert (found.tried, found.agreed) == (4, 4)
    assert found.worst < 1e-9
    assert found.values is not None
    assert found.values.nested() == [
        [pytest.approx(-1.5), pytest.approx(0, abs=1e-9)],
        [pytest.approx(1.5), pytest.approx(3)],
    ]


def test_a_wrong_gradient_is_found_out() -> None:
    wrong = torch.tensor([[-1.5, 0.01], [1.5, 3.003]])
    (found,) = check(lesson, [X], [wrong])
    assert (found.tried, found.agreed) == (4, 2)
    assert found.worst == pytest.approx(0.01, rel=1e-6)


FUNCTIONS: list[tuple[str, Run]] = [
    ("exp", lambda inputs: inputs[0].exp().sum()),
    ("deep sine", lambda inputs: (30 * inputs[0]).sin().sum()),
    ("softmax", lambda inputs: (inputs[0].softmax(0) * inputs[0]).sum()),
    ("large", lambda inputs: (1e6 * inputs[0] ** 3).sum()),
    ("tiny", lambda inputs: (1e-3 * inputs[0] ** 2).mean()),
    ("constant", lambda inputs: (inputs[0] * 0).sum() + 7),
]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("run", [run for _, run in FUNCTIONS], ids=[name for name, _ in FUNCTIONS])
def test_autograd_agrees_in_every_dtype(run: Run, dtype: torch.dtype) -> None:
    x = (torch.randn(50, generator=torch.Generator().manual_seed(1))).to(dtype)
    exact = x.double().requires_grad_()
    (gradient,) = torch.autograd.grad(run([exact]), exact)
    (found,) = check(run, [x], [gradient.to(dtype) if gradient.to(dtype).isfinite().all() else gradient])
    assert (found.tried, found.agreed) == (16, 16)
    assert found.values is None  # not all elements were tried


def test_each_input_is_checked_and_none_counts_as_zero() -> None:
    inputs = [torch.ones(3), torch.ones(2)]
    checks = check(lambda tensors: tensors[0].sum(), inputs, [torch.ones(3), None])
    assert [(found.tried, found.agreed) for found in checks] == [(3, 3), (2, 2)]
    checks = check(lambda tensors: tensors[0].sum(), inputs, [None, None])
    assert [(found.tried, found.agreed) for found in checks] == [(3, 0), (2, 2)]


def test_a_kink_is_no_agreement() -> None:
    (found,) = check(lambda tensors: tensors[0].relu().sum(), [torch.zeros(1)], [torch.zeros(1)])
    assert (found.tried, found.agreed, found.worst) == (1, 0, pytest.approx(0.5))


def test_nan_agrees_with_nan_only() -> None:
    def run(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        return (tensors[0] - 2).log().sum()

    (found,) = check(run, [torch.tensor([1.0])], [torch.tensor([1.0])])
    assert (found.agreed, math.isnan(found.worst)) == (0, True)
    (found,) = check(run, [torch.tensor([1.0])], [torch.tensor([math.nan])])
    assert (found.agreed, found.worst) == (1, 0)


def test_nothing_of_the_caller_is_changed() -> None:
    x, state = X.clone().requires_grad_(), torch.get_rng_state()
    check(lesson, [x], [torch.zeros(2, 2)])
    assert torch.equal(x, X)
    assert x.grad is None
    assert torch.equal(torch.get_rng_state(), state)


def test_an_expanded_input_is_taken_element_by_element() -> None:
    wide = torch.tensor([[1.0]]).expand(2, 3)
    (found,) = check(lambda tensors: (tensors[0][0] ** 2).sum(), [wide], [torch.tensor([[2.0] * 3, [0.0] * 3])])
    assert (found.tried, found.agreed) == (6, 6)


def test_wrong_calls() -> None:
    with pytest.raises(ValueError, match="1 inputs and 2 gradients"):
        check(lesson, [X], [X, X])
    with pytest.raises(ValueError, match="real inputs only"):
        check(lesson, [X + 0j], [X])


SAMPLES = [(0, 16, []), (3, 16, [0, 1, 2]), (16, 16, list(range(16)))]


@pytest.mark.parametrize(("elements", "most", "chosen"), SAMPLES)
def test_few_elements_are_all_tried(elements: int, most: int, chosen: list[int]) -> None:
    assert sample(elements, most, 0) == chosen


def test_a_sample_is_drawn_by_seed_and_holds_both_ends() -> None:
    first, again, other = sample(10**9, 16, 0), sample(10**9, 16, 0), sample(10**9, 16, 1)
    assert first == again != other
    assert (len(first), first[0], first[-1]) == (16, 0, 10**9 - 1)
