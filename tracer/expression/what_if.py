"""What could be cut at a node of a program's graph: the program with the change, or a sentence why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tracer.errors import TracerError, sentence
from tracer.experiment import Expression
from tracer.expression.edits import detached, frozen, last_line
from tracer.graph import Node


class WhatIf(NamedTuple):
    """A change that is offered: its words, and the program with it; or `why` there is none."""

    words: str
    after: Expression | None = None
    why: str = ""


def what_if(experiment: Expression, node: Node) -> WhatIf:
    """Offer what can be cut at a node: an input is frozen, a value with a name is detached where it is given."""
    name = node.label
    if name is None:
        return WhatIf("Detach here", why=NAMELESS)
    if node.kind == "leaf" and name in experiment.inputs:
        return _tried(f"Freeze {name}", lambda: frozen(experiment, name))
    line = (node.source or "").removeprefix("line ").partition(",")[0]
    if not line.isdecimal():
        return WhatIf("Detach here", why=f"It is not known which line of the program gives {name}.")
    return _tried(f"Detach {name} here", lambda: detached(experiment, name, last_line(experiment, name, int(line))))


NAMELESS = "This value has no name. Give it one on a line of its own, such as t = …, then it can be detached."


def _tried(words: str, change: Callable[[], Expression]) -> WhatIf:
    try:
        return WhatIf(words, change())
    except TracerError as error:
        return WhatIf(words, why=" ".join(filter(None, (sentence(error.what), sentence(error.cure)))))
