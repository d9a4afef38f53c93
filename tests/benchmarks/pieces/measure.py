"""Measures rows of the benchmark in this process and prints each as a line of JSON.

    measure.py '[["model", "rnn", 3000, 5]]'        kind, name of the model, its size, rounds

A graph is walked once and then thrown away: a second walk of the same one finds Python's wrappers of its nodes ready
and is up to twice as fast.
"""

from __future__ import annotations

import contextlib
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import msgspec
import torch
from models import made
from torch.autograd.graph import GradientEdge, Node

import tracer
from tracer.backward import contributions, samples
from tracer.capture.living import living
from tracer.capture.walk import walk
from tracer.runners import tensors


def bare_walk(root: Node) -> int:
    """Walk a graph as a few lines would: names and edges, nothing of shapes. This is what others are measured by."""
    index, order, names, edges = {root: 0}, [root], [], []
    for number, node in enumerate(order):  # grows while it is gone through
        names.append(node.name())
        for child, output in node.next_functions:
            if child is None:
                continue
            at = index.get(child)
            if at is None:
                at = index[child] = len(order)
                order.append(child)
            edges.append((number, at, output))
    return len(names)


def plain_walk(root: Node, module: torch.nn.Module) -> int:
    """Walk a graph, read each output's shape and the name and shape of each parameter and buffer, and nothing else: the
    least that a trace with names and shapes can cost."""
    index, order, nodes, edges, leaves = {root: 0}, [root], [], [], {}
    for number, node in enumerate(order):
        nodes.append((node.name(), [(tuple(one.shape), one.dtype, one.device) for one in node._input_metadata]))
        if (leaf := getattr(node, "variable", None)) is not None:
            leaves[id(leaf)] = number
        for child, output in node.next_functions:
            if child is None:
                continue
            at = index.get(child)
            if at is None:
                at = index[child] = len(order)
                order.append(child)
            edges.append((number, at, output))
    named = [*module.named_parameters(), *module.named_buffers()]
    tensors = [(name, tuple(one.shape), one.dtype, one.device, leaves.get(id(one))) for name, one in named]
    return len(nodes) + len(tensors)


def empty_hooks(loss: torch.Tensor) -> None:
    """Run a backward that asks for the gradients of all leaves, with a hook after each operation that does nothing."""
    nodes = walk([("loss", loss)]).nodes
    start = time.process_time()
    handles = [node.register_hook(lambda *_: None) for node in nodes if not hasattr(node, "variable")]
    leaves = [GradientEdge(node, 0) for node in nodes if hasattr(node, "variable")]
    found = torch.autograd.grad([loss], leaves, retain_graph=True)
    for handle in handles:
        handle.remove()
    _EMPTY.append(time.process_time() - start)
    del found


_EMPTY: list[float] = []  # seconds of each of these


def model(name: str, size: int, rounds: int) -> dict[str, Any]:
    """Compare a trace with a first bare walk and torchviz, and edge gradients with a plain backward."""
    module, x = made(name, size)
    settings: dict[str, Any] = {"model": module, "names": {"x": x}}
    jobs: dict[str, Callable[[torch.Tensor], Any]] = {
        "bare": lambda loss: bare_walk(loss.grad_fn),
        "plain": lambda loss: plain_walk(loss.grad_fn, module),
        "trace": lambda loss: tracer.trace(loss, **settings),
        "hooks": empty_hooks,
        "search": lambda _: living(torch.Tensor),
        "backward": lambda loss: loss.backward(),
        "flow": lambda loss: tracer.trace(loss, gradients=True, **settings),
        "statistics": lambda loss: tracer.trace(loss, gradients=True, **settings),
        "gradients": lambda loss: tracer.trace(loss, gradients=True, **settings),
    }
    nodes = len(tracer.trace(module(x)).graph.nodes)
    _alternating(jobs, *made("rnn", 3), 1)  # what is imported and made at the first call is none of a trace's cost
    times = _alternating(jobs, module, x, rounds)
    times["hooks"] = _EMPTY[-rounds:]
    best = {job: min(found) for job, found in times.items()}
    viz = _torchviz(module, x, min(rounds, 2))
    return {
        "nodes": nodes,
        "bare_us": best["bare"] / nodes * 1e6,
        "trace_us": best["trace"] / nodes * 1e6,
        "trace_to_walk": best["trace"] / best["bare"],
        "plain_to_walk": best["plain"] / best["bare"],
        "plain_to_torchviz": viz if isinstance(viz, str) else best["plain"] / viz,
        "trace_to_torchviz": viz if isinstance(viz, str) else best["trace"] / viz,
        "backward_us": best["backward"] / nodes * 1e6,
        "hooks_to_backward": (best["hooks"] - best["backward"]) / best["backward"],
        "search_to_backward": best["search"] / best["backward"],
        "flow_to_backward": (best["flow"] - best["trace"] - best["backward"]) / best["backward"],
        "statistics_to_backward": (best["statistics"] - best["flow"]) / best["backward"],
        "memory_to_backward": (best["gradients"] - best["statistics"]) / best["backward"],
        "seconds": {job: {"min": best[job], "median": statistics.median(found)} for job, found in times.items()},
    }


def recording(name: str, size: int, rounds: int) -> dict[str, Any]:
    """Compare a loop of small operations, or a row of small layers, with and without `tracer.record()` around it."""
    module, x = made(name, size)
    plain, recorded = [], []
    _timed(module, x)
    for _ in range(rounds):
        plain.append(_timed(module, x))
        with tracer.record():
            recorded.append(_timed(module, x))
    return {
        "plain_us": min(plain) / size * 1e6,
        "recorded_us": min(recorded) / size * 1e6,
        "recorded_to_plain": min(recorded) / min(plain),
    }


def size(name: str, length: int, rounds: int) -> dict[str, Any]:
    """Measure a trace of one long chain: time, the bytes of the result, and how much the process kept for it."""
    module, x = made(name, length)
    tracer.trace(made(name, 10)[0](x))
    bare = min(_timed(lambda loss: bare_walk(loss.grad_fn), module(x)) for _ in range(rounds))
    times = [_timed(tracer.trace, module(x)) for _ in range(rounds - 1)]
    loss = module(x)
    gc.collect()
    before, start = _resident(), time.process_time()
    found = tracer.trace(loss, model=module, names={"x": x})
    times.append(time.process_time() - start)
    kept, nodes = _resident() - before, len(found.graph.nodes)
    return {
        "nodes": nodes,
        "bare_us": bare / nodes * 1e6,
        "trace_us": min(times) / nodes * 1e6,
        "counted_bytes": _counted(found.graph) / nodes,
        "kept_bytes": kept / nodes,
    }


def _alternating(
    jobs: dict[str, Callable[[torch.Tensor], Any]], module: torch.nn.Module, x: torch.Tensor, rounds: int
) -> dict[str, list[float]]:
    """Time jobs one after the other, each on a fresh graph, round by round."""
    without = {"flow": _without_statistics, "statistics": _without_memory}
    times: dict[str, list[float]] = {job: [] for job in jobs}
    for _ in range(rounds):
        for job, run in jobs.items():
            with without.get(job, contextlib.nullcontext)():
                times[job].append(_timed(run, module(x)))
            module.zero_grad(set_to_none=True)
    return times


def _timed(run: Callable[[Any], Any], argument: Any) -> float:
    """Give the processor time of one run on a fresh graph: others may use the machine too.

    The graph is then made safe to free, which a bare walk does not.
    """
    gc.collect()
    start = time.process_time()
    found = run(argument)
    taken = time.process_time() - start
    if argument.grad_fn is not None:
        walk([("made safe", argument)])
    del found
    return taken


@contextlib.contextmanager
def _without_statistics() -> Iterator[None]:
    """Watch a backward without computing anything of what flows."""
    told = samples.Told((), "measured")
    with (
        mock.patch.object(samples.Samples, "take", lambda *_: told),
        mock.patch.object(contributions, "compare", lambda parts: [(None, None)] * len(parts)),
        mock.patch.object(tensors, "saved_storages", lambda *_: ()),
    ):
        yield


@contextlib.contextmanager
def _without_memory() -> Iterator[None]:
    """Leave out the list of what the graph saved."""
    with mock.patch.object(tensors, "saved_storages", lambda *_: ()):
        yield


def _torchviz(module: torch.nn.Module, x: torch.Tensor, rounds: int) -> float | str:
    """Time torchviz on fresh graphs; where it can't, say why."""
    try:
        from torchviz import make_dot
    except ImportError:
        return "not installed"
    try:
        return min(
            _timed(lambda loss: make_dot(loss, dict(module.named_parameters())), module(x)) for _ in range(rounds)
        )
    except RecursionError:
        return "can't"


def _resident() -> int:
    """Give the bytes of memory that this process holds (0 where the system does not tell)."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS"))
    except OSError:
        return 0


def _counted(graph: Any) -> int:
    """Add the sizes of all objects that a graph is made of, shared ones once, its fields' objects included."""
    seen: set[int] = set()
    total, stack = 0, [graph]
    while stack:
        thing = stack.pop()
        if id(thing) in seen or thing is None:
            continue
        seen.add(id(thing))
        total += sys.getsizeof(thing)
        if isinstance(thing, tuple):
            stack.extend(thing)
        elif isinstance(thing, msgspec.Struct):
            stack.extend(msgspec.structs.astuple(thing))
    return total


if __name__ == "__main__":
    torch.set_num_threads(1)
    kinds = {"model": model, "recording": recording, "size": size}
    for kind, *row in json.loads(sys.argv[1]):
        print(json.dumps(kinds[kind](*row)), flush=True)
