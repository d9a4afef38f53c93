"""What the card of one node says, and how large it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tracer import quantities
from tracer.drawing import sentences
from tracer.drawing.display_list import Colour, Font
from tracer.drawing.grids import Grid, grid
from tracer.drawing.known import Known, partial
from tracer.drawing.wording import inert, operation, program
from tracer.facts import Gradient
from tracer.graph import Node

PLAIN_ABOVE = 400  # cards in a picture; above, a card has no lines and no numbers


class Line(NamedTuple):
    """A line of small text on a card; `backward` where it tells of a gradient."""

    text: str
    font: Font = "sans"
    colour: Colour = "muted"
    backward: bool = False


class Numbers(NamedTuple):
    """A grid on a card, with its label ("value", "grad") and colours; `backward` where it is a gradient."""

    label: str
    grid: Grid
    label_colour: Colour
    fill: Colour
    text: Colour
    backward: bool = False


class Card(NamedTuple):
    """What a card says: `word` stands muted after the title, `badge` at the right; `label` is the whole sentence, in
    which `backward` are the words about gradients. A `ghost` stands for what autograd does not follow."""

    owner: str
    title: str
    word: str
    badge: str
    lines: tuple[Line, ...]
    numbers: tuple[Numbers, ...]
    border: Colour
    label: str
    word_colour: Colour = "muted"
    strong: bool = False
    stacked: bool = False
    backward: str = ""
    ghost: bool = False
    fill: Colour = "card"
    shade: float | None = None


def node_card(known: Known, index: int, plain: bool = False) -> Card:
    """Say what is known of one node; a `plain` card has its title only."""
    node = known.nodes[index]
    title, word = _title(known, node)
    ends, leaf = index in known.ends, node.kind == "leaf"
    cuts = () if known.cuts_drawn else cut_lines(known, [index])
    return Card(
        owner=f"node {index}",
        title=inert(title),
        word="output" if ends else word,
        badge=_badge(node),
        lines=() if plain else (_name_line(node), *_gradient_lines(known, node), *cuts),
        numbers=() if plain else _numbers(known, node),
        border="forward" if ends else "leaf" if leaf else "border",
        label=sentences.of_node(known, node),
        word_colour="forward_text" if ends else "leaf_text" if leaf else "muted",
        strong=ends,
        backward=sentences.of_gradients(known, node),
    )


def _title(known: Known, node: Node) -> tuple[str, str]:
    """Give the title and the word after it: "x leaf", "y = x − 2", "y Sub", or "Sub" where nothing is known."""
    if node.kind == "leaf":
        return (node.label or "unnamed", node.role or "leaf")
    if len(node.outputs) > 1:
        named = filter(None, (_output_name(known, node, number) for number in range(len(node.outputs))))
        return ((", ".join(named) or operation(node.name)), "")
    tensor = known.tensors.get((node.index, 0))
    name, made_by = (tensor.name or node.label, tensor.made_by) if tensor else (node.label, None)
    if made_by:
        return (f"{name} = {program(made_by)}" if name else program(made_by), "")
    return (name, operation(node.name)) if name else (operation(node.name), "")


def _output_name(known: Known, node: Node, number: int) -> str | None:
    tensor = known.tensors.get((node.index, number))
    return tensor.name if tensor else None


def _badge(node: Node) -> str:
    return f"{len(node.outputs)} outputs" if len(node.outputs) > 1 else quantities.shape(node.shape)


def _name_line(node: Node) -> Line:
    leaf = "leaf" if node.kind == "leaf" and node.role else None
    return Line(inert(" · ".join(filter(None, (node.name, leaf, node.source)))), "mono")


def _gradient_lines(known: Known, node: Node) -> tuple[Line, ...]:
    """Say of each output whose gradient is not shown as a grid how large it is, or that there is none."""
    lines = []
    for number in range(len(node.outputs)):
        gradient = known.gradients.get((node.index, number))
        if gradient is not None and (len(node.outputs) > 1 or grid(gradient.values) is None):
            text, colour = _gradient_words(gradient)
            called = _output_name(known, node, number) or f"output {number}"
            before = f"{inert(called, 40)}: {quantities.shape(gradient.shape)}, " if len(node.outputs) > 1 else ""
            lines.append(Line(before + text, "sans", colour, True))
    if len(lines) > 4:
        return (*lines[:3], Line(f"and {len(lines) - 3} outputs more"))
    return tuple(lines)


def cut_lines(known: Known, indices: Iterable[int]) -> tuple[Line, ...]:
    """Say what these nodes used although the graph was cut there: "cut by detach, train.py:12"."""
    found = dict.fromkeys(
        f"cut by {cut.operation}{f', {cut.source}' if cut.source else ''}"
        for index in indices
        for cut in known.cuts.get(index, ())
    )
    lines = [Line(inert(text), "sans", "problem") for text in found]
    return tuple(lines) if len(lines) <= 2 else (lines[0], Line(f"and {len(lines) - 1} cuts more", "sans", "problem"))


def _gradient_words(gradient: Gradient) -> tuple[str, Colour]:
    if gradient.state != "measured" or gradient.statistics is None:
        return STATES[gradient.state], "muted"
    statistics = gradient.statistics
    trouble = f", {quantities.count(statistics.non_finite)} not finite" if statistics.non_finite else ""
    return f"‖g‖ {quantities.figure(statistics.norm)}{trouble}", "problem" if trouble else "backward_text"


STATES = {
    "none": "no gradient",
    "not measured": "gradient not measured",
    "measured": "gradient measured",
    "hidden": "gradient after you answer",
}


def _numbers(known: Known, node: Node) -> tuple[Numbers, ...]:
    if len(node.outputs) > 1:
        return ()
    tensor, gradient = known.tensors.get((node.index, 0)), known.gradients.get((node.index, 0))
    value = grid(tensor.values) if tensor else None
    grad = grid(gradient.values) if gradient else None
    shown = []
    if value is not None:
        shown.append(Numbers("value", value, "forward_text", "value_fill", "text"))
    if grad is not None:
        label = partial(known, (node.index, 0)) or "grad"
        shown.append(Numbers(label, grad, "backward_text", "backward_fill", "backward_text", True))
    return tuple(shown)
