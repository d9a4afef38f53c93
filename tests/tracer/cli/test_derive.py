"""`gradtrace derive`: the lesson by hand, in the terminal."""

from __future__ import annotations

import json

import pytest

from tracer.cli.main import DONE, NO, REFUSED, answer

LESSON = ["derive", "y = x - 2; z = y*y*3; a = z.mean()", "--set", "x=[[1,2],[3,4]]", "--device", "cpu"]


def test_the_lesson_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(LESSON) == DONE
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        "∂a/∂x by hand",
        "i runs over all 4 elements",
        "yᵢ = xᵢ − 2",
        "zᵢ = 3yᵢ² = 3(xᵢ − 2)²",
        "a = ¼ Σᵢ zᵢ = ¼ Σᵢ 3(xᵢ − 2)²",
        "∂a/∂xᵢ = ∂a/∂zᵢ·∂zᵢ/∂yᵢ·∂yᵢ/∂xᵢ = ¼·3·2yᵢ",
        "∂a/∂xᵢ = ¼·3·2(xᵢ − 2) = 3⁄2·(xᵢ − 2) = 1.5xᵢ − 3",
        "∂a/∂x = [[−1.5, 0], [1.5, 3]]",
        "equals x.grad on all 4 elements",
    ]


def test_latex_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--latex"]) == DONE
    assert capsys.readouterr().out.startswith(r"\begin{aligned}y_{i} &= x_{i} - 2 \\ ")
    assert answer([*LESSON, "--json", "--by", "x"]) == DONE
    (found,) = json.loads(capsys.readouterr().out)["derivations"]
    assert (found["name"], found["of"], found["complete"]) == ("x", "a", True)


def test_a_line_that_two_inputs_share_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["derive", "z = w @ x", "--set", "w=[1,1,1]", "--set", "x=[1,2,3]"]) == DONE
    printed = capsys.readouterr().out
    assert printed.count("z = Σᵢ wᵢ·xᵢ") == 1 and "∂z/∂w = x" in printed and "∂z/∂x = w" in printed


def test_what_can_not_be_derived_is_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["derive", "y = torch.matrix_exp(x)", "--set", "x=[[1,2],[3,4]]"]) == NO
    assert "Not complete: line 1: no derivation rule for matrix_exp" in capsys.readouterr().out
    assert answer(["derive", "y = x*2", "--set", "x=[1]", "--by", "q"]) == REFUSED
    assert capsys.readouterr().err.count("\n") == 1


def test_the_layout_of_the_numbers_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--layout", "numerator"]) == DONE
    assert "∂a/∂x = [[−1.5, 1.5], [0, 3]]" in capsys.readouterr().out
    assert answer([*LESSON, "--layout", "sideways"]) == REFUSED
    assert capsys.readouterr().err.count("\n") == 1


def test_expr_shows_the_derivation_and_its_numbers_in_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["expr", *LESSON[1:]]) == DONE
    printed = capsys.readouterr().out
    assert "by hand" in printed and "equals x.grad on all 4 elements" in printed
