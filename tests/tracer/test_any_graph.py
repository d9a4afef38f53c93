"""Any graph: what a trace, and a trace with gradients, say of each kind, and that it is what torch says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

import tracer


def leaf(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    count = torch.Size(shape or (3,)).numel()
    return torch.linspace(0.5, 2, count, dtype=dtype).reshape(shape or (3,)).requires_grad_()


def names(recording: tracer.Recording) -> list[str]:
    return [node.name for node in recording.graph.nodes]


def edges(recording: tracer.Recording) -> list[tuple[str, int, str, int]]:
    nodes = recording.graph.nodes
    return [(nodes[e.producer].name, e.output_nr, nodes[e.consumer].name, e.slot) for e in recording.graph.edges]


def states(recording: tracer.Recording) -> dict[str, list[str]]:
    """Give the states of the gradients at the outputs of each node, by name."""
    found: dict[str, list[str]] = {}
    for gradient in recording.facts.gradients:
        found.setdefault(recording.graph.nodes[gradient.node].name, []).append(gradient.state)
    return found


def values(recording: tracer.Recording, name: str) -> Any:
    return next(row.values for row in recording.gradients() if row.name == name)


def as_torch(output: torch.Tensor, x: torch.Tensor) -> tuple[float, ...]:
    """Give what torch finds at x."""
    (gradient,) = torch.autograd.grad(output, x, torch.ones_like(output), retain_graph=True)
    dense = gradient.to_dense() if gradient.layout is not torch.strided else gradient
    return tuple((torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense).flatten().tolist())


class Parts(torch.autograd.Function):
    """A product, a mask that can't be differentiated, and a difference."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        mask = a > b
        ctx.mark_non_differentiable(mask)
        return a * b, mask, a - b

    @staticmethod
    def backward(ctx, g, _mask, h):
        a, b = ctx.saved_tensors
        return g * b + h, g * a - h


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * a

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return 2 * g * ctx.saved_tensors[0]


class Stops(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2

    @staticmethod
    def backward(ctx, g):
        return None


class Bare(torch.autograd.Function):
    """Gets `None`, and not zeros, for what was not used."""

    got: list[bool] = []  # noqa: RUF012

    @staticmethod
    def forward(ctx, a):
        ctx.set_materialize_grads(False)
        return a * 2, a * 3

    @staticmethod
    def backward(ctx, g, h):
        Bare.got.append(g is None)
        return h * 3


def test_a_custom_function_of_which_one_output_is_used():
    a, b = leaf(), leaf()
    product = Parts.apply(a, b)[0]
    recording = tracer.trace({"product": product}, names={"a": a, "b": b}, gradients=True)
    assert names(recording) == ["AccumulateGrad", "AccumulateGrad", "PartsBackward"]
    assert states(recording)["PartsBackward"] == ["measured", "none", "none"]
    assert (values(recording, "a"), values(recording, "b")) == (as_torch(product, a), as_torch(product, b))
    assert len(recording.facts.saved) == 2


def test_an_output_that_cant_be_differentiated_has_nothing_recorded():
    product, mask, difference = Parts.apply(leaf(), leaf())
    recording = tracer.trace({"product": product, "mask": mask, "difference": difference}, gradients=True)
    assert [(end.name, end.node, end.output_nr) for end in recording.graph.outputs] == [
        ("product", 2, 0),
        ("mask", None, 0),
        ("difference", 2, 2),
    ]
    assert recording.facts.notes == (
        "mask does not follow gradients (requires_grad is False), so autograd recorded nothing for it",
    )


def test_a_backward_that_runs_only_once():
    x = leaf()
    assert values(tracer.trace(Once.apply(x), names={"x": x}, gradients=True), "x") == as_torch(Once.apply(x), x)
    (slope,) = torch.autograd.grad(Once.apply(x).sum(), x, create_graph=True)
    assert tracer.trace(slope).graph.nodes == ()


def test_a_backward_that_hands_nothing_on():
    x = leaf()
    recording = tracer.trace(Stops.apply(x * 2) + x, names={"x": x}, gradients=True)
    assert states(recording)["MulBackward0"] == ["none"]
    flows = {(e[0], e[2]): g.state for e, g in zip(edges(recording), recording.facts.edge_gradients, strict=True)}
    assert flows["AccumulateGrad", "MulBackward0"] == flows["MulBackward0", "StopsBackward"] == "none"
    assert values(recording, "x") == (1, 1, 1)


def test_a_backward_that_asks_for_no_zeros_gets_none():
    x = leaf()
    Bare.got.clear()
    recording = tracer.trace(Bare.apply(x)[1], names={"x": x}, gradients=True)
    assert Bare.got == [True]
    assert states(recording)["BareBackward"] == ["none", "measured"]
    assert values(recording, "x") == (3, 3, 3)


def test_what_a_custom_function_saves_may_have_been_freed():
    x = leaf()
    y = Once.apply(x).sum()
    y.backward()
    recording = tracer.trace(y)
    assert names(recording) == ["AccumulateGrad", "OnceBackward", "SumBackward0"]
    with pytest.raises(tracer.TracerError, match="second time"):
        tracer.trace(y, gradients=True)


def test_a_checkpoint_runs_again_only_for_gradients():
    runs = []

    def block(x):
        runs.append(1)
        return x.sin().exp()

    x = leaf()
    y = checkpoint(block, x, use_reentrant=False)
    assert names(tracer.trace(y)) == ["AccumulateGrad", "SinBackward0", "ExpBackward0"]
    assert len(runs) == 1
    recording = tracer.trace(y, names={"x": x}, gradients=True)
    assert len(runs) == 2
    assert values(recording, "x") == as_torch(y, x)


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("eager", ["AccumulateGrad", "AccumulateGrad", "MulBackward0", "SinBackward0"]),
        ("aot_eager", ["AccumulateGrad", "AccumulateGrad", "CompiledFunctionBackward"]),
    ],
)
def test_a_compiled_region(backend, expected):
    a, b = leaf(), leaf()
    try:
        y = torch.compile(lambda a, b: (a * b).sin(), backend=backend)(a, b)
    except RuntimeError as error:  # torch.compile knows neither every Python nor every platform
        pytest.skip(f"torch.compile can't run here: {error}")
    recording = tracer.trace(y, names={"a": a, "b": b}, gradients=True)
    assert names(recording) == expected
    assert values(recording, "a") == pytest.approx(as_torch(y, a))


def changed_through_a_view(x: torch.Tensor) -> torch.Tensor:
    base = x * 1
    base[:2].mul_(leaf(2))
    return base


def view_made_anew(x: torch.Tensor) -> torch.Tensor:
    base = x * 1
    view = base.view(1, 3)
    base.add_(1)
    return view


def view_of_a_view(x: torch.Tensor) -> torch.Tensor:
    base = x * 1
    view = base.view(1, 3)[0]
    base.sin_()
    return view.exp()


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (changed_through_a_view, "CopySlices"),
        (view_made_anew, "AsStridedBackward0"),
        (view_of_a_view, "AsStridedBackward0"),
        (lambda x: (x * 1).relu_(), "ReluBackward0"),
        (lambda x: x.view(3, 1).expand(3, 4), "ExpandBackward0"),
    ],
)
def test_in_place_changes_and_views(make, found):
    x = leaf()
    y = make(x)
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert found in names(recording)
    assert values(recording, "x") == as_torch(y, x)
    assert recording.shapes()[-1].shape == tuple(y.shape)


def test_a_view_that_torch_makes_anew_is_one_node():
    x = leaf()
    base = x * 1
    view = base.view(1, 3)
    base.add_(1)
    recording = tracer.trace({"view": view, "base": base}, names={"again": view})
    assert names(recording).count("AsStridedBackward0") == 1
    assert recording.graph.nodes[-1].label == "again = view"


def test_a_change_that_backward_can_no_longer_bear_is_told_in_torchs_words():
    x = leaf()
    y = x.exp()
    z = y * 2
    y.add_(1)
    assert len(tracer.trace(z).graph.nodes) == 3
    with pytest.raises(tracer.TracerError, match="modified by an inplace operation"):
        tracer.trace(z, gradients=True)


@pytest.mark.parametrize(
    ("make", "node", "outputs"),
    [
        (lambda x: x.unbind(), "UnbindBackward0", 3),
        (lambda x: x.split(1), "SplitBackward0", 3),
        (lambda x: torch.linalg.svd(x.view(3, 1)), "LinalgSvdBackward0", 3),
        (lambda x: x.topk(2), "TopkBackward0", 1),
        (lambda x: torch.std_mean(x), "StdMeanBackward0", 2),
    ],
)
def test_operators_with_several_outputs(make, node, outputs):
    x = leaf()
    made = make(x)
    recording = tracer.trace(made[0], names={"x": x}, gradients=True)
    found = next(n for n in recording.graph.nodes if n.name == node)
    assert [spec.shape for spec in found.outputs] == [tuple(tensor.shape) for tensor in made[:outputs]]
    assert states(recording)[node] == ["measured"] + ["none"] * (outputs - 1)
    assert values(recording, "x") == as_torch(made[0], x)


def test_which_output_an_edge_is():
    a, b, c = (leaf(3, 2) * 2).unbind()
    found = edges(tracer.trace(c * a))
    assert [e for e in found if e[0] == "UnbindBackward0"] == [
        ("UnbindBackward0", 2, "MulBackward0", 0),
        ("UnbindBackward0", 0, "MulBackward0", 1),
    ]
    assert b.output_nr == 1


def test_tied_weights_gather_both_gradients():
    model = torch.nn.ModuleDict({"embed": torch.nn.Embedding(5, 3), "head": torch.nn.Linear(3, 5, bias=False)})
    model["head"].weight = model["embed"].weight
    y = model["head"](model["embed"](torch.tensor([1, 4, 1]))).sum()
    recording = tracer.trace(y, model=model, gradients=True)
    assert [node.label for node in recording.graph.nodes if node.kind == "leaf"] == ["embed.weight = head.weight"]
    assert values(recording, "embed.weight = head.weight") == pytest.approx(as_torch(y, model["embed"].weight))
    shares = [row.share for row in recording.edge_gradients() if row.edge.producer == 0]
    assert len(shares) == 2
    assert sum(shares) == pytest.approx(1)


def test_a_graph_of_gradients():
    x = leaf()
    (x**3).sum().backward(create_graph=True)
    slope = x.grad
    recording = tracer.trace({"slope": slope}, names={"x": x}, gradients=True)
    assert values(recording, "x") == pytest.approx([6 * number for number in x.tolist()])
    assert x.grad is slope
    (curve,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
    third = tracer.trace({"curve": curve}, names={"x": x}, gradients=True)
    assert values(third, "x") == pytest.approx([6, 6, 6])


def test_complex_numbers_are_pairs():
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    y = (z.conj() * z * 1j).real.exp() + z.abs()
    recording = tracer.trace({"y": y}, names={"z": z}, gradients=True)
    assert values(recording, "z") == pytest.approx(as_torch(y, z))
    assert next(n.dtype for n in recording.graph.nodes if n.label == "z") == "complex64"
    assert recording.value("z") == [1 + 2j, 3 - 1j]


def coo() -> torch.Tensor:
    return torch.sparse_coo_tensor([[0, 1], [1, 0]], [2.0, 3.0], (2, 2)).requires_grad_()


def csr() -> torch.Tensor:
    return torch.tensor([[0.0, 2.0], [3.0, 0.0]]).to_sparse_csr().requires_grad_()


@pytest.mark.parametrize(
    ("make", "x"),
    [
        (lambda w: torch.nn.functional.embedding(torch.tensor([1, 1]), w, sparse=True), leaf(3, 2)),
        (lambda s: torch.sparse.mm(s, leaf(2, 2)), coo()),
        (lambda s: torch.sparse.sum(s * 2), coo()),
        (lambda s: s @ leaf(2, 2), csr()),
        (lambda d: d.to_sparse().to_dense(), leaf(2, 2)),
    ],
    ids=["embedding", "COO product", "COO sum", "CSR product", "to sparse and back"],
)
def test_sparse(make, x):
    y = make(x)
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert values(recording, "x") == as_torch(y, x)
    assert next(row for row in recording.gradients() if row.name == "x").shape == tuple(x.shape)
    assert tracer.facts.from_json(recording.to_json()) == recording.facts


@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
def test_nested(layout):
    x = torch.nested.nested_tensor([leaf(2, 3), leaf(4, 3)], requires_grad=True, layout=layout)
    y = x.to_padded_tensor(0.0)
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    rows = {row.name: (row.state, row.shape) for row in recording.gradients()}
    assert rows == {"y": ("measured", (2, 4, 3)), "x": ("not measured", None)}


def test_meta():
    x = torch.ones(3, 4, device="meta", requires_grad=True)
    recording = tracer.trace({"y": (x @ x.T).relu()}, names={"x": x}, gradients=True)
    assert {row.name: (row.state, row.shape) for row in recording.gradients()} == {
        "y": ("not measured", (3, 3)),
        "x": ("not measured", (3, 4)),
    }
    assert recording.value("x") is None
    assert {node.device for node in recording.graph.nodes} == {"meta"}


def test_fake_inside_of_its_mode():
    with FakeTensorMode():
        x = torch.ones(3, 4, requires_grad=True)
        recording = tracer.trace({"y": x.exp().sum()}, names={"x": x}, gradients=True)
    assert {row.name: (row.state, row.shape) for row in recording.gradients()} == {
        "y": ("not measured", ()),
        "x": ("not measured", (3, 4)),
    }


def test_a_hook_runs_once_as_in_any_backward():
    x = leaf()
    y = x * 2
    seen: list[tuple[float, ...]] = []
    y.register_hook(lambda g: seen.append(tuple(g.tolist())))
    tracer.trace(y * y)
    assert seen == []
    recording = tracer.trace(y * y, names={"y": y}, gradients=True)
    assert seen == [values(recording, "y")]


def test_a_retained_gradient_stays_as_it_was():
    y = leaf() * 2
    y.retain_grad()
    tracer.trace(y * y, gradients=True)
    assert y.grad is None
    (y * y).sum().backward(retain_graph=True)
    before = y.grad
    tracer.trace(y * 3, gradients=True)
    assert y.grad is before


def elsewhere(make: Callable[[], torch.Tensor]) -> torch.Tensor:
    found: list[torch.Tensor] = []
    thread = threading.Thread(target=lambda: found.append(make()))
    thread.start()
    thread.join()
    return found[0]


def test_a_graph_of_other_threads():
    x = leaf()
    y = elsewhere(lambda: x.sin()) * elsewhere(lambda: x.cos())
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert sorted(names(recording)) == ["AccumulateGrad", "CosBackward0", "MulBackward0", "SinBackward0"]
    assert values(recording, "x") == pytest.approx(as_torch(y, x))


def test_traced_on_another_thread():
    x = leaf()
    y = x.sin()
    found: list[tracer.Recording] = []
    elsewhere(lambda: found.append(tracer.trace(y, names={"x": x}, gradients=True)) or y)
    assert values(found[0], "x") == as_torch(y, x)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.ones(3),
        lambda: torch.ones(3, dtype=torch.long),
        lambda: leaf().detach(),
        lambda: leaf().argmax(),
        lambda: elsewhere(lambda: torch.ones(2)),
    ],
)
def test_no_graph_at_all(make):
    recording = tracer.trace({"y": make()}, gradients=True)
    assert recording.graph.nodes == ()
    assert recording.gradients() == ()
    assert recording.facts.notes[0].startswith("y does not follow gradients")


def test_a_leaf_alone():
    x = leaf()
    recording = tracer.trace({"x": x}, gradients=True)
    assert names(recording) == ["AccumulateGrad"]
    assert values(recording, "x") == (1, 1, 1)


def test_no_elements():
    x = torch.ones(0, 3, requires_grad=True)
    recording = tracer.trace({"y": (x * 2).sum()}, names={"x": x}, gradients=True)
    row = next(row for row in recording.gradients() if row.name == "x")
    assert (row.state, row.shape, row.values, row.norm, row.mean) == ("measured", (0, 3), (), 0.0, None)


@pytest.mark.parametrize(
    "context",
    [
        lambda: torch.autograd.set_detect_anomaly(True),
        torch.autograd.graph.save_on_cpu,
        lambda: torch.autograd.graph.saved_tensors_hooks(lambda tensor: tensor, lambda tensor: tensor),
        lambda: torch.autocast("cpu", dtype=torch.bfloat16),
        lambda: torch.device("meta"),
    ],
    ids=["anomaly", "save on CPU", "saved tensors' hooks", "autocast", "a default device"],
)
@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_inside_of_contexts(context):
    x = leaf(2, 2)
    w = leaf(2, 2)
    with context():
        y = (x @ w).sin()
        recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert values(recording, "x") == pytest.approx(as_torch(y, x))


def test_functions_of_functions():
    x = leaf()
    y = torch.vmap(lambda row: row * row)(x) + torch.func.grad(lambda x: x.pow(3).sum())(x)
    recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert values(recording, "x") == pytest.approx(as_torch(y, x))
