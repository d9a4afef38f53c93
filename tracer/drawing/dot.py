"""Sizes → DOT, for the layout only: empty boxes of measured sizes, rooms for labels, frames as clusters.

Node names are counters of our own (b3 a box, r5 the room of a bundle's labels, x5 and e5 where a bundle leaves one
column and enters the next), so nothing that a person wrote is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer import quantities
from tracer.analysis.folding import Frame
from tracer.drawing.display_list import Font
from tracer.drawing.font_widths import width
from tracer.drawing.lanes import LANE, Bundle
from tracer.drawing.layout import Size
from tracer.drawing.wording import inert

GAP, SIDE, ROOM_GAP = 42.0, 30.0, 22.0  # points between ranks, between neighbours, above and below a room
CLEAR = 10.0  # points around a card that no lane runs through; an edge of Graphviz's has no width
FRAME_TITLE: tuple[float, Font] = (12.0, "semibold")
FRAME_MARGIN, FRAME_HEAD, FRAME_GAP = 14, 20, 8

NEAR_TAIL = 2  # how much more it matters that the room for labels is near the card that the bundle leaves

Column = range  # boxes that stand in one column


def layout_text(
    sizes: Sequence[Size], bundles: Sequence[Bundle], frames: Sequence[Frame], columns: Sequence[Column]
) -> str:
    """Write one graph for each column, flowing down."""
    return "\n".join("\n".join(_graph(sizes, bundles, frames, column)) for column in columns)


def frame_title(frames: Sequence[Frame], number: int) -> str:
    """Say what a frame holds: "layer1", or "blocks.0–11 × 12", or "attn" inside of that."""
    frame = frames[number]
    around = [f for f in frames[:number] if f.boxes[0] <= frame.boxes[0] and frame.boxes[1] <= f.boxes[1]]
    title = within(frame.title, around[-1].title if around else "")
    times = frame.repeats if frame.repeats > 1 and not (around and around[-1].repeats > 1) else 0
    return " ".join(filter(None, (inert(title), f"× {quantities.count(times)}" if times else "")))


def within(title: str, outer: str) -> str:
    """Leave out what the frame around already says: conv1 in the frame layer1.0, but mlp.0 in blocks.0.mlp."""
    rest = title.removeprefix(outer + ".") if outer else title
    return f"{outer.rpartition('.')[2]}.{rest}" if rest != title and rest[:1].isdigit() else rest


def inside(frame: Frame, column: Column) -> bool:
    """Tell whether a frame stands in this column as a whole."""
    return column.start <= frame.boxes[0] and frame.boxes[1] <= column.stop


def _graph(sizes: Sequence[Size], bundles: Sequence[Bundle], frames: Sequence[Frame], column: Column) -> Iterator[str]:
    roomy = any(bundle.room for bundle in bundles)
    rank_gap = (ROOM_GAP if roomy else GAP) + (FRAME_GAP if frames else 0)
    yield f"digraph {{ graph [rankdir=TB nodesep={_inches(SIDE - CLEAR)} ranksep={_inches(rank_gap - CLEAR)}]"
    yield 'node [shape=box fixedsize=true label="" margin=0] edge [dir=none headport=n tailport=s]'
    rooms = _rooms(bundles, frames, column)
    yield from rooms.get(None, ())
    open_frames: list[int] = []
    for box in column:
        while open_frames and open_frames[-1] <= box:
            open_frames.pop()
            yield "}"
        for number, frame in enumerate(frames):
            if frame.boxes[0] == box and inside(frame, column):
                open_frames.append(frame.boxes[1])
                yield _cluster(frame_title(frames, number), number)
                yield from rooms.get(number, ())
        wide, high = sizes[box].width + 2 * CLEAR, sizes[box].height + 2 * CLEAR
        yield f"b{box} [width={_inches(wide)} height={_inches(high)}]"
    yield from ("}" for _ in open_frames)
    for number, bundle in enumerate(bundles):
        yield from _edges(bundle, number, column, 2 if roomy else 1)
    yield "}"


def _rooms(bundles: Sequence[Bundle], frames: Sequence[Frame], column: Column) -> dict[int | None, list[str]]:
    """Give the rooms for labels by the innermost frame that both ends are in: outside, they would pull it apart."""
    rooms: dict[int | None, list[str]] = {}
    for number, bundle in enumerate(bundles):
        if bundle.room and bundle.tail in column:
            around = [f for f, frame in enumerate(frames) if _holds(frame, bundle) and inside(frame, column)]
            rooms.setdefault(around[-1] if around else None, []).append(f"r{number} {_place(bundle)}")
    return rooms


def _holds(frame: Frame, bundle: Bundle) -> bool:
    return all(frame.boxes[0] <= box < frame.boxes[1] for box in (bundle.tail, bundle.head))


def _cluster(title: str, number: int) -> str:
    wide = width(title, *FRAME_TITLE) + 8
    table = (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" '
        f'WIDTH="{wide:.0f}" HEIGHT="{FRAME_HEAD}"><TR><TD></TD></TR></TABLE>>'
    )
    return f"subgraph cluster_{number} {{ graph [f={number} labeljust=l margin={FRAME_MARGIN} label={table}]"


def _edges(bundle: Bundle, number: int, column: Column, apart: int) -> Iterator[str]:
    """Write a bundle as one edge, as two with a room between, or as its end in this column."""
    tail, head = f"b{bundle.tail}", f"b{bundle.head}"
    if bundle.tail not in column and bundle.head not in column:
        return
    if bundle.tail not in column:
        tail = f"e{number}"
        yield f"{{rank=min {tail} {_point(bundle)}}}"
    if bundle.head not in column:
        head = f"x{number}"
        yield f"{{rank=max {head} {_point(bundle)}}}"
    if bundle.room and bundle.tail in column:
        yield f"{tail} -> r{number} [k={number} weight={NEAR_TAIL}]"
        yield f"r{number} -> {head} [k={number}]"
    else:
        yield f"{tail} -> {head} [k={number} minlen={apart if bundle.tail in column and bundle.head in column else 1}]"


def _place(bundle: Bundle) -> str:
    return f"[width={_inches(bundle.width)} height={_inches(max(bundle.room, 1.0))}]"


def _point(bundle: Bundle) -> str:
    """Give the place where a bundle leaves a column, or enters it."""
    return _place(bundle._replace(room=0.0, width=LANE * len(bundle.lanes)))


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"
