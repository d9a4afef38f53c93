"""Backward in the picture: nothing is shown before it is there, nothing moves, and the end is backward()'s own."""

import pytest
from msgspec.structs import replace

import tracer
from tests.random_graphs import random_graph
from tracer import quantities
from tracer.analysis.stepping import Step, moment, steps, whole_from
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.picture import draw
from tracer.drawing.stepped import stepped
from tracer.experiment import Expression
from tracer.facts import Facts
from tracer.runners.expression import find


def texts(picture: DisplayList, area: Area) -> list[str]:
    return [mark.text for mark in picture.marks[slice(*area.marks)] if isinstance(mark, Text)]


def told(picture: DisplayList, area: Area) -> list[str]:
    """What the ordinary picture says of the gradient, in its marks."""
    start, end = area.backward.marks
    own = picture.marks[slice(*area.marks)]
    return [mark.text for mark in own[start:end] if isinstance(mark, Text)]


def number(area: Area) -> int:
    return int(area.owner.split()[1])


def assert_as_far_as_it_went(facts: Facts, every: tuple[Step, ...], picture: DisplayList, position: int) -> None:
    """Each node shows its gradient if that is whole, and each edge its own if that has flowed; else neither does."""
    shown, now = stepped(picture, facts.graph, every, position), moment(facts.graph, every, position)
    wholes, turns = whole_from(facts.graph, every), {step.node: step for step in every}
    assert (shown.width, shown.height, len(shown.areas)) == (picture.width, picture.height, len(picture.areas))
    for before, after in zip(picture.areas, shown.areas, strict=True):
        assert replace(after, label="", marks=(0, 0), backward=None) == replace(
            before, label="", marks=(0, 0), backward=None
        )
        if before.backward is None:
            continue
        if before.joins:
            edge = facts.graph.edges[number(before)]
            there, whole = edge.consumer in now.done, wholes[edge.producer, edge.output_nr] <= position
        else:
            step = turns[number(before)]
            there = whole = all(wholes[step.node, arrival.output_nr] <= position for arrival in step.arrives)
        said, is_told = texts(shown, after), told(picture, before)
        assert not is_told or (not there) == any(word in text for text in said for word in ("pending", "so far", "…"))
        assert not there or set(is_told) <= set(said)
        assert (before.backward.words in after.label) == (there and whole)  # a share is known once the sum is
        assert there or "flows" not in after.label


@pytest.mark.parametrize("seed", range(100))
def test_a_random_graph_forwards_and_back_ends_with_the_gradients_of_backward(seed: int) -> None:
    loss, leaves = random_graph(seed)
    names = {f"leaf{at}": leaf for at, leaf in enumerate(leaves)}
    facts = tracer.trace(loss, names=names, gradients=True).facts
    every, picture = steps(facts), draw(facts)
    loss.backward()
    for position in [*range(len(every) + 1), *reversed(range(len(every)))][:: 1 if seed < 5 else 5]:
        assert_as_far_as_it_went(facts, every, picture, position)
    end = stepped(picture, facts.graph, every, len(every))
    assert end == picture
    cards = {area.owner: area for area in end.areas}
    for name, leaf in names.items():
        node = next((node for node in facts.graph.nodes if node.label == name), None)
        if node is None or leaf.grad is None:
            assert leaf.grad is None or not leaf.grad.any()
            continue
        norm = f"‖g‖ {quantities.figure(leaf.grad.double().norm().item())}"
        shown = [text for text in told(picture, cards[f"node {node.index}"]) if text != "grad"]
        exact = [quantities.number(value, "float32") for value in leaf.grad.flatten().tolist()]
        rounded = [quantities.figure(value) for value in leaf.grad.flatten().tolist()]
        assert shown in (exact, rounded, [norm])


LESSON = find(Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": [[1, 2], [3, 4]]}))
EVERY, PICTURE = steps(LESSON), draw(LESSON)


def test_what_is_now_and_next_is_said_in_words_and_drawn_heavier() -> None:
    shown = stepped(PICTURE, LESSON.graph, EVERY, 3, {EVERY[1].node})
    areas = {area.owner: area for area in shown.areas}
    now, after, broken = (areas[f"node {EVERY[at].node}"] for at in (2, 3, 1))
    assert now.label.startswith("now, step 3 of 5: MulBackward0") and "now · step 3" in texts(shown, now)
    assert after.label.startswith("next, step 4 of 5: SubBackward0") and "next · step 4" in texts(shown, after)
    assert broken.label.endswith(", breakpoint") and "breakpoint" not in now.label
    heavy, dashed, plain = (
        next(mark for mark in shown.marks[slice(*area.marks)] if isinstance(mark, Rect))
        for area in (now, after, broken)
    )
    assert heavy.line > dashed.line > plain.line and (heavy.dashed, dashed.dashed) == (False, True)
    carried = [area for area in shown.areas if area.joins and area.label.startswith("now: y goes to Mul")]
    assert len(carried) == 2 and all("now" in texts(shown, area) for area in carried)
    assert shown.title.endswith("Backward has done 3 of 5 steps")


def test_edges_that_have_not_carried_are_faint() -> None:
    shown = stepped(PICTURE, LESSON.graph, EVERY, 1)
    colours = {
        area.label.split(",")[0]: {mark.stroke for mark in shown.marks[slice(*area.marks)] if isinstance(mark, Path)}
        for area in shown.areas
        if area.joins
    }
    assert colours["x goes to y as its input 0"] == {"forward", "border", None}
    assert colours["now: z goes to a as its input 0"] == {"forward", "backward", None}


def test_a_sum_of_which_a_part_has_come_is_so_far() -> None:
    facts = find(Expression("y = x * 3\na = (y * y).sum() + (2 * y).sum()", {"x": [1, 2]}))
    every, picture = steps(facts), draw(facts)
    y = next(node.index for node in facts.graph.nodes if node.label == "y")
    partial = next(
        position
        for position in range(len(every))
        if 0 < len(moment(facts.graph, every, position).arrived.get((y, 0), ())) < 3
    )
    shown = stepped(picture, facts.graph, every, partial)
    card = next(area for area in shown.areas if area.owner == f"node {y}")
    parts = moment(facts.graph, every, partial).arrived[y, 0]
    assert f"so far {len(parts)} of 3 parts" in card.label and "so far" in texts(shown, card)
    assert [quantities.number(value) for value in parts[-1].so_far.numbers] == texts(shown, card)[-2:]
    lanes = [area.label for area in shown.areas if area.joins and area.label.startswith(("y goes", "now: y goes"))]
    assert any("back flows" in label for label in lanes) and not any("%" in label for label in lanes)


def test_a_node_of_several_outputs_shows_each_as_far_as_it_is_there() -> None:
    facts = find(Expression("b, c = Split(x)\na = b.sum() + (c * c).sum()", {"x": [1, 2]}))
    every, picture = steps(facts), draw(facts)
    split = next(step for step in every if len(facts.graph.nodes[step.node].outputs) == 2)
    seen = []
    for position in range(len(every) + 1):
        shown = stepped(picture, facts.graph, every, position)
        card = next(area for area in shown.areas if area.owner == f"node {split.node}")
        seen.append(tuple("pending" in text for text in texts(shown, card) if text.startswith(("b:", "c:"))))
    assert seen[0] == (True, True) and seen[-1] == (False, False) and {(True, False), (False, True)} & set(seen)


def test_there_is_no_position_beyond_the_end() -> None:
    with pytest.raises(ValueError, match="5 steps"):
        stepped(PICTURE, LESSON.graph, EVERY, 6)
