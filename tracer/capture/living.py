"""Finds all living things of a class, without asking any of them."""

from __future__ import annotations

import gc
from typing import TypeVar

_Kind = TypeVar("_Kind")


def living(root: type[_Kind]) -> list[_Kind]:
    """List all living things of a class and of those that inherit from it.

    Things refer to their types, and Python's collector finds who refers to what three times as fast as it lists all
    there is. Types are told by identity: a thing may refuse to be asked, a type to be compared.
    """
    kinds, stack = {id(root): root}, [root]
    while stack:
        for kind in type.__subclasses__(stack.pop()):
            if id(kind) not in kinds:
                kinds[id(kind)] = kind
                stack.append(kind)
    return [thing for thing in gc.get_referrers(*kinds.values()) if id(type(thing)) in kinds]
