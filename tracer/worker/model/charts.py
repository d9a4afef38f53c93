"""Charts beside the graph: treemaps of what modules have, the gradient by depth, the histogram of a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracer.analysis.depth import gradient_by_depth
from tracer.analysis.tiles import What, tiles
from tracer.drawing.depth_bars import depth_bars
from tracer.drawing.display_list import DisplayList
from tracer.drawing.treemap import treemap
from tracer.errors import TracerError
from tracer.facts import VALUES_PER_TENSOR
from tracer.quantities import count, size
from tracer.worker.model.held import Held
from tracer.worker.model.messages import AskChart, Chart, Charted


def chart(held: Held, asked: AskChart) -> Charted:
    """Draw a chart.

    Raises:
        TracerError: the recording does not hold what it needs.
    """
    picture, words = CHARTS[asked.chart](held, asked)
    return Charted(asked.edit, asked.recording, asked.chart, asked.owner, picture, words)


Draw = Callable[[Held, AskChart], tuple[DisplayList, str]]


def _treemap(what: What, write: Callable[[int], str], title: str) -> Draw:
    def drawn(held: Held, asked: AskChart) -> tuple[DisplayList, str]:
        if what == "kept" and held.facts.saved is None:
            raise TracerError("What backward keeps was not looked at when this was recorded", cure="Run it again here")
        path = asked.owner.removeprefix("module").strip()
        found = tiles(held.modules, what, path)
        words = f"{title}{f' of {path}' if path else ''}: {write(sum(tile.amount for tile in found))}"
        return treemap(found, write, asked.width, asked.height, words), words

    return drawn


def _depth(held: Held, asked: AskChart) -> tuple[DisplayList, str]:
    picture = depth_bars(gradient_by_depth(held.facts), asked.width, asked.height)
    return picture, picture.title


def _histogram(held: Held, asked: AskChart) -> tuple[DisplayList, str]:
    """Draw the histogram of the gradient at the last node of a part.

    Raises:
        TracerError: its values are not held.
    """
    import numpy as np

    from tracer.drawing import histogram

    node = held.nodes_of(asked.owner, asked.how)[-1]
    found = next((gradient for gradient in held.facts.gradients or () if gradient.node == node), None)
    if found is None or found.values is None:
        most = count(VALUES_PER_TENSOR)
        what = "The values of this gradient are not held, only its statistics"
        raise TracerError(what, cure=f"Values are held of tensors of up to {most} elements, as long as all are few")
    numbers = np.asarray(found.values.numbers, np.float64)
    name = found.name or held.facts.graph.nodes[node].name
    counted = histogram.counted(numbers, histogram.bins_for(asked.width))
    picture = histogram.picture(name, counted, asked.width, asked.height, "backward")
    return picture, histogram.summary(name, counted)


CHARTS: Mapping[Chart, Draw] = {
    "kept": _treemap("kept", size, "Kept for backward"),
    "parameters": _treemap("parameters", count, "Parameters"),
    "depth": _depth,
    "histogram": _histogram,
}
