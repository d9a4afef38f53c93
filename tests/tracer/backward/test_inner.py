"""A person's backward that runs a backward of its own writes no `.grad` while it is measured."""

import pytest
import torch

import tracer


def inner(w: torch.Tensor) -> type[torch.autograd.Function]:
    """Make a function like an old checkpoint's: it runs its forward again, and backward, in its backward."""

    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * w.detach()

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            with torch.enable_grad():
                again = x.detach().requires_grad_()
                torch.autograd.backward(again * w, g)
            return again.grad

    return Inner


@pytest.mark.parametrize("before", [None, 7.0])
def test_grad_of_a_leaf_that_is_in_no_graph(before):
    w, x = torch.full((3,), 2.0, requires_grad=True), torch.ones(3, requires_grad=True)
    w.grad = None if before is None else torch.full((3,), before)
    kept = w.grad
    y = inner(w).apply(x)
    recording = tracer.trace(y, names={"x": x}, gradients=True)
    assert recording.gradients()[0].values == (2.0, 2.0, 2.0)
    assert w.grad is kept
    assert kept is None or kept.eq(7).all()
    assert x.grad is None
    y.sum().backward()
    assert w.grad.tolist() == [1.0 + (before or 0)] * 3


def test_a_gradient_that_torch_would_not_take_again_is_left():
    odd = torch.nn.Parameter(torch.ones(3))
    (odd * 2).sum().backward()
    odd.data = torch.ones(2)
    grad = odd.grad
    tracer.trace(inner(torch.ones(3, requires_grad=True)).apply(torch.ones(3, requires_grad=True)), gradients=True)
    assert odd.grad is grad


def test_without_a_persons_function_no_grad_is_touched():
    w = torch.ones(2, requires_grad=True)
    (w * 2).sum().backward()
    seen = []
    y = w * 2
    y.register_hook(lambda _: seen.append(w.grad is not None))
    tracer.trace(y, gradients=True)
    assert seen == [True]
