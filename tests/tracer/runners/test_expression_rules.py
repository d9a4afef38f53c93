"""The rules of a program's nodes: with the names and numbers of the run, held to what autograd sent on each edge."""

from __future__ import annotations

import pytest

from tracer.derived import Rule
from tracer.experiment import Expression, Input
from tracer.facts import Facts, from_json, to_json
from tracer.runners.expression import find


def run(program: str, **inputs: object) -> Facts:
    return find(Expression(program, {name: Input(values) for name, values in inputs.items()}, device="cpu"))


def by_node(facts: Facts) -> dict[str, Rule]:
    return {facts.graph.nodes[rule.node].name: rule for rule in facts.rules}


LESSON = run("y = x - 2\nz = 3*y**2\na = z.mean()", x=[[1, 2], [3, 4]])


def test_the_lesson_has_the_rule_of_each_node() -> None:
    told = {name: [path.line.text for path in rule.paths] for name, rule in by_node(LESSON).items()}
    assert told == {
        "SubBackward0": ["∂a/∂xᵢ = ∂a/∂yᵢ"],
        "PowBackward0": ["∂a/∂yᵢ = ∂a/∂sᵢ·2yᵢ"],
        "MulBackward0": ["∂a/∂sᵢ = ∂a/∂zᵢ·3"],
        "MeanBackward0": ["∂a/∂zᵢ = ¼"],
    }
    assert all(path.agreed == path.elements == 4 for rule in LESSON.rules for path in rule.paths)


def test_a_recording_keeps_them() -> None:
    assert from_json(to_json(LESSON)).rules == LESSON.rules


PROGRAMS = [
    ("y = x*x + x", {"x": [1.0, 2.0]}),
    ("y = w @ x\nL = (y - 1).pow(2).mean()", {"w": [[1.0, 2], [3, 4]], "x": [1.0, -1]}),
    ("s = torch.softmax(x, 0)\nL = (s*s).sum()", {"x": [1.0, 2.0, 3.0]}),
    ("y = x[1:] - x[0]\nL = torch.cat([y, x]).prod()", {"x": [1.0, 2.0, 3.0]}),
    ("v, k = x.max(1)\nL = v.norm() * torch.relu(x).sum()", {"x": [[1.0, 2.0], [-3.0, 1.0]]}),
    ("y = x*2\nwhile y.norm() < 20:\n    y = y*2", {"x": [1.0, 2.0]}),
    ("y = x*2\ny.sum().backward()", {"x": [1.0, 2.0]}),
]


@pytest.mark.parametrize(("program", "inputs"), PROGRAMS)
def test_what_each_rule_gives_is_what_autograd_sent(program: str, inputs: dict[str, object]) -> None:
    facts = run(program, **inputs)
    operations = [node for node in facts.graph.nodes if node.kind == "operation"]
    assert len(facts.rules) == len(operations) and all(rule.why is None for rule in facts.rules)
    edges = {path.edge for rule in facts.rules for path in rule.paths}
    assert edges == set(range(len(facts.graph.edges)))
    assert all(path.agreed == path.elements for rule in facts.rules for path in rule.paths)


def test_what_torch_composes_and_what_has_no_formula_say_so() -> None:
    rules = by_node(run("y = F.cross_entropy(x, torch.tensor([1]))", x=[[1, 2]]))
    assert rules["NllLossBackward0"].why == "Its numbers are not put in here" and rules["NllLossBackward0"].operator
    rules = by_node(run("y = torch.linalg.cholesky(x)", x=[[2, 0], [0, 2]]))
    assert "no formula for LinalgCholeskyExBackward0" in [rule.why for rule in rules.values()]


def test_numbers_that_were_changed_in_place_since_are_not_put_in() -> None:
    facts = run("y = x*1\nz = y + 1\nz.mul_(3)\nL = z.sum()", x=[1, 2])
    told = {facts.graph.nodes[rule.node].source: rule for rule in facts.rules}
    assert told["line 4"].paths and not any(path.agreed != path.elements for rule in facts.rules for path in rule.paths)
    assert not told["line 3"].paths and told["line 3"].why == "Its numbers are not put in here"


def test_complex_numbers_are_not_put_in() -> None:
    facts = run("y = torch.fft.fft(x)\nz = y * 2j\nL = z.abs().sum()", x=[1, 2, 3])
    told = {facts.graph.nodes[rule.node].name: rule for rule in facts.rules}
    assert told["MulBackward0"].why == told["AbsBackward0"].why == "Its numbers are complex, and are not put in"
    assert told["SumBackward0"].paths


def test_a_long_program_has_formulas_without_numbers() -> None:
    facts = run("for n in range(120):\n    x = x + 1", x=[1])
    assert len(facts.rules) == 120 and {rule.operator for rule in facts.rules} == {"x + y"}
    assert {rule.why for rule in facts.rules} == {"Numbers are put in where there are up to 100 operations"}
