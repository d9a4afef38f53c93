"""The recordings that are open, and the answers about them."""

from __future__ import annotations

import gc
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tracer.analysis.colouring import known_by
from tracer.analysis.reach import between, depends, feeds, listed
from tracer.drawing.picture import draw
from tracer.drawing.wording import inert
from tracer.errors import TracerError
from tracer.experiment import Script
from tracer.export import files
from tracer.quantities import count
from tracer.runners import spool
from tracer.worker.messages import FromWorker, Saved
from tracer.worker.model import messages as said
from tracer.worker.model.charts import chart
from tracer.worker.model.held import Held, Picture
from tracer.worker.model.paging import Paged, csv, not_filled, paged
from tracer.worker.model.sources import source_text
from tracer.worker.model.telling import told

IN_MEMORY = 2  # recordings: one, and one to compare it with; others are read again
MOST_NODES, MOST_ROWS = 10_000, 2_000  # that are listed in one answer


class Shelf:
    """Knows every recording that was opened by its number; the few newest are in memory."""

    def __init__(self) -> None:
        self._known: dict[int, said.Load] = {}
        self._held: OrderedDict[int, Held] = OrderedDict()
        self._tables: OrderedDict[object, Paged] = OrderedDict()
        self.answers: Mapping[type, Callable[[Any], FromWorker]] = {
            said.AskPicture: self._picture,
            said.AskTree: self._tree,
            said.AskRows: self._rows,
            said.AskTold: lambda asked: told(self._of(asked.recording), asked),
            said.AskReach: self._reach,
            said.AskSource: lambda asked: source_text(self._of(asked.recording), asked),
            said.AskChart: lambda asked: chart(self._of(asked.recording), asked),
            said.Keep: self._keep,
        }

    def load(self, message: said.Load) -> said.Opened:
        """Open a recording.

        Raises:
            UnreadableFile: it can't be read, or is none.
        """
        start = time.perf_counter()
        self.forget(said.Forget(message.edit, message.edit))
        held = self._read(message)
        self._known[message.edit] = message
        return _opened(message.edit, held, time.perf_counter() - start)

    def forget(self, message: said.Forget) -> None:
        """Let a recording go."""
        self._known.pop(message.recording, None)
        self._drop(message.recording)

    def _drop(self, recording: int) -> None:
        self._held.pop(recording, None)
        for key in [key for key in self._tables if recording in key]:  # type: ignore[operator]
            del self._tables[key]

    def _of(self, recording: int) -> Held:
        """Give an open recording, read again where it is not in memory.

        Raises:
            TracerError: no recording has this number, or its file has gone.
        """
        if recording not in self._known:
            raise TracerError("This recording is not open", cure="Open it again")
        if recording not in self._held:
            return self._read(self._known[recording])
        self._held.move_to_end(recording)
        return self._held[recording]

    def _read(self, message: said.Load) -> Held:
        while len(self._held) >= IN_MEMORY:
            self._drop(next(iter(self._held)))
        gc.unfreeze()
        held = Held(spool.read(message.path), message.path, message.files)
        gc.freeze()  # nothing of a recording is ever let go alone, so it need not be looked through
        self._held[message.edit] = held
        return held

    def _picture(self, asked: said.AskPicture) -> said.Pictured:
        start = time.perf_counter()
        held = self._of(asked.recording)
        picture = held.picture(asked.how, asked.colour)
        return said.Pictured(
            asked.edit,
            asked.recording,
            asked.how,
            asked.colour,
            picture.drawing.picture,
            _boxes(held, picture),
            picture.drawing.legend,
            time.perf_counter() - start,
        )

    def _tree(self, asked: said.AskTree) -> said.Tree:
        """List the modules, as deep as the list does not become too long."""
        held = self._of(asked.recording)
        rows = held.tree
        deepest = max(row.depth for row in rows)
        shown = rows
        while len(shown) > MOST_ROWS and deepest > 1:
            deepest -= 1
            shown = tuple(row for row in rows if row.depth <= deepest)
        shown = shown[:MOST_ROWS]
        return said.Tree(asked.edit, asked.recording, shown, len(rows) - len(shown), held.searched)

    def _rows(self, asked: said.AskRows) -> said.Page:
        return self._table(asked.recording, asked.table, asked.other).page(asked)

    def _table(self, recording: int, table: said.Table, other: int) -> Paged:
        held = self._of(recording)
        against = self._of(other) if table == "differences" and other else None
        key = recording, table, other if against else -1, table == "nodes" and held.searched
        if key not in self._tables:
            self._tables[key] = paged(table, held, against)
        return self._tables[key]

    def _reach(self, asked: said.AskReach) -> said.Reached:
        held = self._of(asked.recording)
        graph, nodes = held.facts.graph, held.nodes_of(asked.owner, asked.how)
        if asked.reach == "paths":
            others = held.nodes_of(asked.other, asked.how)
            nodes = between(graph, nodes, others) or between(graph, others, nodes)
        elif asked.reach == "feeds":
            nodes = listed(feeds(graph, nodes))
        elif asked.reach == "depends":
            nodes = listed(depends(graph, nodes))
        shown = tuple(held.drawn(asked.how).holding(nodes))
        words = (WORDS[asked.reach] if nodes else NO_PATH).format(
            nodes=_nodes(len(nodes)), owner=asked.owner, other=asked.other
        )
        return said.Reached(asked.edit, asked.recording, len(nodes), tuple(nodes[:MOST_NODES]), shown, words)

    def _keep(self, asked: said.Keep) -> Saved:
        """Write a file: a table as CSV, a picture as it is shown, or the recording.

        Raises:
            TracerError: the suffix is not known, or the file can't be written there.
        """
        held, path = self._of(asked.recording), Path(asked.path)
        if asked.table is not None:
            files.save_text(csv(self._table(asked.recording, asked.table, asked.other)), path)
        elif path.suffix.removeprefix(".").lower() in files.PICTURES:
            files.save_picture(draw(held.facts, how=asked.how, colour=asked.colour), path, asked.theme)
        else:
            files.save(held.facts, path, asked.theme, asked.how)
        return Saved(asked.edit, asked.path)


WORDS: Mapping[said.Reach, str] = {
    "paths": "{nodes} on paths between {owner} and {other}",
    "feeds": "{owner} and what it feeds: {nodes}",
    "depends": "{owner} and what it depends on: {nodes}",
    "nodes": "{owner}: {nodes}",
}


NO_PATH = "No path leads from {owner} to {other}, or back"


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{count(number)} nodes"


def _boxes(held: Held, picture: Picture) -> tuple[said.ShownBox, ...]:
    """Tell what each card is, and what is to be opened to see inside of it."""
    found = []
    for owner, box in zip(picture.drawing.owners, picture.folded.boxes, strict=True):
        opens = box.opens if len(box.nodes) > box.repeats else None  # of blocks with one node each nothing is inside
        found.append(said.ShownBox(owner, len(box.nodes), box.nodes[-1], box.module, opens or ""))
    return tuple(found)


def _opened(edit: int, held: Held, seconds: float) -> said.Opened:
    facts = held.facts
    ends = tuple(inert(end.name, None) for end in facts.graph.outputs)
    script = facts.experiment if isinstance(facts.experiment, Script) else None
    name = Path(script.path if script else held.path).name
    operations = sum(node.kind == "operation" for node in facts.graph.nodes)
    return said.Opened(
        edit=edit,
        name=inert(": ".join(filter(None, (name, ", ".join(ends[:3]))))),
        path=held.path,
        nodes=len(facts.graph.nodes),
        edges=len(facts.graph.edges),
        operations=operations,
        modules=len({node.module for node in facts.graph.nodes if node.module}),
        parameters=sum(_elements(tensor.shape) for tensor in facts.tensors if tensor.role == "parameter"),
        kept=None if facts.saved is None else sum(storage.bytes for storage in facts.saved),
        device=next((tensor.device for tensor in facts.tensors), "cpu"),
        gradients=facts.gradients is not None,
        ends=ends[:100],
        colours=known_by(facts),
        tables=not_filled(held),
        seconds=seconds,
        notes=facts.notes,
        script=script,
    )


def _elements(shape: tuple[int, ...] | None) -> int:
    return 0 if shape is None else math.prod(shape)
