"""The allow-list: every name is there in torch, and none reaches beyond computing."""

from __future__ import annotations

import math
import re

import pytest
import torch

from tracer.expression import names

ROOTS = {"torch": torch, "F": torch.nn.functional, "math": math}

BEYOND = (
    r"load|save|file|from_|frombuffer|numpy|storage|share|pin_memory|\bset_|hook|apply|map_|jit|compile|manual_seed"
    r"|seed|num_threads|grad_fn|data_ptr|untyped|dlpack|ops|classes|\bempty|resize|as_strided|__|register"
)


@pytest.mark.parametrize("path", sorted(names.FUNCTIONS))
def test_every_function_is_there(path: str) -> None:
    root, *rest = path.split(".")
    found = ROOTS[root]
    for name in rest:
        found = getattr(found, name)
    assert callable(found)


@pytest.mark.parametrize("path", sorted(names.DTYPES))
def test_every_dtype_is_there(path: str) -> None:
    assert isinstance(getattr(torch, path.removeprefix("torch.")), torch.dtype)


def test_every_method_and_attribute_is_there() -> None:
    tensor = torch.zeros(2, 2, dtype=torch.complex64)
    assert [name for name in names.METHODS if not callable(getattr(torch.Tensor, name, None))] == []
    assert [name for name in names.TENSOR_ATTRIBUTES if not hasattr(tensor, name)] == []


def test_nothing_reaches_beyond_computing() -> None:
    every = names.FUNCTIONS | names.CONSTANTS | names.METHODS | names.BUILTINS | names.ATTRIBUTES | names.LIST_METHODS
    assert [name for name in sorted(every) if re.search(BEYOND, name)] == []
    assert [name for name in sorted(every) if any(part.startswith("_") for part in name.split("."))] == []
