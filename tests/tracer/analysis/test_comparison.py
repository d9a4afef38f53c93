"""Differences that were made on purpose, each with what must be said of it and nothing beside."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest
import torch
from torch import nn

import tracer
from tracer.analysis.comparison import Comparison, Difference, compare
from tracer.facts import Facts
from tracer.graph import Graph

Make = Callable[[torch.Tensor], torch.Tensor]


def facts(make: Make, dtype: torch.dtype = torch.float32, gradients: bool = True) -> Facts:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=dtype, requires_grad=True)
    return tracer.trace(make(x), names={"x": x}, gradients=gradients).facts


def said(comparison: Comparison) -> list[tuple[str, str | None, str | None]]:
    return [(row.kind, row.before, row.after) for row in comparison.rows]


def by_product(x: torch.Tensor) -> torch.Tensor:
    y = x - 2
    return (y * y * 3).mean()


def by_power(x: torch.Tensor) -> torch.Tensor:
    return (3 * (x - 2) ** 2).mean()


def test_a_square_by_product_and_by_power() -> None:
    a, b = facts(by_product), facts(by_power)
    found = compare(a, b)
    assert [row for row in said(found) if row[0] != "saved"] == [("operation", "MulBackward0", "PowBackward0")]
    assert found.pairs == tuple((i, i) for i in range(5))
    assert not found and not found.same


def test_a_recording_is_the_same_as_itself_and_as_a_second_run() -> None:
    a = facts(by_product)
    assert compare(a, a) and compare(a, facts(by_product)).same
    assert str(compare(a, a)) == "No difference was found."


CHANGES: dict[str, tuple[Make, Make, list[tuple[str, str | None, str | None]]]] = {
    "an operation more": (
        lambda x: (x * 2).sum(),
        lambda x: (x * 2).exp().sum(),
        [("added", None, "[2, 2] float32")],
    ),
    "an operation less": (
        lambda x: (x * 2).exp().sum(),
        lambda x: (x * 2).sum(),
        [("removed", "[2, 2] float32", None)],
    ),
    "another reduction": (
        lambda x: (x * 2).sum(),
        lambda x: (x * 2).mean(),
        [("operation", "SumBackward0", "MeanBackward0")],
    ),
    "a detached factor": (
        lambda x: (x * x.exp()).sum(),
        lambda x: (x * x.exp().detach()).sum(),
        [("removed", "[2, 2] float32", None), ("inputs", "ExpBackward0", "not followed")],
    ),
    "an output of a split": (
        lambda x: x.split(1)[0].sum(),
        lambda x: x.split(1)[1].sum(),
        [("inputs", "output 0 of SplitBackward0", "output 1 of SplitBackward0")],
    ),
    "a shape": (
        lambda x: (x * 2).sum(0).exp().sum(),
        lambda x: (x * 2).sum(0, keepdim=True).exp().sum(),
        [("shape", "[2]", "[1, 2]"), ("shape", "[2]", "[1, 2]")],
    ),
    "no graph any more": (
        lambda x: x.sum(),
        lambda x: x.sum().detach(),
        [
            ("removed", "[2, 2] float32", None),
            ("removed", "[] float32", None),
            ("inputs", "SumBackward0", "not followed"),
        ],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changes_of_structure(case: str) -> None:
    before, after, rows = CHANGES[case]
    assert said(compare(facts(before, gradients=False), facts(after, gradients=False))) == rows


def test_a_dtype() -> None:
    found = compare(facts(by_product, gradients=False), facts(by_product, torch.float64, gradients=False))
    assert said(found) == [("dtype", "float32", "float64")] * 5


def crossed(x: torch.Tensor, order: tuple[int, int]) -> torch.Tensor:
    ends = [x.exp(), x.sin()]
    return (ends[order[0]] / ends[order[1]]).sum()


def test_inputs_that_changed_places() -> None:
    found = compare(*(facts(lambda x, o=o: crossed(x, o), gradients=False) for o in ((0, 1), (1, 0))))
    assert said(found) == [("inputs", "ExpBackward0", "SinBackward0"), ("inputs", "SinBackward0", "ExpBackward0")]


class Block(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.LayerNorm(4), nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))


def blocks(count: int, extra: nn.Module | None = None, at: int = 0) -> Facts:
    torch.manual_seed(0)
    modules: list[nn.Module] = [Block() for _ in range(count)]
    if extra is not None:
        modules.insert(at, extra)
    model = nn.Sequential(*modules)
    with tracer.record(model) as notes:
        loss = model(torch.ones(2, 4)).sum()
    return tracer.trace(loss, model=model, notes=notes).facts


def wheres(comparison: Comparison, kind: str) -> set[str]:
    return {row.where.partition(" (")[0] for row in comparison.rows if row.kind == kind}


def test_one_block_more_at_the_end_is_that_block() -> None:
    found = compare(blocks(12), blocks(13))
    assert len(found.rows) == 12 and {row.kind for row in found.rows} == {"added"}
    assert all("12." in row.where for row in found.rows)


@pytest.mark.parametrize("turned", [False, True])
def test_one_layer_in_the_middle_is_that_layer_and_one_row_for_the_names_after_it(turned: bool) -> None:
    pair = [blocks(12), blocks(12, nn.LayerNorm(4), 5)]
    found = compare(*pair[::-1]) if turned else compare(*pair)
    assert wheres(found, "removed" if turned else "added") == {
        "5.weight",
        "5.bias",
        "NativeLayerNormBackward0 of 5",
    }
    names = ("6–12", "5–11") if turned else ("5–11", "6–12")
    assert said(found)[3:] == [("name", *names)]
    assert found.rows[3].times == 7 * 12


def test_a_layer_of_the_same_kind_in_the_middle_is_still_one_layer() -> None:
    found = compare(blocks(12), blocks(12, Block(), 5))
    assert len([row for row in found.rows if row.kind == "added"]) == 12
    assert not [row for row in found.rows if row.kind not in ("added", "name")]


def test_a_wider_layer_changes_its_shapes_and_no_node_comes_or_goes() -> None:
    def two(width: int) -> Facts:
        model = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))
        return tracer.trace(model(torch.ones(3, 4)).sum(), model=model).facts

    found = compare(two(8), two(9))
    assert {row.kind for row in found.rows} == {"shape"}
    assert ("shape", "[8, 4]", "[9, 4]") in said(found)


def test_a_parameter_of_another_name() -> None:
    def named(name: str) -> Facts:
        w, x = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
        return tracer.trace((w * x).sum(), names={name: w, "x": x}).facts

    assert compare(named("w"), named("v")).rows == (Difference("name", "v", "w", "v", 0, 0),)


def test_node_indices_and_sequence_numbers_say_nothing() -> None:
    def made(first: bool) -> Facts:
        model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
        x = torch.ones(1, 2)
        a, b = (model[0](x), model[1](x)) if first else (model[1](x), model[0](x))[::-1]
        return tracer.trace((a * b).sum(), model=model).facts

    assert compare(made(True), made(False))


GRADIENTS: dict[str, tuple[float, float, bool]] = {
    "equal": (1.0, 1.0, True),
    "but for rounding": (1.0, 1.0 + 2e-7, True),
    "by a thousandth": (1.0, 1.001, False),
    "NaN on both sides": (math.nan, math.nan, True),
    "NaN on one side": (1.0, math.nan, False),
    "infinity on both sides": (math.inf, math.inf, True),
    "infinities of other signs": (math.inf, -math.inf, False),
    "a small one that became zero": (1e-5, 0.0, False),
}


@pytest.mark.parametrize("size", [2, 20_000])  # values are held of the small, statistics of the large
@pytest.mark.parametrize("case", GRADIENTS)
def test_gradients(case: str, size: int) -> None:
    def scaled(factor: float) -> Facts:
        x, one = torch.ones(size, requires_grad=True), torch.ones(1, requires_grad=True)
        return tracer.trace((x * factor).sum() + one.sum(), names={"x": x, "one": one}, gradients=True).facts

    before, after, same = GRADIENTS[case]
    found = compare(scaled(before), scaled(after))
    assert {row.where for row in found.rows if row.kind == "gradient"} == (set() if same else {"x"})


def test_tolerances_are_the_callers() -> None:
    a, b = facts(lambda x: x.sum()), facts(lambda x: (x * 1.01).sum())
    c = facts(lambda x: (x * 1.02).sum())
    assert {row.kind for row in compare(b, c).rows} == {"gradient"}
    assert compare(b, c, rtol=0.1) and compare(b, c, rtol=0, atol=0.1)
    assert not compare(b, c, rtol=0, atol=0.001)
    assert not compare(a, b, rtol=1)  # an operation more is one whatever the tolerance
    with pytest.raises(ValueError, match=r"rtol must be a number from 0, and is -1"):
        compare(a, b, rtol=-1)


def test_the_first_gradient_row_is_where_backward_begins_to_differ() -> None:
    a, b = (facts(lambda x, f=f: ((x * f).exp() * 2).sum()) for f in (1.0, 1.5))
    rows = [row for row in compare(a, b).rows if row.kind == "gradient"]
    assert [row.where for row in rows] == ["MulBackward0", "x"]


def test_what_was_not_measured_is_not_compared() -> None:
    a, b = facts(by_product), facts(by_product, gradients=False)
    found = compare(a, b)
    assert found.same
    assert found.notes == ("Gradients were not compared, since one of the recordings holds none.",)


def test_saved_bytes() -> None:
    a, b = facts(lambda x: (x * 2).sum()), facts(lambda x: (x * x.detach()).sum())
    rows = [(row.where, row.before, row.after) for row in compare(a, b).rows if row.kind == "saved"]
    assert rows == [("all that backward keeps", "8 B", "16 B"), ("MulBackward0", "8 B", "16 B")]


def test_empty_graphs() -> None:
    assert compare(Facts(Graph()), Facts(Graph()))
    assert {row.kind for row in compare(Facts(Graph()), facts(by_product)).rows} == {"added"}


def test_every_difference_reads_back_from_json() -> None:
    found = compare(blocks(2), blocks(2, nn.LayerNorm(4), 1))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Comparison) == found


@pytest.mark.parametrize("edits", [((50, "sin"),), ((10, "sin"), (9_000, "cos"), (15_000, "sin"))])
def test_a_few_edits_in_a_long_chain_are_those_edits(edits: tuple[tuple[int, str], ...]) -> None:
    def chain(extra: dict[int, str]) -> Facts:
        x = y = torch.ones(1, requires_grad=True)
        for step in range(20_000):
            y = y * 2 if step % 3 else y + 1
            if step in extra:
                y = getattr(y, extra[step])()
        return tracer.trace(y.sum(), names={"x": x}).facts

    found = compare(chain({}), chain(dict(edits)))
    assert [(row.kind, row.where) for row in found.rows] == [("added", f"{name.title()}Backward0") for _, name in edits]


def test_layers_that_changed_places_are_the_same_layers() -> None:
    def made(order: tuple[str, str]) -> Facts:
        model = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2)})
        x = y = torch.ones(1, 2, requires_grad=True)
        for name in order:
            y = model[name](y)
        return tracer.trace(y.sum(), model=model, names={"x": x}).facts

    found = compare(made(("a", "b")), made(("b", "a")))
    assert len(found.pairs) == 10 and {row.kind for row in found.rows} == {"inputs"}
