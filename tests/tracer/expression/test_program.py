"""What a program does before its backward, as a program of its own."""

from __future__ import annotations

import ast

import pytest

from tracer.expression.program import up_to_backward
from tracer.expression.syntax import read

CUTS = [
    ("y = x * x\nz = y.sum()\nz.backward()\ng = x.grad", 1, "y = x * x\nz = y.sum()"),
    ("y = x.sum()\ny.backward(retain_graph=True)\nx.grad = None\ny.backward()", 2, "y = x.sum()"),
    ("y = x.sum()\ny.backward()\nx.grad.zero_()\nz = (x * 2).sum()\nz.backward()", 2, "y = x.sum()\nz = (x * 2).sum()"),
    ("y = x.sum()\ny.backward()\nz = x.sum()\nz.backward()", 1, "y = x.sum()"),
    ("for i in range(3):\n    x.sum().backward()", 3, None),
    ("y = x.sum().backward()", 1, None),
    ("y = x.sum()\ny.backward()", 2, None),
    ("y = x.sum()", 0, None),
]


@pytest.mark.parametrize(("text", "calls", "before"), CUTS)
def test_what_comes_before_a_backward(text: str, calls: int, before: str | None) -> None:
    found = up_to_backward(read(text, ["x"]), calls)
    assert (found and ast.unparse(found.tree)) == before
