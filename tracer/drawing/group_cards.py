"""What the card of a folded group says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tracer import quantities
from tracer.analysis.folding import Box, Frame
from tracer.drawing import sentences
from tracer.drawing.card_marks import LINE, TITLE
from tracer.drawing.cards import Card, Line, cut_lines
from tracer.drawing.dot import within
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.known import Known
from tracer.drawing.wording import inert, operation

WIDEST = 230.0


def group_card(known: Known, box: Box, around: Sequence[Frame] = ()) -> Card:
    """Say what a group holds: its name in the frames around it, operations, parameters, the norm of their gradients.

    Of blocks alike, operations and parameters are counted for one.
    """
    frame = around[-1] if around else None
    kinds = _kinds(known, box)
    title = _title(box, frame, kinds)
    ends = any(index in known.ends for index in box.nodes)
    times = f"× {quantities.count(box.repeats)}" if box.repeats > 1 and not (frame and frame.repeats > 1) else ""
    last = max((index for index in box.nodes if known.nodes[index].kind == "operation"), default=box.nodes[-1])
    return Card(
        owner=f"node {last}" if _own(box, frame) else f"group {inert(box.title or title)}",
        title=inert(title),
        word=" ".join(filter(None, (times, "output" if ends else ""))),
        badge=quantities.shape(known.nodes[last].shape),
        lines=(*_lines(box, kinds, title), *cut_lines(known, box.nodes)),
        numbers=(),
        border="forward" if ends else "border",
        label=sentences.of_box(box),
        word_colour="forward_text" if ends else "muted",
        strong=ends,
        stacked=box.operations > 1,
        backward=sentences.of_norm(box),
    )


def _kinds(known: Known, box: Box) -> str:
    """List the kinds of operations, in the order in which they first ran: "Convolution × 2, Batch norm"."""
    counted = Counter(operation(node.name) for index in box.nodes if (node := known.nodes[index]).kind == "operation")
    named = [(name, -(-times // box.repeats)) for name, times in counted.items()]
    return ", ".join(name if times == 1 else f"{name} × {quantities.count(times)}" for name, times in named)


def _own(box: Box, frame: Frame | None) -> bool:
    """Tell whether operations belong to no module, or to the very one whose frame is around them."""
    return not box.title or (frame is not None and box.title == frame.title)


def _title(box: Box, frame: Frame | None, kinds: str) -> str:
    """Name a group by its module, and operations that belong to no module of their own by their kinds."""
    if not _own(box, frame):
        return within(box.title or "", frame.title if frame else "")
    each = box.operations // box.repeats
    return kinds if width(kinds, TITLE, "semibold") <= WIDEST else f"{quantities.count(each)} operations"


def _lines(box: Box, kinds: str, title: str) -> Iterator[Line]:
    """Give the kinds of operations, the parameters of one block, and the norm of the gradients of all."""
    if title.casefold() != kinds.casefold():
        yield Line(fitted(kinds, LINE, "sans", WIDEST))
    if box.parameters:
        each = f"{quantities.count(box.repeats)} × " if box.repeats > 1 else ""
        yield Line(f"{each}{quantities.count(box.parameters // box.repeats)} parameters")
    if box.norm is not None:
        whose = "all parameters" if box.repeats > 1 else "parameters"
        yield Line(f"‖g‖ of {whose} {quantities.figure(box.norm)}", "sans", "backward_text", True)
