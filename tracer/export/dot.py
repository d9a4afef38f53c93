"""A recording as DOT: a whole, styled text that Graphviz alone renders."""

from __future__ import annotations

from collections.abc import Iterator

from graphviz import escape, nohtml  # type: ignore[import-untyped]  # it ships no types
from graphviz.quoting import attr_list  # type: ignore[import-untyped]

from tracer.analysis.folding import AUTO, Fold, Folded, fold
from tracer.drawing import sentences
from tracer.drawing.cards import Card, node_card
from tracer.drawing.display_list import Colour
from tracer.drawing.dot import frame_title
from tracer.drawing.group_cards import group_card
from tracer.drawing.known import Known, know
from tracer.drawing.palette import PALETTES
from tracer.drawing.wording import inert
from tracer.facts import Facts

LIGHT = PALETTES["light"]
FONT = "Helvetica"  # Graphviz knows its widths, so text fits its boxes
DEFAULTS: dict[str, dict[str, str]] = {
    "graph": {"rankdir": "TB", "pad": "0.3", "nodesep": "0.35", "ranksep": "0.5", "bgcolor": LIGHT["background"]},
    "node": {"shape": "box", "style": "rounded,filled", "fillcolor": LIGHT["card"], "color": LIGHT["border"],
             "fontcolor": LIGHT["text"], "fontsize": "11", "margin": "0.16,0.09"},
    "edge": {"color": LIGHT["forward"], "fontcolor": LIGHT["backward_text"], "fontsize": "9", "arrowsize": "0.7"},
}  # fmt: skip


def dot(facts: Facts, how: Fold = AUTO) -> str:
    """Write a graph as DOT; parallel edges are kept, and a large graph is folded."""
    known, folded = know(facts), fold(facts, how)
    looks = [f"{kind}{attr_list(kwargs={'fontname': FONT, **look})}" for kind, look in DEFAULTS.items()]
    return "\n".join(["digraph gradtrace {", *looks, *_body(known, folded), "}"]) + "\n"


def text(words: str) -> str:
    """Make a person's words safe as a label: quoted, shown as they are, with no meaning to Graphviz.

    Graphviz reads entities (&lt;) and backslashes in a quoted label, so both are escaped.
    """
    safe: str = escape(words.replace("&", "&amp;"))
    return safe


def _body(known: Known, folded: Folded) -> Iterator[str]:
    ends: list[int] = []
    for number, box in enumerate(folded.boxes):
        while ends and ends[-1] <= number:
            ends.pop()
            yield "}"
        for at, frame in enumerate(folded.frames):
            if frame.boxes[0] == number:
                ends.append(frame.boxes[1])
                yield _cluster(frame_title(folded.frames, at), at)
        around = [frame for frame in folded.frames if frame.boxes[0] <= number < frame.boxes[1]]
        card = node_card(known, box.nodes[0]) if box.title is None else group_card(known, box, around)
        yield f"b{number}{_node(card)}"
    yield from ("}" for _ in ends)
    yield from _edges(known, folded)


def _node(card: Card) -> str:
    title = f"{card.title} ({card.word})" if card.word else card.title
    numbers = [f"{part.label} {_rows(part.grid.rows)}" for part in card.numbers]
    lines = [title, card.badge, *(line.text for line in card.lines), *numbers]
    return _attributes(
        lines, tooltip=card.label, color=card.border, penwidth="1.8" if card.border != "border" else None
    )


def _rows(rows: tuple[tuple[str, ...], ...]) -> str:
    """Write a grid on one line: 4.5, or [1, 2], or [[1, 2], [3, 4]]."""
    lists = [f"[{', '.join(row)}]" for row in rows]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else lists[0] if len(rows) == 1 else f"[{', '.join(lists)}]"


def _edges(known: Known, folded: Folded) -> Iterator[str]:
    """Write each edge of a node; between groups one for all, with their number."""
    for link in folded.links:
        ends = folded.boxes[link.producer], folded.boxes[link.consumer]
        if any(box.title is not None for box in ends):
            count = f"{len(link.edges)} edges" if len(link.edges) > 1 else ""
            yield f"b{link.producer} -> b{link.consumer}{_attributes([count] if count else [])}"
            continue
        for edge in link.edges:
            flow = known.flows.get(edge)
            norm = sentences.norm_of(flow) if flow else ""
            label = _attributes([norm] if norm else [], tooltip=sentences.of_edge(known, edge))
            yield f"b{link.producer} -> b{link.consumer}{label}"


def _cluster(title: str, number: int) -> str:
    """Open a cluster with a title at its left."""
    look: dict[str, Colour] = {"bgcolor": "group", "color": "group_border", "fontcolor": "muted"}
    colours = " ".join(f'{name}="{LIGHT[role]}"' for name, role in look.items())
    label = attr_list(text(title or " ")).strip().removeprefix("[").removesuffix("]")
    return f'subgraph cluster_{number} {{ graph [{label} labeljust=l style="rounded" {colours}]'


def _attributes(
    lines: list[str], tooltip: str | None = None, color: Colour | None = None, penwidth: str | None = None
) -> str:
    label = text("\n".join(map(inert, lines))).replace("\n", "\\n") if lines else None
    more = {"tooltip": text(_twice(tooltip)) if tooltip else None, "color": LIGHT[color] if color else None}
    written: str = attr_list(nohtml(label) if label else None, kwargs={**more, "penwidth": penwidth})
    return written


def _twice(tooltip: str) -> str:
    """Double backslashes once more: Graphviz reads a tooltip twice, and its second look finds \\N, the node's name."""
    return tooltip.replace("\\", "\\\\")
