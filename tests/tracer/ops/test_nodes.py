"""Each operator's node in autograd's record is what the table says, for every operator that torch gives one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from rule_cases import CASES, Case, drawn

from tracer.ops.nodes import NODES, SHARED, belongs, of_node
from tracer.ops.table import OPS


def node_of(case: Case) -> Any:
    """Give the node of a case, where torch records one operation for it: all that goes on from it are inputs."""
    arrays = drawn(case.arguments, 0)
    xs = [torch.tensor(array, requires_grad=str(array.dtype) == "float64") for array in arrays]
    y = case.call(case.function, *xs)
    node = (y[0] if isinstance(y, tuple) else y).grad_fn
    following = [one for one, _ in node.next_functions if one is not None] if node is not None else []
    return node if following and all(one.name().endswith("AccumulateGrad") for one in following) else None


def test_every_node_that_torch_gives_an_operator_is_known() -> None:
    seen: dict[str, set[str]] = {}
    for case in CASES:
        node = node_of(case)
        if node is not None and not node.name().startswith("Alias"):
            seen.setdefault(case.name, set()).add(node.name())
    wrong = {name: nodes for name, nodes in seen.items() if not all(belongs(node, name) for node in nodes)}
    assert wrong == {}
    assert len(seen) >= 130


def test_the_table_speaks_of_operators_alone() -> None:
    assert set(NODES.values()) <= set(OPS)
    assert {other for others in SHARED.values() for other in others.split()} <= set(OPS) and set(SHARED) <= set(OPS)
    assert of_node("MulBackward0") is OPS["mul"] and of_node("PowBackward0") is OPS["pow"]
    assert of_node("FooBackward0") is None and of_node("AccumulateGrad") is None


@pytest.mark.parametrize(("node", "operator"), [("MulBackward0", "add"), ("MmBackward0", "dot"), ("Foo", "add")])
def test_a_node_does_not_belong_to_another_operator(node: str, operator: str) -> None:
    assert not belongs(node, operator)
