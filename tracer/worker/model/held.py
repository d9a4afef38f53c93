"""A recording that is open: its facts, and what was found out about it, so that it is found out once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property

from tracer.analysis.colouring import Colour
from tracer.analysis.folding import Fold, Folded, fold
from tracer.analysis.module_tree import TreeRow, module_tree
from tracer.analysis.modules import Module, modules
from tracer.analysis.non_finite import NonFinite, first_non_finite
from tracer.analysis.owners import nodes_of
from tracer.analysis.problems.why import Problem, problems
from tracer.drawing.picture import Drawing, draw_folded
from tracer.errors import TracerError
from tracer.facts import Facts

DRAWN = 4  # pictures that are kept: one can go back
MOST_DRAWN = 20_000  # boxes in a picture


class Picture:
    """A picture and which nodes each of its areas has."""

    def __init__(self, folded: Folded, drawing: Drawing) -> None:
        self.folded, self.drawing = folded, drawing
        self.areas: dict[str, Sequence[int]] = {
            owner: box.nodes for owner, box in zip(drawing.owners, folded.boxes, strict=True)
        }
        frames = [area.owner for area in drawing.picture.areas if area.owner.startswith("frame ")]
        if len(frames) == len(folded.frames):
            for owner, frame in zip(frames, folded.frames, strict=True):
                boxes = folded.boxes[frame.boxes[0] : frame.boxes[1]]
                self.areas[owner] = [node for box in boxes for node in box.nodes]

    @cached_property
    def box_of(self) -> dict[int, str]:
        """The owner of the card that each node is in."""
        owners = zip(self.drawing.owners, self.folded.boxes, strict=True)
        return {node: owner for owner, box in owners for node in box.nodes}

    def holding(self, nodes: Sequence[int]) -> list[str]:
        """List the cards that hold any of these nodes, in the order of the picture."""
        found = {self.box_of[node] for node in nodes if node in self.box_of}
        return [owner for owner in self.drawing.owners if owner in found]


class Held:
    """An open recording. `files` are the paths of its source files, as far as they are known, by their names."""

    def __init__(self, facts: Facts, path: str, files: Mapping[str, str]) -> None:
        self.facts, self.path, self.files = facts, path, files
        self._pictures: OrderedDict[tuple[Fold, Colour], Picture] = OrderedDict()

    def picture(self, how: Fold, colour: Colour = "none") -> Picture:
        """Give the picture that is folded so; a few are kept.

        Raises:
            TracerError: it would have too many boxes, or a module to be opened is not known.
        """
        key = how, colour
        if key not in self._pictures:
            folded = next((kept.folded for (other, _), kept in self._pictures.items() if other == how), None)
            folded = fold(self.facts, how) if folded is None else folded
            if len(folded.boxes) > MOST_DRAWN:
                what = f"This would be a picture of {len(folded.boxes)} boxes, and {MOST_DRAWN} can be drawn"
                raise TracerError(what, "level", "Fold it further, and open the modules that you want to see inside")
            self._pictures[key] = Picture(folded, draw_folded(self.facts, folded, colour=colour))
        self._pictures.move_to_end(key)
        while len(self._pictures) > DRAWN:
            self._pictures.popitem(last=False)
        return self._pictures[key]

    def drawn(self, how: Fold) -> Picture:
        """Give a picture that is folded so, in whatever colours."""
        kept = next((kept for (other, _), kept in self._pictures.items() if other == how), None)
        return self.picture(how) if kept is None else kept

    def nodes_of(self, owner: str, how: Fold) -> list[int]:
        """List the nodes of a part; only an area of a picture needs that picture.

        Raises:
            TracerError: there is no such part.
        """
        areas = self.drawn(how).areas if owner.startswith(("group ", "frame ")) else {}
        return nodes_of(self.facts, owner, areas)

    @cached_property
    def modules(self) -> dict[str, Module]:
        """The modules, by their paths."""
        return modules(self.facts)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of gradients."""
        return problems(self.facts)

    @cached_property
    def non_finite(self) -> NonFinite | None:
        """Where the first NaN or infinity is, if that can be told."""
        values = any(tensor.values is not None for tensor in self.facts.tensors)
        if self.facts.gradients is None and not values:
            return None
        try:
            return first_non_finite(self.facts)
        except TracerError:  # without gradients, the values that are held do not tell
            return None

    @cached_property
    def troubled(self) -> frozenset[str]:
        """The names of the tensors that have a problem."""
        return frozenset(name for problem in self.problems for name in problem.names)

    @property
    def troubled_so_far(self) -> frozenset[str]:
        """The same where problems were looked for already."""
        return self.troubled if self.searched else frozenset()

    @property
    def tree(self) -> tuple[TreeRow, ...]:
        """The modules as rows, with the problems that are known so far."""
        return module_tree(self.facts.graph.nodes, self.modules, self.troubled_so_far, self.facts.saved is not None)

    @property
    def searched(self) -> bool:
        """Whether problems were looked for already; that takes seconds in a very large graph."""
        return "problems" in self.__dict__
