"""Live tensors → a Forecast of their backward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tracer.analysis.backward_order import backward_order
from tracer.backward.forecast import Forecast
from tracer.backward.forecast import forecast as foresee
from tracer.capture.names import outputs, places
from tracer.capture.nodes import describe, sequences
from tracer.capture.notes import Notes
from tracer.capture.saved import owners_of
from tracer.capture.unseen import unseen
from tracer.capture.walk import walk
from tracer.graph import Graph
from tracer.runners.tensors import every_named, inputs, refuse_wrong


@unseen()
def forecast(
    tensors: Any,
    *,
    model: torch.nn.Module | None = None,
    names: Mapping[str, torch.Tensor] | None = None,
    notes: Notes | None = None,
    start: Any = None,
    create_graph: bool = False,
) -> Forecast:
    """Forecast the backward from a tensor, or from a nested tuple, list or dict of tensors.

    Raises:
        TypeError: there is no tensor in `tensors`, or an argument is of the wrong kind.
        ValueError: `start` has another number of tensors.
    """
    refuse_wrong(model, notes)
    ends = outputs(tensors)
    starts = _starts(ends, start)
    walked = walk(ends)
    every = every_named(tensors, ends, inputs(names), model, notes)
    sure = notes if notes is not None and notes.answer_for(sequences(walked)) else None
    graph = Graph(describe(walked, every, places(walked, every), sure), walked.edges, walked.outputs)
    owners = owners_of(walked, every, ends)
    return foresee(walked, graph.nodes, backward_order(graph), ends, starts, owners, create_graph=create_graph)


def _starts(ends: Sequence[tuple[str, torch.Tensor]], start: Any) -> list[torch.Tensor | None]:
    """Give what backward starts from for each output; `None` is what torch itself takes.

    Raises:
        TypeError: one is no tensor.
        ValueError: there are more or fewer than outputs.
    """
    given = list(start) if isinstance(start, list | tuple) else [start] * len(ends)
    if len(given) != len(ends):
        raise ValueError(f"start has {len(given)} tensors for {len(ends)} outputs")
    for item in given:
        if not isinstance(item, torch.Tensor | None):
            raise TypeError(f"start wants a tensor, or one for each output, and got {type(item).__name__}")
    return given
