"""Where the sweep's graphs come from: torch's own test databases, and the special ones of ours.

A database is a table from names to functions that give graphs; a graph is the tensors that a call gave.
"""

from __future__ import annotations

import importlib
import itertools
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch.utils._pytree import tree_leaves

DTYPES = (torch.float64, torch.complex128, torch.float32, torch.bfloat16)
Make = Callable[[], list[torch.Tensor]]


class Entry(NamedTuple):
    """An operator, module or graph of a database; `makes` gives the functions that make its graphs."""

    name: str
    makes: Callable[[int], Iterator[Make]]


def entries(database: str) -> list[Entry]:
    """List the entries of a database, in its own order."""
    return DATABASES[database]()


def sample() -> list[Entry]:
    """Choose some entries of each of torch's databases, evenly spread over their order, and all of ours."""
    found = []
    for database, few in SAMPLE.items():
        every = entries(database)
        found += [every[number * len(every) // few] for number in range(few)]
    return [*found, *entries("special")]


def _operators(module: str, table: str) -> Callable[[], list[Entry]]:
    def listed() -> list[Entry]:
        table_of = importlib.import_module(f"torch.testing._internal.{module}")
        return [
            Entry(f"{info.name}{'.' if info.variant_test_name else ''}{info.variant_test_name}", _of_operator(info))
            for info in getattr(table_of, table)
        ]

    return listed


def _of_operator(info: Any) -> Callable[[int], Iterator[Make]]:
    def makes(samples: int) -> Iterator[Make]:
        able = info.supported_backward_dtypes("cpu") if info.supports_autograd else ()
        for dtype in [dtype for dtype in DTYPES if dtype in able]:
            for sample in itertools.islice(info.sample_inputs("cpu", dtype, requires_grad=True), samples):
                yield lambda sample=sample: _with_graphs(info(sample.input, *sample.args, **sample.kwargs))

    return makes


def _with_graphs(result: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor) and leaf.requires_grad]


def _modules() -> list[Entry]:
    common = importlib.import_module("torch.testing._internal.common_modules")
    return [Entry(info.name, _of_module(info)) for info in common.module_db]


def _of_module(info: Any) -> Callable[[int], Iterator[Make]]:
    def make(sample: Any, training: bool) -> list[torch.Tensor]:
        built, given = sample.constructor_input, sample.forward_input
        module = info.module_cls(*built.args, **built.kwargs).to(torch.float64).train(training)
        return _with_graphs(module(*given.args, **given.kwargs))

    def makes(samples: int) -> Iterator[Make]:
        for training in (True, False):
            inputs = info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
            )
            for sample in itertools.islice(inputs, samples):
                if sample.forward_input is not None:
                    yield lambda sample=sample, training=training: make(sample, training)

    return makes


def _special() -> list[Entry]:
    table: dict[str, Make] = importlib.import_module("special").SPECIAL
    return [Entry(name, lambda _samples, make=make: iter([make])) for name, make in table.items()]


def _troubles() -> list[Entry]:
    """List entries that do what must not end a sweep; the sweep itself is tried with them."""
    table: dict[str, Make] = {
        "well": lambda: [torch.ones(2, requires_grad=True) * 2],
        "ends the process": lambda: os._exit(3),
        "hangs": lambda: time.sleep(1e6) or [],
        "raises": lambda: [torch.ones(2) @ torch.ones(3)],
        "prints": lambda: print("{}") or [torch.ones(2, requires_grad=True).exp()],
    }
    return [Entry(name, lambda _samples, make=make: iter([make])) for name, make in table.items()]


SAMPLE = {"op_db": 40, "module_db": 10, "autograd_function_db": 6, "custom_op_db": 4}
DATABASES: dict[str, Callable[[], list[Entry]]] = {
    "op_db": _operators("common_methods_invocations", "op_db"),
    "module_db": _modules,
    "autograd_function_db": _operators("autograd_function_db", "autograd_function_db"),
    "custom_op_db": _operators("custom_op_db", "custom_op_db"),
    "special": _special,
    "sample": sample,
    "troubles": _troubles,
}
