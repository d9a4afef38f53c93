"""Exact fractions of programs: against sympy's own derivatives, rule by rule against torch, and where they end."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy

from tracer.experiment import Expression, Input
from tracer.expression import exact
from tracer.facts import Facts, from_json, to_json
from tracer.runners.expression import find


def values(facts: Facts, name: str) -> tuple[str, ...] | None:
    return next(t.values and t.values.exact for t in facts.tensors if t.name == name)


def gradient(facts: Facts, name: str) -> tuple[str, ...] | None:
    node = next(tensor.node for tensor in facts.tensors if tensor.name == name)
    return next(row.values and row.values.exact for row in facts.gradients or () if row.node == node)


def test_the_lessons_fractions() -> None:
    found = find(Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": [[1, 2], [3, 4]]}))
    facts = from_json(to_json(found))
    assert [t.values and t.values.exact for t in facts.tensors] == [
        ("1", "2", "3", "4"),
        ("-1", "0", "1", "2"),
        ("1", "0", "1", "4"),
        ("3", "0", "3", "12"),
        ("9/2",),
    ]
    assert [row.values and row.values.exact for row in facts.gradients or ()] == [
        ("-3/2", "0", "3/2", "3"),
        ("-3/2", "0", "3/2", "3"),
        ("3/4",) * 4,
        ("1/4",) * 4,
        ("1",),
    ]
    assert [row.values and row.values.exact for row in facts.edge_gradients or ()] == [
        ("-3/2", "0", "3/2", "3"),
        ("-3/4", "0", "3/4", "3/2"),
        ("-3/4", "0", "3/4", "3/2"),
        ("3/4",) * 4,
        ("1/4",) * 4,
    ]
    assert [line.values and line.values.exact for line in facts.lines][-1] == ("9/2",)


def test_what_is_found_by_hand_has_the_fractions_that_it_agrees_with() -> None:
    found = find(Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": [[1, 2], [3, 4]]}))
    rules = [row.rule.values.exact for row in found.gradients or () if row.rule and row.rule.values]
    assert rules == [("-3/2", "0", "3/2", "3"), ("-3/2", "0", "3/2", "3"), ("1/4",) * 4, ("1",)]


def test_without_exact_nothing_is_a_fraction() -> None:
    found = find(Expression("y = x / 3\na = y.sum()", {"x": [1, 2]}, exact=False))
    rows = [*found.tensors, *(found.gradients or ()), *(found.edge_gradients or ()), *found.lines]
    assert [row.values.exact for row in rows if row.values] == [None] * len(rows)


def random_program(seed: int) -> str:
    """Write a rational function of a and b over a few lines, with decimals and fractions in it."""
    dice = random.Random(seed)
    names = ["a", "b"]
    lines = []
    for number in range(6):
        left, right = dice.choice(names), dice.choice(names)
        lines.append(
            f"t{number} = "
            + dice.choice(
                (
                    f"{left} + {right} * {dice.randint(-3, 3)}",
                    f"{left} * {right} - 0.{dice.randint(1, 9)}",
                    f"{left} / ({right} ** 2 + 3)",
                    f"-({left} + 1/{dice.randint(2, 7)}) ** {dice.randint(1, 3)}",
                    f"{dice.randint(1, 3)} - {left} * 1.5",
                    f"2 / ({right} * {right} + 1)",
                )
            )
        )
        names.append(f"t{number}")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(25))
def test_random_rational_functions_as_sympy_has_them(seed: int) -> None:
    program = random_program(seed)
    facts = find(Expression(program, {"a": Input("2/3", "float64"), "b": Input(-1.25, "float64")}))
    a, b = sympy.symbols("a b")
    names: dict[str, Any] = {"a": a, "b": b}
    for line in program.splitlines():
        name, _, right = line.partition(" = ")
        names[name] = sympy.nsimplify(sympy.sympify(right, locals=names, rational=True))
    at = {a: sympy.Rational(2, 3), b: sympy.Rational(-5, 4)}
    output = names["t5"]
    if facts.graph.nodes:
        assert values(facts, "t5") == (str(output.subs(at)),)
        for symbol in (a, b):
            slope = output.diff(symbol).subs(at)
            if any(tensor.name == symbol.name and tensor.node is not None for tensor in facts.tensors):
                found = gradient(facts, symbol.name)
                assert found == (str(slope),) or (found is None and too_long(slope))


def too_long(slope: Any) -> bool:
    return max(int(slope.p).bit_length(), int(slope.q).bit_length()) > exact.BITS


PROGRAMS = {
    "add": "y = torch.add(x, w) + x",
    "sub": "y = (x - w) + torch.subtract(2, x) if False else x.sub(w) - 1",
    "mul": "y = x.mul(w) * 3",
    "div": "y = x / w / 4",
    "neg": "y = -x",
    "positive": "y = +x * 2",
    "clone": "y = x.clone() * w.contiguous()",
    "double": "y = x.double() * 2",
    "detach": "y = x * w.detach()",
    "item": "y = x * w[0, 0].item()",
    "matmul": "y = x @ w",
    "mv": "y = x @ w[0]",
    "dot": "y = x[0] @ w[1]",
    "abs": "y = x.abs() * 2",
    "reshape": "y = x.reshape(4, 1) * w.view(1, -1)",
    "flatten": "y = x.flatten() @ w.ravel()",
    "t": "y = x.T @ w.t()",
    "mT": "y = x.mT * w",
    "transpose": "y = x.transpose(0, 1) * w.permute(1, 0)",
    "pow": "y = x ** 3 + x.pow(-2) + x ** 2.0",
    "square": "y = x.square() * w",
    "reciprocal": "y = x.reciprocal() + 1 / w + 3 / x",
    "outer": "y = torch.outer(x[0], w[1])",
    "sum": "y = x.sum() * w.sum(0) + x.sum(dim=1, keepdim=True)",
    "mean": "y = x.mean() * w.mean(1) + x.mean(dim=0, keepdim=True)",
    "relu": "y = torch.relu(x) + F.relu(-w)",
    "maximum": "y = torch.maximum(x, w) * torch.minimum(x, w)",
    "max": "y = x.max() * w.min()",
    "ties": "y = torch.maximum(x, x * 1).sum() + (x * 0 + w[0, 0]).max()",
    "trace": "y = (x @ w).trace()",
    "squeeze": "y = x.unsqueeze(0).squeeze() * w",
    "expand": "y = x[:, :1].expand(2, 3) * w[0, 0]",
    "unbind": "a, b = x\ny = a * b",
    "rows": "y = 0\nfor row in x:\n    y = y + row * row",
    "stack": "y = torch.stack([x, w, x]) * 2",
    "cat": "y = torch.cat([x, w], 1) @ torch.ones(4, dtype=torch.float64)",
    "getitem": "y = x[0, 1:] * w[..., None, 1]",
    "tensor": "y = x * torch.tensor([0.1, 2.5]) + torch.full((2, 2), 0.3)",
    "made": "y = x * torch.arange(2) + torch.eye(2, dtype=x.dtype) @ x - torch.zeros_like(x) + torch.ones_like(w)",
    "zeros": "y = x * (torch.zeros(2) + torch.ones(2))",
    "Add": "y = Add(x, w)",
    "Split": "a, b = Split(x)\ny = a * b",
    "Max": "y = Max(x)",
    "one name": "h = 0.5\ny = x * h\nh = h + 0.25\ny = y * h",
    "backward": "y = (x * w).sum()\ny.backward(torch.tensor(0.1))",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_rule_gives_fractions_all_the_way(name: str) -> None:
    """What torch finds lets only those through that are right; so it is enough that none is lacking."""
    inputs = {"x": [["1/3", -2], [0.7, 5]], "w": [[3, "-2/7"], [0.25, 4]]}
    facts = find(Expression(PROGRAMS[name], {key: Input(value, "float64") for key, value in inputs.items()}))
    leaves = [node.index for node in facts.graph.nodes if node.kind == "leaf"]
    rows = {row.node: row for row in facts.gradients or ()}
    assert leaves and all(rows[leaf].values and rows[leaf].values.exact for leaf in leaves)  # type: ignore[union-attr]
    assert values(facts, "y") is not None


NOT_KNOWN = [
    ("y = x.exp() * 2", [1, 2]),
    ("y = x ** 0.5", [4, 9]),
    ("y = torch.linalg.norm(x) * x", [3, 4]),
    ("y = x / 0", [1, 2]),
    ("y = x ** -1", [0, 1]),
    ("y = x * 1", [0.1234567890123456, 1]),
    ("y = x * 1", ["NaN", 1]),
    ("y = (x + 100000000) - 100000000", ["1/3", 1]),
    ("y = x\nfor i in range(12):\n    y = y * y + 1/3", ["1/3", "2/7"]),
]


@pytest.mark.parametrize(("program", "x"), NOT_KNOWN)
def test_what_is_no_fraction_has_none(program: str, x: list[Any]) -> None:
    facts = find(Expression(program, {"x": x}))
    assert values(facts, "y") is None


def test_a_gradient_to_start_from_is_read_as_it_is_typed() -> None:
    facts = find(Expression("y = x * 3", {"x": [1, 2]}, gradient=["1/3", 0.1]))
    assert gradient(facts, "x") == ("1", "3/10")
    assert gradient(find(Expression("y = x * 3", {"x": [1, 2]}, gradient=["NaN", 1])), "x") is None


def test_a_wrong_rule_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "RULES", {**exact.RULES, "mul": lambda a, b: a + b})
    facts = find(Expression("y = x * 3", {"x": [1, 5]}))
    assert values(facts, "y") is None and gradient(facts, "x") is None


def test_a_float_is_the_decimal_that_was_typed_or_nothing() -> None:
    assert [exact.number(value) for value in (0.1, "2/3", 3, "-1e-3", 1 / 3, float("inf"), "1+2j", "x")] == [
        Fraction(1, 10),
        Fraction(2, 3),
        Fraction(3),
        Fraction(-1, 1000),
        None,
        None,
        None,
        None,
    ]


def test_what_is_changed_in_place_is_known_no_more() -> None:
    facts = find(Expression("c = torch.tensor([1.0, 2.0])\ny = x + c\nc += x.detach().exp()\nz = y * c", {"x": [1, 2]}))
    assert values(facts, "y") == ("2", "4") and values(facts, "z") is None
