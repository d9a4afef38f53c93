"""Facts → the tree of modules: parameters, shapes, blocks alike, bytes kept, problems."""

from __future__ import annotations

import msgspec


class TreeRow(msgspec.Struct, frozen=True):
    """A module, `depth` names deep; the model itself has the path "".

    `name` is the last name of its path; of blocks alike that follow one another only the first has a row, with the
    `last` of them, and `times`. `parameters` counts the elements of its and its parts' parameters (of one block),
    `shape` is that of its last operation's output, `kept` are the bytes that it alone keeps for backward (`None`: not
    known), `nodes` its operations, `parts` whether rows of its parts follow, `problems` how many tensors within have
    one.
    """

    path: str
    name: str
    depth: int
    parameters: int
    nodes: int
    shape: tuple[int, ...] | None = None
    kept: int | None = None
    times: int = 1
    last: str = ""
    parts: bool = False
    problems: int = 0
