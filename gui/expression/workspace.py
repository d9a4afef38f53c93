"""The Expression workspace: program and inputs, graph and tables, inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.expression import tables
from gui.expression.beside import Beside
from gui.expression.by_hand import ByHand
from gui.expression.debugger import Debugger
from gui.expression.form import Form
from gui.expression.jacobian import JacobianPage
from gui.expression.line_table import LineTable
from gui.expression.loops import LoopView
from gui.expression.step_section import StepSection
from gui.expression.steps_table import StepsTable
from gui.graph_view.view import GraphView
from gui.inspector.formula import RuleSection
from gui.inspector.section import NodeSection, Notes
from gui.session.session import Session
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.typeset.typesetter import Typesetter
from gui.widgets.column import column
from gui.workspace import GRAPH, Frame, Result, Showing, tabs
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError, sentence
from tracer.experiment import Expression
from tracer.lesson.steps import View
from tracer.worker.messages import Answer, Drawn, Found, JacobianFound, Refused

NAME = "expression"


class ExpressionWorkspace(QObject):
    """Shows a program's graph, values and gradients; the selected node and the line that made it go together."""

    def __init__(self, session: Session, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self.form = Form(session, theme)
        self.gradients = Table("expression.gradients", "Gradients", tables.GRADIENTS, theme)
        self.shapes = Table("expression.shapes", "Shapes", tables.SHAPES, theme)
        self.lines, self.jacobian = LineTable(theme), JacobianPage(theme)
        self._notes = Notes("expression.notes")
        self._rule = RuleSection("expression.rule", typesetter, theme)
        node, graph = NodeSection("expression.node", self._rule, python=True), GraphView()
        graph.setObjectName("expression.graph")
        self.beside = Beside(session, theme, self.form.beside, node)
        showing: list[Showing] = [
            self.gradients,
            self.shapes,
            self.lines,
            self.jacobian,
            self.form.editor.margin,
            self.beside,
        ]
        self.result = Result(graph, showing, node, theme)
        self.by_hand = ByHand(typesetter, theme)
        self.loops = LoopView(session, self.result, theme)
        self.debugger = Debugger(self.result)
        self.steps, step = StepsTable(self.debugger, theme), StepSection(self.debugger)
        strip: list[tuple[str, QWidget]] = [
            *[("Gradients", self.gradients), ("Steps", self.steps)],
            *[("Lines", self.lines), ("Jacobian", self.jacobian), ("Shapes", self.shapes)],
        ]
        pictures = tabs("expression.pictures", "Pictures", [(GRAPH, self.loops.page), ("By hand", self.by_hand)])
        found = tabs("expression.found", "What was found", strip)
        sections = [step, node, self.beside.what_ifs.section, self._notes]
        self.frame = Frame(
            NAME,
            column("expression.form", "Program and inputs", self.form.sections, "form"),
            [(pictures, 650), (found, 222)],
            column("expression.inspector", "Inspector", sections, "inspector"),
        )
        self.loops.add_to(found)
        self.loops.turned.connect(self.frame.turned)
        self.beside.join(self.result, pictures, found, self.frame)
        self.offers: Mapping[str, Callable[[], object]] = {
            **self.debugger.commands,
            "beside": self.form.beside.toggle,
        }
        self.debugger.told.connect(session.told)
        self.debugger.moved.connect(self._show_gradients)
        self.debugger.looked.connect(self._show_line)
        self.debugger.moved.connect(self._show_rule)
        self.result.selected.connect(step.show_step)
        self.result.found_now.connect(self._show_found)
        self.jacobian.wanted.connect(session.ask_jacobian)
        self.result.selected.connect(self._go_to_line)
        self.result.selected.connect(lambda _: self._show_rule())
        self.form.editor.line_chosen.connect(self._go_to_node)
        self.form.editor.moved.connect(self.lines.choose_line)
        self.lines.picked.connect(lambda row: self._go_to_row(row.number))
        self.gradients.picked.connect(lambda row: self.result.pick_label(row.tensor.name))
        self.by_hand.picked.connect(self.result.pick_label)
        self.shapes.picked.connect(lambda row: self.result.pick_label(row.name))

    def show(self, experiment: Expression, waiting: str) -> None:
        """Show an experiment; its result comes from the worker."""
        try:
            self.form.show(experiment)
        except TracerError:
            return  # an input that is none; the session says the same as its answer
        self.beside.show(experiment, waiting)
        self.result.wait(waiting)

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view: the graph, which the worker draws unless backward is stepped; its loops rolled up;
        or two graphs."""
        return self.beside.in_view() or self.loops.in_view() or (GRAPH, self.debugger.picture())

    def look(self, view: View) -> None:
        """Look at nothing more than the tab and the tensor."""

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar."""
        if isinstance(message, JacobianFound):
            self.jacobian.show_found(message)
            return ""
        self.result.take(message)
        if isinstance(message, Drawn):
            self.form.start.show_graph(message.graph)
            self.debugger.moved.emit()  # the steps are told by names of this graph
            self.jacobian.renew()
        self.beside.take(message)
        self._show_rule()
        if not isinstance(message, Refused):
            self.form.say_problem("", "")
            return ""
        said = " ".join(part for part in (sentence(message.what), sentence(message.cure)) if part)
        return "" if self.form.say_problem(message.where, said) else said

    def _show_found(self, found: Found) -> None:
        self.debugger.take(found)
        self.shapes.set_rows(found.shapes)
        self.form.name_output(next((row.name for row in found.shapes if row.role == "output"), ""))
        self.form.editor.margin.show_lines(found.lines)
        self.lines.show_lines(found.lines)
        self.lines.choose_line(self.form.editor.line)
        self._notes.show_notes(found.notes)

    def _show_gradients(self) -> None:
        """Show the gradients that backward has found as far as it has gone."""
        found, waiting = self.debugger.found, self.debugger.waiting
        if found is not None:
            self.gradients.set_rows(tables.variables(found, waiting))
            self.by_hand.show_derivations(found.derivations, waiting)

    def _show_rule(self) -> None:
        """Show the rule of the selected node, once backward has come to it."""
        kind, _, number = self.result.owner.partition(" ")
        rules = self.result.found.rules if self.result.found and kind == "node" else ()
        rule = next((rule for rule in rules if rule.node == int(number)), None)
        self._rule.show_rule(None if rule is None or self.debugger.is_ahead(rule.node) else rule)

    def _go_to_line(self, owner: str) -> None:
        if not self.form.editor.hasFocus():
            self._show_line(owner)

    def _show_line(self, owner: str) -> None:
        graph = self.result.drawn.graph if self.result.drawn else None
        kind, _, number = owner.partition(" ")
        if graph is None or kind != "node" or int(number) >= len(graph.nodes):
            return
        self.by_hand.mark(graph.nodes[int(number)].label or "")
        source = graph.nodes[int(number)].source or ""
        if source.startswith("line "):
            self.form.editor.show_line(int(source.removeprefix("line ").partition(",")[0]))

    def _go_to_node(self, line: int) -> None:
        """Select the last node that the line made."""
        if self.form.editor.hasFocus():
            self._pick_node(line)

    def _go_to_row(self, line: int) -> None:
        """Go to a line that was chosen in the table, in the program and in the graph."""
        self.form.editor.show_line(line)
        self._pick_node(line)

    def _pick_node(self, line: int) -> None:
        graph = self.result.drawn.graph if self.result.drawn else None
        made = [node.index for node in graph.nodes if node.source == f"line {line}"] if graph else []
        if made:
            self.result.pick(self.loops.shown(made))
