"""Facts → where several paths of a backward join: the contribution of each, before they are summed."""

from __future__ import annotations

import msgspec

from tracer.analysis.gradients import edge_gradients
from tracer.facts import Facts, State


class JoinRow(msgspec.Struct, frozen=True):
    """One of several gradients that are summed at output `output_nr` of node `node`: the one that node `user` hands
    back. `share` of 1 is the whole sum, `cosine` of −1 says that it goes against the sum."""

    node: int
    output_nr: int
    user: int
    slot: int
    state: State
    norm: float | None
    share: float | None
    cosine: float | None


def joins(facts: Facts) -> tuple[JoinRow, ...]:
    """List what is summed wherever more than one edge arrives, in the order in which backward comes to it.

    Raises:
        TracerError: the recording was made without gradients.
    """
    together: dict[tuple[int, int], list[JoinRow]] = {}
    for row in edge_gradients(facts):
        edge = row.edge
        found = JoinRow(
            edge.producer, edge.output_nr, edge.consumer, edge.slot, row.state, row.norm, row.share, row.cosine
        )
        together.setdefault((edge.producer, edge.output_nr), []).append(found)
    return tuple(row for place in sorted(together, reverse=True) for row in together[place] if len(together[place]) > 1)
