"""The picture of a lesson's step, as the tab that it names would show it: for a page, where no one moves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from tracer.convolution import chosen as choosing
from tracer.convolution import stack
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.drawing import channels, matrix, receptive_field, signal, slide, slide_layout, two_readings
from tracer.drawing import picture as graph
from tracer.drawing.display_list import DisplayList
from tracer.drawing.matrix_layout import Part
from tracer.drawing.sheets import sheets
from tracer.drawing.slide_sheets import sheets as slide_sheets
from tracer.experiment import Convolution, MatrixVector
from tracer.facts import Facts
from tracer.lesson.steps import Hidden, Step
from tracer.lesson.veiling import veiled
from tracer.matrix_vector.look import Look, kept
from tracer.matrix_vector.readings import readings
from tracer.matrix_vector.settings import resolve as resolve_matrix

WIDE, HIGH = 760.0, 380.0
NOTHING = Hidden()
READINGS = ("", "Two readings")


class Ran(NamedTuple):
    """What running a step's experiment gave: the facts, and of a layer all numbers by name."""

    facts: Facts
    arrays: Mapping[str, NDArray[Any]] = {}


def picture(step: Step, ran: Ran, hidden: Hidden = NOTHING) -> DisplayList | None:
    """Draw what a step shows, without what is hidden; `None` where there is nothing to draw, or it would tell.

    Raises:
        DrawingError: Graphviz is missing or can't be run.
    """
    if isinstance(step.experiment, MatrixVector) and step.view.tab in READINGS:
        return None if hidden.values else _readings(step, step.experiment)
    if isinstance(step.experiment, Convolution) and step.view.tab in TABS:
        return _layer(step, step.experiment, ran, hidden)
    if hidden.graph or hidden.shapes or not ran.facts.graph.nodes:
        return None
    return graph.draw(veiled(ran.facts, hidden))


def _readings(step: Step, experiment: MatrixVector) -> DisplayList:
    settings = resolve_matrix(experiment)
    look = Look(step.view.row or 0, Look().added if step.view.added is None else step.view.added)
    return two_readings.picture(settings, readings(settings), kept(look, settings), WIDE, HIGH)


def _layer(step: Step, experiment: Convolution, ran: Ran, hidden: Hidden) -> DisplayList | None:
    """Draw a tab of a layer. Where y is hidden no sum is written; where a shape is, nothing is drawn."""
    if hidden.shapes or hidden.cost or (hidden.matrix and "Matrix" in step.view.tab):
        return None
    settings = resolve(experiment)
    chosen = choosing.first(settings)
    for side, index in (("input", step.view.input), ("output", step.view.output)):
        if index:
            chosen = choosing.with_index(chosen, settings, side, index)  # type: ignore[arg-type]  # both are sides
    numbers = Numbers(ran.arrays, True)
    if hidden.values or hidden.gradients:
        numbers = Numbers({name: ran.arrays[name] for name in ("x", "weight") if name in ran.arrays}, False)
    return TABS[step.view.tab](settings, numbers, chosen, experiment)


def _slide(settings: Settings, numbers: Numbers, chosen: Chosen, _experiment: Convolution) -> DisplayList:
    found = slide_sheets(settings, chosen, 0)
    part = slide_layout.followed(found, slide_layout.Part(), WIDE, HIGH, settings.dims == 1)
    return slide.picture(settings, numbers, chosen, part, WIDE, HIGH)


def _matrix(settings: Settings, numbers: Numbers, chosen: Chosen, _experiment: Convolution) -> DisplayList:
    return matrix.matrix(sheets(settings, numbers), chosen, Part(), WIDE, HIGH)


def _channels(settings: Settings, numbers: Numbers, chosen: Chosen, _experiment: Convolution) -> DisplayList | None:
    return channels.channels(settings, numbers, chosen, 0, WIDE, HIGH) if channels.ready(numbers) else None


def _signal(settings: Settings, numbers: Numbers, chosen: Chosen, _experiment: Convolution) -> DisplayList:
    seen = signal.Seen(0, None, signal.largest(numbers))
    return signal.picture(settings, numbers, chosen, seen, WIDE, HIGH)


def _field(settings: Settings, _numbers: Numbers, _chosen: Chosen, experiment: Convolution) -> DisplayList:
    steps = stack.steps(settings, experiment.stack)
    layers = receptive_field.Stack(
        tuple(step.layer for step in steps), (settings.input_size, *(step.size for step in steps))
    )
    place = tuple((length - 1) // 2 for length in layers.sizes[-1])
    return receptive_field.picture(layers, receptive_field.Looked(place, 0), WIDE, HIGH)[0]


TABS: Mapping[str, Callable[[Settings, Numbers, Chosen, Convolution], DisplayList | None]] = {
    "": _slide,
    "Slide": _slide,
    "Matrix (Toeplitz)": _matrix,
    "Channel by channel": _channels,
    "Signal": _signal,
    "Receptive field": _field,
    "Docs": lambda *_: None,
}
