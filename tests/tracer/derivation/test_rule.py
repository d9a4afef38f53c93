"""The rule of one operation with its numbers: of every operator what autograd sends, and each calculation is right."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import torch
from reading_calculations import is_right
from rule_cases import CASES, Case, drawn

from tracer.derivation.rule import Done, Operand, rule
from tracer.derived import Path, Rule


def by_torch(case: Case) -> tuple[Done, list[Any]]:
    """Run a case in torch; give what its rule is made of, with what autograd sends to each of its inputs."""
    xs = [torch.tensor(a, requires_grad=a.dtype == np.float64) for a in drawn(case.arguments, 1)]
    found = case.call(case.function, *xs)
    y = found[0] if isinstance(found, tuple) else found
    arriving = np.asarray(np.random.default_rng(5).standard_normal(tuple(y.shape)))
    followed = [x for x in xs if x.requires_grad]
    sent = torch.autograd.grad(y, followed, torch.tensor(arriving), allow_unused=True)
    places = {id(x): n for n, x in enumerate(followed)}
    arrays = [np.zeros(x.shape) if g is None else g.numpy() for x, g in zip(followed, sent, strict=True)]

    def filled(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            at = places.get(id(value))
            return Operand(value.detach().numpy(), "", at, None if at is None else arrays[at])
        return type(value)(map(filled, value)) if type(value) in (list, tuple) else value

    given, options = case.call(lambda *a, **k: (a, k), *xs)
    more = {key: filled(value) for key, value in options.items()}
    return Done(case.name, tuple(map(filled, given)), more, 0, "y", "L", arriving, tolerance=case.tolerance), followed


def texts(path: Path) -> list[str]:
    return ["".join(term.text for term in row) for row in path.worked]


NUMERIC = ("eigvalsh", "where")  # whose call computes with its arguments before it hands them on


@functools.cache
def rules() -> dict[str, list[tuple[str, Rule]]]:
    found: dict[str, list[tuple[str, Rule]]] = {}
    for case in CASES:
        if case.name not in NUMERIC and len(found.get(case.name, [])) < 2:
            done, followed = by_torch(case)
            if followed:
                found.setdefault(case.name, []).append((str(case), rule(done)))
    return found


def test_every_rule_equals_what_autograd_sends() -> None:
    off = [
        (name, path.line.text, path.agreed, path.elements)
        for cases in rules().values()
        for name, one in cases
        for path in one.paths
        if path.agreed != path.elements
    ]
    assert off == []
    assert sum(any(one.paths for _, one in cases) for cases in rules().values()) >= 150


def test_every_calculation_that_is_shown_is_right() -> None:
    read, wrong = 0, []
    for cases in rules().values():
        for name, one in cases:
            for text in (text for path in one.paths for text in texts(path)):
                right = is_right(text)
                read += right is not None
                wrong += [(name, text)] if right is False else []
    assert wrong == []
    assert read > 500


def test_an_operator_without_a_rule_says_so() -> None:
    x = Operand(np.eye(2), "x", 0)
    assert rule(Done("torch.cholesky", (x,), {}, 3, "y", "L", np.eye(2))) == Rule(
        3, "torch.cholesky", "", why="no derivation rule for cholesky"
    )


def square(sent: Any, **more: Any) -> Rule:
    y = Operand(np.array([[-1.0, 0], [1, 2]]), "y", 4, np.array(sent), **more)
    return rule(Done("pow", (y, 2), {}, 2, "", "a", np.full((2, 2), 0.75), dtype="float32"))


def test_the_square_of_the_lesson_with_its_numbers() -> None:
    found = square([[-1.5, 0], [1.5, 3]])
    assert [line.text for line in found.lines] == ["sᵢ = yᵢ²"]
    (path,) = found.paths
    assert path.line.text == "∂a/∂yᵢ = ∂a/∂sᵢ·2yᵢ" and path.edge == 4
    assert texts(path) == ["0.75 · 2 · (−1) = −1.5", "0.75 · 2 · 0 = 0", "0.75 · 2 · 1 = 1.5", "0.75 · 2 · 2 = 3"]
    assert [(term.text, term.role) for term in path.worked[0]] == [
        ("0.75", "gradient"), (" · 2 · (", "sign"), ("−1", "value"), (") = −1.5", "sign"),
    ]  # fmt: skip
    assert path.agreed == path.elements == 4


def test_what_autograd_sends_otherwise_does_not_agree() -> None:
    assert square([[-1.5, 0], [1.5, 3.1]]).paths[0].agreed == 3


def test_one_of_two_ways_says_through_what_it_goes() -> None:
    (path,) = square([[-1.5, 0], [1.5, 3]], edges=2).paths
    assert path.line.parts[0].text == "∂a/∂yᵢ through s"


def test_at_most_eight_elements_are_worked_out() -> None:
    x = Operand(np.arange(100.0), "x", 0)
    (path,) = rule(Done("exp", (x,), {}, 0, "y", "L", np.ones(100))).paths
    assert len(path.worked) == 8 and path.elements == 100 and path.agreed is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2 · (−3) = −6", True),
        ("2 / 3 · 3 = 2", True),
        ("1 − 2² = −3", True),
        ("½ · 3 = 1.5", True),
        ("−2² · 3 = 12", False),
        ("4", None),
    ],
)
def test_calculations_are_read_as_they_are_written(text: str, right: bool | None) -> None:
    assert is_right(text) is right
