import itertools
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tracer.analysis.folding import READABLE, Fold, Folded, fold, span
from tracer.analysis.runs import execution_order
from tracer.errors import TracerError
from tracer.facts import Facts, Gradient, Statistics
from tracer.graph import Edge, Graph, Node, TensorSpec, TracedOutput

SPEC = (TensorSpec((8,), "float32", "cpu"),)


def chain(operations: Sequence[tuple[str, str | None]], parameters: bool = True) -> Facts:
    """Operations (name, module) one after another; each has a parameter of 8 elements whose gradient has norm 2."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    before: int | None = None
    for number, (name, module) in enumerate(operations):
        if parameters:
            nodes.append(Node(len(nodes), "AccumulateGrad", "leaf", SPEC, 0, "parameter", f"{module}.weight"))
        nodes.append(Node(len(nodes), name, "operation", SPEC, 2, module=module, sequence=number))
        here = len(nodes) - 1
        if parameters:
            edges.append(Edge(here - 1, here, 0, 0))
        if before is not None:
            edges.append(Edge(before, here, 0, 1))
        before = here
    figures = Statistics(0, 0, 2, 2.0, 0, 0)
    gradients = tuple(
        Gradient(node.index, 0, None, (8,), "float32", "measured", figures) for node in nodes if node.kind == "leaf"
    )
    return Facts(Graph(tuple(nodes), tuple(edges), (TracedOutput(len(nodes) - 1, 0, "loss"),)), gradients=gradients)


def blocks(count: int) -> list[tuple[str, str | None]]:
    """A stem, `count` blocks of two layers and an operation of their own, and a loss outside of modules."""
    inner = [[("MmBackward0", f"blocks.{n}.fc"), ("ReluBackward0", f"blocks.{n}.act"), ("AddBackward0", f"blocks.{n}")]
             for n in range(count)]  # fmt: skip
    return [("ConvolutionBackward0", "stem"), *itertools.chain(*inner), ("MeanBackward0", None)]


def check(facts: Facts, folded: Folded) -> None:
    """Each node is in one box, links go down, and every edge between boxes is in a link, but for those of a loop."""
    members = [node for box in folded.boxes for node in box.nodes]
    assert sorted(members) == [node.index for node in facts.graph.nodes]
    box_of = {node: number for number, box in enumerate(folded.boxes) for node in box.nodes}
    linked = {edge for link in folded.links for edge in link.edges}
    for number, edge in enumerate(facts.graph.edges):
        tail, head = box_of[edge.producer], box_of[edge.consumer]
        repeated = folded.boxes[tail].repeats > 1 and folded.boxes[head].repeats > 1
        assert number in linked or tail == head or (tail > head and repeated)
    assert all(link.producer < link.consumer for link in folded.links)


def test_a_small_graph_keeps_every_node() -> None:
    facts = chain(blocks(3))
    folded = fold(facts)
    assert [box.nodes for box in folded.boxes] == [(node.index,) for node in facts.graph.nodes]
    assert not folded.folded
    check(facts, folded)


def test_blocks_alike_are_drawn_once_and_opened() -> None:
    facts = chain(blocks(12))
    folded = fold(facts)
    assert [box.title for box in folded.boxes] == ["stem", "blocks.0–11.fc", "blocks.0–11.act", "blocks.0–11", ""]
    assert [(frame.title, frame.boxes, frame.repeats) for frame in folded.frames] == [("blocks.0–11", (1, 4), 12)]
    assert folded.boxes[1].operations == 12
    assert folded.boxes[1].parameters == 12 * 8
    assert folded.boxes[1].norm == pytest.approx((12 * 2.0**2) ** 0.5)
    check(facts, folded)


def test_a_block_that_differs_is_not_hidden_among_others() -> None:
    operations = blocks(12)
    operations[1 + 3 * 5] = ("TanhBackward0", "blocks.5.fc")
    folded = fold(chain(operations))
    titles = [frame.title for frame in folded.frames]
    assert "blocks.0–4" in titles
    assert "blocks.6–11" in titles
    assert "blocks.5.fc" in [box.title for box in folded.boxes]


def test_only_whole_blocks_are_laid_on_each_other() -> None:
    first = [("EmbeddingBackward0", "blocks.0.extra")]
    rest = [
        (name, f"blocks.{n}.{part}")
        for n in range(40)
        for name, part in (("MmBackward0", "fc"), ("ReluBackward0", "act"))
    ]
    folded = fold(chain(first + rest))
    assert [box.title for box in folded.boxes] == [
        *("blocks.0.extra", "blocks.0.fc", "blocks.0.act"),
        *("blocks.1–39.fc", "blocks.1–39.act"),
    ]


def test_the_deepest_level_that_fits_is_shown() -> None:
    operations: list[tuple[str, str | None]] = [
        (f"Op{layer}x{part}Backward0", f"layer{layer}.part{part}") for layer in range(8) for part in range(10)
    ]
    folded = fold(chain(operations))
    assert [box.title for box in folded.boxes] == [f"layer{layer}" for layer in range(8)]
    check(chain(operations), folded)


def test_layers_with_numbers_in_their_names_are_not_taken_for_blocks() -> None:
    operations = [("MmBackward0", f"net.conv{number}") for number in range(2)] + [("AddBackward0", "net")] * 70
    folded = fold(chain(operations))
    assert [box.title for box in folded.boxes][:2] == ["net.conv0", "net.conv1"]


@pytest.mark.parametrize("count", [100, 3000, 100_000])
def test_a_loop_without_modules_is_one_box(count: int) -> None:
    facts = chain([("MulBackward0", None)] * count, parameters=False)
    folded = fold(facts)
    assert len(folded.boxes) == 1
    assert folded.boxes[0].repeats == count


def test_chains_are_folded_where_nothing_repeats() -> None:
    facts = chain([(f"Op{number}Backward0", None) for number in range(200)], parameters=False)
    folded = fold(facts)
    assert [len(box.nodes) for box in folded.boxes] == [200]
    check(facts, folded)


def test_whatever_the_graph_there_are_few_boxes() -> None:
    nodes = tuple(Node(number, f"Op{number}Backward0", "operation", SPEC, 3, sequence=number) for number in range(2000))
    edges = tuple(Edge(head - back, head, 0, back) for head in range(3, 2000) for back in (1, 2, 3))
    facts = Facts(Graph(nodes, edges))
    folded = fold(facts)
    assert 1 < len(folded.boxes) <= READABLE
    check(facts, folded)


def test_many_inputs_are_folded_into_what_uses_them() -> None:
    nodes = [Node(number, "AccumulateGrad", "leaf", SPEC, 0, "input", f"x{number}") for number in range(500)]
    nodes.append(Node(500, "StackBackward0", "operation", SPEC, 500, sequence=0))
    facts = Facts(Graph(tuple(nodes), tuple(Edge(number, 500, 0, number) for number in range(500))))
    folded = fold(facts)
    assert len(folded.boxes) == 1
    check(facts, folded)


def test_shared_leaves_are_folded_into_the_first_that_ran_not_the_first_listed() -> None:
    ran = [
        Node(number, "MulBackward0", "operation", SPEC, 40, module=f"m{number}", sequence=1 - number)
        for number in (0, 1)
    ]
    leaves = [Node(2 + number, "AccumulateGrad", "leaf", SPEC, 0, "parameter") for number in range(70)]
    edges = [Edge(leaf.index, user, 0, leaf.index) for leaf in leaves for user in (0, 1)]
    facts = Facts(Graph((*ran, *leaves), tuple(edges)))
    folded = fold(facts)
    assert [box.title for box in folded.boxes] == ["m1", "m0"]
    assert len(folded.links[0].edges) == 70
    check(facts, folded)


def test_more_modules_than_fit_are_joined() -> None:
    operations: list[tuple[str, str | None]] = [(f"Op{number}Backward0", f"layer_{number}") for number in range(90)]
    folded = fold(chain(operations))
    assert len(folded.boxes) == 30
    check(chain(operations), folded)


def test_a_shared_parameter_keeps_its_card_before_the_blocks_that_share_it() -> None:
    facts = chain([("MmBackward0", "cell"), ("TanhBackward0", None)] * 50, parameters=False)
    weight = Node(100, "AccumulateGrad", "leaf", SPEC, 0, "parameter", "cell.weight")
    graph = Graph((*facts.graph.nodes, weight), (*facts.graph.edges, *(Edge(100, n, 0, 1) for n in range(0, 100, 2))))
    folded = fold(Facts(graph))
    assert folded.boxes[0].nodes == (100,)
    assert [box.repeats for box in folded.boxes[1:]] == [50, 50]


def test_a_graph_whose_numbers_contradict_its_edges_is_taken_inputs_first() -> None:
    nodes = tuple(Node(number, "AddBackward0", "operation", SPEC, 1, sequence=9 - number) for number in range(10))
    graph = Graph(nodes, tuple(Edge(number, number + 1) for number in range(9)))
    assert execution_order(graph) == list(range(10))


@pytest.mark.parametrize(
    ("first", "last", "times", "name"),
    [
        (("blocks", "0"), ("blocks", "11"), 12, "blocks.0–11"),
        (("blocks", "0", "attn"), ("blocks", "5", "attn"), 6, "blocks.0–5.attn"),
        (("cell",), ("cell",), 3000, "cell"),
        (("fc",), ("fc",), 1, "fc"),
        ((), (), 1, ""),
    ],
)
def test_blocks_alike_are_named_by_the_first_and_the_last(first, last, times: int, name: str) -> None:
    assert span(first, last, times) == name


@pytest.mark.parametrize(
    ("how", "titles"),
    [
        (Fold(1), ["stem", "blocks", None]),
        (Fold(2), ["stem", "blocks.0–2", None]),
        (Fold(3), ["stem", "blocks.0–2.fc", "blocks.0–2.act", "blocks.0–2", None]),
        (Fold(9), ["stem", "blocks.0–2.fc", "blocks.0–2.act", "blocks.0–2", None]),
        (Fold(1, ("blocks",)), ["stem", "blocks.0–2", None]),
        (
            Fold(1, ("blocks.1",)),
            ["stem", "blocks.0", "blocks.1.fc", "blocks.1.act", None, "blocks.2", None],
        ),
        (Fold("auto", ("stem",)), [None, "blocks.0–2.fc", "blocks.0–2.act", "blocks.0–2", None]),
    ],
)
def test_a_graph_is_folded_at_the_level_that_is_asked_for(how: Fold, titles: list[str | None]) -> None:
    facts = chain(blocks(3), parameters=False)
    folded = fold(facts, how)
    check(facts, folded)
    assert [box.title for box in folded.boxes] == titles


def test_an_operation_of_an_opened_module_keeps_its_card_inside_the_frame() -> None:
    facts = chain([("TBackward0", "fc"), ("AddmmBackward0", "fc"), ("MeanBackward0", None)], parameters=False)
    folded = fold(facts, Fold(1, ("fc",)))
    assert [box.nodes for box in folded.boxes] == [(0,), (1,), (2,)]
    assert [(frame.title, frame.boxes) for frame in folded.frames] == [("fc", (0, 2))]


def test_all_folds_nothing() -> None:
    facts = chain(blocks(40))
    assert len(fold(facts, Fold("all")).boxes) == len(facts.graph.nodes)


@pytest.mark.parametrize("level", [0, -1, True, "deep", 1.5])
def test_a_level_that_is_none_is_a_value_error(level: object) -> None:
    with pytest.raises(ValueError, match="whole number from 1"):
        fold(chain(blocks(1)), Fold(level))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("modules", "name", "cure"),
    [
        (blocks(2), "block.1", "Did you mean “blocks.1”?"),
        (blocks(2), "zzz", "Name one such as “blocks”"),
        ([("MulBackward0", None)], "zzz", "Record while the model runs"),
    ],
)
def test_opening_what_is_not_there_is_a_sentence(modules: list[tuple[str, str | None]], name: str, cure: str) -> None:
    with pytest.raises(TracerError, match=name) as refused:
        fold(chain(modules), Fold(1, (name,)))
    assert cure in str(refused.value)


def test_calls_of_one_module_right_after_each_other_are_told_apart() -> None:
    facts = chain([("ReluBackward0", "act"), ("TanhBackward0", "act"), ("ReluBackward0", "act")], parameters=False)
    calls = [replace(node, call=call) for node, call in zip(facts.graph.nodes, (1, 1, 2), strict=True)]
    folded = fold(replace(facts, graph=replace(facts.graph, nodes=tuple(calls))), Fold(1))
    assert [box.nodes for box in folded.boxes] == [(0, 1), (2,)]


def test_a_module_with_its_parts_inside_is_one_box() -> None:
    facts = chain([("MmBackward0", "block.fc"), ("AddBackward0", "block"), ("ReluBackward0", "block.act")], False)
    calls = [replace(node, call=1) for node in facts.graph.nodes]
    folded = fold(replace(facts, graph=replace(facts.graph, nodes=tuple(calls))), Fold(1))
    assert [box.nodes for box in folded.boxes] == [(0, 1, 2)]


def test_a_box_of_blocks_alike_opens_them_all() -> None:
    facts = chain(blocks(6))
    closed = fold(facts, Fold(2))
    whole = next(box for box in closed.boxes if box.repeats == 6)
    assert (whole.title, whole.module, whole.opens) == ("blocks.0–5", "blocks.0", "blocks.#")
    inside = fold(facts, Fold(2, (whole.opens,)))
    check(facts, inside)
    assert [(box.title, box.repeats, box.opens) for box in inside.boxes if box.repeats > 1] == [
        ("blocks.0–5.fc", 6, "blocks.#.fc"), ("blocks.0–5.act", 6, "blocks.#.act"), ("blocks.0–5", 6, "blocks.#"),
    ]  # fmt: skip
    alone = fold(facts, Fold(2, ("blocks.2",)))
    check(facts, alone)
    assert [box.opens for box in alone.boxes][1:6] == [
        "blocks.#",
        "blocks.2.fc",
        "blocks.2.act",
        "blocks.2",
        "blocks.#",
    ]


@pytest.mark.parametrize("name", ["blocks.#.nothing", "#", "stem.#"])
def test_a_pattern_that_no_module_fits_is_refused(name: str) -> None:
    with pytest.raises(TracerError, match="No operation"):
        fold(chain(blocks(3)), Fold("auto", (name,)))
