"""Jacobians row by row, against torch's own."""

from __future__ import annotations

import pytest
import torch

from tracer.analysis.jacobian import ROWS, asked, rows
from tracer.errors import LimitPassed
from tracer.experiment import Expression, Input
from tracer.runners.expression import find

PROGRAMS = [
    ("y = A @ x", (2,), lambda A, x: A @ x),
    ("y = (A * x).T", (3, 2), lambda A, x: (A * x).T),
    ("y = torch.outer(x, A.sum(1))", (3, 2), lambda A, x: torch.outer(x, A.sum(1))),
    ("y = A.sum() * x[0]", (), lambda A, x: A.sum() * x[0]),
]
A, X = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [2.0, -1.0, 3.0]


@pytest.mark.parametrize(("program", "shape", "function"), PROGRAMS, ids=[case[0] for case in PROGRAMS])
def test_as_torch_has_it(program, shape, function) -> None:
    inputs = {"A": Input(A, "float64"), "x": Input(X, "float64")}
    found = [find(experiment) for experiment in asked(Expression(program, inputs), shape)]
    truth = torch.autograd.functional.jacobian(function, (torch.tensor(A).double(), torch.tensor(X).double()))
    for name, whole in zip("Ax", truth, strict=True):
        told = [torch.tensor(row.nested()).double() for row in rows(found, name) if row]
        assert torch.equal(torch.stack(told).reshape(whole.shape), whole)


def test_of_a_matrix_times_a_vector_it_is_the_matrix_in_fractions() -> None:
    experiment = Expression("y = A @ x", {"A": [["1/3", 2]], "x": [1, 2]})
    found = [find(one) for one in asked(experiment, (1,))]
    (row,) = rows(found, "x")
    assert row is not None and row.exact == ("1/3", "2")
    assert rows(found, "q") == (None,)


def test_a_large_one_is_refused() -> None:
    with pytest.raises(LimitPassed, match="written out up to"):
        asked(Expression("y = x", {"x": [0.0] * (ROWS + 1)}), (ROWS + 1,))
