"""Programs → derivations held to autograd: the corpus, what has no rule, and what becomes of a disagreement."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
import pytest

import tracer
from tracer.analysis.derivation import derivation
from tracer.analysis.gradients import gradients
from tracer.derivation import verdict
from tracer.derivation.verdict import Verdict
from tracer.errors import TracerError
from tracer.experiment import Expression, Input
from tracer.facts import Facts, from_json, to_json
from tracer.runners.expression import find

GOOD = json.loads((pathlib.Path(__file__).parents[2] / "corpora" / "good_programs.json").read_text())
INCOMPLETE = {
    "in-place write through view": "Line 3: writing in place through a view is not followed",
    "cholesky": "line 2: no derivation rule for cholesky",
    "matrix power and exp": "line 1: no derivation rule for matrix_exp",
    "complex arithmetic": "Line 1: no derivation rule for complex",
    "nan and inf values": "not all numbers are finite there",
    "nan_to_num": "not all numbers are finite there",
}


def test_what_is_complete_equals_autograd_and_most_is_complete() -> None:
    complete = []
    for case in GOOD:
        inputs = {name: Input(i["value"], i["dtype"], i["requires_grad"]) for name, i in case["inputs"].items()}
        facts = find(Expression("\n".join(case["program"]), inputs, case["output"]))
        for one in facts.derivations:
            assert one.complete is (one.why is None)
            assert one.complete or INCOMPLETE[case["name"]] in (one.why or "")
        whole = bool(facts.derivations) and all(one.complete for one in facts.derivations)
        assert whole or case["name"] in INCOMPLETE or not case["requires_grad"]
        complete.append(whole)
        for row in gradients(facts) if whole else ():
            assert row.rule is None or row.rule.agreed == row.rule.tried, (case["name"], row.name)
    assert sum(complete) >= 82 > 0.75 * len(GOOD)


def found(program: str, **inputs: Any) -> Facts:
    return find(Expression(program, inputs))


def test_the_lesson_ends_with_its_numbers_and_what_they_equal() -> None:
    facts = found("y = x - 2; z = y*y*3; a = z.mean()", x=[[1, 2], [3, 4]])
    one = derivation(from_json(to_json(facts)), "x")
    assert one.complete and one.text.split("\n")[-3:] == [
        "∂a/∂xᵢ = ¼·3·2(xᵢ − 2) = 3⁄2·(xᵢ − 2) = 1.5xᵢ − 3",
        "∂a/∂x = [[−1.5, 0], [1.5, 3]]",
        "equals x.grad on all 4 elements",
    ]
    assert one.latex.endswith(
        r"\frac{\partial a}{\partial x} &= \begin{bmatrix} -1.5 & 0 \\ 1.5 & 3 \end{bmatrix}\end{aligned}"
    )
    assert [(line.name, line.source) for line in one.lines if line.kind == "definition"] == [
        ("y", "line 1"),
        ("z", "line 1"),
        ("a", "line 1"),
    ]


def test_every_named_value_has_its_number_by_hand() -> None:
    rows = {row.name: row.rule for row in gradients(found("y = x - 2; z = y*y*3; a = z.mean()", x=[[1, 2], [3, 4]]))}
    by_hand = {name: rule.values.nested() for name, rule in rows.items() if rule and rule.values}
    assert by_hand == {
        "x": [[-1.5, 0], [1.5, 3]],
        "y": [[-1.5, 0], [1.5, 3]],
        "z": [[0.25, 0.25], [0.25, 0.25]],
        "a": 1,
    }


def test_the_doubling_loop_is_a_power_of_two() -> None:
    program = "y = x * 2\nwhile y.norm() < 1000:\n    y = y * 2"
    one = find(Expression(program, {"x": [0.5, -1, 1]}, gradient=[0.1, 1, "0.0001"])).derivations[0]
    assert one.complete
    for line in ("y⁽ᵗ⁾ᵢ = 2y⁽ᵗ⁻¹⁾ᵢ, t = 1 … 9", "y⁽⁹⁾ᵢ = 2⁹·y⁽⁰⁾ᵢ = 2¹⁰·xᵢ", "∂L/∂x = [102.4, 1024, 0.1024]"):
        assert line in one.text.split("\n")
    assert "line 2 ran 9 times, while y.norm() < 1000" in one.text


def test_what_has_no_rule_is_said_node_by_node() -> None:
    facts = found(
        "m = x @ x.T + torch.eye(2)\nc = torch.linalg.cholesky(m)\nL = (c * w).sum()", x=[[1, 2], [3, 4]], w=[1, 2]
    )
    by_x, by_w = facts.derivations
    assert by_w.complete and not by_x.complete
    assert by_x.why == "line 2: no derivation rule for cholesky"
    missing = [line.text for line in by_x.lines if line.kind == "missing"]
    assert missing == [
        "∂L/∂m can't be derived: line 2: no derivation rule for cholesky; its number is that of autograd"
    ]
    rules = {row.name: row.rule for row in gradients(facts)}
    assert rules["c"] is not None and rules["m"] is None  # its number is autograd's alone
    assert not any(line.kind == "verdict" for line in by_x.lines)


def test_an_operator_without_a_rule_on_the_way_leaves_the_other_inputs_derived() -> None:
    by_x, by_w = found("L = (torch.matrix_exp(x) * w).sum()", x=[[1, 2], [3, 4]], w=[1, 2]).derivations
    assert by_w.complete and by_x.why == "line 1: no derivation rule for matrix_exp"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("y = x * torch.rand(2)", "draws random numbers"),
        ("y = torch.zeros(2)\ny[0] = x[0]\nz = y * 2", "writing into a part of a tensor is not followed"),
        ("c = torch.zeros(2000, 2000)\ny = x * c[0, 0]", "computes too much to be derived by hand"),
        ("y = x * 2\ni = 0\nwhile i < 3000:\n    i += 1", "computes too much to be derived by hand"),
        ("y = x * 1\nfor i in range(300):\n    y = y + x", "too many steps to be written down"),
    ],
)
def test_what_is_not_derived_says_why(program: str, why: str) -> None:
    one = found(program, x=[1.0, 2.0]).derivations[0]
    assert not one.complete and one.lines == () and why in (one.why or "")


def test_an_input_without_a_part_in_the_output_says_so() -> None:
    one = found("y = x * 2", x=[1.0], w=[1.0]).derivations[1]
    assert not one.complete and one.why == "w has no part in y, so there is nothing to derive"


def test_notes_tell_of_kinks_and_of_what_is_held_constant() -> None:
    text = found("h = torch.relu(x)\nL = (h * x.detach()).sum()", x=[0.0, 1.0]).derivations[0].text
    assert "Line 1: relu has a kink at 0: torch takes the derivative 0 there, which is a choice." in text
    assert "c is held constant by detach" in text


def test_a_deep_program_is_told_and_its_numbers_stand() -> None:
    facts = found("y = " + "(" * 150 + "x" + " + x)" * 150, x=[1.0])
    assert facts.gradients and facts.derivations[0].why in (None, "The program is nested too deep to be derived")


HAND, AUTOGRAD, DIFFERENCES = np.array([1.0, 2.0]), np.array([1.0, 5.0]), np.array([1.0, 5.0000001])


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        (DIFFERENCES, "finite differences agree with autograd"),
        (np.array([1.0, 2.0]), "finite differences agree with the derivation"),
        (np.array([1.0, 9.0]), "finite differences agree with neither"),
        (None, "no finite differences tell which one is off"),
    ],
)
def test_a_disagreement_hides_the_derivation_and_says_which_one_differs(differences: Any, words: str) -> None:
    one = verdict.Derived("x", "L", (), HAND)
    shown = verdict.derivation(one, Verdict.of(HAND, AUTOGRAD, differences, 1e-9))
    assert not shown.complete and shown.lines == ()
    assert shown.why == f"The derivation equals autograd on 1 of 2 elements of x only, so it is not shown: {words}"


def test_the_recording_gives_a_derivation_by_name() -> None:
    recording = tracer.run(tracer.Expression("z = w @ x", {"w": [1, 1, 1], "x": [1, 2, 3]}))
    assert "∂z/∂w = x" in recording.derivation("w").text
    with pytest.raises(TracerError, match="Choose one of w, x"):
        recording.derivation("q")
    with pytest.raises(TracerError, match="Only a program"):
        tracer.run(tracer.Expression("y = x * 2", {"x": Input([1.0], requires_grad=False)})).derivation("x")


def test_a_program_that_goes_backward_itself_is_derived_up_to_there() -> None:
    found = tracer.run(tracer.Expression("y = x - 2; z = y*y*3; a = z.mean(); a.backward()", {"x": [[1, 2], [3, 4]]}))
    derivation = found.derivation("x")
    assert derivation.complete and derivation.lines[-1].text == "equals x.grad on all 4 elements"
    loop = tracer.run(tracer.Expression("for i in range(2):\n    a = (x*x).sum()\n    a.backward()", {"x": [1.0, 2]}))
    assert not loop.derivation("x").complete
