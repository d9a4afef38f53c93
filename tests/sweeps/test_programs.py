"""A sample of drawn programs has no difference, and the sweep finds what is wrong on purpose."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator

import programs
import pytest

from tracer.expression import exact
from tracer.runners.interpreter import operators

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("seed", range(60))
def test_a_drawn_program_is_as_python_and_torch_have_it(seed: int) -> None:
    assert list(programs.differences(programs.program(seed))) == []


def test_the_sample_has_programs_of_each_kind() -> None:
    texts = [programs.program(seed) for seed in range(60)]
    for piece in ("for ", "while ", "if h", "no_grad", "+= ", ".mul_(", "o.backward()", "retain_graph", "x.grad"):
        assert sum(piece in text for text in texts) >= 3, piece


def found(text: str) -> Iterator[str]:
    return programs.differences(f"{text}\no = x.sum() + y.sum()")


def test_a_wrong_operator_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operators.BINARY, ast.Mult, operator.add)  # type: ignore[arg-type]
    assert "another value of y" in list(found("y = x * w"))


def test_a_program_refused_by_one_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(found("y = x @ torch.ones(3)")) == []
    assert next(found("y = x.data")).startswith("refused")
    monkeypatch.setitem(operators.BINARY, ast.MatMult, operator.mul)  # type: ignore[arg-type]
    assert next(found("y = x @ torch.ones(1)")).startswith("not refused")


def test_fractions_are_among_what_is_compared() -> None:
    facts = programs.find(programs.Expression("y = x * 2\no = y.sum()", {"x": [1, 2]}))
    assert exact.RULES and all(t.values and t.values.exact for t in facts.tensors)
