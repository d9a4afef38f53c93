"""Every operator's rule equals autograd in float64, and finite differences where it is smooth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from rule_cases import CASES, Case, drawn

from tracer.algebra.expressions import multiply
from tracer.derivation.adjoints import steps
from tracer.ops.reductions import total_of
from tracer.ops.table import OPS, operator
from tracer.ops.tensor import NoRule, Tensor, given, mapped, staged

SEEDS = (0, 1)


def by_rule(case: Case, arrays: list[Any]) -> tuple[Any, Any, list[Any]]:
    """Give the value, the weights of its elements, and the gradient of their sum by each argument."""
    xs = [given(array, "x", tracked=array.dtype == np.float64) for array in arrays]
    y = case.call(lambda *a, **k: OPS[case.name].rule(*a, **k), *xs)
    y = staged(y[0] if isinstance(y, tuple) else y)
    weights = given(np.asarray(np.random.default_rng(7).standard_normal(y.shape)), "v")
    root = staged(total_of(mapped(multiply, weights, y)), "L").stage
    assert root is not None
    found = steps(root)
    gradients = [found[x.stage].adjoint.value if x.stage in found else np.zeros(x.shape) for x in xs]
    return y.value, weights.value, gradients


def by_torch(case: Case, arrays: list[Any]) -> tuple[list[Any], Any]:
    xs = [torch.tensor(array, requires_grad=array.dtype == np.float64) for array in arrays]
    y = case.call(case.function, *xs)
    return xs, y[0] if isinstance(y, tuple) else y


Tensor.__gt__ = lambda self, other: OPS["gt"].rule(self, other)  # type: ignore[attr-defined]  # for the call of `where`


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_equals_autograd_and_differences(case: Case) -> None:
    for seed in SEEDS:
        arrays = drawn(case.arguments, seed)
        value, weights, gradients = by_rule(case, arrays)
        xs, y = by_torch(case, arrays)
        assert value.shape == tuple(y.shape)
        np.testing.assert_allclose(value, y.detach().numpy(), 1e-9, case.tolerance)
        followed = [x for x in xs if x.requires_grad]
        found = torch.autograd.grad(y, followed, torch.tensor(weights), allow_unused=True)
        floats = [g for g, array in zip(gradients, arrays, strict=True) if array.dtype == np.float64]
        for mine, theirs, x in zip(floats, found, followed, strict=True):
            expected = np.zeros(x.shape) if theirs is None else theirs.numpy()
            np.testing.assert_allclose(mine, expected, case.tolerance, case.tolerance)
        if case.smooth:
            _differences(case, arrays, weights, floats)


def _differences(case: Case, arrays: list[Any], weights: Any, gradients: list[Any]) -> None:
    """Compare ⟨gradient, d⟩ with the slope along a direction d; a kink nearer than the step would show."""
    random, h = np.random.default_rng(3), 1e-6
    directions = [np.asarray(random.standard_normal(a.shape)) if a.dtype == np.float64 else None for a in arrays]

    def at(t: float) -> float:
        moved = [a if d is None else a + t * d for a, d in zip(arrays, directions, strict=True)]
        return float((by_torch(case, moved)[1].detach().numpy() * weights).sum())

    slope = (at(h) - at(-h)) / (2 * h)
    along = [d for d in directions if d is not None]
    by_hand = sum(float((g * d).sum()) for g, d in zip(gradients, along, strict=True))
    assert abs(slope - by_hand) <= 1e-6 * (1 + abs(slope) + abs(at(0))), (slope, by_hand)


def test_at_least_sixty_operators_are_in_the_table() -> None:
    assert len({case.name for case in CASES}) >= 150
    assert {case.name for case in CASES} <= set(OPS)


def test_every_operator_says_what_it_is_and_where_it_is_defined() -> None:
    for name, row in OPS.items():
        assert row.label and row.source.startswith("https://docs.pytorch.org/"), name
    assert operator("arctan") is OPS["atan"] and operator("cholesky") is None


def grad(name: str, *arrays: Any, **options: Any) -> list[Any]:
    xs = [given(np.asarray(array, dtype=np.float64), "x", tracked=True) for array in arrays]
    root = staged(total_of(OPS[name].rule(*xs, **options)), "L").stage
    assert root is not None
    found = steps(root)
    return [found[x.stage].adjoint.value.tolist() for x in xs]  # type: ignore[index, union-attr]


KINKS = [
    ("relu", ([0.0, 1.0],), {}, [[0, 1]]),
    ("abs", ([0.0, -1.0],), {}, [[0, -1]]),
    ("norm", ([0.0, 0.0],), {}, [[0, 0]]),
    ("clamp", ([-1.0, 0.0, 1.0, 2.0],), {"min": -1, "max": 1}, [[1, 1, 1, 0]]),
    ("hardtanh", ([-1.0, 0.0, 1.0],), {}, [[0, 1, 0]]),
    ("relu6", ([0.0, 3.0, 6.0],), {}, [[0, 1, 0]]),
    ("leaky_relu", ([0.0],), {"negative_slope": 0.1}, [[0.1]]),
    ("maximum", ([1.0, 2.0], [1.0, 0.0]), {}, [[0.5, 1], [0.5, 0]]),
    ("max", ([1.0, 5.0, 2.0, 5.0],), {}, [[0, 0.5, 0, 0.5]]),
    ("amax", ([1.0, 5.0, 2.0, 5.0],), {"dim": 0}, [[0, 0.5, 0, 0.5]]),
    ("prod", ([2.0, 0.0, 3.0],), {}, [[0, 6, 0]]),
    ("prod", ([2.0, 0.0, 0.0],), {}, [[0, 0, 0]]),
]


@pytest.mark.parametrize(("name", "arrays", "options", "expected"), KINKS, ids=lambda value: str(value)[:30])
def test_at_kinks_and_ties_the_rule_takes_what_torch_takes(
    name: str, arrays: tuple[Any, ...], options: dict[str, Any], expected: list[Any]
) -> None:
    assert grad(name, *arrays, **options) == expected
    xs = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    function = getattr(torch.nn.functional, name, None) or getattr(torch, name)
    y = function(*xs, **options)
    assert [g.tolist() for g in torch.autograd.grad(y.sum(), xs)] == expected


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("relu", [0.0], "derivative 0 there, which is a choice"),
        ("abs", [0.0], "derivative 0 there, which is a choice"),
        ("norm", [0.0], "derivative 0 there, which is a choice"),
        ("max", [1.0, 1.0], "equal share, which is a choice"),
        ("sqrt", [0.0], "infinity"),
    ],
)
def test_a_kink_is_told_where_there_is_one(name: str, array: list[float], words: str) -> None:
    told = OPS[name].told(given(np.array(array), "x", tracked=True))
    assert told is not None and words in told
    elsewhere = OPS[name].told(given(np.array([1.0, 2.0]), "x", tracked=True))
    assert elsewhere == ("the extreme is the element that it was at this run" if name == "max" else None)


def test_an_operator_says_for_what_it_has_no_rule() -> None:
    x = given(np.ones((2, 2)), "x", tracked=True)
    with pytest.raises(NoRule, match="norm of order"):
        OPS["norm"].rule(x, float("inf"))
    with pytest.raises(NoRule, match="no axis 5"):
        OPS["sum"].rule(x, 5)
    with pytest.raises(NoRule, match="draws at random"):
        OPS["dropout"].rule(x)
