import random
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path as File

import pytest
from msgspec.structs import replace

from tracer.analysis.folding import Fold
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.picture import draw
from tracer.facts import EdgeGradient, Facts, Gradient, Statistics, Tensor, Values, read
from tracer.graph import Edge, Graph, Node, TensorSpec, TracedOutput

LESSON = read(File(__file__).parents[2] / "golden" / "lesson.json")
SPEC = TensorSpec((2, 2), "float32", "cpu")
NUMBERS = Values((2, 2), "float32", (-0.75, 0.0, 0.75, 1.5))
FIGURES = Statistics(0.375, 0.9, 1.5, 1.837, 0.25, 0)


def graph(count: int, pairs: list[tuple[int, int]], values: Values | None = NUMBERS) -> Facts:
    """A graph whose nodes are all 2 × 2, with the same gradient everywhere."""
    producers = {head for _, head in pairs}
    nodes = tuple(
        Node(number, "AddBackward0", "operation", (SPEC,), 2, sequence=number)
        if number in producers
        else Node(number, "AccumulateGrad", "leaf", (SPEC,), 0, "input", f"x{number}")
        for number in range(count)
    )
    edges = tuple(Edge(tail, head, 0, slot) for slot, (tail, head) in enumerate(sorted(pairs, key=lambda p: p[1])))
    return Facts(
        Graph(nodes, edges, (TracedOutput(count - 1, 0, "loss"),)),
        gradients=tuple(Gradient(n, 0, None, (2, 2), "float32", "measured", FIGURES, values) for n in range(count)),
        edge_gradients=tuple(
            EdgeGradient(number, (2, 2), "measured", FIGURES, values, 0.5, 1.0) for number in range(len(edges))
        ),
    )


def random_graph(seed: int, count: int) -> Facts:
    draw_from = random.Random(seed)
    pairs = [
        (draw_from.randrange(max(0, head - 6), head), head)
        for head in range(1, count)
        for _ in range(draw_from.choice((0, 1, 1, 2, 2)))
    ]
    return graph(count, [*pairs, (count - 2, count - 1)])


GRAPHS = {
    "the lesson": LESSON,
    "one node": graph(1, []),
    "y * y * y": graph(4, [(0, 1), (1, 2), (1, 2), (1, 3), (2, 3)]),
    "a fan": graph(9, [(0, head) for head in range(1, 8)] + [(tail, 8) for tail in range(1, 8)]),
    "many parallel": graph(2, [(0, 1)] * 11),
    "a long chain": graph(40, [(number, number + 1) for number in range(39)]),
    "large tensors": graph(4, [(0, 1), (1, 2), (1, 2), (1, 3), (2, 3)], values=None),
    **{f"random {seed}": random_graph(seed, 10 + 2 * seed) for seed in range(12)},
}


def cards(picture: DisplayList) -> dict[str, Area]:
    return {area.owner: area for area in picture.areas if area.owner.startswith(("node", "group"))}


def lines(picture: DisplayList, area: Area) -> list[Path]:
    found = picture.marks[slice(*area.marks)]
    return [mark for mark in found if isinstance(mark, Path) and mark.curved]


def pills(picture: DisplayList) -> list[Rect]:
    owned = [place for area in picture.areas if area.joins for place in range(*area.marks)]
    return [mark for place in owned if isinstance(mark := picture.marks[place], Rect) and mark.fill == "pill"]


def apart(a: Rect | Area, b: Rect | Area) -> bool:
    return (
        a.x + a.width <= b.x + 0.5
        or b.x + b.width <= a.x + 0.5
        or a.y + a.height <= b.y + 0.5
        or b.y + b.height <= a.y + 0.5
    )


@pytest.mark.parametrize("facts", GRAPHS.values(), ids=GRAPHS)
def test_every_lane_starts_and_ends_on_its_cards(facts: Facts) -> None:
    picture = draw(facts)
    for area in picture.areas:
        for line in lines(picture, area) if area.joins else []:
            tail, head = (cards(picture)[owner] for owner in area.joins)
            (x0, y0), (x1, y1) = line.points[0], line.points[-1]
            assert tail.x < x0 < tail.x + tail.width
            assert 0 <= y0 - (tail.y + tail.height) < 7.5  # the tip of an arrow is 8 long
            assert head.x < x1 < head.x + head.width
            assert 0 <= head.y - y1 < 7.5


@pytest.mark.parametrize("facts", GRAPHS.values(), ids=GRAPHS)
def test_no_card_and_no_label_covers_another(facts: Facts) -> None:
    picture = draw(facts)
    boxes = [*cards(picture).values(), *pills(picture)]
    assert [(a, b) for a, b in combinations(boxes, 2) if not apart(a, b)] == []


@pytest.mark.parametrize("facts", GRAPHS.values(), ids=GRAPHS)
def test_everything_lies_inside_the_picture(facts: Facts) -> None:
    picture = draw(facts)
    for area in picture.areas:
        assert area.x >= -8
        assert area.y >= -8
        assert area.x + area.width <= picture.width + 8
        assert area.y + area.height <= picture.height + 8


@pytest.mark.parametrize("facts", GRAPHS.values(), ids=GRAPHS)
def test_texts_fit_their_cards(facts: Facts) -> None:
    picture = draw(facts)
    for area in cards(picture).values():
        for mark in picture.marks[slice(*area.marks)]:
            if isinstance(mark, Text):
                left = mark.x - {"start": 0, "middle": 0.5, "end": 1}[mark.anchor] * mark.width
                assert area.x + 8 <= left
                assert left + mark.width <= area.x + area.width - 8


@pytest.mark.parametrize("name", GRAPHS)
def test_no_lane_runs_through_a_card_or_a_label(name: str) -> None:
    """In dense random graphs, a few lanes in a hundred still graze the corner of a label."""
    picture = draw(GRAPHS[name])
    solid = [*cards(picture).values(), *(() if name.startswith("random") else pills(picture))]
    for area in picture.areas:
        own = {id(cards(picture)[owner]) for owner in area.joins}
        own |= {id(mark) for mark in picture.marks[slice(*area.marks)]}
        for point in (p for line in lines(picture, area) if area.joins for p in points_on(line)):
            crossed = [thing for thing in solid if id(thing) not in own and inside(thing, point)]
            assert crossed == [], area.owner


def points_on(line: Path) -> Iterator[tuple[float, float]]:
    """Points along a curve: B(t) = (1−t)³a + 3(1−t)²t·b + 3(1−t)t²·c + t³d."""
    for start in range(0, len(line.points) - 3, 3):
        for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
            a, b = (
                sum(w * p[axis] for w, p in zip(weights, line.points[start : start + 4], strict=True))
                for axis in (0, 1)
            )
            yield a, b


def inside(thing: Rect | Area, point: tuple[float, float]) -> bool:
    x, y = point
    return thing.x + 1 < x < thing.x + thing.width - 1 and thing.y + 1 < y < thing.y + thing.height - 1


def test_an_operation_with_several_outputs_names_them() -> None:
    outputs = (SPEC, SPEC)
    nodes = (
        Node(0, "AccumulateGrad", "leaf", (SPEC,), 0, "input", "x"),
        Node(1, "SplitBackward0", "operation", outputs, 1, label="a = b", sequence=0),
        Node(2, "MulBackward0", "operation", (SPEC,), 2, sequence=1),
    )
    edges = (Edge(0, 1), Edge(1, 2, 0, 0), Edge(1, 2, 1, 1))
    named = tuple(
        Tensor(name, None, (2, 2), "float32", "cpu", 16, node=1, output_nr=nr) for nr, name in ((0, "a"), (1, "b"))
    )
    picture = draw(Facts(Graph(nodes, edges, (TracedOutput(2, 0, "c"),)), tensors=named))
    areas = {area.owner: area for area in picture.areas}
    texts = [mark.text for mark in picture.marks[slice(*areas["node 1"].marks)] if isinstance(mark, Text)]
    assert texts[:2] == ["a, b", "2 outputs"]
    assert areas["edge 2"].label == "b goes to Mul as its input 1"


def test_the_square_of_y_has_two_edges_with_two_lanes_each() -> None:
    picture = draw(LESSON)
    both = [area for area in picture.areas if area.joins == ("node 1", "node 2")]
    assert [area.owner for area in both] == ["edge 1", "edge 2"]
    for area in both:
        forward, backward = lines(picture, area)
        assert (forward.stroke, forward.dashed) == ("forward", False)
        assert (backward.stroke, backward.dashed) == ("backward", True)
        texts = [mark.text for mark in picture.marks[slice(*area.marks)] if isinstance(mark, Text)]
        assert texts == ["−0.75", "0", "0.75", "1.5"]


def test_without_gradients_there_are_only_forward_lanes() -> None:
    picture = draw(replace(LESSON, gradients=None, edge_gradients=None))
    assert {line.stroke for area in picture.areas if area.joins for line in lines(picture, area)} == {"forward"}
    assert not pills(picture)


def test_cards_say_what_is_known() -> None:
    picture = draw(LESSON)
    said = {
        owner: [mark.text for mark in picture.marks[slice(*area.marks)] if isinstance(mark, Text)]
        for owner, area in cards(picture).items()
    }
    assert said["node 0"][:4] == ["x", "input", "2 × 2", "AccumulateGrad · leaf"]
    assert said["node 1"] == [
        *("y = x − 2", "2 × 2", "SubBackward0 · line 1"),
        *("value", "−1", "0", "1", "2"),
        *("grad", "−1.5", "0", "1.5", "3"),
    ]
    assert said["node 4"][:3] == ["a = z.mean()", "output", "scalar"]


def test_labels_are_whole_sentences() -> None:
    labels = {area.owner: area.label for area in draw(LESSON).areas}
    assert labels["node 1"] == (
        "SubBackward0, y = x − 2, shape 2 × 2, value [[−1, 0], [1, 2]], "
        "gradient [[−1.5, 0], [1.5, 3]], gradient norm 3.674, line 1"
    )
    assert labels["edge 1"] == (
        "y goes to Mul as its input 0, back flows [[−0.75, 0], [0.75, 1.5]], "
        "gradient norm 1.837, 50\u202f% of the sum of 2 that arrive there"
    )


def test_a_leaf_that_nothing_reached_says_so() -> None:
    facts = graph(2, [(0, 1)])
    assert facts.gradients is not None
    nothing = Gradient(0, 0, "x0", (2, 2), "float32", "none")
    picture = draw(replace(facts, gradients=(nothing, facts.gradients[1]), edge_gradients=()))
    assert "no gradient" in [mark.text for mark in picture.marks if isinstance(mark, Text)]
    assert "no gradient flows here" in cards(picture)["node 0"].label


def test_a_person_s_name_is_shortened_on_the_card_and_whole_in_the_label() -> None:
    name = "x\x00\u202e" + "long" * 5000
    nodes = (replace(LESSON.graph.nodes[0], label=name), *LESSON.graph.nodes[1:])
    tensors = tuple(replace(tensor, name=name) if tensor.name == "x" else tensor for tensor in LESSON.tensors)
    picture = draw(replace(LESSON, graph=replace(LESSON.graph, nodes=nodes), tensors=tensors))
    card = cards(picture)["node 0"]
    assert card.width < 500
    assert f"x‹U+0000›‹U+202E›{'long' * 5000}" in card.label
    assert not re.search("[\x00\u202e]", "".join(mark.text for mark in picture.marks if isinstance(mark, Text)))


def test_above_a_thousand_boxes_the_layered_layout_takes_over() -> None:
    facts = graph(1200, [(number, number + 1) for number in range(1199)])
    picture = draw(facts, how=Fold("all"))
    assert picture.layout == "layered"
    assert len(cards(picture)) == 1200
    assert draw(facts).layout == "Graphviz"  # folded first


def test_when_time_runs_out_the_layered_layout_takes_over() -> None:
    assert draw(random_graph(3, 40), seconds=1e-6).layout == "layered"


def test_a_tall_strip_is_broken_into_columns() -> None:
    picture = draw(GRAPHS["a long chain"])
    assert len({round(area.x + area.width / 2) for area in cards(picture).values()}) > 2
    assert picture.height < 3 * picture.width
