"""The Expression workspace: program and inputs, graph and tables, inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from gui.expression import tables
from gui.expression.by_hand import ByHand
from gui.expression.form import Form
from gui.graph_view.view import GraphView
from gui.inspector.formula import RuleSection
from gui.inspector.section import NodeSection, Notes
from gui.session.session import Session
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.typeset.typesetter import Typesetter
from gui.widgets.column import column
from gui.workspace import GRAPH, Frame, Result, tabs
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError, sentence
from tracer.experiment import Expression
from tracer.worker.messages import Answer, Found, Refused

NAME = "expression"


class ExpressionWorkspace(QObject):
    """Shows a program's graph, values and gradients; the selected node and the line that made it go together."""

    def __init__(self, session: Session, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self.form = Form(session, theme)
        self.gradients = Table("expression.gradients", "Gradients", tables.GRADIENTS, theme)
        self.shapes = Table("expression.shapes", "Shapes", tables.SHAPES, theme)
        self._notes = Notes("expression.notes")
        self._rule = RuleSection("expression.rule", typesetter, theme)
        node, graph = NodeSection("expression.node", self._rule), GraphView()
        graph.setObjectName("expression.graph")
        self.result = Result(graph, [self.gradients, self.shapes], node, theme)
        self.by_hand = ByHand(typesetter, theme)
        strip = [("Gradients", self.gradients), ("Shapes", self.shapes)]
        self.frame = Frame(
            NAME,
            column("expression.form", "Program and inputs", self.form.sections, "form"),
            [
                (tabs("expression.pictures", "Pictures", [(GRAPH, graph), ("By hand", self.by_hand)]), 650),
                (tabs("expression.found", "What was found", strip), 191),
            ],
            column("expression.inspector", "Inspector", [node, self._notes], "inspector"),
        )
        self.offers: Mapping[str, Callable[[], object]] = {}
        self.result.found_now.connect(self._show_found)
        self.result.selected.connect(self._go_to_line)
        self.result.selected.connect(lambda _: self._show_rule())
        self.form.editor.line_chosen.connect(self._go_to_node)
        self.gradients.picked.connect(lambda row: self.result.pick_label(row.tensor.name))
        self.by_hand.picked.connect(self.result.pick_label)
        self.shapes.picked.connect(lambda row: self.result.pick_label(row.name))

    def show(self, experiment: Expression, waiting: str) -> None:
        """Show an experiment; its result comes from the worker."""
        try:
            self.form.show(experiment)
        except TracerError:
            return  # an input that is none; the session says the same as its answer
        self.result.wait(waiting)

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view: the graph, which the worker draws."""
        return GRAPH, None

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar."""
        self.result.take(message)
        self._show_rule()
        if not isinstance(message, Refused):
            self.form.say_problem("", "")
            return ""
        said = " ".join(part for part in (sentence(message.what), sentence(message.cure)) if part)
        return "" if self.form.say_problem(message.where, said) else said

    def _show_found(self, found: Found) -> None:
        self.gradients.set_rows(tables.variables(found))
        self.shapes.set_rows(found.shapes)
        self.by_hand.show_derivations(found.derivations)
        self._notes.show_notes(found.notes)

    def _show_rule(self) -> None:
        """Show the rule of the selected node."""
        kind, _, number = self.result.owner.partition(" ")
        rules = self.result.found.rules if self.result.found and kind == "node" else ()
        self._rule.show_rule(next((rule for rule in rules if rule.node == int(number)), None))

    def _go_to_line(self, owner: str) -> None:
        graph = self.result.drawn.graph if self.result.drawn else None
        kind, _, number = owner.partition(" ")
        if graph is None or kind != "node" or int(number) >= len(graph.nodes):
            return
        self.by_hand.mark(graph.nodes[int(number)].label or "")
        source = graph.nodes[int(number)].source or ""
        if source.startswith("line ") and not self.form.editor.hasFocus():
            self.form.editor.show_line(int(source.removeprefix("line ").partition(",")[0]))

    def _go_to_node(self, line: int) -> None:
        """Select the last node that the line made."""
        graph = self.result.drawn.graph if self.result.drawn else None
        made = [node.index for node in graph.nodes if node.source == f"line {line}"] if graph else []
        if made and self.form.editor.hasFocus():
            self.result.pick(f"node {made[-1]}")
