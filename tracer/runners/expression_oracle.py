"""Numbers of what has no rule: torch computes them, and a derivation takes them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from tracer.expression import names
from tracer.runners.interpreter import allowed


def compute(path: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
    """Compute a function by its path, or a method of the first argument, on arrays; `None` where that can't be done."""
    function = allowed.FUNCTIONS.get(path)
    if function is None and path in names.METHODS:
        function = getattr(torch.Tensor, path)
    if function is None or path.endswith("_") or path in names.RANDOM or f"torch.{path}" in names.RANDOM:
        return None
    try:
        found = function(*map(_tensor, arguments), **{key: _tensor(value) for key, value in options.items()})
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):
        return None
    return _array(found)


def _tensor(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, str) and f"torch.{value.rpartition('.')[2]}" in names.DTYPES:
        return allowed.CONSTANTS[f"torch.{value.rpartition('.')[2]}"]
    return type(value)(map(_tensor, value)) if type(value) in (list, tuple) else value


def _array(found: Any) -> Any:
    if isinstance(found, torch.Tensor):
        return None if found.is_complex() else found.detach().numpy()
    if isinstance(found, tuple | list):
        inner = [_array(one) for one in found]
        return None if any(one is None for one in inner) else tuple(inner)
    return None
