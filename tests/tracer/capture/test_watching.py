"""Each leak over training steps, what is said of it, and neighbours that are none."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Iterator

import pytest
import torch
from torch import nn

import tracer
from tracer.capture.growth import Growth
from tracer.capture.watching import MARK

STEPS = 6


@pytest.fixture(autouse=True)
def _nothing_of_other_tests() -> Iterator[None]:
    gc.unfreeze()  # what holds on to a step is looked for among all there is, the tests too
    gc.collect()
    yield
    gc.freeze()


def losses(model: nn.Module) -> Iterator[torch.Tensor]:
    for _ in range(STEPS):
        yield model(torch.ones(2, 3)).sum()


def holders(growth: Growth) -> list[tuple[str, str, int]]:
    return [(holder.kind, holder.name, holder.steps) for holder in growth.holders]


def test_a_total_that_is_watched_reaches_back() -> None:
    model, total = nn.Linear(3, 1), torch.zeros(())
    with tracer.record(model) as notes, tracer.watch(notes) as watched:
        for _ in range(STEPS):
            total = total + model(torch.ones(2, 3)).sum()
            watched.step(total)
    found = watched.report()
    reach = found.steps[-1].reach
    line = test_a_total_that_is_watched_reaches_back.__code__.co_firstlineno + 4
    assert found.grows and reach is not None
    assert (reach.into, reach.back_to, reach.operation) == (STEPS - 1, 1, "AddBackward0")
    assert reach.source == f"test_watching.py:{line}"
    assert holders(found) == [("tensor", "total", STEPS - 1)]
    assert f"reaches back into step 5, through the tensor made by AddBackward0 at test_watching.py:{line}." in str(
        found
    )


def test_a_total_beside_the_loss_is_named() -> None:
    total = torch.zeros(())
    with tracer.watch() as watched:
        for loss in losses(nn.Linear(3, 1)):
            watched.step(loss)
            loss.backward()
            total += loss
    found = watched.report()
    assert found and holders(found) == [("tensor", "total", STEPS - 1)]
    assert [step.kept for step in found.steps] == list(range(STEPS))
    assert all(step.reach is None for step in found.steps)
    del total, loss


@pytest.mark.parametrize("retain", [False, True])
def test_a_list_of_losses(retain: bool) -> None:
    kept = []
    with tracer.watch() as watched:
        for loss in losses(nn.Linear(3, 1)):
            watched.step(loss)
            loss.backward(retain_graph=retain)
            kept.append(loss)
    found = watched.report()
    assert found.grows and holders(found) == [("list", "kept", STEPS - 1)]
    assert found.live == 3 * (STEPS - 1)  # Sum, Addmm and T of each
    assert (found.bytes or 0) == (24 * (STEPS - 1) if retain else 0)  # the input of Addmm, 2 × 3 floats
    assert "the list `kept` in test_a_list_of_losses (test_watching.py) keeps the graphs of 5 earlier steps" in str(
        found.holders[0]
    )


class Trainer:
    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[int, torch.Tensor]]] = {"out": []}

    def train(self) -> Growth:
        with tracer.watch() as watched:
            for number, loss in enumerate(losses(nn.Linear(3, 1))):
                watched.step(loss)
                self.seen["out"].append((number, loss * 2))
        return watched.report()


def test_the_way_to_a_list_inside_an_object_is_told() -> None:
    assert holders(Trainer().train()) == [("list", "self.seen['out']", STEPS - 1)]


def hidden(detach: bool) -> Growth:
    cell, h = nn.RNNCell(3, 4), torch.zeros(2, 4)
    with tracer.watch() as watched:
        for _ in range(STEPS):
            h = cell(torch.ones(2, 3), h.detach() if detach else h)
            loss = h.sum()
            watched.step(loss)
            loss.backward(retain_graph=not detach)
    return watched.report()


def test_a_hidden_state_that_is_not_detached() -> None:
    found = hidden(detach=False)
    reach = found.steps[-1].reach
    assert found.grows and reach is not None
    assert (reach.into, reach.back_to, reach.operation) == (STEPS - 1, 1, "TanhBackward0")
    assert ("tensor", "h", STEPS - 1) in holders(found)
    assert len({step.nodes for step in found.steps}) == 1  # each step is walked only as far as it is new


def test_a_hidden_state_that_is_detached_is_none() -> None:
    found = hidden(detach=True)
    assert not found.grows and str(found) == "Nothing of an earlier step was kept in 6 steps."


def test_a_graph_from_before_that_is_gone_through_again_is_told_and_does_not_grow() -> None:
    features = nn.Linear(3, 1)(torch.ones(2, 3))
    with tracer.watch() as watched:
        for _ in range(STEPS):
            loss = (features * 2).sum()
            watched.step(loss)
            loss.backward(retain_graph=True)
    found = watched.report()
    assert not found.grows
    assert "reaches back into what was recorded before the first step" in str(found)


def test_numbers_detached_losses_and_a_graph_that_is_retained_and_dropped_are_none() -> None:
    numbers, detached, total, running = [], [], 0.0, torch.zeros(())
    with tracer.watch() as watched:
        for loss in losses(nn.Linear(3, 1)):
            watched.step(loss)
            loss.backward(retain_graph=True)
            numbers.append(loss.item())
            detached.append(loss.detach())
            total += loss.item()
            running += loss.detach()
    assert not watched.report() and holders(watched.report()) == []
    assert str(watched.report()) == "Nothing of an earlier step was kept in 6 steps."


def test_two_losses_in_turn_and_a_window_of_losses_do_not_grow() -> None:
    window: deque[torch.Tensor] = deque(maxlen=2)
    with tracer.watch() as watched:
        for loss in losses(nn.Linear(3, 1)):
            other = loss * 2
            watched.step(loss)
            watched.step(other.sum())
            window.append(loss)
    assert not watched.report().grows


def test_a_loss_without_a_graph_is_a_step_of_nothing() -> None:
    with tracer.watch() as watched:
        assert watched.step(torch.ones(())).nodes == 0
    with pytest.raises(TypeError, match="step wants the loss, a tensor, and got float"):
        watched.step(1.0)  # type: ignore[arg-type]


def test_it_holds_nothing_and_leaves_nothing_behind() -> None:
    model = nn.Linear(3, 1)
    kept = []
    with tracer.watch() as watched:
        for loss in losses(model):
            watched.step(loss)
            kept.append(loss)
        watched.report()
    assert not [key for loss in kept for key in loss.grad_fn.metadata if key.startswith(MARK)]
    gone = [weakref.ref(loss) for loss in kept]
    del loss
    kept.clear()  # with the collector off, only if nothing else refers to them, not even a frame's copy of its names
    assert [reference() for reference in gone] == [None] * STEPS


DEEP = """
import threading, torch, tracer
def train():
    w, h, middle = torch.ones(3, requires_grad=True), torch.zeros(3), []
    watched = tracer.watch()
    for step in range(10_000):
        h = torch.tanh(h * w + 1)
        watched.step(h.sum())
        if step == 5_000:
            middle.append(h)
    del h
    middle.clear()
    print("freed")
threading.stack_size(512 * 1024)  # a small stack overflows sooner
thread = threading.Thread(target=train)
thread.start()
thread.join()
"""


def test_a_graph_that_grew_deep_over_many_steps_is_safe_to_free() -> None:
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "freed\n"), done.stderr
