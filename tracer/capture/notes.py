"""What was recorded while a model ran: which module call and which line own each number of autograd's sequence.

Autograd numbers operations as it records them; a module call or a line of the program owns the numbers that were
given out while it ran. Each thread counts for itself, from 0, and an operation does not tell its thread: so notes
answer for nothing once another thread is known to have recorded too. It is known where that thread called a module
inside the block, or where a graph holds one number twice; a thread that does neither is not seen, and its operations
are taken for those of this one.
"""

from __future__ import annotations

import bisect
import math
import weakref
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch

from tracer.capture.cuts import Cuts
from tracer.capture.lines import Line, source
from tracer.capture.reads import Reads

_now = torch._C._autograd._get_sequence_nr


class Call:
    """A module call and the call that it is part of; `number` counts the calls that were recorded."""

    __slots__ = ("module", "number", "outer")

    def __init__(self, module: torch.nn.Module, outer: Call | None, number: int) -> None:
        self.module, self.outer, self.number = module, outer, number


class Told(NamedTuple):
    """What notes tell of an operation: the path of its module, which of that module's calls in the graph it was (from
    1), and its line."""

    module: str | None = None
    call: int | None = None
    source: str | None = None


class Notes:
    """What was recorded: who owns each number of the sequence, and where the graph was cut. `roots` are the modules
    that no other one called; `mixed` says that another thread, whose operations have the same numbers, recorded too."""

    def __init__(
        self, model: torch.nn.Module | None = None, start: float = math.inf, reads: Reads | None = None
    ) -> None:
        self.roots: list[torch.nn.Module] = [] if model is None else [model]
        self.mixed = False
        self.prefixes: dict[int, str] = {}  # for the roots of a script with several models
        self.cuts = Cuts(reads)
        self._start, self._end = start, math.inf  # of the numbers that were given out while it was recorded
        self._held: dict[int, dict[str, weakref.ref[torch.Tensor]]] = {}
        self._given = model is not None
        self._module_starts: list[int] = []
        self._calls: list[Call | None] = []
        self._line_starts: list[int] = []
        self._lines: list[tuple[int, Line]] = []  # the end, and whose it is
        self._paths: dict[Call, str | None] = {}
        self._names: dict[int, dict[int, list[str]]] = {}

    def enter(self, call: Call | None) -> None:
        """Note that from the next number on, operations belong to this module call."""
        self._module_starts.append(_now())
        self._calls.append(call)
        if call is not None and call.outer is None and not self._given and call.module not in self.roots:
            self.roots.append(call.module)

    def end(self) -> None:
        """Note that from the next number on, nothing is recorded."""
        self.enter(None)
        self._end = _now()

    def covers(self, sequences: Iterable[int]) -> bool:
        """Tell whether these numbers of operations were all given out while reads were followed, and anything was."""
        anything = self.cuts.reads is not None and bool(self._held or self._lines)
        return anything and all(self._start <= number < self._end for number in sequences)

    def hold(self, module: torch.nn.Module) -> None:
        """Note which parameters a module has when it is called."""
        own = module._parameters.items()
        self._held[id(module)] = {name: weakref.ref(tensor) for name, tensor in own if tensor is not None}

    def held(self, module: torch.nn.Module) -> Mapping[str, weakref.ref[torch.Tensor]] | None:
        """Give the parameters that a module had at its last call; `None` where it was not called."""
        return self._held.get(id(module))

    @property
    def here(self) -> Call | None:
        """The module call that runs now."""
        return self._calls[-1] if self._calls else None

    def elsewhere(self) -> None:
        """Note, on another thread, that a module is called there; one that has recorded nothing took no numbers.

        In a backward that is a checkpoint's recomputation, whose operations are in no graph that can be traced.
        """
        if _now() > 0 and torch._C._current_graph_task_id() == -1:
            self.mixed = True

    def answer_for(self, sequences: Sequence[int]) -> bool:
        """Tell whether these numbers of the operations of a graph are all known to be of the thread that recorded."""
        return not self.mixed and len(set(sequences)) == len(sequences)

    def line(self, start: int, end: int, line: Line | None) -> None:
        """Note that the numbers from start up to end were given out by this line."""
        if line is not None:
            self._line_starts.append(start)
            self._lines.append((end, line))

    def tell(self, sequences: Iterable[int]) -> dict[int | None, Told]:
        """Tell of each of these numbers, those of the operations of one graph, what is known of it."""
        calls = {sequence: self._call(sequence) for sequence in sequences}
        ranks = _ranks(calls.values())
        return {
            sequence: Told(self.path(call), ranks[call] if call and self.path(call) else None, self._source(sequence))
            for sequence, call in calls.items()
        }

    def path(self, call: Call | None) -> str | None:
        """Give the path of a call's module, such as "layer1.0.conv1"."""
        if call is None:
            return None
        if call not in self._paths:
            self._paths[call] = self._path(call)
        return self._paths[call] or None

    def models(self) -> list[tuple[str, torch.nn.Module]]:
        """Give the root modules that have parameters, each with what to put before its parameters' names."""
        roots = [root for root in self.roots if any(True for _ in root.parameters())]
        return [(f"{self.prefixes[id(r)]}." if id(r) in self.prefixes else "", r) for r in roots]

    def _call(self, sequence: int) -> Call | None:
        at = bisect.bisect_right(self._module_starts, sequence) - 1
        return self._calls[at] if at >= 0 else None

    def _source(self, sequence: int) -> str | None:
        at = bisect.bisect_right(self._line_starts, sequence) - 1
        if at < 0 or sequence >= self._lines[at][0]:
            return None
        return source(self._lines[at][1])

    def _path(self, call: Call) -> str | None:
        """Name a call by its module's name in the root, the one that continues the caller's path where it has several.

        A module that belongs to no root model (a loss, say) goes by its class.
        """
        chain = [call]
        while chain[-1].outer is not None:
            chain.append(chain[-1].outer)
        path: str | None = None
        for step in reversed(chain):
            names = self._named(step.module)
            path = next((name for name in names if path and name.startswith(path + ".")), names[0] if names else path)
        return path

    def _named(self, module: torch.nn.Module) -> list[str]:
        for root in self.roots:
            names = self._names.get(id(root)) or self._names.setdefault(id(root), _names(root))
            if id(module) in names:
                prefix = self.prefixes.get(id(root), "")
                if module is root and not prefix:
                    return [""] if any(True for _ in root.parameters()) else [type(root).__name__]
                return [f"{prefix}.{name}".strip(".") for name in names[id(module)]]
        return [type(module).__name__]


def _ranks(calls: Iterable[Call | None]) -> Mapping[Call, int]:
    """Number the calls of each module from 1, in the order in which they ran."""
    counts: defaultdict[int, int] = defaultdict(int)
    ranks = {}
    for call in sorted({call for call in calls if call is not None}, key=lambda call: call.number):
        counts[id(call.module)] += 1
        ranks[call] = counts[id(call.module)]
    return ranks


def _names(root: torch.nn.Module) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for name, module in root.named_modules(remove_duplicate=False):
        names.setdefault(id(module), []).append(name)
    return names
