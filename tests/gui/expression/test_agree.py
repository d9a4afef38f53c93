"""What the table says of whether autograd, the derivation and finite differences agree."""

import msgspec
import pytest

from gui.expression.tables import GRADIENTS, Variable
from tracer.analysis.gradients import gradients
from tracer.analysis.shapes import shapes
from tracer.experiment import Expression
from tracer.facts import Check
from tracer.runners.expression import find

FACTS = find(Expression("y = x * x\na = y.sum()", {"x": [1.0, 2.0]}))
AGREE = GRADIENTS[-1]
ALL, SOME = Check(4, 4, 0.0), Check(4, 3, 0.5)


def row(rule: Check | None, check: Check | None) -> Variable:
    gradient = msgspec.structs.replace(gradients(FACTS)[-1], rule=rule, check=check)
    return Variable(shapes(FACTS)[0], gradient)


@pytest.mark.parametrize(
    ("rule", "check", "words", "colour"),
    [
        (None, None, "–", "muted"),
        (ALL, None, "✓ 4 of 4", "leaf_text"),
        (ALL, ALL, "✓ 4 of 4", "leaf_text"),
        (SOME, ALL, "✗ by hand: 3 of 4", "problem"),
        (ALL, SOME, "✗ finite difference: 3 of 4", "problem"),
        (None, SOME, "✗ finite difference: 3 of 4", "problem"),
        (SOME, SOME, "✗ autograd differs", "problem"),
    ],
)
def test_which_one_differs_is_said(rule: Check | None, check: Check | None, words: str, colour: str) -> None:
    assert AGREE.title == "agree"
    assert (AGREE.text(row(rule, check)), AGREE.colour(row(rule, check))) == (words, colour)
