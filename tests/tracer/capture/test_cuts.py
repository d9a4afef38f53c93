"""The places where a graph is cut, found while it is recorded."""

import gc
import inspect
import threading
import warnings

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import tracer
from tracer.facts import Cut

W = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def cuts(program) -> list[Cut]:
    """Record a program and trace what it gives."""
    with warnings.catch_warnings(), tracer.record() as notes:
        warnings.simplefilter("ignore")
        loss = program()
    return list(tracer.trace(loss, notes=notes).cuts())


def under_no_grad():
    with torch.no_grad():
        scale = torch.tanh(W) * W + 1
    return (scale * W).sum()


@torch.no_grad()
def scale_of(w):
    return w * 2


def under_inference_mode():
    with torch.inference_mode():
        scale = W * 2
    return (scale.clone() * W).sum()


def detached_in_place():
    y = W * 2
    y.detach_()
    return (y * W).sum()


def written_into_a_buffer():
    buffer = torch.zeros(3)
    with torch.no_grad():
        buffer[0] = W[0]
        buffer[1:].copy_(W[1:])
    return (buffer * W).sum()


def made_a_leaf_again():
    return (W.detach().requires_grad_() ** 2).sum()


def carried_on():
    frozen = W.detach()
    doubled = torch.stack([frozen, frozen * 2])
    return (doubled * W).sum()


@pytest.mark.parametrize(
    ("program", "operation", "kind", "user"),
    [
        (lambda: (W.detach() * W).sum(), "detach", "detach", "MulBackward0"),
        (lambda: (W.data * W).sum(), "data", "detach", "MulBackward0"),
        (lambda: (torch.tensor(W) * W).sum(), "tensor", "copied", "MulBackward0"),
        (lambda: (W.new_tensor(W) * W).sum(), "new_tensor", "copied", "MulBackward0"),
        (lambda: (W * W.argmax()).sum(), "argmax", "not differentiable", "MulBackward0"),
        (lambda: W[W.long() - 1].sum(), "long", "not differentiable", "IndexBackward0"),
        (lambda: torch.cat([W, W.detach()]).sum(), "detach", "detach", "CatBackward0"),
        (lambda: torch.add(W, other=W.detach()).sum(), "detach", "detach", "AddBackward0"),
        (under_no_grad, "no_grad", "no_grad", "MulBackward0"),
        (lambda: (scale_of(W) * W).sum(), "no_grad", "no_grad", "MulBackward0"),
        (under_inference_mode, "mul", "inference_mode", "MulBackward0"),
        (detached_in_place, "detach_", "detach", "MulBackward0"),
        (written_into_a_buffer, "no_grad", "no_grad", "MulBackward0"),
        (made_a_leaf_again, "detach", "detach", "PowBackward0"),
        (carried_on, "detach", "detach", "MulBackward0"),
    ],
)
def test_each_kind_is_told_with_what_used_it(program, operation, kind, user):
    with warnings.catch_warnings(), tracer.record() as notes:
        warnings.simplefilter("ignore")
        loss = program()
    recording = tracer.trace(loss, notes=notes)
    (cut,) = recording.cuts()
    assert (cut.operation, cut.kind, cut.times, cut.outputs) == (operation, kind, 1, ())
    assert [recording.graph.nodes[index].name for index in cut.nodes] == [user]
    assert cut.source is not None
    assert cut.source.startswith("test_cuts.py:")


@pytest.mark.parametrize(
    "program",
    [
        lambda: W.sum(),
        lambda: (W * torch.zeros_like(W)).sum(),
        lambda: (W * W.new_ones(3)).sum(),
        lambda: (W * (W > 1)).sum(),
        lambda: torch.where(W > 1, W, 0.0).sum(),
        lambda: (W * torch.ones(3).detach()).sum(),
        lambda: (W * W.shape[0] * W.numel()).sum(),
        lambda: (W.detach() * 2, W.argmax(), (W * 2).sum())[-1],  # cut, and not used
        lambda: W.requires_grad_().sum(),
    ],
)
def test_what_cuts_nothing_on_the_way_is_not_told(program):
    assert cuts(program) == []


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return torch.tanh(a * 2) * 2

    @staticmethod
    def backward(ctx, g):
        return g


@pytest.mark.parametrize("reentrant", [True, False])
def test_what_a_function_or_a_checkpoint_computes_inside_is_no_cut(reentrant):
    assert cuts(lambda: (Doubled.apply(W) * W).sum()) == []
    assert cuts(lambda: (checkpoint(lambda w: torch.tanh(w * 2), W, use_reentrant=reentrant) * W).sum()) == []


def test_the_line_is_that_of_the_block_or_of_the_call():
    _, first = inspect.getsourcelines(under_no_grad)
    assert cuts(under_no_grad)[0].source == f"test_cuts.py:{first + 1}"
    here = inspect.currentframe().f_lineno
    assert cuts(lambda: (scale_of(W) * W).sum())[0].source == f"test_cuts.py:{here + 1}"


def test_a_block_that_ran_three_times_is_one_cut():
    def program():
        total = torch.zeros(())
        for _ in range(3):
            with torch.no_grad():
                scale = (W * 2) * W
            total = total + (scale * W).sum()
        return total

    (cut,) = cuts(program)
    assert (cut.times, len(cut.nodes)) == (3, 3)


def test_the_module_of_a_cut_and_each_module_by_itself():
    class Gate(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x):
            return x * self.linear(x).sigmoid().detach()

    net = nn.Sequential(Gate(), Gate())
    found = cuts(lambda: net(W).sum())
    assert [(cut.operation, cut.module, cut.times, len(cut.nodes)) for cut in found] == [
        ("detach", "0", 1, 1),
        ("detach", "1", 1, 1),
    ]


def test_an_output_without_a_graph_names_its_cut():
    (cut,) = cuts(lambda: {"loss": W.detach().sum() * 2})
    assert (cut.operation, cut.nodes, cut.outputs) == ("detach", (), ("loss",))


def test_a_value_that_left_torch_may_have_come_back():
    (cut,) = cuts(lambda: W.sum() * float((W * 2).sum()))
    assert (cut.operation, cut.kind, cut.nodes) == ("__float__", "left torch", ())


def test_of_what_was_not_recorded_nothing_is_known():
    with pytest.raises(tracer.TracerError, match=r"tracer\.record"):
        tracer.trace(W.sum()).cuts()


def test_cuts_of_another_thread_are_not_told():
    with tracer.record() as notes:
        losses = []

        def elsewhere():
            net = nn.Linear(3, 3)
            losses.append((net(W).detach() * W).sum())

        W.sum()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    with pytest.raises(tracer.TracerError):
        tracer.trace(losses[0], notes=notes).cuts()


def test_nothing_that_was_cut_is_kept_alive():
    with tracer.record() as notes:
        for _ in range(5):
            W.detach() * 2
        gc.collect()
        assert notes.cuts.carried == {}


def test_a_tensor_that_refuses_to_be_looked_at_does_not_stop_the_program():
    class Shy(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if getattr(func, "__name__", "") == "__get__":
                raise RuntimeError("do not look")
            return super().__torch_function__(func, types, args, kwargs or {})

    shy = torch.ones(3).as_subclass(Shy)
    with tracer.record() as notes:
        with torch.no_grad():
            doubled = torch.mul(shy, 2)
        torch.mul(doubled, W)
    assert list(notes.cuts) == []
