"""Facts → tiles of a treemap: how much each part of a module has of something, all of it told once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from tracer.analysis.modules import Module
from tracer.errors import TracerError

What = Literal["kept", "parameters"]


class Tile(msgspec.Struct, frozen=True):
    """A part of a module, by its `path`, and its `amount`. What is the module's own, or that of several of its parts
    together, is a tile of the module's path, `own`. `parts` tells whether there are tiles within."""

    path: str
    amount: int
    own: bool = False
    parts: bool = False


def tiles(modules: Mapping[str, Module], what: What, path: str = "") -> tuple[Tile, ...]:
    """List the parts of a module that have any, the largest first; the amounts add up to that of the module.

    Raises:
        TracerError: there is no such module.
    """
    if path not in modules:
        raise TracerError(f"This recording has no module “{path}”", cure="Choose one of the tree of modules")
    module = modules[path]
    parts = [Tile(part, getattr(modules[part], what), parts=bool(modules[part].parts)) for part in module.parts]
    own = Tile(path, getattr(module, f"own_{what}"), own=True)
    return tuple(sorted((tile for tile in (*parts, own) if tile.amount), key=lambda tile: -tile.amount))
