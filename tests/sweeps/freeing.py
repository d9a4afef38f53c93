"""Frees deep graphs after they were traced, each in a process of its own, and prints which were survived.

    python tests/sweeps/freeing.py                          all shapes and orders with a million nodes: half an hour
    python tests/sweeps/freeing.py --nodes 60000 --stack 0  quickly, on the main thread alone
    python tests/sweeps/freeing.py --unprotected …          without protection, which shows that the cases bite

Ends with 1 where a process did not survive. Needs `fork`, so not on Windows.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch

import tracer
from tracer.capture import walk as rooms
from tracer.capture.walk import Walked, walk

SEGMENT = 1000  # nodes of a strand in a braid before the other one goes on
LATE = 300  # seconds; a process that takes longer is ended
SLOW = {"by trace with gradients": 50_000}  # nodes at most, as statistics of every edge take long


def one() -> torch.Tensor:
    return torch.ones(1, requires_grad=True)


def chain(nodes: int) -> Iterator[torch.Tensor]:
    a = one()
    for _ in range(nodes):
        yield (a := a + 1)


def ladder(nodes: int) -> Iterator[torch.Tensor]:
    a, b = one(), one()
    for _ in range(nodes // 2):
        a, b = (a + b) * 0.5, a
        yield a


def diamonds(nodes: int) -> Iterator[torch.Tensor]:
    a = one()
    for _ in range(nodes // 3):
        yield (a := a * 0.5 + a * 0.25)


def residual(nodes: int) -> Iterator[torch.Tensor]:
    a = one()
    for _ in range(nodes // 3):
        yield (a := a + (a * 0.5).tanh())


def rnn(nodes: int) -> Iterator[torch.Tensor]:
    cell, x = torch.nn.RNNCell(2, 2), torch.ones(1, 2)
    state = torch.zeros(1, 2)
    for _ in range(nodes // 6):
        yield (state := cell(x, state))


def braid(nodes: int) -> Iterator[torch.Tensor]:
    """Two strands that go on in turn, the second reading the first: traced from either, orders differ."""
    a = b = one()
    for _ in range(nodes // (2 * SEGMENT)):
        for _ in range(SEGMENT):
            a = a + 1
        yield a
        b = b + a
        for _ in range(SEGMENT - 1):
            b = b + 1
        yield b


SHAPES: dict[str, Callable[[int], Iterator[torch.Tensor]]] = {
    "chain": chain, "ladder": ladder, "diamonds": diamonds, "residual": residual, "RNN": rnn, "braid": braid,
}  # fmt: skip


class Held(NamedTuple):
    """What a person holds of a graph: tensors, by name; an order of dropping takes them out."""

    tensors: dict[str, torch.Tensor]

    def walk(self, name: str) -> Walked:
        return walk([(name, self.tensors[name])])

    def drop(self, name: str) -> None:
        del self.tensors[name]
        gc.collect()


def made(shape: str, nodes: int) -> Held:
    """Build a graph and hold its loss, and a tensor near its middle."""
    steps, middle, last = SHAPES[shape](nodes), None, None
    for number, last in enumerate(steps):
        if middle is None and number >= _count(shape, nodes) // 2:
            middle = last
    assert middle is not None and last is not None
    return Held({"loss": last if last.numel() == 1 else last.sum(), "middle": middle})


def _count(shape: str, nodes: int) -> int:
    per = {"ladder": 2, "diamonds": 3, "residual": 3, "RNN": 6, "braid": SEGMENT}
    return nodes // per.get(shape, 1)


def result_first(held: Held) -> None:
    held.drop("middle")
    walked = held.walk("loss")
    del walked
    gc.collect()
    held.drop("loss")


def loss_first(held: Held) -> None:
    held.drop("middle")
    walked = held.walk("loss")
    held.drop("loss")
    del walked


def backward_and_result_first(held: Held) -> None:
    held.drop("middle")
    walked = held.walk("loss")
    held.tensors["loss"].backward()
    del walked
    held.drop("loss")


def backward_and_loss_first(held: Held) -> None:
    held.drop("middle")
    walked = held.walk("loss")
    held.tensors["loss"].backward()
    held.drop("loss")
    del walked


def middle_last(held: Held) -> None:
    held.walk("loss")
    held.drop("loss")
    held.drop("middle")


def middle_traced_last(held: Held) -> None:
    held.walk("loss")
    held.walk("middle")
    held.drop("loss")
    held.drop("middle")


def grown(held: Held) -> None:
    """The loss is what grew on top of the middle after that was traced."""
    held.walk("middle")
    held.walk("loss")
    held.drop("middle")
    held.drop("loss")


def grown_untraced(held: Held) -> None:
    held.walk("middle")
    held.drop("middle")
    held.drop("loss")


def in_a_cycle(held: Held) -> None:
    held.walk("loss")
    gc.collect()
    cycle = [held.tensors.pop("loss"), held.tensors.pop("middle")]
    cycle.append(cycle)
    del cycle
    gc.collect()


def interrupted(held: Held) -> None:
    """Ctrl-C strikes once when half of the walk is done, and once after all of it was read."""

    def strike(*_: object) -> None:
        raise KeyboardInterrupt

    held.drop("middle")
    for place in ("_inputs_first", "_edges"):
        real = getattr(rooms, place)
        setattr(rooms, place, half if place == "_inputs_first" else strike)
        with contextlib.suppress(KeyboardInterrupt):
            held.walk("loss")
        setattr(rooms, place, real)
    held.drop("loss")


def half(stack: list, nodes: list, nexts: dict) -> None:
    """Read as a walk does, and be interrupted half-way."""
    while stack:
        node = stack.pop()
        if node not in nexts:
            nexts[node] = node.next_functions
            stack.extend(child for child, _ in nexts[node] if child is not None)
        if len(nexts) > HALF:
            raise KeyboardInterrupt


def traced(held: Held) -> None:
    recording = tracer.trace(held.tensors["loss"], names={"middle": held.tensors["middle"]})
    held.drop("loss")
    held.drop("middle")
    del recording


def traced_with_gradients(held: Held) -> None:
    recording = tracer.trace(held.tensors["loss"], gradients=True)
    del recording
    held.drop("middle")
    held.drop("loss")


HALF = 0  # nodes after which `interrupted` strikes; set for each case
ORDERS: dict[str, Callable[[Held], None]] = {
    "result first": result_first,
    "loss first": loss_first,
    "after backward, result first": backward_and_result_first,
    "after backward, loss first": backward_and_loss_first,
    "a node in the middle last": middle_last,
    "the middle traced later": middle_traced_last,
    "grown, traced again": grown,
    "grown, not traced again": grown_untraced,
    "in a reference cycle": in_a_cycle,
    "walk interrupted": interrupted,
    "by trace": traced,
    "by trace with gradients": traced_with_gradients,
}


def in_thread(work: Callable[[], None], stack: int) -> None:
    """Run something in a thread whose stack has so many KiB; 0 is the main thread."""
    if not stack:
        work()
        return
    threading.stack_size(stack * 1024)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def child(shape: str, order: str, stack: int, nodes: int, protected: bool) -> None:
    """Build, trace and free in this process, which may not survive it."""
    global HALF
    HALF = nodes // 2
    if not protected:
        rooms.protect = rooms.protect_unfinished = lambda *_: None
    done: list[bool] = []
    in_thread(lambda: done.append(ORDERS[order](made(shape, nodes)) is None), stack)
    os._exit(0 if done else 1)


def ended(process: int) -> tuple[str, int]:
    """Wait for a process; tell how it ended, and its largest memory in KiB."""
    for _ in range(LATE * 20):
        found, status, used = os.wait4(process, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            said = "survived" if code == 0 else signal.Signals(-code).name if code < 0 else f"ended with {code}"
            return said, used.ru_maxrss
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return f"no end in {LATE} s", 0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--stack", type=int, nargs="*", default=[0, 1024], help="KiB; 0 is the main thread")
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--orders", nargs="*", default=list(ORDERS), choices=list(ORDERS))
    parser.add_argument("--unprotected", action="store_true")
    return parser.parse_args()


def main() -> int:
    chosen, failed = options(), 0
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # what torch itself consists of is not looked through again in every process
    print(f"{'shape':9} {'order':29} {'stack':>9} {'nodes':>9}  {'seconds':>7} {'MiB':>6}  end")
    for stack, shape, order in itertools.product(chosen.stack, chosen.shapes, chosen.orders):
        sys.stdout.flush()
        start, nodes = time.monotonic(), min(chosen.nodes, SLOW.get(order, chosen.nodes))
        process = os.fork()
        if process == 0:
            child(shape, order, stack, nodes, not chosen.unprotected)
        said, memory = ended(process)
        failed += said != "survived"
        where = f"{stack} KiB" if stack else "main"
        spent = time.monotonic() - start
        print(f"{shape:9} {order:29} {where:>9} {nodes:>9}  {spent:7.1f} {memory >> 10:6}  {said}")
    print(f"{failed} did not survive")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
