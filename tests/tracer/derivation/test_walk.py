"""What ran is what is derived: branches, passes, changes in place, and what cuts the way."""

from __future__ import annotations

import numpy as np
import pytest
from small_programs import derived, text

from tracer.derivation.state import NotDerived

X = {"x": [1.0, -2.0, 3.0]}


def gradient(program: str, **inputs: object) -> list[float]:
    found = derived(program, dict(inputs) or X)
    assert found.derived[0].value is not None
    return found.derived[0].value.tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("y = x\nif x.sum() > 0:\n    y = y * 2\nelse:\n    y = y * 3", [2, 2, 2]),
        ("y = x * 0\nfor i in range(5):\n    if i % 2:\n        continue\n    y = y + i*x", [6, 6, 6]),
        ("y = x * 2\ny.add_(1)\ny.mul_(3)\nz = y + x", [7, 7, 7]),
        ("y = x * 1\ny += x\ny *= 2", [4, 4, 4]),
        ("y = x.detach() * x", [1, -2, 3]),
        ("with torch.no_grad():\n    c = x * 2\ny = c * x", [2, -4, 6]),
        ("with torch.inference_mode():\n    c = x * 2\ny = c.clone() * x", [2, -4, 6]),
        ("with torch.no_grad():\n    with torch.enable_grad():\n        c = x * 2\ny = c * x", [4, -8, 12]),
        ("c = x.sum().item()\ny = x * c", [2, 2, 2]),
        ("ys = []\nfor r in x:\n    ys.append(r * r)\ny = torch.stack(ys)", [2, -4, 6]),
        ("a, b, c = x\ny = a * b + c", [-2, 1, 1]),
        ("y = sum([x[0], x[1]]) * len(x)", [3, 3, 0]),
        ("y = x * (2 if x[0] > 0 else 3)", [2, 2, 2]),
        ("i = 0\nwhile True:\n    i += 1\n    if i > 3:\n        break\ny = x * i", [4, 4, 4]),
        ("y = torch.sum(input=x * x, dim=0)", [2, -4, 6]),
        ("y = x\nz = y\nz = z * 2\nw = y + z", [3, 3, 3]),
        ("y = (x > 0).float() * x", [1, 0, 1]),
    ],
)
def test_gradients_of_what_ran(program: str, expected: list[float]) -> None:
    assert gradient(program) == expected


def test_the_way_that_ran_is_told() -> None:
    found = text(derived("y = x * 2\nif y.sum() > 100:\n    y = y * 3\nfor i in range(2):\n    y = y * y", X), "x")
    assert found[:2] == ["line 2: y.sum() > 100 is False", "line 4 ran 2 times"]


@pytest.mark.parametrize(
    ("program", "line", "what"),
    [
        ("y = x * 2\nv = y[0]\nv.mul_(5)\nz = y.sum()", "line 3", "through a view"),
        ("y = x * 2\ny[0] = 1\nz = y.sum()", "line 2", "a part of a tensor"),
        ("y = torch.linalg.cholesky(x)", "line 1", "no derivation rule for cholesky"),
        ("y = x.norm(p=float('inf'))", "line 1", "order inf"),
        ("y = x // 2", "line 1", "floor_divide here: there is no derivative of //"),
        ("y = x.argmax()", "", "Autograd does not follow the output"),
    ],
)
def test_what_is_not_followed_says_its_line(program: str, line: str, what: str) -> None:
    with pytest.raises(NotDerived, match=what) as caught:
        derived(program, X)
    assert caught.value.where == line


def test_names_that_are_given_again_have_primes_or_numbers() -> None:
    lines = text(derived("y = x * 2\ny = y.sin()\ny = y * y", X), "x")
    assert lines[:3] == ["yᵢ = 2xᵢ", "y′ᵢ = sin(yᵢ) = sin(2xᵢ)", "y″ᵢ = y′ᵢ²"]
    more = text(derived("y = x\n" + "y = y * x\n" * 5, X), "x")
    assert "y⁽⁴⁾ᵢ = y⁽³⁾ᵢ·xᵢ" in more


def test_index_letters_are_never_names() -> None:
    lines = text(derived("i = x * 2\nL = (i * i).sum()", X), "x")
    assert "iⱼ = 2xⱼ" in lines


def test_a_non_scalar_output_is_derived_as_its_weighted_sum() -> None:
    found = derived("L = x * 2", X, gradient=[1.0, 0.0, 0.5])
    assert "S = Σᵢ vᵢ·Lᵢ = Σᵢ vᵢ·2xᵢ" in text(found, "x")
    np.testing.assert_array_equal(found.derived[0].value, [2, 0, 1])  # type: ignore[arg-type]


def test_what_is_computed_without_gradients_is_told_too() -> None:
    found = derived("with torch.no_grad():\n    c = (x @ x).det()\nL = (c * x).sum()", {"x": [[2.0, 1.0], [0.0, 3.0]]})
    said = text(found, "x")
    assert "c is the determinant of what it was given" in said
    assert found.derived[0].value is not None and found.derived[0].value.tolist() == [[36.0, 36.0], [36.0, 36.0]]
