"""Gradients on edges: equal to autograd's, summed at the producer, and nothing left behind."""

import math

import pytest
import torch
from torch.utils.checkpoint import checkpoint

import tracer


def by_name(recording: tracer.Recording) -> dict[str, tuple]:
    return {row.name: row.values for row in recording.gradients()}


def lesson() -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    z = y * y * 3
    return z.mean(), x, {"x": x, "y": y, "z": z}


def test_the_lesson():
    a, x, names = lesson()
    recording = tracer.trace({"a": a}, names=names, gradients=True)
    assert by_name(recording) == {
        "a": (1.0,),
        "z": (0.25, 0.25, 0.25, 0.25),
        "y": (-1.5, 0.0, 1.5, 3.0),
        "x": (-1.5, 0.0, 1.5, 3.0),
    }
    assert x.grad is None
    a.backward()
    assert x.grad.tolist() == [[-1.5, 0.0], [1.5, 3.0]]


def test_both_uses_of_y_carry_half():
    a, _, names = lesson()
    rows = tracer.trace(a, names=names, gradients=True).edge_gradients()
    twice = [row for row in rows if row.edge.producer == 1]
    assert [(row.values, row.share, row.cosine) for row in twice] == [((-0.75, 0.0, 0.75, 1.5), 0.5, 1.0)] * 2


def random_graph(seed: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    leaves = {f"x{i}": torch.randn(3, 3, generator=generator, dtype=torch.float64).requires_grad_() for i in range(3)}
    values = list(leaves.values())
    steps = [torch.add, torch.mul, torch.matmul, lambda a, b: a.sin() + b[0], lambda a, b: torch.cat([a, b])[1:4]]
    for _ in range(12):
        pick = torch.randint(len(values), (2,), generator=generator).tolist()
        step = steps[int(torch.randint(len(steps), (1,), generator=generator))]
        values.append(step(values[pick[0]], values[pick[1]]).tanh())
    return sum(value.sum() for value in values[-4:]), leaves


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_agree_with_autograd(seed):
    loss, leaves = random_graph(seed)
    recording = tracer.trace(loss, names=leaves, gradients=True)
    expected = torch.autograd.grad(loss, list(leaves.values()), retain_graph=True, allow_unused=True)
    found = {row.name: row for row in recording.gradients()}
    for name, gradient in zip(leaves, expected, strict=True):
        if gradient is None:
            assert name not in found or found[name].state == "none"
        else:
            assert torch.tensor(found[name].values, dtype=torch.float64).reshape(3, 3).allclose(gradient, rtol=1e-12)
    shares: dict[tuple[int, int], float] = {}
    for row in recording.edge_gradients():
        if row.share is not None:
            key = row.edge.producer, row.edge.output_nr
            shares[key] = shares.get(key, 0) + row.share
    assert shares
    assert all(math.isclose(total, 1, abs_tol=1e-9) for total in shares.values())


def test_every_edges_contribution_is_what_the_operation_hands_on():
    loss, leaves = random_graph(3)
    seen = {}
    order, walked = [loss.grad_fn], {loss.grad_fn}
    for node in order:
        for child, _ in node.next_functions:
            if child is not None and child not in walked:
                walked.add(child)
                order.append(child)
    hooks = [
        node.register_hook(
            lambda left, _, node=node: seen.setdefault(node, [g.norm().item() for g in left if g is not None]) and None
        )
        for node in order
        if not hasattr(node, "variable")
    ]
    torch.autograd.grad(loss, list(leaves.values()), retain_graph=True, allow_unused=True)
    for hook in hooks:
        hook.remove()
    found = tracer.trace(loss, gradients=True).edge_gradients()
    assert sorted(round(row.norm, 9) for row in found) == sorted(
        round(v, 9) for values in seen.values() for v in values
    )


def test_an_unused_output_gets_none_which_is_not_zero():
    a, _ = (torch.ones(2, 3, requires_grad=True) * 2).unbind()
    gradients = tracer.trace(a.sum(), gradients=True).facts.gradients
    assert [(g.node, g.output_nr, g.state) for g in gradients][-3:-1] == [(2, 0, "measured"), (2, 1, "none")]


def test_start_of_a_non_scalar():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * x
    assert by_name(tracer.trace(y, names={"x": x}, gradients=True))["x"] == (2.0, 4.0, 6.0)
    start = torch.tensor([0.1, 1.0, 0.0])
    found = by_name(tracer.trace(y, names={"x": x}, gradients=True, start=start))["x"]
    assert found == pytest.approx((0.2, 4.0, 0.0))
    with pytest.raises(tracer.TracerError, match="Mismatch in shape"):
        tracer.trace(y, gradients=True, start=torch.ones(2))


def test_several_outputs_are_summed():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    recording = tracer.trace({"a": x.sum(), "b": (3 * x).sum(), "c": torch.ones(1)}, names={"x": x}, gradients=True)
    assert by_name(recording)["x"] == (4.0, 4.0)


@pytest.mark.parametrize(
    ("make", "shares"),
    [
        (lambda y: {"y": y, "z": y * 3}, [0.75]),
        (lambda y: {"y": y, "again": y, "z": y * 2}, [0.5]),
        (lambda y: {"y": y, "z": y * 3 + y * 4}, [3 / 8, 4 / 8]),
        (lambda y: {"z": y * 3 + y * 4}, [3 / 7, 4 / 7]),
    ],
    ids=["one output in another's graph", "twice the same", "and two edges", "no output inside"],
)
def test_what_backward_starts_from_is_a_part_of_the_sum(make, shares):
    y = torch.tensor([1.0, 2.0], requires_grad=True) * 2
    found = tracer.trace(make(y), gradients=True).edge_gradients()
    assert [row.share for row in found if row.edge.producer == 1] == pytest.approx(shares)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_shares_of_very_large_and_very_small_gradients(scale):
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    rows = tracer.trace((x * scale + x * 3 * scale).sum(), gradients=True).edge_gradients()
    into_x = [row.share for row in rows if row.edge.producer == 0]
    assert sorted(into_x) == pytest.approx([0.25, 0.75])


class Fails(torch.autograd.Function):
    error: Exception = RuntimeError()

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        raise Fails.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("half of it"), "ValueError: half of it"),
        (RuntimeError(), "RuntimeError"),
        (KeyError("k"), "KeyError"),
        (MemoryError(), "more memory"),
    ],
)
def test_a_persons_backward_that_fails_is_a_sentence(error, words):
    Fails.error = error
    with pytest.raises(tracer.TracerError, match=words):
        tracer.trace(Fails.apply(torch.ones(2, requires_grad=True)), gradients=True)


class WritesIntoIt(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g.mul_(10)


def test_a_backward_that_writes_into_what_it_is_given_is_told_truly():
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    z = WritesIntoIt.apply(y)
    rows = {
        row.name: row.values for row in tracer.trace((z * 3).sum(), names={"y": y, "z": z}, gradients=True).gradients()
    }
    assert (rows["z"], rows["y"]) == ((3.0, 3.0), (30.0, 30.0))


def test_a_hook_that_changes_a_gradient_stands_between_the_part_and_the_whole():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    recording = tracer.trace((y * 3).sum(), names={"y": y}, gradients=True)
    assert by_name(recording)["y"] == (30.0, 30.0)
    assert [row.values for row in recording.edge_gradients() if row.edge.producer == 1] == [(3.0, 3.0)]


def test_other_peoples_grad_is_not_touched():
    odd = torch.nn.Parameter(torch.ones(3))
    (odd * 2).sum().backward()
    odd.data = torch.ones(2)
    other = torch.nn.Parameter(torch.ones(3))
    (other * 2).sum().backward()
    grads = odd.grad, other.grad

    class Stubborn(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *_):
            raise RuntimeError("do not look")

    stubborn = torch.ones(1).as_subclass(Stubborn)
    w = torch.ones(2, requires_grad=True)
    seen = []
    w2 = w * 2
    w2.register_hook(lambda _: seen.append(other.grad is grads[1]))
    tracer.trace(w2.sum(), gradients=True)
    assert seen == [True]
    assert (odd.grad, other.grad) == grads
    del stubborn


class Marked(torch.Tensor):
    """A tensor with an attribute, as a person's subclass may have."""


@pytest.mark.parametrize(
    "make",
    [
        lambda h: h,
        lambda h: h.view(-1),
        lambda h: h.as_subclass(Marked),
        lambda h: torch.stack([h, h]).unbind()[1],
    ],
    ids=["plain", "view", "subclass", "output of many"],
)
@pytest.mark.parametrize("keep", ["frame", "list", "cycle"])
def test_a_retained_gradient_is_put_back_whoever_holds_its_tensor(make, keep):
    hidden = make(torch.ones(2, 2, requires_grad=True) * 2)
    hidden.retain_grad()
    loss = (hidden * hidden).exp().sum()  # the graph saves the tensor too
    before = hidden.grad = torch.full_like(hidden, 5.0).detach()
    held = {"tensor": hidden}
    held["itself"] = held if keep == "cycle" else None
    if keep != "frame":
        del hidden
    tracer.trace(loss, gradients=True)
    assert held["tensor"].grad is before


def test_buffers_that_a_checkpoint_changes_are_put_back_without_the_model():
    norm = torch.nn.BatchNorm1d(4)
    loss = checkpoint(norm, torch.randn(3, 4, requires_grad=True), use_reentrant=False).sum()
    before = [buffer.clone() for buffer in norm.buffers()]
    tracer.trace(loss, gradients=True)
    assert all(torch.equal(a, b) for a, b in zip(before, norm.buffers(), strict=True))


def test_nan_and_infinity_are_told():
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    row = tracer.trace((x.sqrt() * torch.tensor([0.0, 1.0])).sum(), names={"x": x}, gradients=True).gradients()[0]
    assert row.non_finite == 1
    assert math.isnan(row.values[0])


def test_meta_tensors_are_not_measured():
    m = torch.ones(3, device="meta", requires_grad=True)
    row = tracer.trace((m * 2).sum(), names={"m": m}, gradients=True).gradients()[0]
    assert (row.state, row.mean, row.values) == ("not measured", None, None)


def test_nested_tensors():
    ragged = [torch.ones(2, 3), torch.ones(4, 3)]
    jagged = torch.nested.nested_tensor(ragged, requires_grad=True, layout=torch.jagged)
    recording = tracer.trace(jagged * 2, gradients=True)
    assert [row.shape for row in recording.edge_gradients()] == [None]
    assert tracer.facts.from_json(recording.to_json()) == recording.facts
    strided = torch.nested.nested_tensor(ragged, requires_grad=True)
    with pytest.raises(tracer.TracerError, match=r"Use layout=torch\.jagged"):
        tracer.trace(strided * 2, gradients=True)


def test_a_freed_graph_says_so_in_torchs_words():
    x = torch.ones(2, requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(tracer.TracerError, match="second time"):
        tracer.trace(loss, gradients=True)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_on_a_cuda_device():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, device="cuda")
    y = x - 2
    recording = tracer.trace((y * y * 3).mean(), names={"x": x}, gradients=True)
    assert by_name(recording)["x"] == (-1.5, 0.0, 1.5, 3.0)
    assert recording.graph.nodes[0].device == "cuda:0"
