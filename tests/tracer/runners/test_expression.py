"""Programs → facts: the corpus of good programs with torch's numbers, the lesson, names, checks, and refusals."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import torch

from tracer.analysis.gradients import edge_gradients, gradients
from tracer.analysis.shapes import shapes
from tracer.errors import InvalidSetting, ProgramError, TracerError
from tracer.experiment import Expression, Input
from tracer.facts import Facts, from_json, to_json
from tracer.runners.expression import find
from tracer.runners.expression_trace import MOST_TRACED

GOOD = json.loads((pathlib.Path(__file__).parents[2] / "corpora" / "good_programs.json").read_text())
NOT_CHECKED = {
    "floor division and remainder": "detach",
    "detach": "detach",
    "item as Python number": "item",
    "half precision round trip": "float16",
    "nan and inf values": "not finite",
}
KINKS = {"clamp", "nan_to_num"}  # at a kink the slopes of both sides differ, and differences give their mean


def value(facts: Facts, name: str) -> Any:
    return next(tensor.values.nested() for tensor in facts.tensors if tensor.name == name and tensor.values)


def near(a: Any, b: Any, flat: bool = False) -> bool:
    x, y = (torch.tensor(number(v), dtype=torch.float64) for v in (a, b))
    return (flat or x.shape == y.shape) and torch.allclose(x.flatten(), y.flatten(), 1e-4, 1e-6, equal_nan=True)


def number(item: Any) -> Any:
    return [number(part) for part in item] if isinstance(item, list | tuple) else float(item)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_good_programs(case: dict[str, Any]) -> None:
    inputs = {name: Input(i["value"], i["dtype"], i["requires_grad"]) for name, i in case["inputs"].items()}
    found = find(Expression("\n".join(case["program"]), inputs, case["output"]))
    facts = from_json(to_json(found))
    assert near(value(facts, case["output"]), case["value"])
    names = sorted(node.name for node in facts.graph.nodes)
    assert names == sorted(case["backward_nodes"]) or (not case["backward_nodes"] and set(names) <= {"AccumulateGrad"})
    rows = {row.name: row for row in gradients(facts)}
    for name, gradient in case["grads_of_output_sum"].items():
        if gradient is not None:
            assert near(rows[name].values, gradient, flat=True)
    checks = [row.check for row in gradients(found) if row.check is not None]
    if case["name"] in NOT_CHECKED:
        assert checks == [] and NOT_CHECKED[case["name"]] in found.notes[0]
    elif case["requires_grad"]:
        assert checks and (all(c.agreed == c.tried for c in checks) or case["name"] in KINKS)


LESSON = {"x": [[1, 2], [3, 4]]}
BACK = [[-1.5, 0.0], [1.5, 3.0]]
SPELLINGS = {
    "y = x - 2; z = y*y*3; a = z.mean()": ["AccumulateGrad", "SubBackward0", "MulBackward0", "MulBackward0"],
    "y = x - 2; z = 3*(y*y); a = z.mean()": ["AccumulateGrad", "SubBackward0", "MulBackward0", "MulBackward0"],
    "y = x - 2; z = 3*y**2; a = z.mean()": ["AccumulateGrad", "SubBackward0", "PowBackward0", "MulBackward0"],
    "y = x - 2; z = 3*y.pow(2); a = z.mean()": ["AccumulateGrad", "SubBackward0", "PowBackward0", "MulBackward0"],
    "y = x - 2; z = 3*y.square(); a = z.mean()": ["AccumulateGrad", "SubBackward0", "PowBackward0", "MulBackward0"],
}


@pytest.mark.parametrize("program", SPELLINGS)
def test_the_lessons_numbers_in_each_spelling(program: str) -> None:
    facts = find(Expression(program, LESSON))
    assert [node.name for node in facts.graph.nodes] == [*SPELLINGS[program], "MeanBackward0"]
    assert {name: value(facts, name) for name in "xyza"} == {
        "x": [[1, 2], [3, 4]],
        "y": [[-1, 0], [1, 2]],
        "z": [[3, 0], [3, 12]],
        "a": 4.5,
    }
    rows = {row.name: row.values for row in gradients(facts)}
    assert rows["x"] == rows["y"] == (-1.5, 0, 1.5, 3) and rows["z"] == (0.25,) * 4 and rows["a"] == (1,)


def test_the_lessons_graph() -> None:
    facts = find(Expression("y = x - 2\nz = y*y*3\na = z.mean()", LESSON))
    assert [(edge.producer, edge.consumer, edge.slot) for edge in facts.graph.edges] == [
        (0, 1, 0),
        (1, 2, 0),
        (1, 2, 1),
        (2, 3, 0),
        (3, 4, 0),
    ]
    assert [(node.label, node.source, node.slots) for node in facts.graph.nodes] == [
        ("x", None, 0),
        ("y", "line 1", 2),
        (None, "line 2", 2),
        ("z", "line 2", 2),
        ("a", "line 3", 1),
    ]
    assert [(t.name, t.role, t.made_by, t.node) for t in facts.tensors] == [
        ("x", "input", None, 0),
        ("y", None, "x - 2", 1),
        (None, None, "y*y", 2),
        ("z", None, "y*y*3", 3),
        ("a", "output", "z.mean()", 4),
    ]
    assert [row.values for row in edge_gradients(facts)][1:3] == [(-0.75, 0, 0.75, 1.5)] * 2
    check = gradients(facts)[-1].check
    assert check is not None and check.tried == check.agreed == 4 and check.worst < 1e-9
    assert facts.notes == () and facts.saved


def test_the_doubling_loop() -> None:
    program = "y = x * 2\ni = 0\nwhile y.norm() < 1000:\n    y = y * 2\n    i += 1"
    facts = find(Expression(program, {"x": [0.5, -1, 1]}, gradient=[0.1, 1, "0.0001"]))
    assert facts.graph.outputs[0].name == "y" and value(facts, "y") == [512, -1024, 1024]
    assert [node.name for node in facts.graph.nodes] == ["AccumulateGrad"] + ["MulBackward0"] * 10
    assert near(gradients(facts)[-1].values, [102.4, 1024, 0.1024], flat=True)
    assert [tensor.made_by for tensor in facts.tensors][1:3] == ["y = x * 2", "y = y * 2"]
    assert facts.tensors[-1].name == "y" and {node.source for node in facts.graph.nodes[2:]} == {"line 4"}


def test_names_that_are_given_again() -> None:
    facts = find(Expression("x = x * 2\ny = x\nx = x.sin()\nz = x + y", {"x": [1.0]}))
    named = [(tensor.name, tensor.role, tensor.made_by) for tensor in facts.tensors]
    assert named == [
        ("x", "input", None),
        ("y", None, "x * 2"),
        ("x (line 3)", None, "x.sin()"),
        ("z", "output", "x + y"),
    ]


def test_one_tensor_under_several_names() -> None:
    facts = find(Expression("y = x\nz = y * 1\nw = z", {"x": [1.0]}))
    assert [(t.name, t.role, t.made_by) for t in facts.tensors] == [
        ("x", "input", None),
        ("y", None, "x"),
        ("z", None, "y * 1"),
        ("w", "output", "y * 1"),
    ]
    assert [row.name for row in gradients(facts)] == ["z", "w", "x", "y"]


def test_a_second_name_of_an_input_is_a_row_of_its_own() -> None:
    for inputs in ({"x": [1.0]}, {"x": Input([1.0], requires_grad=False)}):
        facts = find(Expression("y = x", inputs))
        assert [(row.name, row.role) for row in shapes(facts)] == [("x", "input"), ("y", "output")]
    assert [row.name for row in gradients(find(Expression("y = x", {"x": [1.0]})))] == ["x", "y"]


def test_the_list_that_a_program_ends_with_can_be_joined_as_its_cure_says() -> None:
    with pytest.raises(ProgramError) as caught:
        find(Expression("parts = [x, x * 2]", {"x": [1.0]}))
    assert caught.value.cure == "Take one of its entries, y = parts[0], or join them, y = torch.stack(parts)"
    assert value(find(Expression("parts = [x, x * 2]\ny = torch.stack(parts)", {"x": [1.0]})), "y") == [[1], [2]]


KINKS_AND_JUMPS = [
    ("y = torch.relu(x)", [-1.0, 0.0, 2.0], "x[1]"),
    ("y = (x.abs() + torch.relu(x)).sum()", [[0.0, 1.0], [2.0, 0.0]], "x[0, 0] and x[1, 1]"),
    ("y = torch.floor(x)", [1.5, 2.0], "x[1]"),
    ("y = torch.relu(x) * 1e6", 0.0, "x"),
    ("y = torch.relu(x)", [0.0] * 6, "6 tried elements of x, the first being x[0]"),
]


@pytest.mark.parametrize(("program", "values", "where"), KINKS_AND_JUMPS)
def test_a_kink_or_a_jump_is_named(program: str, values: Any, where: str) -> None:
    facts = find(Expression(program, {"x": values}))
    check = next(row.check for row in gradients(facts) if row.name == "x")
    assert check is not None and check.agreed < check.tried
    assert facts.notes == (
        f"The function has a kink or a jump at {where}, where the slopes on both sides differ: finite differences "
        "can't show the gradient there",
    )


@pytest.mark.parametrize("program", ["y = x.exp() * 1e-30", "y = (x * 0).exp() * x.to(torch.float32) ** 60"])
def test_another_disagreement_is_not_called_a_kink(program: str) -> None:
    assert not any("kink" in note for note in find(Expression(program, {"x": [100.0]})).notes)


def test_two_outputs_of_one_node_keep_their_own_gradients() -> None:
    facts = find(Expression("a, b = x.unbind(0)\ny = (b - 2*a).sum()", {"x": [[1.0, 2.0], [3.0, 4.0]]}))
    rows = {row.name: row.values for row in gradients(facts)}
    assert rows["a"] == (-2, -2) and rows["b"] == (1, 1)
    assert [t.made_by for t in facts.tensors if t.name in ("a", "b")] == ["x.unbind(0)[0]", "x.unbind(0)[1]"]


def test_inputs_of_every_kind() -> None:
    inputs = {
        "a": [["1/3", 2]],
        "b": Input([1, 2], dtype="float64", requires_grad=False),
        "c": Input([True, False], dtype="bool"),
        "d": {"values": [3, 4], "dtype": "int64"},
        "e": Input(["1+2j", 0], dtype="complex64"),
        "f": 5,
    }
    facts = find(Expression("y = (a * b * c * d * e * f).real.sum()", inputs))
    assert [(t.name, t.dtype, t.shape) for t in facts.tensors[:6]] == [
        ("a", "float32", (1, 2)),
        ("b", "float64", (2,)),
        ("c", "bool", (2,)),
        ("d", "int64", (2,)),
        ("e", "complex64", (2,)),
        ("f", "float32", ()),
    ]
    assert {row.name for row in gradients(facts)} == {"a", "e", "f", "y"}
    assert value(facts, "a") == [[torch.tensor(1 / 3).item(), 2]]
    assert "they are complex" in facts.notes[-1]


@pytest.mark.parametrize(
    ("output", "names", "said"),
    [(None, "y", ""), ("x", "x", ""), ("n", "", "“n” is a number"), ("q", "", "gives no “q”")],
)
def test_choosing_the_output(output: str | None, names: str, said: str) -> None:
    experiment = Expression("y = x * 2\nn = 3", {"x": [1.0]}, output)
    if said:
        with pytest.raises(InvalidSetting, match=said) as caught:
            find(experiment)
        assert caught.value.where == "output" and "x, y" in caught.value.cure
    else:
        assert [end.name for end in find(experiment).graph.outputs] == [names]


@pytest.mark.parametrize(
    ("program", "inputs", "note"),
    [
        ("y = x.argmax()", {"x": [1.0, 2.0]}, "numbers of int64"),
        ("y = x * 2", {"x": Input([1.0], requires_grad=False)}, "No input has requires_grad"),
        ("y = x.detach() * 2", {"x": [1.0]}, "cut: x.detach() on line 1"),
        ("with torch.no_grad():\n    y = x * 2", {"x": [1.0]}, "cut: with torch.no_grad() on line 1"),
        ("y = torch.ones(3)", {}, "No input has requires_grad"),
    ],
)
def test_an_output_without_a_gradient_says_why(program: str, inputs: dict[str, Any], note: str) -> None:
    facts = find(Expression(program, inputs))
    assert facts.graph.nodes == () and facts.gradients == () and note in " ".join(facts.notes)
    assert shapes(facts)[-1].name == "y"


REFUSED = [
    (Expression("y = x", {"x": [[1], [2, 3]]}), InvalidSetting, "inputs.x", "differ"),
    (Expression("y = x", {"x": Input([1], "int64", True)}), InvalidSetting, "inputs.x", "can't have a gradient"),
    (Expression("y = x", {"x": Input([1.5], "int64")}), InvalidSetting, "inputs.x", "whole numbers"),
    (Expression("y = x", {"x": Input([300], "uint8")}), InvalidSetting, "inputs.x", "can't hold"),
    (Expression("y = x", {"x": Input(["1+1j"])}), InvalidSetting, "inputs.x", "can't hold"),
    (Expression("y = x", {"x": ["NaN"]}, gradient=[1, 2]), InvalidSetting, "gradient", "has the shape 2"),
    (Expression("y = x", {"x": [1.0]}, device="cuda:99"), InvalidSetting, "device", "no"),
    (Expression("y = x", {"_x": [1.0]}), InvalidSetting, "inputs", "_x"),
    (Expression("", {}), ProgramError, "line 1", "no name"),
    (Expression("x + 1", {"x": [1.0]}), ProgramError, "line 1", "no name"),
    (Expression("x = x", {"x": [1.0]}), ProgramError, "line 1", "no name"),
    (Expression("y = 'a'", {"x": [1.0]}), ProgramError, "line 1", "“y” is a text, and only a tensor has a graph"),
    (Expression("y = [x, x]\nx.sum()", {"x": [1.0]}), ProgramError, "line 1", "“y” is a list, and only a tensor"),
    (Expression("x.add_(1)\ny = x", {"x": [[1.0]]}), ProgramError, "line 1, column 1", "A leaf Variable that requires"),
    (Expression("y = 1; y = x.exp()\ny.add_(1)", {"x": [1.0]}), TracerError, "", "modified by an inplace"),
]


@pytest.mark.parametrize(("experiment", "kind", "where", "what"), REFUSED)
def test_refused(experiment: Expression, kind: type[TracerError], where: str, what: str) -> None:
    with pytest.raises(kind) as caught:
        find(experiment)
    assert caught.value.where == where and what in caught.value.what and caught.value.cure


def test_a_seed_gives_the_same_numbers_and_leaves_those_of_others_alone() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    runs = [value(find(Expression("y = x * torch.randn(3)", {"x": [1.0]}, seed=seed)), "y") for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_set_for_the_check_is_put_back() -> None:
    find(Expression("y = torch.ones(2) * x", {"x": [1.0, 2.0]}))
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


def test_a_gradient_that_only_the_narrow_dtype_gets_wrong_does_not_pass() -> None:
    """exp(100) is infinite in float32, and finite in the float64 of the differences."""
    facts = find(Expression("y = x.exp() * 1e-30", {"x": [100.0]}))
    check = next(row.check for row in gradients(facts) if row.name == "x")
    assert check is not None and check.agreed == 0


def test_a_long_program_is_not_checked_and_says_so() -> None:
    facts = find(Expression("y = x\nfor i in range(3000):\n    y = y + x", {"x": [0.0] * 20}))
    assert "would take too long" in facts.notes[-1]


def test_warnings_of_torch_become_notes() -> None:
    facts = find(Expression("y = F.mse_loss(x, torch.zeros(2, 1))", {"x": [1.0, 2.0]}))
    assert any("Using a target size" in note for note in facts.notes)


SQUARES = "y = (x * x).sum()\n"


@pytest.mark.parametrize(
    ("program", "output", "gradient", "before"),
    [
        (SQUARES + "y.backward()\ng = x.grad", None, (2, 4), None),
        (SQUARES + "y.backward(retain_graph=True)\ny.backward()", None, (2, 4), (2, 4)),
        (SQUARES + "y.backward()\nx.grad = None\nz = (x * 3).sum()\nz.backward()", None, (3, 3), None),
        (SQUARES + "y.backward()\nz = (x * 3).sum()\nz.backward()", None, (3, 3), (2, 4)),
        (SQUARES + "y.backward()\nz = (x * 3).sum()\nz.backward()", "y", (2, 4), None),
        ("z = x * x\nz.backward(torch.tensor([1.0, 10.0]))", None, (2, 40), None),
        ("(x * 5).sum().backward()", None, (5, 5), None),
        ("for i in range(1, 4):\n    y = (x * i).sum()\n    y.backward()", None, (3, 3), (3, 3)),
    ],
)
def test_a_backward_of_the_program_is_what_is_recorded(
    program: str, output: str | None, gradient: tuple[float, ...], before: tuple[float, ...] | None
) -> None:
    """The last one, or that of the output asked for; `.grad` holds what the earlier ones left there."""
    facts = from_json(to_json(find(Expression(program, {"x": [1, 2]}, output))))
    row = next(row for row in gradients(facts) if row.name == "x")
    assert row.values == gradient and row.check is not None and row.check.agreed == row.check.tried == 2
    x = next(tensor for tensor in facts.tensors if tensor.name == "x")
    assert (x.grad and x.grad.numbers) == before
    assert all(line.values is not None or line.kind != "a tensor" for line in facts.lines)


def test_what_is_computed_after_the_backward_has_its_value() -> None:
    facts = find(Expression(SQUARES + "y.backward()\ng = x.grad * 2", {"x": [1, 2]}))
    assert value(facts, "g") == [4, 8] and facts.graph.outputs[0].name == "y" and facts.notes == ()


def test_a_backward_in_a_training_loop() -> None:
    program = (
        "for i in range(3):\n    loss = ((w - 1) ** 2).sum()\n    loss.backward()\n"
        "    with torch.no_grad():\n        w -= 0.25 * w.grad\n    w.grad = None"
    )
    facts = find(Expression(program, {"w": [3, 5]}))
    assert next(row.values for row in gradients(facts) if row.name == "w") == (1, 2)
    assert value(facts, "w") == [1.5, 2] and "does not follow" in facts.notes[0]
    told = [(line.number, line.name, line.values and line.values.numbers, line.passes) for line in facts.lines]
    assert told == [
        (1, "i", (2,), 3),
        (2, "loss", (1.25,), 3),
        (3, "w.grad", (1, 2), 3),
        (5, "w", (1.25, 1.5), 3),
        (6, "w.grad", None, 3),
    ]


def test_a_gradient_to_start_from_and_a_backward_in_the_program_are_refused() -> None:
    with pytest.raises(InvalidSetting) as caught:
        find(Expression(SQUARES + "y.backward()", {"x": [1, 2]}, gradient=1))
    assert caught.value.where == "gradient" and "remove" in caught.value.cure


def test_an_output_whose_graph_a_backward_freed_says_so() -> None:
    with pytest.raises(TracerError, match="a second time") as caught:
        find(Expression("y = x * x\n(y * 2).sum().backward()", {"x": [1, 2]}, "y"))
    assert "retain_graph=True" in caught.value.cure


def test_a_loop_tells_the_pass_of_each_node() -> None:
    program = "y = 2 * x\nwhile y.norm() < 1000:\n    y = 2 * y"
    facts = find(Expression(program, {"x": [1, 2, 2]}))
    assert [(node.source, node.call) for node in facts.graph.nodes] == [
        (None, None),
        ("line 1", 1),
        *(("line 3", turn) for turn in range(1, 9)),
    ]
    assert [(line.number, line.passes) for line in facts.lines] == [(1, 1), (2, 9), (3, 8)]
    values = [t.values.nested() for t in facts.tensors if t.node and t.values]
    assert values == [[2**k, 2 ** (k + 1), 2 ** (k + 1)] for k in range(1, 10)]


@pytest.mark.parametrize("output", [None, "loss"])
def test_after_many_backwards_the_last_is_recorded_all_the_same(output: str | None) -> None:
    """The program is run once more for it, with the same random numbers."""
    program = "for i in range({}):\n    loss = (w * torch.randn(2) * (i + 1)).sum()\n    loss.backward()"
    few = find(Expression(program.format(MOST_TRACED), {"w": [3, 5]}, output))
    many = find(Expression(program.format(MOST_TRACED + 4), {"w": [3, 5]}, output))
    for facts, passes in ((few, MOST_TRACED), (many, MOST_TRACED + 4)):
        row = next(row for row in gradients(facts) if row.name == "w")
        w = next(tensor for tensor in facts.tensors if tensor.name == "w")
        filled = next(line for line in facts.lines if line.name == "w.grad")
        assert row.values and w.grad and filled.values and filled.passes == passes
        assert [a + b for a, b in zip(row.values, w.grad.numbers, strict=True)] == pytest.approx(filled.values.numbers)
        assert {node.call for node in facts.graph.nodes if node.source} == {passes}


def test_a_gradient_that_is_kept_in_between_is_as_torch_leaves_it() -> None:
    program = (
        "y = x * 2\ny.retain_grad()\nz = (y * y).sum()\nz.backward(retain_graph=True)\ng = y.grad.clone()\nz.backward()"
    )
    facts = find(Expression(program, {"x": [1, 2]}))
    assert value(facts, "g") == [4, 8]
    told = [(line.number, line.name, line.values and line.values.numbers) for line in facts.lines]
    assert [row for row in told if row[1] == "y.grad"] == [(4, "y.grad", (4, 8)), (6, "y.grad", (8, 16))]


def test_a_gradient_of_a_gradient_is_not_checked_and_says_so() -> None:
    program = "y = (x ** 3).sum()\ny.backward(create_graph=True)\ng = x.grad\nz = g.sum()\nx.grad = None\nz.backward()"
    facts = find(Expression(program, {"x": [1, 2]}))
    assert next(row.values for row in gradients(facts) if row.name == "x") == (6, 12)
    assert any("takes a gradient of a gradient" in note for note in facts.notes)
