"""What autograd does not follow in a program: the cuts, what they gave, and the operations that used it."""

import pytest

from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS
from tracer.facts import Facts, from_json, to_json
from tracer.runners.expression import find

X, W = Input([[1, 2], [3, 4]]), Input(2.0)


def name(facts: Facts, place: int) -> str | None:
    tensor = facts.tensors[place]
    return tensor.name or tensor.made_by


def told(facts: Facts) -> list[tuple[object, ...]]:
    """By row: the tensor, what it was made of, the pieces of program that used it, the cut."""
    pieces = {tensor.node: name(facts, place) for place, tensor in enumerate(facts.tensors) if tensor.node is not None}
    return [
        (
            name(facts, row.tensor),
            tuple(name(facts, one) for one in row.read),
            tuple(pieces[node] for node in row.nodes),
            None if row.cut is None else (facts.cuts or ())[row.cut].operation,
        )
        for row in facts.unfollowed
    ]


CASES = {
    "nothing": (PRESETS["y*y*3"], [], []),
    "no_grad": (PRESETS["no_grad"], [("m", ("x",), ("y",), "no_grad")], [("no_grad", "line 1", 1)]),
    "only w": (PRESETS["w·x, only w"], [("x", (), ("z",), None)], []),
    "only x": (PRESETS["w·x, only x"], [("w", (), ("z",), None)], []),
    "neither": (
        PRESETS["w·x, neither"],
        [("w", (), (), None), ("x", (), (), None), ("z", ("w", "x"), (), None)],
        [],
    ),
    "detach": (
        Expression("y = x - 2\nz = y.detach() * y\na = z.sum()", {"x": X}),
        [("y.detach()", ("y",), ("z",), "detach")],
        [("detach", "line 2", 1)],
    ),
    "more is computed from it": (
        Expression("d = (x * w).detach()\ny = d * 2\nz = y * w\na = z.sum()", {"x": X, "w": W}),
        [("x * w", (), (), None), ("d", ("x * w",), (), "detach"), ("y", ("d",), ("z",), None)],
        [("detach", "line 1", 1)],
    ),
    "the output itself": (
        Expression("y = x.detach() * 2", {"x": X}),
        [("x", (), (), None), ("x.detach()", ("x",), (), "detach"), ("y", ("x.detach()",), (), None)],
        [("detach", "line 1", 1)],
    ),
    "a number": (
        Expression("s = x.sum().item()\na = (x * s).sum()", {"x": X}), [], [("item", "line 1", 1)],
    ),
    "an index": (
        Expression("a = x.flatten()[x.argmax()]", {"x": X}),
        [("x.argmax()", ("x",), ("a",), "argmax")],
        [("argmax", "line 1", 1)],
    ),
    "a tensor of its own": (
        Expression("a = (x * torch.ones(2, 2)).sum()", {"x": X}),
        [("torch.ones(2, 2)", (), ("x * torch.ones(2, 2)",), None)],
        [],
    ),
    "a loop": (
        Expression("y = x\nfor i in range(2):\n    with no_grad():\n        m = y.mean()\n    y = y - m", {"x": X}),
        [("y.mean()", ("x",), ("y = y - m",), "no_grad"), ("m", ("y = y - m",), ("y",), "no_grad")],
        [("no_grad", "line 3", 2)],
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
@pytest.mark.parametrize("case", CASES)
def test_what_is_not_followed(case: str) -> None:
    experiment, rows, cuts = CASES[case]
    facts = from_json(to_json(find(experiment)))
    assert told(facts) == rows
    assert [(cut.operation, cut.source, cut.times) for cut in facts.cuts or ()] == cuts


def test_a_cut_tells_what_is_behind_it_what_it_gave_and_who_used_that() -> None:
    facts = find(CASES["more is computed from it"][0])
    (cut,) = facts.cuts or ()
    assert [name(facts, place) for place in cut.behind] == ["x * w"]
    assert [name(facts, place) for place in cut.gave] == ["d", "y"]
    assert [facts.graph.nodes[node].label for node in cut.nodes] == ["z"]
    assert not cut.outputs
    (cut,) = find(CASES["the output itself"][0]).cuts or ()
    assert cut.outputs == ("y",)


def test_of_an_output_that_is_not_followed_torchs_words_are_told() -> None:
    words = "element 0 of tensors does not require grad and does not have a grad_fn"
    assert any(words in note for note in find(PRESETS["w·x, neither"]).notes)


def test_a_long_loop_is_followed_only_so_far() -> None:
    facts = find(Expression("y = x\nfor i in range(2000):\n    y = y - y.detach()", {"x": Input([1.0])}))
    assert len(facts.unfollowed) <= 500
