"""Looking past what a person's subclasses and modes would see, count, change or refuse."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import tracer


class Watched(torch.Tensor):
    """Notes what it is asked."""

    asked: list = []  # noqa: RUF012

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.asked.append(func)
        return super().__torch_function__(func, types, args, kwargs or {})


class Refuses(torch.Tensor):
    """Raises when it is looked at."""

    @classmethod
    def __torch_function__(cls, *_):
        raise RuntimeError("do not look")


class RefusesAll(torch.Tensor):
    """Holds no numbers itself, and raises for every operator."""

    @staticmethod
    def __new__(cls):
        return torch.Tensor._make_wrapper_subclass(cls, (3,), dtype=torch.float32, requires_grad=True)

    @classmethod
    def __torch_dispatch__(cls, *_):
        raise RuntimeError("do not look")


class Counts(TorchFunctionMode):
    calls = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


class CountsOperators(TorchDispatchMode):
    calls = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


class Doubles(torch.autograd.Function):
    """Takes anything, and gives an ordinary tensor."""

    @staticmethod
    def forward(ctx, anything):
        return torch.ones(3)

    @staticmethod
    def backward(ctx, g):
        return g * 2


def leaf() -> torch.Tensor:
    return torch.ones(3, requires_grad=True)


def values(recording: tracer.Recording) -> dict[str, tuple]:
    return {row.name: row.values for row in recording.gradients()}


def test_a_subclass_is_not_asked():
    w = torch.ones(3).as_subclass(Watched).requires_grad_()
    y = (w * 2).sum()
    Watched.asked.clear()
    recording = tracer.trace({"y": y}, names={"w": w}, gradients=True)
    assert Watched.asked == []
    assert values(recording) == {"y": (1.0,), "w": (2.0, 2.0, 2.0)}


def test_a_subclass_in_a_persons_backward_is_asked():
    scale = torch.full((3,), 5.0).as_subclass(Watched)

    class Scales(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return (g * scale).as_subclass(torch.Tensor)

    x = leaf()
    y = Scales.apply(x)
    Watched.asked.clear()
    assert values(tracer.trace(y, names={"x": x}, gradients=True))["x"] == (5.0, 5.0, 5.0)
    assert torch.Tensor.mul in Watched.asked


def test_a_subclass_that_refuses_to_be_looked_at():
    with torch._C.DisableTorchFunctionSubclass():
        w = torch.ones(3).as_subclass(Refuses).requires_grad_()
        y = (w * 2).as_subclass(Refuses)
        elsewhere = torch.ones(3).as_subclass(Refuses)
    recording = tracer.trace({"y": y}, names={"w": w, "elsewhere": elsewhere}, gradients=True)
    assert values(recording) == {"y": (1.0, 1.0, 1.0), "w": (2.0, 2.0, 2.0)}
    assert recording.value("elsewhere") == [1.0, 1.0, 1.0]


def test_a_class_that_answers_for_itself_is_not_measured():
    w = RefusesAll()
    recording = tracer.trace({"y": Doubles.apply(w), "w": w}, names={"other": RefusesAll()}, gradients=True)
    assert [(row.name, row.shape) for row in recording.shapes()] == [("other", (3,)), ("y", (3,)), ("w", (3,))]
    assert [recording.value(name) for name in ("w", "other")] == [None, None]
    assert recording.graph.outputs[1] == (0, 0, "w")


@pytest.mark.parametrize("mode", [Counts, CountsOperators])
def test_a_mode_does_not_see_a_trace(mode):
    x, other = leaf(), leaf()
    y = (x * 2).exp().sum()
    with mode() as counts:
        tracer.trace({"y": y, "x": x}, names={"x": x, "other": other})
        assert counts.calls == 0


def test_a_real_graph_while_fake_tensors_are_made():
    x = leaf()
    y = x * 2
    with FakeTensorMode():
        recording = tracer.trace({"y": y}, names={"x": x}, gradients=True)
    assert values(recording) == {"y": (1.0, 1.0, 1.0), "x": (2.0, 2.0, 2.0)}


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
def test_a_leaf_in_any_grad_mode(mode):
    x = leaf()
    with mode():
        grad, inference = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        recording = tracer.trace({"x": x}, gradients=True)
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == (grad, inference)
    assert values(recording) == {"x": (1.0, 1.0, 1.0)}


def sparse(layout: str) -> torch.Tensor:
    dense = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    return {
        "coo": dense.to_sparse,
        "csr": dense.to_sparse_csr,
        "csc": dense.to_sparse_csc,
        "bsr": lambda: dense.to_sparse_bsr((1, 1)),
    }[layout]().requires_grad_()


@pytest.mark.parametrize("layout", ["coo", "csr", "csc", "bsr"])
def test_a_sparse_leaf(layout):
    x, other = sparse(layout), sparse(layout)
    recording = tracer.trace({"x": x}, names={"other": other}, gradients=True)
    assert [node.name for node in recording.graph.nodes] == ["AccumulateGrad"]
    assert values(recording) == {"x": (1.0, 1.0, 1.0, 1.0)}
    assert recording.value("other") == [[0.0, 2.0], [3.0, 0.0]]


@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_leaf(layout):
    x, other = (
        torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], requires_grad=True, layout=layout) for _ in "ab"
    )
    recording = tracer.trace({"x": x}, names={"other": other})
    assert [node.name for node in recording.graph.nodes] == ["AccumulateGrad"]
    assert [(row.name, row.shape) for row in recording.shapes()] == [("other", None), ("x", None)]
