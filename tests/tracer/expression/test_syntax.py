"""What may stand in a program, and what is said about what may not: place, what, and what to write instead."""

from __future__ import annotations

import ast
import json
import pathlib

import pytest

from tracer.errors import InvalidSetting, ProgramError
from tracer.expression import refusals
from tracer.expression.syntax import NESTING, read

CORPORA = pathlib.Path(__file__).parents[2] / "corpora"


def hostile(wanted: str) -> list[str]:
    """Read the programs of the corpus that are to be refused, or to be survived."""
    found = []
    for line in (CORPORA / "hostile_programs.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            expectation, _, text = line.split("\t", 2)
            program = json.loads(text)
            if isinstance(program, dict):
                program = program["prefix"] + program["unit"] * program["times"] + program["suffix"]
            if expectation == wanted:
                found.append(program)
    return found


@pytest.mark.parametrize("program", hostile("refuse"), ids=lambda program: repr(program[:40]))
def test_hostile_programs_are_refused_before_anything_runs(program: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(program, ["x"])
    assert caught.value.where.startswith("line ") and len(caught.value.what) > 10 and caught.value.cure


@pytest.mark.parametrize(
    "case", json.loads((CORPORA / "good_programs.json").read_text()), ids=lambda case: case["name"]
)
def test_good_programs_are_read(case: dict) -> None:
    assert read("\n".join(case["program"]), case["inputs"]).tree.body


REFUSED = [
    # program, place, a piece of what is said, a piece of the cure
    ("y = x − 2", "line 1, column 7", "invalid character", "Write - for minus"),
    ("y = x²", "line 1, column 6", "invalid character", "Write **2"),
    ("y = 3x", "line 1, column 5", "decimal literal", "3*x"),
    ("y = (x", "line 1, column 5", "never closed", "Close it"),
    ("a = x\nimport os", "line 2, column 1", "Nothing can be imported", "torch, F"),
    ("θ = x\ny = θ + eval('1')", "line 2, column 9", "“eval” is no function", "torch"),
    ("y = sin(x)", "line 1, column 5", "“sin” is no function", "Write torch.sin(…)"),
    ("y = torch.sinn(x)", "line 1, column 5", "“torch.sinn” can't be used", "Did you mean torch.sin?"),
    ("y = x.men()", "line 1, column 5", "“.men” is no method", "Did you mean mean?"),
    ("y = x.sum", "line 1, column 5", "stands here without its brackets", "Write .sum()"),
    ("y = torch.sin", "line 1, column 5", "stands here without its brackets", "Write torch.sin(…)"),
    ("y = x.shape()", "line 1, column 5", "“.shape” is no method", "without brackets"),
    ("y = q + 1", "line 1, column 5", "“q” has no value", "line before"),
    ("value = x\ny = valeu + 1", "line 2, column 5", "“valeu” has no value", "Did you mean value?"),
    ("y = F", "line 1, column 5", "“F” by itself is no value", "F.relu(x)"),
    ("print(x)", "line 1, column 1", "Nothing is printed", "beside the program"),
    ("y = x.numpy()", "line 1, column 5", "NumPy", "torch function"),
    ("x.zero_grad()", "line 1, column 1", "belongs to modules and optimizers", "x.grad = None"),
    ("y = torch.autograd.grad(x, x)", "line 1, column 5", "can't be used", "functions that only compute"),
    ("y = Square.apply(x)", "line 1, column 5", "backward of their own", "Add, Split or Max"),
    ("y = x.backward", "line 1, column 5", "without its brackets", "Write .backward()"),
    ("x.data = x", "line 1, column 1", "can't be set", "under with torch.no_grad()"),
    ("x.requires_grad = True", "line 1, column 1", "can't be set", ".requires_grad_()"),
    ("x.shape = 3", "line 1, column 1", "can't be set", "y = …"),
    ("torch.grad = x", "line 1, column 1", "can't be set", "y = …"),
    ("torch.manual_seed(0)", "line 1, column 1", "The seed is not set", "seed of the whole program"),
    ("torch.no_grad()", "line 1, column 1", "for a block", "with torch.no_grad():"),
    ("with open('f') as f:\n    y = x", "line 1, column 1", "Only gradient mode", "with torch.no_grad():"),
    ("with torch.no_grad() as g:\n    y = x", "line 1, column 1", "Only gradient mode", "with torch.no_grad():"),
    ("for i in range(3):\n    y = x\nelse:\n    y = x", "line 1, column 1", "no else", "after the loop"),
    ("if x.sum() > 0:\n    break", "line 2, column 5", "stands in no loop", "Remove it"),
    ("y = [v for v in x]", "line 1, column 5", "comprehension", "for loop"),
    ("y = {1: x}", "line 1, column 5", "dictionary", "list"),
    ("def f(a):\n    return a", "line 1, column 1", "can't be defined", "for loop"),
    ("y: int = 3", "line 1, column 1", "Types", "without a type"),
    ("a, *b = x", "line 1, column 4", "left of =", "a, b"),
    ("y = x.sum(**x)", "line 1, column 5", "“**” can't be used", "by name"),
    ("y = x.sum(dim=0, dim=0)", "line 1, column 5", "given twice", "once"),
    ("y = (x + 1)(x)", "line 1, column 5", "Only functions and methods", "Write * for times"),
    ("y = b'abc'", "line 1, column 5", "Bytes", "numbers"),
    ("y = '" + "a" * 2000 + "'", "line 1, column 5", "longer than", "shorter"),
    ("y = " + "9" * 2000, "line 1, column 5", "digits", "1e30"),
    ("y = x\0", "line 1, column 1", "null bytes", "Remove"),
]


@pytest.mark.parametrize(("program", "where", "what", "cure"), REFUSED, ids=[case[0][:30] for case in REFUSED])
def test_refused(program: str, where: str, what: str, cure: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(program, ["x"])
    assert caught.value.where == where
    assert what in caught.value.what and cure in caught.value.cure


def test_every_kind_of_node_is_allowed_or_refused_in_words() -> None:
    allowed = {kind.__name__ for kind in refusals.ALLOWED_STATEMENTS + refusals.ALLOWED_EXPRESSIONS}
    parts = {"FormattedValue", "Interpolation", "TryStar", "TemplateStr", "TypeAlias"}
    kinds = {kind.__name__ for base in (ast.stmt, ast.expr) for kind in base.__subclasses__()}
    assert kinds - allowed - set(refusals.NODES) <= parts
    assert not allowed & set(refusals.NODES)


@pytest.mark.parametrize("part", [".sin()", " + 1", "[0]"])
def test_nesting_has_a_limit(part: str) -> None:
    assert read("y = x" + part * (NESTING - 10), ["x"])
    with pytest.raises(ProgramError, match=f"more than {NESTING} deep"):
        read("y = x" + part * (NESTING + 10), ["x"])


def test_brackets_that_hold_nothing_new_nest_nothing() -> None:
    assert read("y = " + "(" * 150 + "x" + ")" * 150, ["x"])


def test_names_of_other_scripts_and_line_ends() -> None:
    program = read("\ufeffσ = x\r\nθ = σ * 2\ry = θ", ["x"])
    assert program.lines == ("σ = x", "θ = σ * 2", "y = θ")
    assert program.own == {"σ", "θ", "y", "x"}


def test_a_name_of_the_program_hides_a_namespace() -> None:
    program = read("F = x * 2\ny = F.relu()", ["x"])
    assert "F" in program.own


@pytest.mark.parametrize("name", ["_x", "2x", "x y", "", "ﬁ"])
def test_names_that_no_input_can_have(name: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read("y = 1", [name])
    assert caught.value.where == "inputs"


def test_pieces_of_the_text() -> None:
    program = read("θ = x; y = (θ +\n     1) * (\n     θ - 1)", ["x"])
    first, second = program.tree.body
    assert program.piece(first) == "θ = x"
    assert program.place(second) == "line 1, column 8"
    assert isinstance(second, ast.Assign)
    assert program.piece(second.value) == "(θ + 1) * ( θ - 1)"
    assert program.line(second) == "line 1"
