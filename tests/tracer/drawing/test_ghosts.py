"""Grey cards beside a graph: what autograd does not follow, and the words on the arrow where it was cut."""

from itertools import pairwise

from msgspec.structs import replace

from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.ghosts import MOST
from tracer.drawing.picture import draw
from tracer.facts import Cut, Facts, Standing, Tensor, Values
from tracer.graph import Edge, Graph, Node, TensorSpec, TracedOutput
from tracer.values import Unfollowed

SPEC = TensorSpec((2,), "float32", "cpu")
HALVES = Values((2,), "float32", (0.5, 1.5), ("1/2", "3/2"))


def tensor(name: str | None, node: int | None, made_by: str | None = None, tracked: bool = False) -> Tensor:
    role = "input" if made_by is None else None
    standing = Standing(tracked, made_by is None)
    return Tensor(name, role, (2,), "float32", "cpu", 8, None, node, 0, made_by, HALVES, standing)


FACTS = Facts(
    Graph(
        (
            Node(0, "AccumulateGrad", "leaf", (SPEC,), 0, "input", "x"),
            Node(1, "MulBackward0", "operation", (SPEC,), 2, label="y", source="line 2"),
        ),
        (Edge(0, 1),),
        (TracedOutput(1, 0, "y"),),
    ),
    tensors=(
        tensor("x", 0, tracked=True),
        tensor("w", None),
        tensor("d", None, "x.detach()"),
        tensor("y", 1, "x * d * w", tracked=True),
    ),
    cuts=(Cut("detach", "detach", None, "line 1", 1, (1,), (), (0,), (2,)),),
    unfollowed=(Unfollowed(1, (), (1,)), Unfollowed(2, (0,), (1,), 0)),
)


def areas(picture: DisplayList) -> dict[str, Area]:
    return {area.owner: area for area in picture.areas}


def texts(picture: DisplayList, owner: str) -> list[str]:
    return [mark.text for mark in picture.marks[slice(*areas(picture)[owner].marks)] if isinstance(mark, Text)]


def test_an_untracked_input_is_a_grey_card_joined_to_what_used_it() -> None:
    picture = draw(FACTS)
    assert texts(picture, "tensor 1") == ["w", "not tracked", "2", "input · w.grad is None", "value", "1/2", "3/2"]
    first = picture.marks[areas(picture)["tensor 1"].marks[0]]
    assert isinstance(first, Rect)
    assert (first.stroke, first.dashed) == ("group_border", True)
    assert ("tensor 1", "node 1") in [area.joins for area in picture.areas]
    assert areas(picture)["tensor 1"].label == (
        "w, input, not tracked, no gradient reaches it, shape 2, value [1/2, 3/2]"
    )


def test_where_it_was_cut_the_arrow_says_so_and_the_card_does_not() -> None:
    picture = draw(FACTS)
    (cut,) = [area for area in picture.areas if area.joins == ("node 0", "tensor 2")]
    assert texts(picture, cut.owner) == ["cut by detach · line 1"]
    assert cut.label == "x goes to d = x.detach(), cut by detach at line 1, no gradient comes back"
    way = picture.marks[cut.marks[0]]
    assert isinstance(way, Path)
    assert (way.stroke, way.dashed) == ("muted", True)
    assert not any("cut by" in text for text in texts(picture, "node 1"))
    assert "no gradient flows on to detach at line 1" in areas(picture)["node 1"].label


def test_no_gradient_is_drawn_on_a_way_that_is_not_followed() -> None:
    picture = draw(FACTS)
    grey = [area for area in picture.areas if area.owner.startswith("gap")]
    found = [mark for area in grey for mark in picture.marks[slice(*area.marks)]]
    assert len(grey) == 3
    assert not {"backward", "forward"} & {mark.stroke for mark in found if isinstance(mark, Path)}


def test_everything_is_in_reading_order_and_joined_by_what_is_there() -> None:
    picture = draw(FACTS)
    tops = {owner: area.y for owner, area in areas(picture).items()}
    for area in picture.areas:
        for above, below in pairwise(area.joins):
            assert tops[above] < tops[below]


def test_an_output_without_a_graph_is_drawn_too() -> None:
    facts = replace(
        FACTS,
        graph=Graph(outputs=(TracedOutput(None, 0, "d"),)),
        tensors=(tensor("x", None, tracked=True), *FACTS.tensors[1:2], replace(FACTS.tensors[2], role="output")),
        unfollowed=(Unfollowed(0), Unfollowed(2, (0,), (), 0)),
    )
    picture = draw(facts)
    assert texts(picture, "tensor 2")[:2] == ["d = x.detach()", "output, not tracked"]
    assert texts(picture, "tensor 0")[:2] == ["x", "not reached"]
    assert [area.joins for area in picture.areas if area.joins] == [("tensor 0", "tensor 2")]


def test_many_are_left_out_and_the_card_says_where_it_was_cut() -> None:
    picture = draw(replace(FACTS, unfollowed=FACTS.unfollowed * MOST))
    assert not [area for area in picture.areas if area.owner.startswith("tensor")]
    assert "cut by detach, line 1" in texts(picture, "node 1")
