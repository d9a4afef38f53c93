"""Memory kept for backward: every storage once, and nothing is unpacked."""

import torch

from tracer.capture.saved import saved
from tracer.capture.walk import walk


def kept(tensor: torch.Tensor) -> list[tuple[int, int]]:
    return sorted((row.bytes, len(row.nodes)) for row in saved(walk([("y", tensor)])))


def test_a_storage_saved_by_two_nodes_counts_once():
    x = torch.ones(100, requires_grad=True)
    y = x.exp()
    assert kept(y * y) == [(400, 2)]


def test_the_lessons_convolution_keeps_input_and_weight():
    conv = torch.nn.Conv2d(20, 16, (3, 5))
    x = torch.ones(1, 20, 64, 128, requires_grad=True)
    assert kept(conv(x).mean()) == [(4800 * 4, 1), (163840 * 4, 1)]


def test_equal_to_what_saved_tensors_hooks_count():
    seen = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        seen[storage._cdata] = (storage, storage.nbytes())
        return tensor

    def model():
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 1))
        return net(torch.ones(5, 4)).sum()

    plain = model()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        hooked = model()
    assert sum(size for size, _ in kept(plain)) == sum(size for _, size in seen.values())
    assert hooked.requires_grad


def test_hooks_are_not_called():
    calls = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (t,), lambda p: calls.append(1) or p[0]):
        y = torch.ones(10, requires_grad=True).exp()
    assert kept(y) == [(40, 1)]
    assert calls == []


def test_a_freed_graph_keeps_nothing():
    y = torch.ones(10, requires_grad=True).exp().sum()
    y.backward()
    assert kept(y) == []
