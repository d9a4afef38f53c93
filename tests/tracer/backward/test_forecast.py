"""Each cause for which a backward raises, forecast before it runs, and a neighbour in which it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

import tracer


def x() -> torch.Tensor:
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def said(loss: torch.Tensor, start: torch.Tensor | None = None) -> str | None:
    """Run backward, and give what torch says where it raises."""
    try:
        loss.backward(start)
    except RuntimeError as error:
        return str(error)
    return None


def changed(write: Callable[[torch.Tensor], object], save: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    y = x() * 2
    loss = save(y).sum()
    write(y)
    return loss


def freed(save: Callable[[torch.Tensor], torch.Tensor], retain: bool = False) -> torch.Tensor:
    loss = save(x()).sum()
    loss.backward(retain_graph=retain)
    return loss


def weight_updated(use: Callable[[nn.Linear], torch.Tensor]) -> torch.Tensor:
    layer = nn.Linear(3, 3)
    loss = use(layer)
    with torch.no_grad():
        layer.weight.add_(1)
    return loss


def written_in_result() -> torch.Tensor:
    y = x().exp()
    loss = y.sum()
    y += 1
    return loss


def of_gradient(function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    leaf = torch.rand(2, 4, 8, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(leaf).square().sum(), leaf, create_graph=True)
    return gradient.square().sum()


def freed_view() -> torch.Tensor:
    base = torch.ones(4) * x().sum()
    base[:2] = 1.0
    loss = base.sum()
    loss.backward()
    return loss


def moved_leaf(into: bool) -> torch.Tensor:
    leaf = x()
    y = leaf.exp()
    leaf.detach_()
    if into:
        leaf.copy_(y)
    return y.sum()


RAISES = {
    "no graph": (lambda: torch.ones(()), "output has no graph"),
    "detached": (lambda: x().sum().detach(), "output has no graph"),
    "not a scalar": (lambda: x() * 2, "output has 3 elements"),
    "complex": (lambda: (x() * 1j).sum(), "output is complex"),
    "freed": (lambda: freed(torch.exp), "A backward went through ExpBackward0 before"),
    "freed list": (lambda: freed(lambda t: t[torch.tensor([0, 1])]), "A backward went through IndexBackward0 before"),
    "freed view": (freed_view, "A backward went through CopySlices before"),
    "written result": (written_in_result, "Its result was changed in place after ExpBackward0 had saved it"),
    "written input": (
        lambda: changed(lambda t: t.add_(1), torch.sin),
        "Its input “self” was changed in place after Sin",
    ),
    "written through a view": (lambda: changed(lambda t: t[0].add_(1), torch.sin), "Its input “self” was changed"),
    "updated weight": (lambda: weight_updated(lambda m: m(m(torch.ones(2, 3))).sum()), "was changed in place"),
    "detached in place": (
        lambda: changed(lambda t: t.detach_(), torch.sin),
        "was detached in place after SinBackward0",
    ),
    "a leaf that is none": (lambda: moved_leaf(into=True), "has become the result of an operation since"),
    "no second derivative": (
        lambda: of_gradient(lambda t: F.scaled_dot_product_attention(t[None], t[None], t[None])),
        "no second",
    ),
    "none, seen when it runs": (lambda: of_gradient(lambda t: torch.cdist(t, t + 1)), "no second"),
}
RUNS = {
    "a scalar": lambda: x().sum(),
    "one element": lambda: (x()[:1] * 2).reshape(1, 1),
    "a leaf": lambda: torch.ones((), requires_grad=True),
    "real": lambda: (x() * 1j).sum().abs(),
    "retained": lambda: freed(torch.exp, retain=True),
    "nothing was saved": lambda: freed(lambda t: t + 1),
    "a result that is not saved": lambda: changed(lambda t: t.add_(1), lambda t: t + 1),
    "written into a copy": lambda: changed(lambda t: t.clone().add_(1), torch.sin),
    "a weight that is not needed": lambda: weight_updated(lambda m: m(torch.ones(2, 3)).sum()),
    "an optional that was not given": lambda: (x() + 1).clamp(min=0.0).sum(),
    "written before it is saved": lambda: (x() * 2).add_(1).sin().sum(),
    "a detached copy": lambda: changed(lambda t: t.detach(), torch.sin),
    "a leaf that is let go": lambda: moved_leaf(into=False),
    "a second derivative": lambda: of_gradient(torch.tanh),
    "written through .data": lambda: changed(lambda t: t.data.add_(1), torch.sin),
}


@pytest.mark.parametrize("case", RAISES)
def test_it_will_raise(case: str) -> None:
    make, sentence = RAISES[case]
    loss = make()
    found = tracer.forecast(loss)
    assert found.verdict == "raises" and sentence in found.sentences[0]
    assert found.words == said(loss)
    assert (found.node is None) == (case in ("no graph", "detached", "not a scalar", "complex"))


@pytest.mark.parametrize("case", RUNS)
def test_it_will_run(case: str) -> None:
    loss = RUNS[case]()
    found = tracer.forecast(loss)
    assert (found.verdict, found.sentences, found.words, found.node, found.not_known) == ("runs", (), None, None, ())
    assert said(loss) is None


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (torch.ones(2), "The start has the shape [2], and output has [3]"),
        (torch.ones(3, dtype=torch.complex64), "The start is complex64, and output is float32"),
        (torch.ones(3, device="meta"), "The start is on meta, and output is on cpu"),
        (torch.ones(3), None),
        (torch.ones(3, dtype=torch.float64), None),
    ],
)
def test_a_start(start: torch.Tensor, sentence: str | None) -> None:
    y = x() * 2
    found, words = tracer.forecast(y, start=start), said(y, start)
    assert (found.verdict, found.words) == ("raises" if sentence else "runs", words)
    assert sentence is None or found.sentences[0].startswith(sentence)


@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
def test_a_start_of_a_nested_tensor(layout: torch.layout) -> None:
    y = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True, layout=layout) * 2
    found = tracer.forecast(y, start=torch.ones(2))
    assert found.verdict == "raises" and found.words == said(y, torch.ones(2))
    assert found.sentences[0].startswith("The start has the shape [2], and output has ?")


def test_several_outputs() -> None:
    y, z = x().sum(), torch.ones(2)
    found = tracer.forecast([y, z])
    with pytest.raises(RuntimeError) as caught:
        torch.autograd.backward([y, z])
    assert found.words == str(caught.value)
    assert found.sentences[0].startswith("output[1] has no graph")
    with pytest.raises(ValueError, match="start has 1 tensors for 2 outputs"):
        tracer.forecast([y, z], start=[None])
    with pytest.raises(TypeError, match="start wants a tensor, or one for each output, and got int"):
        tracer.forecast(y, start=3)


def test_the_persons_names_module_and_line() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 1))
    with tracer.record(net) as notes:
        loss = net(torch.ones(2, 3)).sum()
    with torch.no_grad():
        net[2].weight.mul_(2)
    found = tracer.forecast(loss, model=net, notes=notes)
    assert found.sentences[0].startswith("2.weight was changed in place after AddmmBackward0 (2, test_forecast.py:")
    assert found.node.module == "2" and found.words == said(loss)
    y = x().exp()
    loss = (y * y).sum()
    y.add_(1)
    assert tracer.forecast(loss, names={"y": y}).sentences[0].startswith("y was changed in place after MulBackward0")


class Reads(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return t * 2

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


class Once(Reads):
    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return g * 2


UNSURE = {
    "a custom function": (lambda t: Reads.apply(t), "code of its own, which may raise, at ReadsBackward."),
    "a checkpoint": (lambda t: checkpoint(torch.sin, t, use_reentrant=False), "runs its forward again"),
    "a reentrant one": (lambda t: checkpoint(torch.sin, t, use_reentrant=True), "at CheckpointFunctionBackward."),
}


@pytest.mark.parametrize("shape", [(5, 5), (3,), (1, 3), (9,)])
@pytest.mark.parametrize("held", [None, (3, 3)])
def test_a_leaf_that_got_another_shape_is_not_known(shape: tuple[int, ...], held: tuple[int, ...] | None) -> None:
    leaf = torch.ones(3, 3, requires_grad=True)
    leaf.grad = None if held is None else torch.ones(held)
    loss = (torch.ones(2, 3) @ leaf).sum()
    assert tracer.forecast(loss).verdict == "runs"
    leaf.data = torch.ones(shape)
    found = tracer.forecast(loss, names={"w": leaf})
    assert found.verdict == "not known" and found.not_known[0].endswith("may not fit it, at w.")


@pytest.mark.parametrize("case", UNSURE)
def test_what_runs_code_of_its_own_is_not_known(case: str) -> None:
    make, sentence = UNSURE[case]
    loss = make(x() * 2).sum()
    found = tracer.forecast(loss)
    assert found.verdict == "not known" and sentence in found.not_known[0]
    loss.backward()
    again = tracer.forecast(loss)
    assert again.verdict == "raises" and again.words == said(loss)


def test_a_custom_function_that_was_freed_may_still_run() -> None:
    y = Reads.apply(x())
    y.sum().backward()
    found = tracer.forecast(y.sum())
    assert found.verdict == "not known" and "raises if it reads what was saved" in found.not_known[0]


def test_what_raises_for_certain_is_told_beside_what_is_not_known() -> None:
    y, z = x() * 2, x() * 2
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        product = y * 2 * Reads.apply(y)
    loss = (product + z.sin()).sum()
    z.add_(1)
    found = tracer.forecast(loss)
    assert found.verdict == "raises" and len(found.not_known) == 2
    assert found.words == said(loss)


def test_a_write_into_a_view_hides_what_it_saved() -> None:
    factor, base = x(), torch.ones(3) * x()
    base[:2].mul_(factor[:2] * 1)
    found = tracer.forecast(base.sum())
    assert found.verdict == "not known" and "torch shows to no one" in found.not_known[0]


def test_torchs_own_hooks_are_known() -> None:
    with torch.autograd.graph.save_on_cpu():
        loss = x().exp().sum()
    assert tracer.forecast(loss).verdict == "runs" and said(loss) is None


def test_nothing_runs_and_nothing_is_unpacked() -> None:
    ran, unpacked = [], []

    def counted(t: torch.Tensor) -> torch.Tensor:
        ran.append(1)
        return t.exp().sin()

    leaf = x()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (t,), lambda p: unpacked.append(1) or p[0]):
        y = leaf.exp()
    y = checkpoint(counted, checkpoint(counted, y, use_reentrant=False), use_reentrant=True)
    y[0] = Reads.apply(leaf)[0]
    random = torch.get_rng_state()
    assert len(tracer.forecast(y.sum()).not_known) == 4
    assert (len(ran), unpacked, leaf.grad) == (2, [], None)
    assert torch.equal(torch.get_rng_state(), random)
    assert said(y.sum()) is None and len(unpacked) == 1


NO_SECOND = {
    "attention": lambda t: F.scaled_dot_product_attention(t[None], t[None], t[None]),
    "cdist": lambda t: torch.cdist(t, t + 1),
    "pdist": lambda t: F.pdist(t[0]),
    "ctc": lambda t: F.ctc_loss(
        t.log_softmax(-1), torch.tensor([[1, 2]] * 4), torch.tensor([2] * 4), torch.tensor([1] * 4)
    ),
    "embedding bag": lambda t: F.embedding_bag(torch.tensor([[0, 1]]), t[0] * 1),
    "segments": lambda t: torch.segment_reduce(t[0, :, 0] * 1, "sum", lengths=torch.tensor([2, 2])),
    "hardsigmoid": F.hardsigmoid,
    "multilabel": lambda t: F.multilabel_margin_loss(t[0], torch.zeros(4, 8, dtype=torch.long)),
    "multi margin": lambda t: F.multi_margin_loss(t[0], torch.zeros(4, dtype=torch.long)),
    "once": lambda t: Once.apply(t),
}


@pytest.mark.parametrize("case", NO_SECOND)
def test_what_has_no_second_derivative(case: str) -> None:
    leaf = torch.rand(2, 4, 8, requires_grad=True)
    loss = NO_SECOND[case](leaf).square().sum()
    found = tracer.forecast(loss, create_graph=True)
    assert len(found.twice) == 1 and "Backward" in found.twice[0] and tracer.forecast(loss).twice == ()
    (gradient,) = torch.autograd.grad(loss, leaf, create_graph=True)
    assert tracer.forecast(gradient.sum()).verdict == "raises"
    assert tracer.forecast(gradient.sum()).words == said(gradient.sum())


@pytest.mark.parametrize("function", [torch.tanh, F.gelu, lambda t: F.layer_norm(t, (8,)), lambda t: Reads.apply(t)])
def test_what_has_one_is_not_reported(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    loss = function(torch.rand(2, 4, 8, requires_grad=True)).square().sum()
    assert tracer.forecast(loss, create_graph=True).twice == ()


def test_a_deep_graph() -> None:
    y = x()
    for _ in range(20_000):
        y = y + 1
    assert tracer.forecast(y.exp().sum()).verdict == "runs"
