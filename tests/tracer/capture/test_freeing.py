"""Freeing deep graphs that were traced: a sample of the sweep in tests/sweeps/freeing.py, and what is held.

The sample has 15,000 nodes in a thread with a stack of 1 MiB, where some 6,000 without protection end the process.
"""

import gc
import pathlib
import subprocess
import sys
import weakref

import pytest
import torch

import tracer
from tracer.capture.freeing import KEEP, LEVEL
from tracer.capture.walk import walk

SWEEP = pathlib.Path(__file__).parents[2] / "sweeps" / "freeing.py"
forks = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
SHAPES = ["chain", "ladder", "diamonds", "residual", "RNN", "braid"]
ORDERS = ["result first", "loss first", "after backward, result first", "a node in the middle last"]
MORE = ["after backward, loss first", "the middle traced later", "grown, traced again", "grown, not traced again",
        "in a reference cycle", "walk interrupted", "by trace"]  # fmt: skip


def swept(*arguments: str) -> list[tuple[str, str]]:
    """Run the sweep, and give the shape and the end of each row."""
    command = [sys.executable, str(SWEEP), "--nodes", "15000", "--stack", "1024", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "did not survive" in done.stdout, done.stderr
    return [(row.split()[0], row.split("  ")[-1]) for row in done.stdout.splitlines()[1:-1]]


@forks
@pytest.mark.parametrize(
    ("shapes", "orders"),
    [(SHAPES, ORDERS), (["chain", "braid"], MORE)],
    ids=["all shapes", "more orders"],
)
def test_a_deep_graph_is_freed_safely(shapes, orders):
    rows = swept("--shapes", *shapes, "--orders", *orders)
    assert rows == [(shape, "survived") for shape in shapes for _ in orders]


@forks
def test_a_deep_graph_is_freed_safely_after_its_gradients():
    rows = swept("--nodes", "7000", "--shapes", "chain", "--orders", "by trace with gradients")
    assert rows == [("chain", "survived")]


@forks
def test_without_protection_each_shape_ends_the_process():
    rows = swept("--unprotected", "--shapes", *SHAPES, "--orders", "result first")
    assert rows == [(shape, "SIGSEGV") for shape in SHAPES]


def chain(start: torch.Tensor, length: int) -> torch.Tensor:
    for _ in range(length):
        start = start + 1
    return start


def leaf() -> torch.Tensor:
    return torch.ones(3, requires_grad=True)


def test_only_deep_graphs_get_an_entry():
    wide = walk([("y", torch.stack([leaf().sum() for _ in range(3000)]))])
    shallow = walk([("y", chain(leaf(), 2 * LEVEL - 2))])
    assert not any(KEEP in node.metadata for node in (*wide.nodes, *shallow.nodes))
    deep = walk([("y", chain(leaf(), 10 * LEVEL - 1))])
    assert sum(KEEP in node.metadata for node in deep.nodes) == 9


def test_what_is_kept_of_a_graph_keeps_nothing_else_alive():
    saved = torch.ones(3)
    gone = weakref.ref(saved)
    kept = chain(leaf(), 3000)
    loss = (chain(leaf() * saved, 3000) + chain(kept, 3000)).sum()
    del saved
    tracer.trace(loss)
    assert gone() is not None
    del loss
    gc.collect()
    assert gone() is None
    kept.sum().backward()


def test_entries_are_the_same_after_any_walk():
    middle = chain(leaf(), 3000)
    loss = chain(middle, 3000)

    def entries() -> list[int]:
        return [n for n, node in enumerate(walk([("loss", loss)]).nodes) if KEEP in node.metadata]

    before = entries()
    walk([("middle", middle)])
    assert entries() == before != []


IN_A_THREAD = """
import gc, threading, torch, tracer
from tracer.capture import freeing

def go():
    y = torch.ones(1, requires_grad=True)
    for _ in range(20000): y = y + 1
    tracer.trace(y)
    del y
    gc.collect()
    state = freeing._Hold.__del__.__defaults__[0]
    print(len(state.waiting), state.busy, sum(type(thing) is freeing._Hold for thing in gc.get_objects()))

thread = threading.Thread(target=go)
thread.start()
thread.join()
"""


def test_freeing_in_a_thread_leaves_nothing_waiting():
    done = subprocess.run([sys.executable, "-c", IN_A_THREAD], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 False 0\n", "")


def test_a_graph_that_lives_to_the_end_of_the_program_is_freed_in_silence():
    script = (
        "import torch, tracer\ny = torch.ones(1, requires_grad=True)\nfor _ in range(20000): y = y + 1\ntracer.trace(y)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


OF_OTHERS = """
import torch, tracer
a, held = torch.ones(1, requires_grad=True), []
for _ in range(60000):
    a = a + 1
    a.retain_grad()
    held.append(a)
tracer.trace((torch.ones(1, requires_grad=True) * 2).sum(), gradients=True)
held.reverse()
while held: held.pop()
del a
"""


def test_graphs_that_were_not_traced_stay_as_easy_to_free():
    done = subprocess.run([sys.executable, "-c", OF_OTHERS], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
