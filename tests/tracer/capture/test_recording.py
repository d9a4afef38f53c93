"""Recording modules and lines."""

import threading

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import tracer


class Block(nn.Module):
    def __init__(self, act: nn.Module) -> None:
        super().__init__()
        self.linear, self.act = nn.Linear(3, 3), act

    def forward(self, x):
        return self.act(self.linear(x)) * 2


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        shared = nn.Tanh()
        self.blocks = nn.Sequential(Block(shared), Block(shared))

    def forward(self, x):
        return self.blocks(x).sum()


def modules(recording: tracer.Recording) -> list[tuple[str, str | None]]:
    return [(node.name, node.module) for node in recording.graph.nodes if node.kind == "operation"]


EXPECTED = [
    ("TBackward0", "blocks.0.linear"),
    ("AddmmBackward0", "blocks.0.linear"),
    ("TanhBackward0", "blocks.0.act"),
    ("MulBackward0", "blocks.0"),
    ("TBackward0", "blocks.1.linear"),
    ("AddmmBackward0", "blocks.1.linear"),
    ("TanhBackward0", "blocks.1.act"),
    ("MulBackward0", "blocks.1"),
    ("SumBackward0", None),
    ("MulBackward0", None),
]


def test_modules_of_a_given_model():
    net = Net()
    with tracer.record(net) as notes:
        loss = net(torch.ones(2, 3)) * 3
    assert sorted(modules(tracer.trace(loss, notes=notes)), key=str) == sorted(EXPECTED, key=str)


def test_the_model_is_found_where_none_is_given():
    net = Net()
    with tracer.record() as notes:
        loss = net(torch.ones(2, 3)) * 3
    recording = tracer.trace(loss, notes=notes)
    assert sorted(modules(recording), key=str) == sorted(EXPECTED, key=str)
    assert {n.label for n in recording.graph.nodes if n.kind == "leaf"} == {name for name, _ in net.named_parameters()}


def test_calls_of_a_shared_module_and_repeated_calls_are_told_apart():
    net = Net()
    with tracer.record(net) as notes:
        net(torch.ones(2, 3))  # is in no graph that is traced, and does not count
        loss = net(torch.ones(2, 3)) + net(torch.ones(1, 3)) * 3
    nodes = tracer.trace(loss, notes=notes).graph.nodes
    told = [
        (node.module, node.call) for node in sorted(nodes, key=lambda n: n.sequence or -1) if node.name[:4] == "Tanh"
    ]
    assert told == [("blocks.0.act", 1), ("blocks.1.act", 2), ("blocks.0.act", 3), ("blocks.1.act", 4)]
    assert {node.call for node in nodes if node.module == "blocks.0.linear"} == {1, 2}
    assert all(node.call is None for node in nodes if node.module is None)


def test_the_line_of_the_person_is_told():
    net = Net()
    with tracer.record(net) as notes:
        hidden = net.blocks(torch.ones(2, 3))
        loss = hidden.exp().sum()
    lines = {node.name: node.source for node in tracer.trace(loss, notes=notes).graph.nodes}
    first = test_the_line_of_the_person_is_told.__code__.co_firstlineno
    assert lines["ExpBackward0"] == f"test_recording.py:{first + 4}"
    assert lines["TanhBackward0"] == f"test_recording.py:{Block.forward.__code__.co_firstlineno + 1}"


def test_a_call_that_fails_does_not_shift_the_rest():
    class Fails(nn.Module):
        def forward(self, x):
            raise ValueError

    net = nn.ModuleDict({"fails": Fails(), "works": nn.Linear(3, 3)})
    with tracer.record(net) as notes:
        try:
            net["fails"](torch.ones(1, 3))
        except ValueError:
            loss = net["works"](torch.ones(1, 3)).sum()
    assert ("SumBackward0", None) in modules(tracer.trace(loss, notes=notes))
    assert ("AddmmBackward0", "works") in modules(tracer.trace(loss, notes=notes))


def test_other_threads_are_not_mixed_in():
    net, other = Net(), nn.Linear(3, 3)
    with tracer.record(net) as notes:
        thread = threading.Thread(target=lambda: other(torch.ones(1, 3)))
        thread.start()
        thread.join()
        loss = net(torch.ones(2, 3))
    assert ("SumBackward0", None) in modules(tracer.trace(loss, notes=notes))
    assert notes.roots == [net]


def in_another_thread(work):
    """Run something in a new thread, where autograd numbers operations from 0, and give its result."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def told(recording: tracer.Recording) -> list[str]:
    return [text for node in recording.graph.nodes for text in (node.module, node.source) if text]


def test_operations_of_another_thread_get_no_modules_and_lines():
    net, x = Net(), torch.ones(2, 3)

    def here_and_there():
        with tracer.record(net) as notes:
            net(x)
            net(x)
            return in_another_thread(lambda: (net(x) * 3).sum()), notes

    loss, notes = in_another_thread(here_and_there)
    recording = tracer.trace(loss, notes=notes)
    assert told(recording) == []
    assert "Another thread" in recording.facts.notes[0]


def test_a_graph_of_two_threads_gets_no_modules_and_lines():
    net, x = Net(), torch.ones(2, 3)

    def here():
        with tracer.record(net) as notes:
            return net(x), notes

    first, notes = in_another_thread(here)
    second = in_another_thread(lambda: net(x))
    assert told(tracer.trace(first, notes=notes)) != []
    recording = tracer.trace([first, second], notes=notes)
    assert told(recording) == []
    assert "Another thread" in recording.facts.notes[0]


def test_a_thread_that_records_nothing_changes_nothing():
    net, x = Net(), torch.ones(2, 3)

    def without_grad():
        with torch.no_grad():
            return net(x)

    with tracer.record(net) as notes:
        in_another_thread(without_grad)
        loss = net(x)
    recording = tracer.trace(loss, notes=notes)
    assert ("AddmmBackward0", "blocks.0.linear") in modules(recording)
    assert recording.facts.notes == ()


def test_a_recomputation_in_the_backward_of_another_thread_changes_nothing():
    net, x = Net(), torch.ones(2, 3)
    with tracer.record(net) as notes:
        first = checkpoint(net, x, use_reentrant=False)
        in_another_thread(first.backward)
        loss = net(x)
    recording = tracer.trace(loss, notes=notes)
    assert ("AddmmBackward0", "blocks.0.linear") in modules(recording)


def test_what_comes_after_the_block_has_no_module():
    class Steps(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    net = Steps()
    x = torch.ones(3, requires_grad=True)
    try:
        with tracer.record(net) as notes:
            net(x)
    except KeyboardInterrupt:
        assert told(tracer.trace(x * 2, notes=notes)) == []
