"""What a derivation does with memory: pure functions remember what they gave, and no garbage is looked for."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def uncollected() -> Iterator[None]:
    """Let Python look for no cycles meanwhile: millions of small tuples come and go, which hold none, and each look
    goes through all that torch has loaded."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
