"""A sample of the sweep has no difference, and the sweep finds what is wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import operators
import pytest
import torch
from comparing import COUNTS, judge
from special import SPECIAL

import tracer
from tracer.facts import Facts

change = msgspec.structs.replace


@pytest.fixture(scope="module")
def rows() -> list[operators.Row]:
    return operators.sweep("sample", samples=1)


def test_a_sample_of_operators_has_no_difference(rows):
    assert {row["name"]: row["differences"] for row in rows if row["differences"]} == {}


def test_the_sample_compares_something_of_each_kind(rows):
    total = operators._total(rows)
    assert total["entries"] >= 100
    assert total["entries with a graph"] >= 90
    for what in ("edges", "gradients", "shares", "shapes"):
        assert total[f"{what} compared"] == total[f"{what} equal"] > 200
    assert total["structures equal"] == total["left as they were"] == total["graphs"]
    assert total["refused as torch does"] == 1
    assert total["shapes without a second source"] < total["shapes compared"] / 20


def test_a_crash_or_a_hang_does_not_lose_the_rest():
    rows = {row["name"]: row for row in operators.sweep("troubles", samples=1, seconds=4)}
    assert list(rows) == ["well", "ends the process", "hangs", "raises", "prints"]
    assert rows["ends the process"]["differences"] == ["the process ended with 3"]
    assert rows["hangs"]["differences"] == ["no answer after 4 s"]
    assert rows["raises"]["skipped"].startswith("RuntimeError")
    assert [rows[name]["counts"]["edges equal"] for name in ("well", "prints")] == [1, 1]


def wrong(change_facts: Callable[[Facts], Facts]) -> Callable[..., tracer.Recording]:
    """Make a tracer that is wrong in one way."""

    def trace(*arguments: Any, **options: Any) -> tracer.Recording:
        return tracer.Recording(change_facts(tracer.trace(*arguments, **options).facts))

    return trace


def with_graph(facts: Facts, **changed: Any) -> Facts:
    return change(facts, graph=change(facts.graph, **changed))


def without_an_edge(facts: Facts) -> Facts:
    return with_graph(facts, edges=facts.graph.edges[:-1])


def without_output_numbers(facts: Facts) -> Facts:
    return with_graph(facts, edges=tuple(change(edge, output_nr=0) for edge in facts.graph.edges))


def slots_swapped(facts: Facts) -> Facts:
    return with_graph(facts, edges=tuple(change(edge, slot=1 - edge.slot) for edge in facts.graph.edges))


def names_lost(facts: Facts) -> Facts:
    return with_graph(facts, nodes=tuple(change(node, name="MulBackward0") for node in facts.graph.nodes))


def shapes_lost(facts: Facts) -> Facts:
    outputs = [tuple(change(spec, shape=(1, *(spec.shape or ()))) for spec in n.outputs) for n in facts.graph.nodes]
    return with_graph(facts, nodes=tuple(change(n, outputs=o) for n, o in zip(facts.graph.nodes, outputs, strict=True)))


def dtypes_lost(facts: Facts) -> Facts:
    outputs = [tuple(change(spec, dtype="float32") for spec in node.outputs) for node in facts.graph.nodes]
    return with_graph(facts, nodes=tuple(change(n, outputs=o) for n, o in zip(facts.graph.nodes, outputs, strict=True)))


def doubled(told: Any) -> Any:
    return change(told, values=told.values and change(told.values, numbers=tuple(2 * n for n in told.values.numbers)))


def edges_doubled(facts: Facts) -> Facts:
    return change(facts, edge_gradients=facts.edge_gradients and tuple(map(doubled, facts.edge_gradients)))


def a_gradient_doubled(facts: Facts) -> Facts:
    return change(facts, gradients=facts.gradients and (doubled(facts.gradients[0]), *facts.gradients[1:]))


def norms_wrong(facts: Facts) -> Facts:
    flows = tuple(
        change(flow, statistics=flow.statistics and change(flow.statistics, norm=flow.statistics.norm * 1.001))
        for flow in facts.edge_gradients or ()
    )
    return change(facts, edge_gradients=facts.edge_gradients and flows)


def shares_even(facts: Facts) -> Facts:
    flows = tuple(change(flow, share=flow.share and 0.5) for flow in facts.edge_gradients or ())
    return change(facts, edge_gradients=facts.edge_gradients and flows)


def none_told_as_measured(facts: Facts) -> Facts:
    flows = tuple(change(flow, state="measured") for flow in facts.gradients or ())
    return change(facts, gradients=facts.gradients and flows)


def hooks_not_told(facts: Facts) -> Facts:
    return change(facts, notes=())


@pytest.mark.parametrize(
    ("graph", "facts", "said"),
    [
        ("a value twice", without_an_edge, "structure: 1 edges, not 2"),
        ("several outputs, crossed", without_output_numbers, "structure: output 0 in slot"),
        ("a hook that looks", slots_swapped, "structure: "),
        ("a checkpoint", names_lost, "structure: MulBackward0, not "),
        ("an LSTM", shapes_lost, "shapes "),
        ("a slope", dtypes_lost, "shapes "),
        ("a value twice", edges_doubled, "edges "),
        ("outputs inside one another", a_gradient_doubled, "gradients "),
        ("tied weights", norms_wrong, "edges "),
        ("outputs inside one another", shares_even, "shares "),
        ("several outputs, one used", none_told_as_measured, "gradients "),
        ("a hook that changes", hooks_not_told, "parts are not summed"),
    ],
)
def test_a_wrong_tracer_is_found_out(graph, facts, said):
    assert not judge(SPECIAL[graph]).differences
    differences = judge(SPECIAL[graph], wrong(facts)).differences
    assert differences
    assert differences[0].startswith(said)


def writes_grad(tensors: Any, **options: Any) -> tracer.Recording:
    sum(tensor.sum() for tensor in tensors).backward(retain_graph=True)
    return tracer.trace(tensors, **options)


def draws_numbers(*arguments: Any, **options: Any) -> tracer.Recording:
    torch.rand(1)
    return tracer.trace(*arguments, **options)


def measures_a_freed_graph(tensors: Any, **options: Any) -> tracer.Recording:
    return tracer.trace(tensors)


@pytest.mark.parametrize(
    ("graph", "trace", "said"),
    [
        ("an LSTM", writes_grad, "changed: "),
        ("a slope", draws_numbers, "changed: "),
        ("freed", measures_a_freed_graph, "measured although torch refuses"),
    ],
)
def test_a_harmful_tracer_is_found_out(graph, trace, said):
    assert any(difference.startswith(said) for difference in judge(SPECIAL[graph], trace).differences)


def test_the_report_counts_and_names():
    rows = [
        {
            "name": "add",
            "counts": {"graphs": 2, "edges compared": 3, "edges equal": 3},
            "differences": [],
            "skipped": "",
        },
        {"name": "mul", "counts": {"graphs": 1}, "differences": ["edges 1→0: wrong"], "skipped": ""},
        {"name": "div", "counts": {}, "differences": [], "skipped": "RuntimeError: not here"},
    ]
    text = operators.report({"op_db": rows}, 3, "python sweep")
    assert "| entries | 3 |" in text
    assert "| entries that differ | 1 |" in text
    assert "| edges equal | 3 |" in text
    assert "- op_db, `mul`: edges 1→0: wrong" in text
    assert "- op_db, `div`: RuntimeError: not here" in text
    assert all(f"| {name} |" in text for name in COUNTS)
