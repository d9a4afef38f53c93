"""Backward replayed: the engine's order as hooks see it, sums to the last bit, and backward()'s own gradients."""

from __future__ import annotations

import pytest
import torch

import tracer
from tests.random_graphs import random_graph
from tracer.analysis.stepping import (
    Step,
    add,
    lightened,
    moment,
    names_from,
    position_of,
    steps,
    to_breakpoint,
    whole_from,
)
from tracer.errors import TracerError
from tracer.experiment import Expression
from tracer.facts import Facts, Values
from tracer.runners.expression import find


def recorded(loss: torch.Tensor, leaves: list[torch.Tensor]) -> Facts:
    names = {f"leaf{number}": leaf for number, leaf in enumerate(leaves)}
    return tracer.trace(loss, names=names, gradients=True).facts


def order_of_hooks(loss: torch.Tensor, nodes: list[torch.autograd.graph.Node]) -> list[int]:
    """Run backward(), and tell in which order the hooks of the operations and of the leaves are called."""
    seen: list[int] = []
    handles = [
        node.register_prehook(lambda grads, number=number: seen.append(number)) for number, node in enumerate(nodes)
    ]
    loss.backward()
    for handle in handles:
        handle.remove()
    return seen


def live_nodes(loss: torch.Tensor) -> list[torch.autograd.graph.Node]:
    from tracer.capture.walk import walk

    return list(walk([("loss", loss)]).nodes)


@pytest.mark.parametrize("seed", range(100))
def test_a_random_graph_forwards_and_back(seed: int) -> None:
    loss, leaves = random_graph(seed)
    live = live_nodes(loss)
    facts = recorded(loss, leaves)
    every = steps(facts)
    assert [step.node for step in every] == order_of_hooks(loss, live)
    ahead = [moment(facts.graph, every, position) for position in range(len(every) + 1)]
    back = [moment(facts.graph, every, position) for position in reversed(range(len(every) + 1))]
    assert ahead == back[::-1]
    for step, now in zip(every, ahead, strict=False):
        assert step.node in now.ready and step.node not in now.done
        assert sum_is_whole(step)
    held = {facts.graph.nodes[node].label: values for node, values in ahead[-1].grads.items()}
    for number, leaf in enumerate(leaves):
        gradient = None if leaf.grad is None else tuple(leaf.grad.flatten().tolist())
        found = held.get(f"leaf{number}")
        assert (found and found.numbers) == gradient
    assert ahead[0].done == frozenset() and ahead[0].grads == {} and not ahead[-1].arrived and not ahead[-1].ready


def sum_is_whole(step: Step) -> bool:
    """Tell whether the parts, added in their order, are what was recorded of the whole, to the last bit."""
    for arrival in step.arrives:
        parts = [part.values for part in arrival.parts if part.state == "measured"]
        if parts:
            total = parts[0]
            for values in parts[1:]:
                total = add(total, values)
            if total != arrival.whole.values or arrival.parts[-1].so_far != arrival.whole.values:
                return False
    return True


LESSON = "y = x - 2\nz = y*y*3\na = z.mean()"


def test_the_lesson_step_by_step() -> None:
    facts = find(Expression(LESSON, {"x": [[1, 2], [3, 4]]}))
    every = steps(facts)
    names = [facts.graph.nodes[step.node].name for step in every]
    assert names == ["MeanBackward0", "MulBackward0", "MulBackward0", "SubBackward0", "AccumulateGrad"]
    joined = every[3]
    (arrival,) = joined.arrives
    assert [part.values and part.values.numbers for part in arrival.parts] == [(-0.75, 0, 0.75, 1.5)] * 2
    assert [(part.share, part.cosine) for part in arrival.parts] == [(0.5, pytest.approx(1))] * 2
    assert [part.so_far and part.so_far.numbers for part in arrival.parts] == [
        (-0.75, 0, 0.75, 1.5),
        (-1.5, 0, 1.5, 3),
    ]
    assert [row.values and row.values.numbers for row in joined.leaves] == [(-1.5, 0, 1.5, 3)]
    assert every[4].before is None and every[4].after and every[4].after.numbers == (-1.5, 0, 1.5, 3)
    assert every[0].arrives[0].parts[0].edge is None and every[0].arrives[0].whole.values is not None


def test_going_to_a_node_and_from_breakpoint_to_breakpoint() -> None:
    facts = find(Expression(LESSON, {"x": [[1, 2], [3, 4]]}))
    every = steps(facts)
    square, leaf = every[2].node, every[4].node
    assert position_of(every, square) == 2
    assert [to_breakpoint(every, at, {square, leaf}) for at in range(6)] == [2, 2, 4, 4, 5, 5]
    assert [to_breakpoint(every, at, {square, leaf}, back=True) for at in range(6)] == [0, 0, 0, 2, 2, 4]
    with pytest.raises(ValueError, match="does not come to node 9"):
        position_of(every, 9)
    with pytest.raises(ValueError, match="5 steps"):
        moment(facts.graph, every, 6)
    now = moment(facts.graph, every, 3)
    assert now.ready == (every[3].node,) and list(now.arrived) == [(every[3].node, 0)]


def test_a_second_backward_adds_to_the_first() -> None:
    program = LESSON + "\na.backward(retain_graph=True)\na.backward()"
    facts = find(Expression(program, {"x": [[1, 2], [3, 4]]}))
    last = steps(facts)[-1]
    assert last.before and last.before.numbers == (-1.5, 0, 1.5, 3)
    assert last.after and last.after.numbers == (-3, 0, 3, 6)
    program = program.replace("\na.backward()", "\nx.grad = None\na.backward()")
    cleared = steps(find(Expression(program, {"x": [[1, 2], [3, 4]]})))[-1]
    assert cleared.before is None and cleared.after and cleared.after.numbers == (-1.5, 0, 1.5, 3)


def test_what_is_not_known_is_not_guessed() -> None:
    half = Values((1,), "bfloat16", (1.0,))
    assert add(half, half) is None and add(None, half) is None
    assert add(Values((1,), "float32", (1.0,)), Values((1,), "float64", (1.0,))) is None
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    facts = tracer.trace([y, (y * 3).sum()], gradients=True).facts
    (arrival,) = next(
        step for step in steps(facts) if facts.graph.nodes[step.node].sequence == facts.graph.nodes[1].sequence
    ).arrives
    assert [part.state for part in arrival.parts] == ["not measured", "measured"]
    assert arrival.parts[0].so_far is None and arrival.parts[-1].so_far == Values((2,), "float32", (4, 4))
    with pytest.raises(TracerError, match="no gradients"):
        steps(tracer.trace(y).facts)


def test_additions_round_in_the_dtype() -> None:
    big, small = Values((1,), "float32", (1e8,)), Values((1,), "float32", (1.0,))
    assert add(big, small) == big
    assert add(Values((1,), "complex64", (1.0, 2.0)), Values((1,), "complex64", (3.0, 4.0))) == Values(
        (1,), "complex64", (4.0, 6.0)
    )


def test_a_gradient_is_whole_once_its_last_part_has_come_and_a_leafs_once_it_is_in_grad() -> None:
    facts = find(Expression("y = x * 2\nw = y\na = (y * y).sum() + y.mean()", {"x": [1, 2]}))
    every = steps(facts)
    wholes = whole_from(facts.graph, every)
    for step in every:
        for arrival in step.arrives:
            place = (step.node, arrival.output_nr)
            come = [len(moment(facts.graph, every, at).arrived.get(place, ())) for at in range(step.number + 1)]
            first = come.index(len(arrival.parts))
            assert wholes[place] == (len(every) if facts.graph.nodes[step.node].label == "x" else first)
    names = names_from(facts, every)
    assert names["a"] == 0 and names["x"] == len(every) and names["y"] == names["w"] == len(every) - 2


def test_large_tensors_go_without_their_numbers() -> None:
    every = steps(find(Expression("y = x * x\na = y.sum()", {"x": [1, 2, 3]})))
    assert lightened(every, 3)[1].leaves == every[1].leaves
    light = lightened(every, 2)
    (arrival,) = light[1].arrives
    assert arrival.whole.values is None and arrival.whole.statistics == every[1].arrives[0].whole.statistics
    assert all(part.values is None and part.so_far is None for part in arrival.parts)
    assert [row.values for row in light[1].leaves] == [None, None] and light[2].after is None
    assert light[0].arrives[0].whole.values is not None


def test_sums_of_fractions_stay_exact() -> None:
    third = Values((1,), "float32", (0.33333334,), ("1/3",))
    assert add(third, third) == Values((1,), "float32", (0.6666667,), ("2/3",)) or add(third, third).exact == ("2/3",)
