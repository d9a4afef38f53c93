"""Modules, their tree and their tiles, against small models that are known by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import tracer
from tracer.analysis.depth import gradient_by_depth
from tracer.analysis.module_tree import TreeRow, module_tree
from tracer.analysis.modules import innermost, modules
from tracer.analysis.saved_memory import saved_by_module
from tracer.analysis.tiles import tiles
from tracer.errors import TracerError
from tracer.facts import Facts


class Block(nn.Module):
    def __init__(self, width: int = 4, inner: int = 8) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.down(torch.relu(self.up(x)))


class Net(nn.Module):
    """Three blocks alike, one that is wider, and a head that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(2, 4)
        self.blocks = nn.ModuleList([Block(), Block(), Block(), Block(inner=16)])
        self.head = nn.Linear(4, 1)
        self.unused = nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


@pytest.fixture(scope="module")
def net() -> Net:
    torch.manual_seed(0)
    return Net()


@pytest.fixture(scope="module")
def facts(net: Net) -> Facts:
    with tracer.record(net) as notes:
        loss = net(torch.randn(3, 2)).sum()
    return tracer.trace(loss, model=net, notes=notes, gradients=True).facts


@pytest.fixture(scope="module")
def rows(facts: Facts) -> dict[str, TreeRow]:
    return {
        row.path: row for row in module_tree(facts.graph.nodes, modules(facts), ["unused.bias", "blocks.1.up.bias"])
    }


def test_parameters_are_those_that_torch_counts(net: Net, facts: Facts) -> None:
    found = modules(facts)
    for path, module in net.named_modules():
        assert found[path].parameters == sum(parameter.numel() for parameter in module.parameters()), path


def test_operations_are_counted_in_all_modules_around_them(facts: Facts) -> None:
    found = modules(facts)
    operations = [node for node in facts.graph.nodes if node.kind == "operation"]
    assert found[""].operations == len(operations) and found["unused"].operations == 0
    for path in ("stem", "blocks", "blocks.2", "blocks.2.up", "head"):
        within = [node for node in operations if f"{node.module}.".startswith(f"{path}.")]
        assert found[path].operations == len(within) > 0
        assert found[path].last == max(within, key=lambda node: node.sequence or 0).index


def test_kept_bytes_are_those_that_a_module_alone_keeps(facts: Facts) -> None:
    found = modules(facts)
    assert found[""].kept == sum(storage.bytes for storage in facts.saved or ())
    others = {row.module: row.bytes for row in saved_by_module(facts)}
    assert len(others) > 5 and {path: found[path].kept for path in others} == others


def test_blocks_alike_have_one_row(rows: dict[str, TreeRow]) -> None:
    assert list(rows)[:5] == ["", "stem", "blocks", "blocks.0", "blocks.0.up"]
    assert (rows["blocks.0"].times, rows["blocks.0"].last, rows["blocks.0"].parts) == (3, "blocks.2", True)
    assert "blocks.1" not in rows and (rows["blocks.3"].times, rows["blocks.3"].last) == (1, "")
    assert rows["blocks.0"].parameters == 4 * 8 + 8 + 8 * 4 + 4 and rows["blocks.0.up"].shape == (3, 8)
    assert rows["blocks.3.up"].shape == (3, 16) and rows["stem"].depth == 1 and rows["blocks.0.up"].depth == 3


def test_problems_are_marked_on_all_modules_around_them(rows: dict[str, TreeRow]) -> None:
    troubled = {path: row.problems for path, row in rows.items() if row.problems}
    assert troubled == {"": 2, "blocks": 1, "blocks.0": 1, "unused": 1}


def test_a_problem_of_a_tensor_without_a_module_is_the_models(facts: Facts) -> None:
    rows = module_tree(facts.graph.nodes, modules(facts), ["x", "nowhere.at.all"])
    assert [row.problems for row in rows[:2]] == [2, 0]


@pytest.mark.parametrize("what", ["kept", "parameters"])
@pytest.mark.parametrize("path", ["", "blocks", "blocks.0", "stem"])
def test_tiles_add_up(facts: Facts, what: str, path: str) -> None:
    found = modules(facts)
    cut = tiles(found, what, path)  # type: ignore[arg-type]
    assert sum(tile.amount for tile in cut) == getattr(found[path], what)
    assert [tile.amount for tile in cut] == sorted((tile.amount for tile in cut), reverse=True)
    assert all(tile.path == path if tile.own else tile.path.rpartition(".")[0] == path for tile in cut)


def test_tiles_of_no_module_are_refused(facts: Facts) -> None:
    with pytest.raises(TracerError, match="no module “nowhere”"):
        tiles(modules(facts), "kept", "nowhere")


def test_a_shared_parameter_counts_once() -> None:
    model = nn.ModuleDict({"a": nn.Linear(2, 2, bias=False), "b": nn.Linear(2, 2, bias=False)})
    model["b"].weight = model["a"].weight
    facts = tracer.trace(model["b"](model["a"](torch.ones(1, 2))).sum(), model=model).facts
    assert modules(facts)[""].parameters == 4


def test_the_innermost_module_of_several_nodes(facts: Facts) -> None:
    nodes = facts.graph.nodes
    at = {
        module: next(n.index for n in nodes if n.module == module) for module in ("blocks.0.up", "blocks.1.up", "stem")
    }
    assert innermost(nodes, [at["blocks.0.up"]]) == "blocks.0.up"
    assert innermost(nodes, [at["blocks.0.up"], at["blocks.1.up"]]) == "blocks"
    assert innermost(nodes, [at["blocks.0.up"], at["stem"]]) == "" == innermost(nodes, [])


def test_a_recording_without_modules_is_one_model() -> None:
    x = torch.ones(2, requires_grad=True)
    facts = tracer.trace((x * 2).sum(), saved=True).facts
    assert [(row.path, row.nodes) for row in module_tree(facts.graph.nodes, modules(facts))] == [("", 2)]


def test_gradient_by_depth_is_in_the_order_of_the_run(net: Net, facts: Facts) -> None:
    found = gradient_by_depth(facts)
    assert [row.module for row in found][:3] == ["stem", "blocks.0.up", "blocks.0.down"]
    assert found[-1].module == "head" and "unused" not in {row.module for row in found}
    net.zero_grad()
    torch.manual_seed(0)
    norms = {row.name: row.norm for row in tracer.Recording(facts).gradients()}
    for row in found:
        assert row.norm == pytest.approx(math.hypot(*(norms[name] or 0 for name in row.names)))
    assert set(found[0].names) == {"stem.weight", "stem.bias"}


def test_gradient_by_depth_needs_gradients() -> None:
    with pytest.raises(TracerError, match="holds no gradients"):
        gradient_by_depth(tracer.trace(torch.ones(1, requires_grad=True) * 2).facts)
