"""The order of backward is the engine's own, as it tells it."""

import pytest
import torch

import tracer
from tracer.analysis.backward_order import backward_order


def engines_order(loss: torch.Tensor) -> list[str]:
    """Run a backward and take the engine's own list of what it will go through, from the first hook on."""
    told: list = []

    def hook(_grads):
        told.append(torch._C._current_graph_task_execution_order())

    handle = loss.grad_fn.register_prehook(hook)
    with torch.autograd.set_multithreading_enabled(False):
        loss.backward(retain_graph=True)
    handle.remove()
    return [node.name().rpartition("::")[2] for node in told[0]]


def random_graph(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    values = [torch.ones(4, 4, requires_grad=True) for _ in range(3)]
    steps = [torch.add, torch.mul, torch.matmul, lambda a, b: a.sin() - b.cos(), lambda a, b: torch.cat([a, b])[2:6]]
    for _ in range(15):
        a, b, step = torch.randint(1000, (3,), generator=generator).tolist()
        values.append(steps[step % len(steps)](values[a % len(values)], values[b % len(values)]))
    first, second = values[-1].unbind()[:2]
    return (first * second).sum() + values[-2].sum()


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs(seed):
    loss = random_graph(seed)
    graph = tracer.trace(loss).graph
    assert [graph.nodes[index].name for index in backward_order(graph)] == engines_order(loss)


def test_every_node_once_and_none_without_a_graph():
    graph = tracer.trace([random_graph(1), torch.ones(2)]).graph
    assert sorted(backward_order(graph)) == list(range(len(graph.nodes)))
    assert backward_order(tracer.trace(torch.ones(2)).graph) == []
