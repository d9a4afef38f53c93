"""What is offered at a node, and the sentence where nothing can be."""

from __future__ import annotations

import pytest

from tracer.experiment import Expression, Input
from tracer.expression.what_if import NAMELESS, what_if
from tracer.runners.expression import find

LONG = Expression("y = (x *\n     x)\nz = (y * w).sum()", {"x": Input([1, 2]), "w": Input([3, 4])})
OFFERED = [
    # the node's tensor, the words, the program and what is frozen then
    ("x", "Freeze x", LONG.program, {"x": False, "w": None}),
    ("w", "Freeze w", LONG.program, {"x": None, "w": False}),
    ("y", "Detach y here", "y = (x *\n     x); y = y.detach()\nz = (y * w).sum()", {"x": None, "w": None}),
    ("z", "Detach z here", LONG.program + "; z = z.detach()", {"x": None, "w": None}),
]


@pytest.mark.parametrize(("label", "words", "program", "tracked"), OFFERED)
def test_an_input_is_frozen_and_a_named_value_detached(
    label: str, words: str, program: str, tracked: dict[str, bool | None]
) -> None:
    node = next(node for node in find(LONG).graph.nodes if node.label == label)
    found = what_if(LONG, node)
    assert (found.words, found.why) == (words, "") and found.after is not None
    assert found.after.program == program
    assert {name: value.requires_grad for name, value in found.after.inputs.items()} == tracked


def test_a_value_of_a_loop_is_detached_in_every_pass() -> None:
    loop = Expression("y = x * 1\nwhile y.sum() < 9:\n    y = 2 * y", {"x": Input([1, 2])})
    last = next(node for node in find(loop).graph.nodes if node.label == "y")
    after = what_if(loop, last).after
    assert after is not None and after.program == "y = x * 1\nwhile y.sum() < 9:\n    y = 2 * y; y = y.detach()"


def test_what_has_no_name_says_what_to_do() -> None:
    product = next(node for node in find(LONG).graph.nodes if node.label is None)
    assert what_if(LONG, product).after is None and what_if(LONG, product).why == NAMELESS


def test_a_program_that_has_been_changed_since_says_why() -> None:
    node = next(node for node in find(LONG).graph.nodes if node.label == "y")
    changed = Expression("q = x * x\nz = (q * w).sum()", LONG.inputs)
    assert "No “y = …” ends on this line" in what_if(changed, node).why
    assert "can't be read" in what_if(Expression("y = (", LONG.inputs), node).why
