"""Pure functions that remember what they gave, for the length of one derivation: parts come again and again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])
_caches: list[Callable[[], None]] = []


def remembered(function: Function) -> Function:
    """Remember the results of a function of hashable arguments until `forget`."""
    cached = functools.lru_cache(maxsize=20_000)(function)
    _caches.append(cached.cache_clear)
    return cast(Function, cached)


def forget() -> None:
    """Forget all results, and let go of the tensors that stand in them."""
    for clear in _caches:
        clear()
