"""Loops whose passes are alike are written once; those that are not are written out."""

from __future__ import annotations

import numpy as np
import pytest
from small_programs import derived, text


def test_a_loop_is_a_recurrence_and_its_closed_form() -> None:
    lines = text(derived("y = 3*x\nfor k in range(5):\n    y = y/2", {"x": [1.0, 2.0]}), "x")
    assert "y⁽ᵗ⁾ᵢ = ½·y⁽ᵗ⁻¹⁾ᵢ, t = 1 … 5" in lines
    assert "y⁽⁵⁾ᵢ = ½⁵·y⁽⁰⁾ᵢ = ½⁵·3xᵢ" in lines or "y⁽⁵⁾ᵢ = (½)⁵·y⁽⁰⁾ᵢ = (½)⁵·3xᵢ" in lines
    assert not any("y⁽³⁾" in line for line in lines)


def test_what_every_pass_uses_is_a_sum_over_the_passes() -> None:
    program = "for t in range(4):\n    h = torch.tanh(W @ x + U @ h)\nL = (h**2).sum()"
    lines = text(derived(program, {"x": "2", "W": "3x2", "U": "3x3", "h": "3"}, "x h"), "U")
    assert "∂L/∂Uᵢⱼ = Σₜ ∂L/∂h⁽ᵗ⁾ᵢ·(1 − (h⁽ᵗ⁾ᵢ)²)·h⁽ᵗ⁻¹⁾ⱼ, t = 1 … 4" in lines


@pytest.mark.parametrize("passes", [3, 6, 40])
def test_a_folded_loop_has_as_many_lines_however_long_it_runs(passes: int) -> None:
    found = derived(f"y = x\nfor k in range({passes}):\n    y = y - 0.1*y**3", {"x": [0.5, 0.7]})
    assert len(text(found, "x")) < 20
    y, slope = np.array([0.5, 0.7]), np.ones(2)
    for _ in range(passes):
        y, slope = y - 0.1 * y**3, slope * (1 - 0.3 * y**2)
    np.testing.assert_allclose(found.derived[0].value, slope)  # type: ignore[arg-type]


def test_passes_that_differ_are_written_out() -> None:
    lines = text(derived("y = x*0\nfor k in range(1, 5):\n    y = y + x**k/k", {"x": [0.5]}), "x")
    assert not any("⁽ᵗ⁾" in line for line in lines) and any(line.startswith("y⁽³⁾") for line in lines)
    assert lines[-1].endswith("= 1 + x₀ + x₀² + x₀³") or lines[-1].endswith("= 1 + xᵢ + xᵢ² + xᵢ³")
