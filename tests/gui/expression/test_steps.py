"""What the table and the inspector say of a step: pure functions."""

from gui.expression import veil
from gui.expression.steps import about, rows
from tracer.analysis.stepping import lightened, steps
from tracer.drawing import step_words
from tracer.experiment import Expression
from tracer.facts import Facts
from tracer.runners.expression import find
from tracer.worker.messages import Found, encode, from_worker
from tracer.worker.server import found


def sent(program: str, **inputs: object) -> tuple[Facts, Found]:
    """Run a program, and send what was found to the window."""
    facts = find(Expression(program, inputs))
    message = from_worker(encode(found(1, facts, 0.0)))
    assert isinstance(message, Found)
    return facts, message


def of_label(facts: Facts, label: str) -> int:
    return next(node.index for node in facts.graph.nodes if node.label == label)


def test_steps_come_through_the_channel_as_they_are() -> None:
    facts, message = sent("y = x.log()\na = (y * y).sum()", x=[-1.0, 0.0, 2.0])
    assert repr(message.steps) == repr(lightened(steps(facts), 64)) and "nan" in repr(message.steps)


def test_parts_so_far_are_told_before_the_sum_is() -> None:
    facts, message = sent("y = x * 3\na = (y * y).sum() + (2 * y).sum()", x=[1, 2])
    y = of_label(facts, "y")
    told = [about(facts.graph, message.steps, at, y) for at in range(len(message.steps) + 1)]
    keys = [[key for key, _ in one.arrives] for one in told]
    assert keys[0] == ["pending"] and dict(told[0].arrives)["pending"] == "3 of 3 parts to come"
    partial = next(one for one in told if len(one.arrives) > 1 and "+ pending" in dict(one.arrives))
    assert "%" not in str(partial.arrives)  # shares are of the whole sum
    assert keys[-1][0].startswith("from ") and "= so far" in keys[-1] and keys[-1][-1] == "= sum"
    assert dict(told[-1].arrives)["= sum"] == "[8, 14]" and "%" in str(told[-1].arrives)
    assert [one.title.split(" · ")[1] for one in told][-3:] == ["next", "now", "done"]


def test_what_is_too_large_to_be_written_is_told_by_its_norm() -> None:
    facts, message = sent("y = x * 2\na = y.sum()", x=[1.0] * 100)
    step = about(facts.graph, message.steps, len(message.steps), of_label(facts, "y"))
    assert step.arrives == [("from a", "‖g‖ 10")] and step.leaves == [("to x (input 0)", "‖g‖ 20")]
    leaf = about(facts.graph, message.steps, len(message.steps), of_label(facts, "x"))
    assert leaf.leaves[-1] == (".grad after", "‖g‖ 20")


def test_outputs_of_one_operation_are_told_apart() -> None:
    facts, message = sent("b, c = Split(x)\na = b.sum() + (c * c).sum()", x=[1, 2])
    split = next(node.index for node in facts.graph.nodes if len(node.outputs) == 2)
    told = about(facts.graph, message.steps, len(message.steps), split)
    assert [key.rpartition(" at ")[2] for key, _ in told.arrives] == ["output 0", "output 1", "output 1", "output 1"]


def test_rows_tell_no_more_than_is_there() -> None:
    facts, message = sent("y = x * 3\na = (y * y).sum()", x=[1, 2])
    whole = step_words.rows(facts.graph, message.steps)
    for position in range(len(message.steps) + 1):
        for row, full in zip(rows(facts.graph, message.steps, position), whole, strict=True):
            assert (row.step == full) == (row.step.number <= position), (position, row)
            assert row.step.arrives == (full.arrives if row.step.number <= position + 1 else "pending")
    assert [row.state for row in rows(facts.graph, message.steps, 4)] == ["done"] * 4
    assert [row.state for row in rows(facts.graph, message.steps, 1)] == ["now", "next", "pending", "pending"]


def test_gradients_wait_for_the_step_that_completes_them() -> None:
    _, message = sent("y = x * 3\nw = y\na = (y * y).sum()", x=[1, 2])
    assert veil.waits(message, 0) == {"y": 2, "w": 2, "x": 4}
    assert veil.waits(message, 2) == {"x": 4} and veil.waits(message, 4) == {}
    hidden = veil.veiled(message, veil.waits(message, 2))
    assert "x" not in {row.name for row in hidden.gradients} and not hidden.derivations
    same, other = sent("y = x * 5\nw = y\na = (y * y).sum()", x=[7, 2])[1], sent("a = x.sum()", x=[7, 2])[1]
    assert veil.shape_of(message) == veil.shape_of(same) != veil.shape_of(other)
