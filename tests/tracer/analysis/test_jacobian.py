"""Jacobians row by row, against torch's own."""

from __future__ import annotations

import pytest
import torch

from tracer.analysis.jacobian import ROWS, asked, experiments, jacobian, rows
from tracer.errors import LimitPassed, TracerError
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


def table(program: str, **inputs: Input) -> tuple[object, ...]:
    facts = find(Expression(program, dict(inputs)))
    found = jacobian(facts, [find(experiment) for experiment in experiments(facts)])
    return found.rows, found.columns, found.numbers


def test_it_is_a_table_with_named_rows_and_columns() -> None:
    assert table("y = A @ x / 3", A=Input([[1, 2], [0, 6]], requires_grad=False), x=Input([1, 1])) == (
        ("y[0]", "y[1]"),
        ("x[0]", "x[1]"),
        (("1/3", "2/3"), ("0", "2")),
    )
    assert table("a = (x - 2).square().mean() * s", x=Input([[1, 2], [3, 4]]), s=Input(3)) == (
        ("a",),
        ("x[0, 0]", "x[0, 1]", "x[1, 0]", "x[1, 1]", "s"),
        (("−3/2", "0", "3/2", "3", "3/2"),),
    )


def test_its_numbers_are_fractions_all_or_none() -> None:
    _, _, numbers = table("y = x * c", x=Input([1, 2]), c=Input([0.5, "0.1024"], requires_grad=False))
    assert numbers == (("0.5", "0"), ("0", "0.1024"))


def test_what_has_none_says_why() -> None:
    with pytest.raises(TracerError, match="recorded nothing"):
        experiments(find(Expression("y = x.detach()", {"x": [1.0]})))
    with pytest.raises(LimitPassed, match="inputs have 65 elements"):
        experiments(find(Expression("a = x.sum()", {"x": [0.0] * 65})))
