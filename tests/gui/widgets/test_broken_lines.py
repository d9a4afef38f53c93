"""Long lines of a program, broken where Python allows."""

import ast

import pytest

from gui.widgets.broken_lines import broken

CASES = [
    ("a short line", "y = conv(x)", 20, "y = conv(x)"),
    (
        "the lesson's input",
        "x = torch.randn(1, 20, 64, 128, requires_grad=True)",
        34,
        "x = torch.randn(1, 20, 64, 128,\n    requires_grad=True)",
    ),
    ("the fewest brackets", "c = nn.Conv2d(20, 16, (3, 5))", 27, "c = nn.Conv2d(20, 16,\n    (3, 5))"),
    ("twice", "f(aaaa, bbbb, cccc)", 11, "f(aaaa,\n    bbbb,\n    cccc)"),
    ("no bracket", "a = b + c + d", 6, "a = b + c + d"),
    ("one long word", "f(abcdefghijklmnop)", 8, "f(abcdefghijklmnop)"),
    ("a text with a space", 'f("a, b", 1)', 6, 'f("a, b",\n    1)'),
    ("inside a block", "with g():\n    f(aaaa, bbbb)", 12, "with g():\n    f(aaaa,\n        bbbb)"),
]


@pytest.mark.parametrize(("line", "columns", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_lines_are_broken_inside_brackets(line, columns, expected):
    assert broken(line, columns) == expected


@pytest.mark.parametrize("columns", range(1, 60))
def test_the_program_stays_the_same(columns):
    program = "import torch\nx = torch.tensor([1, 2, (3, 4)], dtype=torch.float64).reshape(2, 2)\nprint(x, 'a  b')\n"
    shown = broken(program, columns)
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(program))
