"""What `trace` and `record` do to the person's world: nothing. Each thing that could change × each way of calling."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
import torch
from torch import nn
from torch.nn.modules import module as modules
from torch.utils.checkpoint import checkpoint

import tracer
from tracer.capture import walk as rooms

OURS = os.path.dirname(tracer.__file__) + os.sep


class Trouble(torch.autograd.Function):
    """Doubles; its backward draws a random number, and raises what `error` says, where it says so."""

    error: BaseException | None = None

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        torch.rand(1)
        if Trouble.error is not None:
            raise Trouble.error
        return g * 2


class World:
    """A person's model and what hangs on it: buffers, dropout, hooks, retained gradients, packed tensors, a checkpoint,
    and a custom function near the inputs, so that a backward that fails there was half through."""

    def __init__(self, checkpointed: bool = True) -> None:
        torch.manual_seed(1)
        self.calls = calls = list[str]()
        self.model = nn.ModuleDict({"first": nn.Linear(4, 4), "norm": nn.BatchNorm1d(4), "last": nn.Linear(4, 1)})
        self.model["frozen"] = nn.Linear(2, 2).eval().requires_grad_(False)
        self.x = torch.randn(3, 4, requires_grad=True)
        first, norm = Trouble.apply(self.model["first"](self.x)), self.model["norm"]

        def middle(x: torch.Tensor) -> torch.Tensor:
            calls.append("checkpoint")
            return torch.dropout(norm(x), 0.5, train=True)

        self.hidden = checkpoint(middle, first, use_reentrant=False) if checkpointed else middle(first)
        self.hidden.retain_grad()
        self.kept = self.hidden * 2
        self.kept.retain_grad()
        self.kept.grad = torch.full((3, 4), 5.0)
        with torch.autograd.graph.saved_tensors_hooks(said(calls, "pack"), said(calls, "unpack")):
            self.loss = self.model["last"](self.kept.exp()).square().mean()
        self.model["first"].weight.grad = torch.full((4, 4), 7.0)
        self.model["last"].weight.register_post_accumulate_grad_hook(lambda _: calls.append("accumulated"))
        self.hidden.register_hook(lambda _: calls.append("tensor hook"))
        self.loss.grad_fn.register_hook(lambda *_: calls.append("node hook"))
        self.loss.grad_fn.register_prehook(lambda *_: calls.append("node prehook"))
        calls.clear()

    def tensors(self) -> list[torch.Tensor]:
        return [*self.model.parameters(), *self.model.buffers(), self.x, self.hidden, self.kept, self.loss]


def said(calls: list[str], what: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """Make a hook that notes its calls and hands on what it gets."""

    def hook(tensor: torch.Tensor) -> torch.Tensor:
        calls.append(what)
        return tensor.detach()  # a node that saves its own output would hold itself

    return hook


# The ways of calling, each with how often hooks and recomputations run in it


def plain(world: World) -> None:
    tracer.trace({"loss": world.loss}, model=world.model, names={"x": world.x, "hidden": world.hidden})


def with_gradients(world: World) -> None:
    tracer.trace({"loss": world.loss}, model=world.model, names={"x": world.x}, gradients=True)


def recorded(world: World) -> None:
    with tracer.record(world.model) as notes:
        loss = world.model["first"](world.x).sum()
    tracer.trace(loss, model=world.model, notes=notes)
    plain(world)


def asked_why(world: World) -> None:
    """Follow reads, and ask all that is answered without a backward; a counter shows that nothing is unpacked."""
    with tracer.record(world.model, reads=True) as notes:
        world.model["first"](world.x).sum()
    settings = {"model": world.model, "names": {"x": world.x, "hidden": world.hidden}, "notes": notes}
    recording = tracer.trace({"loss": world.loss}, saved=True, **settings)
    recording.problems(), recording.why("first.weight"), recording.saved_memory()
    tracer.forecast(world.loss, create_graph=True, **settings)
    with pytest.raises(AssertionError, match=r"Backward does not reach frozen\.weight"):
        tracer.assert_all_reached(world.loss, world.model, notes=notes)


def recorded_with_an_error(world: World) -> None:
    with pytest.raises(RuntimeError), tracer.record():
        world.model["first"](torch.ones(3, 5))


def refused(world: World) -> None:
    """torch refuses the backward when it is half through."""
    with troubled(ValueError("half of it")), pytest.raises(tracer.TracerError):
        with_gradients(world)


def interrupted_in_backward(world: World) -> None:
    with troubled(KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        with_gradients(world)


def interrupted_in_the_walk(world: World) -> None:
    def strike(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rooms, "protect", strike)
        with_gradients(world)


def in_a_thread(world: World) -> None:
    thread = threading.Thread(target=with_gradients, args=(world,))
    thread.start()
    thread.join()


@contextlib.contextmanager
def troubled(error: BaseException) -> Iterator[None]:
    Trouble.error = error
    try:
        yield
    finally:
        Trouble.error = None


ONE_BACKWARD = {
    "node hook": 1, "node prehook": 1, "tensor hook": 1, "checkpoint": 1, "unpack": 4, "pack": 0, "accumulated": 0,
}  # fmt: skip
WAYS: dict[Callable[[World], None], dict[str, int]] = {
    plain: {},
    with_gradients: ONE_BACKWARD,
    recorded: {},
    asked_why: {},
    recorded_with_an_error: {},
    refused: ONE_BACKWARD,
    interrupted_in_backward: ONE_BACKWARD,
    interrupted_in_the_walk: {},
    in_a_thread: ONE_BACKWARD,
}


# What could change, each as something that compares


def exactly(tensor: torch.Tensor | None) -> Any:
    """Tell a tensor's identity and bits."""
    return None if tensor is None else (id(tensor), tensor.dtype, tensor.detach().clone().numpy().tobytes())


def named(*spaces: Any) -> list[tuple[str, int]]:
    """Tell the identity of everything that is defined in modules and classes."""
    return [(name, id(value)) for space in spaces for name, value in sorted(vars(space).items())
            if name != "__warningregistry__"]  # fmt: skip


THINGS: dict[str, Callable[[World], Any]] = {
    "values": lambda w: [exactly(t) for t in w.tensors()],
    ".grad": lambda w: [exactly(t.grad) for t in w.tensors() if t.is_leaf or t.retains_grad],
    "which retain .grad": lambda w: [t.retains_grad for t in w.tensors()],
    "requires_grad": lambda w: [t.requires_grad for t in w.tensors()],
    "versions": lambda w: [t._version for t in w.tensors()],
    "tensor hooks": lambda w: [
        (list((t._backward_hooks or {}).items()), len(t._post_accumulate_grad_hooks or ()))
        for t in w.tensors()
        if t is not w.hidden
    ],
    "training flags": lambda w: [m.training for m in w.model.modules()],
    "module hooks": lambda w: [
        [list(hooks) for name, hooks in sorted(vars(m).items()) if name.endswith("_hooks")] for m in w.model.modules()
    ],
    "module attributes": lambda w: [sorted(vars(m)) for m in w.model.modules()],
    "nodes": lambda w: (w.loss.grad_fn, w.loss.grad_fn.metadata, w.hidden.grad_fn, w.hidden.grad_fn.metadata),
    "references": lambda w: [sys.getrefcount(t) for t in w.tensors()],
    "torch's random state": lambda _: torch.get_rng_state().tolist(),
    "Python's random state": lambda _: random.getstate(),
    "NumPy's random state": lambda _: str(numpy.random.get_state()),
    "grad mode": lambda _: (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
    "forward mode": lambda _: torch._C._is_fwd_grad_enabled(),
    "autocast": lambda _: (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
    "defaults": lambda _: (torch.get_default_dtype(), torch.get_default_device(), torch.tensor(0.0).device),
    "anomaly mode": lambda _: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
    "determinism": lambda _: torch.get_deterministic_debug_mode(),
    "threads": lambda _: (torch.get_num_threads(), torch._C._is_multithreading_enabled()),
    "saved tensor hooks": lambda _: torch._C._autograd._saved_tensors_hooks_is_enabled(),
    "modes": lambda _: (torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack()),
    "global module hooks": lambda _: [
        list(hooks.items()) for name, hooks in sorted(vars(modules).items()) if name.startswith("_global_") and hooks
    ],
    "torch's functions": lambda _: named(
        torch, torch.Tensor, torch.nn.functional, nn.Module, nn.Parameter, torch.autograd, torch.autograd.graph,
        torch.autograd.Function, torch.utils.checkpoint, torch.overrides, torch.utils.hooks,
    ),
    "warnings": lambda _: list(warnings.filters),
    "garbage collector": lambda _: (gc.isenabled(), gc.get_threshold(), len(gc.callbacks)),
    "Python's own hooks": lambda _: (
        sys.gettrace(), sys.getprofile(), sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook,
    ),
    "environment": lambda _: (dict(os.environ), os.getcwd(), list(sys.path), sys.getrecursionlimit()),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def settled() -> Iterator[None]:
    """Import what is imported late, by which torch's own namespaces grow, and set aside the objects of other tests."""
    for way in WAYS:
        way(World())
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_changes(way):
    world = World()
    before = {name: look(world) for name, look in THINGS.items()}
    way(world)
    changed = [name for name, look in THINGS.items() if look(world) != before[name]]
    assert changed == []


SETTINGS: dict[str, Callable[[], Any]] = {
    "no_grad": torch.no_grad,
    "inference mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "anomaly mode": lambda: torch.autograd.set_detect_anomaly(True),
    "another default device": lambda: torch.device("meta"),
    "one thread for backward": lambda: torch.autograd.set_multithreading_enabled(False),
    "no saved tensor hooks": lambda: torch.autograd.graph.disable_saved_tensors_hooks("no"),
    "a function mode": torch.overrides.BaseTorchFunctionMode,
}


@pytest.mark.filterwarnings("ignore:.*Error detected in.*", "ignore:Anomaly Detection")
@pytest.mark.parametrize("way", [plain, with_gradients, recorded, refused], ids=lambda way: way.__name__)
@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_changes_in_other_settings(setting, way):
    world = World()
    looks = {name: look for name, look in THINGS.items() if name != "versions"}
    with SETTINGS[setting]():
        before = {name: look(world) for name, look in looks.items()}
        with contextlib.suppress(tracer.TracerError):  # where torch itself refuses
            way(world)
        changed = [name for name, look in looks.items() if look(world) != before[name]]
    assert changed == []


def test_a_default_dtype_and_determinism_stay():
    world, before = World(), torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        torch.use_deterministic_algorithms(True, warn_only=True)
        looks = {name: look(world) for name, look in THINGS.items()}
        with_gradients(world)
        assert {name: look(world) for name, look in THINGS.items()} == looks
    finally:
        torch.set_default_dtype(before)
        torch.use_deterministic_algorithms(False)


# What runs: the person's hooks, packed tensors and checkpoints, in the trace and in the backward after it


def tally(world: World) -> dict[str, int]:
    return {name: world.calls.count(name) for name in ONE_BACKWARD}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_persons_code_runs_as_in_one_backward_or_not_at_all(way):
    world = World()
    way(world)
    assert tally(world) == {**dict.fromkeys(ONE_BACKWARD, 0), **WAYS[way]}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_backward_afterwards_is_as_without_us(way):
    world, twin = World(), World()
    way(world)
    world.calls.clear()
    ran: set[str] = set()
    sys.setprofile(lambda frame, *_: ran.add(frame.f_code.co_filename))
    try:
        world.loss.backward()
    finally:
        sys.setprofile(None)
    twin.loss.backward()
    assert [name for name in ran if name.startswith(OURS)] == []
    assert world.calls == twin.calls
    assert "accumulated" in world.calls
    for ours, theirs in zip(world.tensors(), twin.tensors(), strict=True):
        assert torch.equal(ours, theirs)
        if ours.is_leaf or ours.retains_grad:
            assert (ours.grad is None) == (theirs.grad is None)
            assert ours.grad is None or torch.equal(ours.grad, theirs.grad)


@pytest.mark.parametrize("gradients", [False, True])
def test_a_reentrant_checkpoint_never_runs(gradients):
    calls: list[int] = []
    loss = checkpoint(lambda x: (calls.append(1), x.sin())[1], torch.ones(3, requires_grad=True), use_reentrant=True)
    tracer.trace(loss.sum(), gradients=gradients)
    assert len(calls) == 1


def test_a_freed_graph_stays_as_it_is():
    world = World()
    world.loss.backward()
    before = {name: look(world) for name, look in THINGS.items()}
    plain(world)
    with pytest.raises(tracer.TracerError, match="second time"):
        with_gradients(world)
    assert [name for name, look in THINGS.items() if look(world) != before[name]] == []


def test_a_forward_is_the_same_when_it_is_recorded():
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1))
    twin, x, start = copy.deepcopy(net), torch.randn(5, 4), torch.get_rng_state()
    expected, after = twin(x), torch.get_rng_state()
    torch.set_rng_state(start)
    with tracer.record(net, reads=True):
        found = net(x)
    assert torch.equal(found, expected)
    assert torch.equal(torch.get_rng_state(), after)
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), twin.state_dict().values(), strict=True))
    assert type(found) is torch.Tensor
    assert found.grad_fn.name() == expected.grad_fn.name()


# Growth


def living() -> tuple[int, int]:
    """Count all objects that Python's collector knows, and the tensors among them."""
    gc.collect()
    things = gc.get_objects()
    return len(things), sum(issubclass(type(thing), torch.Tensor) for thing in things)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_hundred_times_leave_no_more_than_one(way):
    """Without a checkpoint, of which torch itself keeps a little of each backward for as long as the graph lives."""
    world = World(checkpointed=False)
    for _ in range(3):
        way(world)
    world.calls.clear()
    objects, tensors = living()
    references = THINGS["references"](world)
    for _ in range(100):
        way(world)
    world.calls.clear()
    after = living()
    assert after[1] == tensors
    assert after[0] - objects < 20  # caches of other libraries come and go
    assert THINGS["references"](world) == references


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_everything_is_freed_when_the_person_lets_go(way):
    _, before = living()
    world = World()
    way(world)
    assert living()[1] > before + 10
    del world
    assert living()[1] == before
