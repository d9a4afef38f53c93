"""Two graphs, one selection: what is selected in one has its partner lit in the other, in text and inspector too."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.expression.beside_view import BesideView, first_owner
from gui.expression.editor import Editor
from gui.inspector.node_facts import tell
from gui.inspector.section import NodeSection
from gui.workspace import Result
from tracer.analysis.beside import Couple
from tracer.drawing.side_by_side import second_owner
from tracer.graph import Graph, Node
from tracer.worker.messages import Compared


class Together(QObject):
    """Keeps the selections of the graph, of the two graphs side by side, and of the second editor together.

    `moved` tells that another part may be selected now.
    """

    moved = Signal()

    def __init__(self, view: BesideView, editor: Editor, node: NodeSection) -> None:
        super().__init__()
        self._view, self._editor, self._node = view, editor, node
        self._compared: Compared | None = None
        self._going = False

    def join(self, result: Result) -> None:
        """Listen to the others."""
        self._result = result
        result.selected.connect(self.follow)
        self._view.selected.connect(self._choose)
        self._editor.line_chosen.connect(self._choose_line)

    def show(self, compared: Compared | None) -> None:
        """Take another comparison, or none."""
        self._compared = compared

    @property
    def first(self) -> Node | None:
        """The node of the first program that is selected."""
        drawn = self._result.drawn
        return None if self.on_the_right else _node(drawn.graph if drawn else None, self._result.owner)

    @property
    def on_the_right(self) -> bool:
        """Whether what is selected is a part of the second graph."""
        return self._compared is not None and bool(first_owner(self._view.selection.owner))

    def follow(self, owner: str) -> None:
        """Select in both graphs what was selected in the first; what is selected of the second stays if it fits."""
        chosen = self._view.selection.owner
        if self._compared is not None and not self._going:
            if self.on_the_right and self._partner(chosen) == owner:
                self._tell_second(chosen)
            else:
                self._view.select(owner)
                self._light(owner)
        self.moved.emit()

    def choose_variable(self, row: Couple) -> None:
        """Select the node of a variable, in the graph that has it."""
        graphs = (
            (row.this, self._result.drawn.graph if self._result.drawn else None, str),
            (row.other, self._compared.graph if self._compared else None, second_owner),
        )
        for side, graph, named in graphs:
            nodes = graph.nodes if graph and side else ()
            found = next((node.index for node in nodes if side and node.label == side.name), None)
            if found is not None:
                self._view.selection.choose(named(f"node {found}"))
                return

    def _choose(self, owner: str) -> None:
        """Follow the person to a part of either graph."""
        theirs = first_owner(owner)
        self._going = True
        self._result.pick(self._partner(owner) if theirs else owner)
        self._going = False
        if theirs:
            self._tell_second(owner)
        self._light(owner)
        self.moved.emit()

    def _choose_line(self, line: int) -> None:
        """Select the last node that a line of the second program made."""
        graph = self._compared.graph if self._compared else None
        made = [node.index for node in graph.nodes if node.source == f"line {line}"] if graph else []
        if made and self._editor.hasFocus():
            self._view.selection.choose(second_owner(f"node {made[-1]}"))

    def _light(self, owner: str) -> None:
        """Light the partner of what is selected, and go to its line in the second program."""
        partner = self._partner(owner)
        self._view.light(partner)
        graph = self._compared.graph if self._compared else None
        node = _node(graph, first_owner(owner) or first_owner(partner))
        source = (node.source if node else None) or ""
        if source.startswith("line ") and not self._editor.hasFocus():
            self._editor.show_line(int(source.removeprefix("line ").partition(",")[0]))

    def _tell_second(self, owner: str) -> None:
        """Tell in the inspector about a part of the second graph."""
        compared = self._compared
        told = tell(first_owner(owner), compared.graph, compared.found) if compared and compared.graph else None
        self._node.show_told(told and told._replace(title=f"{told.title}, right"), self._view.selection.label(owner))

    def _partner(self, owner: str) -> str:
        """Name the node of the other graph that a node goes with."""
        theirs = first_owner(owner)
        kind, _, number = (theirs or owner).partition(" ")
        beside = self._compared.beside if self._compared else None
        if beside is None or kind != "node" or not number.isdecimal():
            return ""
        to = {other: node for node, other in beside.pairs} if theirs else dict(beside.pairs)
        found = to.get(int(number))
        return "" if found is None else f"node {found}" if theirs else second_owner(f"node {found}")


def _node(graph: Graph | None, owner: str) -> Node | None:
    kind, _, number = owner.partition(" ")
    if graph is None or kind != "node" or not number.isdecimal() or int(number) >= len(graph.nodes):
        return None
    return graph.nodes[int(number)]
